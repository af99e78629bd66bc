"""What a workbook may not be: locked, larger than it looks, or with XML that asks for more."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from flows.connectors._extent import ODS_CELLS, refuse_far_ods_cells, refuse_far_xlsx_cells
from flows.errors import BatchRefused
from flows.language import _

OLD_CONTAINER = bytes.fromhex("d0cf11e0a1b11ae1")
LOCKED_XLSX = "EncryptedPackage".encode("utf-16-le")
LOCKED_ODS = b"encryption-data"
MANIFEST = "META-INF/manifest.xml"
MOST_UNPACKED_BYTES = 1_000_000_000
PROLOGUE_BYTES = 65_536
"""Entities are declared before the first element."""
DAMAGED = (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, ValueError)
"""What an archive raises that was cut, at its beginning too, or changed on its way."""


@contextmanager
def archive_of(content: bytes, name: str) -> Iterator[zipfile.ZipFile]:
    """A workbook as the archive that it is; raises BatchRefused when it is damaged."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield archive
    except DAMAGED as fault:
        raise cannot_be_opened(name) from fault


def refuse_unsafe(content: bytes, name: str) -> None:
    """Raises BatchRefused before anything of the workbook is read."""
    if content.startswith(OLD_CONTAINER) and LOCKED_XLSX in content:
        raise locked(name)
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return
    with archive_of(content, name) as archive:
        if sum(member.file_size for member in archive.infolist()) > MOST_UNPACKED_BYTES:
            raise BatchRefused(
                _("the workbook unpacks to more than {size} MB").format(
                    size=MOST_UNPACKED_BYTES // 1_000_000
                ),
                where=name,
                remedy=_("send it in parts, or as CSV"),
            )
        for member in archive.namelist():
            if member.endswith((".xml", ".rels")):
                with archive.open(member) as part:
                    refuse_entities(part.read(PROLOGUE_BYTES), name, member)
        if MANIFEST in archive.namelist() and LOCKED_ODS in archive.read(MANIFEST):
            raise locked(name)
        if ODS_CELLS in archive.namelist():  # whatever its name: the reader looks inside
            refuse_far_ods_cells(archive, name)


def refuse_far_cells(content: bytes, name: str, sheet: str) -> None:
    """Raises BatchRefused before a sheet is unfolded that would fill the memory."""
    if zipfile.is_zipfile(io.BytesIO(content)):
        with archive_of(content, name) as archive:
            refuse_far_xlsx_cells(archive, name, sheet)


def cannot_be_opened(name: str) -> BatchRefused:
    return BatchRefused(
        _("the workbook cannot be opened"),
        where=name,
        remedy=_("save it again as XLSX or ODS, without a password"),
    )


def first_sheet(names: list[str], name: str) -> str:
    """Raises BatchRefused for a workbook without any."""
    if not names:
        raise BatchRefused(
            _("the workbook has no sheet"),
            where=name,
            remedy=_("open it in a spreadsheet program, look whether it is the right file, and "
                     "save it again"),
        )  # fmt: skip
    return names[0]


def locked(name: str) -> BatchRefused:
    return BatchRefused(
        _("the workbook has a password"),
        where=name,
        remedy=_("save it again without one, and protect the folder instead"),
    )


def refuse_entities(prologue: bytes, name: str, member: str) -> None:
    """No spreadsheet program writes entities; they could name files, or grow without end."""
    if b"<!ENTITY" in prologue.replace(b"\0", b""):
        raise BatchRefused(
            _("a part of the workbook ({member}) declares entities").format(member=member),
            where=name,
            remedy=_("open it in a spreadsheet program and save it again"),
        )
