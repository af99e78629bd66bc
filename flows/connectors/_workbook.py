"""What a workbook may not be: locked, larger than it looks, or with XML that asks for more."""

import io
import zipfile

from flows.errors import BatchRefused
from flows.language import _

OLD_CONTAINER = bytes.fromhex("d0cf11e0a1b11ae1")
LOCKED_XLSX = "EncryptedPackage".encode("utf-16-le")
LOCKED_ODS = b"encryption-data"
MANIFEST, ODS_CELLS = "META-INF/manifest.xml", "content.xml"
MOST_UNPACKED_BYTES = 1_000_000_000
PROLOGUE_BYTES = 65_536
"""Entities are declared before the first element."""


def refuse_unsafe(content: bytes, name: str) -> None:
    """Raises BatchRefused before anything of the workbook is read."""
    if content.startswith(OLD_CONTAINER) and LOCKED_XLSX in content:
        raise locked(name)
    if not zipfile.is_zipfile(io.BytesIO(content)):
        return
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
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
        is_ods = name.lower().endswith(".ods") and ODS_CELLS in archive.namelist()
        if is_ods and b'value-type="time"' in archive.read(ODS_CELLS):
            # such a cell comes out of the reader empty: better no file than a loss
            raise BatchRefused(
                _("a cell of this ODS file is typed as a time, which cannot be read"),
                where=name,
                remedy=_("save it as XLSX, or type these cells as text"),
            )


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
