"""One night's work on a country, counted stage by stage; each call is a process of its own.

    python -m tests.bench.night first FOLDER 2026-11-02T03:30:00+01:00   all that is after collection
    python -m tests.bench.night chain FOLDER 2026-11-02T03:30:00+01:00   the same without the gate
    python -m tests.bench.night again FOLDER 2026-11-02T03:30:00+01:00   and all figures anew
    python -m tests.bench.night distinct FOLDER      visits and different people by place and month

It calls what a run calls, in the order of `flows.runs.steps`, without Prefect. The last line that it
prints is JSON: CPU seconds by stage, `cpu` for all of them but the gate.
"""

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from flows.publication import release
from flows.publication.preview import write_preview
from flows.settings import TIME_ZONE
from flows.stages.build import audit_build, build_warehouse
from flows.stages.publish import publish_release
from flows.warehouse import audit, runner
from flows.warehouse.models import Model
from tests.bench.country import Country, declared
from tests.bench.measure import counted, cpu_seconds, tell

GATE, LIBRARY = "gate", "import of Great Expectations"
CO_PRESENCE = {
    *("core.tie_day", "core.crowd", "core.checked_visit", "core.regular", "core.co_presence"),
    *("core.tie", "core.scope_tie", "core.pool_tie", "core.pool_regular"),
    *("indicator.no_tie_share", "indicator.recurring_ties_per_100", "indicator.bridging_ratio"),
}
"""What only who met whom needs; all else is counted in the other target."""


def count_calls(module: Any, name: str, costs: dict[str, float], part: Callable[..., str]) -> None:
    """Let every call of a function be counted under the name that `part` finds in its arguments."""
    whole = getattr(module, name)

    def counting(*arguments: Any, **named: Any) -> Any:
        with counted(costs, part(*arguments)):
            return whole(*arguments, **named)

    setattr(module, name, counting)


def leave_open() -> None:
    """Let releases be written without the gate."""
    release.close_gate = lambda _connection: {}
    release.keep = lambda _home, _report: None


def chain(country: Country, as_of: datetime, *, is_anew: bool) -> dict[str, float]:
    """CPU seconds of the stages, of the models of a build, and of what is told apart."""
    costs: dict[str, float] = {}
    count_calls(runner, "execute_model", costs, model_name)
    count_calls(release, "close_gate", costs, lambda *_: GATE)
    count_calls(audit, "import_library", costs, lambda *_: LIBRARY)
    settings, places = country.settings, declared(country)
    with counted(costs, "build"):
        built = build_warehouse(places, settings, as_of, force=is_anew)
    if built.is_new:
        with counted(costs, "previews"):
            write_preview(settings)
        with counted(costs, "audit"):
            verdicts = audit_build(settings, built.release_id)
        if broken := [v.promise.id for v in verdicts if v.stops_release]:
            raise SystemExit(f"promises are broken: {broken}")
        with counted(costs, "release"):
            publish_release(settings, built.release_id)
        with counted(costs, "previews"):
            write_preview(settings)
    costs["release"] = costs.get("release", 0) - costs.get(GATE, 0)
    costs["cpu"] = sum(costs.get(name, 0) for name in ("build", "previews", "audit", "release"))
    costs["co-presence"] = sum(costs.get(name, 0) for name in CO_PRESENCE)
    return costs


def model_name(*arguments: Any) -> str:
    return next(one.name for one in arguments if isinstance(one, Model))


def distinct(country: Country) -> dict[str, float]:
    """The query alone, over a table of visits in memory with its stored month."""
    costs: dict[str, float] = {}
    with duckdb.connect(":memory:") as connection:
        connection.execute(f"SET TimeZone = '{TIME_ZONE}'")
        connection.execute("SET threads = 2")
        connection.execute(f"ATTACH '{country.settings.warehouse}' AS warehouse (READ_ONLY)")
        connection.execute("""
            CREATE TABLE visit AS
            SELECT place_id, person_key, CAST(date_trunc('month', checked_in_local) AS DATE) AS month
            FROM warehouse.record.attendance
            WHERE role = 'usager' AND attendance_status = 'present' AND NOT deleted
        """)
        with counted(costs, "cpu"):
            found = connection.execute(
                "SELECT place_id, month, count(*), count(DISTINCT person_key) FROM visit GROUP BY ALL"
            ).fetchall()
    if not found:
        raise SystemExit("no visit was counted: the records no longer have the columns asked")
    return costs


def main(what: str, folder: str, *rest: str) -> None:
    imports = cpu_seconds()
    country = Country(Path(folder), visits=0)  # how many there are, the warehouse knows
    if what == "distinct":
        costs = distinct(country)
    else:
        if what != "first":
            leave_open()
        costs = chain(country, datetime.fromisoformat(*rest), is_anew=what == "again")
    tell(imports, costs)


if __name__ == "__main__":
    main(*sys.argv[1:])
