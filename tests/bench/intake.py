"""How close intake comes to DuckDB's own CSV reader.

A: the whole intake of one attendance CSV (landing, pseudonyms, contract, quarantine, upsert,
ledger). B: DuckDB's typed `read_csv` with CREATE TABLE AS of the same file. Each in a process of its
own, A B A B A B.
"""

import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from flows.connectors._apart import end_idle
from flows.places import Place
from flows.settings import Settings
from flows.stages.collect import collect_place
from flows.stages.request import Request
from tests.bench.measure import Cost, Row, counted, cpu_seconds, row, tell, work

SIZES = {0.6: "2.2", 2.0: "2.2"}
"""Rows of a file, to one visit of the country: three and ten million to five; and what is aimed at.
"""

GENERATE = """
COPY (
    SELECT
        'R' || lpad(CAST(i AS VARCHAR), 9, '0') AS id,
        'personne' || CAST(hash(i) % ({rows} // 20) AS VARCHAR) || '@exemple.test' AS courriel,
        strftime(t.at, '%Y-%m-%d %H:%M:%S') AS arrivee,
        CASE WHEN hash(i) % 4 > 0
             THEN strftime(t.at + INTERVAL 95 MINUTE, '%Y-%m-%d %H:%M:%S') END AS depart,
        1 AS effectif,
        ['coworking', 'fablab', 'salle'][1 + CAST(hash(i) % 3 AS INTEGER)] AS espace,
        CASE WHEN hash(i) % 1000 = 7 THEN 'inconnu' ELSE 'usager' END AS role,
        ['feminin', 'masculin', 'non_communique'][1 + CAST(hash(i) % 3 AS INTEGER)] AS genre,
        CASE WHEN hash(i) % 1000 = 3 THEN '99999' ELSE '80021' END AS commune,
        strftime(t.at + INTERVAL 1 DAY, '%Y-%m-%d %H:%M:%S') AS modifie,
        'A' || CAST(hash(i) % 500 AS VARCHAR) AS activite
    FROM range({rows}) AS r (i),
         LATERAL (SELECT TIMESTAMP '2024-01-01 08:00:00'
                         + CAST(r.i * 900 // {rows} AS INTEGER) * INTERVAL 1 DAY
                         + CAST(hash(r.i) % 36000 AS INTEGER) * INTERVAL 1 SECOND AS at) AS t
) TO '{file}' (HEADER, DELIMITER ',')
"""

PLACE = {
    "id": "banc",
    "name": "Banc d'essai",
    "commune_code": "80021",
    "opened_on": "2020-01-01",
    "tolerated_quarantine_share": 0.1,
    "sources": [
        {
            "id": "csv",
            "feed": "attendance",
            "connector": "file",
            "path": "attendance.csv",
            "rhythm": "daily",
            "coverage": "span",
            "columns": {
                "record_id": "id",
                "checked_in_at": "arrivee",
                "checked_out_at": "depart",
                "headcount": "effectif",
                "space_code": "espace",
                "role": "role",
                "gender": "genre",
                "home_commune": "commune",
                "updated_at": "modifie",
                "activity_id": "activite",
            },
            "identity": {"email": "courriel"},
        }
    ],
}


def run_intake(folder: Path, home: Path) -> None:
    place = Place.model_validate({**PLACE, "folder": folder})
    settings = Settings(home=home, places=folder, keys=home.with_name("keys"))
    report = collect_place(place, settings, Request(datetime(2026, 11, 2, tzinfo=UTC)))[0]
    end_idle()  # what reads in a process of its own is counted when that has ended
    if report.failed or report.refused:
        raise SystemExit(str(report))


def run_duckdb(folder: Path, home: Path) -> None:
    home.mkdir(parents=True)
    with duckdb.connect(str(home / "plain.duckdb")) as connection:
        connection.execute(
            f"CREATE TABLE attendance AS SELECT * FROM read_csv('{folder}/attendance.csv')"
        )


def rows(folder: Path, visits: int, rounds: int) -> list[Row]:
    """One row a size of file, whose peak is that of the intake."""
    found = []
    for share, goal in SIZES.items():
        count = int(visits * share)
        with tempfile.TemporaryDirectory(dir=folder) as made:
            duckdb.execute(GENERATE.format(rows=count, file=f"{made}/attendance.csv"))
            taken: dict[str, list[Cost]] = {what: [] for what in WAYS}
            for _number in range(rounds):
                for what, costs in taken.items():
                    with tempfile.TemporaryDirectory(dir=made) as scratch:
                        costs.append(work("intake", what, made, scratch))
        found.append(
            row(f"intake of {count:,} rows", "read_csv + CTAS", taken["intake"], taken["duckdb"],
                goal)
        )  # fmt: skip
    return found


WAYS = {"intake": run_intake, "duckdb": run_duckdb}


def main(what: str, folder: str, scratch: str) -> None:
    imports, costs = cpu_seconds(), dict[str, float]()
    with counted(costs, "cpu"):
        WAYS[what](Path(folder), Path(scratch) / "home")
    tell(imports, costs)


if __name__ == "__main__":
    main(*sys.argv[1:])
