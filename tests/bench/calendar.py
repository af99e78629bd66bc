"""How much a calendar takes: five years of 200 events that repeat each week, read in one file.

The seconds are of the processor, each reading in a process of its own, without the start of Python:
lines, rules, words and rows, up to the pages that are loaded like any others.
"""

import io
import tempfile
from pathlib import Path

from flows.connectors import calendar
from flows.network.place_files import read_place
from tests.bench.measure import Row, counted, cpu_seconds, tell, work

EVENTS = 200
PLACE = """\
id = "banc"
name = "Banc d'essai"
commune_code = "80021"

[[sources]]
id = "permanences"
feed = "attendance"
connector = "calendar"
path = "permanences-*.ics"
from = 2021-11-01
rhythm = "monthly"
coverage = "until_file_date"
delivery = "period"

[sources.values.activity_id]
"Mission locale" = "mission-locale-1"
"Impôts" = "impots-1"
"""


def made() -> bytes:
    """Each event with an exception, and one occurrence that was moved to the next day."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0"]
    for number in range(EVENTS):
        day, hour = 1 + number % 5, 8 + number % 9
        head = ["BEGIN:VEVENT", f"UID:{number}@exemple.test", "DTSTAMP:20211001T000000Z"]
        words = [f"SUMMARY:{('Impôts', 'Mission locale')[number % 2]} : Nom Canari",
                 "DESCRIPTION:" + "x" * 300, "END:VEVENT"]  # fmt: skip
        zone = ";TZID=Europe/Paris:202111"
        lines += [*head, f"DTSTART{zone}{day:02}T{hour:02}0000", "DURATION:PT90M",
                  "RRULE:FREQ=WEEKLY", f"EXDATE{zone}{day + 14:02}T{hour:02}0000", *words]  # fmt: skip
        lines += [*head, f"RECURRENCE-ID{zone}{day + 7:02}T{hour:02}0000",
                  f"DTSTART{zone}{day + 8:02}T{hour:02}0000", "DURATION:PT90M", *words]  # fmt: skip
    return "\r\n".join([*lines, "END:VCALENDAR", ""]).encode()


def rows(_folder: Path, _visits: int, rounds: int) -> list[Row]:
    costs = [work("calendar") for _number in range(rounds)]
    name = f"calendar: five years of {EVENTS} events of each week"
    return [Row(name, "", [], [cost.cpu for cost in costs], max(cost.peak for cost in costs))]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        toml = Path(folder) / "banc.toml"
        toml.write_text(PLACE, encoding="utf-8")
        [source] = read_place(toml).sources
    raw, imports, costs = made(), cpu_seconds(), dict[str, float]()
    with counted(costs, "cpu"):
        pages = calendar.parse(io.BytesIO(raw), "permanences-2026-10-31.ics", source)
        count = sum(len(page.rows) for page in pages)
    if not count:
        raise SystemExit("no occurrence was found")
    tell(imports, costs)


if __name__ == "__main__":
    main()
