"""A folder on WebDAV, as Nextcloud, Apache and others serve it.

A file is asked for under the address that the server itself gives for it, so `#`, `?` and `%` are
characters of a name like any other.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import httpx

from flows.connectors._afar import (
    BLOCK_BYTES,
    CONNECT_SECONDS,
    SILENCE_SECONDS,
    Told,
    Unreachable,
    file_not_given,
    moment,
    not_accepted,
    not_ours,
    not_there,
    not_written,
    other_fault,
    silent,
)
from flows.connectors._dav import DAV, responses
from flows.connectors._trust import trusted
from flows.language import _

WHAT_IS_THERE = (
    '<propfind xmlns="DAV:"><prop><resourcetype/><getcontentlength/><getlastmodified/><getetag/>'
    "</prop></propfind>"
)
LARGEST_LIST = 50_000_000
KEPT = "/%:@!$&'()*+,;=~"
"""Of an address as a server writes it; everything else is encoded, where it was not."""


class WebDav:
    def __init__(self, address: str, folder: str, user: str, word: str, where: str) -> None:
        self.where = where
        self.client = httpx.Client(
            auth=(user, word),
            timeout=httpx.Timeout(SILENCE_SECONDS, connect=CONNECT_SECONDS),
            verify=trusted(),
            follow_redirects=True,
            event_hooks={"response": [self.stay_here]},
            headers={"Accept": "*/*", "Accept-Encoding": "identity"},
        )
        self.base = httpx.URL(address)
        below = [part for part in folder.split("/") if part not in ("", ".")]
        path = "/".join([self.base.raw_path.decode().rstrip("/"), *(quote(p) for p in below)])
        self.folder = self.at(path + "/")
        self.hrefs: dict[str, str] = {}
        self.made: set[str] = set()

    def at(self, path: str) -> httpx.URL:
        return self.base.copy_with(raw_path=path.encode())

    def files(self) -> dict[str, Told]:
        found = {}
        for _address, href, status, told in responses(self.listing()):
            path = re.sub(r"^https?://[^/]*", "", href)
            name = unquote(path.rsplit("/", 1)[-1])
            is_folder = told.find(f".//{DAV}resourcetype/{DAV}collection") is not None
            if status >= 400 or is_folder or not name or "/" in name:
                continue
            self.hrefs[name] = quote(path, safe=KEPT)
            found[name] = Told(
                size_of(told.findtext(f".//{DAV}getcontentlength")),
                date_of(told.findtext(f".//{DAV}getlastmodified")),
                told.findtext(f".//{DAV}getetag"),
            )
        return found

    def listing(self) -> ET.Element:
        headers = {"Content-Type": "application/xml; charset=utf-8", "Depth": "1"}
        asked: dict[str, Any] = {"headers": headers, "content": WHAT_IS_THERE}
        body = b""
        try:
            with self.client.stream("PROPFIND", self.folder, **asked) as response:
                self.refuse_status(response.status_code)
                for block in response.iter_bytes(BLOCK_BYTES):
                    body += block
                    if len(body) > LARGEST_LIST:
                        raise self.no_folder(response.status_code)
            return ET.fromstring(body)
        except ET.ParseError:
            raise self.no_folder(response.status_code) from None
        except httpx.HTTPError as fault:
            raise self.in_words(fault) from None

    def refuse_status(self, status: int) -> None:
        """Raises Unreachable for anything but a list."""
        if status == 401:
            raise not_accepted(self.where)
        if status == 403:
            raise not_ours(self.where)
        if status in (404, 410):
            raise not_there(self.where)
        if status != 207:
            raise self.no_folder(status)

    def no_folder(self, status: int) -> Unreachable:
        return Unreachable(
            _("this is no folder of WebDAV: the server answers {status}").format(status=status),
            where=self.where,
            remedy=_("check `url`: the address that the server gives for WebDAV, not its web page"),
        )

    def blocks(self, name: str) -> Iterator[bytes]:
        begun = False
        for is_last in (False, True):  # a server may close a connection that was idle
            try:
                with self.client.stream("GET", self.at(self.hrefs[name])) as response:
                    if response.status_code == 401:
                        raise not_accepted(self.where)
                    if response.status_code != 200:
                        raise file_not_given(response.status_code)
                    for block in response.iter_bytes(BLOCK_BYTES):
                        begun = True
                        yield block
                return
            except httpx.HTTPError as fault:
                if begun or is_last or isinstance(fault, httpx.TimeoutException):
                    raise self.in_words(fault) from None

    def check(self) -> None:
        self.listing()

    def put(self, file: Path, name: str) -> None:
        folder = ""
        for part in name.split("/")[:-1]:
            folder += quote(part) + "/"
            if folder not in self.made:
                self.ask("MKCOL", self.within(folder), (201, 405))  # 405: it is there
                self.made.add(folder)
        # a length, since some servers take no body of which they do not know how long it is
        size = {"Content-Length": str(file.stat().st_size)}
        with file.open("rb") as content:
            self.ask(
                "PUT", self.within(quote(name)), (200, 201, 204), headers=size, content=content
            )

    def move(self, name: str, to: str) -> None:
        there = {"Destination": str(self.within(quote(to))), "Overwrite": "T"}
        self.ask("MOVE", self.within(quote(name)), (200, 201, 204), headers=there)

    def remove(self, name: str) -> None:
        self.ask("DELETE", self.within(quote(name)), (200, 204, 404))

    def within(self, name: str) -> httpx.URL:
        return self.at(self.folder.raw_path.decode() + name)

    def ask(self, method: str, url: httpx.URL, fine: tuple[int, ...], **asked: Any) -> None:
        """Ask for a change; raises Unreachable for any other answer."""
        try:
            status = self.client.request(method, url, follow_redirects=False, **asked).status_code
        except httpx.HTTPError as fault:
            raise self.in_words(fault) from None
        if status == 401:
            raise not_accepted(self.where)
        if status in fine:
            return
        raise not_there(self.where) if status in (404, 409) else not_written(status, self.where)

    def in_words(self, fault: httpx.HTTPError) -> Unreachable:
        if isinstance(fault, httpx.TimeoutException):
            return silent(self.where)
        if "CERTIFICATE_VERIFY_FAILED" in str(fault):
            return Unreachable(
                _("its certificate is not right"),
                where=self.where,
                remedy=_("have it renewed; a certificate of your own goes into SSL_CERT_FILE"),
            )
        return other_fault(fault, self.where)

    def stay_here(self, response: httpx.Response) -> None:
        """A redirect that leads to another host is refused."""
        if response.is_redirect:
            url = response.url.join(response.headers.get("location", ""))
            own = self.base
            if (url.scheme, url.host, url.port) != (own.scheme, own.host, own.port):
                raise Unreachable(
                    _("it sends us to another host ({host})").format(host=url.host),
                    where=self.where,
                    remedy=_("our secret does not go there; correct `url` if the system has moved"),
                )


def size_of(text: str | None) -> int | None:
    return int(text) if text and text.isdigit() else None


def date_of(text: str | None) -> Any:
    try:
        return moment(parsedate_to_datetime(text)) if text else None
    except ValueError:
        return None
