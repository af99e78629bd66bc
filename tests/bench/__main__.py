"""The table of what things cost: `make bench`, or `python -m tests.bench 1000000 --rounds 3`.

Each line is a ratio: a work divided by what it is best compared with, in turn, so that a busy
machine slows both. The table is printed, and written into `docs/benchmarks.md` under the number of
visits that it was made with, beside the command that made it.
"""

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import duckdb

from tests.bench import calendar, figures, intake, peers, pull
from tests.bench.measure import Row, table, write_section

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
Group = Callable[[Path, int, int], list[Row]]
GROUPS: dict[str, Group] = {
    "figures": figures.rows,
    "growth": figures.growth_rows,
    "peers": peers.rows,
    "intake": intake.rows,
    "pull": pull.rows,
    "calendar": calendar.rows,
    "gate": figures.gate_rows,
}
"""Each makes its rows in a folder, for so many visits, in so many rounds."""


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("visits", type=int, nargs="?", default=5_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", choices=GROUPS, action="append")
    asked = parser.parse_args(arguments)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        for group in asked.only or GROUPS:
            rows += GROUPS[group](Path(name), asked.visits, asked.rounds)
    print(table(rows))
    command = " ".join(["python -m tests.bench", *arguments])
    with duckdb.connect() as connection:
        [(version,)] = connection.execute("SELECT version()").fetchall()
    made = (
        f"`{command}`, {date.today()}: {asked.rounds} rounds, {os.cpu_count()} cores of"
        f" {platform.machine()}, DuckDB {version}, Python {platform.python_version()}."
    )
    title = ": ".join(
        [f"{asked.visits:,} visits", *([", ".join(asked.only)] if asked.only else [])]
    )
    write_section(DOCUMENT, title, f"{made}\n\n{table(rows)}")


if __name__ == "__main__":
    main(sys.argv[1:])
