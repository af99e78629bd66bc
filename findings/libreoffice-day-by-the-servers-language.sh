#!/bin/sh
# The fifth of March leaves a workbook as 03/05/2026 on a server, and as 05/03/2026 on a desk.
#
# `soffice --headless --convert-to csv` turns workbooks of places into text. One thinks that the text has
# what the cells show, or what they hold. It has neither: a date whose format is French, shown as 05/03/26, is
# written in the order of the language of the process, which on a server is that of nobody (C), American; so
# are 12,66 % and TRUE. Nothing in the file tells which it was. A time that shows 11:30 and holds 35 hours and
# a half comes as 35:30:00, and 13 % as 12.66%. Asked for the cells as they show, by the options of the
# filter, it gives them rounded: 13 for 12.6 visits a day, 12.3 k for 12345.
#
# It matters to whoever loads these CSV at night: the first twelve days of a month are in other months, and
# what was tried on the desk, in French, was right. Read the workbook itself.
set -eu
command -v soffice >/dev/null || {
    apt-get update -qq && apt-get install -y -qq --no-install-recommends libreoffice-calc-nogui
} >/dev/null
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check xlsxwriter==3.3.1 2>/dev/null
cd "$folder"
"$folder/venv/bin/python" - <<'PYTHON'
from datetime import datetime

import xlsxwriter

CELLS = [
    (datetime(2026, 3, 5), "dd/mm/yy"), (35.5 / 24, "hh:mm"), (35.5 / 24, "[h]:mm"), (0.1266, "0%"),
    (12.6, "0"), (12345, '0.0," k"'),
]
with xlsxwriter.Workbook("place.xlsx") as book:
    sheet = book.add_worksheet()
    for column, (value, shown) in enumerate(CELLS):
        sheet.write(0, column, value, book.add_format({"num_format": shown}))
PYTHON
written() {  # the language of the process, and what is asked for
    LC_ALL=$1 soffice "-env:UserInstallation=file://$folder/home-$1" \
        --headless --convert-to "$2" place.xlsx >/dev/null 2>&1
    cat place.csv
    rm place.csv
}
server=$(written C csv)
desk=$(written fr_FR.UTF-8 csv)
shown=$(written C 'csv:Text - txt - csv (StarCalc):59,34,76,1,,0,false,true')
soffice --version 2>/dev/null | head -1
echo "the cells show:       05/03/26;11:30;35:30;13%;13;12.3 k"
echo "on a server:          $server"
echo "on a French desk:     $desk"
echo "asked for as it shows: $shown"
if [ "$server" = "03/05/2026,35:30:00,35:30:00,12.66%,12.6,12345" ] &&
    [ "$desk" = '05/03/2026,35:30:00,35:30:00,"12,66%","12,6",12345' ] &&
    [ "$shown" = "05/03/26;11:30;35:30;13%;13;12.3 k" ]; then
    echo "so it is"
else
    echo "it is another way now"
    exit 1
fi
