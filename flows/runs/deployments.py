"""What the server is told to run, when, and on which event; then the process that runs it.

`python -m flows.runs.deployments` is started by `impact serve`, and by nobody else.
"""

import asyncio
import logging
import sys
from typing import cast

from prefect import get_client
from prefect.deployments.runner import RunnerDeployment
from prefect.events import DeploymentEventTrigger
from prefect.runner import Runner
from prefect.schedules import Cron, Schedule

from flows.language import _
from flows.runs.arrival import COALESCE, arrival
from flows.runs.context import WRITER
from flows.runs.nightly import night
from flows.runs.rerun import rerun
from flows.runs.routine import digest, maintenance, morning
from flows.serving.addresses import folder
from flows.serving.events import DeliveryLanded, News, SourceChanged
from flows.settings import TIME_ZONE, read_settings

logger = logging.getLogger("impact")

EVERY_NIGHT = "30 3 * * *"
EVERY_TEN_MINUTES = "*/10 * * * *"
EVERY_MORNING = "30 6 * * *"
EVERY_SUNDAY = "0 5 * * 7"
EVERY_MONDAY = "0 7 * * 1"
ABOUT_RERUN = """
**Refaire** : interroger les sources, pour les lieux, les flux et les jours choisis ; relire les
fichiers reçus des lieux et des flux choisis ; ou recalculer tous les chiffres. L'aperçu et la fiche
le montrent ; ce qui est publié ne change pas, et l'exécution nomme les chiffres publiés qui
seraient autres. *À blanc* les nomme sans rien changer.

**Rerun**: pull the sources, for chosen places, feeds and days; re-read what landed, for chosen
places and feeds; or recompute all figures. Preview and fiche show it; what is published stays, and
the run names the published values that would be others. *Dry run* names them and
changes nothing.
"""


def at(cron: str, slug: str) -> list[Schedule]:
    """A schedule in Paris; the slug is what makes it the same when we start again."""
    return [Cron(cron, timezone=TIME_ZONE, slug=slug)]


def on(news: type[News], name: str) -> DeploymentEventTrigger:
    """Run the deployment when there is such news, once for all that comes within a moment."""
    return DeploymentEventTrigger(
        name=name,
        expect={news.event},
        within=COALESCE,
        parameters={field: f"{{{{ event.payload.{field} }}}}" for field in ("place", "feed")},
    )


def deployments() -> list[RunnerDeployment]:
    """What the page lists, each with what it does and what it is about."""
    data, figures, watch, letters = _("data"), _("figures"), _("watch"), _("letters")
    made = [
        night.to_deployment(
            "nightly", schedules=at(EVERY_NIGHT, "every-night"), tags=[data, figures],
            description=_(
                "Every night at 03:30: asks all sources, computes the figures, checks them, and "
                "publishes them when they hold."
            ),
        ),
        arrival.to_deployment(
            "arrival",
            triggers=[
                on(DeliveryLanded, "tiers-lieux: a delivery has landed"),
                on(SourceChanged, "tiers-lieux: a source has changed"),
            ],
            tags=[data, figures],
            description=_(
                "When somebody has brought a file, or a tool has said that something is new: takes "
                "what waits, and publishes when a figure moved."
            ),
        ),
        arrival.to_deployment(
            "sweep", schedules=at(EVERY_TEN_MINUTES, "every-ten-minutes"), tags=[data, figures],
            description=_(
                "Every ten minutes: takes what waits and was not announced, and the figures that a "
                "run left behind."
            ),
        ),
        rerun.to_deployment(
            "refaire-rerun", tags=[data, figures, _("by hand")], description=ABOUT_RERUN
        ),
        morning.to_deployment(
            "morning", schedules=at(EVERY_MORNING, "every-morning"), tags=[watch],
            description=_("Every morning at 06:30: says which place and source is late."),
        ),
        maintenance.to_deployment(
            "maintenance", schedules=at(EVERY_SUNDAY, "every-sunday"), tags=[watch],
            description=_("Every Sunday at 05:00: looks whether this installation is well."),
        ),
        digest.to_deployment(
            "weekly-letters", schedules=at(EVERY_MONDAY, "every-monday"), tags=[letters],
            description=_(
                "Every Monday at 07:00: writes to each place what it sent, and what is to be "
                "corrected."
            ),
        ),
    ]  # fmt: skip
    return [cast(RunnerDeployment, deployment) for deployment in made]


async def limit_writers() -> None:
    async with get_client() as client:
        await client.upsert_global_concurrency_limit_by_name(WRITER, 1)


async def register(wanted: list[RunnerDeployment]) -> None:
    """Tell the server again: the form of a rerun names the places, which come and go."""
    for deployment in wanted:
        await deployment.aapply()


async def run(wanted: list[RunnerDeployment]) -> None:
    await limit_writers()
    runner = Runner(name="impact", pause_on_shutdown=False)
    for deployment in wanted:
        await runner.aadd_deployment(deployment)
    (folder(read_settings()) / "ready").touch()
    await runner.start()


if __name__ == "__main__":
    made = deployments()
    asyncio.run(
        register(made) if "--register" in sys.argv else run(made)
    )  # Prefect makes deployments where nothing waits for it
