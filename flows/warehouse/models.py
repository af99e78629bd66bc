"""SQL files as the program reads them: a TOML header, one SELECT, dependencies found by parsing."""

import json
from dataclasses import dataclass, replace
from functools import cache, cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Annotated, Any, Literal

import duckdb
from pydantic import AfterValidator, Field, ValidationError

from flows.declaration import Declared
from flows.errors import ConfigurationError
from flows.language import _
from flows.sources import FeedName
from flows.sql_files import read_sql_file
from flows.warehouse.faults import at_line, header_fault, line_with
from schemas import CONTRACTS, FEEDS
from schemas.codes import Service
from schemas.record import codes_of, stored_columns

FEED_TABLES = {f"core.{feed}": feed for feed in FEEDS}
RESULT_COLUMNS = {
    "scope_id": "VARCHAR", "period_id": "VARCHAR", "breakdown": "VARCHAR", "category": "VARCHAR",
    "numerator": "DOUBLE", "denominator": "DOUBLE", "persons": "BIGINT", "observed": "DOUBLE",
    "numerator_key": "HUGEINT", "base_key": "HUGEINT",
}  # fmt: skip
"""What the SELECT of an indicator gives, as what DuckDB keeps it: see CONTRIBUTING.md."""

Unit = Literal[
    "persons", "jobs", "organisations", "visits", "acts", "sessions", "fte", "hours", "days", "kg",
    "share", "per_mille", "per_hundred", "index", "ratio", "median_days",
]  # fmt: skip
RATIO_UNITS = ("share", "per_mille", "per_hundred", "index", "ratio", "median_days")
"""Undefined where there is nothing to divide by; any other unit is then zero."""
Breakdown = Literal[
    "age_band", "gender", "social_status", "service", "contract_type", "mode", "location",
    "operator", "theme", "evidence",
]  # fmt: skip
PeriodType = Literal["month", "quarter", "year", "convention"]
ScopeType = Literal["place", "epci", "departement", "portfolio", "network"]


def known_codes(only: dict[str, list[str]]) -> dict[str, list[str]]:
    """Raises ValueError for what no record can have."""
    for name, codes in only.items():
        columns = [stored_columns(c)[name] for c in CONTRACTS.values() if name in stored_columns(c)]
        known = {code for column in columns for code in codes_of(column) or ["true"]}
        for code in codes:
            if code not in known:
                raise ValueError(
                    _("no record has {code!r} in {column!r}").format(code=code, column=name)
                )
    return only


Only = Annotated[dict[str, list[str]], AfterValidator(known_codes)]


class Bilingual(Declared):
    fr: str
    en: str


class BilingualList(Declared):
    fr: list[str]
    en: list[str]


class Example(Declared):
    """A small world and what the indicator says of it: documentation that the tests run."""

    name: str
    given: dict[str, str] = {}
    """Table → a small text table; columns left out take the contract's default."""
    expect: str


class CoreHeader(Declared):
    grain: str
    only: Only = {}
    """Column of a record → the codes of which one is read: a source that can say none of them
    tells nothing here."""
    kind: Literal["table", "view"] = "table"
    kept: bool = False
    """Read after the build too, or by the next one: it goes into the warehouse."""
    key: Literal["place_id", "pool_id"] | None = None
    """Of a kept table of which a row is made from the records of one place, where each place has a
    key of its own: the column that names the place. See `slices`."""


class IndicatorHeader(Declared):
    """What funders read about an indicator, and what the runner needs to know of it."""

    label: Bilingual
    area: Literal["cohesion", "economy"]
    unit: Unit
    direction: Literal["up", "down", "neutral"]
    definition: Bilingual
    formula: Bilingual
    source: str
    caveats: BilingualList
    headline: bool = False
    counts_people: bool
    """Distinct people are counted: never to be summed over places or periods."""
    services: list[Service] = []
    """Only places that offer one of these have a figure; empty: every place."""
    feeds: list[FeedName] = []
    """The feeds that must be covered; empty: all that the SELECT reads, directly or not."""
    only: Only = {}
    """Column of a record → the codes of which one is read, as in the models of `core`."""
    breakdowns: list[Breakdown] = []
    """The characteristics by which the SELECT also gives the figure, one at a time."""
    periods: list[PeriodType] = ["month", "quarter", "year", "convention"]
    scopes: list[ScopeType] = ["place", "epci", "departement", "portfolio", "network"]
    """The grains at which the figure is valid; it has no row at others."""
    looks_back_days: int = Field(ge=0)
    """Days of records that are needed before `looks_back_from`; with fewer it is too early."""
    looks_back_from: Literal["start", "end"] = "start"
    """The end of the period from which `looks_back_days` are counted."""
    looks_ahead_days: int = Field(ge=0)
    """Days after the end of its period until which the figure is too early to be told."""
    version: int = Field(ge=1)
    examples: list[Example] = Field(min_length=5)


