"""Payroll declarations (DSN) as the employment sheet of the kit, made at the employer's.

    python dsn.py FILE… [--siret SIRET]… [--workplace CODE]… [--staff LIST]

A DSN says contracts, hours and ends better than any workbook. It also holds social-security
numbers, pay, bank transfers and sick leave, so it stays where it is: this file needs nothing but
Python 3.11, can be handed over alone, and writes the sheet, a key, and nothing else. People become
codes under that key, which stays there too.

The format is that of the cahier technique of the DSN (norm NEODeS, net-entreprises.fr), CT2026.1,
compared with CT2025.1 and P24V01. Norms to come are read too: unknown codes are counted.
"""

import argparse
import calendar
import csv
import glob
import hmac
import itertools
import json
import os
import re
import secrets
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO

OLDEST = (3, 11)
if sys.version_info < OLDEST:
    sys.exit(
        "il faut Python 3.11 ou plus récent → installez-le, puis relancez avec lui\n"
        "Python 3.11 or newer is needed → install it, then run this again with it"
    )

# --- What codes mean here: the lists of CT2026.1, with what came before ---------------------------

NATURES = {  # S21.G00.40.007; None: no contract of the sheet, such as the mandate of an elected one
    "01": "CDI", "07": "CDI", "82": "CDI", "91": "CDI", "02": "CDD", "92": "CDD",
    "03": "INTERIM", "08": "INTERIM", "09": "CONTRACTUEL_PUBLIC", "10": "CONTRACTUEL_PUBLIC",
    "20": "FONCTIONNAIRE", "21": "FONCTIONNAIRE", "50": "FONCTIONNAIRE",
    "29": "STAGE", "80": "DIRIGEANT", "89": "SERVICE_CIVIQUE",
    **dict.fromkeys("32 51 52 53 54 60 70 81 90 93".split()),
}  # fmt: skip
SCHEMES = {  # S21.G00.40.008; None: says no more than the nature, which is 01 or 02 for all these
    "41": "PEC", "21": "CIE", "61": "PROFESSIONNALISATION", "71": "CDDI",
    "64": "APPRENTISSAGE", "65": "APPRENTISSAGE", "81": "APPRENTISSAGE",
    **dict.fromkeys("42 50 51 66 70 80 82 83 92 93 94 99".split()),
}  # fmt: skip
STATUSES = {  # S21.G00.40.026, of those who have one of these contracts
    "01": "FONCTIONNAIRE", "08": "FONCTIONNAIRE", "02": "CONTRACTUEL_PUBLIC",
    **dict.fromkeys("03 04 06 07 09 10 11 12 99".split()),
}  # fmt: skip
HAVE_A_STATUS = ("CDI", "CDD", "CONTRACTUEL_PUBLIC", "FONCTIONNAIRE")
UNITS = {  # S21.G00.40.011: what the quota of a month tells of hours; None: nothing
    "10": "hours", "21": "hours", "12": "share", "20": "share",
    **dict.fromkeys("31 32 33 34 35 99".split()),
}  # fmt: skip
REASONS = {  # S21.G00.62.002: how it ended, seldom what came after; a transfer is no exit
    "038": "retraite", "039": "retraite", "066": "deces", "100": "", "998": "",
    **dict.fromkeys(
        "011 012 014 015 020 025 026 031 032 033 034 035 036 037 043 058 059 065 070 071 081 082 "
        "083 084 085 086 087 088 089 091 092 093 094 095 096 097 098 110 111 112 113 114 115 116 "
        "117 118 119 999".split(), "inconnu",
    ),
}  # fmt: skip
KNOWN: dict[str, Container[str]] = {
    "40.007": NATURES, "40.008": SCHEMES, "40.011": UNITS, "40.026": STATUSES, "62.002": REASONS,
}  # fmt: skip
NO_END = "099"
"""The reason that takes an end back which was declared by mistake."""
SEXES = {"1": "masculin", "2": "feminin", "01": "masculin", "02": "feminin"}
"""First sign of a NIR or provisional number; or 30.005, which stands only where it says another."""
FULL_TIME, FULL_TIME_MINUTES = "10", 35 * 60

# --- What is read: of these blocks these rubrics; never pay, address, bank, leave or disability ---

ENVELOPE, DECLARATION, COMPANY, PLANT = b"S10.G00.00", b"S20.G00.05", b"S21.G00.06", b"S21.G00.11"
PERSON, PERSON_CHANGE, CONTRACT = b"S21.G00.30", b"S21.G00.31", b"S21.G00.40"
CHANGE, END, LAST = b"S21.G00.41", b"S21.G00.62", b"S90.G00.90"
NATURE, SCHEME, UNIT, REFERENCE, QUOTA, TIME, WORKPLACE, STATUS = VALUES = (
    "007", "008", "011", "012", "013", "014", "019", "026",
)  # fmt: skip
FORMER = {NATURE: "004", SCHEME: "005", UNIT: "006", REFERENCE: "022", QUOTA: "007", TIME: "008",
          WORKPLACE: "013"}  # fmt: skip
"""Rubric of a contract → that of a change, S21.G00.41, which holds the value from before."""
WANTED = {
    ENVELOPE: {"001", "005", "006"},
    DECLARATION: {"001", "002", "003", "004", "005", "006", "007", "008"},
    COMPANY: {"001"},
    PLANT: {"001"},
    PERSON: {"001", "002", "004", "005", "006", "019", "020"},
    PERSON_CHANGE: {"008"},
    CONTRACT: {"001", "009", *VALUES},
    CHANGE: {"001", "012", "014", "021", *FORMER.values()},
    END: {"001", "002"},
    LAST: {"001"},
}
OF_THE_NORM = re.compile(rb"S10\.G00\.0[0-2]|S20\.G00\.0[578]|S(?:21|89)\.G00|S90\.G00\.90")
RUBRIC = re.compile(rb"S\d\d\.G\d\d\.\d\d\.\d\d\d,'.*'")  # an apostrophe inside stands for itself
LONGEST_LINE, LINES_TO_JUDGE_BY = 4096, 100
MOST_PEOPLE = 200_000
"""Of one file: more than any employer has, and about as much as a gigabyte of memory holds."""
MONTHLY, ENDS_OF_CONTRACT, TEST, REPLACES, CANCELS = "01", ("02", "07"), "01", "03", "04"
PARTS = ("003", "008")
"""A month may be declared in fractions, or in fields: farm and general scheme."""
KNOWN_NORMS = ("P22", "P23", "P24", "P25", "P26")

