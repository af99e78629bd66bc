"""Invented employers with what is true of their contracts, and the DSN files that say it, or do not.

The oracle knows no fold of months: for each contract it keeps what was true, and was told, on each
day, and writes the days that are alike as one row.
"""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass, field
from datetime import date, timedelta

from tests.payroll.dsn_text import SIRET, Contract, Person, day, declared, envelope, nir, signalled

QUOTAS = {
    "151.67": "35h00",
    "121.33": "28h00",
    "104.00": "24h00",
    "86.67": "20h00",
    "75.83": "17h30",
}
KINDS = (  # nature, scheme → the code of the sheet
    ("01", "99", "CDI"), ("02", "99", "CDD"), ("02", "41", "PEC"), ("02", "71", "CDDI"),
    ("02", "65", "APPRENTISSAGE"), ("10", "99", "CONTRACTUEL_PUBLIC"),
)  # fmt: skip
REASONS = (("031", "inconnu"), ("059", "inconnu"), ("039", "retraite"), ("066", "deces"))
Row = tuple[str, ...]
"""Kind, first day, last day, hours, reason, whether the end is inferred."""


@dataclass
class Change:
    """From one quota to another: on which day, told with that day or not, and in which month."""

    day: date
    quota: str
    is_told: bool
    told_in: str

    @property
    def counts_from(self) -> date:
        """What nobody told is of the month whose declaration shows it."""
        return self.day if self.is_told else date.fromisoformat(f"{self.told_in}-01")


@dataclass
class TrueContract:
    person: int
    kind: tuple[str, str, str]
    starts: date
    quota: str
    number: str
    changes: list[Change] = field(default_factory=list)
    ends: date | None = None
    ending: str = ""
    """month, signal, both, forgotten, cancelled, signal cancelled, signal replaced."""
    reason: tuple[str, str] = REASONS[0]

    @property
    def real_end(self) -> date | None:
        return None if "cancelled" in self.ending else self.ends

    def quota_in(self, month: str) -> str:
        """What the declaration of the month gives."""
        told = [change for change in self.changes if change.told_in <= month]
        return told[-1].quota if told else self.quota

    def is_in(self, month: str) -> bool:
        last = self.real_end
        return f"{self.starts:%Y-%m}" <= month and (last is None or f"{last:%Y-%m}" >= month)


