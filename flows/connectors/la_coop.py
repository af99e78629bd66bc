"""La Coop de la médiation numérique: activités as usage, emplois as contracts.

Read in the source of June 2026. Unverified [mem]: the question `filter[structure_id]`, the words of
`type_lieu`, the names of a user's fields; whether a single place gets a key at all. Where it does
not, the XLSX export goes through `la_coop_export`.

Every page that is not empty advertises a next one: only an empty one is the end. A deletion comes
with `suppression`. Beneficiaries are told as sums of a workshop: they stay anonymous heads, without
age, gender or status. `date` is a slice of a UTC time: around midnight it may be the eve.
"""

from collections.abc import Iterator
from datetime import UTC
from typing import Any, BinaryIO

from pydantic import Field

from flows.connectors._http import Ask
from flows.connectors._journal import answers, recorded
from flows.connectors._json import Row, pages_of
from flows.connectors._paging import records_in
from flows.connectors._secrets import secret
from flows.declaration import Declared
from flows.language import _
from flows.records import Declares, Delivery, Page, Pull
from flows.sources import Source

PER_PAGE = 500
MOST_PAGES = 100_000
LISTS = {"service_usage": "activites", "employment": "utilisateurs"}


class Options(Declared):
    structure: str = Field(pattern=r"^[0-9A-Za-z-]+$")
    """Number of the structure that the place is: keys are national."""


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
                "deleted": "is_deleted",
            },
            "constants": {"post_code": "conseiller_numerique"},
            "identity": {"email": "email", "source_id": "user_id"},
        },
    },
    deliveries=("append",),
)  # fmt: skip

SAMPLE = recorded((
    "api/v1/activites",
    b'{"data":[{"id":"a1","attributes":{"type":"collectif","date":"2026-10-05","duree":90,'
    b'"accompagnements":6,"structure_id":"s1","type_lieu":"lieu_activite","thematiques":["email"],'
    b'"modification":"2026-10-05T16:00:00.000Z","suppression":null}},{"id":"a2"}],'
    b'"links":{"next":{"href":""}}}',
))  # fmt: skip


def fetch(source: Source, pull: Pull) -> list[Delivery]:
    """Activités changed since the last pull; of users there is no such question, so all of them."""
    options = Options.model_validate(source.options)
    params: dict[str, Any] = {"page[size]": PER_PAGE}
    since = pull.since if source.feed == "service_usage" else None
    if source.feed == "service_usage":
        params["filter[structure_id]"] = options.structure
    if since:
        # an offset instead of Z is refused
        stamp = since.astimezone(UTC).isoformat(timespec="milliseconds")
        params["filter[modification][depuis]"] = stamp.replace("+00:00", "Z")
    with Ask(source, pull, {"Authorization": f"Bearer {secret(source, pull.folder)}"}) as ask:
        path = f"api/v1/{LISTS[source.feed]}"
        for _page in range(MOST_PAGES):
            answer = ask.get(path, params)
            following = next_address(answer.json())
            if not records_in(ask, answer, "data") or not following:
                return ask.finish(first_day=since.date() if since else None)
            path, params = following, {}
        raise ask.fault(_("its pages have no end"), _("report this to those who run the system"))


def next_address(content: Any) -> str | None:
    """`{"href": …}` in fact, and text in the OpenAPI."""
    following = content.get("links", {}).get("next")
    address: str | None = following["href"] if isinstance(following, dict) else following
    return address


def parse(stream: BinaryIO, name: str, source: Source) -> Iterator[Page]:
    structure = Options.model_validate(source.options).structure
    rows_of = activity_rows if source.feed == "service_usage" else employment_rows
    records = (answer.json()["data"] for answer in answers(stream))
    yield from pages_of(records, name, source, lambda record: rows_of(record, structure))


def activity_rows(record: Any, structure: str) -> list[Row | None]:
    told = record["attributes"]
    if told["structure_id"] != structure:
        return [None]
    return [
        {
            "id": record["id"],
            "type": told["type"],
            "date": told["date"],
            "duree": told["duree"],
            "accompagnements": told["accompagnements"],
            "type_lieu": told["type_lieu"],
            "thematique": next(iter(told["thematiques"] or []), None),
            "modification": told["modification"],
            "is_deleted": "oui" if told["suppression"] else "non",
        }
    ]


def employment_rows(record: Any, structure: str) -> list[Row | None]:
    """One row for each contract of the user with the structure."""
    told = record["attributes"]
    return [
        {
            "id": contract["id"],
            "debut": contract["debut"],
            "fin": contract["fin"],
            "is_deleted": "oui" if contract["suppression"] else "non",
            "email": told.get("email"),
            "user_id": record["id"],
        }
        if contract["structure_id"] == structure
        else None
        for contract in told["emplois"]
    ]
