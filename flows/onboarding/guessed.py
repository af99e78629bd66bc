"""What was guessed of an unknown file: which header is for what, how surely, and what is open."""

from dataclasses import dataclass, field
from typing import Literal

from flows.onboarding.guess_table import Table
from schemas import FEEDS

Certainty = Literal["sure", "likely", "check", "decide"]
"""`decide`: a column that is not required and whose words have no codes yet; left as a comment."""


@dataclass(frozen=True)
class Found:
    """What one header is for, or several that are joined; `identity.email` is an identity."""

    target: str
    headers: list[str]
    certainty: Certainty
    why: str


@dataclass
class Guess:
    """A proposed source, and what a person has to decide."""

    feed: str
    table: Table
    others: list[str] = field(default_factory=list)
    """Sheets that are not read and have these headers, or numbers."""
    found: list[Found] = field(default_factory=list)
    values: dict[str, dict[str, str]] = field(default_factory=dict)
    near_words: dict[str, list[str]] = field(default_factory=dict)
    """Column → words of `values` that only resemble a code or its label."""
    undecided_words: dict[str, list[str]] = field(default_factory=dict)
    hidden_words: dict[str, int] = field(default_factory=dict)
    """Column → how many words have no code and are not shown: one could be a name."""
    unused: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    """Columns that the feed requires and that nothing was found for."""
    template: str | None = None
    """The sheet of the kit that this is: it needs no mapping, so nothing else is guessed."""
    id: str = ""
    """What the source is called."""
    refused: str = ""
    """Why none of the sample would be read."""
    good: int | None = None
    lost: int = 0
    """Rows of the sample that would be loaded, and refused; None when it was not tried."""
    constants: dict[str, str] = field(default_factory=dict)
    numbers: list[str] = field(default_factory=list)
    """Columns of numbers that are not read and could count people: a person has to say."""
    groups: list[str] = field(default_factory=list)
    """Columns of how many people were of each age or status: no feed holds them."""
    is_of_payroll: bool = False
    """`impact dsn` made the sheet: its name says what it proves, and each one replaces the last."""

    @property
    def is_comment(self) -> bool:
        """Is so little known that the source cannot stand yet? Without a day, nothing can be."""
        return FEEDS[self.feed].event in self.missing

    @property
    def is_open(self) -> bool:
        """Has somebody to decide something before anything is loaded rightly?"""
        is_empty = self.good == 0 and self.lost > 0
        questions = self.table.shape.questions
        return bool(self.missing or self.numbers or self.refused or questions or is_empty)

    @property
    def header_to(self) -> str | None:
        """The column that headers of other columns went to."""
        unpivot = self.table.shape.keys.get("unpivot")
        return unpivot["header_to"] if unpivot else None

    @property
    def cell_to(self) -> str | None:
        """The column that cells of other columns went to."""
        unpivot = self.table.shape.keys.get("unpivot")
        return unpivot["cell_to"] if unpivot else None
