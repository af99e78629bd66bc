"""Staff lists: contracts of a team and of the organisations hosted in the place."""

import dataclasses
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flows.samples.people import People, Person
from flows.samples.seasons import FIRST_DAY, LAST_DAY
from flows.samples.siret import invented_siret
from flows.samples.site import WORDS_OF_GENDER, Site, french_day, french_number
from flows.samples.tables import Cell, Export, Row, Table, open_document, workbook

HEADER = [
    "Matricule", "N° de contrat", "Nom", "Prénom", "Né(e) le", "E-mail", "Genre", "Commune",
    "Relation", "SIRET", "Nature du contrat", "Poste", "Début", "Fin", "Heures hebdo",
    "Brut mensuel", "Motif de sortie",
]  # fmt: skip
ADULTS = ((22, 29, 25), (30, 44, 45), (45, 61, 30))
TEAM, HOSTED = "Équipe", "Structure hébergée"


@dataclass(frozen=True)
class Post:
    """A contract of a staff plan; consecutive contracts of one `holder` are one person."""

    holder: int
    contract: str
    post: str
    starts: date
    ends: date | None
    hours: float
    gross: int | None
    exit: str = ""


@dataclass(frozen=True)
class Contract:
    """A post as somebody has it; `number` is its place in the plan."""

    number: int
    person: Person
    post: Post

    @property
    def staff_number(self) -> str:
        return f"E{self.post.holder:03}"


ASSOCIATION_TEAM = (
    Post(1, "CDI", "Coordination", date(2017, 3, 1), None, 35, 2950),
    Post(2, "CDI", "Fab manager", date(2019, 9, 2), None, 35, 2350),
    Post(3, "CDD", "Animation", date(2024, 2, 1), date(2025, 1, 31), 28, 1720),
    Post(3, "CDI", "Animation", date(2025, 2, 1), None, 35, 2180),
    Post(4, "CDD", "Conseiller numérique", date(2023, 11, 15), date(2026, 11, 14), 35, 2080),
    Post(5, "CDI", "Administration", date(2021, 1, 4), None, 17.5, 1150),
    Post(6, "Contrat d'apprentissage", "Fab manager", date(2025, 9, 1), date(2027, 8, 31), 35, 980),
    Post(7, "Service civique", "Animation", date(2024, 10, 1), date(2025, 5, 31), 24, None),
    Post(8, "Service civique", "Animation", date(2025, 10, 6), date(2026, 6, 5), 24, None),
    Post(9, "Stage", "Communication", date(2026, 3, 2), date(2026, 6, 26), 35, None),
)
PUBLIC_TEAM = (
    Post(1, "Fonctionnaire", "Coordination", date(2018, 11, 1), None, 35, 2780),
    Post(2, "Fonctionnaire", "Accueil", date(2018, 11, 1), None, 35, 2110),
    Post(3, "Contractuel", "Accueil", date(2021, 6, 1), date(2025, 5, 31), 35, 1990, "Mutation"),
    Post(4, "Contractuel", "Accueil", date(2025, 6, 16), None, 35, 2010),
    Post(5, "Contractuel", "Conseiller numérique", date(2021, 9, 1), None, 35, 2060),
    Post(6, "Contractuel", "Conseiller numérique", date(2022, 2, 1), date(2025, 1, 31), 35, 2060,
         "CDI ailleurs"),
    Post(7, "Contractuel", "Conseiller numérique", date(2025, 3, 3), date(2028, 3, 2), 35, 2080),
    Post(8, "PEC", "Animation", date(2024, 11, 4), date(2025, 11, 3), 20, 1040, "Formation"),
    Post(9, "Fonctionnaire", "Petite enfance", date(2019, 1, 7), None, 28, 1850),
    Post(10, "Fonctionnaire", "Campus connecté", date(2020, 9, 1), None, 17.5, 1230),
    Post(11, "Service civique", "Animation", date(2025, 11, 3), date(2026, 7, 2), 24, None),
    Post(12, "Contractuel", "Animation", date(2026, 1, 5), None, 31.5, 1820),
    Post(13, "Service civique", "Animation", date(2023, 11, 6), date(2024, 7, 5), 24, None),
)  # fmt: skip


PAID_BY_OTHERS = ("Service civique",)
"""Contracts of the team that no payroll of the employer tells: the State pays these."""


