"""What was saved in another form is read where it can be, and refused in words where it cannot."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import odf.opendocument as opendocument
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from flows.connectors import _text, file, read_here
from flows.errors import BatchRefused
from flows.records import ROW_NUMBER, Page
from flows.sources import Source
from tests.conftest import REGISTER, xlsx

TABLE = "N°;Arrivée;Note\n" + "".join(f"{n};03/02/2025 12:0{n};été\n" for n in range(3))
READ = [(str(n), f"03/02/2025 12:0{n}") for n in range(3)]
OBJECTS = [f'{{"N°": "{n}", "Arrivée": "03/02/2025 12:0{n}"}}' for n in range(3)]
NOON = datetime(2025, 2, 3, 12)


def source(**fields: Any) -> Source:
    return Source.model_validate(
        {"id": "s", "feed": "attendance", "connector": "file", "path": "e", "rhythm": "weekly",
         "coverage": "span", "columns": REGISTER, **fields}
    )  # fmt: skip


def rows(content: bytes, name: str) -> list[tuple[Any, ...]]:
    found = file.parse(io.BytesIO(content), name, source())
    together = pl.concat([page.rows for page in found]).sort(ROW_NUMBER)
    return together.select("N°", "Arrivée").rows()


def refused(content: bytes, name: str) -> str:
    with pytest.raises(BatchRefused) as caught:
        rows(content, name)
    message = str(caught.value)
    assert message.startswith(name) and " → " in message
    return message


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_text_is_read_in_each_unicode_form_with_and_without_its_mark(encoding, line_end) -> None:
    for mark in ("", "\ufeff"):
        content = (mark + TABLE.replace("\n", line_end)).encode(encoding)
        assert rows(content, "e.csv") == READ, mark
        lines = line_end.join(OBJECTS)
        assert rows((mark + lines).encode(encoding), "e.jsonl") == READ
        assert rows(f"{mark}[{','.join(OBJECTS)}]".encode(encoding), "e.json") == READ


def test_a_character_that_is_cut_off_spoils_its_line_alone() -> None:
    assert rows(TABLE.encode("utf-16")[:-3], "e.csv") == READ[:2]
    assert rows(codecs.BOM_UTF32_LE + TABLE.encode("utf-32-le")[:-2], "e.csv") == READ[:2]


def test_a_cell_may_be_as_long_as_a_text() -> None:
    long = "z" * 200_000
    assert rows(TABLE.replace("Note", long).encode(), "e.csv") == READ
    assert rows(TABLE.replace("été", f'"{long}"', 1).encode(), "e.csv") == READ


def test_many_short_lines_are_read_in_pages_that_memory_has_room_for() -> None:
    content = b"N\xc2\xb0;Arriv\xc3\xa9e\n" + b"a\n" * 700_000
    counts = [page.records for page in file.parse(io.BytesIO(content), "e.csv", source())]
    assert sum(counts) == 700_000 and max(counts) <= 150_000


def test_an_array_of_objects_is_read_part_by_part_wherever_it_is_cut(monkeypatch) -> None:
    nested = '{"N°": "9", "Arrivée": "}, {", "x": {"y": [1, {}]}}'
    text = "[ " + " ,\n".join([*OBJECTS, nested]) + " ]  "
    for size in (1, 2, 3, 7, 50, 1000):
        monkeypatch.setattr(_text, "OBJECTS_BYTES", size)
        assert rows(text.encode(), "e.json") == [*READ, ("9", "}, {")], size
        assert "at its entry 4" in refused(text.encode()[:-30], "e.json")
        assert "at its entry 3" in refused(f"[{OBJECTS[0]},{OBJECTS[1]},3]".encode(), "e.json")


def test_a_line_or_an_object_that_no_table_has_is_refused_before_memory_holds_it() -> None:
    head = "N°;Arrivée\n1;".encode()
    assert "longer than 8 MB" in refused(head + b"x" * 20_000_000, "e.csv")
    assert "longer than 8 MB" in refused(b'[{"x": "' + b"x" * 20_000_000, "e.json")


def pages(tmp_path: Path, content: bytes) -> Iterator[Page]:
    (tmp_path / "e.csv").write_bytes(content)
    return read_here(source(), tmp_path / "e.csv", "e.csv")


def test_broken_rows_are_judged_a_few_at_a_time_and_all_are_counted(tmp_path) -> None:
    content = TABLE.encode() + b"a\n" * 50_000
    found = [(page.records, len(page.rows), len(page.broken)) for page in pages(tmp_path, content)]
    assert found == [(20_003, 3, 20_000), (20_000, 0, 20_000), (10_000, 0, 10_000)]


def test_a_file_of_which_no_row_at_all_can_be_read_is_refused_whole(tmp_path) -> None:
    head = "N°;Arrivée\n".encode()
    with pytest.raises(BatchRefused, match="none of its first 100000 rows can be read"):
        list(pages(tmp_path, head + b"a\n" * 100_000))
    assert len(list(pages(tmp_path, head + b"a\n" * 99_999))) == 5


def packed(member: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(member, TABLE)
    return content.getvalue()


BOOK = xlsx({"Données": [["N°", "Arrivée"], ["1", "03/02/2025 12:00"]]})


@pytest.mark.parametrize(
    ("content", "name", "said"),
    [
        (gzip.compress(TABLE.encode()), "e.csv", "is packed (gzip)"),
        (gzip.compress(TABLE.encode()), "e.jsonl", "is packed (gzip)"),
        (gzip.compress(BOOK), "e.xlsx", "is packed (gzip)"),
        (bz2.compress(TABLE.encode()), "e.txt", "is packed (bzip2)"),
        (packed("e.csv"), "e.csv", "is packed (ZIP)"),
        (BOOK, "e.csv", "it is XLSX"),
        (b"%PDF-1.7", "e.csv", "it is PDF"),
    ],
    # what is packed says when: each process would call its tests otherwise
    ids=["gzip", "gzip-jsonl", "gzip-xlsx", "bzip2", "zip", "xlsx", "pdf"],
)
def test_what_is_no_text_and_is_called_so_is_refused_by_what_it_is(content, name, said) -> None:
    assert said in refused(content, name)


def without_sheets(kind: str) -> bytes:
    content = io.BytesIO()
    if kind == "ods":
        opendocument.OpenDocumentSpreadsheet().write(content)
        return content.getvalue()
    with zipfile.ZipFile(io.BytesIO(BOOK)) as book, zipfile.ZipFile(content, "w") as other:
        for part in book.namelist():
            other.writestr(part, re.sub(rb"(?s)<sheet .*?/>", b"", book.read(part)))
    return content.getvalue()


@pytest.mark.parametrize("kind", ["xlsx", "ods"])
def test_a_workbook_without_a_sheet_says_so(kind) -> None:
    assert "the workbook has no sheet" in refused(without_sheets(kind), f"e.{kind}")


@pytest.mark.parametrize("kept", [slice(5, None), slice(200, None), slice(None, -10)])
def test_a_workbook_that_was_cut_at_either_end_cannot_be_opened(kept) -> None:
    assert "the workbook cannot be opened" in refused(BOOK[kept], "e.xlsx")


@pytest.mark.parametrize("deep", ["[" * 5000, '{"a":' * 5000, "[" * 5000 + "]" * 5000])
def test_json_that_is_nested_without_end_costs_its_line_or_its_array_and_says_so(deep) -> None:
    line = f'{{"N°": "1", "Arrivée": "", "x": {deep}}}'
    assert rows("\n".join([OBJECTS[0], line, OBJECTS[2]]).encode(), "e.jsonl") == [READ[0], READ[2]]
    assert "entry 2 of the array" in refused(f"[{OBJECTS[0]},{line}]".encode(), "e.json")


def parquet(cells: pa.Array) -> bytes:
    content = io.BytesIO()
    numbers = pa.array([str(n) for n in range(len(cells))])
    pq.write_table(pa.table({"N°": numbers, "Arrivée": cells}), content)
    return content.getvalue()


@pytest.mark.parametrize(
    ("cells", "seen"),
    [
        (pa.array([NOON], pa.timestamp("us", "+05:30")), "2025-02-03T17:30:00+0530"),
        (pa.array([NOON], pa.timestamp("ms", "-03:00")), "2025-02-03T09:00:00-0300"),
        (pa.array([NOON], pa.timestamp("ns", "Z")), "2025-02-03T12:00:00+0000"),
        (pa.array([NOON], pa.timestamp("us", "Europe/Paris")), "2025-02-03T13:00:00+0100"),
        (pa.array([NOON], pa.timestamp("s")), "2025-02-03T12:00:00"),
        (pa.array([timedelta(hours=35, minutes=5)]), "35:05:00"),
        (pa.array([timedelta(minutes=-90)]), "-1:30:00"),
        (pa.array([date(2025, 2, 3)], pa.date64()), "2025-02-03"),
        (pa.array(["été".encode()]), "été"),
        (pa.array(["été"]).dictionary_encode(), "été"),
        (pa.array([150]).cast(pa.decimal256(50, 2)), "150.00"),
        # what no calendar has is a number, which its row is refused for
        (pa.array([2**31 - 1], pa.int32()).cast(pa.date32()), "2147483647"),
        (pa.array([2**62]).view(pa.timestamp("ms")), "4611686018427387904"),
        (pa.array([-(2**63)]).view(pa.duration("s")), "-9223372036854775808"),
        (pa.array([2**62]).view(pa.time64("us")), "4611686018427387904"),
    ],
    ids=lambda value: str(value.type) if isinstance(value, pa.Array) else "",
)
def test_a_typed_column_is_the_text_that_an_export_of_it_would_hold(cells, seen) -> None:
    both = pa.concat_arrays([cells, pa.nulls(1, cells.type)])
    assert rows(parquet(both), "e.parquet") == [("0", seen), ("1", None)]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (pa.array([[1, 2]]), "type list,"),
        (pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int32())), "type map,"),
        (pa.array([{"a": 1}]), "type struct,"),
        (pa.array([b"\xff\xfe"]), "type binary,"),
        (pa.array([NOON], pa.timestamp("us", "Europe/Ailleurs")), "time zone 'Europe/Ailleurs'"),
    ],
)
def test_a_column_that_has_no_text_is_refused_by_its_name_and_type(cells, said) -> None:
    message = refused(parquet(cells), "e.parquet")
    assert "the column 'Arrivée'" in message and said in message
