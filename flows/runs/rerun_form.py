"""The form of a rerun, in French and in English: the web page shows the titles as they are here."""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, Field

from flows.language import _
from flows.network.place_files import read_places
from flows.settings import read_settings
from flows.stages.publish import Publishing
from flows.stages.request import Again, contradiction
from schemas import FEEDS

PULL: Literal["interroger la source / pull again"] = "interroger la source / pull again"
Mode = Literal[
    "interroger la source / pull again",
    "relire les fichiers reçus / re-read what landed",
    "recalculer / recompute",
]
AGAIN: dict[str, Again] = {
    "relire les fichiers reçus / re-read what landed": "landed",
    "recalculer / recompute": "recompute",
}


def choices(name: str, codes: Iterable[str]) -> type[StrEnum]:
    """A list of codes as a multi-select shows it."""
    return StrEnum(name, {code: code for code in codes})  # type: ignore[return-value]


# the places of now: the service makes the form anew when a place comes or goes
PlaceChoice = choices("PlaceChoice", read_places(read_settings().places))
FeedChoice = choices("FeedChoice", FEEDS)


class Rerun(BaseModel):
    """Ce qu'une personne demande. / What a person asks for."""

    mode: Mode = Field(
        default=PULL,
        title="Que refaire / What to do again",
        description="Ce qui est déjà chargé ne l'est pas deux fois. / "
        "What is loaded is not loaded twice.",
    )
    places: list[PlaceChoice] = Field(  # type: ignore[valid-type]
        default=[],
        title="Lieux / Places",
        description="Aucun choisi : tous. Recalculer les prend toujours tous. / "
        "None chosen: all. To recompute always takes all.",
    )
    feeds: list[FeedChoice] = Field(  # type: ignore[valid-type]
        default=[],
        title="Flux / Feeds",
        description="Aucun choisi : tous. Recalculer les prend toujours tous. / "
        "None chosen: all. To recompute always takes all.",
    )
    first_day: date | None = Field(
        default=None,
        title="Premier jour / First day",
        description="Ne charger que les enregistrements à partir de ce jour ; seulement pour "
        "interroger la source. / Load only the records from this day on; only to pull again.",
    )
    last_day: date | None = Field(
        default=None,
        title="Dernier jour / Last day",
        description="Ne charger que les enregistrements jusqu'à ce jour ; seulement pour "
        "interroger la source. / Load only the records up to this day; only to pull again.",
    )
    reason: str = Field(
        min_length=5,
        max_length=300,
        title="Raison / Reason",
        description="Elle reste au registre : ne nommez personne. / "
        "It stays in the ledger: name nobody.",
    )
    publish_today: bool = Field(
        default=False,
        title="Publier aujourd'hui / Publish today",
        description="Publier ce qui est mûr sans attendre la nuit. Ce qui a paru reste : "
        "`impact revise` le révise. / Publish what is due without waiting for the night. What was "
        "published stands: `impact revise` revises it.",
    )
    dry_run: bool = Field(
        default=False,
        title="À blanc / Dry run",
        description="Montrer quels chiffres publiés seraient autres, sans rien changer. / "
        "Show which published values would be others, and change nothing.",
    )

    @property
    def contradiction(self) -> str | None:
        """Why its choices do not go together; not left to Prefect, which would show a traceback."""
        if self.dry_run and self.publish_today:
            return _("a dry run publishes nothing: choose one of the two")
        narrowed_to = [*self.place_ids, *self.feed_ids]
        return contradiction(self.again, narrowed_to, self.first_day, self.last_day)

    @property
    def when(self) -> Publishing:
        """Do readers see what comes of it?"""
        if self.dry_run:
            return "rehearse"
        return "always" if self.publish_today else "never"

    @property
    def again(self) -> Again | None:
        return AGAIN.get(self.mode)

    @property
    def place_ids(self) -> list[str]:
        return [str(place) for place in self.places]

    @property
    def feed_ids(self) -> tuple[str, ...]:
        return tuple(str(feed) for feed in self.feeds)
