"""How close intake comes to DuckDB's own CSV reader: `make bench`.

A: the whole intake of one attendance CSV (landing, pseudonyms, contract, quarantine, upsert,
ledger). B: DuckDB's typed `read_csv` with CREATE TABLE AS of the same file. Each runs in a process
of its own, A B A B A B; CPU seconds (user and system, all threads) and peak memory are those that
the operating system counted for the finished process.
"""

import os
import statistics
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import duckdb

ROUNDS = 3
SIZES = (3_000_000, 10_000_000)

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
    from flows.places import Place
    from flows.settings import Settings
    from flows.stages.collect import collect_place
    from flows.stages.request import Request

    place = Place.model_validate({**PLACE, "folder": folder})
    settings = Settings(home=home, places=folder, keys=home.with_name("keys"))
    report = collect_place(place, settings, Request(datetime(2026, 11, 2, tzinfo=UTC)))[0]
    print(report)
    if report.failed or report.refused:
        raise SystemExit(1)


def run_duckdb(folder: Path, home: Path) -> None:
    home.mkdir(parents=True)
    with duckdb.connect(str(home / "plain.duckdb")) as connection:
        connection.execute(
            f"CREATE TABLE attendance AS SELECT * FROM read_csv('{folder}/attendance.csv')"
        )


def measure(what: str, folder: Path) -> tuple[float, float]:
    """CPU seconds and peak mebibytes of one run in a process of its own."""
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.intake", what, str(folder), f"{scratch}/home"],
            stdout=subprocess.DEVNULL,
        )
        _, status, usage = os.wait4(process.pid, 0)
        if status:
            raise SystemExit(f"{what} failed")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def compare(rows: int) -> float:
    """Print one table; return the peak of the intake in mebibytes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        duckdb.execute(GENERATE.format(rows=rows, file=folder / "attendance.csv"))
        size = (folder / "attendance.csv").stat().st_size / 1e6
        print(f"{rows:,} rows, {size:,.0f} MB")
        taken: dict[str, list[tuple[float, float]]] = {"intake": [], "duckdb": []}
        for number in range(ROUNDS):
            for what in taken:
                taken[what].append(measure(what, folder))
                cpu, peak = taken[what][-1]
                print(
                    f"  round {number + 1} {what:<7} {cpu:7.1f} CPU s  {peak:6.0f} MiB", flush=True
                )
    cpu = {what: statistics.median(cpu for cpu, _ in runs) for what, runs in taken.items()}
    peak = statistics.median(peak for _, peak in taken["intake"])
    print(f"  intake ÷ DuckDB: {cpu['intake'] / cpu['duckdb']:.2f} × CPU, peak {peak:.0f} MiB")
    return peak


def main(arguments: list[str]) -> None:
    if arguments:
        {"intake": run_intake, "duckdb": run_duckdb}[arguments[0]](
            Path(arguments[1]), Path(arguments[2])
        )
        return
    peaks = [compare(rows) for rows in SIZES]
    print(f"peak at 10 M rows ÷ peak at 3 M rows: {peaks[1] / peaks[0]:.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
