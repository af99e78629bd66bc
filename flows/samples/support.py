"""Follow-up of people who are accompanied: project holders, mediation sessions, workshops."""

import random
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta

from flows.samples.crowd import Visit
from flows.samples.faults import UNKNOWN_COMMUNE, Planter, comment
from flows.samples.people import Person, weighted
from flows.samples.seasons import FIRST_DAY, LAST_DAY, OpenDay
from flows.samples.site import WORDS_OF_GENDER, WORDS_OF_STATUS, Site
from flows.samples.tables import Cell, Export, Row, Table, workbook

HEADER = [
    "N°", "Date et heure", "Dispositif", "Thème", "Modalité", "Lieu", "Durée (min)",
    "Participants", "Autonomie", "Suite donnée", "E-mail", "Nom", "Prénom", "Né(e) le", "Genre",
    "Situation", "Commune", "Saisi le", "Commentaire",
]  # fmt: skip
SUBTITLE = "Suivi de l'accompagnement"
STARTER, MEDIATION = "Programme Starter", "Médiation numérique"
THEMES = (
    ("Bureautique", 20), ("Courriels", 15), ("Smartphone", 20), ("Ordinateur", 15),
    ("Démarches administratives", 20), ("Sécurité", 10),
)  # fmt: skip
AUTONOMIES = ("Entièrement accompagné", "Partiellement autonome", "Autonome")
PROJECT_ENDS = (
    ("Entreprise créée", 42), ("Abandon du projet", 22), ("Orienté vers un partenaire", 16),
    ("À poursuivre", 20),
)  # fmt: skip
STARTER_MONTHS = (3, 10)
HOLDERS = 14
EMAIL_KNOWN_SHARE = 0.7
OFF_SITE_SHARE = 0.35
WORKSHOP_WEEKDAYS = (1, 3)


def suivi_accompagnement(
    site: Site, visits: Iterable[Visit], holders: Sequence[Person], path: str
) -> Export:
    """Follow-up of the period, as a workbook with a title, a subtitle and typed cells."""
    rng = site.chance("suivi-accompagnement")
    rows = [
        *(mediation(rng, visit) for visit in visits),
        *workshops(rng, site.days),
        *starter(rng, holders, site.days),
    ]
    rows.sort(key=lambda row: (str(row[1]), str(row[11])))
    table = Table(HEADER, rows)
    for number, row in enumerate(rows, start=1):
        row[0] = f"S{number:05}"
        if number % 9 == 0 and isinstance(row[1], datetime):
            row[1] = f"{row[1]:%d/%m/%Y à %H:%M}"  # typed by hand instead of picked
    plant(site, table)
    return workbook(path, table, "Suivi", [SUBTITLE])


def support_row(rng: random.Random, starts: datetime, cells: dict[str, Cell]) -> Row:
    usual: dict[str, Cell] = {
        "Date et heure": starts,
        "Lieu": "Sur place",
        "Participants": 1,
        "Saisi le": starts + timedelta(hours=rng.randint(1, 72)),
        "Commentaire": comment(rng),
    }
    return [cells.get(column, usual.get(column, "")) for column in HEADER]


def identity(person: Person) -> dict[str, Cell]:
    """The e-mail when it is known; whether it is depends on the person, not on the day."""
    knows_email = random.Random(f"email/{person.email}").random() < EMAIL_KNOWN_SHARE
    return {
        "E-mail": person.email if knows_email else "",
        "Nom": person.last_name,
        "Prénom": person.first_name,
        "Né(e) le": person.born,
        "Genre": WORDS_OF_GENDER[person.gender],
        "Situation": WORDS_OF_STATUS[person.status],
        "Commune": person.home,
    }


