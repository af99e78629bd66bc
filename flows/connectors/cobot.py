"""Cobot (v1): check-ins as presences, bookings as usage.

From the documentation of v1, and from Cobot's own client (cobot/zapier@d55313886c69, July 2026) for
memberships, `from`, `to` and the writing of times. Unverified [mem]: that `all=true` shows who has
left with an address; how `from` and `to` are written in a question.

There are no pages: weeks and months are asked for. `valid_until` at 03:59 is the end of a pass, not
a departure. Who has left is only listed with `all=true`. A membership that was deleted is not: what
is known of it stays. Other deletions are not told: they would only show in a webhook.
"""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

from flows.connectors._http import Ask
from flows.connectors._journal import Answer, answers, as_of, recorded
from flows.connectors._json import KNOWN_BY_ID, OtherForm, Row, pages_of, shape, whole_list
from flows.connectors._pace import Pace
from flows.connectors._secrets import secret
from flows.declaration import Declared
from flows.records import Declares, Delivery, Page, Pull
from flows.settings import TIME_ZONE
from flows.sources import Source

ASKED_AGAIN = timedelta(days=7)
WINDOW = timedelta(days=31)
TIMES = "%Y/%m/%d %H:%M:%S %z"
END_OF_A_PASS = (3, 59)
PER_MINUTE, MEMBERSHIPS_PER_MINUTE = 60, 6
PATHS = {"attendance": "api/work_sessions", "service_usage": "api/bookings"}


class Options(Declared):
    pass


PERSON = {"email": "email", "source_id": "membership_id"}
DECLARES = Declares(
    Options,
    {
        "attendance": {
            "columns": {
                "record_id": "id", "checked_in_at": "valid_from", "checked_out_at": "left_at",
            },
            "constants": {"evidence": "checked_in", "space_code": "coworking"},
            "identity": PERSON,
        },
        "service_usage": {
            "columns": {
                "record_id": "id", "occurred_at": "from", "duration_minutes": "minutes",
                "quantity": "hours",
            },
            "constants": {"evidence": "booked", "service_code": "salle", "unit": "heure"},
            "identity": PERSON,
        },
    },
    deliveries=("append",),
    needs_from=True,
    has_accounts=True,
)  # fmt: skip

SAMPLE = recorded(
    ("api/memberships", b'[{"id":"fdc0","email":"a@exemple.test"}]'),
    (
        "api/work_sessions",
        b'[{"id":"479c","membership":{"id":"fdc0"},"valid_from":"2026/10/05 08:37:00 +0000",'
        b'"valid_until":"2026/10/06 01:59:59 +0000"},{"id":"479d"}]',
    ),
)


def fetch(source: Source, pull: Pull) -> list[Delivery]:
    """The members, then one window of days after the other."""
    first = (pull.since - ASKED_AGAIN).date() if pull.since else source.from_day
    assert first is not None, "needs_from"
    headers = {"Authorization": f"Bearer {secret(source, pull.folder)}"}
    with Ask(source, pull, headers, PER_MINUTE) as ask:
        ask.get(
            "api/memberships", {"all": "true"}, pace=Pace(MEMBERSHIPS_PER_MINUTE), keep=known_by
        )
        last = ask.journal.today + timedelta(days=1)
        day = first
        while day < last:
            end = min(day + WINDOW, last)
            ask.get(PATHS[source.feed], {"from": midnight(day), "to": midnight(end)})
            day = end
        return ask.finish(first_day=first)


def known_by(answer: Answer) -> Any:
    """Of each member the number and the address, and nothing else."""
    members = answer.json()
    if not isinstance(members, list):
        return members
    return [
        {key: member.get(key) for key in ("id", "email")}
        for member in members
        if isinstance(member, dict)
    ]


def midnight(day: date) -> str:
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(TIME_ZONE)).isoformat()


def parse(stream: BinaryIO, name: str, source: Source) -> Iterator[Page]:
    """Check-ins or bookings; the addresses are taken from the members."""
    asked_at = as_of(stream)
    pages = answers(stream)
    members = whole_list(next(pages), name, KNOWN_BY_ID)
    emails = {one["id"]: one.get("email") for one in members}

    def rows_of(record: Any) -> list[Row | None]:
        row = session_row(record) if source.feed == "attendance" else booking_row(record)
        member = record["membership"] or {}
        who = {"membership_id": member.get("id"), "email": emails.get(member.get("id"))}
        begins = instant(record, "valid_from" if source.feed == "attendance" else "from")
        return [{**row, **who} if begins <= asked_at else None]

    yield from pages_of((whole_list(answer, name) for answer in pages), name, source, rows_of)


def instant(record: Any, key: str) -> datetime:
    """Raises OtherForm for what is not written as Cobot writes times."""
    try:
        return datetime.strptime(record[key], TIMES)
    except (TypeError, ValueError):
        raise OtherForm(f"{key}: {shape(record[key])}") from None


def session_row(record: Any) -> Row:
    until = instant(record, "valid_until").astimezone(ZoneInfo(TIME_ZONE))
    is_pass = (until.hour, until.minute) == END_OF_A_PASS
    return {
        "id": record["id"],
        "valid_from": record["valid_from"],
        "left_at": None if is_pass else record["valid_until"],
    }


def booking_row(record: Any) -> Row:
    length = instant(record, "to") - instant(record, "from")
    minutes = round(length.total_seconds() / 60)
    return {
        "id": record["id"],
        "from": record["from"],
        "minutes": minutes,
        "hours": round(minutes / 60, 2),
        "resource": record["resource"]["name"],
    }
