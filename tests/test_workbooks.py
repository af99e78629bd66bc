"""A workbook is an archive of XML from somebody else: what it may not do."""

import io
import os
import resource
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import odf.opendocument as opendocument
import pytest
import xlsxwriter
from odf.table import CoveredTableCell, Table, TableCell, TableRow

from flows.connectors import _workbook
from flows.settings import PROJECT, Settings
from tests.conftest import REGISTER, ods_cell

ROWS = [["N°", "Arrivée"], ["1", "03/02/2025 14:05"]]
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
PLACE = """
id = "lieu"
name = "Lieu"
commune_code = "80021"

[[sources]]
id = "registre"
feed = "attendance"
connector = "file"
path = "../{name}"
rhythm = "weekly"
coverage = "span"
columns = {{ record_id = "N°", checked_in_at = "Arrivée" }}
"""


def changed(content: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """The same archive, each part as `change` gives it."""
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return made.getvalue()


@pytest.fixture
def refused(
    tmp_path: Path, settings: Settings, make_place: Any, collect: Any
) -> Callable[[bytes], str]:
    """Why a delivery was not taken."""

    def why(content: bytes) -> str:
        place = make_place(
            tmp_path, {"e.xlsx": content}, path="e.xlsx", sheet="Données", columns=REGISTER
        )
        [report] = collect(place, settings)
        assert report.loaded == 0
        return str(report.refused[0])

    return why


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused_before_anything_is_read(
    tmp_path: Path, workbook: Any, refused: Callable[[bytes], str], encoding: str
) -> None:
    (tmp_path / "secret").write_text("Secretino", encoding="utf-8")
    declared = f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{tmp_path}/secret">]>'

    def with_entity(name: str, part: bytes) -> bytes:
        if not name.endswith("sharedStrings.xml"):
            return part
        text = part.decode().replace("?>", "?>" + declared, 1).replace("14:05", "&e;")
        return text.replace("UTF-8", encoding.upper()).encode(encoding)

    why = refused(changed(workbook("xlsx", ROWS), with_entity))
    assert "declares entities" in why
    assert "Secretino" not in why


def test_a_workbook_with_an_empty_sheet_is_refused_with_a_remedy(
    workbook: Any, refused: Callable[[bytes], str]
) -> None:
    why = refused(workbook("xlsx", []))
    assert "e.xlsx: there is no header in row 1 → check that the file is complete" in why


@pytest.mark.usefixtures("read_here")
def test_a_workbook_that_swells_is_refused_by_its_size(
    workbook: Any, refused: Callable[[bytes], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_workbook, "MOST_UNPACKED_BYTES", 1_000_000)

    def swollen(name: str, part: bytes) -> bytes:
        return part + b" " * 2_000_000 if name.endswith("sheet2.xml") else part

    content = changed(workbook("xlsx", ROWS), swollen)
    assert len(content) < 50_000
    assert "unpacks to more than 1 MB" in refused(content)


def xlsx(cells: dict[tuple[int, int], str | None], other: tuple[int, int] | None = None) -> bytes:
    """A register and more cells by row and column from 0, None for one that only has a format;
    `other` is a cell of a sheet that is not read."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as book:
        sheet, bold = book.add_worksheet("Registre"), book.add_format({"bold": True})
        for number, row in enumerate(ROWS):
            sheet.write_row(number, 0, row)
        for (row, column), value in cells.items():
            sheet.write(row, column, value, bold)
        if other:
            book.add_worksheet("Notes").write(*other, "?")
    return target.getvalue()


def ods(last_row: list[TableCell], sheet: str = "Registre") -> bytes:
    """A register as an office program saves it: what is empty is repeated to the sheet's end."""
    book = opendocument.OpenDocumentSpreadsheet()
    table = Table(name=sheet)
    for values in ROWS:
        row = TableRow()
        for value in values:
            row.addElement(ods_cell(value))
        row.addElement(TableCell(numbercolumnsrepeated=LAST_COLUMN - len(values)))
        table.addElement(row)
    filling = TableRow(numberrowsrepeated=LAST_ROW - len(ROWS) - 1)
    filling.addElement(TableCell(numbercolumnsrepeated=LAST_COLUMN))
    table.addElement(filling)
    last = TableRow()
    for cell in last_row:
        last.addElement(cell)
    table.addElement(last)
    book.spreadsheet.addElement(table)
    target = io.BytesIO()
    book.write(target)
    return target.getvalue()


FAR = (LAST_ROW - 1, LAST_COLUMN - 1)
POISON = {
    "one.xlsx": (lambda: xlsx({FAR: "?"}), "XFD1048576"),
    "two.xlsx": (lambda: xlsx({(0, FAR[1]): "?", (FAR[0], 0): "?"}), "A1048576, XFD1"),
    "one.ods": (
        lambda: ods([TableCell(numbercolumnsrepeated=LAST_COLUMN - 1), ods_cell("?")]), "XFD1048576",
    ),
    "covered.ods": (
        lambda: ods([
            TableCell(numbercolumnsrepeated=999),
            CoveredTableCell(numbercolumnsrepeated=2, valuetype="float", value="1"),
        ]),
        "ALM1048576",
    ),
}  # fmt: skip


def impact(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, which may not take the memory of the machine."""

    def little_memory() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (6_000_000_000, 6_000_000_000))

    homes = {f"IMPACT_{name.upper()}": str(folder / name) for name in ("home", "places", "keys")}
    code = "import sys; from flows.cli import main; sys.exit(main(sys.argv[1:]))"
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False,
        env={**os.environ, **homes, "IMPACT_LANG": "en", "PYTHONPATH": str(PROJECT)},
        cwd=folder, preexec_fn=little_memory, timeout=120,
    )  # fmt: skip


def declared(folder: Path, name: str, content: bytes) -> None:
    (folder / "places").mkdir()
    (folder / "places" / "lieu.toml").write_text(PLACE.format(name=name))
    (folder / name).write_bytes(content)


@pytest.mark.parametrize("name", POISON)
def test_cells_far_outside_of_the_table_are_refused_before_they_are_unfolded(
    tmp_path: Path, name: str
) -> None:
    content, cells = POISON[name]
    declared(tmp_path, name, content())
    done = impact(tmp_path, "check-source", "lieu", "registre")
    said = " ".join(done.stdout.split())
    assert done.returncode == 3, said + done.stderr
    assert f"{name}, sheet 'Registre': cells stand far outside of the table: with {cells}," in said
    assert "→ delete the rows below the table and the columns right of it" in said


def test_a_workbook_that_nobody_described_yet_may_not_reach_far_either(tmp_path: Path) -> None:
    declared(tmp_path, "one.xlsx", POISON["one.xlsx"][0]())
    said = ["--id", "autre", "--name", "Autre", "--commune", "80021", "--feed", "attendance"]
    done = impact(tmp_path, "new-place", "--from", "one.xlsx", *said)
    assert "cells stand far outside of the table" in " ".join((done.stdout + done.stderr).split())


def test_the_size_that_a_sheet_declares_is_not_believed(tmp_path: Path) -> None:
    def small(name: str, part: bytes) -> bytes:
        assert not name.endswith("sheet1.xml") or b'"A1:XFD1048576"' in part
        return part.replace(b'"A1:XFD1048576"', b'"A1:B2"')

    declared(tmp_path, "one.xlsx", changed(POISON["one.xlsx"][0](), small))
    done = impact(tmp_path, "check-source", "lieu", "registre")
    assert "with XFD1048576" in " ".join(done.stdout.split()), done.stderr


HARMLESS = {
    "format.xlsx": lambda: xlsx({FAR: None, (0, FAR[1]): None, (FAR[0], 0): None}),
    "other.xlsx": lambda: xlsx({}, other=FAR),
    "declares.xlsx": lambda: changed(
        xlsx({}), lambda name, part: part.replace(b'"A1:B2"', b'"A1:XFD1048576"')
    ),
    "saved.ods": lambda: ods([TableCell(numbercolumnsrepeated=LAST_COLUMN)]),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_empty_or_not_read_may_reach_as_far_as_it_likes(
    tmp_path: Path, settings: Settings, make_place: Any, collect: Any, name: str
) -> None:
    place = make_place(tmp_path, {name: HARMLESS[name]()}, path=name)
    [report] = collect(place, settings)
    assert (report.refused, report.failed, report.loaded) == ([], [], 1)


def test_a_workbook_that_was_damaged_on_its_way_is_refused_in_words(
    refused: Callable[[bytes], str],
) -> None:
    whole = HARMLESS["other.xlsx"]()
    for place in range(0, len(whole), 100):
        damaged = bytearray(whole)
        damaged[place] ^= 0xFF
        assert "→" in refused(bytes(damaged))
