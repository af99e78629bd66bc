"""France services: demands noted by the advisers, one file for each calendar year."""

import random
from collections.abc import Iterable
from datetime import timedelta

from flows.samples.crowd import Visit
from flows.samples.faults import UNKNOWN_COMMUNE, UNREADABLE_DAY, Planter, comment
from flows.samples.names import without_accents
from flows.samples.people import Person, weighted
from flows.samples.site import (
    LETTERS_OF_GENDER,
    WORDS_OF_STATUS,
    Site,
    french_day,
    french_moment,
    later_french_moment,
)
from flows.samples.tables import Export, Row, Table, delimited

HEADER = [
    "N° demande", "Date", "Heure", "Nom", "Prénom", "Né(e) le", "Genre", "Situation", "Commune",
    "Opérateur", "Accueil", "Lieu", "Durée (min)", "Suite donnée", "Modifié le", "Commentaire",
]  # fmt: skip
OPERATORS = (
    ("CAF", 20), ("Assurance maladie", 19), ("France Titres (ANTS)", 15), ("Impôts (DGFiP)", 13),
    ("Carsat", 11), ("MSA", 6), ("France Travail", 7), ("La Poste", 3), ("Point-justice", 2),
    ("Chèque énergie", 2), ("France Rénov'", 2),
)  # fmt: skip
OUTCOMES = (
    ("Traité sur place", 79), ("À reprendre", 8), ("Orienté vers l'opérateur", 7), ("Abandon", 2),
    ("", 4),
)  # fmt: skip
SECOND_DEMAND_SHARE, TELEPHONE_SHARE = 0.12, 0.07


def france_services(site: Site, visits: Iterable[Visit], folder: str) -> list[Export]:
    """The demands of the period, in CP1252 as the advisers' spreadsheet saves them."""
    rng = site.chance("france-services")
    tables: dict[int, Table] = {}
    for visit in visits:
        year = visit.arrives.year
        table = tables.setdefault(year, Table(HEADER, []))
        for _ in range(2 if rng.random() < SECOND_DEMAND_SHARE else 1):
            table.rows.append(demand(rng, visit, f"FS{year}-{len(table.rows) + 1:05}"))
    if site.is_showcase and {2025, 2026} <= tables.keys():
        reopen(tables[2025], tables[2026])
    for year, table in sorted(tables.items()):
        plant(site, table, year)
    return [
        delimited(f"{folder}/france-services-{year}.csv", table, ";", "cp1252")
        for year, table in sorted(tables.items())
    ]


def demand(rng: random.Random, visit: Visit, number: str) -> Row:
    """One demand; the commune has lost its leading zero on the way through a spreadsheet."""
    person = visit.person
    is_call = rng.random() < TELEPHONE_SHARE
    outcome = weighted(rng, OUTCOMES)
    minutes = rng.randrange(10, 55, 5)
    noted = visit.arrives + timedelta(minutes=minutes)
    last_name, first_name = as_advisers_write(person)
    return [
        number, french_day(visit.arrives), f"{visit.arrives:%H:%M}", last_name, first_name,
        french_day(person.born), LETTERS_OF_GENDER[person.gender], WORDS_OF_STATUS[person.status],
        person.home.lstrip("0"), weighted(rng, OPERATORS),
        "Téléphone" if is_call else "Guichet", "À distance" if is_call else "Sur place",
        str(minutes), outcome, french_moment(noted), comment(rng),
    ]  # fmt: skip


def as_advisers_write(person: Person) -> tuple[str, str]:
    """Names in capitals, mostly without their accents."""
    last_name = person.last_name.upper()
    if person.number % 3:
        return without_accents(last_name), without_accents(person.first_name)
    return last_name, person.first_name


def reopen(before: Table, after: Table) -> None:
    """A demand of December that was settled in January: the next year's file corrects it."""
    settled = next(row for row in reversed(before.rows) if row[13] == "À reprendre")
    again = list(settled)
    again[13] = "Traité sur place"
    again[14] = later_french_moment(settled[14])
    after.rows.insert(3, again)
    after.faults.append((again, "corrected in the next file"))


def plant(site: Site, table: Table, year: int) -> None:
    planter = Planter(site.chance(f"france-services faults {year}"), table)
    planter.duplicate(900)
    planter.correct(1100, {"Suite donnée": "Traité sur place"}, "Modifié le", later_french_moment)
    planter.write(1000, "unreadable date", "Date", UNREADABLE_DAY)
    planter.write(1100, "unknown operator", "Opérateur", "Guichet 3 ?")
    planter.write(1200, "unknown commune", "Commune", UNKNOWN_COMMUNE)
    planter.ragged(1600)
    if site.is_showcase and year == 2025:
        planter.total("Durée (min)", str(len(table.rows)))
