"""The same six indicators by others: plain SQL files, dbt, polars; each as its own users write it.

They read the same presences and uses, and give 126,000 rows by place, period and gender. No time is
printed before their values are equal to ours, row for row.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb

from tests.bench.country import Country, fill
from tests.bench.measure import Cost, Row, row, run, work

SIX = (
    "visits", "service_uses", "coworking_days", "newcomer_return_90d", "persons_reached",
    "returning_share",
)  # fmt: skip
HERE = Path(__file__).parent
DBT = HERE.parents[2] / "build" / "dbt"
"""A virtual environment of its own, made from `requirements.txt`."""
COLUMNS = "indicator, place_id, kind, starts_on, category, numerator, denominator"
ROWS = (
    "SELECT indicator, place_id, kind, starts_on, CAST(category AS VARCHAR), "
    "CAST(numerator AS DOUBLE), CAST(denominator AS DOUBLE) FROM"
)


def dbt(folder: Path) -> Cost:
    (folder / "dbt.duckdb").unlink(missing_ok=True)
    return run(
        [str(DBT / "bin" / "python"), str(HERE / "by_dbt.py"), str(folder)],
        env={**os.environ, "BENCH_FOLDER": str(folder)},
    )


def plain(folder: Path) -> Cost:
    (folder / "plain.duckdb").unlink(missing_ok=True)
    return work("peers.plain_sql", folder)


PEERS: dict[str, tuple[Callable[[Path], Cost], str, str]] = {
    "plain SQL files": (plain, "plain.duckdb", "1.0"),
    "dbt-duckdb 1.11": (dbt, "dbt.duckdb", "0.75"),
    "polars, streaming": (lambda folder: work("peers.lazy", folder), "lazy.parquet", ""),
}
"""How each is run, what it leaves, and what we are to take of its time."""


def rows(folder: Path, visits: int, rounds: int) -> list[Row]:
    install_dbt()
    country = Country(folder / "peers", visits)
    fill(country)
    made = country.folder / "made"
    made.mkdir()
    give_tables(country, made)
    ours: list[Cost] = []
    theirs: dict[str, list[Cost]] = {name: [] for name in PEERS}
    for _number in range(rounds):
        ours.append(work("peers.by_ourselves", made))
        for name, (peer, file, _goal) in PEERS.items():
            theirs[name].append(peer(made))
            refuse_others(name, made / "ours.parquet", made / file)
    shutil.rmtree(country.folder)
    return [
        *(row("six indicators, by the product's runner", name, ours, costs, PEERS[name][2])
          for name, costs in theirs.items()),
        *(row(f"six indicators, by {name}", "the product's runner", costs, ours)
          for name, costs in theirs.items()),
    ]  # fmt: skip


def install_dbt() -> None:
    if not (DBT / "bin" / "dbt").exists():
        subprocess.run([sys.executable, "-m", "venv", str(DBT)], check=True)
        pip = [str(DBT / "bin" / "pip"), "install", "--quiet", "--no-deps"]
        subprocess.run([*pip, "-r", str(HERE / "requirements.txt")], check=True)


def give_tables(country: Country, made: Path) -> None:
    """What all read: the presences and uses that count, as tables and as Parquet."""
    with duckdb.connect() as warehouse:
        warehouse.execute(f"ATTACH '{country.settings.warehouse}' AS warehouse (READ_ONLY)")
        warehouse.execute(f"ATTACH '{made}/tables.duckdb' AS tables")
        warehouse.execute("USE warehouse")
        for name in ("attendance", "service_usage"):
            warehouse.execute(f"CREATE TABLE tables.{name} AS FROM record.{name} WHERE NOT deleted")
            warehouse.execute(f"COPY tables.{name} TO '{made}/{name}.parquet'")


def refuse_others(peer: str, ours: Path, theirs: Path) -> None:
    """Raises SystemExit for a peer whose values are not ours."""
    with duckdb.connect() as connection:
        if theirs.suffix == ".duckdb":
            connection.execute(f"ATTACH '{theirs}' AS theirs (READ_ONLY)")
        known = f"{ROWS} '{ours}'"
        said = f"{ROWS} {'theirs.figure' if theirs.suffix == '.duckdb' else repr(str(theirs))}"
        [(count, fault)] = connection.execute(f"""
            SELECT (SELECT count(*) FROM ({known})), (SELECT count(*) FROM (
                ({known} EXCEPT ALL {said}) UNION ALL ({said} EXCEPT ALL {known})
            ))
        """).fetchall()
    if fault or not count:
        raise SystemExit(f"{peer}: {fault} rows are not those of ours, of {count}")
