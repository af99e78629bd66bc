"""Compute everything that is computed: core tables, indicators, values. All or nothing."""

import hashlib
import logging
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import polars as pl

from flows.errors import ConfigurationError
from flows.language import _
from flows.places import LATE_AFTER_DAYS, Place, Source, commune_index
from flows.settings import TIME_ZONE, Settings
from flows.warehouse.models import (
    RESULT_COLUMNS,
    CoreHeader,
    IndicatorHeader,
    Model,
    feeds,
    read_core,
    read_indicators,
)

logger = logging.getLogger("impact")


def compute(
    warehouse: duckdb.DuckDBPyConnection,
    places: Sequence[Place],
    settings: Settings,
    as_of: datetime,
) -> None:
    """Fill `registry`, `core` and `indicator` anew; the caller holds the transaction."""
    core, indicators = read_core(settings.sql), read_indicators(settings.sql)
    fill_registry(warehouse, places, core, indicators, settings, as_of)
    run_core(warehouse, core)
    run_indicators(warehouse, indicators)
    values = (settings.sql / "values.sql").read_text(encoding="utf-8")
    warehouse.execute(f"CREATE OR REPLACE TABLE indicator.value AS {values}")


def run_core(warehouse: duckdb.DuckDBPyConnection, core: dict[str, Model]) -> None:
    for model in core.values():
        header = model.header
        kind = header.kind.upper() if isinstance(header, CoreHeader) else "TABLE"
        logger.info("calcul · %s", model.name)
        execute_model(warehouse, model, f"CREATE OR REPLACE {kind} {model.name} AS {model.select}")


def run_indicators(warehouse: duckdb.DuckDBPyConnection, indicators: dict[str, Model]) -> None:
    """Every indicator's rows into one table, `indicator.result`."""
    warehouse.execute(
        "CREATE OR REPLACE TABLE indicator.result (indicator_id VARCHAR, scope_id VARCHAR, "
        "period_id VARCHAR, numerator DOUBLE, denominator DOUBLE, persons BIGINT)"
    )
    wanted = ", ".join(RESULT_COLUMNS)
    for model in indicators.values():
        logger.info("calcul · %s", model.id)
        execute_model(
            warehouse,
            model,
            f"INSERT INTO indicator.result SELECT '{model.id}', {wanted} FROM ({model.select})",
        )


def execute_model(warehouse: duckdb.DuckDBPyConnection, model: Model, statement: str) -> None:
    """Run one model; a fault names its file, not a traceback."""
    try:
        warehouse.execute(statement)
    except (duckdb.BinderException, duckdb.CatalogException, duckdb.ParserException) as fault:
        raise ConfigurationError(
            str(fault).splitlines()[0], where=str(model.file), remedy=_("correct the SQL")
        ) from fault


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
    first = first_day(warehouse, today)
    tables = {
        "run": pl.DataFrame({"as_of": [as_of], "today": [today]}),
        "period": pl.DataFrame(
            periods(first, today),
            schema=["period_id", "period_type", "starts_on", "ends_before"],
            orient="row",
        ),
        "coefficient": pl.read_csv(settings.reference / "coefficients.csv", try_parse_dates=True),
        **place_tables(places, first, today),
        **source_tables(places, today),
        **indicator_tables(indicators, core),
    }
    for name, table in tables.items():
        warehouse.register("incoming_table", table.to_arrow())
        warehouse.execute(
            f"CREATE OR REPLACE TABLE registry.{name} AS SELECT * FROM incoming_table"
        )
        warehouse.unregister("incoming_table")


def first_day(warehouse: duckdb.DuckDBPyConnection, today: date) -> date:
    """The first day that a delivery proves; without one, the current month.

    An old contract says little of its time: employment alone opens no period.
    """
    row = warehouse.execute(
        "SELECT coalesce(min(day) FILTER (WHERE feed <> 'employment'), min(day)) FROM ledger.proof"
    ).fetchone()
    return (row[0] if row and row[0] else today).replace(day=1)


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
    index = commune_index()
    text, day = pl.String, pl.Date
    return {
        "place": pl.DataFrame(
            [
                {
                    **p.model_dump(include={
                        "id", "name", "commune_code", "siret", "legal_form", "opened_on",
                        "closed_on", "is_synthetic", "seats",
                    }),
                    "commune_name": index[p.commune_code][0],
                    "departement_code": index[p.commune_code][1],
                    "epci_code": p.epci_code or index[p.commune_code][2] or None,
                    "labels": ", ".join(p.labels),
                }
                for p in places
            ],
            schema={
                "id": text, "name": text, "is_synthetic": pl.Boolean, "commune_code": text,
                "commune_name": text, "departement_code": text, "epci_code": text, "siret": text,
                "legal_form": text, "opened_on": day, "closed_on": day, "seats": pl.Int64,
                "labels": text,
            },
        ).rename({"id": "place_id"}),
        "offer": frame(
            [(p.id, s.value) for p in places for s in p.services],
            {"place_id": text, "service_code": text},
        ),
        "catchment": frame(
            [(p.id, code) for p in places for code in p.catchment_communes],
            {"place_id": text, "commune_code": text},
        ),
        "open_day": frame(
            [(p.id, d) for p in places for d in p.expected_days(first, today - timedelta(1))],
            {"place_id": text, "day": day},
        ),
        "commune": frame([(code,) for code in index], {"commune_code": text}),
    }  # fmt: skip


