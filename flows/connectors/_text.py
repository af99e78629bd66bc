"""Bytes of a text file as blocks of whole lines: UTF-8, UTF-16, UTF-32 or CP1252."""

import codecs
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from flows.errors import BatchRefused
from flows.language import _

BLOCK_BYTES = 8 * 1024 * 1024
"""Each page costs a run a twentieth of a second, and each byte of a page about thirty of memory."""
HEAD_BYTES = 65_536
MOST_LINES = 150_000
"""Of a block: lines of a letter each would be millions, and each takes memory of its own."""
OBJECTS_BYTES = 1024 * 1024
LONGEST_BYTES = 8 * 1024 * 1024
UNREADABLE = "\ufffd"

MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
NULS: dict[tuple[bool, ...], str] = {
    (False, True, False, True): "utf-16-le",
    (True, False, True, False): "utf-16-be",
    (False, True, True, True): "utf-32-le",
    (True, True, True, False): "utf-32-be",
}
"""Which of each four bytes are zero in a text of our letters without a mark."""


def text_blocks(stream: BinaryIO, block_bytes: int = BLOCK_BYTES, name: str = "") -> Iterator[str]:
    """Blocks of complete lines, ends of line as `\\n`; memory does not grow with the file.

    A file without a mark is UTF-8 until a byte says otherwise, then CP1252. A byte that is
    neither becomes U+FFFD, which makes its line a broken row.
    """
    return (block.decode() for block in utf8_blocks(stream, block_bytes, name))


def utf8_blocks(
    stream: BinaryIO, block_bytes: int = BLOCK_BYTES, name: str = ""
) -> Iterator[bytes]:
    """The same blocks as UTF-8: those that are so already are not copied.

    Raises BatchRefused for a line that no table has: memory would have to hold it.
    """
    for block in cut_after(unicode_chunks(stream, block_bytes), b"\n", name, is_kept=False):
        yield from with_few_lines(end_lines(block))


def object_blocks(stream: BinaryIO, name: str) -> Iterator[str]:
    """The text of JSON in parts that end with an object: all of it may be one line."""
    for block in cut_after(unicode_chunks(stream, OBJECTS_BYTES), b"}", name, is_kept=True):
        yield block.decode()


def unicode_chunks(stream: BinaryIO, block_bytes: int) -> Iterator[bytes]:
    """What a text holds, its ends of line as they are but for those of an old Mac."""
    stream.seek(0)
    head = stream.read(HEAD_BYTES)
    encoding, mark_bytes = encoding_of(head)
    stream.seek(mark_bytes)
    chunks = utf8_chunks(stream, encoding, block_bytes)
    seen = head[mark_bytes:].decode(encoding, errors="replace")
    if "\r" in seen and "\n" not in seen:  # an old Mac
        chunks = (chunk.replace(b"\r", b"\n") for chunk in chunks)
    return chunks


def encoding_of(head: bytes) -> tuple[str, int]:
    """What a text is written in by its first bytes, and how many of them only say so."""
    for mark, encoding in MARKS.items():
        if head.startswith(mark):
            return encoding, len(mark)
    of_four = [head[at::4] for at in range(4)]
    nuls = tuple(2 * quarter.count(0) > len(quarter) for quarter in of_four)
    return NULS.get(nuls, "utf-8"), 0


def utf8_chunks(stream: BinaryIO, encoding: str, block_bytes: int) -> Iterator[bytes]:
    """The bytes from here on; those of another Unicode form as UTF-8."""
    if encoding == "utf-8":
        yield from iter(lambda: stream.read(block_bytes), b"")
        return
    decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
    while chunk := stream.read(block_bytes):
        yield decoder.decode(chunk).encode()
    yield decoder.decode(b"", final=True).encode()


def cut_after(chunks: Iterator[bytes], sign: bytes, name: str, *, is_kept: bool) -> Iterator[bytes]:
    """The same bytes as UTF-8, each part up to a sign: an end of line, which is left out, or of an
    object.
    """
    rest = b""
    encoding = "utf-8"
    is_plain = True
    for chunk in chunks:
        end = chunk.rfind(sign)
        part = b"".join((rest, memoryview(chunk)[: max(0, end + is_kept)]))
        rest = part + chunk if end < 0 else chunk[end + 1 :]
        if len(rest) > LONGEST_BYTES:
            raise BatchRefused(
                _("a line or an object is longer than {size} MB").format(size=LONGEST_BYTES >> 20),
                where=name,
                remedy=_("check that it is a table, and that its lines end"),
            )
        if end < 0:
            continue
        block, encoding = as_utf8(part, encoding, may_be_cp1252=is_plain)
        is_plain = is_plain and encoding != "cp1252" and part.isascii()
        yield block
    if rest:
        yield as_utf8(rest, encoding, may_be_cp1252=is_plain)[0]


def with_few_lines(block: bytes) -> Iterator[bytes]:
    """A block in parts of as many lines as memory has room for; most are one part."""
    is_end = np.frombuffer(block, np.uint8) == ord("\n")
    if np.count_nonzero(is_end) < MOST_LINES:
        yield block
        return
    start = 0
    for end in np.flatnonzero(is_end)[MOST_LINES - 1 :: MOST_LINES].tolist():
        yield block[start:end]
        start = end + 1
    yield block[start:]


def as_utf8(block: bytes, encoding: str, *, may_be_cp1252: bool) -> tuple[bytes, str]:
    """A block as UTF-8, and the encoding of what follows it."""
    if block.isascii():
        return block, encoding
    if encoding == "cp1252":
        return block.decode(encoding, errors="replace").encode(), encoding
    try:
        block.decode()
    except UnicodeDecodeError:
        lenient = block.decode(errors="replace")
        has_other_accents = not lenient.replace(UNREADABLE, "").isascii()
        if has_other_accents or not may_be_cp1252:
            return lenient.encode(), encoding
        return block.decode("cp1252", errors="replace").encode(), "cp1252"
    return block, encoding


def end_lines(block: bytes) -> bytes:
    if b"\r" not in block:
        return block
    return block.replace(b"\r\n", b"\n").removesuffix(b"\r")
