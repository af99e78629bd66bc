#!/bin/sh
# A place that closes at 24:00 has no closing hour any more once polars reads it.
#
# 24:00 is how opening hours say "until midnight", and a TIME of DuckDB may be 24:00:00 (as in SQL). One
# thinks that it comes over to polars as 0:00, or not at all, with a fault. It comes as null, from
# `.pl()` as well as from a Parquet file that DuckDB wrote, the same null as a closing hour that nobody gave.
# pandas gets a text instead, and so does fetchall: beside datetime.time(18, 0) in the same column stands
# the string '24:00:00'.
#
# It matters to whoever computes how long places are open: evenings until midnight count nothing, or the
# place is taken for one that has no hours.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    duckdb==1.5.6 polars==2.1.0 pyarrow==26.0.1 2>/dev/null
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import sys
from datetime import time
from importlib.metadata import version

import duckdb
import polars as pl

print("duckdb", version("duckdb"), "polars", version("polars"), "pyarrow", version("pyarrow"))
base = duckdb.connect()
base.execute("""CREATE TABLE hours AS SELECT * FROM (VALUES
    ('halle', TIME '18:00'), ('atelier', TIME '24:00'), ('bureau', NULL)) AS t(place, closes)""")
base.execute("COPY hours TO 'hours.parquet'")
fetched = [row[0] for row in base.execute("SELECT closes FROM hours").fetchall()]
framed = base.sql("SELECT closes FROM hours").pl()["closes"].to_list()
filed = pl.read_parquet("hours.parquet")["closes"].to_list()
later = base.sql("SELECT place FROM hours WHERE closes > TIME '23:00'").fetchall()
print("in DuckDB, after 23:00:", later)
print("fetchall:              ", fetched)
print("polars by .pl():       ", framed)
print("polars by Parquet:     ", filed)
is_so = (
    later == [("atelier",)]
    and fetched == [time(18), "24:00:00", None]
    and framed == filed == [time(18), None, None]
)
print("so it is" if is_so else "it is another way now")
sys.exit(0 if is_so else 1)
PYTHON
