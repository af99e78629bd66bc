"""Fab-manager (open API, read in the source of 6.5): reserved slots, as presences or as usage.

What it cannot tell: who really came, since `evidence` is `booked`; and how many came to an event,
since the API leaves `nb_reserve_places` out: a booking for four counts one.

The API filters by creation alone, and a cancelled slot changes neither that nor `updated_at`: what
was created in the last 90 days is asked for again each time, and everything once a month.
Unverified [mem]: that a proxy leaves `Total` in the headers; without it one more page is asked for.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from flows.connectors._http import Ask
from flows.connectors._journal import Answer, answers, as_of, recorded
from flows.connectors._json import Row, pages_of
from flows.connectors._paging import walk_numbered
from flows.connectors._secrets import secret
from flows.declaration import Declared
from flows.records import Declares, Delivery, Page, Pull
from flows.sources import Source

PER_PAGE = 100
ASKED_AGAIN = timedelta(days=90)
WHOLE_AFTER = timedelta(days=30)


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
                "attendance_status": "state", "gender": "gender",
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
                "deleted": "canceled", "gender": "gender",
            },
            "constants": {"evidence": "booked", "unit": "heure"},
            "values": {"service_code": SPACES, "gender": GENDERS},
            "identity": PERSON,
        },
    },
    deliveries=("append",),
)  # fmt: skip

SAMPLE = recorded((
    "reservations",
    b'{"reservations":[{"id":912,"reservable_type":"Machine","created_at":"2026-10-02T09:14:07+02:00",'
    b'"user":{"id":41,"email":"a@exemple.test","gender":"woman"},"reserved_slots":['
    b'{"canceled_at":null,"availability_id":530,"start_at":"2026-10-05T14:00:00+02:00",'
    b'"end_at":"2026-10-05T15:00:00+02:00"}]},{"id":913,"reservable_type":"Machine"}]}',
))  # fmt: skip


def fetch(source: Source, pull: Pull) -> list[Delivery]:
    """Reservations by creation, the latest first, one page after the other."""
    since = None
    if pull.since and pull.whole_at and pull.as_of - pull.whole_at < WHOLE_AFTER:
        since = pull.since - ASKED_AGAIN
    token = secret(source, pull.folder)
    with Ask(source, pull, {"Authorization": f"Token token={token}"}) as ask:
        params = {"per_page": PER_PAGE, **({"after": since.date().isoformat()} if since else {})}
        walk_numbered(
            ask, "open_api/v1/reservations", params, "reservations", total_of, PER_PAGE
        )  # fmt: skip
        return ask.finish(first_day=pull.since.date() if since and pull.since else None)


def total_of(answer: Answer) -> int | None:
    text = answer.headers.get("total", "")
    return int(text) if text.isdigit() else None


def parse(stream: BinaryIO, name: str, source: Source) -> Iterator[Page]:
    """One row a reserved slot; one that is still to come says nothing yet."""
    asked_at = as_of(stream)

    def rows_of(record: Any) -> Iterator[Row | None]:
        for number, slot in enumerate(record["reserved_slots"], start=1):
            begins = datetime.fromisoformat(slot["start_at"])
            yield slot_row(record, number, slot, begins) if begins <= asked_at else None

    records = (answer.json()["reservations"] for answer in answers(stream))
    yield from pages_of(records, name, source, rows_of)


def slot_row(record: Any, number: int, slot: Any, begins: datetime) -> Row:
    """A slot has no number of its own; its place in the reservation stays when it is moved."""
    user = record["user"] or {}
    kind = record["reservable_type"]
    length = datetime.fromisoformat(slot["end_at"]) - begins
    minutes = round(length.total_seconds() / 60)
    is_group = kind in ("Training", "Event")
    return {
        "id": f"{record['id']}-{number}",
        "start_at": slot["start_at"],
        "end_at": slot["end_at"],
        "minutes": minutes,
        "hours": round(minutes / 60, 2),
        "reservable_type": kind,
        "reservable": (record.get("reservable") or {}).get("slug"),
        "activity": f"{kind}-{slot['availability_id']}" if is_group else None,
        "state": "canceled" if slot["canceled_at"] else "reserved",
        "canceled": "oui" if slot["canceled_at"] else "non",
        # without an account the API says "man" of everybody
        "gender": user.get("gender") if user.get("email") else None,
        "email": user.get("email"),
        "user_id": user.get("id"),
    }
