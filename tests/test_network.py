"""A network of one's own: made once, found from inside, apart from the demonstration."""

import os
import re
import stat
from pathlib import Path

import pytest

from flows.cli import main
from flows.errors import ConfigurationError
from flows.language import LANGUAGES, said_in
from flows.network import texts as network_files
from flows.places import Place
from flows.settings import PROJECT, Settings, read_settings
from flows.warehouse.commitment_files import read_commitments
from flows.warehouse.commitments import Commitments
from flows.warehouse.models import read_indicators
from flows.warehouse.reference_tables import check_reference, own_table

INDICATORS = read_indicators(PROJECT / "sql")


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


def test_it_has_what_a_network_may_declare_and_none_of_it_counts_yet(network: Path) -> None:
    settings = read_settings({})
    assert read_commitments(settings, [], INDICATORS) == Commitments({}, {}, {})
    assert (settings.own_reference / "README.md").is_file()
    check_reference(settings)
    read_me = (network / "README.md").read_text(encoding="utf-8")
    for name in ("portfolios.toml", "grants.toml", "targets.toml", "reference/"):
        assert f"`{name}`" in read_me


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_examples_are_right_once_they_are_no_comments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setattr(network_files, "_", lambda text: said_in(language, text))
    network_files.write_declarations(tmp_path)
    for file in tmp_path.glob("*.toml"):
        text = file.read_text(encoding="utf-8")
        file.write_text(re.sub(r"^#(?=[a-z[])", "", text, flags=re.MULTILINE), encoding="utf-8")
    ids = ("le-lieu", "l-autre-lieu")
    places = [Place.model_validate({"id": i, "name": i, "commune_code": "80021"}) for i in ids]
    settings = Settings(tmp_path / "home", tmp_path / "places", tmp_path / "keys")
    found = read_commitments(settings, places, INDICATORS)
    assert (len(found.portfolios), len(found.grants), len(found.targets)) == (1, 1, 2)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_example_of_reference_data_is_read(tmp_path: Path, language: str) -> None:
    lines = said_in(language, network_files.REFERENCE).splitlines()
    (tmp_path / "frr.csv").write_text(
        "\n".join(line.strip() for line in lines if line.startswith("    ")), encoding="utf-8"
    )
    assert own_table(tmp_path / "frr.csv").rows() == [("02676", True)]


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
    assert (
        "not empty: README.md, exports, grants.toml, home, impact.toml and 4 more"
        in capsys.readouterr().err
    )
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
