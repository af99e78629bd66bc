"""What the server is told to run, when, and on which event; then the process that runs it.

`python -m flows.deployments` is started by `impact serve`, and by nobody else.
"""

import asyncio
import logging
from typing import cast

from flows.settings import TIME_ZONE, point_prefect_at, read_settings

point_prefect_at(read_settings())

from prefect import get_client  # noqa: E402 (Prefect reads its folder when it is imported)
from prefect.deployments.runner import RunnerDeployment  # noqa: E402
from prefect.events import DeploymentEventTrigger  # noqa: E402
from prefect.runner import Runner  # noqa: E402
from prefect.schedules import Cron, Schedule  # noqa: E402

from flows.arrival import COALESCE, arrival  # noqa: E402
from flows.events import DeliveryLanded, News, SourceChanged  # noqa: E402
from flows.nightly import nightly  # noqa: E402
from flows.run_context import WRITER  # noqa: E402
from flows.serving.addresses import folder  # noqa: E402

logger = logging.getLogger("impact")

EVERY_NIGHT = "30 3 * * *"
EVERY_TEN_MINUTES = "*/10 * * * *"


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
    made = [
        nightly.to_deployment("nightly", schedules=at(EVERY_NIGHT, "every-night")),
        arrival.to_deployment(
            "arrival",
            triggers=[
                on(DeliveryLanded, "tiers-lieux: a delivery has landed"),
                on(SourceChanged, "tiers-lieux: a source has changed"),
            ],
        ),
        arrival.to_deployment("sweep", schedules=at(EVERY_TEN_MINUTES, "every-ten-minutes")),
    ]
    return [cast(RunnerDeployment, deployment) for deployment in made]


async def limit_writers() -> None:
    async with get_client() as client:
        await client.upsert_global_concurrency_limit_by_name(WRITER, 1)


async def run(wanted: list[RunnerDeployment]) -> None:
    await limit_writers()
    runner = Runner(name="impact", pause_on_shutdown=False)
    for deployment in wanted:
        await runner.aadd_deployment(deployment)
    (folder(read_settings()) / "ready").touch()
    await runner.start()


if __name__ == "__main__":
    asyncio.run(run(deployments()))  # Prefect makes deployments where nothing waits for it
