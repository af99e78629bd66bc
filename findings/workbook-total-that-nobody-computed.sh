#!/bin/sh
# The sum of 12 and 9 is 0, nothing or 21: by the program that wrote the workbook, and who opened it since.
#
# Booking tools write workbooks with a line of totals, as formulas. A formula has its last result beside it,
# and a reader takes that. One thinks that a total nobody has computed yet looks empty, and that LibreOffice,
# which can compute, does so when it converts the file. xlsxwriter writes 0 beside each formula: fastexcel
# and openpyxl read 0, a figure like any other, and LibreOffice without a screen believes it, in CSV and in
# a workbook that it saves anew. openpyxl writes no result: readers find nothing, and LibreOffice computes 21.
#
# It matters to whoever reads counts from such workbooks: a cell that shows 21 in Excel, which computes on
# opening, is 0 visits by night. Read the lines, not their totals.
set -eu
command -v soffice >/dev/null || {
    apt-get update -qq && apt-get install -y -qq --no-install-recommends libreoffice-calc-nogui
} >/dev/null
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    xlsxwriter==3.3.1 openpyxl==3.1.5 fastexcel==0.21.0 polars==2.1.0 2>/dev/null
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import csv
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import fastexcel
import openpyxl
import xlsxwriter

ROWS = [("mois", "visites"), ("mars", 12), ("avril", 9), ("total", "=SUM(B2:B3)")]
with xlsxwriter.Workbook("xlsxwriter.xlsx") as book:
    sheet = book.add_worksheet()
    for number, row in enumerate(ROWS):
        sheet.write_row(number, 0, row)
book = openpyxl.Workbook()
for row in ROWS:
    book.active.append(row)
book.save("openpyxl.xlsx")


def converted(name, kind):
    """What LibreOffice makes of it without a screen."""
    profile = f"-env:UserInstallation=file://{Path.cwd()}/home"
    asked = ["soffice", profile, "--headless", "--convert-to", kind, "--outdir", "out", name]
    subprocess.run(asked, check=True, capture_output=True)
    return Path("out", name).with_suffix(f".{kind}")


def by_fastexcel(path):
    return fastexcel.read_excel(str(path)).load_sheet(0).to_polars().rows()[-1][1]


def totals(writer):
    name = f"{writer}.xlsx"
    shown = list(csv.reader(converted(name, "csv").open()))[-1][1]
    return (
        by_fastexcel(name), openpyxl.load_workbook(name, data_only=True).active["B4"].value,
        shown, by_fastexcel(converted(name, "xlsx")),
    )


office = subprocess.run(["soffice", "--version"], capture_output=True, text=True).stdout.strip()
print(*(f"{name} {version(name)}" for name in ("xlsxwriter", "openpyxl", "fastexcel")), office)
print("read by fastexcel, by openpyxl, as CSV by LibreOffice, by fastexcel after LibreOffice saved it")
seen = {writer: totals(writer) for writer in ("xlsxwriter", "openpyxl")}
for writer, found in seen.items():
    print(f"written by {writer:10}", found)
is_so = seen == {"xlsxwriter": (0, 0, "0", 0), "openpyxl": (None, None, "21", 21)}
print("so it is" if is_so else "it is another way now")
sys.exit(0 if is_so else 1)
PYTHON
