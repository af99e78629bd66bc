"""La Coop de la médiation numérique: activités as usage, emplois as contracts.

Read in the source of 30 June 2026 (coop-mediation-numerique@46aa33bdf21c), and its routes were run.
Unverified [mem]: whether a single place gets a key at all. Where it does not, the XLSX export goes
through `la_coop_export`.

Neither a structure nor a mediator can be asked for: the whole country answers, and what is not ours
is thrown away before a page is written down. Every page that is not empty advertises a next one,
whose address forgets what was asked: only its cursor is used. Beneficiaries are told as sums of a
workshop: they stay anonymous heads, without age, gender or status. `date` is the day that somebody
typed.

An activité that was edited to another place keeps its number: where it is known here, it leaves.
When two structures become one, each row gets the number of the one that stays, and the other is
gone. So a pull that names the place's structure nowhere asks whether it is there at all.
"""

from collections.abc import Callable, Iterator, Set
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, BinaryIO
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from pydantic import Field

from flows.connectors._http import Ask, Refused
from flows.connectors._journal import Answer, answers, recorded
from flows.connectors._json import OtherForm, Row, objects, pages_of, records_of, shape
from flows.connectors._paging import records_in
from flows.connectors._secrets import secret
from flows.declaration import Declared
from flows.language import _
from flows.records import Declares, Delivery, Page, Pull
from flows.settings import TIME_ZONE
from flows.sources import Source

PER_PAGE = 500
MOST_PAGES = 100_000
LISTS = {"service_usage": "activites", "employment": "utilisateurs"}
TOLD = ("type", "date", "duree", "accompagnements", "type_lieu", "modification")
CURSOR, CHANGED_SINCE = "page[after]", "filter[modification][depuis]"
NOTED_BEFORE = timedelta(days=31)
"""How long before its day an activité may have been written down."""

Uuid = Annotated[str, Field(pattern=r"^[0-9A-Za-z-]+$")]


class Options(Declared):
    structure: Uuid
    """Number of the structure that the place is, or that employs: keys are national."""
    mediators: list[Uuid] = []
    """Whose sessions at home, at a distance or in passing are the place's: of them no structure is
    told. The number of the mediator or of the user."""


DECLARES = Declares(
    Options,
    {
        "service_usage": {
            "columns": {
                "record_id": "id", "occurred_at": "date", "duration_minutes": "duree",
                "headcount": "accompagnements", "mode": "type", "location": "type_lieu",
                "updated_at": "modification", "deleted": "is_deleted",
            },
            "constants": {"evidence": "declared", "service_code": "mediation_numerique"},
            "values": {
                "location": {
                    "lieu_activite": "sur_place", "domicile": "hors_les_murs",
                    "autre": "hors_les_murs", "a_distance": "a_distance",
                },
            },
        },
        "employment": {
            "columns": {
                "record_id": "id", "started_on": "debut", "ended_on": "fin",
                "post_code": "conseiller_numerique", "deleted": "is_deleted",
            },
            "values": {"post_code": {"oui": "conseiller_numerique", "non": "autre"}},
            "identity": {"email": "email", "source_id": "user_id"},
        },
    },
    deliveries=("append",),
    has_accounts=True,
)  # fmt: skip

SAMPLE = recorded((
    "api/v1/activites",
    b'{"data":[{"type":"activite","id":"a1","attributes":{"type":"collectif","mediateur_id":"m1",'
    b'"user_id":"u1","date":"2026-10-05","duree":90,"structure_id":"s1",'
    b'"creation":"2026-10-05T16:00:00.000Z","modification":"2026-10-05T16:00:00.000Z",'
    b'"suppression":null,"type_lieu":"lieu_activite","thematiques":["email"],'
    b'"accompagnements":6}},{"id":"a2"}],"links":{"next":{"href":"https://coop.example/"}}}',
))  # fmt: skip


