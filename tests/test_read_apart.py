"""A reader that raises, panics, sleeps, eats memory or dies costs its own delivery, and no other.

The readers are those of this file: nothing here makes outside software crash.
"""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from flows.connectors import _apart, connector, file
from flows.connectors._apart import Limits, read_apart
from flows.errors import BatchRefused, SourceError
from flows.records import ROW_NUMBER, Broken, Page


@pytest.fixture(autouse=True, scope="module")
def of_this_folder() -> None:
    """A process that was started in another folder does not find the readers of this file."""
    _apart.end_idle()


WHOLE = Page(
    pl.DataFrame({ROW_NUMBER: [1, 2], "Nom": ["Zélie", None]}),
    5,
    [Broken(3, "ragged_line", "é;\n", header="Nom"), Broken(4, "broken_json", "{", record_id="4")],
    1,
    sheet="Mars",
    is_whole=False,
    is_part=True,
    whole_from=date(2025, 2, 3),
    is_whole_on_its_days=True,
    told=["1"],
)


class Panic(BaseException):
    """As a native library raises it: no Exception."""


def gives(count: int) -> Iterator[Page]:
    for _ in range(count):
        yield WHOLE


def raises(kind: str) -> Iterator[Page]:
    yield WHOLE
    if kind == "ours":
        raise SourceError("not there", where="here", remedy="put it there")
    if kind == "disk":
        raise OSError(5, "Input/output error")
    raise {"panic": Panic, "error": KeyError, "exit": SystemExit}[kind]("Zélie")


def sleeps() -> Iterator[Page]:
    time.sleep(60)
    yield WHOLE


def eats() -> Iterator[Page]:
    eaten = []
    while True:
        eaten.append(b"x" * 20_000_000)
        time.sleep(0.02)
        yield from ()


KEPT = []


def swells() -> Iterator[Page]:
    KEPT.append(b"x" * _apart.MOST_IDLE_BYTES)
    yield WHOLE


class NoRows:
    """What was read as rows, and is none: spans of months are no column of ours."""

    def write_ipc_stream(self, file: Any, **_options: Any) -> None:
        table = pa.table({"x": pa.array([pa.MonthDayNano([1, 2, 3])])})
        with pa.ipc.new_stream(file, table.schema) as writer:
            writer.write_table(table)


def gives_no_rows() -> Iterator[Page]:
    yield Page(NoRows(), 1)  # type: ignore[arg-type]


def kills_itself(number: int) -> Iterator[Page]:
    yield WHOLE
    os.kill(os.getpid(), number)


def process_of() -> Iterator[Page]:
    yield Page(pl.DataFrame({ROW_NUMBER: [os.getpid()]}), 1)


def who_reads() -> int:
    [page] = read_apart(process_of, name="e")
    return int(page.rows.item())


def test_a_page_comes_as_it_was_read() -> None:
    for page in read_apart(gives, 2, name="e"):
        assert page.rows.equals(WHOLE.rows)
        plain = {**vars(page), "rows": None}
        assert plain == {**vars(WHOLE), "rows": None}
    assert list(read_apart(gives, 0, name="e")) == []


@pytest.mark.parametrize("kind", ["panic", "error", "exit"])
def test_whatever_is_raised_there_is_a_refusal_here_and_the_process_reads_on(kind: str) -> None:
    reader = who_reads()
    pages = read_apart(raises, kind, name="e.xlsx")
    assert next(pages).records == 5
    with pytest.raises(BatchRefused) as caught:
        next(pages)
    assert str(caught.value).startswith("e.xlsx: its reader gave up (")
    assert "Zélie" not in str(caught.value)
    assert who_reads() == reader != os.getpid()


def test_what_is_said_in_words_and_what_the_disk_says_stay_what_they_are() -> None:
    with pytest.raises(SourceError, match="here: not there → put it there"):
        list(read_apart(raises, "ours", name="e"))
    with pytest.raises(OSError, match="Input/output error") as caught:
        list(read_apart(raises, "disk", name="e"))
    assert caught.value.errno == 5


def test_a_delivery_that_nobody_reads_to_its_end_leaves_the_process_free() -> None:
    reader = who_reads()
    pages = read_apart(gives, 3, name="e")
    next(pages)
    assert who_reads() != reader, "it is not disturbed"
    pages.close()
    assert who_reads() == reader


