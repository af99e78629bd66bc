"""Killed processes, full disks, two runs at once, places that fail: nothing is lost or doubled."""

import contextlib
import io
import os
import resource
import signal
import subprocess
import time
from datetime import UTC, datetime

import duckdb
import pytest
import xlsxwriter

from flows import connectors
from flows.intake import inbox
from flows.intake.inbox import MOST_TRIES
from flows.network.place_files import read_places
from flows.records import Delivery
from tests.end_to_end import loading
from tests.end_to_end.loading import AS_OF

PLACE = """
id = "{id}"
name = "{id}"
commune_code = "80021"
opened_on = 2020-01-01

[[sources]]
id = "registre"
feed = "attendance"
connector = "file"
path = "../{id}.csv"
rhythm = "daily"
coverage = "span"
columns = {{ record_id = "id", checked_in_at = "arrivee", headcount = "n" }}
"""


def add_place(network, name, rows):
    (network.settings.places / f"{name}.toml").write_text(PLACE.format(id=name))
    lines = [f"R{i},2026-10-{1 + i % 31:02} 10:00,1" for i in range(rows)]
    (network.folder / f"{name}.csv").write_text("\n".join(["id,arrivee,n", *lines, ""]))


def bring(network, name, file):
    place = read_places(network.settings.places)[name]
    delivery = Delivery(file.name, file)
    inbox.bring(delivery, place, place.sources[0], network.settings.landing, datetime.now(UTC))
    file.unlink()


def records(network):
    with duckdb.connect(str(network.settings.warehouse), read_only=True) as warehouse:
        return warehouse.execute("SELECT count(*) FROM record.attendance").fetchone()[0]


def start(network, limit=None):
    return loading.start(network.environment(), network.folder, limit)


def test_a_batch_cut_in_the_middle_leaves_nothing_and_is_taken_again(small_network):
    add_place(small_network, "lieu", 200_000)
    going_on = start(small_network)
    payload = small_network.settings.landing / "lieu" / "registre"
    while not list(payload.glob("*/manifest.json")):
        time.sleep(0.01)
    time.sleep(0.4)  # the bytes have landed: loading goes on now
    going_on.process.kill()
    assert going_on.ended() == (-signal.SIGKILL, [])
    assert records(small_network) == 0
    assert start(small_network).said() == ["200000 []"]
    assert records(small_network) == 200_000


def little_room():
    # a write beyond this size fails as it does on a full disk
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))


def test_a_full_disk_is_reported_and_leaves_nothing(small_network):
    add_place(small_network, "lieu", 100_000)

    second = PLACE.format(id="petit").partition("[[sources]]")[2].replace("registre", "autre")
    (small_network.folder / "petit.csv").write_text("id,arrivee,n\nP1,2026-10-01 10:00,1\n")
    with (small_network.settings.places / "lieu.toml").open("a") as toml:
        toml.write(f"[[sources]]{second}")
    full, after = start(small_network, little_room).said()
    assert "nothing of this batch was loaded" in full
    assert after == "1 []"  # for the source that comes after, there is room
    assert start(small_network).said() == ["100000 []", "0 []"]
    assert records(small_network) == 100_001


def test_a_disk_that_fills_up_while_a_batch_is_loaded_ends_its_source_and_counts_as_no_try(
    small_network,
):
    add_place(small_network, "lieu", 150_000)
    (small_network.folder / "lieu2.csv").write_text("id,arrivee,n\nS1,2026-10-01 10:00,1\n")
    for name in ("lieu.csv", "lieu2.csv"):
        bring(small_network, "lieu", small_network.folder / name)
    for _ in range(MOST_TRIES + 1):
        [full] = start(small_network, little_room).said()
        assert "nothing of this batch was loaded" in full
        assert full.startswith("0 ")
    assert start(small_network).said() == ["150001 []"]


