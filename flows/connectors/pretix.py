"""pretix (2026.8, tried against one that runs): check-ins at events, as presences.

An order is asked for again when it has changed, and a check-in changes its order. What it cannot
tell: a check-in that was annulled is gone from its order, and stays here as it was loaded. Somebody
who is scanned for two lists came twice.

A buyer who took several tickets is known at most once: who has no address on their own ticket is
then nobody. Names are not asked for.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, BinaryIO

from flows.connectors._http import Ask
from flows.connectors._journal import answers, recorded
from flows.connectors._json import Row, pages_of
from flows.connectors._paging import records_in
from flows.connectors._secrets import secret
from flows.declaration import Declared
from flows.records import Declares, Delivery, Page, Pull
from flows.sources import Source

PER_PAGE = 50
FIELDS = [
    "event", "email", "positions.id", "positions.attendee_email", "positions.subevent",
    "positions.checkins",
]  # fmt: skip


class Options(Declared):
    organizer: str
    """Its short name, as in the address of its shop."""


DECLARES = Declares(
    Options,
    {
        "attendance": {
            "columns": {
                "record_id": "id", "checked_in_at": "datetime", "checked_out_at": "left_at",
                "activity_id": "activity",
            },
            "constants": {"evidence": "checked_in", "space_code": "evenement"},
            "identity": {"email": "email"},
        },
    },
    deliveries=("append",),
)  # fmt: skip

SAMPLE = recorded((
    "api/v1/organizers/le-lieu/orders/",
    b'{"count":2,"next":null,"results":[{"event":"portes","email":"a@exemple.test","positions":['
    b'{"id":7,"attendee_email":null,"subevent":null,"checkins":[{"id":31,"type":"entry","list":1,'
    b'"datetime":"2026-10-28T08:02:00Z"}]}]},{"event":"portes"}]}',
))  # fmt: skip


def fetch(source: Source, pull: Pull) -> list[Delivery]:
    """Orders in the order in which they were placed: one that changes meanwhile moves no other."""
    options = Options.model_validate(source.options)
    path = f"api/v1/organizers/{options.organizer}/orders/"
    params: dict[str, Any] = {
        "include": FIELDS, "testmode": "false", "ordering": "datetime", "page_size": PER_PAGE,
    }  # fmt: skip
    if pull.since:
        params["modified_since"] = pull.since.isoformat()
    with Ask(source, pull, {"Authorization": f"Token {secret(source, pull.folder)}"}) as ask:
        page = 1
        while True:
            answer = ask.get(path, {**params, "page": page})
            records_in(ask, answer, "results")
            if not answer.json().get("next"):
                return ask.finish(first_day=pull.since.date() if pull.since else None)
            page += 1


def parse(stream: BinaryIO, name: str, source: Source) -> Iterator[Page]:
    """One row an entry; a ticket with which nobody came yet says nothing."""

    def rows_of(order: Any) -> Iterator[Row | None]:
        for position in order["positions"]:
            email = position["attendee_email"]
            if email is None and len(order["positions"]) == 1:
                email = order["email"]
            # a number is part of an identifier: 0 where the event is no series
            activity = f"{order['event']}-{position['subevent'] or 0}"
            for row in entries(position["checkins"]):
                yield {**row, "email": email, "activity": activity}
            if not position["checkins"]:
                yield None

    records = (answer.json()["results"] for answer in answers(stream))
    yield from pages_of(records, name, source, rows_of)


def entries(checkins: list[Any]) -> Iterator[Row]:
    """Each entry, with the exit that follows it at the same list before the next entry."""
    in_order = sorted(checkins, key=lambda told: datetime.fromisoformat(told["datetime"]))
    for number, told in enumerate(in_order):
        if told["type"] == "entry":
            after = (later for later in in_order[number + 1 :] if later["list"] == told["list"])
            following = next(after, told)
            left_at = following["datetime"] if following["type"] == "exit" else None
            yield {"id": told["id"], "datetime": told["datetime"], "left_at": left_at}
