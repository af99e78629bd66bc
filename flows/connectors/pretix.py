"""pretix (2026.8, tried against one that runs): check-ins at events, as presences.

An order is asked for again when it has changed, and a check-in changes its order. One ticket is one
person at the door: what pretix does by itself, a ticket scanned twice within minutes, what is sold
beside a ticket, and a product that admits nobody are no visits. They are given as deleted records,
since an earlier version of this connector loaded them; so is a check-in that was annulled.

A buyer who took several tickets is known at most once: who has no address on their own ticket is
then nobody. Names are not asked for.
"""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from flows.connectors._http import Ask, Refused
from flows.connectors._journal import answers, recorded
from flows.connectors._json import OtherForm, Row, objects, pages_of, records_of, shape
from flows.connectors._paging import records_in
from flows.connectors._secrets import secret
from flows.declaration import Declared
from flows.records import Declares, Delivery, Page, Pull
from flows.settings import TIME_ZONE
from flows.sources import Source

PER_PAGE = 50
FIELDS = [
    "event", "email", "positions.id", "positions.item", "positions.addon_to",
    "positions.attendee_email", "positions.subevent", "positions.checkins",
]  # fmt: skip
SAME_SCAN = timedelta(minutes=5)
"""Of one ticket at one door where nobody was seen to leave: a slow hand, and not a second visit."""
ANNULLED_WITHIN = timedelta(minutes=15)
"""After a scan. What was scanned longer before a pull is not annulled any more."""


class Options(Declared):
    organizer: str
    """Its short name, as in the address of its shop."""


DECLARES = Declares(
    Options,
    {
        "attendance": {
            "columns": {
                "record_id": "id", "checked_in_at": "datetime", "checked_out_at": "left_at",
                "activity_id": "activity", "deleted": "is_no_visit",
            },
            "constants": {"evidence": "checked_in", "space_code": "evenement"},
            "identity": {"email": "email"},
        },
    },
    deliveries=("append",),
    has_accounts=True,
)  # fmt: skip

SAMPLE = recorded((
    "api/v1/organizers/le-lieu/orders/",
    b'{"count":2,"next":null,"results":[{"event":"portes","email":"a@exemple.test","positions":['
    b'{"id":7,"attendee_email":null,"subevent":null,"checkins":[{"id":31,"type":"entry","list":1,'
    b'"datetime":"2026-10-28T08:02:00Z"}]}]},{"event":"portes"}]}',
))  # fmt: skip


def fetch(source: Source, pull: Pull) -> list[Delivery]:
    """Orders in the order in which they were placed: one that changes meanwhile moves no other.

    Then, of each event with something new, its products where somebody was scanned, and the scans
    that were annulled.
    """
    options = Options.model_validate(source.options)
    organizer = f"api/v1/organizers/{options.organizer}"
    params = {"include": FIELDS, "testmode": "false", "ordering": "datetime"}
    annulled = {"successful": "false", "error_reason": "annulled"}
    if pull.since:
        params["modified_since"] = pull.since.isoformat()
        annulled["created_since"] = (pull.since - ANNULLED_WITHIN).isoformat()
    with Ask(source, pull, {"Authorization": f"Token {secret(source, pull.folder)}"}) as ask:
        was_scanned: dict[str, bool] = {}
        for order in walk(ask, f"{organizer}/orders/", params):
            if isinstance(order, dict) and isinstance(event := order.get("event"), str):
                was_scanned[event] = was_scanned.get(event, False) or has_scans(order)
        for event, is_scanned in sorted(was_scanned.items()):
            if is_scanned:
                list(walk(ask, f"{organizer}/events/{event}/items/", {}))
            with suppress(Refused):  # an older pretix has no such list
                list(walk(ask, f"{organizer}/events/{event}/checkins/", annulled))
        return ask.finish(first_day=pull.since.date() if pull.since else None)


def walk(ask: Ask, path: str, params: dict[str, Any]) -> Iterator[Any]:
    """The records of all pages of a list."""
    page = 1
    while True:
        answer = ask.get(path, {**params, "page_size": PER_PAGE, "page": page})
        yield from records_in(ask, answer, "results")
        if not answer.json().get("next"):
            return
        page += 1


def has_scans(order: dict[str, Any]) -> bool:
    positions = order.get("positions")
    return isinstance(positions, list) and any(
        position.get("checkins") for position in positions if isinstance(position, dict)
    )


