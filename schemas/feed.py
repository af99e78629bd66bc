"""What a feed is: its contract, and what cannot be said of one of its columns alone."""

from dataclasses import dataclass

from schemas.record import Record


@dataclass(frozen=True)
class Feed:
    """The `FEED` of a file of this folder, whose name is that of the feed."""

    contract: type[Record]
    event: str
    """The column that says when a record happened."""
    day: str
    """The column that says on which day of its place it did: the same, where that is a date."""
    words: tuple[str, str]
    """What it is called, in French and in English."""
    rows: tuple[str, str]
    """What the rows of its table in `core` are."""
    dataset: str
    """Name, title and description of its Table Schema: files that places and networks exchange."""
    title: str
    about: str
    presence: tuple[str, str] | None = None
    """The column and the code that say that somebody was there; else every record says so."""
    session: str | None = None
    """The column that tells apart the meetings of one day, each with a proof of its own."""
    lasts: bool = False
    """A record holds for the days after its event too, as a contract does: closures do not stop it,
    the days of use of its source do not bound it, and an old one says little of its time."""

    ends: str = ""
    """The column that says the last day of what lasts."""

    @property
    def is_instant(self) -> bool:
        """Does a record say at what time of its day it happened?"""
        return self.day != self.event
