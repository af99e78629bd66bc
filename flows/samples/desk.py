"""The register at the desk: who came in, seen by the staff, and the groups that they counted."""

import random
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from flows.samples.crowd import Visit
from flows.samples.faults import UNKNOWN_COMMUNE, Planter, comment
from flows.samples.people import Person
from flows.samples.site import (
    LETTERS_OF_GENDER,
    WORDS_OF_STATUS,
    Site,
    french_day,
    french_moment,
)
from flows.samples.tables import Export, Row, Table, delimited

HEADER = [
    "N°", "Arrivée", "Départ", "Espace", "Nom", "Prénom", "Né(e) le", "Genre", "Situation",
    "Commune", "Nombre", "Animation", "Qualité", "Présence", "Commentaire",
]  # fmt: skip
SPACES = {
    "france_services": "France services",
    "mediation_numerique": "Médiation numérique",
    "makerspace": "Makerspace",
    "campus_connecte": "Campus connecté",
    "formation": "Formation",
    "salle": "Salle commune",
}
NOTED_SHARE = {"france_services": 0.8}
"""At busy counters not everybody is written down."""
DEPARTURE_SHARE = {"campus_connecte": 0.97}
USUAL_DEPARTURE_SHARE = 0.78
"""Students sign out because their hours count; others often just leave."""
ABSENT_SHARE = 0.03
VOLUNTEER_EVERY = 97
GROUPS_A_MONTH = 3
PERMANENCES = (
    # partner, weekday, every so many weeks, hour
    ("permanence-1-mission-locale", 1, 1, 9),
    ("permanence-2-assistante-sociale", 3, 1, 14),
    ("permanence-3-impots", 3, 4, 9),
)
CLOCK_CHANGES = ("2025-03-30 02:30", "2025-10-26 02:30")
"""A local time that never was, and one that was twice; both on the night of a games event."""


def accueil(site: Site, visits: Iterable[Visit], path: str) -> Export:
    """Register of the period, in UTF-8 with a byte order mark."""
    rng = site.chance("accueil")
    people = [
        entry(rng, visit) for visit in visits if rng.random() < NOTED_SHARE.get(visit.service, 1.0)
    ]
    timed = [*people, *groups(rng, site), *permanences(site)]
    timed.sort(key=lambda pair: pair[0])
    table = Table(HEADER, [row for _, row in timed])
    for number, row in enumerate(table.rows, start=1):
        row[0] = f"ACC-{number:06}"
    plant(site, table)
    return delimited(path, table, ";", "utf-8-sig")


def entry(rng: random.Random, visit: Visit) -> tuple[datetime, Row]:
    """Somebody known who came, or who missed a session they were expected at."""
    person = visit.person
    is_session = visit.service in ("mediation_numerique", "formation")
    is_absent = is_session and rng.random() < ABSENT_SHARE
    signs_out = DEPARTURE_SHARE.get(visit.service, USUAL_DEPARTURE_SHARE)
    is_timed = not is_absent and rng.random() < signs_out
    return visit.arrives, [
        "", french_moment(visit.arrives), french_moment(visit.leaves) if is_timed else "",
        SPACES[visit.service], person.last_name, person.first_name, french_day(person.born),
        LETTERS_OF_GENDER[person.gender], WORDS_OF_STATUS[person.status], person.home, "1", "",
        quality(person), "Absent" if is_absent else "Présent", comment(rng),
    ]  # fmt: skip


def quality(person: Person) -> str:
    return "Bénévole" if person.number % VOLUNTEER_EVERY == 0 else "Usager"


def groups(rng: random.Random, site: Site) -> list[tuple[datetime, Row]]:
    """Public events, counted and not identified, and the speaker who came for them."""
    evenings = rng.sample([d.day for d in site.days], len(site.days) * GROUPS_A_MONTH // 21)
    rows = []
    for number, day in enumerate(sorted(evenings), start=1):
        starts = datetime.combine(day, time(rng.choice((10, 14, 15, 18))))
        activity = f"ANIM-{day:%y}-{number:03}"
        rows.append(group(starts, 120, rng.randint(5, 40), activity, "Usager"))
        if rng.random() < 0.6:
            rows.append(group(starts, 120, 1, activity, "Intervenant"))
    return rows


def desks(site: Site) -> list[tuple[str, datetime, bool]]:
    """Partners who hold their hours here: who, when, and whether they came."""
    rng = site.chance("permanences")
    return [
        (activity, datetime.combine(open_day.day, time(hour)), rng.random() >= ABSENT_SHARE)
        for open_day in site.days
        for activity, weekday, weeks, hour in PERMANENCES
        if open_day.day.weekday() == weekday and open_day.day.toordinal() // 7 % weeks == 0
    ]


def permanences(site: Site) -> list[tuple[datetime, Row]]:
    """The same, as the register has them."""
    return [
        group(starts, 180, 1, activity, "Intervenant", "Présent" if came else "Absent")
        for activity, starts, came in desks(site)
    ]


def group(
    starts: datetime,
    minutes: int,
    headcount: int,
    activity: str,
    role: str,
    presence: str = "Présent",
) -> tuple[datetime, Row]:
    leaves = starts + timedelta(minutes=minutes)
    return starts, [
        "", french_moment(starts), french_moment(leaves), SPACES["salle"], "", "", "", "", "", "",
        str(headcount), activity, role, presence, "Comptage de l'équipe",
    ]  # fmt: skip


def plant(site: Site, table: Table) -> None:
    planter = Planter(site.chance("accueil faults"), table)
    planter.duplicate(1800)
    planter.swap(1400, "Arrivée", "Départ")
    planter.write(2200, "unreadable date", "Arrivée", "31/02/2025 10:15")
    planter.write(2000, "unknown code", "Espace", "Cabane du jardin")
    planter.write(2500, "unknown commune", "Commune", UNKNOWN_COMMUNE)
    planter.ragged(3000)
    if not site.is_showcase:
        return
    planter.repeat_header()
    planter.unclosed_quote("Espace")
    for number, text in enumerate(CLOCK_CHANGES, start=1):
        starts = datetime.fromisoformat(text)
        _, row = group(starts, 120, 12 + number, f"NUIT-{number}", "Usager")
        row[0] = f"ACC-NUIT-{number}"
        insert_by_day(table, row, starts.date())
        table.faults.append(
            (row, "time in the spring gap" if number == 1 else "time that was twice")
        )


def insert_by_day(table: Table, row: Row, day: date) -> None:
    """Put a row where its day belongs in the register."""
    text = french_day(day - timedelta(days=1))
    same_day = [i for i, other in enumerate(table.rows) if str(other[1]).startswith(text)]
    table.rows.insert(max(same_day) + 1 if same_day else len(table.rows), row)
