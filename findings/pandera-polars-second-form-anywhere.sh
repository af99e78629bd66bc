#!/bin/sh
# Of two forms that a code may have, the second may stand anywhere: str_matches of pandera on polars.
#
# `str_matches("R-[0-9]+|S-[0-9]+")`: a code begins with R or with S. It is documented that a value has to
# start with a match, and on pandas it has to. On polars a `^` is put before the pattern, and so before
# the first form alone: xS-3, "avant S-3" and R-S-3 pass, while xR-3 does not. Another order of the same two
# forms accepts other codes.
#
# It matters to whoever lets a contract keep free text, and names with it, out of the columns of codes: a
# pattern with two forms that was tried on pandas, or read in its page, keeps nothing out. Write the `^`,
# the `$` and the brackets yourself: ^(R-[0-9]+|S-[0-9]+)$.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    pandera==0.35.0 polars==2.1.0 pandas==3.1.1 2>/dev/null
"$folder/venv/bin/python" - <<'PYTHON'
import sys
from importlib.metadata import version

import pandas as pd
import pandera.errors
import pandera.pandas
import pandera.polars
import polars as pl

CODES = ["R-1", "S-2", "xR-3", "xS-3", "avant S-3", "R-S-3"]


def passed(library, frame, pattern):
    check = library.Check.str_matches(pattern)
    schema = library.DataFrameSchema({"code": library.Column(str, check)})
    good = []
    for code in CODES:
        try:
            schema.validate(frame({"code": [code]}))
        except pandera.errors.SchemaError:
            continue
        good.append(code)
    return good


print("pandera", version("pandera"), "polars", version("polars"), "pandas", version("pandas"))
TWO, TURNED, WHOLE = "R-[0-9]+|S-[0-9]+", "S-[0-9]+|R-[0-9]+", "^(R-[0-9]+|S-[0-9]+)$"
seen = {}
for pattern in (TWO, TURNED, WHOLE):
    on_pandas = passed(pandera.pandas, pd.DataFrame, pattern)
    on_polars = passed(pandera.polars, pl.DataFrame, pattern)
    seen[pattern] = on_pandas, on_polars
    print(pattern, " on pandas:", on_pandas, " on polars:", on_polars)
right = ["R-1", "S-2"]
is_so = seen == {
    TWO: (right, ["R-1", "S-2", "xS-3", "avant S-3", "R-S-3"]),
    TURNED: (right, ["R-1", "S-2", "xR-3"]),
    WHOLE: (right, right),
}
print("so it is" if is_so else "it is another way now")
sys.exit(0 if is_so else 1)
PYTHON
