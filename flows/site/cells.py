"""One figure as HTML: its number and signs, or the sign of the reason that stands in its place."""

from collections.abc import Iterator
from typing import Any

from markupsafe import Markup, escape

from flows.site.figures import Figure
from flows.site.signs import SIGNS
from flows.site.words import Words

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
        marks = "".join(
            f' <i class="s-{family}"><b>{escape(self.words.say(SIGNS[family].word))}</b></i>'
            for family in families
        )
        return Markup(f"{escape(self.words.shown(figure.shown))}{marks}")

    def arrived(self, figure: Figure | None) -> Markup:
        """Whether a month arrived whole, without its number."""
        if figure is None:
            return Markup("")
        name, word = "yes", self.words.label("statut", "ok")
        if figure.shown is None:
            [name] = self.note(figure)
            word = self.words.say(SIGNS[name].word)
        return Markup(f'<i class="s-{name}"><b>{escape(word)}</b></i>')

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
