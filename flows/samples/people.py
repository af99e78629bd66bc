"""People as a simulation needs them: who they are and where they live, nothing of what they do."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flows.samples.names import email_address, family_name, first_name

REFERENCE_DAY = date(2025, 9, 1)
"""The day at which the drawn ages are right."""

AgeWeights = Sequence[tuple[int, int, int]]
"""Lowest age, highest age, weight."""

GENDER_UNKNOWN_SHARE = 0.03
STATUS_UNKNOWN_SHARE = 0.05


@dataclass(frozen=True)
class Region:
    """Communes with weights: where the people of a place live, and where some of them work."""

    homes: tuple[tuple[str, int], ...]
    works: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class Person:
    """Somebody who does not exist. Gender and status are codes of the contracts, or empty."""

    number: int
    last_name: str
    first_name: str
    gender: str
    born: date
    status: str
    home: str
    works_in: str
    email: str


class People:
    """Draws the people of one place and numbers them."""

    def __init__(self, rng: random.Random, region: Region) -> None:
        self._rng = rng
        self._region = region
        self._count = 0

    def draw(self, ages: AgeWeights, women: float = 0.5) -> Person:
        """A person of the given age distribution and share of women."""
        rng = self._rng
        self._count += 1
        sex = "feminin" if rng.random() < women else "masculin"
        low, high, _ = rng.choices(ages, [weight for *_, weight in ages])[0]
        age = rng.randint(low, high)
        first, last = first_name(rng, sex), family_name(rng)
        works_in = ""
        if self._region.works and rng.random() < 0.6:
            works_in = weighted(rng, self._region.works)
        return Person(
            number=self._count,
            last_name=last,
            first_name=first,
            gender="" if rng.random() < GENDER_UNKNOWN_SHARE else sex,
            born=REFERENCE_DAY - timedelta(days=age * 365 + age // 4 + rng.randint(1, 364)),
            status=draw_status(rng, age),
            home=weighted(rng, self._region.homes),
            works_in=works_in,
            email=email_address(first, last, self._count),
        )


def weighted(rng: random.Random, choices: Sequence[tuple[str, int]]) -> str:
    """One of the words, in proportion to its weight."""
    return rng.choices([word for word, _ in choices], [weight for _, weight in choices])[0]


def draw_status(rng: random.Random, age: int) -> str:
    """Social status that goes with an age."""
    if rng.random() < STATUS_UNKNOWN_SHARE:
        return ""
    if age < 18:
        return "scolarise"
    if age < 25:
        return weighted(rng, (("scolarise", 55), ("sans_emploi", 20), ("en_emploi", 25)))
    if age < 62:
        return weighted(rng, (("en_emploi", 68), ("sans_emploi", 29), ("scolarise", 3)))
    return weighted(rng, (("retraite", 92), ("en_emploi", 8)))
