"""What a calendar tells of a place: what counts, what does not, and what no zero may be read from."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from flows.connectors import calendar
from flows.connectors._bookings import ROWS_A_PAGE
from flows.errors import ConfigurationError
from flows.network.place_files import read_place
from flows.records import Page
from flows.settings import Settings
from flows.sources import Source
from flows.stages.collect import collect_place
from flows.stages.request import Request
from flows.stages.source_report import SourceReport
from tests.connectors.worlds import AS_OF

PLACE = (
    'id = "le-lieu"\nname = "Le Lieu"\ncommune_code = "80021"\ntolerated_quarantine_share = 1.0\n'
)
DESKS = """
[[sources]]
id = "permanences"
feed = "attendance"
connector = "calendar"
path = "../exports/*.ics"
options = { expected = ["permanence"] }
from = 2026-10-01
rhythm = "monthly"
coverage = "until_file_date"
delivery = "period"
[sources.values.activity_id]
"Mission locale" = "mission-locale-1"
"Impôts" = "impots-1"
"""
ROOMS = """
[[sources]]
id = "salles"
feed = "service_usage"
connector = "calendar"
path = "../exports/*.ics"
from = 2026-10-01
rhythm = "monthly"
coverage = "until_file_date"
delivery = "period"
[sources.values.service_code]
"Grande salle" = "salle"
"Découpe laser" = "fablab"
"""
ONE_MACHINE = (
    ROOMS.partition("[sources.values")[0] + '[sources.constants]\nservice_code = "fablab"\n'
)
WEEKLY = (
    "UID:ml\nDTSTART;TZID=Europe/Paris:20261005T090000\nDTEND;TZID=Europe/Paris:20261005T120000\n"
    "RRULE:FREQ=WEEKLY\nEXDATE;TZID=Europe/Paris:20261026T090000\nSUMMARY:MISSION  LOCALE : Nom Canari\n"
    "ATTENDEE;CN=Nom Canari:mailto:canari@exemple.test\nDESCRIPTION:Nom Canari au 06 12 34 56 78"
)
MOVED = (
    "UID:ml\nRECURRENCE-ID;TZID=Europe/Paris:20261012T090000\n"
    "DTSTART;TZID=Europe/Paris:20261013T140000\nDURATION:PT2H\nSUMMARY:Mission locale"
)
CANCELLED = (
    "UID:ml\nRECURRENCE-ID;TZID=Europe/Paris:20261019T090000\nSTATUS:CANCELLED\n"
    "DTSTART;TZID=Europe/Paris:20261019T090000\nDURATION:PT2H\nSUMMARY:Mission locale"
)
OTHER = "UID:fete\nDTSTART:20261020T180000Z\nDURATION:PT3H\nSUMMARY:Fête de Nom Canari"
OCTOBER = "agenda-2026-10-31.ics"


def ics(*events: str) -> str:
    blocks = "".join(f"BEGIN:VEVENT\n{event}\nEND:VEVENT\n" for event in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\n{blocks}END:VCALENDAR\n"


class Folder:
    """A place that sends its calendar as files."""

    def __init__(
        self, folder: Path, source: str, read: Callable[..., list[tuple[Any, ...]]]
    ) -> None:
        (folder / "places").mkdir()
        (folder / "exports").mkdir()
        self.exports, self.read = folder / "exports", read
        toml = folder / "places" / "le-lieu.toml"
        toml.write_text(PLACE + source, encoding="utf-8")
        self.place = read_place(toml)
        self.settings = Settings(
            home=folder / "home", places=folder / "places", keys=folder / "keys"
        )

    def send(self, text: str, name: str = OCTOBER) -> SourceReport:
        for old in self.exports.iterdir():
            old.unlink()
        (self.exports / name).write_text(text, encoding="utf-8", newline="\r\n")
        return self.collect()

    def collect(self) -> SourceReport:
        [report] = collect_place(self.place, self.settings, Request(AS_OF))
        return report

    def rows(self, columns: str) -> list[tuple[Any, ...]]:
        feed = self.place.sources[0].feed
        event = "checked_in_at" if feed == "attendance" else "occurred_at"
        return self.read(
            self.settings, f"SELECT {columns} FROM record.{feed} WHERE NOT deleted ORDER BY {event}"
        )

    def refused(self) -> list[str]:
        rows = self.read(
            self.settings, "SELECT rule FROM ledger.quarantine WHERE closed_by IS NULL"
        )
        return sorted(rule for (rule,) in rows)

    def proven(self) -> list[date]:
        return [
            day for (day,) in self.read(self.settings, "SELECT day FROM ledger.proof ORDER BY day")
        ]


@pytest.fixture
def desks(tmp_path: Path, read: Any) -> Folder:
    return Folder(tmp_path, DESKS, read)


@pytest.fixture
def rooms(tmp_path: Path, read: Any) -> Folder:
    return Folder(tmp_path, ROOMS, read)


def test_desks_of_partners_count_where_they_were_moved_to_and_not_where_they_were_called_off(
    desks: Folder,
) -> None:
    report = desks.send(ics(WEEKLY, MOVED, CANCELLED, OTHER))
    assert (report.failed, report.refused, report.quarantined) == ([], [], 0)
    assert (report.received, report.loaded) == (4, 3), "the feast is left out, and counted"
    assert desks.rows("checked_in_at::VARCHAR, attendance_status, activity_id, role, evidence") == [
        ("2026-10-05 09:00:00+02", "present", "mission-locale-1", "intervenant", "booked"),
        ("2026-10-13 14:00:00+02", "present", "mission-locale-1", "intervenant", "booked"),
        ("2026-10-19 09:00:00+02", "annule", "mission-locale-1", "intervenant", "booked"),
    ]


def test_no_name_of_a_calendar_is_anywhere_but_in_what_was_received(desks: Folder) -> None:
    desks.send(ics(WEEKLY, OTHER, "UID:x\nDTSTART:20261032T090000\nSUMMARY:Impôts de Nom Canari"))
    landing = desks.settings.landing
    kept = [file for file in desks.settings.home.rglob("*") if file.is_file()]
    telling = [file for file in kept if b"canari" in file.read_bytes().lower()]
    assert telling
    assert all(file.is_relative_to(landing) for file in telling)


def test_what_has_not_ended_says_nothing_yet(desks: Folder) -> None:
    desks.send(ics(WEEKLY), "agenda-2026-10-12.ics")
    assert len(desks.rows("record_id")) == 2, "the 5th and the 12th"
    desks.send(ics(WEEKLY), OCTOBER)
    assert len(desks.rows("record_id")) == 3, "and the 19th"


def test_a_file_without_a_day_in_its_name_counts_until_it_was_saved(
    tmp_path: Path, read: Any
) -> None:
    desks = Folder(tmp_path, DESKS.replace("until_file_date", "days"), read)
    desks.send(ics(WEEKLY), "agenda.ics")
    saved = datetime(2026, 10, 12, 11, tzinfo=UTC).timestamp()
    source = desks.place.sources[0]
    os.utime(desks.exports / "agenda.ics", (saved, saved))
    with (desks.exports / "agenda.ics").open("rb") as stream:
        assert sum(len(page.rows) for page in calendar.parse(stream, "agenda.ics", source)) == 2


@pytest.mark.parametrize(("saved", "desks_held"), [("2026-10-12T08:00", 1), ("2026-10-14", 2)])
def test_a_file_of_today_says_nothing_of_this_afternoon(
    desks: Folder, saved: str, desks_held: int
) -> None:
    file = desks.exports / "agenda-2026-10-12.ics"
    file.write_text(ics(WEEKLY), encoding="utf-8")
    moment = datetime.fromisoformat(saved).replace(tzinfo=UTC).timestamp()
    os.utime(file, (moment, moment))
    with file.open("rb") as stream:
        pages = calendar.parse(stream, file.name, desks.place.sources[0])
        assert sum(len(page.rows) for page in pages) == desks_held


def test_an_event_that_is_taken_out_of_the_calendar_is_gone_and_one_that_is_put_off_stays_one(
    desks: Folder,
) -> None:
    tax = "UID:i\nDTSTART:20261006T070000Z\nDURATION:PT1H\nSUMMARY:Impôts"
    desks.send(ics(WEEKLY, tax, *(tax.replace("UID:i", f"UID:i{n}") for n in range(9))))
    known = {number for (number,) in desks.rows("record_id")}
    later = tax.replace("1006T", "1007T")
    report = desks.send(ics(WEEKLY, later, *(tax.replace("UID:i", f"UID:i{n}") for n in range(8))))
    now = {number for (number,) in desks.rows("record_id")}
    assert (report.removed, len(known - now), now - known) == (1, 1, set())
    assert desks.rows("checked_in_at::VARCHAR")[-3] == ("2026-10-07 09:00:00+02",)


def test_days_on_end_are_a_presence_on_each(desks: Folder) -> None:
    event = "UID:i\nDTSTART;VALUE=DATE:20260929\nDTEND;VALUE=DATE:20261004\nSUMMARY:impots\nTRANSP:TRANSPARENT"
    desks.send(ics(event))
    assert desks.rows("checked_in_at::VARCHAR, checked_out_at, record_id LIKE '%._'") == [
        ("2026-10-01 00:00:00+02", None, True),
        ("2026-10-02 00:00:00+02", None, True),
        ("2026-10-03 00:00:00+02", None, True),
    ], "those before `from` are left out"


def test_the_words_of_the_table_are_found_as_whole_words_whatever_their_letters(
    desks: Folder,
) -> None:
    events = [
        "SUMMARY:Permanence mission locale (bureau 2)",
        "SUMMARY:Bureau 2\nCATEGORIES:autre,IMPÔTS",
        "SUMMARY:imposition",
        "SUMMARY:Réunion d'équipe\nLOCATION:Mission locale\\, rue X",
    ]
    times = "\nDTSTART:202610{:02}T070000Z\nDURATION:PT1H\n"
    desks.send(ics(*(f"UID:{n}{times.format(n)}{words}" for n, words in enumerate(events, 1))))
    assert desks.rows("activity_id") == [("mission-locale-1",), ("impots-1",)]


def test_words_of_two_codes_and_an_expected_event_without_one_are_refused_alone(
    desks: Folder,
) -> None:
    times = "\nDTSTART:20261006T070000Z\nDURATION:PT1H\n"
    report = desks.send(
        ics(
            WEEKLY,
            f"UID:1{times}SUMMARY:Impôts et mission locale",
            f"UID:2{times}SUMMARY:Permanence de l'assurance retraite",
            f"UID:3{times}SUMMARY:Anniversaire",
        )
    )
    assert (report.loaded, report.quarantined) == (3, 2)
    assert desks.refused() == ["isin", "two_words"]
    again = desks.send(
        ics(WEEKLY, f"UID:2{times}SUMMARY:Permanence des impôts"), "agenda-2026-11-01.ics"
    )
    assert again.closed_rejects == 2, "the calendar holds the other no more"
    assert len(desks.rows("record_id")) == 4


def test_one_broken_event_among_a_thousand_is_refused_and_the_rest_is_read(desks: Folder) -> None:
    events = [
        f"UID:{n}\nDTSTART:20261006T070000Z\nDURATION:PT1H\nSUMMARY:Impôts" for n in range(1000)
    ]
    events[500] = events[500].replace("1006", "1306")
    report = desks.send(ics(*events))
    assert (report.received, report.loaded, report.quarantined) == (1000, 999, 1)
    [(number,)] = desks.read(desks.settings, "SELECT row_number FROM ledger.quarantine")
    text = (desks.exports / OCTOBER).read_text(encoding="utf-8").splitlines()
    assert text[number - 1 : number + 1] == ["BEGIN:VEVENT", "UID:500"], "it says where"


def test_an_event_that_is_never_closed_swallows_no_other(desks: Folder) -> None:
    times = "\nDTSTART:20261006T070000Z\nDURATION:PT1H\nSUMMARY:Impôts"
    text = ics(f"UID:1{times}", f"UID:2{times}", f"UID:3{times}")
    report = desks.send(text.replace("END:VEVENT\n", "", 1))
    assert (report.loaded, report.quarantined, desks.refused()) == (2, 1, ["unreadable_event"])


FREE_BUSY = (
    "BEGIN:VCALENDAR\nBEGIN:VFREEBUSY\nDTSTART:20261001T000000Z\nDTEND:20261101T000000Z\n"
    "FREEBUSY;FBTYPE=BUSY:20261005T070000Z/PT3H\nEND:VFREEBUSY\nEND:VCALENDAR\n"
)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (FREE_BUSY, "only says when somebody is busy, and not with whom"),
        (ics("UID:1\nDTSTART:20261005T070000Z\nSUMMARY:Occupé", "UID:2\nDTSTART:20261006T070000Z"),
         "only says when somebody is busy"),
        (ics(OTHER), "its 1 event has no word of the table"),
        (ics(OTHER, OTHER.replace("fete", "bal")), "none of its 2 events has a word of the table"),
        (ics(WEEKLY).replace("END:VCALENDAR\n", ""), "cut off: its last line is not there"),
        ("Date;Heure\n05/10/2026;09:00\n", "this is no calendar"),
    ],
)  # fmt: skip
def test_what_tells_nothing_is_refused_and_is_no_zero(desks: Folder, text: str, said: str) -> None:
    report = desks.send(text)
    assert said in report.refused[0]
    assert "→" in report.refused[0]
    assert desks.proven() == []


def test_a_calendar_without_an_event_is_a_zero(desks: Folder) -> None:
    report = desks.send(ics())
    assert (report.failed, report.refused, report.received) == ([], [], 0)
    assert desks.proven() == [date(2026, 10, 31)]


def test_a_source_without_a_table_is_told_to_write_one(tmp_path: Path, read: Any) -> None:
    desks = Folder(tmp_path, DESKS.partition("[sources.values")[0], read)
    assert "[sources.values.activity_id]" in desks.send(ics(WEEKLY)).refused[0]


def test_hours_that_were_booked_are_real_hours_and_days_are_no_hours(rooms: Folder) -> None:
    rooms.send(
        ics(
            "UID:1\nDTSTART:20261005T070000Z\nDURATION:PT90M\nSUMMARY:Découpe laser",
            "UID:2\nDTSTART;TZID=Europe/Paris:20261025T013000\nDTEND;TZID=Europe/Paris:20261025T043000\n"
            "SUMMARY:Nuit du jeu\nLOCATION:Grande salle",
            "UID:3\nDTSTART;VALUE=DATE:20261027\nDTEND;VALUE=DATE:20261029\nLOCATION:Grande salle",
            "UID:4\nDTSTART:20261030T070000Z\nLOCATION:Grande salle",
        )
    )
    columns = "service_code, duration_minutes, quantity, unit, evidence"
    assert rooms.rows(columns) == [
        ("fablab", 90, 1.5, "heure", "booked"),
        ("salle", 240, 4.0, "heure", "booked"),
        ("salle", None, 2.0, "jour", "booked"),
        ("salle", None, None, None, "booked"),
    ]


@pytest.mark.parametrize("mark", ["STATUS:CANCELLED", "STATUS:TENTATIVE", "TRANSP:TRANSPARENT"])
def test_what_takes_no_room_is_no_booking(rooms: Folder, mark: str) -> None:
    slot = "DTSTART:20261005T070000Z\nDURATION:PT1H\nLOCATION:Grande salle"
    report = rooms.send(ics(f"UID:1\n{slot}", f"UID:2\n{slot}\n{mark}"))
    assert (report.received, report.loaded, report.quarantined) == (2, 1, 0)


def test_the_calendar_of_one_machine_needs_no_words_and_may_say_busy(
    tmp_path: Path, read: Any
) -> None:
    machine = Folder(tmp_path, ONE_MACHINE, read)
    slot = "DTSTART:20261005T070000Z\nDURATION:PT1H\nSUMMARY:Occupé"
    machine.send(ics(f"UID:1\n{slot}", f"UID:2\n{slot}\nTRANSP:TRANSPARENT"))
    assert machine.rows("service_code, quantity") == [("fablab", 1.0)]


def test_events_without_a_number_are_known_by_their_times_and_two_alike_are_two(
    rooms: Folder,
) -> None:
    slot = "DTSTART:20261005T070000Z\nDURATION:PT1H\nLOCATION:Grande salle"
    rooms.send(ics(slot, slot, slot.replace("T07", "T08")))
    first = rooms.rows("record_id")
    assert len(set(first)) == 3
    rooms.send(ics(slot.replace("T07", "T08"), slot, slot), "agenda-2026-11-01.ics")
    assert set(rooms.rows("record_id")) == set(first)


def test_a_hundred_thousand_occurrences_come_page_by_page(tmp_path: Path, read: Any) -> None:
    source = Folder(
        tmp_path, ROOMS.replace("from = 2026-10-01", "from = 2015-06-01"), read
    ).place.sources[0]
    hours = ",".join(map(str, range(24)))
    rule = f"RRULE:FREQ=DAILY;BYHOUR={hours}"
    event = f"UID:1\nDTSTART:20150601T000000Z\nDURATION:PT1H\n{rule}\nLOCATION:Grande salle"
    pages = read_pages(source, ics(event, OTHER), OCTOBER)
    assert sum(page.records for page in pages) > 100_000
    assert all(page.records == len(page.rows) + len(page.broken) + page.ignored for page in pages)
    assert max(len(page.rows) for page in pages) <= ROWS_A_PAGE


def read_pages(source: Source, text: str, name: str) -> list[Page]:
    return list(calendar.parse(BytesIO(text.encode()), name, source))


def test_each_of_many_events_has_its_own_word(desks: Folder) -> None:
    times = "DTSTART:20261005T070000Z\nDURATION:PT1H"
    words = [("Impôts", "Mission locale")[n // 500 % 2] for n in range(2000)]
    text = ics(*(f"UID:{n}\n{times}\nSUMMARY:{word}" for n, word in enumerate(words)))
    pages = read_pages(desks.place.sources[0], text, OCTOBER)
    assert [word for page in pages for word in page.rows["word"]] == words


def test_the_sample_has_three_sessions_and_a_broken_event(desks: Folder) -> None:
    [page] = calendar.parse(BytesIO(calendar.SAMPLE), OCTOBER, desks.place.sources[0])
    assert (len(page.rows), len(page.broken)) == (3, 1)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('delivery = "period"\n', "", "does not send any more is gone → write one of: period"),
        ("from = 2026-10-01\n", "", "has to know from which day on"),
        ('path = "../exports/*.ics"', 'path = "a.ics"\nurl = "https://a.example"', "write either"),
        ("expected", "expectd", "did you mean 'expected'"),
    ],
)
def test_what_is_declared_wrongly_is_said_before_anything_starts(
    tmp_path: Path, read: Any, old: str, new: str, said: str
) -> None:
    with pytest.raises(ConfigurationError) as fault:
        Folder(tmp_path, DESKS.replace(old, new), read)
    assert said in str(fault.value)


def test_a_file_of_the_connector_file_says_which_one_reads_it(tmp_path: Path, read: Any) -> None:
    source = DESKS.partition("options")[0] + 'rhythm = "monthly"\ncoverage = "days"\n'
    columns = '[sources.columns]\nchecked_in_at = "Date"\n'
    wrong = Folder(tmp_path, source.replace('"calendar"', '"file"') + columns, read)
    assert 'connector = "calendar"' in wrong.send(ics(WEEKLY)).refused[0]
