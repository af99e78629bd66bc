"""Whether a column holds hours, minutes, shares of full time, codes of communes, or numbers."""

import re

from flows.intake.column import SLIPS, Column, InDoubt, contradicts, is_slip, line
from flows.intake.signs import Signs
from flows.language import _

MANY = 0.2
"""Above this share, what is not as it should be is no slip, but another kind of column."""
ENOUGH_CODES = 5
ENOUGH_FEW = 3
POSTAL = r"postal|\bzip\b|postcode|(?:^|[^a-z])c\.?p\.?(?:[^a-z]|$)"
HOURS = r"heure|\bhours?\b|\bhrs?\b|(?:^|[^a-z])h(?:[^a-z]|$)"


def hours_of(column: Column) -> str:
    seen, earlier = column.seen, column.earlier
    refuse_parts_of_a_day(seen)
    if not is_slip(seen["above"], seen.total(), MANY):
        raise InDoubt(
            _("{header} holds more than a week has: hours of a month, minutes, or per cent?"),
            _("write hours a week in the file, such as 35 and 17,5"),
        )  # fmt: skip
    if column.declared == "shares":
        if not is_slip(seen["hours"] + seen["clock"] + seen["above"], seen.total()):
            raise contradicts(column)
        return "shares"
    if column.declared:
        return column.declared
    is_like_earlier = earlier["hours"] + earlier["clock"] > 0
    if seen["share"] or (seen["one"] and not (seen["hours"] + seen["clock"] or is_like_earlier)):
        raise InDoubt(
            _("the weekly hours of {header} look like shares of full time: some are at most 1,5"),
            _("write hours a week, such as 35 and 17,5, or say in the TOML what they are: ")
            + line("shares", "hours"),
        )
    return "hours"


def minutes_of(column: Column) -> str:
    seen, earlier = column.seen, column.earlier
    refuse_parts_of_a_day(seen)
    above = seen["above"] + seen["above_fraction"]
    if column.declared == "hours" and not is_slip(above, seen.total()):
        raise contradicts(column)
    if column.declared:
        return column.declared
    has_numbers = above + seen["fraction"] + seen["few"] + seen["some"] > 0
    is_named_so = re.search(HOURS, column.plain_header) and "min" not in column.plain_header
    has_fractions = seen["fraction"] and not seen["above_fraction"]
    are_few = seen["few"] >= ENOUGH_FEW and not (above or seen["some"] or seen["clock"])
    are_new = not (earlier["above"] or earlier["some"] or earlier["clock"])
    if (has_numbers and is_named_so) or has_fractions or (are_few and are_new):
        raise InDoubt(
            _("the minutes of {header} look like hours"),
            _("write minutes, such as 90, or hours and minutes, such as 1h30, or say in the TOML "
              "what they are: ") + line("hours", "minutes"),
        )  # fmt: skip
    return "minutes"


def refuse_parts_of_a_day(seen: Signs) -> None:
    if seen["parts"]:
        raise InDoubt(
            _("{header} holds parts of a day, as spreadsheets count times: 0.104166667 is 2 h 30"),
            _("give these cells the format [h]:mm, save the file, and deliver it again"),
        )


def commune_of(column: Column) -> str:
    if column.declared:
        return column.declared
    seen, header = column.seen, column.plain_header
    unknown, codes = seen["unknown"], seen["known"] + seen["unknown"]
    if unknown:  # a few are judged with those that came before
        unknown += column.earlier["unknown"]
        codes += column.earlier["known"] + column.earlier["unknown"]
    is_named_so = re.search(POSTAL, header) and "insee" not in header and codes
    are_unknown = unknown >= ENOUGH_CODES and 2 * unknown > codes
    if is_named_so or are_unknown or are_of_districts(seen):
        raise InDoubt(
            _("{header} holds postal codes, and INSEE codes are asked for"),
            _("map the column of the INSEE codes, or leave the commune out; where they are INSEE "
              "codes, say so in the TOML: ") + line("insee"),
        )  # fmt: skip
    return "insee"


def are_of_districts(seen: Signs) -> bool:
    """Many communes of one end of the alphabet, and never the city nearby: `69001` to `69009`."""
    return any(
        sum(sign.startswith(district) for sign in seen) >= ENOUGH_CODES
        and not any(sign.startswith(city) for sign in seen)
        for district, city in (("130", ("13055", "132")), ("6900", ("69123", "6938")))
    )


def number_of(column: Column) -> str:
    seen = column.seen
    if SLIPS < seen["people"] < seen["cells"] and seen["people"] > MANY * seen["cells"]:
        raise InDoubt(
            _("some numbers of {header} look like telephone or social-security numbers, some not"),
            _("map another column, or none: without a number, a row is known by its content"),
        )
    if seen["cut"] > SLIPS and seen["cut"] == seen["long"]:
        raise InDoubt(
            _("a spreadsheet has cut the numbers of {header}: after fifteen digits all are zeros"),
            _("export the file anew, and give this column the format Text before it is opened"),
        )
    return ""
