#!/bin/sh
# 12,5 hours are 125, and a column of ones has no sum: what csvkit guesses of a French list of visits.
#
# One thinks that a cell `12,5` is text to a guesser that knows no French, as 1 234,5 is. csvkit (agate)
# takes the comma for a mark of thousands wherever it stands: 12,5 is 125, 7,25 is 725, `12,50 €` is 1250,
# beside 12.5 in the next row. And a headcount that happens to hold 0 and 1 only is a Boolean: its kind
# changes from one month to the next with the size of the largest group, and csvstat gives no sum of it.
#
# It matters to whoever adds up hours, euros and visits: tenfold or hundredfold without a word, in the rows
# that have decimals alone. Name the kinds of the columns, or the locale (csvkit: --locale fr_FR).
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    csvkit==2.2.0 agate==1.14.2 2>/dev/null
cat >"$folder/visits.csv" <<'CSV'
jour;heures;montant;effectif
1;12,5;12,50 €;1
2;7,25;2 €;0
3;12.5;3 €;1
CSV
"$folder/venv/bin/python" - "$folder/visits.csv" <<'PYTHON'
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import agate

path = sys.argv[1]
table = agate.Table.from_csv(path, delimiter=";")
print("csvkit", version("csvkit"), "agate", version("agate"))
seen = {}
for name in ("heures", "montant", "effectif"):
    column = table.columns[name]
    seen[name] = [str(value) for value in column.values()]
    print(f"{name:9}", type(column.data_type).__name__, seen[name])


def total(name, *options):
    asked = [Path(sys.executable).parent / "csvstat", "-d", ";", "--sum", "-c", name, *options, path]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()


sums = [total("heures"), total("heures", "--locale", "fr_FR"), total("effectif")]
print("csvstat: hours", sums[0], "- with --locale fr_FR", sums[1], "- people", sums[2])
is_so = (
    seen["heures"] == ["125", "725", "12.5"]
    and seen["montant"] == ["1250", "2", "3"]
    and seen["effectif"] == ["True", "False", "True"]
    and sums[2] in ("", "None")
)
print("so it is" if is_so else "it is another way now")
sys.exit(0 if is_so else 1)
PYTHON
