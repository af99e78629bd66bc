"""Asking a system over HTTP, politely: each page is written down before anybody looks into it.

What is not an answer is asked for again: 429 when the system says so, 5xx, a broken connection, a
body that was cut off. What will not get better is refused at once and in words: another host, a web
page instead of data, a page that is too large, a certificate that is not right.
"""

import functools
import json
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Self
from urllib.parse import urljoin

import httpx

from flows.connectors._journal import Answer, Journal
from flows.connectors._json import OtherForm
from flows.connectors._pace import Pace
from flows.connectors._patience import AskAgain, is_certificate_fault, patiently
from flows.connectors._trust import refuse_plain_text, trusted
from flows.errors import BatchRefused, SourceError
from flows.language import _
from flows.records import Delivery, Pull
from flows.sources import Source

for _library in ("httpx", "httpcore"):  # at their most talkative they quote headers
    logging.getLogger(_library).setLevel(logging.WARNING)
CONNECT_SECONDS, READ_SECONDS = 10.0, 30.0
LONGEST_RETRY_AFTER = 300.0
"""A system that asks for more patience is asked again in the next run."""
LARGEST_PAGE = 50_000_000
MOST_REDIRECTS = 5
LONGEST_WORDS = 200
KEPT_HEADERS = ("content-type", "date", "link", "total", "per-page", "retry-after", "etag")
"""Others could hold a cookie or a token, and are never written."""
read_url = functools.lru_cache(maxsize=16)(httpx.URL)  # all pages of a list have one address


class Refused(SourceError):
    """The system answers, and not with what was asked for: no right, or no such list."""


