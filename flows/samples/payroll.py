"""Payroll declarations (DSN) of invented employers, and the sheet that `impact dsn` makes of them.

They lie in a folder that goes when the sheet is made. Nobody is in them: names are numbers, and
every social-security number has a month that no calendar has.
"""

import json
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from flows.onboarding.dsn import make_sheet
from flows.samples.contracts import Contract, Post
from flows.samples.people import REFERENCE_DAY, Person
from flows.samples.seasons import FIRST_DAY, LAST_DAY
from flows.samples.siret import invented_siret
from flows.samples.site import Site
from flows.samples.tables import Export

Rubrics = dict[str, str]

NORM = "P26V01"
LIST = "DEMONSTRATION"
"""The list of the staff, whose name is in that of the sheet."""
KINDS = {  # nature, scheme of public policy and public status, as S21.G00.40 has them
    "CDI": {"007": "01"},
    "CDD": {"007": "02"},
    "Contrat d'apprentissage": {"007": "02", "008": "64"},
    "Stage": {"007": "29"},
    "PEC": {"007": "02", "008": "41"},
    "Fonctionnaire": {"007": "50", "026": "01"},
    "Contractuel": {"007": "10", "026": "02"},
}  # fmt: skip
WORDS_OF_POST = {
    "Fab manager": "Fab manager",
    "Animation": "Animateur",
    "Conseiller numérique": "Conseiller numérique",
}
"""As the sheet has them; any other is `Autre`."""
END_OF_A_FIXED_TERM = "031"
FULL_TIME_HOURS = 35


@dataclass(frozen=True)
class Employer:
    """Who pays the team, and others at its seat, who are none of the place's."""

    siret: str
    elsewhere: tuple[Post, ...] = ()


ASSOCIATION = Employer(invented_siret(901))
COMMUNITY = Employer(
    invented_siret(902),
    (
        Post(91, "Fonctionnaire", "", date(2012, 4, 2), None, 35, 3100),
        Post(92, "Contractuel", "", date(2023, 9, 4), date(2025, 8, 31), 35, 2150),
        Post(93, "CDI", "", date(2020, 1, 6), None, 28, 1760),
    ),
)


def payroll_sheet(site: Site, employer: Employer, team: Sequence[Contract], folder: str) -> Export:
    """What the employer runs each month, over all months; the key is drawn like all else."""
    somebody = Person(0, "", "", "feminin", REFERENCE_DAY, "", "", "", "")
    staff = [*team, *(Contract(0, somebody, post) for post in employer.elsewhere)]
    with tempfile.TemporaryDirectory() as name:
        machine = Path(name)
        files = [machine / f"{month:%Y-%m}.dsn" for month in months()]
        for file, month in zip(files, months(), strict=True):
            file.write_bytes(declared(employer, staff, month).encode("latin-1"))
        listed = machine / f"{LIST}.csv"
        listed.write_text(staff_list(team), encoding="utf-8")
        key = {"key": site.chance("dsn").randbytes(32).hex(), "since": f"{FIRST_DAY:%Y-%m}"}
        (machine / f"{employer.siret}-{LIST}.json").write_text(json.dumps(key))
        names = [str(file) for file in files]
        sheet = make_sheet(names, [employer.siret], [], listed, folder=machine, keys=machine)
        content = sheet.file.read_bytes()
    return Export(f"{folder}/{sheet.file.name}", content, len(sheet.rows), [])


def staff_list(team: Sequence[Contract]) -> str:
    """Who is of the place, and what no declaration tells of them."""
    told = (
        f"{c.staff_number};{c.person.home};{WORDS_OF_POST.get(c.post.post, 'Autre')}" for c in team
    )
    return "\n".join(["Matricule;Commune de résidence;Poste", *dict.fromkeys(told), ""])


def months() -> Iterator[date]:
    """The first day of each."""
    month = FIRST_DAY.replace(day=1)
    while month <= LAST_DAY:
        yield month
        month = next_month(month)


def next_month(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1)


def declared(employer: Employer, staff: Sequence[Contract], month: date) -> str:
    """The file of a month: its envelope, the employer, and who had a contract in it."""
    siren, nic = employer.siret[:9], employer.siret[9:]
    lines = [
        *block("S10.G00.00", {"001": "PAIE", "005": "02", "006": NORM}),
        *block("S10.G00.01", {"001": siren, "002": nic, "003": "EMPLOYEUR INVENTE"}),
        *block("S20.G00.05", {
            "001": "01", "002": "01", "003": "11", "004": "1", "005": dsn_day(month),
            "007": dsn_day(next_month(month) + timedelta(4)), "008": "01", "010": "01",
        }),
        *block("S21.G00.06", {"001": siren, "002": nic}),
        *block("S21.G00.11", {"001": nic}),
    ]  # fmt: skip
    for number, contract in enumerate(staff, start=1):
        post = contract.post
        if post.starts < next_month(month) and (post.ends is None or post.ends >= month):
            lines += person(contract) + terms(post, number, month)
    lines += [f"S90.G00.90.001,'{len(lines) + 2}'", "S90.G00.90.002,'1'"]
    return "\r\n".join([*lines, ""])


def person(contract: Contract) -> list[str]:
    number, born = contract.post.holder, contract.person.born
    sex = "1" if contract.person.gender == "masculin" else "2"
    return block("S21.G00.30", {
        "001": f"{sex}{born:%y}1375999{number:03}", "002": f"NOM{number:04}",
        "004": f"PRENOM{number:04}", "006": dsn_day(born), "009": "00000",
        "019": contract.staff_number,
    })  # fmt: skip


def terms(post: Post, number: int, month: date) -> list[str]:
    """The contract, its end where it ends in this month, and the pay, which nobody reads."""
    quota = f"{post.hours * 52 / 12:.2f}"
    full = f"{FULL_TIME_HOURS * 52 / 12:.2f}"
    contract = {
        "001": dsn_day(post.starts), "008": "99", "009": f"{number:05}", "011": "10", "012": full,
        "013": quota, "014": "10" if quota == full else "20", "026": "99",
    }  # fmt: skip
    lines = block("S21.G00.40", contract | KINDS[post.contract])
    if post.ends is not None and month <= post.ends < next_month(month):
        lines += block("S21.G00.62", {"001": dsn_day(post.ends), "002": END_OF_A_FIXED_TERM})
    pay = {"010": f"{number:05}", "011": "001", "013": f"{post.gross or 0}.00"}
    return lines + block("S21.G00.51", pay)


def block(code: str, rubrics: Rubrics) -> list[str]:
    return [f"{code}.{rubric},'{value}'" for rubric, value in sorted(rubrics.items())]


def dsn_day(day: date) -> str:
    return f"{day:%d%m%Y}"
