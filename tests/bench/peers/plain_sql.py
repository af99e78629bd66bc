"""The six indicators as somebody would write them who keeps SQL files and DuckDB, and no more."""

import sys
from pathlib import Path

import duckdb

from tests.bench.measure import counted, cpu_seconds, tell


def main(folder: str) -> None:
    imports, costs = cpu_seconds(), dict[str, float]()
    with counted(costs, "cpu"), duckdb.connect(f"{folder}/plain.duckdb") as connection:
        connection.execute("SET threads = 2")
        connection.execute("SET memory_limit = '2GB'")
        connection.execute(f"ATTACH '{folder}/tables.duckdb' AS tables (READ_ONLY)")
        connection.execute("SET search_path = 'plain,tables'")
        for file in sorted((Path(__file__).parent / "plain").glob("*.sql")):
            connection.execute(file.read_text(encoding="utf-8"))
    tell(imports, costs)


if __name__ == "__main__":
    main(*sys.argv[1:])
