"""What may leave, and how it is protected: a closed list of tables that people and program read.

The list of the product is `sql/secret-1.0.toml`. A network may have a `secret.toml` beside its
places, with the lines that are other: what is laxer than the list of the product needs the name of
who decided it, the day and the reason.
"""

import hashlib
import itertools
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Literal, NamedTuple

from pydantic import Field, ValidationError

from flows.declaration import Declared, configuration_error, read_toml
from flows.errors import ConfigurationError
from flows.language import _
from flows.settings import Settings
from flows.spelling import did_you_mean
from flows.warehouse.models import Breakdown, IndicatorHeader, PeriodType, ScopeType

FILE, OWN_FILE = "secret-1.0.toml", "secret.toml"
Protection = Literal[
    "count", "volume", "kg", "fte", "band", "rate", "rate_of_people", "money", "occupancy",
    "per_mille", "per_hundred", "index", "median",
]  # fmt: skip
STEPPED = ("count", "volume", "kg", "fte")
"""What is rounded to a step of its own."""
Finest = Literal["month", "quarter", "year"]
TERRITORIES: tuple[ScopeType, ...] = ("departement", "portfolio", "network")


class Rate(Declared):
    """A share of so many cases is rounded to so many points."""

    points: int = Field(gt=0)
    cases: int = Field(gt=0)


class Rules(Declared):
    """The numbers by which everything is protected."""

    settled_days: int = Field(ge=0)
    late_days: int = Field(ge=0)
    territory_places: int = Field(ge=1)
    count: int = Field(ge=1)
    volume: int = Field(ge=1)
    kg: int = Field(ge=1)
    fte: float = Field(gt=0)
    bands: list[int]
    rate: Rate
    coarse_rate: Rate
    people: int = Field(ge=1)


class Line(Declared):
    """How one indicator is published."""

    protection: Protection
    place: Finest | None = None
    territory: Finest | None = None
    network: Finest | None = None
    by: list[Breakdown] = []
    by_territory: list[Breakdown] = []

    def finest(self, level: ScopeType) -> Finest | None:
        if level == "place":
            return self.place
        return (self.network or self.territory) if level == "network" else self.territory

    def characteristics(self, level: ScopeType) -> list[Breakdown]:
        return self.by if level == "place" else [*self.by, *self.by_territory]

    def protection_at(self, level: ScopeType) -> Protection:
        return "count" if self.protection == "band" and level != "place" else self.protection


class Decision(Declared):
    """Who decided that the policy of a network is laxer, when, and why."""

    by: str = Field(pattern=r"\S")
    on: date
    reason: str = Field(pattern=r"\S")


class Policy(Declared):
    """The whole of it."""

    version: str
    rules: Rules
    indicators: dict[str, Line]
    decision: Decision | None = None


class PublishedCells(NamedTuple):
    """One table of the closed list."""

    indicator_id: str
    scope_type: str
    period_type: str
    breakdown: str
    protection: str


def policy_files(settings: Settings) -> list[Path]:
    """The files that are there of the two."""
    files = (settings.sql / FILE, settings.beside_places / OWN_FILE)
    return [file for file in files if file.exists()]


def read_policy(settings: Settings, headers: dict[str, IndicatorHeader]) -> Policy:
    """The policy of the product, with what a network says otherwise.

    Raises ConfigurationError for a table that no indicator gives, and for what is laxer without a
    decision.
    """
    file = settings.sql / FILE
    product = validated(read_toml(file), file)
    own_file = settings.beside_places / OWN_FILE
    if not own_file.exists():
        return product
    said = read_toml(own_file)
    whole = product.model_dump() | {k: v for k, v in said.items() if k == "decision"}
    for part in ("rules", "indicators"):
        whole[part] = whole[part] | said.get(part, {})
    if unknown := said.keys() - {"decision", "rules", "indicators"}:
        raise fault(own_file, min(unknown), _("there is no such part"), _("take it out"))
    own = validated(whole, own_file)
    for indicator_id in said.get("indicators", {}):
        check_given(own_file, indicator_id, own.indicators[indicator_id], headers)
    if own.decision is None:
        for where in laxer(product, own, headers):
            raise fault(
                own_file, where,
                _("this is laxer than the policy of the product, and nobody has decided it"),
                _("say under [decision] who decided it (`by`), when (`on`) and why (`reason`)"),
            )  # fmt: skip
    return own


