"""The demonstration network, run once for all the tests here by the real command."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from flows.cli import main
from flows.samples import SAMPLES_AS_OF, write_samples
from flows.settings import PROJECT, Settings


@dataclass
class Network:
    """Its folders, and the `impact` command inside them."""

    folder: Path

    @property
    def settings(self) -> Settings:
        return Settings(
            home=self.folder / "home", places=self.folder / "places", keys=self.folder / "keys"
        )

    def command(self, *arguments: str) -> list[str]:
        code = "import sys; from flows.cli import main; sys.exit(main(sys.argv[1:]))"
        return [sys.executable, "-c", code, *arguments]

    def environment(self) -> dict[str, str]:
        """Nothing of Prefect: a process of its own makes its own there, in its home."""
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("PREFECT")},
            "IMPACT_HOME": str(self.settings.home),
            "IMPACT_PLACES": str(self.settings.places),
            "IMPACT_KEYS": str(self.settings.keys),
            "IMPACT_LANG": "en",
            "PYTHONPATH": str(PROJECT),
        }

    def process(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The command in a process of its own, with a Prefect of its own."""
        return subprocess.run(
            self.command(*arguments),
            capture_output=True,
            text=True,
            timeout=300,
            env=self.environment(),
            cwd=self.folder,
            check=False,
        )

    def impact(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The command in this process, where libraries and Prefect's server are there once."""
        said, told = io.StringIO(), io.StringIO()
        with (
            pytest.MonkeyPatch.context() as here,
            contextlib.redirect_stdout(said),
            contextlib.redirect_stderr(told),
        ):
            for name, value in self.environment().items():
                here.setenv(name, value)
            here.chdir(self.folder)
            code = main([*arguments])
        return subprocess.CompletedProcess(arguments, code, said.getvalue(), told.getvalue())


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Network:
    """The three places with their samples, after nothing."""
    network = Network(tmp_path_factory.mktemp("demonstration"))
    network.settings.places.mkdir()
    for file in (PROJECT / "data" / "places").glob("*.toml"):
        (network.settings.places / file.name).write_bytes(file.read_bytes())
    for name in ("portfolios.toml", "grants.toml", "targets.toml"):
        (network.folder / name).write_bytes((PROJECT / "data" / name).read_bytes())
    write_samples(network.folder / "samples")
    return network


@pytest.fixture(scope="session")
def first_run(demonstration: Network) -> subprocess.CompletedProcess[str]:
    return demonstration.process("run", "--as-of", SAMPLES_AS_OF)


@pytest.fixture(scope="session")
def published(demonstration: Network, first_run: subprocess.CompletedProcess[str]) -> Network:
    """The demonstration after its first run."""
    assert first_run.returncode == 0, first_run.stdout + first_run.stderr
    return demonstration


@pytest.fixture
def small_network(tmp_path: Path) -> Network:
    """A network with no place yet."""
    network = Network(tmp_path)
    network.settings.places.mkdir()
    return network
