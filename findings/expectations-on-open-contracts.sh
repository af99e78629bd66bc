#!/bin/sh
# An open contract breaks "ends after it starts" on a frame, and keeps it in the warehouse: Great Expectations.
#
# Contracts without an end, shares without one of their parts: one of two cells is empty. By itself GX
# leaves a row aside when both are (ignore_row_if), and says nothing of one. One thinks that an expectation
# means the same on each of its engines. On a frame of pandas the empty end is a row that breaks the rule;
# in DuckDB, by SQL, where a comparison with nothing is neither true nor false, it is none. So it is with
# parts that should sum to a whole; two cells that should be equal are a fault on both. And the hours of a
# table without rows are 0 on pandas, and nothing in SQL, which is not "between 0 and 40".
#
# It matters to whoever tries the rules of records on a frame and runs them on the warehouse: what was a fault
# in the trial is none in the night. Say ignore_row_if="either_value_is_missing", and ask for the empty ones
# apart.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    great-expectations==1.24.1 pandas==3.1.1 duckdb==1.5.6 duckdb-sqlalchemy==1.5.6.5 \
    "sqlalchemy>=2.0,<2.1" 2>/dev/null
export GX_ANALYTICS_ENABLED=false
cd "$folder"
"$folder/venv/bin/python" - 2>/dev/null <<'PYTHON'
import sys
from datetime import date
from importlib.metadata import version

import duckdb
import great_expectations as gx
import great_expectations.expectations as gxe
import pandas as pd
from great_expectations.data_context.types.base import ProgressBarsConfig

FRAMES = {
    "contracts": pd.DataFrame({
        "starts": [date(2026, 1, 5), date(2026, 2, 2)], "ends": [date(2026, 6, 30), None],
    }),
    "shares": pd.DataFrame({"own": [0.4, 0.5], "grants": [0.6, None]}),
    "hours": pd.DataFrame({"hours": pd.Series([], dtype=float)}),
}
after = {"column_A": "ends", "column_B": "starts", "or_equal": True}
RULES = {
    "ends after it starts": ("contracts", gxe.ExpectColumnPairValuesAToBeGreaterThanB(**after)),
    "the same, either missing left aside": (
        "contracts",
        gxe.ExpectColumnPairValuesAToBeGreaterThanB(**after, ignore_row_if="either_value_is_missing"),
    ),
    "ends as it starts": (
        "contracts", gxe.ExpectColumnPairValuesToBeEqual(column_A="ends", column_B="starts"),
    ),
    "parts sum to a whole": (
        "shares", gxe.ExpectMulticolumnSumToEqual(column_list=["own", "grants"], sum_total=1),
    ),
    "hours between 0 and 40": (
        "hours", gxe.ExpectColumnSumToBeBetween(column="hours", min_value=0, max_value=40),
    ),
}
with duckdb.connect("warehouse.duckdb") as base:
    for name, frame in FRAMES.items():
        base.execute(f"CREATE TABLE {name} AS SELECT * FROM frame")
context = gx.get_context(mode="ephemeral")
context.variables.progress_bars = ProgressBarsConfig(globally=False)
frames = context.data_sources.add_pandas("frames")
warehouse = context.data_sources.add_sql(
    "warehouse", connection_string="duckdb:///warehouse.duckdb",
    kwargs={
        "connect_args": {"read_only": True}, "isolation_level": "AUTOCOMMIT",
        "skip_autocommit_rollback": True, "pool_reset_on_return": None,
    },
)
on_frame, in_base = {}, {}
for name, frame in FRAMES.items():
    whole = frames.add_dataframe_asset(name).add_batch_definition_whole_dataframe("whole")
    on_frame[name] = whole.get_batch(batch_parameters={"dataframe": frame})
    table = warehouse.add_table_asset(name, table_name=name)
    in_base[name] = table.add_batch_definition_whole_table("whole").get_batch()
print("great-expectations", version("great-expectations"), "pandas", version("pandas"))
seen = {}
for rule, (name, expectation) in RULES.items():
    seen[rule] = tuple(
        bool(where[name].validate(expectation).success) for where in (on_frame, in_base)
    )
    print(f"{rule:36} kept on pandas: {seen[rule][0]!s:6} in DuckDB: {seen[rule][1]}")
is_so = list(seen.values()) == [
    (False, True), (True, True), (False, False), (False, True), (True, False),
]
print("so it is" if is_so else "it is another way now")
sys.exit(0 if is_so else 1)
PYTHON
