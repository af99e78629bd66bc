"""The doctor says what is not well in a real home, what to do, and changes nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from flows.cli import main
from flows.operation.doctor import Finding, examine
from flows.operation.installation import look, other_versions
from flows.settings import PROJECT, Settings
from flows.stages.build import build_warehouse, record_verdicts
from flows.stages.publish import publish_release
from tests.conftest import AS_OF


@pytest.fixture(scope="module")
def made(tmp_path_factory, make_place, collect) -> Path:
    """A folder with the home and the keys of a register whose run was accepted."""
    folder = tmp_path_factory.mktemp("made")
    settings = Settings(home=folder / "home", places=folder, keys=folder / "keys")
    place = make_place(folder, {"export.csv": "N°;Arrivée\n1;03/02/2025 12:00\n"})
    collect(place, settings)
    built = build_warehouse([place], settings, AS_OF, force=False)
    record_verdicts(settings, built.release_id, [])
    publish_release(settings, built.release_id)
    return folder


@pytest.fixture
def home(made, tmp_path, monkeypatch) -> Settings:
    """A copy of it for one test."""
    shutil.copytree(made, tmp_path / "network")
    network = tmp_path / "network"
    monkeypatch.setenv("IMPACT_HOME", str(network / "home"))
    monkeypatch.setenv("IMPACT_KEYS", str(network / "keys"))
    return Settings(home=network / "home", places=network, keys=network / "keys")


def attention(settings: Settings, later: timedelta = timedelta()) -> list[Finding]:
    findings = examine(look(settings, datetime.now(UTC) + later))
    return [finding for finding in findings if finding.state != "ok"]


def change(settings: Settings, sql: str) -> None:
    with duckdb.connect(str(settings.warehouse)) as connection:
        connection.execute(sql)


def test_a_home_after_a_run_is_well(home, capsys) -> None:
    assert main(["doctor"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 14
    assert all(line.startswith("ok ") for line in said)


def open_the_home(home: Settings) -> None:
    home.home.chmod(0o750)


def open_a_key(home: Settings) -> None:
    (home.keys / "le-lieu.key").chmod(0o604)


def lose_the_key(home: Settings) -> None:
    (home.keys / "le-lieu.key").unlink()


def change_the_key(home: Settings) -> None:
    (home.keys / "le-lieu.key").write_text("00" * 32)


def be_older(home: Settings) -> None:
    change(home, "DROP TABLE ledger.schema_version")


def be_newer(home: Settings) -> None:
    change(home, "INSERT INTO ledger.schema_version VALUES (99, NULL)")


def damage_the_warehouse(home: Settings) -> None:
    home.warehouse.write_bytes(b"?" * 20_000)


def publish_nothing(home: Settings) -> None:
    change(home, "UPDATE ledger.build SET outcome = 'refused'")


def end_while_writing(home: Settings) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    home.lock.with_suffix(".json").write_text(json.dumps({"process": ended.pid, "since": ""}))


def leave_a_file(home: Settings) -> None:
    (home.landing / "le-lieu" / "manifest.json.part").touch()


def leave_a_restore(home: Settings) -> None:
    home.home.with_name("home.restore.part").mkdir()


@pytest.mark.parametrize(
    ("spoil", "check", "words"),
    [
        (open_the_home, "rights", "network/home"),
        (open_a_key, "rights", "le-lieu.key"),
        (lose_the_key, "keys", "the key of le-lieu is missing"),
        (change_the_key, "keys", "not the key that made the pseudonyms of le-lieu"),
        (be_older, "warehouse", "schema version 1"),
        (be_newer, "warehouse", "schema version 99"),
        (damage_the_warehouse, "warehouse", "cannot be opened"),
        (publish_nothing, "last run", "none was published"),
        (end_while_writing, "lock", "ended while it wrote"),
        (leave_a_file, "unfinished files", "manifest.json.part"),
        (leave_a_restore, "unfinished files", "home.restore.part"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_is_not_well_is_named_with_what_to_do(
    home, capsys, spoil: Callable[[Settings], None], check: str, words: str
) -> None:
    spoil(home)
    [found] = attention(home)
    assert found.check == check
    assert words in found.found
    assert main(["doctor"]) == 1
    said = capsys.readouterr().out
    assert f"→ {found.remedy}" in said
    assert "00" * 32 not in said


def test_a_process_that_writes_now_is_well(home) -> None:
    home.lock.with_suffix(".json").write_text(json.dumps({"process": os.getpid(), "since": ""}))
    assert attention(home) == []


def test_a_warehouse_that_another_program_has_open_is_said_to_be(home) -> None:
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(home.warehouse)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdout and other.stdout.readline()
        [found] = attention(home)
        other.communicate(b"\n")
    assert found.found == "the warehouse is open in another program"
    assert attention(home) == []


def test_a_run_that_is_three_days_old_needs_attention(home) -> None:
    assert attention(home, timedelta(days=1)) == []
    [found] = attention(home, timedelta(days=3))
    assert found.check == "last run"


def test_a_clock_before_the_last_delivery_needs_attention(home) -> None:
    [found] = attention(home, -timedelta(days=1))
    assert found.check == "clock"


def test_a_full_disk_needs_attention(home) -> None:
    seen = look(home, datetime.now(UTC))
    for free_bytes, warehouse_bytes in ((999_999_999, 0), (5_000_000_000, 2_000_000_000)):
        full = replace(seen, free_bytes=free_bytes, warehouse_bytes=warehouse_bytes)
        assert [f.check for f in examine(full) if f.state != "ok"] == ["disk"]


def test_other_libraries_than_those_tested_are_named() -> None:
    pins = (PROJECT / "requirements.lock").read_text("utf-8")
    assert other_versions(pins) == []
    [other] = other_versions(pins.replace("\nprefect==", "\nprefect==1"))
    assert other.startswith("prefect 3")


def test_a_network_without_anything_says_what_to_do_first(settings) -> None:
    [found] = attention(settings)
    assert (found.check, found.found) == ("warehouse", "there is none yet")
    assert not settings.home.exists()
