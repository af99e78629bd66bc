"""Bytes of a text file as blocks of whole lines: UTF-8, UTF-8 with BOM, UTF-16 or CP1252."""

import codecs
from collections.abc import Iterator
from typing import BinaryIO

BLOCK_BYTES = 16 * 1024 * 1024
UNREADABLE = "\ufffd"


def text_blocks(stream: BinaryIO, block_bytes: int = BLOCK_BYTES) -> Iterator[str]:
    """Blocks of complete lines, ends of line as `\\n`; memory does not grow with the file.

    A file without a mark is UTF-8 until a byte says otherwise, then CP1252. A byte that is
    neither becomes U+FFFD, which makes its line a broken row.
    """
    start = stream.read(4)
    stream.seek(0)
    if start[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        yield from utf16_blocks(stream, block_bytes)
    else:
        yield from eight_bit_blocks(stream, block_bytes)


def utf16_blocks(stream: BinaryIO, block_bytes: int) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-16")(errors="replace")
    rest = ""
    while chunk := stream.read(block_bytes):
        lines, end, rest = (rest + decoder.decode(chunk)).rpartition("\n")
        if end:
            yield end_lines(lines)
    if rest := rest + decoder.decode(b"", final=True):
        yield end_lines(rest)


def eight_bit_blocks(stream: BinaryIO, block_bytes: int) -> Iterator[str]:
    rest = b""
    encoding = "utf-8-sig"
    is_plain = True
    while chunk := stream.read(block_bytes):
        block, _, tail = chunk.rpartition(b"\n")
        if not block and b"\n" not in chunk:
            rest += chunk
            continue
        lines, rest = rest + block, tail
        text, encoding = decode(lines, encoding, may_be_cp1252=is_plain)
        is_plain = is_plain and encoding != "cp1252" and lines.isascii()
        yield end_lines(text)
    if rest:
        yield end_lines(decode(rest, encoding, may_be_cp1252=is_plain)[0])


def decode(block: bytes, encoding: str, *, may_be_cp1252: bool) -> tuple[str, str]:
    """The text of a block and the encoding of what follows it."""
    try:
        return block.decode(encoding), "utf-8" if encoding == "utf-8-sig" else encoding
    except UnicodeDecodeError:
        lenient = block.decode(encoding, errors="replace")
        has_other_accents = not lenient.replace(UNREADABLE, "").isascii()
        if encoding == "cp1252" or has_other_accents or not may_be_cp1252:
            return lenient, encoding
        return block.decode("cp1252", errors="replace"), "cp1252"


def end_lines(text: str) -> str:
    return text.replace("\r\n", "\n").removesuffix("\r")
