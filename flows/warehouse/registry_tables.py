"""What the SQL needs to know beside the records, as tables of the schema `registry`."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import polars as pl

from flows.places import Place, commune_index
from flows.settings import TIME_ZONE, Settings
from flows.warehouse.commitment_files import read_commitments
from flows.warehouse.commitment_tables import commitment_tables
from flows.warehouse.labels import BREAKDOWN_LABELS, labels
from flows.warehouse.models import RATIO_UNITS, IndicatorHeader, Model, feeds
from flows.warehouse.policy_tables import policy_tables
from flows.warehouse.reference_tables import reference_tables
from flows.warehouse.source_tables import (
    address_breaks,
    conditions,
    said_as,
    silence_table,
    source_tables,
)
from schemas import FEEDS, codes

PERIOD_LABELS = {
    "month": "mois", "quarter": "trimestre", "year": "annee", "convention": "convention",
}  # fmt: skip
"""Period → its name in the release."""


def fill_registry(
    warehouse: duckdb.DuckDBPyConnection,
    places: Sequence[Place],
    core: dict[str, Model],
    indicators: dict[str, Model],
    settings: Settings,
    as_of: datetime,
) -> None:
    """What the SQL needs to know beside the records, as tables of the schema `registry`."""
    today = as_of.astimezone(ZoneInfo(TIME_ZONE)).date()
    declared = read_commitments(settings, places, indicators)
    conventions = [row for row in declared.conventions() if row[2] <= today]
    # a convention needs its first months even where nothing of them was received
    first = min([first_day(warehouse, today), *(row[2] for row in conventions)])
    every_period = sorted([*periods(first, today), *conventions])
    tables = {
        "run": pl.DataFrame(
            {"as_of": [as_of], "today": [today], "person_key": [settings.person_key]}
        ),
        "period": pl.DataFrame(
            every_period,
            schema=["period_id", "period_type", "starts_on", "ends_before"],
            orient="row",
        ),
        **place_tables(places, first, today),
        **source_tables(places, today, address_breaks(warehouse, today)),
        "source_silence": silence_table(places, [*core.values(), *indicators.values()]),
        **reference_tables(settings, places, every_period, today),
        **code_tables(),
        **commitment_tables(declared),
        "publication": no_publication(),
        **indicator_tables(indicators, core),
        **policy_tables(settings, indicators, core),
    }
    for name, table in tables.items():
        if not table.width:
            continue  # no indicator: only in the preparation of examples
        warehouse.register("incoming_table", table.to_arrow())
        warehouse.execute(
            f"CREATE OR REPLACE TABLE registry.{name} AS SELECT * FROM incoming_table"
        )
        warehouse.unregister("incoming_table")


def first_day(warehouse: duckdb.DuckDBPyConnection, today: date) -> date:
    """The first day that a delivery proves; without one, the current month.

    An old contract says little of its time: what lasts opens no period alone.
    """
    lasting = [name for name, feed in FEEDS.items() if feed.lasts]
    [(first,)] = warehouse.execute(
        "SELECT coalesce(min(day) FILTER (WHERE NOT list_contains(?, feed)), min(day)) "
        "FROM ledger.proof",
        [lasting],
    ).fetchall()
    return (first or today).replace(day=1)


def periods(first: date, today: date) -> list[tuple[str, str, date, date]]:
    """Months, quarters and years from the first day to today, half-open."""
    found: dict[str, tuple[str, str, date, date]] = {}
    for year in range(first.year, today.year + 1):
        for month in range(1, 13):
            starts_on = date(year, month, 1)
            ends_before = (starts_on + timedelta(32)).replace(day=1)
            if ends_before <= first or starts_on > today:
                continue
            quarter = (month - 1) // 3
            quarter_starts = date(year, 3 * quarter + 1, 1)
            quarter_ends = (quarter_starts + timedelta(95)).replace(day=1)
            for row in (
                (f"{year}-{month:02}", "month", starts_on, ends_before),
                (f"{year}-T{quarter + 1}", "quarter", quarter_starts, quarter_ends),
                (f"{year}", "year", date(year, 1, 1), date(year + 1, 1, 1)),
            ):
                found[row[0]] = row
    return sorted(found.values())


def place_tables(places: Sequence[Place], first: date, today: date) -> dict[str, pl.DataFrame]:
    """Places, what they offer, and the days on which they are open."""
    text, day, instant = pl.String, pl.Date, pl.Datetime("us", "UTC")
    days = {p.id: list(p.expected_days(first, today - timedelta(1))) for p in places}
    return {
        "place": place_table(places),
        "offer": frame(
            [(p.id, s.value) for p in places for s in p.services],
            {"place_id": text, "service_code": text},
        ),
        "catchment": frame(
            [(p.id, code) for p in places for code in p.catchment_communes],
            {"place_id": text, "commune_code": text},
        ),
        "open_day": frame(
            [(p.id, d) for p in places for d in days[p.id]],
            {"place_id": text, "day": day},
        ),
        "open_slot": frame(
            [
                (p.id, d, opens_at.astimezone(UTC), closes_at.astimezone(UTC))
                for p in places
                if p.seats
                for d in days[p.id]
                for opens_at, closes_at in p.open_slots(d)
            ],
            {"place_id": text, "day": day, "opens_at": instant, "closes_at": instant},
        ),
    }  # fmt: skip


def place_table(places: Sequence[Place]) -> pl.DataFrame:
    """One row a place: what it declares, and the names of its commune and territories."""
    index, text, day = commune_index(), pl.String, pl.Date
    return pl.DataFrame(
        [
            {
                **p.model_dump(include={
                    "id", "name", "commune_code", "siret", "legal_form", "opened_on",
                    "closed_on", "is_synthetic", "seats", "tolerated_quarantine_share",
                }),
                "commune_name": index[p.commune_code][0],
                "departement_code": index[p.commune_code][1],
                "epci_code": p.epci_code or index[p.commune_code][2] or None,
                "labels": ", ".join(p.labels),
                "is_team_public": p.public_team is not None,
                "campus_weekly_minutes": round((p.campus_weekly_hours or 0) * 60) or None,
            }
            for p in places
        ],
        schema={
            "id": text, "name": text, "is_synthetic": pl.Boolean, "commune_code": text,
            "commune_name": text, "departement_code": text, "epci_code": text, "siret": text,
            "legal_form": text, "opened_on": day, "closed_on": day, "seats": pl.Int64,
            "tolerated_quarantine_share": pl.Float64, "is_team_public": pl.Boolean,
            "labels": text, "campus_weekly_minutes": pl.Int64,
        },
    ).rename({"id": "place_id", "tolerated_quarantine_share": "tolerated_share"})  # fmt: skip


def no_publication() -> pl.DataFrame:
    """Which release the figures are for: the row comes when they are whole."""
    return frame(
        [],
        {"publication_id": pl.String, "schema_version": pl.String, "software_version": pl.String},
    )


def indicator_tables(
    indicators: dict[str, Model], core: dict[str, Model]
) -> dict[str, pl.DataFrame]:
    """What the status of a figure depends on."""
    text = pl.String
    headers = {
        id: m.header for id, m in indicators.items() if isinstance(m.header, IndicatorHeader)
    }
    return {
        "indicator": pl.DataFrame(
            [catalogue_row(id, indicators[id], header) for id, header in headers.items()]
        ),
        "indicator_feed": frame(
            [(id, feed) for id, model in indicators.items() for feed in feeds(model, core)],
            {"indicator_id": text, "feed": text},
        ),
        "indicator_condition": frame(
            [
                (id, feed, said_as(condition))
                for id, model in indicators.items()
                for feed, common in conditions(model, core).items()
                for condition in sorted(common)
            ],
            {"indicator_id": text, "feed": text, "condition": text},
        ),
        "indicator_service": frame(
            [(id, s.value) for id, h in headers.items() for s in h.services],
            {"indicator_id": text, "service_code": text},
        ),
        "indicator_period": frame(
            [(id, kind) for id, h in headers.items() for kind in h.periods],
            {"indicator_id": text, "period_type": text},
        ),
        "indicator_scope": frame(
            [(id, kind) for id, h in headers.items() for kind in h.scopes],
            {"indicator_id": text, "scope_type": text},
        ),
    }  # fmt: skip


def code_tables() -> dict[str, pl.DataFrame]:
    """The code lists: a rank grows in the order of the list, 0 is unknown, `all` the total."""
    lists: dict[str, type[codes.Code]] = {
        "age_band": codes.AgeBand, "gender": codes.Gender, "social_status": codes.SocialStatus,
        "service": codes.Service, "autonomy": codes.Autonomy,
    }  # fmt: skip
    rows = [
        (name, code.value, 0 if code.value == "non_communique" else rank)
        for name, kind in lists.items()
        for rank, code in enumerate(kind, start=1)
    ]
    schema = {"list": pl.String, "code": pl.String, "rank": pl.Int64}
    return {
        "code": frame([*rows, ("all", "all", 0)], schema),
        "breakdown": frame(
            list(BREAKDOWN_LABELS.items()), {"breakdown": pl.String, "label_fr": pl.String}
        ),
        "label": frame(
            labels(),
            {"list": pl.String, "code": pl.String, "label": pl.String, "rank": pl.Int64},
        ),
    }


def catalogue_row(indicator_id: str, model: Model, header: IndicatorHeader) -> dict[str, Any]:
    """One indicator as a row of the catalogue."""
    texts = {"label": header.label, "definition": header.definition, "formula": header.formula}
    bilingual = {f"{n}_{lang}": getattr(t, lang) for n, t in texts.items() for lang in ("fr", "en")}
    return {
        "indicator_id": indicator_id,
        **bilingual,
        "caveats_fr": " ".join(header.caveats.fr),
        "caveats_en": " ".join(header.caveats.en),
        **header.model_dump(include={
            "area", "unit", "direction", "source", "headline", "counts_people",
            "looks_back_days", "looks_back_from", "looks_ahead_days", "version",
        }),
        "breakdowns": ", ".join(BREAKDOWN_LABELS[name] for name in header.breakdowns),
        "periods": ", ".join(PERIOD_LABELS[name] for name in header.periods),
        "is_ratio": header.unit in RATIO_UNITS,
        "needs_service": bool(header.services),
        "select_sql": model.select,
    }  # fmt: skip


def frame(rows: list[tuple[Any, ...]], schema: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=schema, orient="row")
