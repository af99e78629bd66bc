#!/bin/sh
# Hours with a decimal comma are a point on the globe: 151,67 is read as longitude 151, latitude 67.
#
# frictionless (Table Schema, the schemas of French open data) describes a file and guesses the kinds of
# its columns. One thinks that `12,5` of a French export is a number or text. If every cell has a comma
# the column is a `geopoint`, and read as such: [12, 5]. 151,67, the hours of a full-time month, is a point
# in the Arctic. One cell without a comma, or one above 180,90, and the same column is text. The file is
# valid against the schema that was guessed from it, each time.
#
# It matters to whoever lets a schema be written from the first delivery: the next month, with `7` among
# the hours, is refused as "type is geopoint", and what was read before were no hours.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check frictionless==5.21.0 2>/dev/null
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import sys
from importlib.metadata import version
from pathlib import Path

from frictionless import Resource, describe

print("frictionless", version("frictionless"))


def guessed(name, *hours):
    rows = [f"P-{number};{cell}" for number, cell in enumerate(hours, start=1)]
    Path(name).write_text("\n".join(["personne;heures", *rows, ""]), encoding="utf-8")
    kind = describe(name).schema.get_field("heures").type
    cells = [row["heures"] for row in Resource(name).read_rows()]
    read = [[float(part) for part in cell] if kind == "geopoint" else cell for cell in cells]
    print(f"{' '.join(hours):22}", kind, read, "valid:", Resource(name).validate().valid)
    return kind, read


month = guessed("month.csv", "151,67", "75,83")
week = guessed("week.csv", "12,5", "35,0")
mixed = guessed("mixed.csv", "12,5", "7")
above = guessed("above.csv", "12,5", "1820,04")
is_so = (
    month == ("geopoint", [[151, 67], [75, 83]])
    and week == ("geopoint", [[12, 5], [35, 0]])
    and mixed[0] == above[0] == "string"
)
print("so it is" if is_so else "it is another way now")
sys.exit(0 if is_so else 1)
PYTHON
