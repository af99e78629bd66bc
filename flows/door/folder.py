"""A watched folder a source: `inbox/<place>/<source>`, where a share or a sync client lays files.

A file is taken when nothing about it has changed for a while, or when `<name>.ok` says that it is
whole. It is taken once: landed, announced, and removed from the folder.
"""

import asyncio
import logging
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from watchfiles import awatch

from flows.door.places import is_brought
from flows.errors import ImpactError
from flows.events import announce
from flows.language import _
from flows.places import Place, Source

if TYPE_CHECKING:
    from flows.door.app import Door

logger = logging.getLogger("impact")

STABLE_SECONDS = 10
LOOK_SECONDS = 2
MARK = ".ok"
UNFINISHED = (".part", ".tmp", ".crdownload", ".filepart", ".swp", "~")


@dataclass
class Sizes:
    """Since when each file has been as it is."""

    seen: dict[Path, tuple[int, int, float]] = field(default_factory=dict)

    def is_stable(self, file: Path, now: float) -> bool:
        state = file.stat()
        then = self.seen.get(file)
        if then is None or then[:2] != (state.st_size, state.st_mtime_ns):
            self.seen[file] = (state.st_size, state.st_mtime_ns, now)
            return False
        return now - then[2] >= STABLE_SECONDS


def folders(door: "Door") -> dict[Path, tuple[Place, Source]]:
    """The folder of each declared source, made where it is missing."""
    found = {}
    for place in door.known.places().values():
        for source in filter(is_brought, place.sources):
            folder = door.settings.home / "inbox" / place.id / source.id
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            found[folder] = (place, source)
    return found


def whole_files(folder: Path, sizes: Sizes, now: float) -> list[Path]:
    """The files of a folder that can be taken now."""
    whole = []
    for file in sorted(folder.iterdir()):
        if not file.is_file() or file.is_symlink() or file.name.startswith("."):
            continue
        if file.name.endswith((MARK, *UNFINISHED)):
            continue
        if file.with_name(file.name + MARK).exists() or sizes.is_stable(file, now):
            whole.append(file)
    return whole


def take_all(door: "Door", sizes: Sizes) -> int:
    """Land every whole file; how many others are still growing or waiting."""
    from flows.door.app import landed

    left = 0
    try:
        places = folders(door)
    except ImpactError as fault:
        logger.error("%s", fault)
        return 0
    for folder, (place, source) in places.items():
        for file in whole_files(folder, sizes, time.monotonic()):
            batch, now = door.take(file, file.name, place, source)
            file.unlink()
            file.with_name(file.name + MARK).unlink(missing_ok=True)
            sizes.seen.pop(file, None)
            announce(landed(batch, now))
        left += sum(1 for file in folder.iterdir() if file.is_file())
    return left


async def watch(door: "Door", stop: asyncio.Event) -> None:
    """Until the door closes: look when something changed, and once a minute."""
    sizes = Sizes()
    root = door.settings.home / "inbox"
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    left = await asyncio.to_thread(take, door, sizes)
    async for _changes in awatch(
        root, stop_event=stop, yield_on_timeout=True, rust_timeout=60_000, force_polling=False,
        debounce=500,
    ):  # fmt: skip
        left = await asyncio.to_thread(take, door, sizes)
        while left and not stop.is_set():
            await asyncio.sleep(LOOK_SECONDS)
            left = await asyncio.to_thread(take, door, sizes)


def take(door: "Door", sizes: Sizes) -> int:
    """As `take_all`; a disk that gives up now may not do so the next time."""
    try:
        return take_all(door, sizes)
    except OSError as fault:
        logger.error(_("the watched folder cannot be read: %s"), type(fault).__name__)
        return 0
