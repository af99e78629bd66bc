"""Contracts: jobs, starts, exits, volunteers, organisations."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from typing import Any

from tests.second_opinion.atlas import ATLAS, coefficient
from tests.second_opinion.ground import Cell, Cells, Contract, Ground, Period

NOT_JOBS = ("SERVICE_CIVIQUE", "STAGE", "BENEVOLE")
NOT_SALARIED = (*NOT_JOBS, "INDEPENDANT", "DIRIGEANT")
DYNAMIC = ("cdi", "cdd_plus_6m", "fonction_publique", "creation_entreprise", "cdd_moins_6m",
           "contrat_aide", "formation", "autre_siae")  # fmt: skip
NEUTRALISED = ("retraite", "deces", "maladie_longue")
Group = tuple[str, str]


def jobs(ground: Ground, relation: str | None = None) -> list[Contract]:
    return [
        contract
        for contract in ground.contracts
        if contract.row["contract_type"] not in NOT_JOBS
        and relation in (None, contract.row["relation"])
    ]


def by_scope(
    ground: Ground, contracts: list[Contract], keep: Callable[[Contract, Period], bool]
) -> Iterable[tuple[str, Period, list[Contract]]]:
    """The contracts of each scope and period that has some."""
    for period in ground.periods:
        kept = [contract for contract in contracts if keep(contract, period)]
        for scope, (_kind, places) in ground.scopes.items():
            mine = [contract for contract in kept if contract.place in places]
            if mine:
                yield scope, period, mine


def on_last_day(contract: Contract, period: Period) -> bool:
    return contract.first <= period.end - timedelta(1) <= contract.last


def touches(contract: Contract, period: Period) -> bool:
    return contract.touches(period)


def direct_fte(ground: Ground) -> Cells:
    cells: Cells = {}
    full, most = coefficient("full_time_week_minutes"), coefficient("full_time_fte_max_share")
    team = [c for c in jobs(ground, "equipe") if c.row["contract_type"] != "DIRIGEANT"]
    known = {(c.place, c.person): c.row["employer_siret"] or "" for c in team}
    for c in team:
        known[c.place, c.person] = max(known[c.place, c.person], c.row["employer_siret"] or "")

    def at_once(contract: Contract) -> tuple[str, str, str]:
        employer = contract.row["employer_siret"] or known[contract.place, contract.person]
        return contract.place, contract.person, employer

    together: dict[tuple[str, str, str], list[Contract]] = defaultdict(list)
    for contract in team:
        together[at_once(contract)].append(contract)

    def on(contract: Contract, day: date) -> float:
        mine = min(most * full, contract.row["weekly_minutes"])
        all_of_them = sum(
            min(most * full, c.row["weekly_minutes"])
            for c in together[at_once(contract)]
            if c.first <= day <= c.last
        )
        return mine * full / max(full, all_of_them)

    def in_days(contract: Contract, first: date, last: date) -> float:
        """Day by day only where somebody has another contract."""
        if len(together[at_once(contract)]) == 1:
            return ((last - first).days + 1) * on(contract, first)
        return sum(on(contract, first + timedelta(n)) for n in range((last - first).days + 1))

    for scope, period, mine in by_scope(ground, team, touches):
        size = (period.end - period.start).days
        for group, members in by_contract_type(mine).items():
            total = sum(
                in_days(c, max(c.first, period.start), min(c.last, period.end - timedelta(1)))
                for c in members
            )
            cells[(scope, period.id, *group)] = Cell(total, size * full, len(persons(members)))
    return cells


def persons(contracts: list[Contract]) -> set[str]:
    return {contract.person for contract in contracts}


def by_contract_type(contracts: list[Contract]) -> dict[Group, list[Contract]]:
    found: dict[Group, list[Contract]] = defaultdict(list)
    for contract in contracts:
        found["all", "all"].append(contract)
        found["contract_type", contract.row["contract_type"]].append(contract)
    return found


def latest(contracts: list[Contract], known: Callable[[Contract], Any]) -> dict[str, Any]:
    """What the contract that began last says of each person, of those that say something."""
    found: dict[str, tuple[Any, Any]] = {}
    for contract in contracts:
        said = known(contract)
        if said is not None:
            rank = (contract.row["started_on"], said)
            if contract.person not in found or rank > found[contract.person][0]:
                found[contract.person] = (rank, said)
    return {person: said for person, (_, said) in found.items()}


def known_gender(contract: Contract) -> str | None:
    gender = contract.row["gender"]
    return gender if gender in ("feminin", "masculin") else None


def direct_jobs_eop(ground: Ground) -> Cells:
    cells: Cells = {}
    for scope, period, mine in by_scope(ground, jobs(ground, "equipe"), on_last_day):
        groups = {group: persons(members) for group, members in by_contract_type(mine).items()}
        gender = latest(mine, known_gender)
        for person in persons(mine):
            category = gender.get(person, "non_communique")
            groups.setdefault(("gender", category), set()).add(person)
        for group, members in groups.items():
            cells[(scope, period.id, *group)] = Cell(len(members), None, len(members))
    return cells


def hosted_jobs_eop(ground: Ground) -> Cells:
    cells: Cells = {}
    for scope, period, mine in by_scope(ground, jobs(ground, "structure_hebergee"), on_last_day):
        for group, members in by_contract_type(mine).items():
            size = len(persons(members))
            cells[(scope, period.id, *group)] = Cell(size, None, size)
    return cells


def stable_contract_share(ground: Ground) -> Cells:
    salaried = [c for c in jobs(ground, "equipe") if c.row["contract_type"] not in NOT_SALARIED]
    cells: Cells = {}
    for scope, period, mine in by_scope(ground, salaried, on_last_day):
        stable = {c.person for c in mine if c.row["contract_type"] in ("CDI", "FONCTIONNAIRE")}
        size = len(persons(mine))
        cells[scope, period.id, "all", "all"] = Cell(len(stable), size, size)
    return cells


def women_job_share(ground: Ground) -> Cells:
    cells: Cells = {}
    for scope, period, mine in by_scope(ground, jobs(ground, "equipe"), on_last_day):
        gender = latest(mine, known_gender)
        if gender:
            women = sum(said == "feminin" for said in gender.values())
            cells[scope, period.id, "all", "all"] = Cell(women, len(gender), len(gender))
    return cells


def local_job_share(ground: Ground) -> Cells:
    """A person employed at two places counts once at each."""
    cells: Cells = {}
    near = {
        id: {ATLAS.current[code] for code in place["catchment_communes"]}
        for id, place in ground.places.items()
    }
    declared = [contract for contract in jobs(ground) if near[contract.place]]
    for scope, period, mine in by_scope(ground, declared, on_last_day):
        of_place: dict[str, list[Contract]] = defaultdict(list)
        for contract in mine:
            of_place[contract.place].append(contract)
        homes = [
            (place, person, home)
            for place, contracts in of_place.items()
            for person, home in latest(contracts, known_home).items()
        ]
        if homes:
            local = sum(ATLAS.current[home] in near[place] for place, _, home in homes)
            heads = len({person for _, person, _ in homes})
            cells[scope, period.id, "all", "all"] = Cell(local, len(homes), heads)
    return cells


def known_home(contract: Contract) -> str | None:
    home = contract.row["home_commune"]
    return home if home in ATLAS.current else None


def service_civique_volunteers(ground: Ground) -> Cells:
    civique = [c for c in ground.contracts if c.row["contract_type"] == "SERVICE_CIVIQUE"]
    cells: Cells = {}
    for scope, period, mine in by_scope(ground, civique, touches):
        cells[scope, period.id, "all", "all"] = Cell(len(persons(mine)), None, len(persons(mine)))
    return cells


def structures_hosted(ground: Ground) -> Cells:
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    hosted = [c for c in ground.contracts if c.row["relation"] == "structure_hebergee"]
    for scope, period, mine in by_scope(ground, hosted, touches):
        found[scope, period.id] |= {c.row["employer_siret"] for c in mine}
    for key, uses in ground.split_uses.items():
        found[key] |= {
            use.row["structure_siret"]
            for use in uses
            if use.row["service_code"] in ("coworking", "atelier_partage")
        }
    return {
        (*key, "all", "all"): Cell(len(sirets - {None}))
        for key, sirets in found.items()
        if sirets - {None}
    }


def runs(contracts: list[Contract]) -> dict[tuple[str, str, str | None], list[Contract]]:
    """The contracts of one person with one employer at one place, in order."""
    found: dict[tuple[str, str, str | None], list[Contract]] = defaultdict(list)
    for contract in sorted(contracts, key=lambda c: c.row["started_on"]):
        found[contract.place, contract.person, contract.row["employer_siret"]].append(contract)
    return found


def last_day(contract: Contract) -> date:
    return contract.row["ended_on"] or date.max


def is_told(ground: Ground, contract: Contract, day: date) -> bool:
    first, last = ground.sources[contract.place, contract.row["source_id"]]
    return first <= day <= last


def jobs_started(ground: Ground) -> Cells:
    """A run begins where no earlier contract goes on or ended a short while ago."""
    gap = coefficient("job_gap_days")
    starts: dict[tuple[str, str, str | None, date], Contract] = {}
    for run, contracts in runs(jobs(ground)).items():
        for contract in contracts:
            begins = contract.row["started_on"]
            earlier = [last_day(c) for c in contracts if c.row["started_on"] < begins]
            is_first = not earlier or (begins - max(earlier)).days > gap
            if is_first and is_told(ground, contract, begins):
                starts[*run, begins] = contract
    cells: Cells = {}
    begins_in = lambda c, p: p.holds(c.row["started_on"])  # noqa: E731
    for scope, period, mine in by_scope(ground, list(starts.values()), begins_in):
        cells[scope, period.id, "all", "all"] = Cell(len(mine), None, len(persons(mine)))
    return cells


def dynamic_exit_rate(ground: Ground) -> Cells:
    """Who goes on with the employer has not left; contracts that end together are one exit."""
    least, gap = coefficient("exit_min_stay_days"), coefficient("exit_gap_days")
    exits: dict[tuple[str, str, str | None, date], Contract] = {}
    for run, contracts in runs(jobs(ground)).items():
        for contract in sorted(contracts, key=order):
            end = contract.row["ended_on"]
            if not contract.row["is_insertion"] or not end or not is_told(ground, contract, end):
                continue
            goes_on = any(
                last_day(other) > end and (other.row["started_on"] - end).days <= gap
                for other in contracts
            )
            if (end - contract.row["started_on"]).days + 1 >= least and not goes_on:
                exits[*run, end] = contract
    cells: Cells = {}
    ends_in = lambda c, p: p.holds(c.row["ended_on"])  # noqa: E731
    counted = [c for c in exits.values() if c.row["exit_reason"] not in NEUTRALISED]
    for scope, period, mine in by_scope(ground, counted, ends_in):
        dynamic = sum(c.row["exit_reason"] in DYNAMIC for c in mine)
        cells[scope, period.id, "all", "all"] = Cell(dynamic, len(mine), len(persons(mine)))
    return cells


def order(contract: Contract) -> tuple[date, str]:
    row = contract.row
    return row["started_on"], f"{row['source_id']}/{row['record_id']}"


OPINIONS: dict[str, Callable[[Ground], Cells]] = {
    opinion.__name__: opinion
    for opinion in (
        direct_fte, direct_jobs_eop, hosted_jobs_eop, stable_contract_share, women_job_share,
        local_job_share, service_civique_volunteers, structures_hosted, jobs_started,
        dynamic_exit_rate,
    )
}  # fmt: skip
