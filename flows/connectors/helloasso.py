"""HelloAsso: tickets of events. A ticket that was sold is a booking: who scans it is not told.

A ticket has no day, its event has. So the tickets of each event that has begun are asked for whole,
until 30 days after: what was sold ahead would not change any more when it happens, and what is
cancelled afterwards still counts. A deletion is not told.

Written from the official client (HelloAsso/helloasso-python@1a35f040fce0) and public ones, and
tried against no account. Unverified [mem]: what the states beside `Processed`, `Registered` and
`Canceled` mean; that a refund shows as the state of its payments; what the tickets of a deleted
event answer; 100 a page; any limit of requests.

A list of events says how many there are. One of tickets does not, and has a token after its end:
an empty page ends it, or a short one whose token was used before.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, BinaryIO
from urllib.parse import quote
from zoneinfo import ZoneInfo

import polars as pl
from pydantic import Field

from flows.connectors._http import Ask
from flows.connectors._journal import Answer, answers, recorded
from flows.connectors._json import OtherForm, Row, pages_of, records_of, shape
from flows.connectors._paging import records_in
from flows.connectors._secrets import secret
from flows.declaration import Declared
from flows.language import _
from flows.names import name_parts
from flows.records import Declares, Delivery, Page, Pull
from flows.settings import TIME_ZONE
from flows.sources import Source

PER_PAGE = 100
ASKED_AGAIN = timedelta(days=30)
TICKET = "Registration"
"""What a ticket is called among the items of an event; others are gifts and extras."""
SAYS_NOTHING_YET = ("Waiting", "Unknown")
GIVEN_BACK = ("Refunded", "Refunding")
READ = ("id", "type", "state", "order")
WHO = ("email", "firstName", "lastName")


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
    has_accounts=True,
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
        kept = {*READ, *source.wanted_headers()}
        for slug in list(begun(ask, events, since)):
            tickets = f"{events}/Event/{quote(slug)}/items"
            for _page in walk(ask, tickets, {"sortOrder": "Asc"}, lambda page: only(page, kept)):
                pass  # it is written down
        return ask.finish(first_day=pull.since.date() if pull.since else None)


def only(page: Answer, kept: set[str]) -> Any:
    """Of each ticket what is read, and not what was asked of its buyer."""
    content = page.json()
    if not isinstance(content, dict) or not isinstance(content.get("data"), list):
        return content
    return {**content, "data": [ticket_as_read(item, kept) for item in content["data"]]}


def ticket_as_read(item: Any, kept: set[str]) -> Any:
    if not isinstance(item, dict):
        return item
    told = {key: value for key, value in item.items() if key in kept}
    for key in ("payer", "user"):
        if isinstance(who := item.get(key), dict):
            told[key] = {name: who.get(name) for name in WHO}
    told["payments"] = [{"state": state} for state in states_of_payments(item)]
    return told


def walk(
    ask: Ask,
    path: str,
    params: dict[str, Any],
    keep: Callable[[Answer], Any] | None = None,
) -> Iterator[list[Any]]:
    """The records of each page."""
    params = {**params, "pageSize": PER_PAGE}
    seen, used = 0, set[str]()
    while True:
        page = ask.get(path, params, keep=keep)
        records = records_in(ask, page, "data")
        yield records
        seen += len(records)
        pagination = page.json().get("pagination") or {}
        if not isinstance(pagination, dict):
            raise OtherForm(f"pagination: {shape(pagination)}")
        token, total = pagination.get("continuationToken"), pagination.get("totalCount")
        if not isinstance(token, str | None):
            raise OtherForm(f"pagination.continuationToken: {shape(token)}")
        is_full = len(records) >= PER_PAGE
        if not records or (isinstance(total, int) and 0 < total <= seen):
            return
        if is_full and not token:
            raise lacks(ask, "continuationToken")
        if is_full and token in used:
            raise ask.fault(
                _("its pages have no end"), _("report this to those who run the system")
            )
        if not token or token in used:
            return
        used.add(token)
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
            if event.get("state") != "Draft" and has_begun(event, since, ask.journal.as_of):
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
            if page.request["path"].endswith("/items"):
                yield with_emails(records_of(page, "data", name))
            else:
                events = records_of(page, "data", name, {"formSlug": str})
                begins.update((event["formSlug"], event.get("startDate")) for event in events)

    def rows_of(item: Any) -> list[Row | None]:
        if item["type"] != TICKET or item["state"] in SAYS_NOTHING_YET:
            return [None]
        slug = item["order"]["formSlug"]
        if not isinstance(begins.get(slug), str):
            raise OtherForm(f"startDate: {shape(begins.get(slug))}")
        row = {
            **item,
            "startDate": begins[slug],
            "session": f"{slug}/{begins[slug][:10]}",
            "state": "Canceled" if is_given_back(item) else item["state"],
        }
        return [{header: row[header] for header in wanted}]

    yield from pages_of(sold(), name, source, rows_of)


def states_of_payments(item: dict[str, Any]) -> list[Any]:
    payments = item.get("payments")
    found = payments if isinstance(payments, list) else []
    return [payment.get("state") for payment in found if isinstance(payment, dict)]


def is_given_back(item: dict[str, Any]) -> bool:
    """All of its payments: of a ticket that was paid in two, one alone says nothing."""
    states = states_of_payments(item)
    return bool(states) and all(state in GIVEN_BACK for state in states)


def with_emails(items: list[Any]) -> list[Any]:
    """Each ticket with the address of its payer, where it is in the payer's own name, and no other:
    nobody else gives one.
    """
    payers, holders = (people_of(items, role) for role in ("payer", "user"))
    are_own = names_of(payers) == names_of(holders)
    return [
        {**item, "email": payer.get("email") if is_own else None}
        if isinstance(item, dict)
        else item
        for item, payer, is_own in zip(items, payers, are_own, strict=True)
    ]


def people_of(items: list[Any], role: str) -> list[dict[str, Any]]:
    told = [item.get(role) if isinstance(item, dict) else None for item in items]
    return [who if isinstance(who, dict) else {} for who in told]


def names_of(people: list[dict[str, Any]]) -> pl.Series:
    last, first = (
        pl.Series([str(who.get(key) or "") for who in people], dtype=pl.String)
        for key in ("lastName", "firstName")
    )
    return name_parts(last, first)
