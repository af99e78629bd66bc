#!/bin/sh
# What was chosen in a form of Word, and what a colleague put in, is not in the table that python-docx reads.
#
# A monthly report is a table in Word: the room is chosen from a list (a content control), the next line is
# added with "+" (a repeating section), a number was put in while changes were tracked. All of it shows on
# the page. One thinks that cell.text is what the cell shows. The choice reads as an empty text, and so does
# the tracked number; the added line is not among table.rows at all, and a cell that is a control as a whole
# makes its row shorter, so that what follows stands in another column.
#
# It matters to whoever takes counts from reports of places: a month without a number and a table with a
# line less look like a place that counted nothing.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check python-docx==1.2.0 2>/dev/null
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
import sys
from importlib.metadata import version

import docx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn

ROWS = [
    ("mois", "salle", "visites"), ("janvier", "halle", "12"), ("février", "", "9"), ("mars", "halle", ""),
    ("avril", "atelier", "7"), ("mai", "halle", "8"),
]
CONTROL = f'<w:sdt {nsdecls("w")}><w:sdtPr/><w:sdtContent/></w:sdt>'
RUN = "<w:r><w:t>{}</w:t></w:r>"
CHOICE = f"""<w:sdt {nsdecls("w")}><w:sdtPr><w:dropDownList>
<w:listItem w:displayText="halle" w:value="halle"/></w:dropDownList></w:sdtPr>
<w:sdtContent>{RUN.format("halle")}</w:sdtContent></w:sdt>"""
TRACKED = f"""<w:ins {nsdecls("w")} w:id="1" w:author="A" w:date="2026-04-01T09:00:00Z">
{RUN.format("15")}</w:ins>"""


def wrap(element):
    """Put a row or a cell into a content control of its own."""
    control = parse_xml(CONTROL)
    element.addprevious(control)
    control[1].append(element)


report = docx.Document()
table = report.add_table(rows=len(ROWS), cols=3)
for row, texts in zip(table.rows, ROWS, strict=True):
    for cell, text in zip(row.cells, texts, strict=True):
        cell.text = text
table.cell(2, 1).paragraphs[0]._p.append(parse_xml(CHOICE))
table.cell(3, 2).paragraphs[0]._p.append(parse_xml(TRACKED))
wrap(table.rows[4]._tr.findall(qn("w:tc"))[1])
wrap(table.rows[5]._tr)
report.save("report.docx")

read = [[cell.text for cell in row.cells] for row in docx.Document("report.docx").tables[0].rows]
print("python-docx", version("python-docx"))
for texts in read:
    print(texts)
is_so = read == [
    ["mois", "salle", "visites"], ["janvier", "halle", "12"], ["février", "", "9"], ["mars", "halle", ""],
    ["avril", "7"],
]
print("so it is" if is_so else "it is another way now")
sys.exit(0 if is_so else 1)
PYTHON