def fetch(source: Source, pull: Pull) -> list[Delivery]:
    """Activités changed since the last pull; of users there is no such question, so all of them."""
    options = Options.model_validate(source.options)
    params: dict[str, Any] = {"page[size]": PER_PAGE}
    since = pull.since if source.feed == "service_usage" else None
    if source.feed == "service_usage" and (first := since or noted_from(source, pull)):
        # an offset instead of Z is refused
        stamp = first.astimezone(UTC).isoformat(timespec="milliseconds")
        params[CHANGED_SINCE] = stamp.replace("+00:00", "Z")
    ours = our_activity if source.feed == "service_usage" else our_user
    known = pull.known()
    with Ask(source, pull, {"Authorization": f"Bearer {secret(source, pull.folder)}"}) as ask:
        path = f"api/v1/{LISTS[source.feed]}"
        kept = walk(ask, path, params, lambda record: ours(record, options, known))
        if not any(speaks_of(record, options.structure) for record in kept):
            refuse_unknown_structure(ask, options.structure)
        return ask.finish(first_day=since.date() if since else None)


def noted_from(source: Source, pull: Pull) -> datetime | None:
    """Before this nothing was written down of the days that are wanted."""
    day = pull.first_day or source.from_day
    if day is None:
        return None
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(TIME_ZONE)) - NOTED_BEFORE


def walk(ask: Ask, path: str, params: dict[str, Any], ours: Callable[[Any], Any]) -> list[Any]:
    """Ask page after page; the records that were kept."""

    def keep(answer: Answer) -> Any:
        records = records_in(ask, answer, "data")
        links = answer.json().get("links")
        following = links.get("next") if isinstance(links, dict) else None
        if records and not following:
            raise ask.fault(
                _("its answer has no {key!r}").format(key="links.next"),
                _("check `url`; if it is right, the system has changed"),
            )
        kept = [told for record in records if (told := ours(record)) is not None]
        return {"data": kept, "links": {"next": following} if records else {}}

    found: list[Any] = []
    for _page in range(MOST_PAGES):
        answer = ask.get(path, params, keep=keep)
        found += records_in(ask, answer, "data")
        following = answer.json()["links"].get("next")
        if not following:
            return found
        params = {**params, CURSOR: cursor_of(ask, following)}
    raise ask.fault(_("its pages have no end"), _("report this to those who run the system"))


def cursor_of(ask: Ask, following: Any) -> str:
    """`{"href": …}` in fact, and text in the OpenAPI; what was asked is not in it any more."""
    href = following.get("href") if isinstance(following, dict) else following
    cursor: str | None = ask.own_address(urljoin(str(ask.base), str(href))).params.get(CURSOR)
    if not cursor:
        raise ask.fault(
            _("its answer has no {key!r}").format(key=CURSOR),
            _("check `url`; if it is right, the system has changed"),
        )
    return cursor


def speaks_of(record: Any, structure: str) -> bool:
    """Does it name the structure? When two become one, none does any more."""
    told = record.get("attributes", {})
    return structure in {
        told.get("structure_id"),
        *(contract["structure_id"] for contract in told.get("emplois", [])),
    }


def refuse_unknown_structure(ask: Ask, structure: str) -> None:
    """Raises SourceError for a number that is not there; a key may lack the right to look."""

    def keep(answer: Answer) -> Any:
        found = records_in(ask, answer, "data")
        return {"data": [{"id": one.get("id")} for one in found if isinstance(one, dict)]}

    try:
        answer = ask.get("api/v1/structures", {"ids": structure}, keep=keep)
    except Refused:
        return
    if not records_in(ask, answer, "data"):
        raise ask.fault(
            _("La Coop has no structure with this number"),
            _("correct `structure` in `options`: it may have become one with another"),
        )


def is_ours(told: Any, options: Options) -> bool:
    """In the structure, or in none and by one of the place's mediators."""
    if told["structure_id"] is not None:
        return bool(told["structure_id"] == options.structure)
    return not {told.get("mediateur_id"), told.get("user_id")}.isdisjoint(options.mediators)


