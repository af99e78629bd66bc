"""Answers that were recorded stand in for the system: a demonstration, or a check without a key."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path
from typing import Any

import pytest

from flows.errors import ConfigurationError
from flows.network.place_files import read_place
from flows.onboarding.check_source import check_source
from flows.settings import Settings
from tests.connectors.conftest import PLACE, Network
from tests.connectors.worlds import AS_OF, GristWorld


def beside(net: Network, folder: Path) -> Network:
    """A network whose place has the answers of the other one in a folder, and no address."""
    [payload] = net.settings.landing.rglob("payload.pages")
    (folder / "places").mkdir(parents=True)
    shutil.copyfile(payload, folder / f"answers-{AS_OF.date()}.pages")
    recorded = {"url": "", "token": None, "path": "../answers-*.pages"}
    source = net.place.sources[0].model_copy(update=recorded)
    place = net.place.model_copy(update={"sources": [source], "folder": folder / "places"})
    settings = Settings(home=folder / "home", places=folder / "places", keys=folder / "keys")
    return dataclasses.replace(net, place=place, settings=settings)


def test_recorded_answers_load_as_those_that_were_asked_for_and_stay(
    net: Network, tmp_path: Path
) -> None:
    net.well()
    again = beside(net, tmp_path / "beside")
    report = again.well()
    assert (report.received, report.loaded) == (5, 5)
    assert again.records() == net.records()
    assert again.proven() == net.proven()
    assert again.faults.calls == []
    assert again.well(1).loaded == 0
    assert len(list((tmp_path / "beside").glob("*.pages"))) == 1


def test_they_can_be_looked_at_before(net: Network, tmp_path: Path) -> None:
    net.well()
    again = beside(net, tmp_path / "beside")
    check = check_source(again.place, again.place.sources[0], again.settings, AS_OF)
    assert [(file.refused, file.attempt.loaded) for file in check.files] == [("", 5)]
    assert not again.settings.home.exists()


@pytest.mark.parametrize(
    ("new", "said"),
    [
        ('path = "a.pages"\nurl = "https://grist.example"', "was recorded is not asked for"),
        ('path = "a.csv"', "this connector reads no files"),
    ],
)
def test_a_source_has_one_of_the_two(tmp_path: Path, new: str, said: str) -> None:
    toml = tmp_path / "le-lieu.toml"
    text = GristWorld().toml.replace('url = "URL"', new)
    toml.write_text(PLACE + text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=said):
        read_place(toml)


def test_without_an_address_no_secret_is_needed(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.delenv("CANARY")
    text = GristWorld().toml.replace('url = "URL"', 'path = "a.pages"')
    (tmp_path / "le-lieu.toml").write_text(PLACE + text, encoding="utf-8")
    assert read_place(tmp_path / "le-lieu.toml").sources[0].path == "a.pages"
