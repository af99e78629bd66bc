"""What was damaged on the disk is found, said, and copied into no backup as if it were right."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import duckdb
import pytest

from flows.cli import main
from flows.errors import ConfigurationError
from flows.publication.query import query_release
from flows.publication.release import current_id, make_current, releases, write_release
from flows.settings import Settings
from flows.stages.build import build_warehouse, note_outcome, record_verdicts
from flows.stages.preflight import check_before_starting
from flows.stages.publish import mend_release
from flows.warehouse.database import open_warehouse
from tests.conftest import AS_OF

ROWS = 3000
HEADERS_BYTES = 3 * 4096


@pytest.fixture(scope="module")
def made(tmp_path_factory, make_place, collect) -> Path:
    """A folder with a home of two releases, the later of which readers see, and its keys."""
    folder = tmp_path_factory.mktemp("made")
    settings = Settings(home=folder / "home", places=folder, keys=folder / "keys")
    text = "".join(f"{n};03/02/2025 12:{n % 60:02}\n" for n in range(ROWS))
    place = make_place(folder, {"export.csv": f"N°;Arrivée\n{text}"})
    collect(place, settings)
    built = build_warehouse([place], settings, AS_OF, force=False)
    record_verdicts(settings, built.release_id, [])
    note_outcome(settings, built.release_id, "published")
    for release_id in ("2026-10-30-before", "2026-10-31-held", built.release_id):
        make_current(settings, write_release(settings, release_id))
    with open_warehouse(settings) as warehouse:
        warehouse.execute(
            "INSERT INTO ledger.build SELECT r.id, '', as_of, built_at - to_days(r.days), outcome "
            "FROM ledger.build, (VALUES ('2026-10-30-before', 2), ('2026-10-31-held', 1)) r(id, days)"
        )
        warehouse.execute(
            "INSERT INTO ledger.rerun VALUES ('r', now(), '', '', '2026-10-31-held', 'held')"
        )
    return folder


@pytest.fixture
def home(made, tmp_path, monkeypatch) -> Settings:
    shutil.copytree(made, tmp_path / "network", symlinks=True)
    network = tmp_path / "network"
    monkeypatch.setenv("IMPACT_HOME", str(network / "home"))
    monkeypatch.setenv("IMPACT_KEYS", str(network / "keys"))
    return Settings(home=network / "home", places=network, keys=network / "keys")


def flip(file: Path, table: str = "valeurs") -> None:
    """200 other bytes in the middle of a block of a table, as a bad disk gives them."""
    with duckdb.connect(str(file), read_only=True) as connection:
        blocks = connection.execute(
            "SELECT max(block_id), (SELECT any_value(block_size) FROM pragma_database_size()) "
            f"FROM pragma_storage_info('{table}') WHERE block_id >= 0"
        )
        block, size = blocks.fetchone()
    with file.open("r+b") as stream:
        stream.seek(HEADERS_BYTES + block * size + 1000)
        there = stream.read(200)
        stream.seek(-200, os.SEEK_CUR)
        stream.write(bytes(byte ^ 0xFF for byte in there))


def deep(capsys) -> str:
    main(["doctor", "--deep"])
    return str(capsys.readouterr().out)


def test_a_sound_home_is_said_to_be_what_was_written(home, capsys, tmp_path) -> None:
    assert "ok         content           all that was read is what was written" in deep(capsys)
    assert main(["backup", str(tmp_path / "b.tar")]) == 0


def test_a_damaged_warehouse_is_found_and_not_backed_up(home, capsys, tmp_path) -> None:
    flip(home.warehouse, "record.attendance")
    assert "attention  content           the warehouse is damaged" in deep(capsys)
    assert main(["backup", str(tmp_path / "b.tar")]) == 1
    assert "`impact restore` a backup" in capsys.readouterr().err
    assert not [*tmp_path.glob("b.tar*")]


@pytest.mark.parametrize("spoil", [flip, lambda file: file.write_bytes(b"garbage" * 1000)])
def test_the_last_release_that_readers_saw_stands_for_a_damaged_one(
    home, capsys, tmp_path, spoil
) -> None:
    damaged = current_id(home)
    spoil(home.current_release.resolve())
    assert f"published/{damaged} is damaged" in deep(capsys)
    assert main(["backup", str(tmp_path / "b.tar")]) == 1
    capsys.readouterr()
    with open_warehouse(home) as warehouse:
        said = mend_release(warehouse, home)
        assert said == f"The release {damaged} is damaged: 2026-10-30-before stands for it."
        assert mend_release(warehouse, home) == ""
    assert len(query_release(home, "FROM valeurs LIMIT 1")) == 1
    assert main(["backup", str(tmp_path / "b.tar")]) == 0


def test_without_another_good_one_there_is_no_release_until_the_next(home, capsys) -> None:
    for file in releases(home):
        file.write_bytes(b"garbage" * 1000)
    assert main(["query", "FROM valeurs"]) == 1
    assert "the release is damaged → run `impact run`" in capsys.readouterr().err
    with open_warehouse(home) as warehouse:
        assert mend_release(warehouse, home).endswith("is damaged, and no other is left.")
    assert current_id(home) is None


def test_a_landed_file_that_is_not_what_came_is_named_and_backed_up_as_it_is(
    home, capsys, tmp_path
) -> None:
    [payload] = home.landing.rglob("payload.csv")
    os.truncate(payload, 100)
    assert f"landing/{payload.parent.name} is damaged" in deep(capsys)
    assert main(["backup", str(tmp_path / "b.tar")]) == 1
    assert payload.parent.name in capsys.readouterr().out
    assert (tmp_path / "b.tar").exists()


def test_without_the_secret_of_its_releases_none_is_written_and_the_last_one_stands(
    home, capsys
) -> None:
    assert query_release(home, "SELECT secret_public FROM publication").row(0) == (False,)
    before, secret = current_id(home), home.secret_file.read_text()
    for text in (None, secret[::-1].strip()):
        home.secret_file.unlink()
        if text is not None:
            home.secret_file.write_text(text)
        with pytest.raises(ConfigurationError, match="the secret by which"):
            write_release(home, "another")
        with pytest.raises(ConfigurationError, match="the secret by which"):
            check_before_starting(home)
        assert main(["doctor"]) == 1
        assert "the secret by which the releases were rounded" in capsys.readouterr().out
        home.secret_file.write_text(secret)
    assert current_id(home) == before
    assert "another" not in {file.parent.name for file in releases(home)}
    write_release(home, "another")
