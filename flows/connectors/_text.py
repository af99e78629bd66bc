"""Bytes of a text file as blocks of whole lines: UTF-8, UTF-8 with BOM, UTF-16 or CP1252."""

import codecs
import io
from collections.abc import Iterator
from typing import BinaryIO

BLOCK_BYTES = 16 * 1024 * 1024
UNREADABLE = "\ufffd"


def text_blocks(stream: BinaryIO, block_bytes: int = BLOCK_BYTES) -> Iterator[str]:
    """Blocks of complete lines, ends of line as `\\n`; memory does not grow with the file.

    A file without a mark is UTF-8 until a byte says otherwise, then CP1252. A byte that is
    neither becomes U+FFFD, which makes its line a broken row.
    """
    return (block.decode() for block in utf8_blocks(stream, block_bytes))


def utf8_blocks(stream: BinaryIO, block_bytes: int = BLOCK_BYTES) -> Iterator[bytes]:
    """The same blocks as UTF-8: those that are so already are not copied."""
    start = stream.read(4)
    stream.seek(0)
    head = stream.read(BLOCK_BYTES // 256)
    stream.seek(0)
    if b"\r" in head and b"\n" not in head:
        stream = io.BytesIO(stream.read().replace(b"\r", b"\n"))  # an old Mac: small, or refused
    if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        yield from utf16_blocks(stream, block_bytes)
    else:
        stream.seek(len(codecs.BOM_UTF8) if start.startswith(codecs.BOM_UTF8) else 0)
        yield from eight_bit_blocks(stream, block_bytes)


def utf16_blocks(stream: BinaryIO, block_bytes: int) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder("utf-16")(errors="replace")
    rest = ""
    while chunk := stream.read(block_bytes):
        lines, end, rest = (rest + decoder.decode(chunk)).rpartition("\n")
        if end:
            yield end_lines(lines.encode())
    if rest := rest + decoder.decode(b"", final=True):
        yield end_lines(rest.encode())


def eight_bit_blocks(stream: BinaryIO, block_bytes: int) -> Iterator[bytes]:
    rest = b""
    encoding = "utf-8"
    is_plain = True
    while chunk := stream.read(block_bytes):
        end = chunk.rfind(b"\n")
        if end < 0:
            rest += chunk
            continue
        lines = b"".join((rest, memoryview(chunk)[:end]))
        rest = chunk[end + 1 :]
        block, encoding = as_utf8(lines, encoding, may_be_cp1252=is_plain)
        is_plain = is_plain and encoding != "cp1252" and lines.isascii()
        yield end_lines(block)
    if rest:
        yield end_lines(as_utf8(rest, encoding, may_be_cp1252=is_plain)[0])


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
