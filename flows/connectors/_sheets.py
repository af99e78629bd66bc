"""Which sheets of a workbook a source reads."""

import re
import unicodedata
from fnmatch import fnmatchcase

import polars as pl

from flows.connectors._headers import clean_header
from flows.errors import BatchRefused
from flows.language import _
from flows.shape import MONTH, Words, listed, without_accents
from flows.sources import Source

MONTHS = ("jan", "fev", "mar", "avr", "mai", "juin", "juil", "aou", "sep", "oct", "nov", "dec")
MONTH_OF_A_SHEET = re.compile(rf"(?i)\b({MONTH})(?:[ ._/-]*(20\d\d|\d\d))?(?![\w])")

NUMBER_OF_A_MONTH = re.compile(
    r"^(?:(?P<year>20\d\d)[-_. ](?P<month>0?[1-9]|1[0-2])"
    r"|(?P<before>0[1-9]|1[0-2])[-_. ](?P<other>20\d\d))$"
)
"""`2025-01`, `01-2025`."""


def sheets_to_read(names: list[str], first: str, source: Source, name: str) -> list[str]:
    """The declared sheets, in the order of the workbook; without any, the first one.

    Raises BatchRefused where one is not there, and where the months that they are have a gap.
    """
    asked = listed(source.sheets) or [first if source.sheet is None else source.sheet]
    for sheet in asked:
        if not any(is_among(one, sheet) for one in names):
            raise BatchRefused(
                _("there is no sheet {sheet!r}").format(sheet=sheet),
                where=name,
                remedy=_("the sheets are: {sheet_names}").format(
                    sheet_names=", ".join(map(repr, names))
                ),
            )
    if not source.sheets:
        return asked
    found = [sheet for sheet in names if is_among(sheet, source.sheets)]
    if any("*" in one for one in asked):  # else the source says which ones there are
        refuse_gap(found, name)
    return found


def is_among(sheet: str, asked: Words) -> bool:
    """Is a sheet one of those asked for? `*` stands for any letters."""
    wanted = [unicodedata.normalize("NFC", one) for one in listed(asked)]
    told = unicodedata.normalize("NFC", sheet)
    return any(told == one or fnmatchcase(told, one) for one in wanted)


def is_blank(cells: pl.DataFrame) -> bool:
    """Has nobody written anything into a sheet?"""
    return cells.is_empty() or cells.null_count().sum_horizontal().item() == cells.height * (
        cells.width
    )


def is_another(cells: pl.DataFrame, sheet: str, source: Source) -> bool:
    """Does a sheet hold something else than the others: no month, and none of their headers?

    One that has some of the headers is read, and refused for those that it lacks.
    """
    if month_of(sheet):
        return False
    above = cells[: source.last_header_row]
    headers = {clean_header(cell) for row in above.iter_rows() for cell in row}
    return not headers & source.filed_headers([*headers]).keys()


def month_of(sheet: str) -> tuple[int, int] | None:
    """The year, 0 where it is not said, and the month that a sheet is named after."""
    if told := NUMBER_OF_A_MONTH.match(sheet.strip()):
        return int(told["year"] or told["other"]) % 100, int(told["month"] or told["before"])
    told = MONTH_OF_A_SHEET.search(sheet)
    if told is None:
        return None
    name = without_accents(told[1])
    number = next((n for n, month in enumerate(MONTHS, 1) if name.startswith(month)), None)
    return (int(told[2] or 0) % 100, number) if number else None


def refuse_gap(sheets: list[str], name: str) -> None:
    """Raises BatchRefused where a month is missing between two others of the same year."""
    months = {told: sheet for sheet in sheets if (told := month_of(sheet))}
    for year in {year for year, _month in months}:
        there = [month for one, month in months if one == year]
        for number in range(min(there), max(there)):
            if number not in there:
                before = max(month for month in there if month < number)
                raise BatchRefused(
                    _("after the sheet {sheet!r} a month is missing").format(
                        sheet=months[year, before]
                    ),
                    where=name,
                    remedy=_("add it, with its headers alone if nobody came, or name in `sheets` "
                             "those to read, each by its name"),
                )  # fmt: skip
