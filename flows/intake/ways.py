"""Cells that are written in another way, as France writes them: the readers know no other.

`10/25/2026` of a column that is month first is `25/10/2026`; `1.234,5` has no point then.
"""

import polars as pl

TWO_PARTS = r"^(\d{1,2})([/.-])(\d{1,2})([/.-])(\d)"
SHORT_YEAR_FIRST = r"^(\d{2})[/.-](\d{1,2})[/.-](\d{1,2})(\D|$)"
GROUPS = {
    "decimal_comma": (".", r"^-?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d*)?(?:[^\d.,].*)?$"),
    "decimal_point": (",", r"^-?[1-9]\d{0,2}(?:,\d{3})+(?:\.\d*)?(?:[^\d.,].*)?$"),
}
"""The mark that parts thousands where the decimal one is known, and numbers that have it."""


def in_usual_form(cells: pl.Series, way: str) -> pl.Series:
    """The same cells, whatever the way in which their column is written."""
    if way == "month_first":
        return cells.str.replace(TWO_PARTS, "${3}${2}${1}${4}${5}")
    if way == "year_first":
        return cells.str.replace(SHORT_YEAR_FIRST, "${3}/${2}/${1}${4}")
    if way in GROUPS:
        mark, grouped = GROUPS[way]
        is_grouped = cells.str.contains(grouped).fill_null(False)
        if is_grouped.any():
            return cells.zip_with(~is_grouped, cells.str.replace_all(mark, "", literal=True))
    return cells
