"""One mapped column of a delivery, and what is said where nobody can tell how it is written."""

import unicodedata
from collections import Counter
from dataclasses import dataclass, field

from flows.intake.signs import Signs
from flows.language import _
from schemas.fields import WAYS

SLIPS, SLIPS_SHARE = 1, 0.02
"""So many cells that cannot be as the others are slips of a hand: they refuse their rows alone."""


class InDoubt(Exception):
    """A column that nobody can read for sure: what it shows, and what to do.

    `values` fill in both sentences, beside `header` and `field`.
    """

    def __init__(self, what: str, remedy: str, **values: str) -> None:
        self.what, self.remedy, self.values = what, remedy, values
        super().__init__(what)


@dataclass
class Column:
    """What is known of a mapped column, and what a delivery has shown of it so far."""

    name: str
    headers: list[str]
    kind: str
    declared: str
    """The way that the TOML says; empty where it says none."""
    is_text: bool
    """Of a text file, where people write numbers."""
    is_of_workbook: bool = False
    earlier: Signs = field(default_factory=Counter)
    """What other deliveries of the source showed."""
    seen: Signs = field(default_factory=Counter)
    beside: str = ""
    """The way that the others of its kind in this delivery prove; empty where they prove none."""
    way: str = ""
    """How it is read now; empty where there is one way alone."""

    @property
    def header(self) -> str:
        return " + ".join(self.headers)

    @property
    def plain_header(self) -> str:
        return unicodedata.normalize("NFKD", self.header).lower()


def is_slip(few: int, all_of_them: int, share: float = SLIPS_SHARE) -> bool:
    return few <= max(SLIPS, share * all_of_them)


def line(*ways: str) -> str:
    """What to write in the TOML, for sentences where `{field}` is filled in."""
    said = _(" or ").join(f'{{field}} = "{way}"' for way in ways)
    return f"[sources.written] {said}"


def say(column: Column, *ways: str) -> str:
    return _("say in the TOML how it is written: ") + line(*(ways or WAYS[column.kind]))


def contradicts(column: Column) -> InDoubt:
    return InDoubt(
        _("{header} is not written as the TOML says: {way}"),
        _("correct `written` in the TOML, or the file"),
        way=column.declared,
    )


def refuse_unlike_earlier(column: Column, way: str, earlier: int, shown: str) -> None:
    """What was read before as is usual, and showed nothing, was perhaps written so too."""
    if earlier and not shown:
        raise InDoubt(
            _("{header} is not written as earlier deliveries, which showed nothing, were read"),
            say(column, way) + _(", and read those again: impact run --again landed"),
        )
