"""What a file is by its first bytes, where its name says something else."""

from typing import BinaryIO

from flows.errors import BatchRefused
from flows.language import _

PACKED = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\0": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"7z\xbc\xaf\x27\x1c": "7-Zip",
    b"Rar!": "RAR",
}
ZIP = b"PK\x03\x04"
NO_TEXT = {
    bytes.fromhex("d0cf11e0a1b11ae1"): "XLS",
    b"PAR1": "Parquet",
    b"%PDF-": "PDF",
    b"SQLite format 3\0": "SQLite",
}
XLSX, ODS = b"xl/", b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"
HEAD_BYTES = 4096


def refuse_other_kind(stream: BinaryIO, name: str, *, is_text: bool) -> None:
    """Raises BatchRefused for what is packed, and for what is no text where one is expected."""
    head = stream.read(HEAD_BYTES)
    stream.seek(0)
    packed = next((kind for sign, kind in PACKED.items() if head.startswith(sign)), "")
    other = next((kind for sign, kind in NO_TEXT.items() if head.startswith(sign)), "")
    if is_text and head.startswith(ZIP):
        other = "ODS" if ODS in head else "XLSX" if XLSX in head else ""
        packed = "" if other else "ZIP"
    if packed:
        raise BatchRefused(
            _("the file is packed ({kind})").format(kind=packed),
            where=name,
            remedy=_("unpack it, and send what is in it"),
        )
    if is_text and other:
        raise BatchRefused(
            _("the name says that this is text, and it is {kind}").format(kind=other),
            where=name,
            remedy=_("send it again under the right name, or export it as CSV or XLSX"),
        )
