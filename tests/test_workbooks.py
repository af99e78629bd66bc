"""A workbook is an archive of XML from somebody else: what it may not do."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flows.connectors import _workbook
from flows.settings import Settings
from tests.conftest import REGISTER

ROWS = [["N°", "Arrivée"], ["1", "03/02/2025 14:05"]]


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


def test_a_workbook_that_swells_is_refused_by_its_size(
    workbook: Any, refused: Callable[[bytes], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_workbook, "MOST_UNPACKED_BYTES", 1_000_000)

    def swollen(name: str, part: bytes) -> bytes:
        return part + b" " * 2_000_000 if name.endswith("sheet2.xml") else part

    content = changed(workbook("xlsx", ROWS), swollen)
    assert len(content) < 50_000
    assert "unpacks to more than 1 MB" in refused(content)