class Ask:
    """One system, asked one request at a time; used as a context, which closes the connection."""

    def __init__(
        self,
        source: Source,
        pull: Pull,
        headers: dict[str, str],
        per_minute: int | None = None,
        is_json: bool = True,
        own_words: Callable[[Any], str] | None = None,
    ) -> None:
        """`own_words` finds in an answer of JSON what a system says of a question it refuses."""
        self.source, self.pull, self.is_json = source, pull, is_json
        self.own_words = own_words
        self.base = httpx.URL(source.url.rstrip("/") + "/")
        self.address = ""  # of all requests, where it may be written nowhere
        refuse_plain_text(source, self.base)
        self.journal = Journal(source, pull)
        self.pace = Pace(per_minute) if per_minute else None
        self.client = httpx.Client(
            headers={"Accept": "application/json", "Accept-Encoding": "gzip", **headers},
            timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
            verify=trusted(),
            follow_redirects=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: object, fault: object, _trace: object) -> None:
        """Raises SourceError for an answer of another form: the next run asks for all again."""
        self.client.close()
        if isinstance(fault, OtherForm | BatchRefused):
            self.journal.forget()
        self.journal.file.close()
        if isinstance(fault, BatchRefused):
            raise self.fault(fault.what, fault.remedy) from None
        if isinstance(fault, OtherForm):
            what = _("its answer has not the expected shape ({what})").format(what=fault)
            raise self.fault(what, _("the system has changed: the connector has to be adapted"))

    def get(
        self, path: str, params: dict[str, Any] | None = None, pace: Pace | None = None,
        keep: Callable[[Answer], Any] | None = None,
    ) -> Answer:  # fmt: skip
        """One page; `path` may be an address that the system gave, of its own host.

        `keep` gives what of it is ours, where a system tells more than was asked for.
        """
        return self.page({"method": "GET", "path": path, "params": params or {}}, pace, keep)

    def post(self, path: str, body: dict[str, Any], taken: tuple[int, ...] = ()) -> Answer:
        """One page that has to be asked for with a body; nothing is changed at the source.

        A status that is `taken` is an answer too, of which only the status is kept.
        """
        request = {"method": "POST", "path": path, "params": {}, "body": body}
        return self.page(request, None, taken=taken)

    def sign_in(self, path: str, body: dict[str, Any], kept: tuple[str, ...]) -> None:
        """Ask for a session, and carry the headers that it is known by; none of it is written."""

        def once() -> Answer:
            url = self.own_address(str(self.base) + path)
            with self.client.stream("POST", url, json=body) as response:
                self.refuse_status(response)
                given = {name: response.headers.get(name, "") for name in kept}
            if not all(given.values()):
                raise self.fault(_("signing in gives no session"), _("correct `url`"))
            self.client.headers.update(given)
            return Answer({}, response.status_code, {}, b"")

        self.patiently(once)

    def authorise(self, path: str, client: str, word: str, **grant: str) -> dict[str, Any]:
        """Exchange a client's secret for a token of OAuth 2, and carry it; neither is written.

        The token dies soon. A pull that outlives it fails, and the next one goes on from there.
        """
        form = {"grant_type": "client_credentials", "client_id": client, "client_secret": word}

        def once() -> Answer:
            url = self.own_address(str(self.base) + path)
            with self.client.stream("POST", url, data=form | grant) as response:
                if response.status_code == 400:  # RFC 6749, 5.2: a client or grant not known
                    raise self.refused_secret(400)
                return self.judged({}, response)

        given = self.patiently(once).json()
        if not isinstance(given, dict) or not given.get("access_token"):
            raise self.fault(_("signing in gives no session"), _("correct `url`"))
        self.client.headers["Authorization"] = f"Bearer {given['access_token']}"
        return given

    def page(
        self, request: dict[str, Any], pace: Pace | None,
        keep: Callable[[Answer], Any] | None = None, taken: tuple[int, ...] = (),
    ) -> Answer:  # fmt: skip
        request = json.loads(json.dumps(request))  # as it is read again from the journal
        answer = self.journal.again(request)
        if answer is None:
            answer = self.patiently(lambda: self.once(request, pace or self.pace, taken))
            if keep:
                answer = replace(answer, body=json.dumps(keep(answer)).encode())
            self.journal.add(answer)
        return answer

    def patiently(self, ask: Callable[[], Answer]) -> Answer:
        """Raises SourceError when the system gives no answer however often it is asked."""
        try:
            return patiently(ask)
        except AskAgain as fault:
            raise self.fault(
                fault.what, _("try again later: the next run goes on from here")
            ) from None
        except httpx.TransportError as fault:
            raise self.transport_fault(fault) from None

    def once(self, request: dict[str, Any], pace: Pace | None, taken: tuple[int, ...]) -> Answer:
        url = self.own_address(self.address or urljoin(str(self.base), request["path"]))
        params = request["params"] or None
        for _hop in range(MOST_REDIRECTS):
            if pace:
                pace.wait()
            with self.client.stream(
                request["method"], url, params=params, headers=request.get("headers"),
                json=request.get("body"), content=request.get("text"),
            ) as response:  # fmt: skip
                if response.has_redirect_location:
                    url = self.own_address(urljoin(str(url), response.headers.get("location", "")))
                    params = None  # the new address has them
                    continue
                if response.status_code in taken:
                    return Answer(request, response.status_code, {}, b"null")
                return self.judged(request, response)
        raise self.fault(_("it redirects without end"), _("correct `url`"))

    def judged(self, request: dict[str, Any], response: httpx.Response) -> Answer:
        """The answer, read to its end; raises AskAgain or SourceError for what is none."""
        self.refuse_status(response)
        headers = {k: v for k, v in response.headers.items() if k in KEPT_HEADERS}
        answer = Answer(request, response.status_code, headers, self.limited_body(response))
        if self.is_json:
            if answer.body.lstrip()[:1] == b"<" or "html" in headers.get("content-type", ""):
                raise self.fault(
                    _("it answers with a web page instead of data"),
                    _("check `url`, and that no login page or proxy stands before it"),
                )
            try:
                answer.json()
            except UnicodeDecodeError:
                raise self.fault(
                    _("its text is not UTF-8"), _("report this to those who run the system")
                ) from None
            except ValueError:
                raise AskAgain(_("its answer was cut off")) from None
        return answer

    def refuse_status(self, response: httpx.Response) -> None:
        status = response.status_code
        if status == 429 or status >= 500:
            after = retry_after(response.headers.get("retry-after", ""))
            if after is not None and after > LONGEST_RETRY_AFTER:
                raise self.fault(
                    _("it asks us to come back in {minutes} minutes").format(
                        minutes=round(after / 60)
                    ),
                    _("run again then: it goes on from here"),
                )
            raise AskAgain(_("it answers {status}").format(status=status), after)
        if response.is_success:
            return
        words = self.words_of(response)
        if status == 401 or (status == 403 and not words):
            raise self.refused_secret(status)
        what = _("it answers {status}").format(status=status) + (f": {words}" if words else "")
        if status == 403:
            raise self.fault(what, _("check the rights of the account whose secret we have"))
        raise self.fault(what, _("check `url` and `options` of this source"), Refused)

    def words_of(self, response: httpx.Response) -> str:
        """What the system says of a question that it refuses, in one short line."""
        if not self.own_words:
            return ""
        try:
            told = self.own_words(json.loads(self.limited_body(response)))
        except ValueError:  # no JSON
            return ""
        return " ".join(told.split())[:LONGEST_WORDS]

    def refused_secret(self, status: int) -> SourceError:
        name = self.source.token.name if self.source.token else "token"
        return self.fault(
            _("it does not accept our secret ({status})").format(status=status),
            _("check what {name} holds, and the rights of its account").format(name=name),
            Refused,
        )

    def limited_body(self, response: httpx.Response) -> bytes:
        """Never more of a page in memory than a page may have, however small it was packed."""
        if response.headers.get("content-encoding", "identity") not in ("identity", "gzip"):
            raise self.fault(_("it packs its answer in a way that we did not ask for"), "")
        body = bytearray()
        for block in response.iter_bytes():
            body += block
            if len(body) > LARGEST_PAGE:
                raise self.fault(
                    _("one page is larger than {size} MB").format(size=LARGEST_PAGE // 1_000_000),
                    _("ask for less in `options`, such as a filter"),
                )
        return bytes(body)

    def own_address(self, address: str) -> httpx.URL:
        """Raises SourceError for an address outside of the host that the TOML names."""
        url = read_url(address)
        if (url.scheme, url.host, url.port) != (self.base.scheme, self.base.host, self.base.port):
            raise self.fault(
                _("it sends us to another host ({host})").format(host=url.host),
                _("our secret does not go there; correct `url` if the system has moved"),
            )
        return url

    def transport_fault(self, fault: httpx.TransportError) -> SourceError:
        """The library's own message may quote a header: it is not shown."""
        if is_certificate_fault(fault):
            return self.fault(
                _("its certificate is not right"),
                _("have it renewed; a certificate of your own goes into SSL_CERT_FILE"),
            )
        if isinstance(fault, httpx.TimeoutException):
            return self.fault(_("it does not answer in time"), _("try again later"))
        return self.fault(
            _("it cannot be reached ({kind})").format(kind=type(fault).__name__),
            _("check `url` and the network"),
        )

    def fault(self, what: str, remedy: str, kind: type[SourceError] = SourceError) -> SourceError:
        return kind(what, where=f"{self.source.id}, {self.base.host}", remedy=remedy)

    def finish(self, **days: Any) -> list[Delivery]:
        return [self.journal.finish(**days)]


def retry_after(text: str) -> float | None:
    """Seconds; a date is as good as nothing said."""
    return float(text) if text.isdigit() else None
