"""The register of a hybrid place's other services: rooms, bicycles, trips, meals, campus…

Rows about people come from visits; rows about things and groups are drawn here.
"""

import calendar
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from flows.samples.crowd import Visit
from flows.samples.faults import UNREADABLE_DAY, Planter, comment
from flows.samples.people import Person, weighted
from flows.samples.seasons import LAST_DAY, OpenDay
from flows.samples.siret import invented_siret
from flows.samples.site import (
    LETTERS_OF_GENDER,
    WORDS_OF_STATUS,
    Site,
)
from flows.samples.tables import Cell, Export, Row, Table, pages

KINDS = {
    "Reference": "Text", "Date": "Date", "Heure": "Text", "Service": "Choice", "Duree": "Text",
    "Quantite": "Numeric", "Unite": "Choice", "Montant": "Numeric", "Participants": "Int",
    "Accompagnement": "Choice", "Lieu": "Choice", "Theme": "Choice", "Autonomie": "Choice",
    "Resultat": "Choice", "SIRET": "Text", "Inscrit_du": "Date", "Inscrit_au": "Date",
    "Nom": "Text", "Prenom": "Text", "Ne_e_le": "Date", "Genre": "Choice", "Situation": "Choice",
    "Commune": "Text", "Observations": "Text",
}  # fmt: skip
"""Columns as Grist names them, and their types."""
HEADER = list(KINDS)
THEMES = (
    ("Démarches administratives", 30), ("Courriels", 15), ("Smartphone", 20),
    ("Ordinateur", 15), ("Internet", 12), ("Sécurité", 8),
)  # fmt: skip
AUTONOMIES = ("Entièrement accompagné", "Partiellement autonome", "Autonome")
TRAINING_EVERY_DAYS = 9
STUDENT_OUTCOMES = (("Année validée", 74), ("Année non validée", 18), ("Abandon", 8))

Draw = Callable[[random.Random, OpenDay], dict[str, Cell]]


def registre_services(
    site: Site, visits: Iterable[Visit], cohorts: Mapping[int, Sequence[Person]], path: str
) -> Export:
    """Register of the period, in a table of Grist."""
    rng = site.chance("registre-services")
    entries = [*uses_of_people(rng, visits), *campus_years(rng, cohorts)]
    for open_day in site.days:
        for share, draw in OCCASIONS:
            for _ in range(times(rng, share * open_day.pull * site.scale)):
                entries.append((open_day.day, draw(rng, open_day)))
        if open_day.day.toordinal() % TRAINING_EVERY_DAYS == 0:
            entries.append((open_day.day, training(rng, open_day)))
    entries.sort(key=lambda pair: (pair[0], str(pair[1]["Heure"])))
    table = Table(HEADER, [register_row(rng, day, cells) for day, cells in entries])
    for number, row in enumerate(table.rows, start=1):
        row[0] = f"REG-{number:05}"
    plant(site, table)
    return answers(path, table)


def answers(path: str, table: Table) -> Export:
    """What Grist says of the columns, then of all records: days are seconds."""
    columns: list[Any] = [{"id": name, "fields": {"type": kind}} for name, kind in KINDS.items()]
    records: list[Any] = [
        {
            "id": number,
            "fields": {n: grist_cell(c, KINDS[n]) for n, c in zip(HEADER, row, strict=True)},
        }
        for number, row in enumerate(table.rows, start=1)
    ]
    document = "api/docs/invente/tables/Registre"
    asked = [
        (f"{document}/columns", {"columns": columns}),
        (f"{document}/records", {"records": records}),
    ]
    return pages(path, table, asked)


def grist_cell(cell: Cell, kind: str) -> Cell:
    """Grist keeps a text that is no day as it was typed, and has 0 where nobody wrote a number."""
    if isinstance(cell, date):
        return calendar.timegm(cell.timetuple())
    if cell == "":
        return 0 if kind in ("Int", "Numeric") else None if kind == "Date" else ""
    return cell


def times(rng: random.Random, expected: float) -> int:
    """A whole number of occurrences around what is expected."""
    return int(expected) + (1 if rng.random() < expected % 1 else 0)


def register_row(rng: random.Random, day: date, cells: dict[str, Cell]) -> Row:
    usual: dict[str, Cell] = {
        "Date": day,
        "Participants": 1,
        "Lieu": "Sur place",
        "Observations": comment(rng),
    }
    return [cells.get(column, usual.get(column, "")) for column in HEADER]


def identity(person: Person) -> dict[str, Cell]:
    """Names in small letters, now and then with first and last name in each other's column."""
    first, last = person.first_name.lower(), person.last_name.lower()
    if person.number % 29 == 0:
        first, last = last, first
    return {
        "Nom": last,
        "Prenom": first,
        "Ne_e_le": person.born,
        "Genre": LETTERS_OF_GENDER[person.gender],
        "Situation": WORDS_OF_STATUS[person.status],
        "Commune": person.home,
    }


