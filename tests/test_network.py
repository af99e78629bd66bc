"""A network of one's own: made once, found from inside, apart from the demonstration."""

import os
import stat
from pathlib import Path

import pytest

from flows.cli import main
from flows.errors import ConfigurationError
from flows.settings import PROJECT, read_settings


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new network, with the current directory in it and nothing in the environment."""
    for name in ("IMPACT_HOME", "IMPACT_PLACES", "IMPACT_KEYS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    assert main(["init", "réseau"]) == 0
    monkeypatch.chdir(tmp_path / "réseau")
    return tmp_path / "réseau"


def test_home_and_keys_are_private_and_lie_apart(network: Path) -> None:
    settings = read_settings({})
    assert (settings.home, settings.places) == (network / "home", network / "places")
    assert settings.keys == network.with_name("réseau.keys")
    assert mode(settings.home) == mode(settings.keys) == 0o700
    assert mode(network / "exports") == 0o700
    assert settings.places.is_dir()
    assert "../réseau.keys" in (network / "README.md").read_text(encoding="utf-8")


def test_a_command_finds_the_network_from_any_folder_inside(network: Path, monkeypatch) -> None:
    at_root = read_settings({})
    monkeypatch.chdir(network / "places")
    assert read_settings({}) == at_root


def test_outside_a_network_the_demonstration_stays_the_default(network: Path, monkeypatch) -> None:
    monkeypatch.chdir(network.parent)
    settings = read_settings({})
    assert settings.home == PROJECT / "data" / "local"
    assert settings.places == PROJECT / "data" / "places"
    assert settings.keys == PROJECT / "data" / "local.keys"


def test_the_environment_says_otherwise_and_the_keys_go_with_the_home(network: Path) -> None:
    elsewhere = network.parent / "autre"
    settings = read_settings({"IMPACT_HOME": str(elsewhere)})
    assert (settings.home, settings.keys) == (elsewhere, network.parent / "autre.keys")
    assert settings.places == network / "places"
    assert read_settings({"IMPACT_KEYS": str(elsewhere)}).keys == elsewhere


def test_a_renamed_network_keeps_its_keys(network: Path, monkeypatch) -> None:
    keys = read_settings({}).keys
    renamed = network.rename(network.with_name("autre-nom"))
    monkeypatch.chdir(renamed)
    assert read_settings({}).keys == keys


def test_a_folder_with_something_in_it_is_refused_and_said(network: Path, capsys) -> None:
    before = sorted(os.walk(network))
    assert main(["init", str(network)]) == 2
    assert "not empty: README.md, exports, home, impact.toml, places" in capsys.readouterr().err
    assert sorted(os.walk(network)) == before


def test_keys_that_are_there_are_not_taken_over(tmp_path: Path, capsys) -> None:
    (tmp_path / "réseau.keys").mkdir()
    (tmp_path / "réseau.keys" / "le-lieu.key").write_text("00")
    assert main(["init", str(tmp_path / "réseau")]) == 2
    assert "le-lieu.key" in capsys.readouterr().err
    assert not (tmp_path / "réseau").exists()


@pytest.mark.parametrize(
    "content", ["keys = 3", "key = 'x'", "keys =", "keys = '../k'\nperson_key = 'region'"]
)
def test_a_marker_that_cannot_be_right_is_named(network: Path, content: str) -> None:
    (network / "impact.toml").write_text(content)
    with pytest.raises(ConfigurationError, match=r"impact\.toml"):
        read_settings({})


def test_a_network_says_whether_its_places_share_a_key(network: Path) -> None:
    marker = network / "impact.toml"
    assert read_settings({}).person_key == "place"
    marker.write_text(marker.read_text() + 'person_key = "network"\n')
    settings = read_settings({})
    assert settings.person_key == "network"
    assert settings.key_file("un-lieu") == settings.key_file("autre-lieu")