def mediation(rng: random.Random, visit: Visit) -> Row:
    """A session with the conseiller numérique, here or in a town hall nearby."""
    weeks = (visit.arrives.date() - FIRST_DAY).days / 7
    progress = weeks * 0.006 + (visit.person.number % 5) * 0.12
    return support_row(rng, visit.arrives, {
        "Dispositif": MEDIATION, "Thème": weighted(rng, THEMES), "Modalité": "Individuel",
        "Lieu": "Hors les murs" if rng.random() < OFF_SITE_SHARE else "Sur place",
        "Durée (min)": visit.minutes,
        "Autonomie": AUTONOMIES[min(2, int(rng.random() * 1.6 + progress))],
        "Suite donnée": "Réglé" if rng.random() < 0.7 else "À poursuivre",
        **identity(visit.person),
    })  # fmt: skip


def workshops(rng: random.Random, days: Sequence[OpenDay]) -> list[Row]:
    """Group sessions, counted and anonymous."""
    rows = []
    for open_day in days:
        if open_day.day.weekday() in WORKSHOP_WEEKDAYS and rng.random() < 0.8 * open_day.pull:
            starts = datetime.combine(open_day.day, time(14, 30))
            rows.append(support_row(rng, starts, {
                "Dispositif": MEDIATION, "Thème": weighted(rng, THEMES), "Modalité": "Collectif",
                "Lieu": "Hors les murs" if rng.random() < OFF_SITE_SHARE else "Sur place",
                "Durée (min)": 120, "Participants": rng.randint(3, 11),
            }))  # fmt: skip
    return rows


def starter(rng: random.Random, holders: Sequence[Person], days: Sequence[OpenDay]) -> list[Row]:
    """Project holders by promotion: meetings every few weeks, then what became of the project."""
    waiting = list(holders)
    rows: list[Row] = []
    for year in range(FIRST_DAY.year, LAST_DAY.year + 1):
        for month in STARTER_MONTHS:
            start = date(year, month, 6)
            if FIRST_DAY <= start <= LAST_DAY:
                promotion = [waiting.pop() for _ in range(min(HOLDERS, len(waiting)))]
                for person in promotion:
                    rows.extend(project(rng, person, start, days))
    return rows


def project(rng: random.Random, person: Person, start: date, days: Sequence[OpenDay]) -> list[Row]:
    """Meetings of one project holder over half a year to a year."""
    end = start + timedelta(days=rng.randint(150, 330))
    meetings = []
    wished = start + timedelta(days=rng.randrange(12))
    opened = [open_day.day for open_day in days]
    while wished <= min(end, LAST_DAY):
        day = next((day for day in opened if day >= wished and day.weekday() < 5), None)
        if day is None:
            break
        starts = datetime.combine(day, time(rng.choice((9, 10, 11, 14, 15, 16))))
        is_remote = rng.random() < 0.15
        meetings.append(support_row(rng, starts, {
            "Dispositif": STARTER, "Thème": "Création d'entreprise",
            "Modalité": "À distance" if is_remote else "Individuel",
            "Lieu": "À distance" if is_remote else "Sur place",
            "Durée (min)": rng.choice((45, 60, 90)), "Suite donnée": "À poursuivre",
            **identity(person),
        }))  # fmt: skip
        wished = day + timedelta(days=rng.randint(12, 30))
    if end <= LAST_DAY and meetings:
        meetings[-1][HEADER.index("Suite donnée")] = weighted(rng, PROJECT_ENDS)
    return meetings


def a_week_later(cell: Cell) -> Cell:
    return cell + timedelta(days=7) if isinstance(cell, date) else cell


def plant(site: Site, table: Table) -> None:
    planter = Planter(site.chance("suivi-accompagnement faults"), table)
    planter.duplicate(1000)
    planter.correct(1000, {"Suite donnée": "Réglé"}, "Saisi le", a_week_later)
    planter.write(900, "unknown code", "Dispositif", "Permanence ?")
    planter.write(1000, "unknown commune", "Commune", UNKNOWN_COMMUNE)
    planter.write(1000, "unreadable date", "Date et heure", "31/02/2025 à 10:00")
