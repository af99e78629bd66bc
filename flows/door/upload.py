"""A file on its way in: streamed to the disk, counted, never held in memory."""

import contextlib
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from fastapi import HTTPException, Request

from flows.door.body import blocks
from flows.errors import BatchRefused
from flows.intake.landing import suffix_of
from flows.language import _
from flows.payroll import HEAD_BYTES, refuse_payroll

LARGEST_BYTES = 200_000_000
WHOLE_SECONDS = 3600
"""For 200 MB over half a megabit a second."""
LONGEST_NAME = 150
INCOMING = "serving/incoming"
"""Beside landing, in which a backup may be reading: nothing there is ever half written."""


@contextlib.contextmanager
def incoming_file(home: Path, name: str) -> Iterator[tuple[Path, str]]:
    """A private place for the bytes, gone afterwards, and the name without any folder."""
    clean = PurePosixPath(name.replace("\\", "/")).name.strip()
    if not clean or len(clean) > LONGEST_NAME or not clean.isprintable() or clean[0] == ".":
        raise HTTPException(
            422, _("give the file a name: PUT …/{feed}/export.csv, or POST …?name=export.csv")
        )
    folder = home / INCOMING
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = folder / f"{uuid.uuid4().hex}{suffix_of(clean)}"
    file.touch(mode=0o600)
    try:
        yield file, clean
    finally:
        file.unlink(missing_ok=True)


def clear_incoming(home: Path) -> None:
    """Remove what was half there when a door was killed; to be called before one takes anything."""
    shutil.rmtree(home / INCOMING, ignore_errors=True)


async def receive(request: Request, file: Path, name: str) -> None:
    """Write the body; 413 as soon as it is too large, 422 when there is nothing, or may not be.

    408 when it comes too slowly.
    """
    said = request.headers.get("content-length", "")
    size_bytes = 0
    too_large = HTTPException(413, _("a file may have 200 MB at most: send it in parts"))
    if said.isdecimal() and int(said) > LARGEST_BYTES:
        raise too_large
    head = b""  # held back until it says what the file is
    with file.open("wb") as stream:
        async for block in blocks(request, WHOLE_SECONDS):
            size_bytes += len(block)
            if size_bytes > LARGEST_BYTES:
                raise too_large
            if size_bytes - len(block) >= HEAD_BYTES:
                stream.write(block)
                continue
            head += block
            if len(head) >= HEAD_BYTES:
                check_head(head, name)
                stream.write(head)
        if len(head) < HEAD_BYTES:
            check_head(head, name)
            stream.write(head)
    if not size_bytes:
        raise HTTPException(422, _("the file is empty"))


def check_head(head: bytes, name: str) -> None:
    """422 for a payroll declaration, before a byte of it is written."""
    try:
        refuse_payroll(head, name)
    except BatchRefused as fault:
        raise HTTPException(422, str(fault)) from fault
