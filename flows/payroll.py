"""Payroll declarations (DSN) stay at the employer's: what they look like, and what is said then."""

import re
import zlib
from pathlib import Path

from flows.errors import BatchRefused
from flows.language import _

HEAD_BYTES = 4096
"""As much of a file as it takes to see what it is."""
RUBRIC = re.compile(rb"^S\d\d\.G\d\d\.\d\d\.\d{3},'", re.MULTILINE)
ZIP, GZIP = b"PK\x03\x04", b"\x1f\x8b"


def refuse_payroll(head: bytes, name: str) -> None:
    """Raises BatchRefused where a file begins like a DSN, packed or not, whatever its name."""
    if RUBRIC.search(unpacked(head)):
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


def unpacked(head: bytes) -> bytes:
    """The beginning of the first file of an archive; of any other file, what is there."""
    if head.startswith(ZIP):
        name_bytes, extra_bytes = (int.from_bytes(head[at : at + 2], "little") for at in (26, 28))
        head, window = head[30 + name_bytes + extra_bytes :], -zlib.MAX_WBITS
    elif head.startswith(GZIP):
        window = zlib.MAX_WBITS | 16
    else:
        return head
    try:
        return zlib.decompressobj(window).decompress(head, HEAD_BYTES)
    except zlib.error:
        return head
