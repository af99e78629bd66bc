#!/bin/sh
# Good Friday in Strasbourg, 27 May in Guadeloupe: whether they are days off depends on how a place is named.
#
# Four libraries know the French holidays of Alsace-Moselle and overseas. One thinks that a code that a
# library does not know is refused, and that one that it takes means the same to the others. `GES`, the region
# Grand Est of ISO 3166, is taken by holidays and by date-holidays, and has no day of Alsace. 6AE is Alsace
# for the one, nothing for the other, which takes any word and gives the mainland's days; it wants 67. 971 is
# Guadeloupe for the one and the mainland for the other, which wants GP. opening_hours.js goes by the state
# of an address: "Grand Est", as OpenStreetMap has it, is open on Good Friday, "Bas-Rhin" is not. And
# Guadeloupe itself has four days more for holidays, two for date-holidays and one for jours-feries-france.
#
# It matters to whoever fills opening hours and open days from a calendar of holidays: occupancy and
# coverage of a place are a few days off, and nothing says so.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check \
    holidays==0.109 jours-feries-france==0.7.0 2>/dev/null
npm install --silent --no-audit --no-fund --prefix "$folder" \
    date-holidays@3.37.0 opening_hours@3.15.0 >/dev/null
cat >"$folder/ask.js" <<'JS'
const Holidays = require('date-holidays');
const Hours = require('opening_hours');
const days = (...region) => new Holidays(...region).getHolidays(2026)
  .filter(day => day.type === 'public').map(day => day.date.slice(0, 10));
const mainland = new Set(days('FR'));
const more = (...region) => days(...region).filter(day => !mainland.has(day)).join(' ');
const open = state => new Hours('Mo-Fr 09:00-18:00; PH off',
  {lat: 48.58, lon: 7.75, address: {country_code: 'fr', state}}).getState(new Date('2026-04-03T10:00'));
console.log(`date-holidays GES: ${more('FR', 'GES')}`);
console.log(`date-holidays 6AE: ${more('FR', '6AE')}`);
console.log(`date-holidays 67: ${more('FR', '67')}`);
console.log(`date-holidays 971: ${more('FR', '971')}`);
console.log(`date-holidays GP: ${more('FR', 'GP')}`);
console.log(`opening_hours Grand Est: ${open('Grand Est') ? 'open' : 'closed'}`);
console.log(`opening_hours Bas-Rhin: ${open('Bas-Rhin') ? 'open' : 'closed'}`);
JS
cat >"$folder/ask.py" <<'PYTHON'
import holidays
from jours_feries_france import JoursFeries

mainland = set(holidays.France(years=2026))


def more(days):
    return " ".join(str(day) for day in sorted(set(days) - mainland))


for region in ("GES", "6AE", "971"):
    print(f"holidays {region}:", more(holidays.France(years=2026, subdiv=region)))
try:
    holidays.France(years=2026, subdiv="67")
except NotImplementedError:
    print("holidays 67: refused")
print("jours-feries-france Guadeloupe:", more(JoursFeries.for_year(2026, zone="Guadeloupe").values()))
PYTHON
{
    "$folder/venv/bin/python" "$folder/ask.py"
    TZ=Europe/Paris node "$folder/ask.js"
} | sed 's/ *$//' >"$folder/seen"
cat >"$folder/expected" <<'TEXT'
holidays GES:
holidays 6AE: 2026-04-03 2026-12-26
holidays 971: 2026-03-12 2026-04-03 2026-05-27 2026-07-21
holidays 67: refused
jours-feries-france Guadeloupe: 2026-05-27
date-holidays GES:
date-holidays 6AE:
date-holidays 67: 2026-04-03 2026-12-26
date-holidays 971:
date-holidays GP: 2026-04-03 2026-05-27
opening_hours Grand Est: open
opening_hours Bas-Rhin: closed
TEXT
echo "holidays 0.109, jours-feries-france 0.7.0, date-holidays 3.37.0, opening_hours 3.15.0"
cat "$folder/seen"
if diff "$folder/expected" "$folder/seen"; then
    echo "so it is"
else
    echo "it is another way now"
    exit 1
fi
