"""The words of a place's table, and which of them stand in an event of a calendar."""

import itertools
import re
import unicodedata
from collections.abc import Iterable

from flows.connectors._occurrences import Unreadable, Vevent
from flows.sources import Source

WORD = "word"
LOOKED_AT = {
    "attendance": ("SUMMARY", "CATEGORIES"),
    "service_usage": ("SUMMARY", "CATEGORIES", "LOCATION"),
}
"""Who comes is not told by where: a meeting of the team at the partner's has its address."""
BUSY = {
    "busy", "free", "tentative", "away", "out of office", "working elsewhere", "private",
    "private appointment", "no title", "(no title)", "occupe", "occupee", "libre", "disponible",
    "indisponible", "provisoire", "absent", "absente", "absent(e)", "absent du bureau",
    "travail sur un autre site", "prive", "rendez-vous prive", "sans titre", "(sans titre)", "",
}  # fmt: skip
"""What calendars write that hide what their events are about."""


class Words:
    """The words of the TOML, and which of them stand in an event."""

    def __init__(self, source: Source, expected: Iterable[str]) -> None:
        fields = [name for name, header in source.columns.items() if header == WORD]
        tables = [source.values.get(name, {}) for name in fields]
        self.is_needed = bool(fields)
        self.fields = LOOKED_AT[source.feed]
        self.codes: dict[str, tuple[str | None, ...]] = {}
        self.words: dict[str, str] = {}
        for word in dict.fromkeys(itertools.chain(*tables)):
            self.words[plain(word)] = word
            self.codes[plain(word)] = tuple(table.get(word) for table in tables)
        self.known = pattern(self.words)
        self.expected = pattern(map(plain, expected))

    def found(self, event: Vevent) -> str | None:
        """The word of the table that stands in the event; None for none.

        Raises Unreadable where words of two codes do, and where one should and none does.
        """
        text = self.text(event)
        found = {self.codes[word]: word for word in self.known.findall(text)} if text else {}
        if len(found) > 1:
            raise Unreadable("two_words")
        if not found:
            if self.expected.search(text):
                raise Unreadable("isin")
            return None
        return self.words[next(iter(found.values()))]

    def text(self, event: Vevent) -> str:
        """The title, the categories, of a booking the place too: one a line."""
        return "\n".join(plain(part) for name in self.fields for part in parts(event, name))


def pattern(words: Iterable[str]) -> re.Pattern[str]:
    """One that finds whole words, the longest first; nothing where there is none."""
    longest = sorted(set(words), key=len, reverse=True)
    either = "|".join(map(re.escape, longest)) or r"(?!)"
    return re.compile(rf"(?<!\w)(?:{either})(?!\w)")


def plain(text: str) -> str:
    """Capitals, accents, kinds of apostrophes and spaces do not count."""
    letters = unicodedata.normalize("NFKD", text.replace("’", "'")).casefold()
    return " ".join("".join(c for c in letters if not unicodedata.combining(c)).split())


def parts(event: Vevent, name: str) -> list[str]:
    told = event.get(name, [])
    found = told if isinstance(told, list) else [told]
    return [str(part) for one in found for part in getattr(one, "cats", [one])]
