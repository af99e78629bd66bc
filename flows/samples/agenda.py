"""A shared calendar: partners' desks that repeat, are put off and called off, among others."""

from collections.abc import Container, Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta

from flows.samples.desk import PERMANENCES, desks
from flows.samples.faults import CANARY_COMMENT, CANARY_EMAIL, CANARY_NAME
from flows.samples.seasons import FIRST_DAY, LAST_DAY
from flows.samples.site import Site
from flows.samples.tables import TITLE, WRITTEN_AT, Export

DESKS = (
    # partner, weekday, every so many weeks, hour
    ("Mission locale", 1, 1, 9),
    ("Impôts", 3, 4, 14),
    ("Aide à la création d'entreprise", 0, 2, 10),
)
PARTNERS = {
    "permanence-1-mission-locale": "Mission locale",
    "permanence-2-assistante-sociale": "Assistante sociale",
    "permanence-3-impots": "Impôts",
}
"""What the calendar of Le Faitout calls those whom its register has under a number."""
HOURS_OF_A_DESK = 3
MOVED_FOR_GOOD = date(2025, 9, 2)
"""From this Tuesday on, the Mission locale comes in the afternoon."""
ENDS_OF_A_LINE = "\r\n"


def agenda(site: Site, path: str) -> Export:
    """All desks since the first day, without an end, but for days on which the place is closed."""
    events = [event for desk in DESKS for event in desk_events(site, *desk)]
    return calendar(path, [*events, meeting(), closure(), broken()])


def agenda_of_the_register(site: Site, path: str) -> Export:
    """The desks that the register sees, as they were planned; one to which nobody came is off."""
    events = []
    for activity, _weekday, weeks, hour in PERMANENCES:
        came = {starts.date(): came for who, starts, came in desks(site) if who == activity}
        first = min(came)
        days = [first + timedelta(7 * weeks * n) for n in range((LAST_DAY - first).days // 7 + 1)]
        uid = f"UID:{activity}@exemple.test"
        words = [f"SUMMARY:{PARTNERS[activity]}", "CATEGORIES:permanence"]
        rule = f"RRULE:FREQ=WEEKLY;INTERVAL={weeks}"
        events.append([uid, *slot(first, hour), rule, *left_out(days, came, hour), *words])
        events += [
            [uid, this(day, hour), *slot(day, hour), "STATUS:CANCELLED", *words]
            for day in days
            if not came.get(day, True)
        ]
    return calendar(path, [*events, meeting()])


def left_out(days: Iterable[date], planned: Container[date], hour: int) -> Iterator[str]:
    """The days on which a series has nothing."""
    for day in days:
        if day not in planned:
            yield f"EXDATE;TZID=Europe/Paris:{at(day, hour)}"


def calendar(path: str, events: list[list[str]]) -> Export:
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//exemple//FR", "X-WR-CALNAME:Agenda",
            f"X-WR-CALDESC:{TITLE}"]  # fmt: skip
    lines, faults = [*head], []
    for event in events:
        if "UID:agenda-illisible@exemple.test" in event:
            faults.append((len(lines) + 1, "unreadable event"))
        lines += ["BEGIN:VEVENT", *event, "END:VEVENT"]
    content = ENDS_OF_A_LINE.join([*lines, "END:VCALENDAR", ""]).encode("utf-8")
    return Export(path, content, len(events), faults)


def desk_events(site: Site, partner: str, weekday: int, weeks: int, hour: int) -> list[list[str]]:
    """The series of one partner, and what became of single days of it."""
    uid = f"UID:permanence-{weekday}@exemple.test"
    first = FIRST_DAY + timedelta((weekday - FIRST_DAY.weekday()) % 7)
    days = [first + timedelta(7 * weeks * n) for n in range((LAST_DAY - first).days // 7 // weeks)]
    is_open = {open_day.day for open_day in site.days}
    words = [f"SUMMARY:Permanence {partner}", "CATEGORIES:permanence",
             f"DESCRIPTION:{CANARY_COMMENT}"]  # fmt: skip
    events = [
        [
            uid,
            *slot(first, hour),
            f"RRULE:FREQ=WEEKLY;INTERVAL={weeks}",
            *left_out(days, is_open, hour),
            *words,
        ]
    ]
    known = [day for day in days if {day, day + timedelta(2)} <= is_open and day != MOVED_FOR_GOOD]
    put_off, called_off = site.chance(f"agenda {partner}").sample(known, 2)
    events.append([uid, this(put_off, hour), *slot(put_off + timedelta(2), hour + 1), *words])
    slot_of_old = slot(called_off, hour)
    events.append([uid, this(called_off, hour), *slot_of_old, "STATUS:CANCELLED", *words])
    if MOVED_FOR_GOOD in days:
        moved = slot(MOVED_FOR_GOOD, hour + 5)
        events.append([uid, this(MOVED_FOR_GOOD, hour, ";RANGE=THISANDFUTURE"), *moved, *words])
    return events


def at(day: date, hour: int) -> str:
    return f"{datetime.combine(day, time(hour)):%Y%m%dT%H%M%S}"


def slot(day: date, hour: int) -> list[str]:
    return [
        f"DTSTAMP:{WRITTEN_AT.replace(tzinfo=UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART;TZID=Europe/Paris:{at(day, hour)}",
        f"DTEND;TZID=Europe/Paris:{at(day, hour + HOURS_OF_A_DESK)}",
    ]


def this(day: date, hour: int, more: str = "") -> str:
    return f"RECURRENCE-ID;TZID=Europe/Paris{more}:{at(day, hour)}"


def meeting() -> list[str]:
    """What is nobody's desk, with the people of the team."""
    return [
        "UID:equipe@exemple.test",
        *slot(FIRST_DAY + timedelta(1), 17),
        "RRULE:FREQ=WEEKLY",
        f"SUMMARY:Réunion d'équipe avec {CANARY_NAME}",
        f"ATTENDEE;CN={CANARY_NAME}:mailto:{CANARY_EMAIL}",
    ]


def closure() -> list[str]:
    return [
        "UID:fermeture@exemple.test",
        "DTSTART;VALUE=DATE:20260803",
        "DTEND;VALUE=DATE:20260824",
        "SUMMARY:Fermeture",
        "TRANSP:TRANSPARENT",
    ]


def broken() -> list[str]:
    """A day that does not exist: the product has to name it, and to read the rest."""
    return [
        "UID:agenda-illisible@exemple.test",
        "DTSTART;TZID=Europe/Paris:20250231T090000",
        "SUMMARY:Permanence Impôts",
    ]
