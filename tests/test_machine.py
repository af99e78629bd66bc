"""What the machine refuses is said in words: what there is none of, where, and what to do."""

from __future__ import annotations

import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from flows.errors import ImpactError
from flows.machine import refusal, refusal_of
from tests.fakes.disk import NO_DISK, own_disk


def full_device(_folder: Path) -> None:
    with Path("/dev/full").open("wb", buffering=0) as stream:
        stream.write(b"x")


def full_sqlite(folder: Path) -> None:
    with sqlite3.connect(folder / "prefect.db") as database:
        database.execute("PRAGMA max_page_count = 2")
        database.execute("CREATE TABLE run (id BLOB)")
        database.execute("INSERT INTO run VALUES (zeroblob(100000))")


def full_duckdb(_folder: Path) -> None:
    duckdb.sql("COPY (SELECT * FROM range(100000)) TO '/dev/full' (FORMAT csv)")


def too_many_files(folder: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")), hard))
    try:
        held = [(folder / str(number)).open("w") for number in range(1000)]
        assert not held
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def inside_another(folder: Path) -> None:
    try:
        full_device(folder)
    except OSError as fault:
        raise RuntimeError("Server error '500 Internal Server Error'") from fault


@pytest.mark.parametrize(
    ("fail", "scarce"),
    [
        (full_device, "room"),
        (full_sqlite, "room"),
        (full_duckdb, "room"),
        (inside_another, "room"),
        (too_many_files, "files"),
    ],
)
def test_what_there_is_none_of_is_known_whoever_says_it(
    tmp_path, fail: Callable[[Path], None], scarce: str
) -> None:
    with pytest.raises(Exception) as fault:
        fail(tmp_path)
    refused = refusal(fault.value, tmp_path)
    assert refused is not None
    assert refused.scarce == scarce
    assert refused.remedy


def test_a_fault_of_ours_is_none_of_the_machine(tmp_path) -> None:
    assert refusal_of(tmp_path / "not-made-yet") is None
    for fault in (KeyError("place_id"), FileNotFoundError(2, "No such file"), ImpactError("no")):
        assert refusal(fault, tmp_path) is None


@pytest.mark.parametrize(
    ("options", "command", "said"),
    [
        ("size=2m", "run", "impact: {home}: the disk is full → make room there"),
        ("ro", "serve", "impact: {home}: this user cannot write there (Read-only file system)"),
        ("ro", "doctor", "this user cannot write there (Read-only file system)"),
    ],
)
def test_a_command_says_it_in_a_sentence(settings, options: str, command: str, said: str) -> None:
    settings.home.mkdir()
    settings.places.mkdir()
    place = 'id = "le-lieu"\nname = "Le Lieu"\ncommune_code = "80021"\n'
    (settings.places / "le-lieu.toml").write_text(place)
    disk = own_disk(settings.home, options)
    if disk is None:
        pytest.skip(NO_DISK)
    done = subprocess.run(
        [*disk, sys.executable, "-c",
         "import sys; from flows.cli import main; sys.exit(main(sys.argv[1:]))", command],
        env={**os.environ, "IMPACT_HOME": str(settings.home), "IMPACT_LANG": "en",
             "IMPACT_PLACES": str(settings.places), "IMPACT_KEYS": str(settings.keys)},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert said.format(home=settings.home) in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
