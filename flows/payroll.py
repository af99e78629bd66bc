"""Payroll declarations (DSN) stay at the employer's: what they look like, and what is said then."""

import re
import zlib
from collections.abc import Iterator
from pathlib import Path

from flows.errors import BatchRefused
from flows.language import _

HEAD_BYTES = 4096
"""As much of a file as it takes to see what it is."""
RUBRIC = re.compile(rb"""^"?S\d\d\.G\d\d\.\d\d\.\d{3}"?[,;\t]"?'""", re.MULTILINE)
"""Also where a spreadsheet saved it; in UTF-16, as editors save it, each letter has a zero."""
ZIP, GZIP = b"PK\x03\x04", b"\x1f\x8b"


def refuse_payroll(head: bytes, name: str) -> None:
    """Raises BatchRefused where a file begins like a DSN, packed or not, whatever its name."""
    if any(RUBRIC.search(text.replace(b"\0", b"")) for text in unpacked(head)):
        raise BatchRefused(
            _(
                "this is a payroll declaration (DSN), with social-security numbers and pay: "
                "nothing of it was kept"
            ),
            where=name,
            remedy=_(
                "remove it from here; where the payroll is made, run python dsn.py FILE… and send "
                "the sheet that it writes (docs/fr/dsn.md)"
            ),
        )


def refuse_payroll_file(file: Path, name: str) -> None:
    """The same for a file that is there; what cannot be read is for its reader to say."""
    try:
        with file.open("rb") as stream:
            head = stream.read(HEAD_BYTES)
    except OSError:
        return
    refuse_payroll(head, name)


def unpacked(head: bytes) -> Iterator[bytes]:
    """What is there; of an archive, the beginnings of the files that begin there."""
    yield head
    if head.startswith(GZIP):
        yield inflated(head, zlib.MAX_WBITS | 16)
    for member in re.finditer(re.escape(ZIP), head) if head.startswith(ZIP) else ():
        at = member.start()
        sizes = (int.from_bytes(head[at + n : at + n + 2], "little") for n in (26, 28))
        yield inflated(head[at + 30 + sum(sizes) :], -zlib.MAX_WBITS)


def inflated(packed: bytes, window: int) -> bytes:
    """As far as it goes; nothing of what is not packed so."""
    try:
        return zlib.decompressobj(window).decompress(packed, HEAD_BYTES)
    except zlib.error:
        return b""
