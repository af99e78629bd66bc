"""RDV Service Public (formerly RDV-Solidarités): participations and the status that agents give.

Read in the source of October 2024, and in a client of June 2026. Unverified [mem]: the names of a
user's fields (`email`, `first_name`, `last_name`, `birth_date`), and today's limits.

There is no time of change and no order. So appointments of the last 60 days are asked for again
each time, and the list is walked again while fewer came than `total_count` says. `unknown` is not
presence: such a row is a tombstone until somebody says what happened. Deletions are not told.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from flows.connectors._http import Ask
from flows.connectors._journal import Answer, answers, as_of, recorded
from flows.connectors._json import Row, as_text, pages_of
from flows.connectors._paging import walk_numbered
from flows.connectors._secrets import secret
from flows.declaration import Declared
from flows.records import Declares, Delivery, Page, Pull, ToErase
from flows.sources import Source

PER_PAGE = 100
"""What the system gives, whatever one asks for."""
ASKED_AGAIN = timedelta(days=60)


class Options(Declared):
    organisation: int | None = None
    login: str | None = None
    """The address of an agent, whose password the secret is; else the secret is an OAuth token."""


PERSON = {
    "email": "email", "last_name": "last_name", "first_name": "first_name",
    "birth_date": "birth_date", "source_id": "user_id",
}  # fmt: skip
STATUSES = {
    "seen": "present", "noshow": "absent", "excused": "annule", "revoked": "annule",
    "unknown": "absent",
}  # fmt: skip
DECLARES = Declares(
    Options,
    {
        "attendance": {
            "columns": {
                "record_id": "id", "checked_in_at": "starts_at", "activity_id": "session",
                "attendance_status": "status", "deleted": "is_open",
            },
            "constants": {"evidence": "seen", "space_code": "france_services"},
            "values": {"attendance_status": STATUSES},
            "identity": PERSON,
        },
        "service_usage": {
            "columns": {
                "record_id": "id", "occurred_at": "starts_at", "duration_minutes": "minutes",
                "mode": "mode", "location": "location_type", "activity_id": "session",
                "deleted": "is_unused",
            },
            "constants": {"evidence": "seen", "service_code": "france_services"},
            "values": {
                "location": {
                    "public_office": "sur_place", "home": "hors_les_murs", "phone": "a_distance",
                    "visio": "a_distance",
                },
            },
            "identity": PERSON,
        },
    },
    deliveries=("append",),
)  # fmt: skip

SAMPLE = recorded((
    "rdvs",
    b'{"rdvs":[{"id":7,"starts_at":"2026-10-05T09:30:00.000+02:00","duration_in_min":30,'
    b'"collectif":false,"motif":{"name":"Aide CAF","location_type":"public_office"},'
    b'"participations":[{"id":1,"status":"seen","user":{"id":55}}]},{"id":8}],'
    b'"meta":{"next_page":null,"total_count":2}}',
))  # fmt: skip


def fetch(source: Source, pull: Pull) -> list[Delivery]:
    """Appointments from 60 days before the last pull until the day of the run."""
    options = Options.model_validate(source.options)
    word = secret(source, pull.folder)
    first = (pull.since - ASKED_AGAIN).date() if pull.since else source.from_day
    headers = {} if options.login else {"Authorization": f"Bearer {word}"}
    with Ask(source, pull, headers) as ask:
        if options.login:
            ask.sign_in(
                "api/v1/auth/sign_in", {"email": options.login, "password": word},
                ("access-token", "client", "uid"),
            )  # fmt: skip
        params = {"starts_before": (ask.journal.today + timedelta(days=1)).isoformat()}
        if first:
            params["starts_after"] = first.isoformat()
        where = f"organisations/{options.organisation}/" if options.organisation else ""
        walk_numbered(ask, f"api/v1/{where}rdvs", params, "rdvs", total_of, PER_PAGE)
        return ask.finish(first_day=pull.since.date() if pull.since else None)


def total_of(answer: Answer) -> int | None:
    total: int | None = answer.json().get("meta", {}).get("total_count")
    return total


def parse(stream: BinaryIO, name: str, source: Source) -> Iterator[Page]:
    """One row a participation, of appointments that have begun."""
    asked_at = as_of(stream)

    def rows_of(record: Any) -> Iterator[Row | None]:
        is_past = datetime.fromisoformat(record["starts_at"]) <= asked_at
        for participation in record["participations"]:
            yield participation_row(record, participation, source.feed) if is_past else None

    records = (answer.json()["rdvs"] for answer in answers(stream))
    yield from pages_of(records, name, source, rows_of)


def participation_row(record: Any, participation: Any, feed: str) -> Row:
    user, status, motif = participation["user"], participation["status"], record["motif"]
    if feed == "service_usage":
        STATUSES[status]  # a usage has no status of its own: a word nobody knows is refused here
    return {
        "id": participation["id"],
        "starts_at": record["starts_at"],
        "minutes": record["duration_in_min"],
        "session": f"rdv-{record['id']}" if record["collectif"] else None,
        "mode": "collectif" if record["collectif"] else "individuel",
        "motif": motif["name"],
        "location_type": motif["location_type"],
        "status": status,
        "is_open": "oui" if status == "unknown" else "non",
        "is_unused": "non" if status == "seen" else "oui",
        **person_row(user),
    }


def person_row(user: Any) -> Row:
    """Who a row is about."""
    named = {key: user.get(key) for key in ("email", "first_name", "last_name", "birth_date")}
    return {"user_id": user["id"], **named}


def to_erase(model: str, data: Any) -> ToErase:
    """What the body of a hook says that nobody may know any more; it was made before it was gone.

    An appointment brings its participations, a user who that is. Raises ValueError for a body that
    does not say which of its model it is.
    """
    if not isinstance(data, dict) or not isinstance(data.get("id"), int):
        raise ValueError
    own = data.get("participations") if model == "Rdv" else None
    return ToErase(
        name=f"{model}|{data['id']}",
        record_ids=frozenset(str(participation["id"]) for participation in own or []),
        person={key: as_text(value) for key, value in person_row(data).items()}
        if model == "User"
        else {},
    )


def mentions(stream: BinaryIO) -> Iterator[tuple[str, str]]:
    """Every appointment and user of a landed pull by name, with the record that goes when it goes.

    There is no such record (an empty text) for who is only named beside: the parent of a child.
    """
    for answer in answers(stream):
        for rdv in answer.json()["rdvs"]:
            yield f"Rdv|{rdv['id']}", ""
            for participation in rdv.get("participations") or []:
                record, user = str(participation["id"]), participation["user"]
                yield f"Rdv|{rdv['id']}", record
                yield f"User|{user['id']}", record
                if user.get("responsible"):
                    yield f"User|{user['responsible']['id']}", ""
            for user in rdv.get("users") or []:
                yield f"User|{user['id']}", ""
