"""One figure as HTML: its number and signs, or the sign of the reason that stands in its place."""

from collections.abc import Iterator
from typing import Any

from markupsafe import Markup, escape

from flows.site.figures import Figure
from flows.site.signs import SIGNS
from flows.site.words import Words

OF_MONTH = {"no_open_day": "closed"}
"""Status of a month of a source → its sign, where that is called otherwise."""
TOLD = 3
"""Sentences that the release gives, quoted beside each sign."""


class Cells:
    """The figures of one page, and the signs that it used so far."""

    def __init__(self, words: Words) -> None:
        self.words = words
        self.seen: dict[str, list[str]] = {}
        """Family → the reasons that the release gave."""

    def __call__(self, figure: Figure | None) -> Markup:
        """A figure in a table; nothing where the release has no row."""
        if figure is None:
            return Markup("")
        families = self.note(figure)
        if figure.shown is None:
            return self.sign(families[0])
        marks = Markup("").join(
            Markup(" ") + self.mark(family, self.words.say(SIGNS[family].word))
            for family in families
        )
        return Markup(f"{escape(self.words.shown(figure.shown))}{marks}")

    def arrived(self, month: dict[str, Any]) -> Markup:
        """How a month of a source arrived: its sign, and the share that came or was refused."""
        status, complete, lost = month["statut"], month["completude"], month["part_refusee"]
        if status == "ok":
            cell = self.mark("yes", self.words.label("statut", "ok"))
        else:
            cell = self.mark(*self.named(OF_MONTH.get(status, status)))
        if complete not in (None, 0, 1):
            cell += Markup(" {}").format(self.words.number(complete, "share"))
        if lost:
            share = self.words.number(lost, "share")
            cell += Markup(" {} {}").format(self.mark(*self.named("refused")), share)
        return cell

    def named(self, family: str) -> tuple[str, str]:
        """A sign for the legend of the page, and its word."""
        name = family if family in SIGNS else "unknown"
        self.seen.setdefault(name, [])
        return name, self.words.say(SIGNS[name].word)

    def mark(self, name: str, word: str) -> Markup:
        """A shape whose word is heard, and not seen."""
        return Markup('<i class="s-{}"><b>{}</b></i>').format(name, word)

    def note(self, figure: Figure) -> list[str]:
        """Remember the families of a figure for the legend of the page."""
        families = figure.families
        for family in families:
            reasons = self.seen.setdefault(family, [])
            says_why = figure.reason and family not in ("low", "provisional", "twice")
            if says_why and figure.reason not in reasons:
                reasons.append(str(figure.reason))
        return families

    def value(self, figure: Figure) -> str:
        """The number alone; its signs are told by `marks`."""
        return self.words.shown(figure.shown or "")

    def marks(self, figure: Figure) -> list[Markup]:
        """The signs of a figure in words, each with its shape."""
        return [self.sign(family) for family in self.note(figure)]

    def sign(self, family: str) -> Markup:
        word = escape(self.words.say(SIGNS[family].word))
        return Markup(f'<i class="s-{family}">{word}</i>')

    def legend(self) -> Iterator[dict[str, Any]]:
        """In the order of the signs, whichever the page used first."""
        for name, sign in SIGNS.items():
            if name in self.seen:
                yield {
                    "name": name,
                    "word": self.words.say(sign.word),
                    "meaning": self.words.say(sign.meaning),
                    "reasons": sorted(self.seen[name])[:TOLD] if name != "band" else [],
                }