def our_activity(record: Any, options: Options, known: Set[str]) -> Any:
    """The activité; of one that has left its day and number; of one that was never here nothing.

    Whose it is cannot be seen where `structure_id` is missing: then an empty one, which is refused.
    """
    try:
        number, told = record["id"], record["attributes"]
        if is_ours(told, options):
            return record
    except (KeyError, TypeError):
        return {}
    if number not in known:
        return None
    left = {key: told.get(key) for key in (*TOLD, "thematiques")}
    return {"id": number, "attributes": {**left, "structure_id": None}}


def left_contract(contract: Any) -> Any:
    return {**contract, "structure_id": None}


def our_user(record: Any, options: Options, known: Set[str]) -> Any:
    """Who has, or had, a contract with the structure: that contract, and who it is."""
    try:
        told = record["attributes"]
        contracts = [
            contract if contract["structure_id"] == options.structure else left_contract(contract)
            for contract in told["emplois"]
            if contract["structure_id"] == options.structure or contract["id"] in known
        ]
    except (KeyError, TypeError):
        return {}
    if not contracts:
        return None
    kept = {
        key: told[key] for key in ("email", "suppression", "conseiller_numerique") if key in told
    }
    return {"id": record.get("id"), "attributes": {**kept, "emplois": contracts}}


def parse(stream: BinaryIO, name: str, source: Source) -> Iterator[Page]:
    options = Options.model_validate(source.options)
    rows_of = activity_rows if source.feed == "service_usage" else employment_rows
    records = (
        records_of(answer, "data", name)
        for answer in answers(stream)
        if answer.request["path"].rpartition("/")[2].partition("?")[0] == LISTS[source.feed]
    )
    yield from pages_of(records, name, source, lambda record: rows_of(record, options))


def activity_rows(record: Any, options: Options) -> list[Row | None]:
    """What is in another place now is gone from this one."""
    told = record["attributes"]
    is_gone = told.get("suppression") or not is_ours(told, options)
    return [
        {
            "id": record["id"],
            **{key: told[key] for key in TOLD},
            "thematique": next(iter(told["thematiques"] or []), None),
            "is_deleted": "oui" if is_gone else "non",
        }
    ]


def employment_rows(record: Any, options: Options) -> list[Row | None]:
    """One row for each contract of the user with the structure.

    `suppression` is how an end is written, of a contract as of an account: the earliest end counts.
    An address that La Coop wrote itself, when the account went, is nobody's.
    """
    told = record["attributes"]
    gone_on = day_of(told, "suppression") if "suppression" in told else None
    rows: list[Row | None] = []
    for contract in objects(told, "emplois"):
        begins = day_of(contract, "debut")
        ends = (day_of(contract, "fin"), day_of(contract, "suppression"), gone_on)
        end = min(filter(None, ends), default=None)
        is_here = contract["structure_id"] == options.structure
        if not is_here and begins is None:
            rows.append(None)
            continue
        never_began = begins is not None and end is not None and end < begins
        conseiller = told.get("conseiller_numerique", {}).get("is_conseiller_numerique")
        rows.append({
            "id": contract["id"],
            "debut": begins,
            "fin": None if never_began else end,
            "conseiller_numerique": {True: "oui", False: "non"}.get(conseiller),
            "is_deleted": "non" if is_here and not never_began else "oui",
            "email": None if gone_on else told.get("email"),
            "user_id": record["id"],
        })  # fmt: skip
    return rows


def day_of(told: Any, key: str) -> str | None:
    """The day of an instant, where the place is; raises OtherForm for what is none."""
    text = told[key]
    if text is None:
        return None
    try:
        if len(text) == len("2026-10-05"):
            return str(date.fromisoformat(text))
        return str(datetime.fromisoformat(text).astimezone(ZoneInfo(TIME_ZONE)).date())
    except (TypeError, ValueError):
        raise OtherForm(f"{key}: {shape(text)}") from None
