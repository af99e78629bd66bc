"""RDV Service Public (formerly RDV-Solidarités): participations and the status that agents give.

Read in the source of October 2024 and in what was merged until July 2026. Unverified: whether
`auth/sign_in` still takes the password of an agent who has ProConnect.

An organisation in which the agent has no role answers with an empty list: so the organisations are
asked for first. There is no time of change and no order, and an appointment of two agents may come
twice and count twice. Appointments of the last 60 days are asked for again each time; what is not
among them any more is gone. `unknown` is not presence: such a row is a tombstone until somebody
says what happened.
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any, BinaryIO

from flows.connectors._http import Ask
from flows.connectors._journal import Answer, answers, as_of, recorded, requests
from flows.connectors._json import (
    KNOWN_BY_ID,
    Row,
    as_text,
    in_order,
    number_at,
    pages_of,
    records_of,
)
from flows.connectors._paging import fault_of_answers, walk_numbered
from flows.connectors._renewal import sign_in_anew
from flows.connectors._secrets import secret
from flows.declaration import Declared
from flows.errors import BatchRefused, SourceError
from flows.language import _
from flows.records import Declares, Delivery, Page, Pull, ToErase
from flows.sources import Source

PER_PAGE = 100
"""What the system gives, whatever one asks for."""
ASKED_AGAIN = timedelta(days=60)
A_DAY = timedelta(days=1)
"""The system counts its days in Paris, and a place may be overseas."""
KEPT = timedelta(days=700)
"""After two years the system destroys appointments itself: they are not gone for that."""
ORGANISATIONS = "api/v1/organisations"
ADDRESS_OF_NOBODY = re.compile(r"@deleted\.|^email_anonymise_")
"""What takes the place of an address when an account is deleted."""


class Options(Declared):
    organisation: int | None = None
    """Without it, all those in which the agent has a role."""
    login: str | None = None
    """The address of an agent, whose password the secret is."""
    client: str | None = None
    """The id of an application of OAuth: the secret is then its own and the token to renew with.

    With neither of the two the secret is a token as it is, which dies within hours.
    """


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
    has_accounts=True,
    accounts_stay=True,
)  # fmt: skip

SAMPLE = recorded(
    (ORGANISATIONS, b'{"organisations":[{"id":3}],"meta":{"next_page":null,"total_count":1}}'),
    (
        "api/v1/organisations/3/rdvs",
        b'{"rdvs":[{"id":7,"starts_at":"2026-10-05T09:30:00.000+02:00","duration_in_min":30,'
        b'"collectif":false,"motif":{"name":"Aide CAF","location_type":"public_office"},'
        b'"participations":[{"id":1,"status":"seen","user":{"id":55}}],"agents":[{"id":21}]},'
        b'{"id":8}],"meta":{"next_page":null,"total_count":2}}',
    ),
)


def fetch(source: Source, pull: Pull) -> list[Delivery]:
    """Appointments from 60 days before the last pull until the day of the run."""
    options = Options.model_validate(source.options)
    headers = {}
    if not options.login and not options.client:
        headers = {"Authorization": f"Bearer {secret(source, pull.folder)}"}
    with Ask(source, pull, headers) as ask:
        sign_in(ask, source, pull, options)
        last = ask.journal.today + A_DAY
        first = (pull.since - ASKED_AGAIN).date() if pull.since else source.from_day
        if pull.first_day:
            first = pull.first_day - A_DAY
        if pull.last_day:
            last = min(last, pull.last_day + 2 * A_DAY)
        params = {"starts_before": last.isoformat()}
        if first:
            params["starts_after"] = first.isoformat()
        for number in organisations(ask, options.organisation):
            path = f"{ORGANISATIONS}/{number}/rdvs"
            walk_numbered(ask, path, params, "rdvs", total_of, PER_PAGE, copies_of)
        return ask.finish(first_day=pull.since.date() if pull.since else None)


def sign_in(ask: Ask, source: Source, pull: Pull, options: Options) -> None:
    if options.client:
        sign_in_anew(ask, source, pull, "oauth/token", options.client)
    elif options.login:
        given = {"email": options.login, "password": secret(source, pull.folder)}
        try:
            ask.sign_in("api/v1/auth/sign_in", given, ("access-token", "client", "uid"))
        except SourceError as fault:
            if "(401)" not in fault.what:
                raise
            remedy = _("an agent who has ProConnect has no password here: declare `client` instead")
            raise SourceError(
                fault.what, where=fault.where, remedy=f"{fault.remedy}; {remedy}"
            ) from None


def organisations(ask: Ask, wanted: int | None) -> list[int]:
    """The organisations to ask: an empty list of appointments is true in these alone.

    Raises SourceError when the agent has no role there.
    """
    known = in_order(walk_numbered(ask, ORGANISATIONS, {}, "organisations", total_of, PER_PAGE))
    if not known:
        raise fault_of_answers(
            ask,
            _("the agent has no role in any organisation"),
            _("have an administrator of the organisation add the agent to it"),
        )
    if wanted is not None and wanted not in known:
        raise fault_of_answers(
            ask,
            _("the agent has no role in organisation {number}").format(number=wanted),
            _("have an administrator add the agent to it, or write one of: {known}").format(
                known=", ".join(map(str, known))
            ),
        )
    return known if wanted is None else [wanted]


def total_of(answer: Answer) -> int | None:
    return number_at(answer, "meta", "total_count")


def copies_of(record: Any) -> int:
    """Until July 2026 an appointment came, and counted, once for each of its agents."""
    agents = record.get("agents")
    return max(1, len(agents)) if isinstance(agents, list) else 1


def parse(stream: BinaryIO, name: str, source: Source) -> Iterator[Page]:
    """One row a participation, of appointments that have begun."""
    asked_at = as_of(stream)
    asked = list(requests(stream))
    is_of_role = any(is_of_organisations(request) for request in asked)
    refuse_foreign(stream, name, Options.model_validate(source.options).organisation)
    firsts = [request["params"].get("starts_after") for request in asked]
    kept = (asked_at - KEPT).date()
    whole_from = max([kept, *(date.fromisoformat(first) + A_DAY for first in firsts if first)])

    def rows_of(record: Any) -> Iterator[Row | None]:
        is_past = datetime.fromisoformat(record["starts_at"]) <= asked_at
        for participation in record["participations"]:
            yield participation_row(record, participation, source.feed) if is_past else None

    for page in pages_of(lists_of(stream, name), name, source, rows_of):
        # what was recorded before organisations were asked for is whole where it has something
        yield replace(page, whole_from=whole_from, is_whole_on_its_days=not is_of_role)


def lists_of(stream: BinaryIO, name: str = "") -> Iterator[list[Any]]:
    """The appointments of each page; the list of organisations has none."""
    for answer in answers(stream):
        if not is_of_organisations(answer.request):
            yield records_of(answer, "rdvs", name)


def is_of_organisations(request: dict[str, Any]) -> bool:
    return bool(request["path"].endswith("organisations"))


def refuse_foreign(stream: BinaryIO, name: str, wanted: int | None) -> None:
    """Raises BatchRefused where recorded answers are of an agent without a role: they are empty."""
    pages = [*itertools.takewhile(lambda page: is_of_organisations(page.request), answers(stream))]
    known = {
        one["id"] for page in pages for one in records_of(page, "organisations", name, KNOWN_BY_ID)
    }
    if pages and (not known or (wanted is not None and wanted not in known)):
        raise BatchRefused(
            _("the agent has no role in organisation {number}").format(number=wanted),
            where=name,
            remedy=_("record them again, as an agent of the organisation"),
        )


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
    """Who a row is about; of a deleted account the number alone, which it keeps."""
    if ADDRESS_OF_NOBODY.search(user.get("email") or ""):
        return {"user_id": user["id"]}
    named = {key: user.get(key) for key in ("email", "first_name", "last_name", "birth_date")}
    return {"user_id": user["id"], **named}


def to_erase(model: str, data: Any) -> ToErase | None:
    """What the body of a hook says that nobody may know any more; it was made before it was gone.

    An appointment brings its participations, a user who that is; a user who is destroyed is told as
    their `UserProfile`, which has no number. None for what else has none: nothing of ours. Raises
    ValueError for a body that does not say which of its model it is.
    """
    if not isinstance(data, dict):
        raise ValueError
    if model == "UserProfile":
        model, data = "User", data.get("user")
    if model not in ("Rdv", "User") and "id" not in data:
        return None
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
    for rdvs in lists_of(stream):
        for rdv in rdvs:
            yield f"Rdv|{rdv['id']}", ""
            for participation in rdv.get("participations") or []:
                record, user = str(participation["id"]), participation["user"]
                yield f"Rdv|{rdv['id']}", record
                yield f"User|{user['id']}", record
                if user.get("responsible"):
                    yield f"User|{user['responsible']['id']}", ""
            for user in rdv.get("users") or []:
                yield f"User|{user['id']}", ""
