"""What somebody meant who wrote a word that is not there."""

import difflib
from collections.abc import Iterable

from flows.language import _

CLOSE, LOOSE = 0.6, 0.4
"""How alike two words are, from 0 to 1; loosely where there are few to choose from."""


def closest(word: str, known: Iterable[str], likeness: float = CLOSE) -> str | None:
    """The known word that is most like it; None where none is so much like it."""
    return next(iter(difflib.get_close_matches(word, list(known), n=1, cutoff=likeness)), None)


def did_you_mean(word: str, known: Iterable[str], otherwise: str) -> str:
    """Advice for a word that is not known."""
    near = closest(word, known, LOOSE)
    return _("did you mean {near!r}?").format(near=near) if near else otherwise