HEADERS = {
    "record": "Identifiant de l'enregistrement", "relation": "Relation au lieu",
    "type": "Nature du contrat", "starts": "Début", "ends": "Fin", "hours": "Durée hebdomadaire",
    "siret": "SIRET de l'employeur", "post": "Poste", "exit": "Motif de sortie", "gender": "Genre",
    "home": "Commune de résidence", "email": "Courriel", "last_name": "Nom", "first_name": "Prénom",
    "born": "Date de naissance", "person": "Matricule", "inferred": "Fin déduite",
}  # fmt: skip
"""The columns of the sheet `emplois`, and one that marks an end which nobody declared."""
TOLD_BY_THE_LIST = ("home", "post")
"""Columns of the sheet that no DSN fills, and the list may: a DSN has only a postal code."""
KEYS = ".impact-dsn"
"""Of whoever runs this, in the home folder: nobody attaches it to a letter by mistake."""


class Refused(Exception):
    """What, where and what to do, one sentence a line; nothing was written."""

    def __init__(self, *sentences: str, exit_code: int = 3) -> None:
        super().__init__("\n".join(sentences))
        self.exit_code = exit_code


def say(french: str, english: str) -> str:
    """No catalogue comes along with a file that is handed over alone: both sentences stand here."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    locale = next((os.environ[name] for name in names if os.environ.get(name)), "")
    asked = os.environ.get("IMPACT_LANG") or re.split(r"[_.@]", locale)[0]
    return english if asked == "en" else french


def few(count: int, french: str, english: str) -> str:
    """A count and its words, as `un contrat|des contrats`; none is one in French."""
    one, many = say(french, english).split("|")
    is_one = count == 1 or str(count) == say("0", "1")
    return f"{count} {one if is_one else many}"


def unusable(file: Path, fault: Exception) -> Refused:
    why = fault.strerror if isinstance(fault, OSError) else type(fault).__name__
    return Refused(say(
        f"{file} : le fichier ne s'ouvre pas ({why}) → voyez son nom, vos droits, la place libre",
        f"{file}: the file cannot be opened ({why}) → see its name, your rights, the free space",
    ))  # fmt: skip


CUT = (
    "il est coupé : son début ou sa fin manque",
    "it is cut: its beginning or its end is missing",
)
EMPTY = ("il est vide", "it is empty")
FOREIGN = ("ce n'est pas une DSN", "it is no DSN")


# --- One file -------------------------------------------------------------------------------------


@dataclass(slots=True)
class Block:
    """A person, or a contract: its rubrics, and the blocks that hang on it."""

    rubrics: dict[str, str]
    changes: list[dict[str, str]] = field(default_factory=list)
    contracts: list["Block"] = field(default_factory=list)
    end: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Declaration:
    file: str = field(compare=False)
    is_test: bool
    about: dict[str, str]
    siret: str = ""
    people: list[Block] = field(default_factory=list)

    @property
    def made(self) -> tuple[str, int]:
        """Its day and its number: of two that tell the same thing, the later one stands."""
        number = self.about.get("004", "")
        return iso_day(self.about.get("007", "")), int(number) if number.isdecimal() else 0

    @property
    def month(self) -> str:
        return iso_day(self.about.get("005", ""))[:7]

    @property
    def is_monthly(self) -> bool:
        return self.about.get("001") == MONTHLY and self.month != ""

    def place(self, block: bytes, rubrics: dict[str, str]) -> None:
        """Hang a block where it belongs; raises IndexError where that is not there."""
        if block in (COMPANY, PLANT):
            self.siret += rubrics.get("001", "")
        elif block == PERSON:
            self.people.append(Block(rubrics))
        elif block == PERSON_CHANGE:
            self.people[-1].changes.append(rubrics)
        elif block == CONTRACT:
            self.people[-1].contracts.append(Block(rubrics))
        elif block == CHANGE:
            self.people[-1].contracts[-1].changes.append(rubrics)
        elif block == END:
            self.people[-1].contracts[-1].end = rubrics


@dataclass
class Reading:
    """What one file holds."""

    file: str
    declarations: list[Declaration] = field(default_factory=list)
    norms: set[str] = field(default_factory=set)
    skipped: Counter[str] = field(default_factory=Counter)
    """Blocks that are not of the norm, such as those of an editor → how many rubrics."""
    unreadable: int = 0
    """The first line that is no rubric; 0 where there is none."""
    is_dsn: bool = False
    """Whether there is a line that is one."""
    people: int = 0

    def is_foreign(self, number: int, line: bytes) -> bool:
        """Note a line that is no rubric. After a hundred, and not one that is, it is no DSN."""
        if line.strip() and not self.unreadable:
            self.unreadable = number
        return number > LINES_TO_JUDGE_BY and not self.is_dsn

    def check_count(self, said: str, count: int) -> None:
        """An envelope says at its end how many rubrics it has, those of an editor included."""
        if said.isdecimal() and count < int(said):
            at = f" ({say('ligne', 'line')} {self.unreadable})" if self.unreadable else ""
            raise self.refused(f"il annonce {said} rubriques, {count} se lisent{at}",
                               f"it announces {said} rubrics, {count} can be read{at}")  # fmt: skip

    def place(self, block: bytes, rubrics: dict[str, str]) -> None:
        """Hang a block on the last declaration, if it has a place there and memory has room."""
        self.people += block == PERSON
        if self.people > MOST_PEOPLE:
            raise Refused(say(
                f"{self.file} : plus de {MOST_PEOPLE} personnes → donnez les fichiers d'un "
                "employeur à la fois ; rien n'a été écrit",
                f"{self.file}: more than {MOST_PEOPLE} people → give the files of one employer at "
                "a time; nothing was written",
            ))  # fmt: skip
        try:
            self.declarations[-1].place(block, rubrics)
        except IndexError:
            raise self.refused(*CUT) from None

    def refused(self, french: str, english: str) -> Refused:
        return Refused(say(
            f"{self.file} : {french} → reprenez ce fichier dans le logiciel de paie, ou ne le "
            "donnez pas ; rien n'a été écrit",
            f"{self.file}: {english} → take this file from the payroll software again, or leave it "
            "out; nothing was written",
        ))  # fmt: skip


def read_all(names: list[str]) -> list[Reading]:
    """Every file, or Refused with all that is wrong. A Windows prompt leaves `*` to us."""
    paths: dict[Path, None] = {}
    for name in names:
        found = [] if Path(name).exists() else sorted(glob.glob(name))
        paths.update((Path(path), None) for path in found or [name])
    readings, faults = [], []
    for path in paths:
        reading = Reading(path.name)
        try:
            with path.open("rb") as stream:
                read(stream, reading)
            readings.append(reading)
        except Refused as fault:
            faults.append(str(fault))
        except OSError as fault:
            faults.append(str(unusable(path, fault)))
    if faults:
        raise Refused(*faults)
    return readings


def read(stream: BinaryIO, reading: Reading) -> None:
    """Raises Refused for a file that is no DSN, or not whole."""
    envelope: dict[str, str] = {}
    for block, rubrics, count in blocks(stream, reading):
        if block == ENVELOPE and not envelope:
            envelope = rubrics
            reading.norms.add(rubrics.get("006", ""))
        elif block == ENVELOPE or not envelope:
            raise reading.refused(*CUT)
        elif block == LAST:
            reading.check_count(rubrics.get("001", ""), count)
            envelope = {}
        elif block == DECLARATION:
            is_test = envelope.get("005") == TEST
            reading.declarations.append(Declaration(reading.file, is_test, rubrics))
        else:
            reading.place(block, rubrics)
    if envelope:
        raise reading.refused(*CUT)
    if not reading.is_dsn:
        is_empty = not reading.unreadable
        raise reading.refused(*(EMPTY if is_empty else FOREIGN))
    if not reading.declarations:
        raise reading.refused(*CUT)


def blocks(stream: BinaryIO, reading: Reading) -> Iterator[tuple[bytes, dict[str, str], int]]:
    """Each wanted block with what is wanted of it, and how many rubrics its envelope has so far.

    A block has no mark of its own: another one begins where the numbers of the rubrics do not rise.
    """
    block, last, count = b"", b"", 0
    rubrics: dict[str, str] = {}
    for of_block, line in lines(stream, reading):
        if of_block != block or line[11:14] <= last:
            if block in WANTED:
                yield block, rubrics, count
            block, rubrics = of_block, {}
            count = 0 if block == ENVELOPE else count
        count, last = count + 1, line[11:14]
        if block in WANTED and (rubric := last.decode()) in WANTED[block]:
            rubrics[rubric] = sys.intern(line[16 : line.rindex(b"'")].decode("latin-1"))
    if block in WANTED:
        yield block, rubrics, count


def lines(stream: BinaryIO, reading: Reading) -> Iterator[tuple[bytes, bytes]]:
    """The lines that are rubrics, each with its block; one without an end does not fill memory."""
    passed: set[bytes] = set()  # what most lines are of: pay, which is counted and nothing more
    stream.seek(3 if stream.read(3) == b"\xef\xbb\xbf" else 0)
    for number, line in enumerate(iter(partial(stream.readline, LONGEST_LINE), b""), start=1):
        block = line[:10]
        if block in passed and line[14:16] == b",'":
            yield block, line
            continue
        if not RUBRIC.match(line):
            if reading.is_foreign(number, line):
                return
            continue
        reading.is_dsn = True
        if block not in WANTED and OF_THE_NORM.match(block):
            passed.add(block)
        elif block not in WANTED:
            reading.skipped[block.decode()] += 1
        yield block, line


def iso_day(text: str) -> str:
    """`JJMMAAAA` as `AAAA-MM-JJ`; empty for what is no day."""
    try:
        return date.fromisoformat(f"{text[4:]}-{text[2:4]}-{text[:2]}").isoformat()
    except ValueError:
        return ""


# --- All files: which declarations stand ----------------------------------------------------------


@dataclass
class Standing:
    """The declarations that stand: months, and signals of ends; and how many do not."""

    months: dict[tuple[str, str], list[Declaration]] = field(default_factory=dict)
    """(month, SIRET) → its parts."""
    signals: list[Declaration] = field(default_factory=list)
    replaced: int = 0
    undated: int = 0
    """Contracts whose first day cannot be read."""
    others: Counter[str] = field(default_factory=Counter)

    def declared(self, sirets: set[str]) -> list[str]:
        """The months of these establishments, in their order."""
        return sorted({month for month, siret in self.months if siret in sirets})


def settle(declarations: list[Declaration]) -> Standing:
    """Raises Refused, with every reason, where it cannot be told which declaration stands."""
    standing, faults = Standing(), list[str]()
    latest: dict[tuple[str, ...], Declaration] = {}
    ends: dict[tuple[str, str], Declaration] = {}
    for declaration in sorted(declarations, key=lambda d: d.made):
        nature = declaration.about.get("001", "")
        if declaration.is_test:
            standing.others[say("essai", "test")] += 1
        elif nature == MONTHLY:
            faults += replace_month(declaration, latest, standing)
        elif nature in ENDS_OF_CONTRACT:
            replace_end(declaration, ends, standing)
        else:
            standing.others[nature] += 1
    for (siret, month, *_part), declaration in sorted(latest.items()):
        standing.months.setdefault((month, siret), []).append(declaration)
    faults += [fault for of, parts in standing.months.items() if (fault := fault_of(*of, parts))]
    if faults:
        raise Refused(*faults)
    standing.signals = list(ends.values())
    return standing


def replace_month(
    declaration: Declaration, latest: dict[tuple[str, ...], Declaration], standing: Standing
) -> list[str]:
    """A later declaration of a part of a month stands in place of the one before."""
    parts = (declaration.about.get(rubric, "") for rubric in PARTS)
    of = (declaration.siret, declaration.month, *parts)
    before = latest.get(of)
    latest[of] = declaration
    standing.replaced += before is not None
    if not declaration.month:
        return [without_month(declaration)]
    if before and before.made == declaration.made and before != declaration:
        return [two_that_contradict(before, declaration)]
    return []


def replace_end(
    declaration: Declaration, ends: dict[tuple[str, str], Declaration], standing: Standing
) -> None:
    """A signal is known by its day and number, which the one that replaces or cancels it names."""
    about, siret = declaration.about, declaration.siret
    if about.get("002") in (REPLACES, CANCELS):
        standing.replaced += 1
        ends.pop((siret, about.get("006", "")), None)
    if about.get("002") != CANCELS:
        ends[siret, about.get("007", "") + about.get("004", "")] = declaration


def without_month(declaration: Declaration) -> str:
    return say(
        f"{declaration.file} : le mois déclaré ne se lit pas (S20.G00.05.005) → reprenez ce "
        "fichier dans le logiciel de paie",
        f"{declaration.file}: the declared month cannot be read (S20.G00.05.005) → take this file "
        "from the payroll software again",
    )


def two_that_contradict(one: Declaration, other: Declaration) -> str:
    return say(
        f"{one.file}, {other.file} : deux déclarations de {one.month} portent la même date et le "
        "même numéro d'ordre sans dire la même chose → ne donnez que celle qui a été retenue",
        f"{one.file}, {other.file}: two declarations of {one.month} have the same date and number "
        "and do not say the same → give only the one that was taken",
    )


def fault_of(month: str, siret: str, parts: list[Declaration]) -> str:
    """A sentence where a month in fractions, `12` and `22`, or in two fields, is not whole."""
    fractions = {part.about.get("003", "11") for part in parts}
    fields = {part.about.get("008", "01") for part in parts}
    if len({text[-1:] for text in fractions}) > 1 or ("01" in fields and len(fields) > 1):
        return say(
            f"{siret}, {month} : le mois est déclaré en entier et en parties → ne donnez que ce "
            "qui a été retenu",
            f"{siret}, {month}: the month is declared both whole and in parts → give only what was "
            "taken",
        )
    total = next(iter(fractions))[1:]
    wanted = {f"{n}{total}" for n in range(1, int(total) + 1)} if total.isdecimal() else set()
    if missing := sorted(wanted - fractions):
        return say(
            f"{siret}, {month} : il manque la fraction {missing[0]} → donnez aussi son fichier",
            f"{siret}, {month}: fraction {missing[0]} is missing → give its file too",
        )
    return ""


# --- Months become contracts ----------------------------------------------------------------------

Name = tuple[str, str, str]
"""SIRET, first day and number: how a declaration names a contract of a person."""


@dataclass
class Contract:
    """A contract over its months: each value from a day on, the first one from its beginning."""

    person: str
    siret: str = ""
    starts: str = ""
    nth: int = 0
    """Of the contracts of the person that begin on the same day."""
    gender: str = ""
    names: set[Name] = field(default_factory=set)
    staff_numbers: set[str] = field(default_factory=set)
    values: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    last_month: str = ""
    ends: list[tuple[tuple[str, bool, int], str, str]] = field(default_factory=list)
    """(when it was said, the day, the reason): the last word counts."""

    @property
    def sirets(self) -> set[str]:
        return {siret for siret, _first_day, _number in self.names}

    def days(self, ends: str = "") -> list[str]:
        """Its first day, and those on which something changed before it ended."""
        days = {day for steps in self.values.values() for day, _value in steps}
        return [self.starts, *sorted(day for day in days if self.starts < day <= (ends or "9"))]

    def at(self, day: str) -> dict[str, str]:
        """Its values on a day."""
        return {
            rubric: next(value for since, value in reversed(steps) if since <= day)
            for rubric, steps in self.values.items()
        }

    def hear(self, declaration: Declaration, person: Block, block: Block) -> None:
        """Take what a declaration says of it; a signal tells the end of what the months tell."""
        name = name_of(declaration.siret, block)
        self.names.add(name)
        self.gender = sex(person) or self.gender
        if number := person.rubrics.get("019"):
            self.staff_numbers.add(number)
        if declaration.is_monthly or not self.values:
            self.siret, self.starts, _number = name
            self.last_month = declaration.month if declaration.is_monthly else ""
            for rubric in VALUES:
                self.hear_value(rubric, block, declaration.month)
        if reason := block.end.get("002"):
            day, order = declaration.made
            said = (day, declaration.is_monthly, order)
            self.ends.append((said, iso_day(block.end.get("001", "")), reason))

    def hear_value(self, rubric: str, block: Block, month: str) -> None:
        """A change says since when, and what was before; one that nobody told is of the month."""
        now, former = block.rubrics.get(rubric, ""), FORMER.get(rubric, "")
        told = sorted(
            (day, change[former])
            for change in block.changes
            if former in change and (day := iso_day(change.get("001", "")))
        )
        steps = self.values.setdefault(rubric, [("", told[0][1] if told else now)])
        if told:
            while len(steps) > 1 and steps[-1][0] >= told[0][0]:
                steps.pop()
            after = [*(value for _day, value in told[1:]), now]
            steps += zip((day for day, _value in told), after, strict=True)
        elif steps[-1][1] != now:
            steps.append((f"{month}-01", now))

    def end(self, last_declared: str) -> tuple[str, str, bool]:
        """Last day, reason, and whether it is inferred: gone without a word after a month."""
        _said, day, reason = max(self.ends, default=(None, "", ""))
        if day and reason != NO_END:
            return day, reason, False
        if self.last_month and self.last_month < last_declared:
            return last_day(self.last_month), "", True
        return "", "", False


def name_of(siret: str, block: Block) -> Name:
    return siret, iso_day(block.rubrics.get("001", "")), block.rubrics.get("009", "")


def sex(person: Block) -> str:
    number = person.rubrics.get("001") or person.rubrics.get("020") or ""
    return SEXES.get(person.rubrics.get("005") or number[:1], "")


def last_day(month: str) -> str:
    return f"{month}-{calendar.monthrange(int(month[:4]), int(month[5:]))[1]}"


def identities(person: Block) -> list[str]:
    """NIR and provisional number, which stand together once; names for who has neither."""
    nirs = [person.rubrics.get("001"), *(change.get("008") for change in person.changes)]
    found = [f"nir {nir}" for nir in nirs if nir]
    if ntt := person.rubrics.get("020"):
        found.append(f"ntt {ntt}")
    names = "|".join(person.rubrics.get(rubric, "").upper() for rubric in ("002", "004", "006"))
    return found or [f"name {names}"]


def same_people(declarations: list[Declaration]) -> dict[str, str]:
    """Identity → the one that stands for the person: a NIR where there is one."""
    groups: dict[str, set[str]] = {}
    for declaration in declarations:
        for person in declaration.people:
            own = identities(person)
            if len(own) > 1 or own[0] not in groups:
                together = {*own}.union(*(groups.get(identity, ()) for identity in own))
                groups.update(dict.fromkeys(together, together))
    return {
        identity: min(group, key=lambda other: (not other.startswith("nir"), other))
        for identity, group in groups.items()
    }


def fold(standing: Standing) -> list[Contract]:
    """All contracts, from the months in their order, then from the signals of ends."""
    heard = [standing.months[of] for of in sorted(standing.months)]
    heard += [[signal] for signal in sorted(standing.signals, key=lambda d: d.made)]
    known_as = same_people([declaration for parts in heard for declaration in parts])
    contracts: dict[str, list[Contract]] = defaultdict(list)
    for parts in heard:
        said: dict[str, list[tuple[Declaration, Block, Block]]] = defaultdict(list)
        for declaration in parts:
            for person in declaration.people:
                own = [(declaration, person, block) for block in person.contracts]
                said[known_as[identities(person)[0]]] += own
        for person_id, told in said.items():
            known = contracts[person_id]
            matches = match(known, parts[0].siret, [block for _d, _p, block in told])
            for contract, (declaration, person, block) in zip(matches, told, strict=True):
                if contract is None:
                    contract = Contract(person_id)
                    known.append(contract)
                contract.hear(declaration, person, block)
    for known in contracts.values():
        twins: Counter[str] = Counter()
        for contract in known:
            contract.nth = twins[contract.starts]
            twins[contract.starts] += 1
    found = [contract for known in contracts.values() for contract in known]
    standing.undated = sum(not contract.starts for contract in found)
    return [contract for contract in found if contract.starts]


def match(known: list[Contract], siret: str, said: list[Block]) -> list[Contract | None]:
    """The contract that each block is about: by its name, its name before, or its first day.

    Numbers change with the software and nobody says so; and `00000` may be the number of all.
    """
    found: list[Contract | None] = [None] * len(said)
    free = list(known)
    for changes in (False, True):
        for at, block in enumerate(said):
            names = names_of(siret, block, changes)
            alike = [c for c in free if found[at] is None and c.names & names]
            if alike:
                found[at] = max(alike, key=partial(likeness, block))
                free = [c for c in free if c is not found[at]]
    days = [name_of(siret, block)[1] for block in said]
    new = Counter(day for day, contract in zip(days, found, strict=True) if contract is None)
    for at, day in enumerate(days):
        alike = [c for c in free if siret in c.sirets and c.starts == day]
        if found[at] is None and len(alike) == new[day] == 1:
            found[at] = alike[0]
    return found


def names_of(siret: str, block: Block, with_former: bool) -> set[Name]:
    """SIRET, first day and number; a change of one of them stands in a block of its own."""
    _siret, first_day, number = name_of(siret, block)
    sirets, days, numbers = {siret}, {first_day}, {number}
    for change in block.changes if with_former else ():
        sirets |= {change["012"]} if "012" in change else set()
        days |= {iso_day(change["021"])} if "021" in change else set()
        numbers |= {change["014"]} if "014" in change else set()
    return set(itertools.product(sirets, days, numbers))


def likeness(block: Block, contract: Contract) -> int:
    return sum(block.rubrics.get(r, "") == contract.values[r][-1][1] for r in VALUES)


# --- Whose contracts ------------------------------------------------------------------------------

Ask = Callable[[str], str]
Staff = dict[str, dict[str, str]]
"""Staff number → what the list says of whoever has it, by column of the sheet."""


@dataclass
class Choice:
    """Which contracts are those of the place: of an establishment, by workplace or staff number."""

    sirets: list[str]
    workplaces: list[str]
    staff: Staff | None = None

    def said(self, contract: Contract) -> dict[str, str]:
        """What the list says of whoever has the contract."""
        return dict(
            cell
            for number in sorted(contract.staff_numbers)
            for cell in (self.staff or {}).get(number, {}).items()
        )

    def takes(self, contract: Contract, values: dict[str, str]) -> bool:
        where = values[WORKPLACE] or contract.siret
        if contract.siret not in self.sirets and where not in self.sirets:
            return False
        if self.staff is not None:
            return not contract.staff_numbers.isdisjoint(self.staff)
        return where in self.workplaces


def choose(contracts: list[Contract], standing: Standing, asked: Choice, ask: Ask | None) -> Choice:
    """Raises Refused where the files leave a choice and nobody can be asked.

    A commune declares its tiers-lieu among hundreds: without a choice, the figures are its own.
    """
    declared: Counter[str] = Counter({siret: 0 for _month, siret in standing.months})
    declared.update(contract.siret for contract in contracts)
    what = say("établissements", "establishments")
    sirets = asked.sirets or which(declared, what, "--siret", ask)
    places = Counter(where for c in contracts for where in places_of(c, sirets))
    refuse_unknown(sirets, {*declared, *places}, "--siret")
    if asked.staff is not None:
        if all(c.staff_numbers.isdisjoint(asked.staff) for c in contracts):
            raise Refused(say(
                "--staff : aucun de ces matricules n'est déclaré (S21.G00.30.019) → corrigez la "
                "liste, ou choisissez par --workplace",
                "--staff: none of these numbers is declared (S21.G00.30.019) → correct the list, "
                "or choose by --workplace",
            ), exit_code=2)  # fmt: skip
        return Choice(sirets, [], asked.staff)
    refuse_unknown(asked.workplaces, {*places}, "--workplace")
    option = say("--workplace (ou --staff LISTE, les matricules de l'équipe)",
                 "--workplace (or --staff LIST, the staff numbers of the team)")  # fmt: skip
    what = say("lieux de travail", "workplaces")
    return Choice(sirets, asked.workplaces or which(places, what, option, ask))


def places_of(contract: Contract, sirets: list[str]) -> set[str]:
    """The workplaces of a contract, as far as they are in question."""
    where = {place or contract.siret for _day, place in contract.values[WORKPLACE]}
    return where if contract.siret in sirets else where & {*sirets}


def which(counted: Counter[str], what: str, option: str, ask: Ask | None) -> list[str]:
    """The only one there is, or those that somebody picks."""
    if len(counted) < 2:
        return [*counted]
    names = sorted(counted)
    listed = ", ".join(
        f"{n}. {name} ({few(counted[name], 'contrat|contrats', 'contract|contracts')})"
        for n, name in enumerate(names, 1)
    )
    several = say("plusieurs {} sont déclarés : {}", "several {} are declared: {}")
    told = several.format(what, listed)
    if ask is None:
        raise Refused(say(
            f"{told} → dites lesquels sont le tiers-lieu, chacun avec {option} ; sans choix, les "
            "chiffres seraient ceux de tout l'employeur",
            f"{told} → say which are the place, each with {option}; without a choice, the figures "
            "would be those of the whole employer",
        ), exit_code=2)  # fmt: skip
    while True:
        answer = ask(f"{told}\n{say('Lesquels ?', 'Which?')} ")
        picked = {int(n) for n in re.findall(r"\d+", answer)}
        if picked and picked <= {*range(1, len(names) + 1)}:
            return [names[n - 1] for n in sorted(picked)]


def refuse_unknown(given: list[str], known: set[str], option: str) -> None:
    if unknown := [text for text in given if text not in known]:
        listed = ", ".join(sorted(known))
        raise Refused(say(
            f"{option} : {unknown[0]} n'est déclaré dans aucun fichier → ils déclarent : {listed}",
            f"{option}: {unknown[0]} is declared in none of the files → they declare: {listed}",
        ), exit_code=2)  # fmt: skip


def refuse_gaps(contracts: list[Contract], standing: Standing, months: list[str]) -> None:
    """Raises Refused for a month in which somebody was employed and of which there is no file."""
    first, last = (int(month[:4]) * 12 + int(month[5:]) - 1 for month in (months[0], months[-1]))
    missing = set()
    for contract in contracts:
        declared = {*standing.declared(contract.sirets)}
        ends, _reason, _is_inferred = contract.end("")
        for number in range(first, last + 1):
            month = f"{number // 12}-{number % 12 + 1:02}"
            is_running = contract.starts <= last_day(month) and (not ends or ends >= month)
            if is_running and month not in declared:
                missing.add(f"{contract.siret}, {month}")
    if missing:
        listed = " ; ".join(sorted(missing))
        raise Refused(say(
            f"des contrats courent sur des mois sans DSN mensuelle : {listed} → donnez aussi ces "
            "fichiers, ou seulement des mois qui se suivent ; rien n'a été écrit",
            f"contracts run through months without a monthly DSN: {listed} → give these files too, "
            "or only months that follow each other; nothing was written",
        ))  # fmt: skip


def staff_list(file: Path) -> Staff:
    """One number a line, or the first column of a CSV; further ones count where they are titled."""
    try:
        raw = file.read_bytes()
    except OSError as fault:
        raise unusable(file, fault) from fault
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="replace")
    rows = [[c.strip(' "') for c in re.split(r"[;,\t]", line)] for line in text.splitlines()]
    titles = rows[0] if rows else []
    at = {name: titles.index(HEADERS[name]) for name in TOLD_BY_THE_LIST if HEADERS[name] in titles}
    staff: Staff = {}
    for number, *cells in rows[bool(at) :]:
        said = {name: "".join(cells[n - 1 : n]) for name, n in at.items()}
        if number and staff.setdefault(number, said) != said:
            raise Refused(say(
                f"{file} : le matricule {number} y est deux fois, autrement → corrigez la liste",
                f"{file}: number {number} stands there twice, in two ways → correct the list",
            ), exit_code=2)  # fmt: skip
    return staff


# --- Contracts become rows ------------------------------------------------------------------------


@dataclass
class Row:
    """A contract, or its days between two changes."""

    contract: Contract
    kind: str
    minutes: int | None
    starts: str
    ends: str = ""
    reason: str = ""
    is_inferred: bool = False


def rows_of(contract: Contract, choice: Choice, declared: list[str]) -> list[Row]:
    """One row from change to change: what was true before stays as it was."""
    ends, reason, is_inferred = contract.end(declared[-1] if declared else "")
    rows: list[Row] = []
    known: tuple[str, int | None] | None = None
    for day in contract.days(ends):
        values = contract.at(day)
        kind = kind_of(values) if choice.takes(contract, values) else None
        now = (kind, week_minutes(values)) if kind else None
        if known and now != known:
            rows[-1].ends = (date.fromisoformat(day) - timedelta(1)).isoformat()
        if now and now != known:
            rows.append(Row(contract, *now, day))
        known = now
    if known and ends:
        rows[-1].ends, rows[-1].is_inferred = ends, is_inferred
        rows[-1].reason = REASONS.get(reason, "inconnu")
    return rows


def kind_of(values: dict[str, str]) -> str | None:
    """The code of the contract in the sheet; None for what is no contract there."""
    nature = NATURES.get(values[NATURE])
    status = STATUSES.get(values[STATUS]) if nature in HAVE_A_STATUS else None
    return nature and (SCHEMES.get(values[SCHEME]) or status or nature)


def week_minutes(values: dict[str, str]) -> int | None:
    """Quotas are of a month, in hours; of days, only the share of a full time means something."""
    quota, reference = decimal(values[QUOTA]), decimal(values[REFERENCE])
    tells = UNITS.get(values[UNIT])
    if tells == "hours" and quota:
        return round(quota * 60 * 12 / 52)
    if tells == "share" and quota and reference:
        return round(FULL_TIME_MINUTES * quota / reference)
    return FULL_TIME_MINUTES if values[TIME] == FULL_TIME else None


def decimal(text: str) -> float:
    return float(text) if re.fullmatch(r"\d+(\.\d+)?", text) else 0.0


def cells_of(row: Row, key: bytes, said: dict[str, str]) -> dict[str, str]:
    """The row as it is written; people and contracts are codes, in letters: no tool rounds them."""
    contract = row.contract
    name = f"contract|{contract.person}|{contract.starts}|{contract.nth}|{row.starts}"
    cells = {
        "record": code(key, name), "relation": "equipe", "type": row.kind, "starts": row.starts,
        "ends": row.ends, "siret": contract.siret, "exit": row.reason, "gender": contract.gender,
        "hours": "" if row.minutes is None else f"{row.minutes // 60}h{row.minutes % 60:02}",
        "person": code(key, f"person|{contract.person}"),
        "inferred": "oui" if row.is_inferred else "", **said,
    }  # fmt: skip
    return {header: cells.get(name, "") for name, header in HEADERS.items()}


def code(key: bytes, text: str) -> str:
    letters = str.maketrans("0123456789", "ghijklmnop")
    return f"dsn1-{hmac.new(key, text.encode(), 'sha256').hexdigest()[:24].translate(letters)}"


# --- The sheet, its key, and what is said ---------------------------------------------------------


@dataclass
class Sheet:
    """What was made, and from what."""

    file: Path
    key_file: Path
    other_keys: list[Path]
    """Those of other choices at this employer, where this one had none before."""
    months: list[str]
    contracts: list[Contract]
    """Those of the choice, with or without a row."""
    rows: list[Row]
    choice: Choice
    standing: Standing
    readings: list[Reading]


def make_sheet(
    files: list[str], sirets: list[str], workplaces: list[str], staff: Path | None,
    ask: Ask | None = None, folder: Path = Path(), keys: Path | None = None,
) -> Sheet:  # fmt: skip
    """Write the sheet into a folder; raises Refused before anything is written."""
    sirets = [siret.replace(" ", "") for siret in sirets]
    asked = Choice(sirets, workplaces, staff_list(staff) if staff else None)
    readings = read_all(files)
    standing = settle([d for reading in readings for d in reading.declarations])
    contracts = fold(standing)
    choice = choose(contracts, standing, asked, ask)
    own = [c for c in contracts if any(choice.takes(c, c.at(day)) for day in c.days())]
    months = standing.declared({*choice.sirets}.union(*(c.sirets for c in own)))
    if not months:
        raise Refused(say(
            "aucune DSN mensuelle réelle dans ces fichiers → donnez celles des mois à compter",
            "no real monthly DSN in these files → give those of the months to count",
        ))  # fmt: skip
    refuse_gaps(own, standing, months)
    rows = [row for c in own for row in rows_of(c, choice, standing.declared(c.sirets))]
    sirets, of_these = sorted(choice.sirets), sorted([staff.stem] if staff else choice.workplaces)
    names = sirets if of_these == sirets else [*sirets, *of_these]
    stem = re.sub(r"[^A-Za-z0-9]+", "-", "-".join(names))
    key_file = (keys or Path.home() / KEYS) / f"{stem}.json"
    others = [] if key_file.exists() else sorted(key_file.parent.glob(f"{sirets[0]}*.json"))
    key = key_of(key_file, months[0])
    file = folder / f"emplois-{stem}-{months[0]}-01-{last_day(months[-1])}.csv"
    # in the order of the codes: that of the numbers would tell who is older
    order = itemgetter(HEADERS["starts"], HEADERS["person"], HEADERS["record"])
    write(file, sorted((cells_of(row, key, choice.said(row.contract)) for row in rows), key=order))
    return Sheet(file, key_file, others, months, own, rows, choice, standing, readings)


def key_of(file: Path, first_month: str) -> bytes:
    """The key of this source, made with its first sheet; Refused where this one begins later."""
    try:
        known = json.loads(file.read_text()) if file.exists() else {}
        since = known.get("since", first_month)
        if first_month > since:
            raise Refused(say(
                f"la feuille d'avant commençait en {since} : sans ces mois, le passé changerait → "
                f"donnez tous les fichiers depuis {since} ; rien n'a été écrit",
                f"the sheet before began with {since}: without these months the past would change "
                f"→ give all files since {since}; nothing was written",
            ))  # fmt: skip
        known = {"key": known.get("key", secrets.token_hex(32)), "since": first_month}
        key = bytes.fromhex(known["key"])
        file.parent.mkdir(mode=0o700, exist_ok=True)
        unfinished = file.with_suffix(".part")
        unfinished.touch(mode=0o600)
        unfinished.write_text(json.dumps(known))
        unfinished.replace(file)
        return key
    except (OSError, ValueError, AttributeError) as fault:
        raise unusable(file, fault) from fault


def write(file: Path, rows: list[dict[str, str]]) -> None:
    try:
        unfinished = file.with_suffix(".part")
        with unfinished.open("w", encoding="utf-8-sig", newline="") as stream:
            writer = csv.DictWriter(stream, [*HEADERS.values()], delimiter=";")
            writer.writeheader()
            writer.writerows(rows)
        unfinished.replace(file)
    except OSError as fault:
        raise unusable(file, fault) from fault


def told(sheet: Sheet) -> Iterator[str]:
    """What was read, what came of it, what was left out: counts, and nobody."""
    rows, standing, months = sheet.rows, sheet.standing, sheet.months
    kept = {id(row.contract) for row in rows}
    people = {row.contract.person for row in rows}
    files = few(len(sheet.readings), "fichier lu|fichiers lus", "file read|files read")
    replaced = few(
        standing.replaced,
        "déclaration remplacée ou annulée|déclarations remplacées ou annulées",
        "declaration replaced or cancelled|declarations replaced or cancelled",
    )
    contracts = few(len(kept), "contrat|contrats", "contract|contracts")
    persons = few(len(people), "personne|personnes", "person|people")
    lines = few(len(rows), "ligne|lignes", "row|rows")
    changes = few(
        len(rows) - len(kept),
        "changement en cours de contrat|changements en cours de contrat",
        "change within a contract|changes within a contract",
    )
    yield say(f"{files}, de {months[0]} à {months[-1]} ; {replaced}",
              f"{files}, from {months[0]} to {months[-1]}; {replaced}")  # fmt: skip
    yield say(f"{contracts} de {persons}, en {lines} ({changes})",
              f"{contracts} of {persons}, in {lines} ({changes})")  # fmt: skip
    for name in TOLD_BY_THE_LIST:
        if count := sum(bool(sheet.choice.said(row.contract).get(name)) for row in rows):
            where = few(count, "ligne où la liste dit|lignes où la liste dit",
                        "row of which the list says|rows of which the list says")  # fmt: skip
            yield f"  {where}{say(' :', ':')} {HEADERS[name]}"
    yield from left_out(sheet, kept)
    yield say(f"Écrit : {sheet.file}", f"Written: {sheet.file}")
    yield say(
        f"Clé :   {sheet.key_file} (sauvegardez-la ici, ne l'envoyez jamais)",
        f"Key:    {sheet.key_file} (back it up here, never send it)",
    )
    if sheet.other_keys:
        names = ", ".join(file.name for file in sheet.other_keys)
        yield say(
            f"        nouvelle clé : d'autres choix ont la leur ({names}), et d'autres codes. Si "
            "cette feuille remplace l'une des leurs, copiez sa clé sous ce nom et relancez.",
            f"        a new key: other choices have theirs ({names}), and other codes. If this "
            "sheet replaces one of theirs, copy its key to this name and run again.",
        )
    yield say(
        "Ensuite : relisez la feuille, puis envoyez-la au réseau, elle seule.",
        "Next:   look through the sheet, then send it to the network, and nothing else.",
    )


def left_out(sheet: Sheet, kept: set[int]) -> Iterator[str]:
    """A line for each kind of thing that was not read, or has to be looked at."""
    natures = Counter(c.values[NATURE][-1][1] for c in sheet.contracts if id(c) not in kept)
    unknown = Counter(
        f"{rubric} {value}"
        for c in sheet.contracts
        for rubric, value in codes_of(c)
        if value and value not in KNOWN[rubric]
    )
    inferred = sum(row.is_inferred for row in sheet.rows)
    no_hours = ("STAGE", "SERVICE_CIVIQUE", "DIRIGEANT")
    hours = sum(row.minutes is None and row.kind not in no_hours for row in sheet.rows)
    norms = Counter(n for r in sheet.readings for n in r.norms if not n.startswith(KNOWN_NORMS))
    editors = sum((reading.skipped for reading in sheet.readings), Counter[str]())
    for counted, french, english, french_rest, english_rest in (
        (natures, "contrat|contrats", "contract|contracts",
         " d'une nature que la feuille n'a pas (40.007)",
         " of a nature that the sheet does not have (40.007)"),
        (unknown, "code inconnu|codes inconnus", "unknown code|unknown codes",
         ", sans effet", ", left out"),
        (sheet.standing.others, "déclaration non lue|déclarations non lues",
         "declaration not read|declarations not read",
         ", d'une autre nature ou d'essai", ", of another nature or a test"),
        (Counter({"": sheet.standing.undated}), "contrat|contrats", "contract|contracts",
         " dont le début ne se lit pas (40.001)", " whose first day cannot be read (40.001)"),
        (editors, "rubrique non lue|rubriques non lues", "rubric not read|rubrics not read",
         ", hors de la norme", ", not of the norm"),
        (norms, "fichier lu|fichiers lus", "file read|files read",
         ", d'une norme que ce programme ne connaît pas",
         ", of a norm that this program does not know"),
        (Counter({"": inferred}), "fin déduite|fins déduites", "end inferred|ends inferred",
         " : le contrat a disparu sans fin déclarée",
         ": the contract disappeared and no end was declared"),
        (Counter({"": hours}), "ligne|lignes", "row|rows",
         " sans durée, que la collecte refusera : écrivez-y les heures",
         " without hours, which the collection will refuse: write the hours there"),
    ):  # fmt: skip
        if count := counted.total():
            names = ", ".join(f"{name} × {n}" for name, n in sorted(counted.items()) if name)
            what = few(count, french, english) + say(french_rest, english_rest)
            yield f"  {what}" + f" : {names}" * bool(names)


def codes_of(contract: Contract) -> set[tuple[str, str]]:
    """The codes of a contract, each once."""
    found = {
        (f"40.{rubric}", value)
        for rubric in (NATURE, SCHEME, UNIT, STATUS)
        for _day, value in contract.values[rubric]
    }
    return found | {("62.002", reason) for _said, _day, reason in contract.ends if reason != NO_END}


def main() -> None:
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    parser = argparse.ArgumentParser(prog="dsn.py", description=say(
        "Faire de DSN la feuille des emplois du kit, chez l'employeur.",
        "Turn DSN files into the employment sheet of the kit, at the employer's.",
    ))  # fmt: skip
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("--siret", action="append", default=[], help=say(
        "l'établissement qui déclare, ou le lieu de travail", "who declares, or the workplace",
    ))  # fmt: skip
    parser.add_argument("--workplace", action="append", default=[], help=say(
        "un lieu de travail (S21.G00.40.019)", "a workplace (S21.G00.40.019)",
    ))  # fmt: skip
    parser.add_argument("--staff", type=Path, help=say(
        "la liste des matricules de l'équipe ; ses colonnes « Commune de résidence » et « Poste » "
        "vont dans la feuille",
        "the list of the staff numbers of the team; its columns “Commune de résidence” and “Poste” "
        "go into the sheet",
    ))  # fmt: skip
    given = parser.parse_args()
    ask = input if sys.stdin.isatty() else None
    try:
        sheet = make_sheet(given.files, given.siret, given.workplace, given.staff, ask)
    except Refused as fault:
        print(fault, file=sys.stderr)
        sys.exit(fault.exit_code)
    except (EOFError, KeyboardInterrupt):
        sys.exit(1)
    print(*told(sheet), sep="\n")


if __name__ == "__main__":
    main()
