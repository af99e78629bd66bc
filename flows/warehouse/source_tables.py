"""The sources as the SQL knows them: for which days each speaks, and where one took over."""

from collections.abc import Sequence
from datetime import date

import duckdb
import polars as pl

from flows.places import Place
from flows.sources import LATE_AFTER_DAYS, Source
from flows.warehouse.models import FEED_TABLES, Model
from schemas import CONTRACTS, FEEDS
from schemas.record import stored_columns

Condition = tuple[str, tuple[str, ...]]
"""A column of a record, and the codes of which it must have one."""
SERVICE_COLUMNS = ("service_code", "space_code")
"""What says of a record which service it is of."""
Break = tuple[str, str, date, str, str, bool, bool]


def source_tables(
    places: Sequence[Place], today: date, shown: Sequence[Break] = ()
) -> dict[str, pl.DataFrame]:
    """The sources with the days for which they speak, and where a series is another from then on.

    `shown` are breaks that the records show beside those that the places declare.
    """
    text, day, flag = pl.String, pl.Date, pl.Boolean
    sources = [(p, s) for p in places for s in p.sources]
    return {
        "source": pl.DataFrame(
            [
                (
                    p.id, s.id, s.feed, s.rhythm, s.coverage, LATE_AFTER_DAYS[s.rhythm],
                    bool(s.identity.kinds() & {*p.identity_order}), FEEDS[s.feed].lasts,
                    *p.days_of_use(s),
                )
                for p, s in sources
            ],
            schema={
                "place_id": text, "source_id": text, "feed": text, "rhythm": text,
                "coverage": text, "late_after_days": pl.Int64, "has_identity": flag,
                "lasts": flag,
                "from_day": day, "until_day": day,
            },
            orient="row",
        ),
        "series_break": pl.DataFrame(
            [
                (
                    p.id, new.feed, new.from_day, old.id, new.id,
                    known_by(p, old) != known_by(p, new) or known_by(p, new) == "source_id",
                    evidence_of(old) != evidence_of(new),
                )
                for p, new in sources
                if new.replaces and new.from_day and new.from_day <= today
                for old in [p.source(new.replaces)]
            ]
            + [*shown],
            schema={
                "place_id": text, "feed": text, "on_day": day, "from_source": text,
                "to_source": text, "changes_identity": flag, "changes_evidence": flag,
            },
            orient="row",
        ),
    }  # fmt: skip


def conditions(model: Model, core: dict[str, Model]) -> dict[str, frozenset[Condition]]:
    """Feed → what all records have in common that the model reads of it, directly or not."""
    own = asked(model)
    found: dict[str, frozenset[Condition]] = {}
    for name in sorted(model.dependencies):
        below = {FEED_TABLES[name]: frozenset[Condition]()} if name in FEED_TABLES else {}
        if name in core and not below:
            below = conditions(core[name], core)
        for feed, theirs in below.items():
            columns = stored_columns(CONTRACTS[feed])
            mine = theirs | {condition for condition in own if condition[0] in columns}
            found[feed] = found[feed] & mine if feed in found else mine
    return found


def asked(model: Model) -> set[Condition]:
    """What a model says of the records that it reads; an indicator of services reads theirs."""
    services = [service.value for service in getattr(model.header, "services", ())]
    of_services = dict.fromkeys(SERVICE_COLUMNS, services) if services else {}
    said = {**of_services, **model.header.only}
    return {(column, tuple(codes)) for column, codes in said.items()}


def silence_table(places: Sequence[Place], models: Sequence[Model]) -> pl.DataFrame:
    """What a source can never say: its days are no proof that there was none of it."""
    all_asked = set[Condition]().union(*map(asked, models))
    return pl.DataFrame(
        [
            (p.id, s.id, said_as((column, codes)))
            for p in places
            for s in p.sources
            for column, codes in sorted(all_asked)
            if column in stored_columns(CONTRACTS[s.feed]) and not s.may_say(column, codes)
        ],
        schema=dict.fromkeys(("place_id", "source_id", "condition"), pl.String),
        orient="row",
    )


def said_as(condition: Condition) -> str:
    """`relation: equipe`"""
    column, codes = condition
    return f"{column}: {', '.join(codes)}"


def address_breaks(warehouse: duckdb.DuckDBPyConnection, today: date) -> list[Break]:
    """Where people began to be known otherwise, as their address turned out to be shared.

    Only where earlier rows are still known by it: read again from landing, they are no more.
    """
    breaks: list[Break] = []
    if not warehouse.execute("SELECT 1 FROM ledger.shared_address LIMIT 1").fetchall():
        return breaks
    for name, feed in FEEDS.items():
        breaks += warehouse.execute(
            f"""
            SELECT DISTINCT place_id, '{name}', on_day, source_id, source_id, true, false
            FROM (
                SELECT t.place_id, t.source_id,
                       greatest(h.from_day, CAST(min(t.{feed.day}) AS DATE)) AS on_day
                FROM record.{name} AS t
                INNER JOIN ledger.shared_address AS h
                    ON h.place_id = t.place_id AND h.person_key = t.person_key
                WHERE NOT t.deleted
                GROUP BY t.place_id, t.source_id, t.person_key, h.from_day
            )
            WHERE on_day <= ?
            """,
            [today],
        ).fetchall()
    return sorted(breaks)


def known_by(place: Place, source: Source) -> str | None:
    """The identity that wins in a full row; `source_id` is another one in each source."""
    kinds = source.identity.kinds()
    return next((kind for kind in place.identity_order if kind in kinds), None)


def evidence_of(source: Source) -> tuple[str | None, bool]:
    """The constant evidence of a source, and whether each row says its own."""
    return source.constants.get("evidence"), "evidence" in source.columns