def parse(stream: BinaryIO, name: str, source: Source) -> Iterator[Page]:
    """One row an entry; a ticket with which nobody came yet says nothing.

    Answers that were recorded before products were asked for say nothing of them.
    """
    closed = products_that_admit_nobody(stream, name)

    def rows_of(record: Any) -> Iterable[Row | None]:
        if "annulled" not in record:
            return rows_of_order(record, closed)
        gone = record["annulled"]
        return [{"id": gone["id"], "datetime": gone["datetime"], "is_no_visit": True}]

    yield from pages_of(records(stream, name), name, source, rows_of)


PRODUCT = {"id": int, "admission": bool}


def products_that_admit_nobody(stream: BinaryIO, name: str) -> set[tuple[str, int]]:
    """The short name of the event and the number of the product: a shirt, a meal.

    Where no product of an event admits, nobody uses the word there, and all of them count.
    """
    admits: dict[str, dict[int, bool]] = {}
    for answer in answers(stream):
        if answer.request["path"].endswith("/items/"):
            of_event = admits.setdefault(answer.request["path"].split("/")[-3], {})
            for product in records_of(answer, "results", name, PRODUCT):
                of_event[product["id"]] = product["admission"]
    return {
        (event, product)
        for event, of_event in admits.items()
        if any(of_event.values())
        for product, is_admission in of_event.items()
        if not is_admission
    }


def records(stream: BinaryIO, name: str) -> Iterator[list[Any]]:
    """Orders as they came, and scans that were annulled under this word."""
    for answer in answers(stream):
        path = answer.request["path"]
        if path.endswith("/checkins/"):
            yield [{"annulled": scan} for scan in records_of(answer, "results", name)]
        elif not path.endswith("/items/"):
            yield records_of(answer, "results", name)


def rows_of_order(order: dict[str, Any], closed: set[tuple[str, int]]) -> Iterator[Row | None]:
    """The entries of each ticket; what was bought beside it stands in for it, once a day."""
    event = order["event"]
    positions = {position["id"]: position for position in objects(order, "positions")}
    admitted = {n for n, told in positions.items() if (event, told.get("item")) not in closed}
    ticket_of: dict[Any, Any] = {
        n: beside if (beside := told.get("addon_to")) in admitted else n
        for n, told in positions.items()
    }
    tickets = {n for n in admitted if ticket_of[n] == n}
    has_more = len(tickets) < len(positions)
    days: set[tuple[int, date]] = set()
    # the tickets first
    for n in sorted(positions, key=lambda n: n not in tickets) if has_more else positions:
        position, ticket = positions[n], positions[ticket_of[n]]
        email = position["attendee_email"] or ticket["attendee_email"]
        if not email and len(tickets) == 1:
            email = order["email"]
        # a number is part of an identifier: 0 where the event is no series
        activity = f"{event}-{position['subevent'] or 0}"
        for row in entries(objects(position, "checkins")):
            if has_more:
                row["is_no_visit"] |= n not in admitted or not is_first(row, n, ticket_of[n], days)
            row["email"], row["activity"] = email, activity
            yield row
        if not position["checkins"]:
            yield None


def is_first(row: Row, position: int, ticket: int, days: set[tuple[int, date]]) -> bool:
    """It is of the ticket, or nothing has shown before that its holder is there on this day."""
    if row["is_no_visit"]:
        return False
    at = datetime.fromisoformat(row["datetime"]).astimezone(ZoneInfo(TIME_ZONE))
    was_seen = (ticket, at.date()) in days
    days.add((ticket, at.date()))
    return position == ticket or not was_seen


def entries(scans: list[dict[str, Any]]) -> list[Row]:
    """Each entry, with the exit that follows it at the same list before the next entry.

    An exit that pretix writes by itself, at the end of the day, ends a stay of unknown length.
    """
    if len(scans) > 1:
        scans = sorted(
            scans,
            key=lambda told: (told["list"], datetime.fromisoformat(told["datetime"]), told["id"]),
        )
    rows: list[Row] = []
    inside: Row | None = None
    door = None
    for told in scans:
        if told["list"] != door:
            door, inside = told["list"], None
        is_automatic = told.get("auto_checked_in", False)
        if told["type"] == "exit":
            if inside and not is_automatic:
                inside["left_at"] = told["datetime"]
            inside = None
            continue
        if told["type"] != "entry":
            raise OtherForm(f"type: {shape(told['type'])}")
        is_no_visit = is_automatic or is_same_scan(inside, told)
        row = {
            "id": told["id"], "datetime": told["datetime"], "left_at": None,
            "is_no_visit": is_no_visit,
        }  # fmt: skip
        rows.append(row)
        inside = inside if is_no_visit else row
    return rows


def is_same_scan(inside: Row | None, told: dict[str, Any]) -> bool:
    if inside is None:
        return False
    between = [datetime.fromisoformat(at["datetime"]) for at in (inside, told)]
    return between[1] - between[0] <= SAME_SCAN
