"""DSN files as a payroll software writes them: one rubric a line, blocks without a mark of their own.

People are invented: their NIRs have a month that no calendar has.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

Rubrics = dict[str, str]
SIREN, NIC = "000000000", "00018"
SIRET = SIREN + NIC


def day(text: str) -> str:
    """`2026-02-01` as `01022026`."""
    return date.fromisoformat(text).strftime("%d%m%Y")


def nir(number: int, sex: str = "2") -> str:
    return f"{sex}8013{75000 + number // 1000:05}{number % 1000:03}"


@dataclass
class Person:
    """One block 30; `rubrics` replaces what it says."""

    number: int
    contracts: list[Contract] = field(default_factory=list)
    rubrics: Rubrics = field(default_factory=dict)
    changes: list[Rubrics] = field(default_factory=list)

    def lines(self) -> list[str]:
        plain = {
            "001": nir(self.number), "002": f"NOM-{self.number}", "004": f"PRENOM-{self.number}",
            "006": "12031980", "008": "1 RUE INVENTEE", "009": "80000", "019": f"M{self.number}",
        }  # fmt: skip
        lines = block("S21.G00.30", plain | self.rubrics)
        for change in self.changes:
            lines += block("S21.G00.31", change)
        for contract in self.contracts:
            lines += contract.lines()
        for contract in self.contracts:
            lines += block("S21.G00.51", {"010": contract.number, "011": "001", "013": "2345.67"})
            lines += block("S21.G00.53", {"001": "01", "002": "12.00", "003": "10"})
        return lines


@dataclass
class Contract:
    """One block 40 with what hangs on it; `rubrics` replaces what it says."""

    starts: str
    quota: str = "151.67"
    number: str = "00001"
    rubrics: Rubrics = field(default_factory=dict)
    changes: list[Rubrics] = field(default_factory=list)
    end: Rubrics = field(default_factory=dict)

    def lines(self) -> list[str]:
        plain = {
            "001": day(self.starts), "004": "433d", "006": "L'ANIMATEUR D'ICI", "007": "01",
            "008": "99", "009": self.number, "011": "10", "012": "151.67", "013": self.quota,
            "014": "10" if self.quota == "151.67" else "20", "019": SIRET, "026": "99", "072": "01",
        }  # fmt: skip
        lines = block("S21.G00.40", plain | self.rubrics)
        for change in self.changes:
            lines += block("S21.G00.41", change)
        lines += block("S21.G00.60", {"001": "01", "002": "01022026"})
        return lines + (block("S21.G00.62", self.end) if self.end else [])


def block(code: str, rubrics: Rubrics) -> list[str]:
    return [f"{code}.{rubric},'{value}'" for rubric, value in sorted(rubrics.items()) if value]


def declared(
    month: str, people: list[Person], made: str = "", order: int = 1, **rubrics: str
) -> list[str]:
    """A monthly declaration; `rubrics` such as `r003="12"` replace what its header says."""
    header = {
        "001": "01", "002": "01", "003": "11", "004": str(order), "005": day(f"{month}-01"),
        "007": day(made or f"{month}-28"), "008": "01", "010": "01",
    }  # fmt: skip
    return declaration(header, people, rubrics)


def signalled(
    person: Person, made: str, order: int, kind: str = "01", cancels: str = "", **rubrics: str
) -> list[str]:
    """A signal that a contract ended; `kind` 03 replaces and 04 cancels the one named."""
    header = {
        "001": "07", "002": kind, "003": "11", "004": str(order), "006": cancels, "007": day(made),
        "008": "01", "010": "01",
    }  # fmt: skip
    return declaration(header, [person], rubrics)


def declaration(header: Rubrics, people: list[Person], rubrics: Rubrics) -> list[str]:
    siret = rubrics.pop("siret", SIRET)
    lines = block("S20.G00.05", header | {key[1:]: value for key, value in rubrics.items()})
    lines += block("S21.G00.06", {"001": siret[:9], "002": siret[9:], "003": "9499Z"})
    lines += block("S21.G00.11", {"001": siret[9:], "002": "9499Z", "005": "L'ÎLE-D'ESSAI"})
    for person in people:
        lines += person.lines()
    return lines


def envelope(*declarations: list[str], norm: str = "P26V01", is_test: bool = False) -> str:
    """What is sent: declarations between a first block and a last one, which counts the rubrics."""
    lines = block("S10.G00.00", {"001": "PAIE", "005": "01" if is_test else "02", "006": norm})
    lines += block("S10.G00.01", {"001": SIREN, "002": NIC, "003": "LIEU INVENTE"})
    for lines_of_one in declarations:
        lines += lines_of_one
    lines += [f"S90.G00.90.001,'{len(lines) + 2}'", f"S90.G00.90.002,'{len(declarations)}'"]
    return "\r\n".join(lines) + "\r\n"
