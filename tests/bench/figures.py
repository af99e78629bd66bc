"""What figures cost, and what it costs that a little has changed: see `country` and `night`."""

import math
import shutil
from datetime import date, datetime, timedelta
from pathlib import Path

from tests.bench.country import AS_OF, Country, deliver, fill
from tests.bench.measure import Cost, Row, row, work
from tests.bench.night import GATE, LIBRARY

DEAREST = 12
CHANGES = {
    "one delivery of one place, six weeks back": "1/40",
    "a month of ten places each, up to ten months late": "1/20",
    "one day of all places, the next day": "1/10",
    "nothing new, the day after": "1/25",
}
DAYS_LATER = dict(zip(CHANGES, (0, 0, 1, 2), strict=True))
"""In this order: a run for a day before that of the last one computes more."""
CHAIN, BUILD = "chain: build, previews, audit, release", "build: all figures, all territories"


def rows(folder: Path, visits: int, rounds: int) -> list[Row]:
    """The build, what follows it, and four changes, each beside a whole chain in the same round."""
    country = Country(folder / "country", visits)
    fill(country)
    work("night", "chain", country.folder, AS_OF.isoformat())
    whole: list[Cost] = []
    query: list[Cost] = []
    changed: dict[str, list[Cost]] = {name: [] for name in CHANGES}
    for number in range(rounds):
        query.append(work("night", "distinct", country.folder))
        as_of = AS_OF + timedelta(days=2 * number)
        whole.append(work("night", "again", country.folder, as_of.isoformat()))
        for name, costs in changed.items():
            then = bring(country, name, number, as_of)
            costs.append(work("night", "chain", country.folder, then.isoformat()))
    shutil.rmtree(country.folder)
    build = [part(cost, "build") for cost in whole]
    met = [part(cost, "co-presence") for cost in whole]
    rest = [Cost(b.cpu - m.cpu, b.peak, {}) for b, m in zip(build, met, strict=True)]
    found = [
        row(f"{BUILD}; without co-presence", "count(distinct)", rest, query, "20"),
        row("co-presence", "count(distinct)", met, query, "4"),
        row(CHAIN, "build", whole, build, "1.2"),
        row("import of Great Expectations, in the audit", "build",
            [part(cost, LIBRARY) for cost in whole], build),
        *(row(name, "chain", costs, whole, CHANGES[name]) for name, costs in changed.items()),
    ]  # fmt: skip
    return found + dearest(whole, build)


def gate_rows(folder: Path, visits: int, _rounds: int) -> list[Row]:
    """The gate of a first release, once: it depends on places, not on visits."""
    country = Country(folder / "gate", visits)
    fill(country)
    whole = work("night", "first", country.folder, AS_OF.isoformat())
    shutil.rmtree(country.folder)
    name = "gate of a release, in no other line"
    return [row(name, "build", [part(whole, GATE)], [part(whole, "build")])]


def growth_rows(folder: Path, visits: int, rounds: int) -> list[Row]:
    """The same delivery where there are ten times as many visits, and how the core tables grow."""
    sizes = [visits // 5, visits, visits * 2]
    core: list[float] = []
    later: dict[int, list[Cost]] = {size: [] for size in sizes}
    for size in sizes:
        country = Country(folder / "growth", size)
        fill(country)
        first = work("night", "chain", country.folder, AS_OF.isoformat())
        core.append(sum(s for name, s in first.parts.items() if name.startswith("core.")))
        for number in range(rounds):
            then = bring(country, next(iter(CHANGES)), number, AS_OF)
            later[size].append(work("night", "chain", country.folder, then.isoformat()))
        shutil.rmtree(country.folder)
    few, _some, many = later.values()
    exponent = Row(
        f"core tables, exponent from {visits:,} to {2 * visits:,} visits", "",
        [math.log2(core[2] / core[1])], core[2:], 0, "1.05",
    )  # fmt: skip
    name = f"one delivery of one place, of {2 * visits:,} visits"
    return [row(name, f"of {visits // 5:,}", many, few, "1.3"), exponent]


def bring(country: Country, change: str, number: int, as_of: datetime) -> datetime:
    """Let it come, as each round has it anew; the time at which it is counted."""
    today = as_of.date()
    late = {
        10 + 20 * n + number: (month_before(today, n + 2), 28) for n in range(10)
    }  # of every size
    deliveries: dict[str, dict[int, tuple[date, int]]] = dict(
        zip(CHANGES, [
            {country.places // 3 + number: (today - timedelta(42), 7)},
            late,
            {place: (today, 1) for place in range(country.places)},
            {},
        ], strict=True)
    )  # fmt: skip
    then = as_of + timedelta(DAYS_LATER[change])
    if days := deliveries[change]:
        which = 10 * number + list(CHANGES).index(change)
        deliver(country, which, days, then)
    return then


def month_before(day: date, months: int) -> date:
    return (day.replace(day=1) - timedelta(28 * months)).replace(day=1)


def part(cost: Cost, name: str) -> Cost:
    return Cost(cost.parts.get(name, 0.0), cost.peak, {})


def dearest(whole: list[Cost], build: list[Cost]) -> list[Row]:
    """The models that cost most, of the last round."""
    models = {n: s for n, s in whole[-1].parts.items() if n.startswith(("core.", "indicator."))}
    first = sorted(models, key=lambda name: -models[name])[:DEAREST]
    return [
        row(f"`{name}`", "build", [part(cost, name) for cost in whole], build) for name in first
    ]