def uses_of_people(
    rng: random.Random, visits: Iterable[Visit]
) -> list[tuple[date, dict[str, Cell]]]:
    """Sessions with an adviser, where people gain autonomy, and hours at the machines."""
    sessions: dict[int, int] = {}
    entries = []
    for visit in visits:
        cells: dict[str, Cell] = {"Heure": f"{visit.arrives:%H:%M}", **identity(visit.person)}
        if visit.service == "mediation_numerique":
            level = autonomy(rng, sessions.setdefault(visit.person.number, 0))
            sessions[visit.person.number] += 1
            cells |= {
                "Service": "Médiation numérique", "Duree": french_duration(visit.minutes),
                "Accompagnement": "Individuel", "Theme": weighted(rng, THEMES),
                "Autonomie": AUTONOMIES[level],
                "Resultat": "Réglé" if rng.random() < 0.7 else "À suivre",
            }  # fmt: skip
        elif visit.service == "makerspace":
            hours = max(0.5, round(visit.minutes / 30) / 2)
            cells |= {
                "Service": "Makerspace", "Duree": french_duration(visit.minutes),
                "Quantite": hours, "Unite": "Heures",
                "Montant": round(3 * hours, 2),
            }  # fmt: skip
        else:
            continue
        entries.append((visit.arrives.date(), cells))
    return entries


def autonomy(rng: random.Random, sessions_before: int) -> int:
    """Rank of autonomy: often low at first, a little higher with each session."""
    return min(2, int(rng.random() * 1.5 + sessions_before * 0.22))


def campus_years(
    rng: random.Random, cohorts: Mapping[int, Sequence[Person]]
) -> list[tuple[date, dict[str, Cell]]]:
    """Enrolment in September and, where the year is over, its result in July."""
    entries = []
    for year, students in cohorts.items():
        first, last = campus_term(year)
        for student in students:
            common: dict[str, Cell] = {
                "Service": "Campus connecté", "Heure": "09:00", "Inscrit_du": first,
                "Inscrit_au": last, **identity(student),
            }  # fmt: skip
            entries.append((first, common))
            if last < LAST_DAY:
                result: dict[str, Cell] = {"Resultat": weighted(rng, STUDENT_OUTCOMES)}
                entries.append((date(year + 1, 7, 7), common | result))
    return entries


def campus_term(year: int) -> tuple[date, date]:
    """First and last day of the academic year that starts in `year`."""
    return date(year, 9, 9), date(year + 1, 6, 26)


def clock(rng: random.Random, open_day: OpenDay) -> str:
    opens, closes = rng.choice(open_day.hours)
    minute = rng.randrange(opens, closes - 30, 15)
    return f"{minute // 60:02}:{minute % 60:02}"


def nursery(rng: random.Random, open_day: OpenDay) -> dict[str, Cell]:
    """Children of the morning, counted: this service never keeps anybody's name."""
    return {
        "Service": "Maison de la petite enfance", "Heure": "09:30", "Duree": "3h00",
        "Participants": rng.randint(3, 11), "Accompagnement": "Collectif",
    }  # fmt: skip


def telemedicine(rng: random.Random, open_day: OpenDay) -> dict[str, Cell]:
    return {
        "Service": "Télémédecine", "Heure": clock(rng, open_day),
        "Duree": french_duration(rng.randrange(15, 45, 5)), "Accompagnement": "Individuel",
    }  # fmt: skip


def bicycle(rng: random.Random, open_day: OpenDay) -> dict[str, Cell]:
    days = rng.choice((0.5, 0.5, 1, 1, 1, 2))
    return {
        "Service": "Vélo électrique", "Heure": clock(rng, open_day),
        "Quantite": days, "Unite": "Jours", "Montant": round(4 * days, 2),
    }  # fmt: skip


def shared_ride(rng: random.Random, open_day: OpenDay) -> dict[str, Cell]:
    return {
        "Service": "Autostop", "Heure": clock(rng, open_day), "Quantite": 1,
        "Unite": "Trajets", "Lieu": "Hors les murs",
    }  # fmt: skip


def room(rng: random.Random, open_day: OpenDay) -> dict[str, Cell]:
    """A room rented by an organisation or lent to an association."""
    hours = rng.choice((1.5, 2, 2, 3, 3.5, 7))
    return {
        "Service": "Location de salle", "Heure": clock(rng, open_day),
        "Duree": french_duration(round(hours * 60)), "Quantite": hours,
        "Unite": "Heures", "Montant": round(hours * rng.choice((0, 12.5, 20, 180)), 2),
        "Participants": rng.randint(4, 30), "Accompagnement": "Collectif",
        "SIRET": invented_siret(rng.randrange(40)),
    }  # fmt: skip


def meals(rng: random.Random, open_day: OpenDay) -> dict[str, Cell]:
    """The meals of a day, counted at the till."""
    served = rng.randint(4, 14)
    return {
        "Service": "Restaurant", "Heure": "12:15", "Montant": round(11.5 * served, 2),
        "Participants": served,
    }  # fmt: skip


def training(rng: random.Random, open_day: OpenDay) -> dict[str, Cell]:
    return {
        "Service": "Formation", "Heure": "14:00", "Duree": "3h00",
        "Participants": rng.randint(4, 12), "Accompagnement": "Collectif",
        "Theme": weighted(rng, THEMES),
    }  # fmt: skip


OCCASIONS: tuple[tuple[float, Draw], ...] = (
    (0.8, nursery),
    (0.9, telemedicine),
    (1.2, bicycle),
    (1.1, shared_ride),
    (0.7, room),
    (0.6, meals),
)
"""How often a day, in a place of usual size."""


def french_duration(minutes: int) -> str:
    return f"{minutes // 60}h{minutes % 60:02}"


def plant(site: Site, table: Table) -> None:
    planter = Planter(site.chance("registre-services faults"), table)
    planter.duplicate(1200)
    planter.write(1300, "unreadable date", "Date", UNREADABLE_DAY)
    planter.write(1400, "unknown code", "Service", "Prêt de tondeuse")
    planter.write(1800, "unreadable number", "Quantite", "une demi")
