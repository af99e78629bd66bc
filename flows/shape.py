"""What a place declares of the shape of its file: how its cells become rows of one kind.

Without any of these keys a row of the file is a row, under one line of headers, in one sheet.
"""

import re
import unicodedata
from fnmatch import fnmatchcase
from typing import Literal, Self

from pydantic import field_validator, model_validator

from flows.declaration import Declared
from flows.language import _

Words = str | list[str]
LETTER = re.compile(r"^=([A-Z]{1,3})$")
"""`=C`: a column by its letter, as a formula of a spreadsheet names it."""
SHEET = "=sheet"
"""The name of the sheet, as if each of its rows had it."""
FIRST_YEAR, LAST_YEAR = 1950, 2100
WEEKDAY = r"(?:lun|mar|mer|jeu|ven|sam|dim)[a-zé]*\.?,? *"
MONTH = r"(?:janv?|f[ée]vr?|mars?|avr|mai|juin?|juil?|ao[uû]t?|sept?|oct|nov|d[ée]c)[a-zéû]*\.?"
YEAR = r"(?:20)?\d\d"
DAY_NUMBER = rf"(?:{WEEKDAY})?\d{{1,2}}(?:er)?"
HEADERS_OF = {
    "days": rf"(?i)^(?:{WEEKDAY})?(?:\d{{4}}-\d\d-\d\d|\d{{1,2}}(?:er)?"
    rf"(?: ?[/.-] ?\d{{1,2}}(?: ?[/.-] ?{YEAR})?|[ -]{MONTH}(?:[ -]{YEAR})?)?)$",
    "months": rf"(?i)^(?:{MONTH}(?:[ ./-]*{YEAR})?|\d{{1,2}}[/-]20\d\d|20\d\d-\d\d)$",
}
"""How the headers look that are days, or months."""
BETWEEN = " / "
"""Between the lines of a header."""
MONTH_OVER_DAY = re.compile(
    rf"(?i)^(?P<month>{MONTH}(?:[ -]{YEAR})?){BETWEEN}(?P<day>{DAY_NUMBER})$"
)
OVER_DAY = re.compile(rf"(?i)^(?:{WEEKDAY}|(?:s|sem|semaine)?\.? ?\d{{1,2}})$")
"""What stands over or under a whole day: its weekday, or its week."""
SCHOOL_YEAR = re.compile(r"^(20\d\d)-(20\d\d)$")
Year = int | str
"""A year, 2025, or a school year, `2024-2025`."""


def day_of_header(header: str) -> str | None:
    """The day that a header is; `Octobre 2025 / lun. 6` of two lines is `lun. 6 Octobre 2025`."""
    if re.match(HEADERS_OF["days"], header):
        return header
    if told := MONTH_OVER_DAY.match(header):
        return f"{told['day']} {told['month']}"
    days = [part for part in header.split(BETWEEN) if not OVER_DAY.match(part)]
    is_one = len(days) == 1 and days[0] != header
    return days[0] if is_one and re.match(HEADERS_OF["days"], days[0]) else None


def years_of(year: Year) -> list[int]:
    """The one or two years in which its days lie."""
    return [int(one) for one in str(year).split("-")]


def listed(words: Words) -> list[str]:
    return [words] if isinstance(words, str) else words


def plain(text: str) -> str:
    """A word without what differs between keyboards."""
    return unicodedata.normalize("NFC", " ".join(text.split())).lower()


def without_accents(text: str) -> str:
    """`Sam 1 Août` as `sam 1 aout`."""
    letters = unicodedata.normalize("NFKD", text)
    return plain("".join(one for one in letters if not unicodedata.combining(one)))


def says(cell: str, words: Words) -> bool:
    """Is a cell one of these words? `706*` is all that begins so; a blank cell is none of them."""
    told = plain(cell)
    return bool(told) and any(fnmatchcase(told, plain(word)) for word in listed(words))


