"""What a spreadsheet does to the number of a tool: `101.0`, `="101"`, `1,85027E+14`, zeros."""

import polars as pl

AS_TEXT = r"^(?:'|=\"?)([^'\"=]+)\"?$"
POINT_ZERO = r"^(\d+)[.,]0+$"
EXPONENT = r"^-?\d(?:[.,]\d+[eE]\+?|[eE]\+)\d{1,3}$"
DAMAGED = rf"{AS_TEXT}|{POINT_ZERO}|{EXPONENT}"
CUT = r"^\d{15}0+$"
"""A spreadsheet keeps fifteen digits and writes zeros for the others."""


def tool_numbers(cells: pl.Series) -> pl.Series:
    """Numbers as the tool gave them: `101.0` is `101`, and `1,85027E+14` is absent."""
    if not cells.str.contains(DAMAGED).any():
        return cells
    whole = cells.str.replace(AS_TEXT, "${1}").str.replace(POINT_ZERO, "${1}")
    return whole.set(whole.str.contains(EXPONENT).fill_null(False), None)


def numbers_of_people(cells: pl.Series) -> pl.Series:
    """The same, and what may have lost digits is absent: rather nobody than two people as one."""
    whole = tool_numbers(cells)
    return whole.set(whole.str.contains(CUT).fill_null(False), None)
