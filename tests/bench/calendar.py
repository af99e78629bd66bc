"""How much a calendar takes: five years of 200 events that repeat each week, read in one file.

`make bench`. The seconds are of the processor, the median of five readings in one process, without
the start of Python: lines, rules, words and rows, up to the pages that are loaded like any others.
"""

import io
import resource
import statistics
import tempfile
import time
from pathlib import Path

from flows.connectors import calendar
from flows.network.place_files import read_place

EVENTS, READINGS = 200, 5
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


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        toml = Path(folder) / "banc.toml"
        toml.write_text(PLACE, encoding="utf-8")
        [source] = read_place(toml).sources
    raw, seconds, rows = made(), [], 0
    for _reading in range(READINGS):
        begun = time.process_time()
        pages = calendar.parse(io.BytesIO(raw), "permanences-2026-10-31.ics", source)
        rows = sum(len(page.rows) for page in pages)
        seconds.append(time.process_time() - begun)
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"calendar: {rows} occurrences of {EVENTS} events in {statistics.median(seconds):.2f} s"
          f" of processor, {megabytes} MB at most")  # fmt: skip


if __name__ == "__main__":
    main()