class Unpivot(Declared):
    """Columns that become rows: one for each of their cells that says something."""

    columns: Literal["days", "months"] | list[str]
    """The headers; `days` and `months` are all that are one."""
    header_to: str
    """The column that the header goes to, to be mapped as any other."""
    cell_to: str

    @model_validator(mode="after")
    def each_stands_once(self) -> Self:
        if isinstance(self.columns, list) and len({*self.columns}) < len(self.columns):
            raise ValueError(_("a column stands twice in `columns`"))
        return self

    def takes(self, headers: list[str]) -> list[str]:
        """Those of the headers of a file that become rows; in `columns` as they are listed."""
        if isinstance(self.columns, list):
            return self.columns
        if self.columns == "days":
            return [header for header in headers if day_of_header(header)]
        return [header for header in headers if re.match(HEADERS_OF[self.columns], header)]

    def named(self, header: str) -> str:
        """What the new column says of a header."""
        return (self.columns == "days" and day_of_header(header)) or header


class Split(Declared):
    """A range in one cell, `9h00 - 12h30`, as its two ends."""

    column: str
    into: tuple[str, str]
    """The columns of the beginning and of the end, to be mapped as any others."""


class Shape(Declared):
    """The keys of a source that say how its file is turned; none of them, and nothing is."""

    sheets: Words = []
    """The sheets to read, one after the other; `*` stands for any letters."""
    header_rows: list[int] = []
    """The rows of a header over several lines."""
    carried: Words = []
    """Headers whose blank cells say what stands above them, as merged cells do."""
    missing: list[str] = []
    """Words that say nothing: their cells are blank."""
    unpivot: Unpivot | None = None
    split: Split | None = None
    where: dict[str, Words] = {}
    """Header → the words that its cell must say; other rows are left out."""
    where_not: dict[str, Words] = {}
    """Header → the words with which a row is left out."""
    year: Year | None = None
    """The year of the days that do not say theirs; a school year begins on 1 September."""

    @field_validator("year")
    @classmethod
    def year_is_one(cls, year: Year | None) -> Year | None:
        if isinstance(year, int) and FIRST_YEAR <= year <= LAST_YEAR:
            return year
        told = SCHOOL_YEAR.match(year) if isinstance(year, str) else None
        if year is not None and not (told and int(told[2]) == int(told[1]) + 1):
            raise ValueError(_('write a year, 2025, or a school year, "2024-2025"'))
        return year

    @model_validator(mode="after")
    def header_rows_follow_each_other(self) -> Self:
        rows = self.header_rows
        if rows and (rows[0] < 1 or rows != list(range(rows[0], rows[0] + len(rows)))):
            raise ValueError(_("`header_rows` are rows that follow each other, such as [1, 2]"))
        return self

    @model_validator(mode="after")
    def new_columns_have_names_of_their_own(self) -> Self:
        made = [name for name in self.names_made() if name.strip()]
        if len({*made, SHEET}) <= len(self.names_made()):
            raise ValueError(_("the columns that `unpivot` and `split` make need different names"))
        if {*made} & {*listed(self.carried)}:
            raise ValueError(_("`carried` names headers of the file"))
        return self

    @property
    def changes_rows(self) -> bool:
        """Is there anything to do with the rows that were read?"""
        return bool(
            self.missing or self.carried or self.unpivot or self.split or self.where
            or self.where_not
        )  # fmt: skip

    def made(self) -> set[str]:
        """The columns that no file has: they are made of others."""
        return {SHEET, *self.names_made()}

    def names_made(self) -> list[str]:
        """What the columns are called that `unpivot` and `split` make."""
        unpivoted = [self.unpivot.header_to, self.unpivot.cell_to] if self.unpivot else []
        return [*unpivoted, *(self.split.into if self.split else ())]

    def kept(self) -> set[str]:
        """The headers of the file that are needed once columns became rows."""
        split = {self.split.column} if self.split else set()
        return {*split, *self.where, *self.where_not} - self.made()

    def asked(self, headers: list[str]) -> dict[str, str]:
        """The headers of a file that the shape itself needs → the key that needs them."""
        asked: dict[str, str] = {}
        if self.unpivot:
            asked |= dict.fromkeys(self.unpivot.takes(headers), "unpivot")
        if self.split:
            asked[self.split.column] = "split"
        asked |= dict.fromkeys(listed(self.carried), "carried")
        asked |= dict.fromkeys(self.where, "where") | dict.fromkeys(self.where_not, "where_not")
        return {header: key for header, key in asked.items() if header not in self.made()}
