"""One place as the generator sees it, with its own streams of chance."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flows.places import Place
from flows.samples.people import Region
from flows.samples.seasons import OpenDay, open_days

WORDS_OF_STATUS = {
    "scolarise": "Scolarisé(e)",
    "sans_emploi": "Sans emploi",
    "en_emploi": "En emploi",
    "retraite": "Retraité(e)",
    "": "",
}
WORDS_OF_GENDER = {"feminin": "Femme", "masculin": "Homme", "": ""}
LETTERS_OF_GENDER = {"feminin": "F", "masculin": "M", "": ""}


@dataclass(frozen=True)
class Site:
    """A place, where its people live, the days on which it is open and how big it is.

    `is_showcase`: one of the two demonstration places, which also get the rare accidents.
    """

    place: Place
    region: Region
    days: Sequence[OpenDay]
    seed: int
    scale: float = 1.0
    is_showcase: bool = False

    def chance(self, purpose: str) -> random.Random:
        """A stream of its own for each purpose: changing one tool does not move the others."""
        return random.Random(f"{self.seed}/{self.place.id}/{purpose}")

    def scaled(self, number: float) -> float:
        return number * self.scale


def make_site(
    place: Place, region: Region, seed: int, *, scale: float = 1.0, is_showcase: bool = False
) -> Site:
    return Site(place, region, open_days(place), seed, scale, is_showcase)


def french_day(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def french_moment(moment: datetime) -> str:
    return f"{moment:%d/%m/%Y %H:%M}"


def french_number(number: float) -> str:
    return f"{number:.10g}".replace(".", ",")


def later_french_moment(cell: object) -> str:
    """The same wall clock nine days later."""
    moment = datetime.strptime(str(cell), "%d/%m/%Y %H:%M")
    return french_moment(moment + timedelta(days=9))