@dataclass
class Employer:
    """An employer, drawn by chance; `files` are its DSN files, `rows` what is to come out."""

    seed: int

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        first = self.chance.choice(("2025-01", "2025-06", "2025-10"))
        count = self.chance.randint(3, 9)
        number = int(first[:4]) * 12 + int(first[5:]) - 1
        self.months = [f"{n // 12}-{n % 12 + 1:02}" for n in range(number, number + count)]
        self.all_the_same = self.chance.random() < 0.3
        self.renumbers = self.chance.choice((None, None, "silently", "told"))
        self.contracts = [c for p in range(1, self.chance.randint(2, 8)) for c in self.hired(p)]
        self.new_nir = {p: self.chance.choice(self.months) for p in self.people if p % 4 == 0}

    @property
    def people(self) -> list[int]:
        return sorted({contract.person for contract in self.contracts})

    def any_day(self) -> date:
        first = date.fromisoformat(f"{self.months[0]}-01")
        last = date.fromisoformat(f"{self.months[-1]}-28")
        return first + timedelta(self.chance.randint(0, (last - first).days))

    def hired(self, person: int) -> list[TrueContract]:
        """One contract or two, of which one may follow the other or run beside it."""
        contracts = []
        for nth in range(self.chance.choice((1, 1, 1, 2))):
            before = date(self.chance.randint(2015, 2024), self.chance.randint(1, 12), 1)
            starts = self.chance.choice((before, self.any_day()))
            contract = TrueContract(
                person, self.chance.choice(KINDS), starts + timedelta(nth),
                self.chance.choice([*QUOTAS]),
                "00000" if self.all_the_same else f"0000{person}{nth}",
            )  # fmt: skip
            if self.chance.random() < 0.5:
                self.end(contract)
            for _ in range(self.chance.choice((0, 0, 1, 2))):
                self.change(contract)
            contracts.append(contract)
        return contracts

    def end(self, contract: TrueContract) -> None:
        contract.ends = self.any_day()
        endings = ["month", "signal", "both", "forgotten", "cancelled", "signal cancelled",
                   "signal replaced"]  # fmt: skip
        contract.ending = self.chance.choice(endings)
        contract.reason = self.chance.choice(REASONS)
        if contract.ends < contract.starts:
            contract.ends, contract.ending = None, ""
        elif "cancelled" in contract.ending and f"{contract.ends:%Y-%m}" >= self.months[-1]:
            contract.ending = "month"

    def change(self, contract: TrueContract) -> None:
        """One a month at most; one that is told may be told a month late."""
        on = self.any_day()
        month = f"{on:%Y-%m}"
        is_told = self.chance.random() < 0.6
        if is_told and self.chance.random() < 0.3 and month < self.months[-1]:
            month = self.months[self.months.index(month) + 1]
        known = contract.changes
        quota = self.chance.choice([q for q in QUOTAS if q != (known or [contract])[-1].quota])
        is_later = not known or (known[-1].told_in < month and known[-1].day < on)
        can_be_seen = is_told or month not in (self.months[0], f"{contract.starts:%Y-%m}")
        if contract.starts < on and is_later and can_be_seen and contract.is_in(month):
            known.append(Change(on, quota, is_told, month))

    # --- what is true and told, day by day --------------------------------------------------------

    def rows(self) -> list[list[Row]]:
        """The rows of each person, sorted; people in an order of their own."""
        people: dict[int, list[Row]] = {}
        for contract in self.contracts:
            if contract.is_in(self.months[0]) or any(map(contract.is_in, self.months)):
                people.setdefault(contract.person, []).extend(self.rows_of(contract))
        return sorted(sorted(rows) for rows in people.values())

    def rows_of(self, contract: TrueContract) -> list[Row]:
        last_month = max(month for month in self.months if contract.is_in(month))
        ends, reason, is_inferred = contract.real_end, contract.reason[1], ""
        if ends and contract.ending == "forgotten":
            ends = reason = None  # type: ignore[assignment]
            if last_month < self.months[-1]:
                ends, reason, is_inferred = last_of(last_month), "inconnu", "oui"
        horizon = ends or last_of(self.months[-1])
        days = [contract.starts + timedelta(n) for n in range((horizon - contract.starts).days + 1)]
        rows: list[Row] = []
        for hours, alike in itertools.groupby(days, key=lambda d: self.hours_on(contract, d)):
            own = list(alike)
            is_last = own[-1] == horizon
            rows.append((
                contract.kind[2], f"{own[0]}", f"{own[-1]}" if ends or not is_last else "", hours,
                (reason or "") if ends and is_last else "", is_inferred if is_last else "",
            ))  # fmt: skip
        return rows

    def hours_on(self, contract: TrueContract, on: date) -> str:
        quota = contract.quota
        for change in contract.changes:
            if change.counts_from <= on:
                quota = change.quota
        return QUOTAS[quota]

    # --- what is declared -------------------------------------------------------------------------

    def files(self) -> dict[str, str]:
        """Some months of one file, some replaced, signals alone; the order means nothing."""
        parts = [part for month in self.months for part in self.declarations_of(month)]
        parts += [part for contract in self.contracts for part in self.signals_of(contract)]
        self.chance.shuffle(parts)
        files: dict[str, str] = {}
        while parts:
            several = [parts.pop() for _ in range(min(len(parts), self.chance.randint(1, 3)))]
            norm = self.chance.choice(("P22V01", "P24V01", "P26V01"))
            text = "".join(envelope(part, norm=norm) for part in several)
            if self.chance.random() < 0.3:
                text = "S05.G51.00.001,'V01R02'\nS06.G51.00.001,'DSNOK'\n" + text.replace("\r", "")
            files[f"{len(files)}.dsn"] = text
        return files

    def declarations_of(self, month: str) -> list[list[str]]:
        people = [person for p in self.people if (person := self.person_in(p, month)).contracts]
        kind = "01" if people else "02"
        if self.chance.random() < 0.7:
            return [declared(month, people, r002=kind)]
        bad = [Person(p.number, [Contract("2001-01-01", "10.00")]) for p in people]
        right = "03" if people else "05"
        return [
            declared(month, bad, made=f"{month}-20", r002="01" if bad else "02"),
            declared(month, people, made=f"{month}-20", order=2, r002=right, r006="1"),
        ]

    def person_in(self, number: int, month: str) -> Person:
        """Before the NIR is known there is a provisional number, and once both."""
        person = Person(number)
        ntt = f"2{SIRET[:9]}{number:04}"
        known_in = self.new_nir.get(number, "")
        if month < known_in:
            person.rubrics = {"001": "", "005": "02", "020": ntt}
        elif month == known_in:
            person.rubrics = {"020": ntt}
        for contract in self.contracts:
            if contract.person == number:
                person.contracts += self.block_of(contract, month)
        return person

    def block_of(self, contract: TrueContract, month: str) -> list[Contract]:
        if not contract.is_in(month):
            ended = contract.real_end
            is_over = ended is not None and f"{ended:%Y-%m}" < month
            is_linked = contract.person not in self.new_nir  # else somebody new, to whoever reads
            is_late_pay = is_over and is_linked and self.chance.random() < 0.15
            if not is_late_pay or contract.ending == "forgotten":
                return []
        nature, scheme, _kind = contract.kind
        written = Contract(
            f"{contract.starts}", contract.quota_in(month), self.number_in(contract, month),
            {"007": nature, "008": scheme},
        )  # fmt: skip
        if self.renumbers == "told" and month == self.months[1] and contract.is_in(self.months[0]):
            written.changes.append({"001": day(f"{month}-01"), "014": contract.number})
        before = contract.quota
        for change in contract.changes:
            if change.is_told and change.told_in == month:
                written.changes.append({"001": day(f"{change.day}"), "007": before})
            before = change.quota
        written.end = self.end_in(contract, month)
        return [written]

    def number_in(self, contract: TrueContract, month: str) -> str:
        if self.renumbers and month >= self.months[1] and not self.all_the_same:
            return contract.number.replace("0000", "9900")
        return contract.number

    def end_in(self, contract: TrueContract, month: str) -> dict[str, str]:
        if contract.ends is None:
            return {}
        own = {"001": day(f"{contract.ends}"), "002": contract.reason[0]}
        end_month = f"{contract.ends:%Y-%m}"
        if month == end_month and contract.ending in ("month", "both", "cancelled"):
            return own
        if contract.ending == "cancelled" and month == next_month(end_month):
            return own | {"002": "099"}
        return {}

    def signals_of(self, contract: TrueContract) -> list[list[str]]:
        if contract.ends is None or not ("signal" in contract.ending or contract.ending == "both"):
            return []
        month = f"{contract.ends:%Y-%m}"
        person = self.person_in(contract.person, month)
        written = Contract(
            f"{contract.starts}", contract.quota_in(month), self.number_in(contract, month),
            {"007": contract.kind[0], "008": contract.kind[1]},
            end={"001": day(f"{contract.ends}"), "002": contract.reason[0]},
        )  # fmt: skip
        person.contracts = [written]
        made = f"{contract.ends + timedelta(1)}"
        order = 1000 + 10 * self.contracts.index(contract)
        if contract.ending == "signal cancelled":
            cancel = signalled(person, made, order + 1, "04", f"{day(made)}{order}")
            return [signalled(person, made, order), cancel]
        if contract.ending == "signal replaced":
            false_end = {"001": day(f"{contract.starts}"), "002": "031"}
            wrong = Person(person.number, [Contract(**{**vars(written), "end": false_end})],
                           person.rubrics)  # fmt: skip
            right = signalled(person, made, order + 1, "03", f"{day(made)}{order}")
            return [signalled(wrong, made, order), right]
        return [signalled(person, made, order)]

    def secrets(self) -> list[str]:
        """What may stand nowhere in what is written."""
        return [text for p in self.people for text in (nir(p), f"NOM-{p}", f"PRENOM-{p}")]


def last_of(month: str) -> date:
    return date.fromisoformat(f"{next_month(month)}-01") - timedelta(1)


def next_month(month: str) -> str:
    number = int(month[:4]) * 12 + int(month[5:])
    return f"{number // 12}-{number % 12 + 1:02}"
