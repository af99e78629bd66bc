"""Fab-manager (open API, read in the source of 6.5.10): reserved slots, as presences or as usage.

What it cannot tell: who really came, since `evidence` is `booked`; who of a pre-registration was
validated; and the gender, since `woman` is said of everybody who did not say.

A slot has no number: it is known by its reservation, its availability and its beginning. Slots of
one reservation that follow each other are one row. Reservations can be filtered by creation, but
what is asked each night are the slots of the last 30 days, by their availabilities: a booking made
long before, a slot that was cancelled or moved are seen. Everything is asked for once a month.
Unverified: that a proxy leaves `Total` in the headers; without it one more page is asked for.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, BinaryIO

from flows.connectors._fab_slots import has_begun, reservation_rows, seconds, slot_row
from flows.connectors._http import Ask
from flows.connectors._journal import Answer, answers, as_of, recorded, requests
from flows.connectors._json import (
    KNOWN_BY_ID,
    OtherForm,
    Row,
    in_order,
    pages_of,
    records_of,
    shape,
)
from flows.connectors._paging import walk_numbered
from flows.connectors._secrets import secret
from flows.declaration import Declared
from flows.records import Declares, Delivery, Page, Pull
from flows.sources import Source

PER_PAGE = 200
"""It has no most; twenty where nobody says. Asking takes us a third of the time of a pull."""
NUMBERS_A_QUESTION = 100
"""So many availabilities or events are named in one address."""
ASKED_AGAIN = timedelta(days=30)
WHOLE_AFTER = timedelta(days=30)
AHEAD = timedelta(days=8)
"""An availability is asked for by its end: one that has begun may go on for so long."""
RESERVATIONS, EVENTS = "open_api/v1/reservations", "open_api/v1/events"
AVAILABILITIES = "open_api/v1/availabilities"


class Options(Declared):
    pass


PERSON = {"email": "email", "source_id": "user_id"}
SPACES = {"Machine": "fablab", "Space": "fablab", "Training": "formation", "Event": "evenement"}
GENDERS = {"woman": "feminin", "man": "masculin"}
DECLARES = Declares(
    Options,
    {
        "attendance": {
            "columns": {
                "record_id": "id", "checked_in_at": "start_at", "checked_out_at": "end_at",
                "space_code": "reservable_type", "activity_id": "activity",
                "attendance_status": "state", "headcount": "heads",
            },
            "constants": {"evidence": "booked"},
            "values": {
                "space_code": SPACES, "gender": GENDERS,
                "attendance_status": {"reserved": "present", "canceled": "annule"},
            },
            "identity": PERSON,
        },
        "service_usage": {
            "columns": {
                "record_id": "id", "occurred_at": "start_at", "duration_minutes": "minutes",
                "quantity": "hours", "service_code": "reservable_type", "activity_id": "activity",
                "deleted": "canceled", "headcount": "heads",
            },
            "constants": {"evidence": "booked", "unit": "heure"},
            "values": {"service_code": SPACES, "gender": GENDERS},
            "identity": PERSON,
        },
    },
    deliveries=("append",),
    has_accounts=True,
    accounts_stay=True,
)  # fmt: skip

SAMPLE = recorded((
    RESERVATIONS,
    b'{"reservations":[{"id":912,"reservable_id":7,"reservable_type":"Machine",'
    b'"created_at":"2026-10-02T09:14:07.000+02:00","user_id":41,'
    b'"user":{"id":41,"email":"a@exemple.test","gender":"woman"},"reserved_slots":['
    b'{"canceled_at":null,"availability_id":530,"start_at":"2026-10-05T14:00:00.000+02:00",'
    b'"end_at":"2026-10-05T15:00:00.000+02:00"}]},{"id":913,"reservable_type":"Machine"}]}',
))  # fmt: skip


def fetch(source: Source, pull: Pull) -> list[Delivery]:
    """Slots of the last days by their availabilities, or all reservations; then their events."""
    is_whole = not (pull.since and pull.whole_at and pull.as_of - pull.whole_at < WHOLE_AFTER)
    token = secret(source, pull.folder)
    with Ask(source, pull, {"Authorization": f"Token token={token}"}) as ask:
        first, last = pull.first_day, pull.last_day or ask.journal.today
        if pull.since and not is_whole:
            first = (pull.since - ASKED_AGAIN).date()
        events: list[Any] = []
        now = seconds(ask.journal.as_of)

        def look(records: list[Any]) -> None:
            booked = (one for one in events_in(records) if has_begun(one, now))
            events.extend(record.get("reservable_id") for record in booked)

        if first:
            days = {"after": f"{first}", "before": f"{min(last, ask.journal.today) + AHEAD}"}
            for some in chunks(walk(ask, AVAILABILITIES, days)):
                walk(ask, RESERVATIONS, {"availability_id[]": some}, look)
        else:
            walk(ask, RESERVATIONS, {}, look)
        for some in chunks(number for number in events if number is not None):
            walk(ask, EVENTS, {"id[]": some})
        return ask.finish(first_day=None if is_whole or not pull.since else pull.since.date())


def walk(
    ask: Ask,
    path: str,
    params: dict[str, Any],
    look: Callable[[list[Any]], None] = lambda _records: None,
) -> set[Any]:
    params = {"per_page": PER_PAGE, **params}
    key = path.rpartition("/")[2]
    return walk_numbered(ask, path, params, key, total_of, PER_PAGE, look=look)


def chunks(numbers: Iterable[Any]) -> Iterator[list[int]]:
    known = in_order(numbers)
    for at in range(0, len(known), NUMBERS_A_QUESTION):
        yield known[at : at + NUMBERS_A_QUESTION]


def total_of(answer: Answer) -> int | None:
    text = answer.headers.get("total", "")
    return int(text) if text.isdigit() else None


def events_in(records: list[Any]) -> list[Any]:
    return [
        one for one in records if isinstance(one, dict) and one.get("reservable_type") == "Event"
    ]


def parse(stream: BinaryIO, name: str, source: Source) -> Iterator[Page]:
    """One row for slots of a reservation in a row; one that is still to come says nothing yet."""
    asked_at = seconds(as_of(stream))
    whole_from = first_whole_day(stream)
    told: list[str] = []

    def rows_of(record: Any) -> list[Row | None]:
        if isinstance(record, Places):
            told.append(f"e{record.event}")
            return record.rows()
        rows = reservation_rows(record, asked_at)
        told.append(str(record["id"]))
        return rows

    for page in pages_of(lists_of(stream, name, asked_at), name, source, rows_of):
        yield replace(page, whole_from=whole_from, told=[*told])
        told.clear()


def first_whole_day(stream: BinaryIO) -> date:
    """From when on each reservation came with all of its slots: one that is missing was moved."""
    firsts = [
        request["params"]["after"]
        for request in requests(stream)
        if request["path"].endswith("availabilities")
    ]
    # an availability of the eve may reach into the first day
    return max([date.min, *(date.fromisoformat(day) + timedelta(days=1) for day in firsts)])


def lists_of(stream: BinaryIO, name: str, asked_at: float) -> Iterator[list[Any]]:
    """Reservations as they came; those of events last, when it is known how many places they took.

    Answers that were recorded before events were asked for have bookings alone.
    """
    booked: list[Any] = []
    taken: dict[int, int | None] | None = None
    for answer in answers(stream):
        path = answer.request["path"]
        if path.endswith("events"):
            listed = records_of(answer, "events", name, KNOWN_BY_ID)
            taken = (taken or {}) | {event["id"]: places_taken(event) for event in listed}
        elif not path.endswith("availabilities"):
            records = records_of(answer, "reservations", name)
            here = events_in(records)
            booked += here
            is_event = {id(one) for one in here}
            yield [one for one in records if id(one) not in is_event] if here else records
    if taken is None:
        yield booked
        return
    evenings: dict[Any, list[Any]] = {}
    for record in booked:
        number = record.get("reservable_id")
        if isinstance(number, list | dict):
            raise OtherForm(f"reservable_id: {shape(number)}")
        evenings.setdefault(number, []).append(record)
    for number, own in evenings.items():
        yield evening(number, own, taken.get(number), asked_at)


def evening(number: int, booked: list[Any], taken: int | None, asked_at: float) -> list[Any]:
    """The bookings of an event, and the places that they do not explain.

    Where fewer places are taken than were booked, some were not validated, and nobody says who:
    then the places count and the bookings do not.
    """
    begun = [record for record in booked if has_begun(record, asked_at)]
    live = [record for record in begun if not record["reserved_slots"][0].get("canceled_at")]
    others = [record for record in booked if not any(record is one for one in live)]
    unexplained = (taken or 0) - len(live)
    if taken is not None and unexplained < 0:
        live = [{**record, "reserved_slots": []} for record in live]
        unexplained = taken
    return [*others, *live, Places(number, unexplained, begun[0] if begun else None, asked_at)]


def places_taken(event: Any) -> int | None:
    """With reduced prices and several places a booking; None where seats are not limited."""
    total, free = event.get("nb_total_places"), event.get("nb_free_places")
    if total is None or free is None:
        return None
    if type(total) is not int or type(free) is not int:
        raise OtherForm(f"nb_total_places: {shape(total)}, nb_free_places: {shape(free)}")
    return total - free


@dataclass(frozen=True)
class Places:
    """Places of an event that are taken, beside those of bookings that are rows themselves."""

    event: int
    heads: int
    booking: Any
    """One that has begun, which says when and where; None before."""
    asked_at: float

    def rows(self) -> list[Row | None]:
        if self.heads <= 0 or self.booking is None:
            return []
        [slot, *_others] = self.booking["reserved_slots"]
        booking = {**self.booking, "id": f"e{self.event}", "user": None, "user_id": None}
        slot = {**slot, "canceled_at": None}
        row = slot_row(booking, slot, slot, self.asked_at) or {}
        # the hours of an event are those of its length, whatever the number of people
        return [{**row, "heads": str(self.heads), "hours": None}]
