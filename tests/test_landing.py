"""The bytes that are kept are those that came: whole, compared before they are read, taken again."""

from __future__ import annotations

import io
import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from flows.intake import inbox, landing
from flows.records import Delivery
from flows.sources import Source
from tests.conftest import AS_OF

TEXT = "N°;Arrivée\n" + "".join(f"{n};03/02/2025 12:0{n}\n" for n in range(3))


class Door:
    """A place to which files are brought, and whose nights are run."""

    def __init__(self, folder: Path, settings: Any, make_place: Any, collect: Any) -> None:
        self.folder, self.settings, self.collect_place = folder, settings, collect
        self.place = make_place(folder, {}, path="nothing-*")
        self.source: Source = self.place.sources[0]

    def bring(self, content: str | bytes, name: str = "e.csv", at: datetime = AS_OF) -> Any:
        file = self.folder / "incoming"
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        return inbox.bring(Delivery(name, file), self.place, self.source, self.settings.landing, at)

    def night(self) -> Any:
        [report] = self.collect_place(self.place, self.settings)
        assert report.failed == []
        return report

    def state(self, batch: landing.Batch) -> tuple[str, str]:
        there = inbox.whereabouts(self.settings.landing, batch.batch_id)
        assert there is not None
        return there.state, there.reason


@pytest.fixture
def door(tmp_path, settings, make_place, collect) -> Door:
    return Door(tmp_path, settings, make_place, collect)


def test_a_payload_that_was_cut_is_not_read_and_is_taken_anew_when_it_is_sent_again(door) -> None:
    batch = door.bring(TEXT)
    os.truncate(batch.payload, 30)
    report = door.night()
    assert report.loaded == 0
    [said] = report.refused
    assert "not what came" in said and "send it again" in said
    assert door.state(batch) == ("refused", said)
    again = door.bring(TEXT, at=AS_OF + timedelta(days=1))
    assert again == batch, "it is as old as it was"
    assert batch.payload.read_text() == TEXT
    assert door.night().loaded == 3
    assert door.state(batch) == ("accepted", "")


def test_one_flipped_byte_is_as_little_what_came_as_a_payload_that_is_gone(door) -> None:
    batch = door.bring(TEXT)
    batch.payload.write_text(TEXT.replace("12:01", "13:01"))
    assert "not what came" in door.night().refused[0]
    door.bring(TEXT)
    batch.payload.unlink()
    assert "not what came" in door.night().refused[0]
    door.bring(TEXT)
    assert door.night().loaded == 3
    batch.payload.write_text("spoilt after it was loaded")
    assert door.bring(TEXT).payload.read_text() == TEXT
    assert door.state(batch)[0] == "accepted"


def test_what_was_landed_by_an_older_version_is_compared_too(door) -> None:
    batch = door.bring(TEXT)
    file = batch.payload.with_name("manifest.json")
    fields = json.loads(file.read_text())
    file.write_text(json.dumps({k: fields[k] for k in [*fields][:-2]}))  # as it was, without these
    batch.payload.write_text(TEXT.replace("12:01", "13:01"))
    assert "not what came" in door.night().refused[0]


def test_the_right_file_under_a_wrong_name_can_be_sent_again_under_the_right_one(
    door, read
) -> None:
    content = io.BytesIO()
    pl.DataFrame({"N°": ["1"], "Arrivée": ["03/02/2025 12:00"]}).write_parquet(content)
    first = door.bring(content.getvalue(), "export")
    assert "the format '' is not read" in door.night().refused[0]
    again = door.bring(content.getvalue(), "export.parquet")
    assert again.batch_id == first.batch_id
    assert [file.name for file in first.payload.parent.glob("payload*")] == ["payload.parquet"]
    assert door.night().loaded == 1
    assert read(door.settings, "SELECT file_name FROM ledger.batch") == [(again.shown,)]
    assert again.file_name == "export.parquet"
    assert door.bring(content.getvalue(), "later.parquet").file_name == "export.parquet"


def test_one_file_that_many_bring_at_once_is_whole_whenever_one_of_them_is_told_so(door) -> None:
    file = door.folder / "large.csv"
    file.write_bytes(os.urandom(3_000_000))

    def bring(_: int) -> int:
        batch = inbox.bring(
            Delivery("large.csv", file), door.place, door.source, door.settings.landing, AS_OF
        )
        return batch.payload.stat().st_size

    with ThreadPoolExecutor(8) as brought:
        assert set(brought.map(bring, range(40))) == {3_000_000}


def test_a_file_that_grows_while_it_is_taken_waits_for_the_next_run(
    tmp_path, settings, make_place, collect, monkeypatch
) -> None:
    files = {"e-1.csv": TEXT, "e-2.csv": "N°;Arrivée\n8;04/02/2025 09:00\n"}
    place = make_place(tmp_path, files, path="e-*")
    copy = shutil.copyfile

    def grown(file: Path, target: Path) -> Any:
        if file.name == "e-1.csv":
            file.write_text(TEXT + "9;04/02/2025 10:00\n")
        return copy(file, target)

    monkeypatch.setattr(landing.shutil, "copyfile", grown)
    [report] = collect(place, settings)
    assert (report.loaded, report.failed) == (
        1, ["e-1.csv: the file changed while it was taken → nothing is to be done: the next run "
            "takes it"],
    )  # fmt: skip
    monkeypatch.undo()
    [report] = collect(place, settings)
    assert (report.loaded, report.failed) == (4, [])


def test_a_payload_whose_process_was_killed_goes_after_a_day(door) -> None:
    batch = door.bring(TEXT)
    killed = batch.payload.parent.with_name("0123456789abcdef")
    killed.mkdir()
    (killed / "payload.csv").write_text(TEXT)
    written_at = datetime.fromtimestamp(killed.stat().st_mtime, UTC)
    for hours, is_there in ((23, True), (25, False)):
        landing.clear(door.settings.landing, set(), written_at + timedelta(hours=hours))
        assert killed.exists() is is_there
    assert batch.payload.exists()
