"""The words of an unknown file as codes: by code, label, habit, and likeness to one of these."""

from dataclasses import dataclass

import polars as pl

from flows.intake.own_text import plain_word
from flows.onboarding.header_words import WORDS, plain
from flows.spelling import closest
from schemas import codes as code_lists
from schemas.codes import TRUE_WORDS

MOST_WORDS_SHOWN = 20
FEWEST_TIMES_SHOWN = 3
NEAR_WORD = 0.88
NEGATIONS = {"non", "pas", "sans"}


@dataclass(frozen=True)
class KnownWords:
    """Plain word → code, for one column."""

    codes: dict[str, str]

    def exact(self, word: str) -> str | None:
        return self.codes.get(plain(word))

    def near(self, word: str) -> str | None:
        close = closest(plain(word), self.codes, NEAR_WORD)
        if not close or parts(word) & NEGATIONS != parts(close) & NEGATIONS:
            return None  # `non résolu` is written much like `résolu`
        return self.codes[close]

    def understands(self, word: str) -> bool:
        return bool(self.exact(word) or self.near(word))


@dataclass(frozen=True)
class Words:
    """What the words of a column were taken for."""

    codes: dict[str, str]
    near: list[str]
    undecided: list[str]
    hidden: int


def known_words(target: str, values: list[str], header: str = "") -> KnownWords:
    """Codes, their labels in both languages, and what places write instead.

    Under a header that is itself such a word, `oui` says it: « Résolu sur place ».
    """
    known = {plain(word): code for word, code in WORDS.get(target, {}).items() if code in values}
    lists = [
        kind for kind in vars(code_lists).values()
        if isinstance(kind, type) and issubclass(kind, code_lists.Code) and kind.values() == values
    ]  # fmt: skip
    for kind in lists:
        for member in kind:
            for text in (member.fr, member.en):
                known.setdefault(plain(text), str(member.value))
    known = {plain(value): value for value in values} | known
    said = known.get(plain(header))
    return KnownWords((dict.fromkeys(TRUE_WORDS, said) if said else {}) | known)


def propose_words(
    target: str, values: list[str], header: str, cells: pl.Series, people: list[pl.Series]
) -> Words:
    """The code of each word that needs one; a word from a column of people stays hidden."""
    known = known_words(target, values, header)
    understood_anyway = {value.lower() for value in values}
    named = {
        part for column in people for name in column.drop_nulls().unique() for part in parts(name)
    }
    counted: dict[str, int] = {}
    written: dict[str, str] = {}
    for word, times in cells.drop_nulls().value_counts(sort=True).iter_rows():
        alike = plain_word(word)
        written.setdefault(alike, " ".join(word.split()))
        counted[alike] = counted.get(alike, 0) + times
    codes: dict[str, str] = {}
    near: list[str] = []
    others: dict[str, int] = {}
    for alike, word in written.items():
        if alike in understood_anyway:
            continue
        exact = known.exact(word)
        code = exact or (None if parts(word) & named else known.near(word))
        if code:
            codes[word] = code
            near += [] if exact else [word]
        else:
            others[word] = counted[alike]
    undecided = [word for word in showable(others) if not parts(word) & named]
    return Words(codes, near, undecided, len(others) - len(undecided))


def showable(words: dict[str, int]) -> dict[str, int]:
    """The words that may be shown: few, often repeated, and nothing like a number or address."""
    if len(words) > MOST_WORDS_SHOWN:
        return {}
    return {
        word: times
        for word, times in sorted(words.items())
        if times >= FEWEST_TIMES_SHOWN and not any(sign.isdigit() or sign == "@" for sign in word)
    }


def parts(text: str) -> set[str]:
    """The words of a cell: a name may stand there alone or beside another."""
    return set(plain(text).split())
