#!/bin/sh
# An error in a workbook looks empty, and 35 hours look like an evening of 1900.
#
# fastexcel (the reader under polars.read_excel) is asked for text. One thinks that `#N/A` comes out as
# `#N/A`, as from the CSV of the same sheet, and that a cell that shows 35:00 (format [h]:mm) comes out
# as 35:00 or 1.458333. The error comes out as nothing, the same nothing as an empty cell. The span comes
# out as the instant 1900-01-01 11:00:00; -2:00 as 22:00 of the day before 1900; and the time of an ODS
# cell, typed as such, as nothing. 00123 of a number shown with zeros is 123, 80 % is 0.8.
#
# It matters to whoever counts contracts and hours: a fixed-term contract whose end is #N/A becomes
# endless, and 35 hours a week are lost or 11. What a cell shows has to be looked up in the XML.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    fastexcel==0.21.0 polars==2.1.0 xlsxwriter==3.3.1 odfpy==1.4.1 2>/dev/null
"$folder/venv/bin/python" - "$folder" <<'PYTHON'
import sys
from importlib.metadata import version
from pathlib import Path

import fastexcel
import xlsxwriter
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

folder = Path(sys.argv[1])
ROWS = [
    ("text", "R-1", None), ("#N/A", "=NA()", None), ("35:00", 35 / 24, "[h]:mm"),
    ("-2:00", -2 / 24, "[h]:mm"), ("00123", 123, "00000"), ("80 %", 0.8, "0 %"),
]
with xlsxwriter.Workbook(folder / "a.xlsx") as book:
    sheet = book.add_worksheet()
    for row, (_, value, look) in enumerate(ROWS):
        cell = book.add_format({"num_format": look}) if look else None
        if value == "=NA()":
            sheet.write_formula(row, 0, value, cell, "#N/A")
        else:
            sheet.write(row, 0, value, cell)

document = OpenDocumentSpreadsheet()
table = Table(name="Feuille1")
for kind, attribute, value, shown in (
    ("string", None, "", "heure"), ("time", "timevalue", "PT14H05M00S", "14:05"),
):
    row, cell = TableRow(), TableCell(valuetype=kind, **({attribute: value} if attribute else {}))
    cell.addElement(P(text=shown))
    row.addElement(cell)
    end = TableCell(valuetype="string")
    end.addElement(P(text="."))
    row.addElement(end)
    table.addElement(row)
document.spreadsheet.addElement(table)
document.save(folder / "b.ods")


def read(name):
    book = fastexcel.read_excel(str(folder / name))
    loaded = book.load_sheet(0, header_row=None, skip_rows=0, dtypes="string")
    return loaded.to_polars().to_series(0).to_list()


print("fastexcel", version("fastexcel"))
seen = read("a.xlsx")
for (shown, _, _), given in zip(ROWS, seen, strict=True):
    print(f"a cell that shows {shown:8} is read as {given!r}")
ods = read("b.ods")
print(f"a time of an ODS file that shows 14:05 is read as {ods[1]!r}")
is_so = (
    seen == ["R-1", None, "1900-01-01 11:00:00", "1899-12-30 22:00:00", "123", "0.8"]
    and ods == ["heure", None]
)
print("so it is" if is_so else "it is another way now")
sys.exit(0 if is_so else 1)
PYTHON