def by_payroll(
    team: Sequence[Contract], tools: Collection[str]
) -> tuple[list[Contract], list[Contract]]:
    """Whom the payroll tells, where there is a sheet made of it; and whom the list has to tell."""
    paid = [c for c in team if "paie" in tools and c.post.contract not in PAID_BY_OTHERS]
    return paid, [contract for contract in team if contract not in paid]


def rh(
    site: Site, people: People, team: Sequence[Contract], known: Sequence[Person], hosted: int,
    path: str,
) -> Export:  # fmt: skip
    """Of an association's team, and those it hosts; `known` people among them come to work."""
    table = Table(HEADER, [*team_rows(team), *hosted_rows(site, people, known, hosted)])
    add_total(site, table)
    return workbook(path, table, "Contrats")


def agents(site: Site, team: Sequence[Contract], path: str) -> Export:
    """Of the public staff of a hybrid place."""
    table = Table(HEADER, [*team_rows(team)])
    add_total(site, table)
    return open_document(path, table, "Agents")


def hired(site: Site, people: People, plan: Sequence[Post]) -> list[Contract]:
    """The plan's contracts; nobody is hired before the place opens."""
    opening = site.place.opened_on or FIRST_DAY
    holders: dict[int, Person] = {}
    contracts = []
    for number, post in enumerate(plan, start=1):
        if post.holder not in holders:
            holders[post.holder] = people.draw(ADULTS, women=0.62)
        if post.ends is not None and post.ends <= opening:
            continue
        starts = max(post.starts, opening)
        held = dataclasses.replace(post, starts=starts)
        contracts.append(Contract(number, holders[post.holder], held))
    return contracts


def team_rows(team: Sequence[Contract]) -> Iterator[Row]:
    for contract in team:
        number = f"C-{contract.number:03}"
        yield contract_row(contract.staff_number, number, contract.person, TEAM, contract.post)


def hosted_rows(site: Site, people: People, known: Sequence[Person], count: int) -> Iterator[Row]:
    """Independents and small organisations: some were there before, some come and go."""
    rng = site.chance("rh")
    opening = site.place.opened_on or FIRST_DAY
    period = (LAST_DAY - FIRST_DAY).days
    for number in range(1, count + 1):
        person = known[number - 1] if number <= len(known) else people.draw(ADULTS, women=0.48)
        offset = rng.randint(-900, period - 120)
        starts = max(opening, (FIRST_DAY + timedelta(days=offset)).replace(day=1))
        stays = rng.randint(300, 1500)
        ends = starts + timedelta(days=stays)
        is_there = number <= len(known) or ends > LAST_DAY
        contract, hours = rng.choice(("Micro-entreprise", "Gérance")), 35.0
        gross: int | None = None
        if number % 5 == 0:  # an employee; the next in the list is the employer
            contract, gross = "CDI", rng.randint(18, 29) * 100
            hours = rng.choice((35.0, 28.0, 24.5))
        post = Post(number, contract, "Autre", starts, None if is_there else ends, hours, gross)
        employer = number - 1 if number % 5 == 1 and number > 1 else number
        yield contract_row(
            f"H{number:03}", f"H-{number:03}", person, HOSTED, post, invented_siret(200 + employer)
        )


def contract_row(
    badge: str, contract: str, person: Person, relation: str, post: Post, siret: str = ""
) -> Row:
    """One line of the list; some last days were typed as text."""
    ends: Cell = post.ends
    if post.ends is not None and post.holder % 3 == 0:
        ends = french_day(post.ends)
    return [
        badge, contract, person.last_name, person.first_name, person.born, person.email,
        WORDS_OF_GENDER[person.gender], person.home, relation, siret, post.contract, post.post,
        post.starts, ends, french_number(post.hours),
        None if post.gross is None else float(post.gross), post.exit,
    ]  # fmt: skip


def add_total(site: Site, table: Table) -> None:
    """The line of totals at the bottom, as the person in charge likes it."""
    if not site.is_showcase:
        return
    position = table.position("Heures hebdo")
    hours = sum(float(str(row[position]).replace(",", ".")) for row in table.rows)
    total: Row = [""] * len(table.header)
    total[0], total[position] = "TOTAL", french_number(hours)
    table.rows.append(total)
    table.faults.append((total, "totals row"))
