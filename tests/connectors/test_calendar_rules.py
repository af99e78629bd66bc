"""Rules of calendars around both nights on which the clocks change, enumerated by hand from RFC 5545.

In 2026 the clocks jump from 2 to 3 on 29 March, and go back from 3 to 2 on 25 October. An occurrence
is written as its day and hour on the wall in Paris, the hours by which that is ahead of UTC, and its
length in minutes: `10-26 09:00+1 60`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from flows.connectors._ical import parsed, read_calendars
from flows.connectors._occurrences import PARIS, Slot, Unreadable, slots_of

FIRST, UNTIL = datetime(2026, 1, 1, tzinfo=PARIS), datetime(2027, 1, 1, tzinfo=PARIS)
MONDAYS = "DTSTART;TZID=Europe/Paris:20261012T090000\nDTEND;TZID=Europe/Paris:20261012T100000\n"
NIGHT = "DTSTART;TZID=Europe/Paris:20261025T013000\n"
NOON = "DTSTART;TZID=Europe/Paris:20261024T120000\n"
NOON_IN_MARCH = "DTSTART;TZID=Europe/Paris:20260328T120000\n"
AT_HALF_PAST_TWO = "DURATION:PT1H\nDTSTART;TZID=Europe/Paris:"
FOUR_MONDAYS = "10-12 09:00+2 60, 10-19 09:00+2 60, 10-26 09:00+1 60, 11-02 09:00+1 60"
THREE_MONDAYS = FOUR_MONDAYS.rpartition(", ")[0]
TWO_MONDAYS = THREE_MONDAYS.rpartition(", ")[0]
CHEZ_NOUS = """\
BEGIN:VTIMEZONE
TZID:Chez nous
BEGIN:STANDARD
DTSTART:19700101T000000
TZOFFSETFROM:+0300
TZOFFSETTO:+0300
END:STANDARD
END:VTIMEZONE
"""

RULES = {
    "a morning stays a morning when the clocks go back":
        (MONDAYS + "RRULE:FREQ=WEEKLY;COUNT=4", FOUR_MONDAYS),
    "and when they jump":
        ("DTSTART;TZID=Europe/Paris:20260323T090000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=2",
         "03-23 09:00+1 60, 03-30 09:00+2 60"),
    "what repeats in UTC moves on the wall":
        ("DTSTART:20261019T070000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=2",
         "10-19 09:00+2 60, 10-26 08:00+1 60"),
    "unless the calendar has a zone for all":
        ("DTSTART:20261019T070000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=2",
         "10-19 09:00+2 60, 10-26 09:00+1 60"),
    "where it has a zone for all, an end in UTC names the same one":
        ("DTSTART:20261012T070000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;UNTIL=20261026T070000Z",
         THREE_MONDAYS),
    "and lets none pass that came after it, with a zone for all":
        ("DTSTART:20261012T070000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;UNTIL=20261026T065959Z",
         TWO_MONDAYS),
    "a name of Windows is a zone":
        (MONDAYS.replace("Europe/Paris", "Romance Standard Time") + "RRULE:FREQ=WEEKLY;COUNT=4",
         FOUR_MONDAYS),
    "a time without a zone is that of the place":
        (MONDAYS.replace(";TZID=Europe/Paris", "") + "RRULE:FREQ=WEEKLY;COUNT=4", FOUR_MONDAYS),
    "a zone that the calendar defines is what it says":
        ("DTSTART;TZID=Chez nous:20261019T100000\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=2",
         "10-19 09:00+2 60, 10-26 08:00+1 60"),
    "an end in UTC is included":
        (MONDAYS + "RRULE:FREQ=WEEKLY;UNTIL=20261026T080000Z", THREE_MONDAYS),
    "an end in UTC with the offset of summer is an hour early":
        (MONDAYS + "RRULE:FREQ=WEEKLY;UNTIL=20261026T070000Z", TWO_MONDAYS),
    "an end without a zone is of the series' own":
        (MONDAYS + "RRULE:FREQ=WEEKLY;UNTIL=20261026T090000", THREE_MONDAYS),
    "and is not a minute later":
        (MONDAYS + "RRULE:FREQ=WEEKLY;UNTIL=20261026T085900", TWO_MONDAYS),
    "an end that is a day is all of it":
        (MONDAYS + "RRULE:UNTIL=20261026;FREQ=WEEKLY", THREE_MONDAYS),
    "days of 24 and 25 hours":
        ("DTSTART;VALUE=DATE:20261024\nRRULE:FREQ=DAILY;COUNT=3",
         "10-24 00:00+2 1440, 10-25 00:00+2 1500, 10-26 00:00+1 1440"),
    "a day of 23 hours":
        ("DTSTART;VALUE=DATE:20260329", "03-29 00:00+1 1380"),
    "days until an instant that is midnight in Paris":
        ("DTSTART;VALUE=DATE:20261024\nRRULE:FREQ=DAILY;UNTIL=20261025T230000Z",
         "10-24 00:00+2 1440, 10-25 00:00+2 1500, 10-26 00:00+1 1440"),
    "days until midnight in UTC":
        ("DTSTART;VALUE=DATE:20261024\nRRULE:FREQ=DAILY;UNTIL=20261025T000000Z",
         "10-24 00:00+2 1440, 10-25 00:00+2 1500"),
    "days until the last second of one in UTC":
        ("DTSTART;VALUE=DATE:20261024\nRRULE:FREQ=DAILY;UNTIL=20261025T235959Z",
         "10-24 00:00+2 1440, 10-25 00:00+2 1500"),
    "three hours are three hours in the long night":
        (NIGHT + "DURATION:PT3H", "10-25 01:30+2 180"),
    "but until half past four it is four":
        (NIGHT + "DTEND;TZID=Europe/Paris:20261025T043000", "10-25 01:30+2 240"),
    "24 hours are not a day":
        (NOON + "DURATION:PT24H", "10-24 12:00+2 1440"),
    "a day is from noon to noon":
        (NOON + "DURATION:P1D", "10-24 12:00+2 1500"),
    "a day and two hours are noon to noon and two hours":
        (NOON + "DURATION:P1DT2H", "10-24 12:00+2 1620"),
    "24 hours in March":
        (NOON_IN_MARCH + "DURATION:PT24H", "03-28 12:00+1 1440"),
    "a day in March":
        (NOON_IN_MARCH + "DURATION:P1D", "03-28 12:00+1 1380"),
    "a length to an end is the same each night":
        ("DTSTART;TZID=Europe/Paris:20261024T013000\nDTEND;TZID=Europe/Paris:20261024T043000\n"
         "RRULE:FREQ=DAILY;COUNT=3", "10-24 01:30+2 180, 10-25 01:30+2 180, 10-26 01:30+1 180"),
    "a time that is there twice is the first":
        (AT_HALF_PAST_TWO + "20261024T023000\nRRULE:FREQ=DAILY;COUNT=3",
         "10-24 02:30+2 60, 10-25 02:30+2 60, 10-26 02:30+1 60"),
    "a rule skips a time that is never there":
        (AT_HALF_PAST_TWO + "20260328T023000\nRRULE:FREQ=DAILY;UNTIL=20260330",
         "03-28 02:30+1 60, 03-30 02:30+2 60"),
    "who writes it means an hour later":
        (AT_HALF_PAST_TWO + "20260329T023000", "03-29 03:30+2 60"),
    "what is called off in UTC":
        (MONDAYS + "RRULE:FREQ=WEEKLY;COUNT=4\nEXDATE:20261026T080000Z",
         "10-12 09:00+2 60, 10-19 09:00+2 60, 11-02 09:00+1 60"),
    "what is called off by its day":
        (MONDAYS + "RRULE:FREQ=WEEKLY;COUNT=4\nEXDATE;VALUE=DATE:20261026",
         "10-12 09:00+2 60, 10-19 09:00+2 60, 11-02 09:00+1 60"),
    "a day more, with a length of its own":
        (MONDAYS + "RDATE;VALUE=PERIOD:20261028T130000Z/PT2H",
         "10-12 09:00+2 60, 10-28 14:00+1 120"),
    "the last Sunday is that of the clocks":
        ("DTSTART;TZID=Europe/Paris:20260927T120000\nDURATION:PT1H\n"
         "RRULE:FREQ=MONTHLY;BYDAY=-1SU;COUNT=3",
         "09-27 12:00+2 60, 10-25 12:00+1 60, 11-29 12:00+1 60"),
    "the 31st is not in every month":
        ("DTSTART;TZID=Europe/Paris:20260831T120000\nDURATION:PT1H\nRRULE:FREQ=MONTHLY",
         "08-31 12:00+2 60, 10-31 12:00+1 60, 12-31 12:00+1 60"),
    "the last weekday of the month":
        ("DTSTART;TZID=Europe/Paris:20260930T120000\nDURATION:PT1H\n"
         "RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1;COUNT=3",
         "09-30 12:00+2 60, 10-30 12:00+1 60, 11-30 12:00+1 60"),
    "every second week that begins on Monday":
        ("DTSTART;TZID=Europe/Paris:20261011T120000\nDURATION:PT1H\n"
         "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=MO;COUNT=4",
         "10-11 12:00+2 60, 10-19 12:00+2 60, 10-25 12:00+1 60, 11-02 12:00+1 60"),
    "every second week that begins on Sunday":
        ("DTSTART;TZID=Europe/Paris:20261011T120000\nDURATION:PT1H\n"
         "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=SU;COUNT=4",
         "10-11 12:00+2 60, 10-12 12:00+2 60, 10-25 12:00+1 60, 10-26 12:00+1 60"),
    "the Monday of a week of the year":
        ("DTSTART;TZID=Europe/Paris:20251027T120000\nDURATION:PT1H\n"
         "RRULE:FREQ=YEARLY;BYWEEKNO=44;BYDAY=MO", "10-26 12:00+1 60"),
    "twice a day":
        ("DTSTART;TZID=Europe/Paris:20261025T010000\nDURATION:PT1H\n"
         "RRULE:FREQ=DAILY;BYHOUR=1,14;COUNT=3",
         "10-25 01:00+2 60, 10-25 14:00+1 60, 10-26 01:00+1 60"),
    "an instant of another month in UTC":
        ("DTSTART:20261031T233000Z\nDTEND:20261101T003000Z", "11-01 00:30+1 60"),
    "without a length":
        ("DTSTART;TZID=Europe/Paris:20261026T090000", "10-26 09:00+1 None"),
}  # fmt: skip

MONTHLY = MONDAYS + "RRULE:FREQ=WEEKLY;COUNT=5\nSEQUENCE:0"
CHANGED = {
    "one moved into another month": (
        ["RECURRENCE-ID;TZID=Europe/Paris:20261026T090000\n"
         "DTSTART;TZID=Europe/Paris:20261103T140000\nDURATION:PT3H"],
        "10-12 09:00+2 60, 10-19 09:00+2 60, 11-02 09:00+1 60, 11-03 14:00+1 180, 11-09 09:00+1 60",
    ),
    "one moved, named in UTC": (
        ["RECURRENCE-ID:20261026T080000Z\nDTSTART:20261103T130000Z\nDURATION:PT3H"],
        "10-12 09:00+2 60, 10-19 09:00+2 60, 11-02 09:00+1 60, 11-03 14:00+1 180, 11-09 09:00+1 60",
    ),
    "all from the third on, two hours later": (
        ["RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Paris:20261026T090000\n"
         "DTSTART;TZID=Europe/Paris:20261026T110000\nDURATION:PT30M"],
        "10-12 09:00+2 60, 10-19 09:00+2 60, 10-26 11:00+1 30, 11-02 11:00+1 30, 11-09 11:00+1 30",
    ),
    "all from the third on, onto the slot of the second": (
        ["RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Paris:20261026T090000\n"
         "DTSTART;TZID=Europe/Paris:20261019T090000\nDURATION:PT1H"],
        "10-12 09:00+2 60, 10-19 09:00+2 60, 10-19 09:00+2 60, 10-26 09:00+1 60, 11-02 09:00+1 60",
    ),
    "all from the second on, but not the fourth": (
        ["RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Paris:20261019T090000\n"
         "DTSTART;TZID=Europe/Paris:20261019T110000\nDURATION:PT1H",
         "RECURRENCE-ID;TZID=Europe/Paris:20261102T090000\n"
         "DTSTART;TZID=Europe/Paris:20261104T170000\nDURATION:PT1H"],
        "10-12 09:00+2 60, 10-19 11:00+2 60, 10-26 11:00+1 60, 11-04 17:00+1 60, 11-09 11:00+1 60",
    ),
    "an earlier version of all of it": (
        [MONTHLY.replace("T09", "T08").replace("SEQUENCE:0", "SEQUENCE:-1")],
        FOUR_MONDAYS + ", 11-09 09:00+1 60",
    ),
}  # fmt: skip


def read(*events: str, head: str = "") -> list[Slot]:
    """The occurrences of one series in 2026, in their order."""
    text = "BEGIN:VCALENDAR\n" + head
    for lines in events:
        text += f"BEGIN:VEVENT\nUID:serie-1\n{lines}\nEND:VEVENT\n"
    [content] = read_calendars((text + "END:VCALENDAR\n").encode())
    slots = slots_of("serie-1", parsed(content), content.zone_of_all, FIRST, UNTIL)
    return sorted(slots, key=lambda slot: slot.begins)


def written(slot: Slot) -> str:
    here = slot.begins.astimezone(PARIS)
    offset: Any = here.utcoffset()
    minutes = slot.ends and round((slot.ends - slot.begins).total_seconds() / 60)
    return f"{here:%m-%d %H:%M}+{offset.seconds // 3600} {minutes}"


def test_there_are_more_than_thirty_of_them() -> None:
    assert len(RULES) + len(CHANGED) > 40


@pytest.mark.parametrize("name", RULES)
def test_a_rule_gives_what_a_person_counts(name: str) -> None:
    lines, expected = RULES[name]
    head = "X-WR-TIMEZONE:Europe/Paris\n" if "zone for all" in name else ""
    slots = read(lines, head=head + (CHEZ_NOUS if "Chez nous" in lines else ""))
    assert ", ".join(map(written, slots)) == expected
    assert len({slot.record_id for slot in slots}) == len(slots)


@pytest.mark.parametrize("name", CHANGED)
def test_what_was_changed_in_a_series_stays_what_it_was(name: str) -> None:
    changes, expected = CHANGED[name]
    slots = read(MONTHLY, *changes)
    assert ", ".join(map(written, slots)) == expected
    assert {slot.record_id for slot in slots} == {slot.record_id for slot in read(MONTHLY)}


def test_an_override_without_its_series_is_known_by_the_slot_that_it_had() -> None:
    change = CHANGED["one moved into another month"][0][0]
    [slot] = read(change)
    assert written(slot) == "11-03 14:00+1 180"
    assert slot.record_id in {slot.record_id for slot in read(MONTHLY)}


def test_an_endless_rule_ends_with_the_question() -> None:
    slots = read("DTSTART;TZID=Europe/Paris:20250101T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY")
    assert len(slots) == 365


def test_two_calendars_that_call_two_zones_alike_are_not_mixed_up() -> None:
    lines = RULES["a zone that the calendar defines is what it says"][0]
    here = read(lines, head=CHEZ_NOUS)
    there = read(lines, head=CHEZ_NOUS.replace("+0300", "+0500"))
    assert written(here[0]) == "10-19 09:00+2 60"
    assert written(there[0]) == "10-19 07:00+2 60"
    with pytest.raises(Unreadable, match="unknown_time_zone"):
        read(lines)


@pytest.mark.parametrize(
    ("lines", "rule"),
    [
        ("DTSTART:20261332T090000", "unreadable_event"),
        ("SUMMARY:sans début", "unreadable_event"),
        ("DTSTART:20261005T090000\nDTSTART:20261006T090000", "unreadable_event"),
        ("DTSTART;VALUE=DATE:20261005\nDTEND:20261005T100000Z", "unreadable_event"),
        ("DTSTART;VALUE=DATE:20261005\nDURATION:PT3H", "unreadable_event"),
        ("DTSTART:20261005T090000\nDURATION:3H", "unreadable_event"),
        ("DTSTART:20261005T090000\nRRULE:FREQ=WEEKLY;BYDAY=XX", "unreadable_event"),
        ("DTSTART:20261005T090000\nRRULE:COUNT=3", "unreadable_event"),
        ("DTSTART:20261005T090000\nRRULE:FREQ=WEEKLY;UNTIL=jamais", "unreadable_event"),
        ("DTSTART:20261005T090000\nEXRULE:FREQ=WEEKLY", "unreadable_event"),
        ("DTSTART:20261005T090000\nSEQUENCE:x", "unreadable_event"),
        ("DTSTART;TZID=Paris, Madrid:20261005T090000", "unreadable_event"),
        ('DTSTART;TZID="Paris, Madrid":20261005T090000', "unknown_time_zone"),
        ("DTSTART:20261005T100000Z\nDTEND:20261005T090000Z", "leaves_after_arriving"),
        ("DTSTART:20261005T100000Z\nDURATION:-PT1H", "leaves_after_arriving"),
        ("DTSTART:20261005T100000Z\nRRULE:FREQ=SECONDLY", "repeats_too_often"),
        ("DTSTART:20261005T100000Z\nRRULE:FREQ=HOURLY", "repeats_too_often"),
        ("DTSTART:20261005T100000Z\nRRULE:FREQ=DAILY;BYHOUR=1,2,3,4,5;BYMINUTE=1,2,3,4,5",
         "repeats_too_often"),
    ],
)  # fmt: skip
def test_what_cannot_be_right_is_refused_and_says_why(lines: str, rule: str) -> None:
    with pytest.raises(Unreadable, match=rule):
        read(lines)


def test_a_number_of_a_record_never_looks_like_that_of_a_person() -> None:
    import re

    from schemas.fields import DIRECT_IDENTIFIER, IDENTIFIER

    slots = read("DTSTART;TZID=Europe/Paris:20260101T000000\nDURATION:PT1H\n"
                 f"RRULE:FREQ=DAILY;BYHOUR={','.join(map(str, range(24)))}")  # fmt: skip
    assert len(slots) == 365 * 24 - 1, "one hour is not there"
    for slot in slots:
        assert re.search(IDENTIFIER, slot.record_id)
        assert not re.search(DIRECT_IDENTIFIER, slot.record_id)
