"""A place that asks one system, and the nights in which it does."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from pathlib import Path
from typing import Any

import pytest
import stamina

from flows.connectors import _http, _patience
from flows.network.place_files import read_place
from flows.places import Place
from flows.settings import Settings
from flows.stages.collect import collect_place
from flows.stages.request import Request
from flows.stages.source_report import SourceReport
from tests.connectors.worlds import AS_OF, SEED, TOKEN, WORLDS, Truth, World
from tests.fakes.server import Faults, serving

PLACE = """\
id = "le-lieu"
name = "Le Lieu"
commune_code = "80021"
tolerated_quarantine_share = 1.0

[[sources]]
"""


@dataclass
class Network:
    """One place, one source, one system behind it."""

    world: World
    place: Place
    settings: Settings
    read: Callable[..., list[tuple[Any, ...]]]

    @property
    def faults(self) -> Faults:
        return self.world.app.faults

    def pull(self, nights: int = 0, **request: Any) -> SourceReport:
        """The report of one night."""
        self.faults.calls.clear()
        as_of = request.pop("as_of", AS_OF + timedelta(days=nights))
        [report] = collect_place(self.place, self.settings, Request(as_of, **request))
        self.world.it_is(as_of)
        return report

    def well(self, nights: int = 0, **request: Any) -> SourceReport:
        report = self.pull(nights, **request)
        assert (report.failed, report.refused) == ([], [])
        return report

    def records(self) -> Truth:
        """What the warehouse holds and is not deleted."""
        sql = (
            f"SELECT record_id, {self.world.event} FROM record.{self.world.feed} WHERE NOT deleted"
        )
        return {(number, at.astimezone(UTC)) for number, at in self.read(self.settings, sql)}

    def proven(self) -> set[date]:
        return {day for (day,) in self.read(self.settings, "SELECT day FROM ledger.proof")}

    def rules(self) -> set[str]:
        return {rule for (rule,) in self.read(self.settings, "SELECT rule FROM ledger.quarantine")}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[None]:
    """The real waits, shortened; `Retry-After` is waited for as it is.

    A test whose answers never come, and that says `slow`, waits for none of them.
    """
    monkeypatch.setattr(_patience, "FIRST_WAIT", 0.01)
    monkeypatch.setattr(_patience, "JITTER", 0.01)
    monkeypatch.setattr(_http, "READ_SECONDS", 0.5 if "slow" in request.node.name else 2.0)
    monkeypatch.setattr(_patience, "ATTEMPTS", 3)
    monkeypatch.setenv("CANARY", TOKEN)
    assert stamina.is_active()
    yield


@pytest.fixture
def network(tmp_path: Path, read: Any) -> Iterator[Callable[[World], Network]]:
    """A network around a world, served until the test ends."""
    with contextlib.ExitStack() as stack:
        numbers = itertools.count()

        def made(world: World) -> Network:
            folder = tmp_path / f"network-{next(numbers)}"
            (folder / "places").mkdir(parents=True)
            world.app.faults.after = world.sign_ins
            url = stack.enter_context(serving(world.app))
            toml = folder / "places" / "le-lieu.toml"
            toml.write_text(PLACE + world.toml.replace("URL", url), encoding="utf-8")
            settings = Settings(
                home=folder / "home", places=folder / "places", keys=folder / "keys"
            )
            return Network(world, read_place(toml), settings, read)

        yield made


@pytest.fixture(params=WORLDS)
def net(request: pytest.FixtureRequest, network: Callable[[World], Network]) -> Network:
    """Each system in turn, with a few records."""
    world = WORLDS[request.param]()
    for number in SEED:
        world.add(number)
    return network(world)


def land_instead(payload: Path, content: bytes) -> None:
    """Other bytes in the place of what was landed, as if these had come."""
    payload.write_bytes(content)
    manifest = payload.with_name("manifest.json")
    fields = json.loads(manifest.read_text("utf-8"))
    fields |= {"size_bytes": len(content), "payload_sha256": hashlib.sha256(content).hexdigest()}
    manifest.write_text(json.dumps(fields), "utf-8")
