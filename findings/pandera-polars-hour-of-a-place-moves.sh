#!/bin/sh
# An hour without a zone moves by one or two when a schema gives it one: pandera on polars, not on pandas.
#
# A place writes 23:30, and means its own clock. The schema says that the column is an instant in
# Europe/Paris and may be coerced. One thinks that both backends of pandera make 23:30 in Paris of it, as
# the one on pandas does (tz_localize). The one on polars takes the hour for UTC: 1:30 of the next day in
# summer, 0:30 in winter. It is valid, no check sees it, and both frames say Europe/Paris.
#
# It matters to whoever counts visits by day: evenings go to the next day, the last evening of a month to
# the next month. Give the zone by hand (dt.replace_time_zone) before the schema sees the column.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    pandera==0.35.0 polars==2.1.0 pandas==3.1.1 2>/dev/null
"$folder/venv/bin/python" - <<'PYTHON'
import sys
from datetime import datetime
from importlib.metadata import version

import pandas as pd
import pandera.pandas
import pandera.polars
import polars as pl

VISITS = [datetime(2026, 3, 31, 23, 30), datetime(2026, 7, 31, 22, 30)]
by_pandas = pandera.pandas.DataFrameSchema(
    {"seen_at": pandera.pandas.Column(pd.DatetimeTZDtype(tz="Europe/Paris"), coerce=True)}
)
by_polars = pandera.polars.DataFrameSchema(
    {"seen_at": pandera.polars.Column(pl.Datetime("us", "Europe/Paris"), coerce=True)}
)
on_pandas = [str(cell) for cell in by_pandas.validate(pd.DataFrame({"seen_at": VISITS}))["seen_at"]]
on_polars = [str(cell) for cell in by_polars.validate(pl.DataFrame({"seen_at": VISITS}))["seen_at"]]
print("pandera", version("pandera"), "polars", version("polars"), "pandas", version("pandas"))
for wall, one, other in zip(VISITS, on_pandas, on_polars, strict=True):
    print(wall, " on pandas:", one, " on polars:", other)
is_so = (
    on_pandas == ["2026-03-31 23:30:00+02:00", "2026-07-31 22:30:00+02:00"]
    and on_polars == ["2026-04-01 01:30:00+02:00", "2026-08-01 00:30:00+02:00"]
)
print("so it is" if is_so else "it is another way now")
sys.exit(0 if is_so else 1)
PYTHON
