"""What may be shown of the name of a file or a sheet: a person may be in it.

A name that the TOML declares is shown, and so is one that adds to the declared pattern no more than
dates, months and a number or two. Of any other, the pattern is shown and a number; the name itself
stays beside the bytes in landing, and goes with them. The correction workbook, made for the place,
has it.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import PurePosixPath

from flows.errors import ImpactError
from flows.language import _
from flows.shape import listed
from flows.sources import Source

NUMBER_CHARACTERS = 6
OWN_NAME = re.compile(r"[a-z_]+-[0-9a-f]+(-\d{4}-\d\d-\d\d){1,2}\.pages")
"""A pull, as this program itself names it."""
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
DATE = re.compile(
    r"20\d\d[-_. ]?(0\d|1[0-2])([-_. ]?[0-3]\d)?(?!\d)|[0-3]\d[-_. ]?[01]\d[-_. ]?20\d\d"
)
WORD = re.compile(r"[^\W_]+")
MONTH = (
    "janv(ier)?|fevr(ier)?|mars|avr(il)?|mai|juin|juil(let)?|aout|sept(embre)?|oct(obre)?"
    "|nov(embre)?|dec(embre)?|jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?"
    "|sep(tember)?|october|november|december"
)
OF_THE_FIELD = (
    "registres?|presences?|emargements?|listes?|donnees|exports?|tota(l|ux)|recap(itulatif)?"
    "|corrections?|corrige|annulations?|partiel|ancien|lisez|moi|copie|copy|final|version|v\\d|bis"
)
"""What exports and their sheets are called everywhere."""
MOST_NUMBERS = 2
DEFAULT_SHEET = re.compile(r"(?:feuil|feuille|sheet) ?\d{0,2}", re.IGNORECASE)
"""As a spreadsheet program names it."""
SHORT_NUMBER = re.compile(r"\d{1,3}|20\d\d|[tsq][1-4]")
"""Also a year, a quarter or a half of it. A telephone number is longer, or has more of them."""
WILDCARD = re.compile(r"(\*+|\?|\[[^\]]+\])")
KNOWN_FORMAT = (
    "csv|txt|tsv|xlsx?|xlsm|ods|jsonl?|ndjson|parquet|ics|pages|docx?|odt|pdf|zip|gz|7z|numbers"
    "|xml|html?|png|jpe?g"
)
KNOWN_WORD = re.compile("|".join([MONTH, OF_THE_FIELD, KNOWN_FORMAT]))


def is_harmless(text: str) -> bool:
    """Dates, months, and a number or two: whose they are cannot be told."""
    letters = unicodedata.normalize("NFKD", text.lower())
    bare = "".join(sign for sign in letters if not unicodedata.combining(sign))
    words = WORD.findall(DATE.sub(" ", bare))
    numbers = [word for word in words if not KNOWN_WORD.fullmatch(word)]
    return len(numbers) <= MOST_NUMBERS and all(SHORT_NUMBER.fullmatch(word) for word in numbers)


def pattern_of(source: Source) -> str:
    """The file name that the TOML declares, stars included."""
    return PurePosixPath(source.path).name


def may_be_shown(name: str, pattern: str) -> bool:
    """Does a file's name say no more than the declared one, and when?"""
    if not pattern or OWN_NAME.fullmatch(name):
        return bool(OWN_NAME.fullmatch(name))
    parts = WILDCARD.split(unicodedata.normalize("NFC", pattern))
    fixed = parts[::2]
    form = "".join(re.escape(part) + "(.*?)" for part in fixed[:-1]) + re.escape(fixed[-1])
    found = re.fullmatch(form, unicodedata.normalize("NFC", name), re.DOTALL)
    return found is not None and all(map(is_harmless, found.groups()))


def shown_file(name: str, pattern: str, batch_id: str) -> str:
    """The name of a file, or its pattern and a number: how its batch's identifier begins.

    Days that the name says are said, since they may be the proof.
    """
    if may_be_shown(name, pattern):
        return name
    days = ISO_DATE.findall(name)
    shown = f"{pattern or '*' + suffix(name)} n° {batch_id[:NUMBER_CHARACTERS]}"
    return f"{shown} ({', '.join(days)})" if days else shown


def is_numbered(sentence: str) -> bool:
    """Does a number stand in it for the name of a file that is there?"""
    return bool(re.search(rf" n° [0-9a-f]{{{NUMBER_CHARACTERS}}}\b", sentence))


def nth_file(name: str, source: Source, number: int) -> str:
    """The same of a file that is no batch yet: its place among those that match, by name."""
    shown = shown_or_pattern(name, source)
    if shown == name:
        return name
    return _("{pattern} n° {number} in order of name").format(pattern=shown, number=number)


def shown_or_pattern(name: str, source: Source) -> str:
    """The same where no number would help."""
    pattern = pattern_of(source)
    return name if may_be_shown(name, pattern) else pattern


def shown_sheet(sheet: str, source: Source, number: int) -> str:
    """The name of a sheet, or its place in the workbook, counted from 1."""
    declared = [source.sheet or "", *listed(source.sheets)]
    is_declared = any(may_be_shown(sheet, pattern) for pattern in declared if pattern)
    if is_declared or is_harmless(sheet) or DEFAULT_SHEET.fullmatch(sheet):
        return sheet
    return f"n° {number}"


def name_digest(name: str, keyed: Callable[[str], str]) -> str:
    """By what a name is known again once it is gone: a keyed hash, as of a person."""
    return keyed("file_name|" + unicodedata.normalize("NFC", name))


def suffix(name: str) -> str:
    """How a name ends where that says its format; nothing else of it."""
    end = PurePosixPath(name).suffix.lower()
    return end if re.fullmatch(KNOWN_FORMAT, end[1:]) else ""


@contextmanager
def hidden(names: Mapping[str, str]) -> Iterator[None]:
    """In every sentence of a fault, what may be shown in the place of each name."""
    try:
        yield
    except ImpactError as fault:
        for name, shown in names.items():
            before = str(fault)
            if name and shown != name:
                fault.what = without(fault.what, name, shown)
                fault.where = without(fault.where, name, shown)
                fault.remedy = without(fault.remedy, name, shown)
            if str(fault) != before:
                fault.hidden[shown] = name
        fault.args = (str(fault),)
        raise


def without(sentence: str, name: str, shown: str) -> str:
    """A name that stands in quotation marks goes with them; another only as a whole."""
    whole = rf"(?<!\w){re.escape(name)}(?!\w)" if "." in name else r"(?!)"
    return re.sub(f"{re.escape(repr(name))}|{whole}", lambda _found: shown, sentence)