def source_tables(places: Sequence[Place], today: date) -> dict[str, pl.DataFrame]:
    """The sources with the days for which they speak, and where one took over from another."""
    text, day, flag = pl.String, pl.Date, pl.Boolean
    sources = [(p, s) for p in places for s in p.sources]
    return {
        "source": frame(
            [
                (
                    p.id, s.id, s.feed, s.rhythm, s.coverage, LATE_AFTER_DAYS[s.rhythm],
                    bool(s.identity.columns()), *p.days_of_use(s),
                )
                for p, s in sources
            ],
            {
                "place_id": text, "source_id": text, "feed": text, "rhythm": text,
                "coverage": text, "late_after_days": pl.Int64, "has_identity": flag,
                "from_day": day, "until_day": day,
            },
        ),
        "series_break": frame(
            [
                (
                    p.id, new.feed, new.from_day, old.id, new.id,
                    known_by(p, old) != known_by(p, new) or known_by(p, new) == "source_id",
                    evidence_of(old) != evidence_of(new),
                )
                for p, new in sources
                if new.replaces and new.from_day and new.from_day <= today
                for old in [p.source(new.replaces)]
            ],
            {
                "place_id": text, "feed": text, "on_day": day, "from_source": text,
                "to_source": text, "changes_identity": flag, "changes_evidence": flag,
            },
        ),
    }  # fmt: skip


def known_by(place: Place, source: Source) -> str | None:
    """The identity that wins in a full row; `source_id` is another one in each source."""
    kinds = source.identity.kinds()
    return next((kind for kind in place.identity_order if kind in kinds), None)


def evidence_of(source: Source) -> tuple[str | None, bool]:
    """The constant evidence of a source, and whether each row says its own."""
    return source.constants.get("evidence"), "evidence" in source.columns


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
        "indicator_service": frame(
            [(id, s.value) for id, h in headers.items() for s in h.services],
            {"indicator_id": text, "service_code": text},
        ),
    }  # fmt: skip


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
            "looks_back_days", "looks_ahead_days", "version",
        }),
        "needs_service": bool(header.services),
        "select_sql": model.select,
    }  # fmt: skip


def frame(rows: list[tuple[Any, ...]], schema: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=schema, orient="row")


def build_fingerprint(
    warehouse: duckdb.DuckDBPyConnection,
    places: Sequence[Place],
    settings: Settings,
    as_of: datetime,
) -> str:
    """Everything that the figures depend on, in one hash: records, definitions, places, day."""
    digest = hashlib.sha256()
    attempts = warehouse.execute(
        "SELECT attempt_id FROM ledger.attempt WHERE outcome = 'accepted' AND "
        "loaded + tombstoned + quarantined > 0 ORDER BY attempt_id"
    ).fetchall()
    proofs = warehouse.execute("SELECT count(*), min(day), max(day) FROM ledger.proof").fetchall()
    digest.update(repr((attempts, proofs)).encode())
    for place in sorted(places, key=lambda p: p.id):
        digest.update(place.model_dump_json().encode())
    for file in definition_files(settings):
        digest.update(file.name.encode() + file.read_bytes())
    digest.update(version("impact-tiers-lieux").encode())
    digest.update(as_of.astimezone(ZoneInfo(TIME_ZONE)).date().isoformat().encode())
    return digest.hexdigest()


def definition_files(settings: Settings) -> list[Path]:
    """The files that define the figures."""
    reference = [settings.reference / name for name in ("coefficients.csv", "communes.csv")]
    return [*sorted(settings.sql.rglob("*.sql")), *reference]