@pytest.mark.parametrize(
    ("read", "said"),
    [
        ((sleeps,), "more than 1 seconds"),
        ((eats,), "more than 400 MB of memory"),
        ((kills_itself, signal.SIGSEGV), "its reader crashed"),
        ((kills_itself, signal.SIGKILL), "its reader crashed"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_hangs_eats_or_dies_is_ended_refused_and_stood_for_by_another(read, said) -> None:
    reader = who_reads()
    limits = Limits(seconds=1 if "seconds" in said else 60, memory_bytes=400_000_000)
    with pytest.raises(BatchRefused, match=f"e.xlsx: .*{said}.* → send it in parts"):
        list(read_apart(*read, name="e.xlsx", limits=limits))
    with pytest.raises(ProcessLookupError):
        os.kill(reader, 0)
    assert who_reads() != reader


def test_what_has_grown_large_is_ended_with_its_delivery_which_is_settled_in_its_memory() -> None:
    reader = who_reads()
    assert len(list(read_apart(swells, name="e"))) == 1
    with pytest.raises(ProcessLookupError):
        os.kill(reader, 0)
    assert who_reads() != reader


def fails(*_: Any) -> Any:
    raise AssertionError("this is the process of the run")


def test_every_delivery_is_read_apart(
    tmp_path, settings, make_place, collect, workbook, monkeypatch
) -> None:
    monkeypatch.setattr(file, "parse", fails)
    monkeypatch.setattr(connector("file"), "parse", fails)
    rows = [["N°", "Arrivée"], ["1", "03/02/2025 12:00"]]
    json = '{"N°": "3", "Arrivée": "03/02/2025 12:00"}'
    files = {
        "e-1.xlsx": workbook("xlsx", rows), "e-2.csv": "N°;Arrivée\n2;03/02/2025 12:00\n",
        "e-3.jsonl": json, "e-4.json": f"[{json}]".replace("3", "4", 1),
    }  # fmt: skip
    place = make_place(tmp_path, files, path="e-*", sheet="Données")
    [report] = collect(place, settings)
    assert (report.loaded, report.refused) == (4, [])


def page_number(number: int) -> pl.DataFrame:
    """Larger each time, so that memory has to grow."""
    return pl.DataFrame({ROW_NUMBER: range(number), "Nom": [f"Zélie numéro {number}"] * number})


def counts_up(last: int) -> Iterator[Page]:
    for number in range(last):
        yield Page(page_number(number), number)


def test_rows_that_are_kept_stay_what_they_were_when_later_pages_come() -> None:
    kept = [page.rows for page in read_apart(counts_up, 300, name="e")]
    assert all(rows.equals(page_number(number)) for number, rows in enumerate(kept))


def test_memory_is_used_again_when_nobody_holds_its_rows() -> None:
    pages = read_apart(counts_up, 300, name="e")
    next(pages)
    before = len(os.listdir("/proc/self/fd"))
    for _page in pages:
        pass
    assert len(os.listdir("/proc/self/fd")) - before <= 1


def test_what_reads_does_without_what_judges_and_what_hands_over() -> None:
    code = "import sys, flows.connectors._apart, flows.connectors.file; print(*sys.modules)"
    seen = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"pyarrow", "pandera", "duckdb", "prefect", "pandas"} & {*seen.stdout.split()}


def test_nothing_of_a_request_or_an_answer_is_a_file() -> None:
    before = set(os.listdir("/proc/self/fd"))
    list(read_apart(gives, 1, name="e"))
    kept = {os.readlink(f"/proc/self/fd/{fd}") for fd in set(os.listdir("/proc/self/fd")) - before}
    assert all(name.startswith(("socket:", "/memfd:")) for name in kept)
    assert pickle.loads(pickle.dumps(gives)) is gives
    assert len(_apart.idle) >= 1


def test_rows_that_cannot_be_taken_over_are_refused_with_their_delivery() -> None:
    with pytest.raises(BatchRefused, match="its reader gave up"):
        list(read_apart(gives_no_rows, name="e"))
    [page] = read_apart(gives, 1, name="e")
    assert page.rows.equals(WHOLE.rows)
