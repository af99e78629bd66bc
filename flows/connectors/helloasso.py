"""HelloAsso: tickets of events. A ticket that was sold is a booking: who scans it is not told.

A ticket has no day, its event has. So the tickets of each event that has begun are asked for whole,
until 30 days after: what was sold ahead would not change any more when it happens, and what is
cancelled afterwards still counts. A deletion is not told.

Written from the documentation and the official client, and tried against no account. Unverified
[mem]: that the list of events ends as that of tickets does; that times carry their zone; what the
states beside `Processed`, `Registered` and `Canceled` mean; 100 a page; any limit of requests.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, BinaryIO
from urllib.parse import quote
from zoneinfo import ZoneInfo

from pydantic import Field

from flows.connectors._http import Ask
from flows.connectors._journal import answers, recorded
from flows.connectors._json import Row, pages_of
from flows.connectors._paging import records_in
from flows.connectors._secrets import secret
from flows.declaration import Declared
from flows.language import _
from flows.records import Declares, Delivery, Page, Pull
from flows.settings import TIME_ZONE
from flows.sources import Source

PER_PAGE = 100
ASKED_AGAIN = timedelta(days=30)
TICKET = "Registration"
"""What a ticket is called among the items of an event; others are gifts and extras."""


class Options(Declared):
    organisation: str = Field(pattern=r"^[a-z0-9-]+$")
    """As in the address of its page."""
    client: str
    """The key's id, which is no secret."""


DECLARES = Declares(
    Options,
    {
        "attendance": {
            "columns": {
                "record_id": "id",
                "checked_in_at": "startDate",
                "activity_id": "session",
                "attendance_status": "state",
            },
            "constants": {"evidence": "booked", "space_code": "evenement"},
            "values": {
                "attendance_status": {
                    "Processed": "present",
                    "Registered": "present",
                    "Canceled": "annule",
                    "Deleted": "annule",
                    "Refused": "annule",
                    "Abandoned": "annule",
                }
            },
            "identity": {"email": "email"},
        },
    },
    deliveries=("append",),
)

SAMPLE = recorded(
    (
        "v5/organizations/asso-exemple/forms",
        b'{"data":[{"formSlug":"fete","startDate":"2026-10-05T18:00:00.0000000+02:00"}]}',
    ),
    (
        "v5/organizations/asso-exemple/forms/Event/fete/items",
        b'{"data":[{"id":71,"type":"Registration","state":"Processed","order":{"formSlug":"fete"},'
        b'"payer":{"email":"a@exemple.test","firstName":"A","lastName":"B"},'
        b'"user":{"firstName":"A","lastName":"B"}},{"id":72,"type":"Registration"}]}',
    ),
)


def fetch(source: Source, pull: Pull) -> list[Delivery]:
    """The events, and then what was sold of each that is to be asked about."""
    options = Options.model_validate(source.options)
    events = f"v5/organizations/{options.organisation}/forms"
    with Ask(source, pull, {}) as ask:
        ask.authorise("oauth2/token", options.client, secret(source, pull.folder))
        since = pull.since and pull.since - ASKED_AGAIN
        for slug in list(begun(ask, events, since)):
            for _page in walk(ask, f"{events}/Event/{quote(slug)}/items", {"sortOrder": "Asc"}):
                pass  # it is written down
        return ask.finish(first_day=pull.since.date() if pull.since else None)


def walk(ask: Ask, path: str, params: dict[str, Any]) -> Iterator[list[Any]]:
    """The records of each page. There is a token after the last one too, and an empty page then."""
    params = {**params, "pageSize": PER_PAGE}
    while True:
        page = ask.get(path, params)
        records = records_in(ask, page, "data")
        yield records
        token = (page.json().get("pagination") or {}).get("continuationToken")
        if len(records) >= PER_PAGE and not token:
            raise lacks(ask, "continuationToken")
        if not records or not token:
            return
        params = {**params, "continuationToken": token}


def lacks(ask: Ask, key: str) -> Exception:
    return ask.fault(
        _("its answer has no {key!r}").format(key=key),
        _("check `url`; if it is right, the system has changed"),
    )


def begun(ask: Ask, path: str, since: datetime | None) -> Iterator[str]:
    """The names of the events that have begun, since then."""
    for page in walk(ask, path, {"formTypes": "Event"}):
        for event in page:
            if not isinstance(event, dict) or not event.get("formSlug"):
                raise lacks(ask, "formSlug")
            if has_begun(event, since, ask.journal.as_of):
                yield str(event["formSlug"])


def has_begun(event: dict[str, Any], since: datetime | None, now: datetime) -> bool:
    """Also true where the day cannot be read: its tickets are then refused one by one, and seen."""
    text = event.get("startDate")
    if not text:
        return False  # no day yet
    try:
        begins = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return True
    if begins.tzinfo is None:
        begins = begins.replace(tzinfo=ZoneInfo(TIME_ZONE))
    return begins <= now and (since is None or begins >= since)


def parse(stream: BinaryIO, name: str, source: Source) -> Iterator[Page]:
    wanted = list(source.wanted_headers())
    begins: dict[str, str] = {}

    def sold() -> Iterator[list[Any]]:
        for page in answers(stream):
            records = page.json()["data"]
            if page.request["path"].endswith("/items"):
                yield records
            else:
                begins.update((event["formSlug"], event.get("startDate")) for event in records)

    def rows_of(item: Any) -> list[Row | None]:
        if item["type"] != TICKET or item["state"] == "Waiting":
            return [None]
        slug = item["order"]["formSlug"]
        row = {
            **item,
            "startDate": begins[slug],
            "session": f"{slug}/{begins[slug][:10]}",
            "email": email_of(item),
        }
        return [{header: row[header] for header in wanted}]

    yield from pages_of(sold(), name, source, rows_of)


def email_of(item: dict[str, Any]) -> str | None:
    """Of the payer, for a ticket in the payer's own name: nobody else gives an address."""
    payer, holder = item.get("payer") or {}, item.get("user") or {}
    is_own = any(name_of(holder)) and name_of(holder) == name_of(payer)
    return payer.get("email") if is_own else None


def name_of(person: dict[str, Any]) -> list[str]:
    return [str(person.get(key) or "").strip().casefold() for key in ("firstName", "lastName")]
