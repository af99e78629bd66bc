"""A feed is one file of `schemas/`: what a fourth one needs, and that nobody else lists them."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from flows.cli import main
from flows.settings import PROJECT
from schemas import FEEDS

METERS = '''\
"""The meters feed: what a place used of a resource."""

import pandera.polars as pa
import polars as pl
from pandera.api.polars.types import PolarsData

from schemas import fields
from schemas.feed import Feed
from schemas.record import Record, judge


class Meter(Record):
    """One reading of one meter."""

    read_on: pl.Date = fields.column(
        "Relevé le", "Day.", "Jour.", "date", unit="date", nullable=False
    )
    used: float = fields.column(
        "Consommé", "Amount used.", "Quantité utilisée.", "decimal", nullable=False, ge=0
    )

    @pa.dataframe_check(name="not_in_future")
    @classmethod
    def not_in_future(cls, data: PolarsData) -> pl.LazyFrame:
        return judge(data, pl.col("read_on").cast(pl.Datetime("us", "UTC")) <= pl.col("known_at"))


FEED = Feed(
    Meter,
    event="read_on",
    day="read_on",
    words=("relevés", "meter readings"),
    rows=("relevés", "meter readings"),
    dataset="releves-tiers-lieux",
    title="Relevés des tiers-lieux",
    about="Ce qu'un lieu a consommé. Une ligne par relevé.",
)
'''
PLACE = """\
id = "le-lieu"
name = "Le Lieu"
commune_code = "80021"
opened_on = 2025-01-01

[[sources]]
id = "compteur"
feed = "meters"
connector = "file"
path = "../exports/compteur.csv"
rhythm = "monthly"
coverage = "days"
delivery = "snapshot"
columns = { record_id = "N°", read_on = "Jour", used = "kWh" }
"""
ROWS = "N°;Jour;kWh\n1;06/10/2025;12,5\n2;07/10/2025;-3\n3;08/10/2025;7\n"


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The product with a fourth feed, which nothing of it names but this one file."""
    folder = tmp_path_factory.mktemp("product")
    without = shutil.ignore_patterns("__pycache__")
    for name in ("flows", "schemas"):
        shutil.copytree(PROJECT / name, folder / name, ignore=without)
    for name in ("sql", "data"):
        (folder / name).symlink_to(PROJECT / name)
    (folder / "schemas" / "meters.py").write_text(METERS, encoding="utf-8")
    return folder


STEPS = """\
import os
from datetime import UTC, datetime
from flows.cli import main
from flows.network.place_files import read_places
from flows.settings import read_settings
from flows.stages.build import build_warehouse
from flows.stages.collect import collect_place
from flows.stages.request import Request

assert main(["new-place", "--help"]) == 0
assert main(["check-source", "le-lieu", "compteur"]) == 3
settings, now = read_settings(os.environ), datetime.now(UTC)
[place] = read_places(settings.places).values()
[report] = collect_place(place, settings, Request(now))
print("collected", report.received, report.loaded, report.quarantined)
build_warehouse([place], settings, now, force=True)
assert main(["status"]) == 0
"""


def test_a_fourth_feed_is_chosen_checked_loaded_built_and_shown(
    product: Path, tmp_path: Path
) -> None:
    """All but the night around it, in one process that begins with four feeds."""
    assert main(["init", str(tmp_path / "network")]) == 0
    network = tmp_path / "network"
    (network / "places" / "le-lieu.toml").write_text(PLACE, encoding="utf-8")
    (network / "exports" / "compteur.csv").write_text(ROWS, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", STEPS],
        env={"PYTHONPATH": str(product), "IMPACT_LANG": "en", "PYTHONUTF8": "1"},
        cwd=network, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "|meters|" in done.stdout
    assert "3 received,      2 would be loaded,   1 quarantined" in done.stdout
    assert "It would prove 2 days, from 2025-10-06 to 2025-10-08" in done.stdout
    assert "collected 3 2 1" in done.stdout
    assert re.search(
        r"le-lieu\W+meters\W+compteur\W+1\W+3\W+2 loaded, 1 refused\W+2\W+1\b", done.stdout
    )


def test_nothing_but_schemas_and_what_delivers_them_lists_the_feeds() -> None:
    """A connector names those that it delivers, and so do the guesses at what a file is of; a
    register of places is one of attendance.
    """
    one = "|".join(FEEDS)
    named = re.compile(rf"({one})|.*\b(record|core)\.({one})\b.*|.*'({one})'.*", re.DOTALL)
    found = {
        str(file.relative_to(PROJECT))
        for file in PROJECT.glob("flows/**/*.py")
        if file.parent.name != "connectors"
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        if named.fullmatch(node.value)
    }
    guesses = {f"flows/onboarding/guess_{of}.py" for of in ("calendar", "open", "shape")}
    assert found == {*guesses, "flows/onboarding/import_registry.py"}