def workbook(far_row=2):
    """A register with one record; a stray cell in the last sheet row is too much for little memory."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["id", "arrivee", "n"])
        sheet.write_row(1, 0, ["R1", "2026-10-01 10:00", "1"])
        sheet.write(far_row, 25, "?")
    return target.getvalue()


def little_memory():
    # the reader of workbooks then ends its process at once: no error that could be caught
    resource.setrlimit(resource.RLIMIT_AS, (1_800_000_000, 1_800_000_000))


def attempts(network, place_id):
    with duckdb.connect(str(network.settings.warehouse), read_only=True) as warehouse:
        return warehouse.execute(
            "SELECT b.batch_id, a.outcome, a.reason FROM ledger.attempt AS a "
            "INNER JOIN ledger.batch AS b ON b.batch_id = a.batch_id "
            "WHERE b.place_id = ? ORDER BY a.attempted_at",
            [place_id],
        ).fetchall()


def two_places(network, way, content):
    """A place with a workbook, found in its folder or brought by the door, before another place."""
    add_place(network, "a-lourd", 0)
    add_place(network, "b-va-bien", 31)
    (network.folder / "a-lourd.csv").unlink()
    file = network.folder / "a-lourd.xlsx"
    file.write_bytes(content)
    toml = network.settings.places / "a-lourd.toml"
    toml.write_text(toml.read_text().replace("a-lourd.csv", "a-lourd.xlsx"))
    if way == "brought":
        bring(network, "a-lourd", file)


def stop_while_it_reads(network, times):
    """Stop the program once it has begun to read the workbook, which it did so often by then."""
    going_on = start(network)
    landed = network.settings.landing / "a-lourd" / "registre"
    while not [mark for mark in landed.glob("*/waiting") if mark.stat().st_size == times]:
        time.sleep(0.01)
    going_on.process.kill()
    assert going_on.ended() == (-signal.SIGKILL, [])


@pytest.mark.parametrize("way", ["found", "brought"])
def test_a_file_that_kills_its_reader_is_given_up_and_the_places_after_it_are_collected(
    small_network, way
):
    two_places(small_network, way, workbook(far_row=1_048_575))
    assert start(small_network, little_memory).said() == ["0 []", "31 []"]
    [(_batch_id, outcome, reason)] = attempts(small_network, "a-lourd")
    assert outcome == "refused"
    # which of the two it is depends on how soon the memory is asked for
    assert "its reader crashed" in reason or "750 MB of memory" in reason


@pytest.mark.parametrize("way", ["found", "brought"])
def test_a_file_over_which_the_program_is_stopped_again_and_again_is_given_up(small_network, way):
    two_places(small_network, way, workbook())
    for number in range(MOST_TRIES):
        stop_while_it_reads(small_network, number + 1)
    assert attempts(small_network, "a-lourd") == []
    assert start(small_network).said() == ["0 []", "31 []"]
    [(batch_id, outcome, reason)] = attempts(small_network, "a-lourd")
    assert outcome == "refused"
    assert "a-lourd, a-lourd.xlsx: the program was stopped 3 times while it read this" in reason
    assert start(small_network).said() == ["0 []", "0 []"]
    accepted = small_network.impact("accept", batch_id)
    assert (accepted.returncode, accepted.stderr) == (0, "")
    stop_while_it_reads(small_network, 1)
    assert start(small_network).said() == ["1 []", "0 []"]


def test_a_database_that_gives_up_in_one_source_is_opened_anew_for_the_next(
    tmp_path, settings, make_place, collect, read, monkeypatch
):
    sources = [{"id": name, "path": f"{name}.csv"} for name in ("un", "autre")]
    lines = "N°;Arrivée\n1;03/02/2025 12:00\n"
    place = make_place(tmp_path, {"un.csv": lines, "autre.csv": lines}, sources=sources)
    fetch = connectors.fetch

    def give_up_at_first(source, pull):
        if source.id == "un":
            beside = duckdb.connect(str(settings.warehouse))  # the same one: it is open here
            beside.execute("SET debug_checkpoint_abort = 'before_header'")
            with contextlib.suppress(duckdb.FatalException):
                beside.execute("FORCE CHECKPOINT")
        return fetch(source, pull)

    with monkeypatch.context() as fault:
        fault.setattr(connectors, "fetch", give_up_at_first)
        first, second = collect(place, settings)
    assert (len(first.failed), first.loaded) == (1, 0)
    assert (second.failed, second.loaded) == ([], 1)
    assert [report.loaded for report in collect(place, settings)] == [1, 0]
    assert read(settings, "SELECT count(*) FROM record.attendance") == [(2,)]


def test_one_failing_place_stops_no_other_and_the_exit_code_says_so(small_network):
    add_place(small_network, "a-manque", 0)
    (small_network.folder / "a-manque.csv").unlink()
    add_place(small_network, "b-vide", 0)
    (small_network.folder / "b-vide.csv").write_text("")
    add_place(small_network, "c-va-bien", 31)
    run = small_network.impact("run", "--as-of", AS_OF)
    assert run.returncode == 1
    assert "no file matches 'a-manque.csv'" in run.stdout
    assert "the file is empty" in run.stdout
    assert "Traceback" not in run.stdout + run.stderr
    assert records(small_network) == 31
    assert small_network.settings.current_release.exists()


def test_a_refused_batch_ends_with_three_and_an_unknown_place_with_two(small_network):
    add_place(small_network, "lieu", 5)
    (small_network.folder / "lieu.csv").write_text("id,arivee,n\n1,2026-10-01 10:00,1\n")
    run = small_network.impact("run", "--as-of", AS_OF)
    assert run.returncode == 3
    assert "'arrivee'" in run.stdout
    assert "'arivee'" in run.stdout
    unknown = small_network.impact("run", "--place", "ailleurs")
    assert unknown.returncode == 2
    assert "the places are: lieu" in unknown.stderr


def test_a_second_run_waits_for_the_first_and_both_end_well(small_network):
    add_place(small_network, "lieu", 50)
    command = small_network.command("run", "--as-of", AS_OF)
    first = subprocess.Popen(
        command, env=small_network.environment(), cwd=small_network.folder,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    while not small_network.settings.lock.with_suffix(".json").exists():
        assert first.poll() is None
        time.sleep(0.01)
    second = small_network.impact("run", "--as-of", AS_OF)
    said = first.communicate(timeout=300)[0], second.stdout + second.stderr
    assert (first.returncode, second.returncode) == (0, 0), said
    assert sum("Nothing new" in text for text in said) == 1
    assert records(small_network) == 50


def test_a_missing_or_other_key_refuses_to_run(small_network):
    add_place(small_network, "lieu", 5)
    assert start(small_network).said() == ["5 []"]
    key = small_network.settings.keys / "lieu.key"
    kept = key.read_text()
    key.unlink()
    missing = small_network.impact("run", "--as-of", AS_OF)
    assert (missing.returncode, "is missing" in missing.stderr) == (2, True)
    key.write_text("00" * 32)
    other = small_network.impact("run", "--as-of", AS_OF)
    assert (other.returncode, "not the key" in other.stderr) == (2, True)
    key.write_text(kept)
    assert start(small_network).said() == ["0 []"]


def test_the_lock_says_who_holds_it(small_network):
    from flows.errors import ImpactError
    from flows.warehouse.database import writer_lock

    with (
        writer_lock(small_network.settings),
        pytest.raises(ImpactError, match=f"process {os.getpid()}"),
        writer_lock(small_network.settings, wait_seconds=0.1),
    ):
        pass