@dataclass(frozen=True)
class Model:
    """One SQL file: `core.visit` or `indicator.visits`."""

    name: str
    file: Path
    header: CoreHeader | IndicatorHeader
    select: str
    first_line: int = 1
    """The line of the file on which the SELECT begins."""

    @property
    def id(self) -> str:
        return self.name.partition(".")[2]

    def at_line(self, number: int | None) -> str:
        """The file, and the line of it that is the line `number` of the SELECT."""
        return at_line(self.file, number and self.first_line + number - 1)

    @cached_property
    def dependencies(self) -> frozenset[str]:
        """The schema-qualified tables that the SELECT reads, found by DuckDB's own parser."""
        found = parsed(self.select)
        if found.fault:
            before = self.select[: found.position]
            raise ConfigurationError(
                _("this is not a SELECT that DuckDB can read: {message}").format(
                    message=found.fault
                ),
                where=self.at_line(before.count("\n") + 1),
                remedy=_("correct the SQL"),
            )
        if found.statements != 1:
            first, second, *_others = (s.query for s in duckdb.extract_statements(self.select))
            before = first + second[: len(second) - len(second.lstrip())]
            raise ConfigurationError(
                _("{count} statements stand in one file").format(count=found.statements),
                where=self.at_line(before.count("\n") + 1),
                remedy=_("keep one SELECT a file"),
            )
        return found.tables


@dataclass(frozen=True)
class Parsed:
    """What DuckDB's parser finds in a text: a fault and where, or statements and tables."""

    fault: str
    position: int
    statements: int
    tables: frozenset[str]


@cache  # a build reads the same models to compute, and again to keep what it computed
def parsed(select: str) -> Parsed:
    [(serialised,)] = duckdb.execute("SELECT json_serialize_sql(?)", [select]).fetchall()
    tree = json.loads(serialised)
    return Parsed(
        fault=tree.get("error_message", "") if tree.get("error") else "",
        position=int(tree.get("position", 0)),
        statements=len(tree.get("statements", [])),
        tables=frozenset(qualified_tables(tree)),
    )


def qualified_tables(node: Any) -> set[str]:
    """Names `schema.table` anywhere in a serialised statement."""
    found: set[str] = set()
    if isinstance(node, dict):
        if node.get("type") == "BASE_TABLE" and node.get("schema_name"):
            found.add(f"{node['schema_name']}.{node['table_name']}")
        for child in node.values():
            found |= qualified_tables(child)
    elif isinstance(node, list):
        for child in node:
            found |= qualified_tables(child)
    return found


def read_core(sql: Path) -> dict[str, Model]:
    """The models of `sql/core`, each after those it reads."""
    models = {
        f"core.{file.stem}": read_model(file, "core", CoreHeader)
        for file in sorted((sql / "core").glob("*.sql"))
    }
    return in_order(models)


def read_indicators(sql: Path) -> dict[str, Model]:
    """The indicators by id, in alphabetical order."""
    return {
        file.stem: read_model(file, "indicator", IndicatorHeader)
        for file in sorted((sql / "indicators").glob("*.sql"))
    }


def read_values(sql: Path) -> tuple[Model, Model]:
    """What follows all indicators: the figures as they are computed, and as they are kept."""
    computed = read_model(sql / "values.sql", "indicator", CoreHeader)
    kept = read_model(sql / "kept_values.sql", "indicator", CoreHeader)
    return replace(computed, name="indicator.value"), replace(kept, name="indicator.value")


def read_model(file: Path, schema: str, kind: type[CoreHeader] | type[IndicatorHeader]) -> Model:
    """One file; raises ConfigurationError naming line and key for a header that is not right."""
    written = read_sql_file(file)
    try:
        header = kind.model_validate(written.header)
    except ValidationError as broken:
        raise header_fault(file, written.header_text, broken, kind) from broken
    return Model(f"{schema}.{file.stem}", file, header, written.select, written.first_line)


def in_order(models: dict[str, Model]) -> dict[str, Model]:
    """Each model after those it reads, in the same order in every process."""
    graph = {name: sorted(model.dependencies & models.keys()) for name, model in models.items()}
    try:
        return {name: models[name] for name in TopologicalSorter(graph).static_order()}
    except CycleError as fault:
        raise ConfigurationError(
            _("these models read each other in a circle: {models}").format(
                models=" → ".join(fault.args[1])
            ),
            where="sql/core",
            remedy=_("break the circle"),
        ) from fault


def needed(model: Model, core: dict[str, Model]) -> frozenset[str]:
    """Every table that a model reads, directly or through other models."""
    found: set[str] = set()
    waiting = set(model.dependencies)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting |= core[name].dependencies if name in core else set()
    return frozenset(found)


def feeds(model: Model, core: dict[str, Model]) -> list[str]:
    """The feeds without which the indicator cannot be computed."""
    found = sorted(FEED_TABLES[name] for name in needed(model, core) & FEED_TABLES.keys())
    if not isinstance(model.header, IndicatorHeader) or not model.header.feeds:
        return found
    unread = sorted(set(model.header.feeds) - set(found))
    if unread:
        raise ConfigurationError(
            _("the SELECT does not read {feeds}").format(feeds=", ".join(unread)),
            where=_("{file}, header key {key}").format(
                file=at_line(model.file, line_with(model.file.read_text("utf-8"), "^feeds")),
                key="feeds",
            ),
            remedy=_("name only what it reads: {feeds}").format(feeds=", ".join(found)),
        )
    return sorted(model.header.feeds)
