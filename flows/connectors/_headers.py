"""Mapped headers must be there once; otherwise the batch is refused before any row is loaded."""

import re
import unicodedata
from collections import Counter

from flows.connectors._extent import column_number
from flows.errors import BatchRefused
from flows.language import _
from flows.records import letters
from flows.shape import BETWEEN, LETTER, plain
from flows.sources import Source
from flows.spelling import closest
from schemas.template import PAYROLL_MARK


def clean_header(header: object) -> str:
    """A header without the spaces that spreadsheets leave around it, each letter in one form."""
    text = str(header if header is not None else "").replace("\ufeff", "")
    return unicodedata.normalize("NFC", " ".join(text.split()))


def headers_under(lines: list[list[str]]) -> list[str]:
    """One header for each column of a header over several lines: `Matin / Femmes`.

    A merged cell holds its text in its first column alone: the columns to its right, where a line
    below says something, stand under it too.
    """
    width = max((len(line) for line in lines), default=0)
    padded = [line + [""] * (width - len(line)) for line in lines]
    for at, line in enumerate(padded[:-1]):
        above = ""
        for column in range(width):
            is_below = any(lower[column] for lower in padded[at + 1 :])
            if line[column] or not is_below:
                above = line[column] if is_below else ""
            else:
                line[column] = above
    return [
        BETWEEN.join(dict.fromkeys(line[column] for line in padded if line[column]))
        for column in range(width)
    ]


def named_by_letter(headers: list[str], source: Source, first: int = 1) -> list[str]:
    """The headers, where a source names a column by its letter, `=C`, with that for a name.

    `first` is the number of the first column.
    """
    named = list(headers)
    for wanted in source.filed_headers(headers):
        if told := LETTER.match(wanted):
            at = column_number(told[1]) - first
            if 0 <= at < len(named):
                named[at] = wanted
    return named


def refuse_a_day_twice(headers: list[str], source: Source, name: str, first: int = 1) -> None:
    """Raises BatchRefused where two columns that become rows are one day, however written."""
    if source.unpivot is None:
        return
    where: dict[tuple[str, ...], int] = {}
    taken = {*source.unpivot.takes(headers)}
    for at, header in enumerate(headers):
        if header not in taken:
            continue
        day = plain(source.unpivot.named(header))
        parts = re.findall(r"\d+|[^\W\d]{3,}", day) if source.unpivot.columns == "days" else [day]
        said = tuple(part.lstrip("0") for part in parts)
        if said in where:
            row = source.last_header_row
            cells = [f"{letters(n + first)}{row}" for n in (where[said], at)]
            raise BatchRefused(
                _("the column {header!r} stands twice, in {one} and {other}").format(
                    header=header, one=cells[0], other=cells[1]
                ),
                where=name,
                remedy=_("keep one of them"),
            )
        where[said] = at
    if not where:
        raise BatchRefused(
            _("no header is one of {columns!r}, which `unpivot` makes rows of").format(
                columns=source.unpivot.columns
            ),
            where=_("{name}, header row {header_row}").format(
                name=name, header_row=source.last_header_row
            ),
            remedy=_("correct `unpivot` or header_row in the TOML"),
        )


def refuse_clashes(headers: list[str], name: str, source: Source) -> None:
    """Raises BatchRefused where a header is that of a new column, or is needed and becomes rows."""
    where = _("{name}, header row {header_row}").format(
        name=name, header_row=source.last_header_row
    )
    for made in source.names_made():
        if made in headers:
            raise BatchRefused(
                _("{header!r}, which `unpivot` or `split` makes, is a header of the file").format(
                    header=made
                ),
                where=where,
                remedy=_("call the new column otherwise in the TOML"),
            )
    kept = ({*source.wanted_headers()} | source.kept()) - source.made()
    taken = source.unpivot.takes(headers) if source.unpivot else []
    for header in taken:
        if header in kept:
            raise BatchRefused(
                _("{header!r} is asked for, and `unpivot` makes rows of it").format(header=header),
                where=where,
                remedy=_("take it out of one of the two in the TOML"),
            )


def refuse_payroll_of_everybody(headers: list[str], name: str, source: Source) -> None:
    """Raises BatchRefused for the sheet of a payroll that is said to list everybody."""
    if source.template != "emplois" or PAYROLL_MARK not in headers:
        return
    raise BatchRefused(
        _("this sheet comes from the payroll and lists its team alone, and {given} lists everybody"
          ).format(given=repr(source.template)),
        where=name,
        remedy=_(
            'write template = "paie" in the TOML; who is on no payroll goes into a sheet of its own'
        ),
    )  # fmt: skip


def check_headers(headers: list[str], name: str, source: Source) -> list[str]:
    """The headers that the source maps, in file order.

    Raises BatchRefused for a mapped header that is absent or stands twice. The nearest
    header is shown only when another one is right: a file without a header line has people there.
    """
    count, filed = Counter(headers), source.filed_headers(headers)
    refuse_clashes(headers, name, source)
    refuse_payroll_of_everybody(headers, name, source)
    for wanted, purpose in filed.items():
        if count[wanted] > 1:
            raise BatchRefused(
                _("the column {wanted!r} ({purpose}) stands {count} times").format(
                    wanted=wanted, purpose=purpose, count=count[wanted]
                ),
                where=_("{name}, header row {header_row}").format(
                    name=name, header_row=source.last_header_row
                ),
                remedy=_("keep one of them"),
            )
        if count[wanted] == 0:
            is_header_line = any(header in filed for header in headers)
            others = [header for header in headers if header and is_header_line]
            near = closest(wanted, others)
            absent = [repr(h) for h in filed if not count[h] and h != wanted]
            raise BatchRefused(
                _("the column {wanted!r} ({purpose}) is not there").format(
                    wanted=wanted, purpose=purpose
                )
                + (_("; the nearest is {near!r}").format(near=near) if near else "")
                + (_("; nor is {absent}").format(absent=", ".join(absent)) if absent else ""),
                where=_("{name}, header row {header_row}").format(
                    name=name, header_row=source.last_header_row
                ),
                remedy=_(
                    "correct the header in the file, or the mapping or header_row in the TOML"
                ),
            )
    return [header for header in headers if header in filed]
