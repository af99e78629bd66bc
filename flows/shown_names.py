"""What may be shown of the name of a file or a sheet: a person may be in it.

A name that the TOML declares is shown, and so is one that adds to the declared pattern no more than
dates, months and a number or two. Of any other, the pattern is shown and a number; the name itself
stays beside the bytes in landing, and goes with them. The correction workbook, made for the place,
has it.
"""

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath

from flows.errors import ImpactError
from flows.language import _
from flows.sources import Source

NUMBER_CHARACTERS = 6
OWN_NAME = re.compile(r"[a-z_]+-[0-9a-f]+(-\d{4}-\d\d-\d\d){1,2}\.pages")
"""A pull, as this program itself names it."""
ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
DATE = re.compile(
    r"20\d\d[-_. ]?(0\d|1[0-2])([-_. ]?[0-3]\d)?(?!\d)|[0-3]\d[-_. ]?[01]\d[-_. ]?20\d\d"
)
WORD = re.compile(r"[^\W_]+")
MONTH = re.compile(
    "janv(ier)?|fevr(ier)?|mars|avr(il)?|mai|juin|juil(let)?|aout|sept(embre)?|oct(obre)?"
    "|nov(embre)?|dec(embre)?|jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?"
    "|sep(tember)?|october|november|december"
)
MOST_NUMBERS = 2
DEFAULT_SHEET = re.compile(r"(?:feuil|feuille|sheet) ?\d{0,2}", re.IGNORECASE)
"""As a spreadsheet program names it."""
SHORT_NUMBER = re.compile(r"\d{1,3}|20\d\d|[tsq][1-4]")
"""Also a year, a quarter or a half of it. A telephone number is longer, or has more of them."""
WILDCARD = re.compile(r"(\*+|\?|\[[^\]]+\])")
KNOWN_FORMAT = re.compile(
    r"\.(csv|txt|tsv|xlsx?|xlsm|ods|jsonl?|ndjson|parquet|ics|pages|docx?|odt|pdf|zip|gz|7z|numbers"
    r"|xml|html?|png|jpe?g)"
)


def is_harmless(text: str) -> bool:
    """Dates, months, and a number or two: whose they are cannot be told."""
    letters = unicodedata.normalize("NFKD", text.lower())
    bare = "".join(sign for sign in letters if not unicodedata.combining(sign))
    words = WORD.findall(DATE.sub(" ", bare))
    numbers = [word for word in words if not MONTH.fullmatch(word)]
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


def nth_file(name: str, source: Source, number: int) -> str:
    """The same of a file that is no batch yet: its place among those that match, by name."""
    pattern = pattern_of(source)
    if may_be_shown(name, pattern):
        return name
    return _("{pattern} n° {number} in order of name").format(pattern=pattern, number=number)


def shown_sheet(sheet: str, source: Source, number: int = 1) -> str:
    """The name of a sheet, or its place in the workbook."""
    is_plain = sheet == source.sheet or is_harmless(sheet) or DEFAULT_SHEET.fullmatch(sheet)
    return sheet if is_plain else f"n° {number}"


def suffix(name: str) -> str:
    """How a name ends where that says its format; nothing else of it."""
    end = PurePosixPath(name).suffix.lower()
    return end if KNOWN_FORMAT.fullmatch(end) else ""


@contextmanager
def hidden(name: str, shown: str) -> Iterator[None]:
    """In every sentence of a fault, a file's name as it may be shown."""
    try:
        yield
    except ImpactError as fault:
        if shown != name:
            whole = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")
            for part in ("what", "where", "remedy"):
                setattr(fault, part, whole.sub(lambda _found: shown, getattr(fault, part)))
            fault.args = (str(fault),)
        raise