def fault(file: Path, key: str, what: str, remedy: str) -> ConfigurationError:
    where = _("{file}, key {key}").format(file=file, key=key)
    return ConfigurationError(what, where=where, remedy=remedy)


def validated(content: dict[str, Any], file: Path) -> Policy:
    try:
        return Policy.model_validate(content)
    except ValidationError as broken:
        raise configuration_error(file, broken, Policy) from broken


def check_given(
    file: Path, indicator_id: str, line: Line, headers: dict[str, IndicatorHeader]
) -> None:
    """Raises ConfigurationError for a table that the indicator does not give."""
    key = f"indicators.{indicator_id}"
    if indicator_id not in headers:
        remedy = did_you_mean(indicator_id, [*headers], _("take it out"))
        raise fault(file, key, _("there is no such indicator"), remedy)
    for breakdown in [*line.by, *line.by_territory]:
        if breakdown not in headers[indicator_id].breakdowns:
            raise fault(
                file, f"{key}.by", _("there is no such table: {name}").format(name=breakdown),
                _("take it out"),
            )  # fmt: skip


def laxer(product: Policy, own: Policy, headers: dict[str, IndicatorHeader]) -> Iterator[str]:
    """The keys by which an own policy shows more than that of the product."""
    before, after = numbers(product.rules), numbers(own.rules)
    yield from (f"rules.{name}" for name, value in after.items() if value < before[name])
    known = {cells[:-1]: cells.protection for cells in published_cells(product, headers)}
    for cells in published_cells(own, headers):
        usual = known.get(cells[:-1])
        if usual is None or cells.protection not in (usual, "band"):
            yield f"indicators.{cells.indicator_id}"


def rule_of(policy: Policy, indicator_id: str) -> str:
    """What recognises the rule by which an indicator is rounded: another one, another text.

    When it is published is not part of it.
    """
    rules = policy.rules.model_dump(exclude={"settled_days", "late_days"})
    line = policy.indicators[indicator_id].model_dump(include={"protection"})
    said = json.dumps([rules, line], sort_keys=True)
    return f"{policy.version}:{hashlib.sha256(said.encode()).hexdigest()[:8]}"


def numbers(rules: Rules) -> dict[str, float]:
    """Each of them: the larger, the less is shown."""
    said = rules.model_dump()
    bands = said.pop("bands")
    widths = [second - first for first, second in itertools.pairwise(bands)]
    rates = {f"{name}.{key}": said[name][key] for name in ("rate", "coarse_rate") for key in
             ("points", "cases")}  # fmt: skip
    plain = {name: value for name, value in said.items() if not isinstance(value, dict)}
    return {**plain, **rates, "bands": min(widths)}


def published_cells(
    policy: Policy, headers: dict[str, IndicatorHeader]
) -> Iterator[PublishedCells]:
    """The closed list, table by table, of the indicators that there are."""
    levels: tuple[ScopeType, ...] = ("place", *TERRITORIES)
    for indicator_id in sorted(policy.indicators.keys() & headers.keys()):
        line, header = policy.indicators[indicator_id], headers[indicator_id]
        for level in levels:
            finest = line.finest(level)
            if finest is not None and level in header.scopes:
                protection = line.protection_at(level)
                for breakdown, period in periods_of(line, header, level, finest):
                    yield PublishedCells(indicator_id, level, period, breakdown, protection)


def periods_of(
    line: Line, header: IndicatorHeader, level: ScopeType, finest: Finest
) -> Iterator[tuple[str, PeriodType]]:
    """Breakdown and period of each table of an indicator at a level."""
    coarser: dict[PeriodType, int] = {"month": 0, "quarter": 1, "year": 2}
    of_characteristics = max(coarser[finest], coarser["year" if level == "place" else "quarter"])
    for period in header.periods:
        if period == "convention" or coarser[period] >= coarser[finest]:
            yield "all", period
        if period != "convention" and coarser[period] >= of_characteristics:
            yield from ((breakdown, period) for breakdown in line.characteristics(level))
