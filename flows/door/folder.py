"""A watched folder a source: `inbox/<place>/<source>`, where a share or a sync client lays files.

A file is taken when nothing about it has changed for a while, or when `<name>.ok` says that it is
whole. It is taken once: landed, announced, and removed from the folder. A change wakes the watch,
and a clock does: what another machine writes on a share tells no watcher of this one.
"""

import asyncio
import contextlib
import logging
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from watchfiles import awatch

from flows.door.door import Door, landed
from flows.door.places import is_brought
from flows.errors import BatchRefused, ImpactError, reason
from flows.language import _
from flows.operation.alerts import Alert, raise_alerts
from flows.places import Place
from flows.serving.events import announce
from flows.shown_names import nth_file
from flows.sources import Source

logger = logging.getLogger("impact")

STABLE_SECONDS = 10
LOOK_SECONDS = 2
"""Between two looks at a file that may still grow."""
IDLE_SECONDS = 10
"""Between two looks when nothing changes."""
AGAIN_SECONDS = 60
"""Until a file that could not be taken is tried again: its rights, or the disk, may be others."""
OLD_ENCODING = "cp1252"
"""Of names that are no UTF-8: old shares and archives have those of Western Windows."""
MARK = ".ok"
LONGEST_NAME_BYTES = 255
"""Of one name in a folder, on Linux."""
UNFINISHED = (".part", ".tmp", ".crdownload", ".filepart", ".swp", "~")


@dataclass
class Sizes:
    """Since when each file has been as it is, and until when what failed is left alone."""

    seen: dict[Path, tuple[int, int, float]] = field(default_factory=dict)
    put_off: dict[Path, float] = field(default_factory=dict)

    def is_stable(self, file: Path, now: float) -> bool:
        state = file.stat()
        then = self.seen.get(file)
        if then is None or then[:2] != (state.st_size, state.st_mtime_ns):
            self.seen[file] = (state.st_size, state.st_mtime_ns, now)
            return False
        return now - then[2] >= STABLE_SECONDS

    def is_anything_growing(self) -> bool:
        self.seen = {file: state for file, state in self.seen.items() if file.exists()}
        return not self.seen.keys() <= self.put_off.keys()

    def is_put_off(self, path: Path, now: float) -> bool:
        return now < self.put_off.get(path, now)

    def forget(self, file: Path) -> None:
        self.seen.pop(file, None)
        self.put_off.pop(file, None)


def folders(door: Door) -> dict[Path, tuple[Place, Source]]:
    """The folder of each declared source."""
    return {
        door.settings.home / "inbox" / place.id / source.id: (place, source)
        for place in door.known.places().values()
        for source in filter(is_brought, place.sources)
    }


def whole_files(folder: Path, sizes: Sizes, now: float) -> list[Path]:
    """The files of a folder that can be taken now."""
    whole = []
    for file in sorted(folder.iterdir()):
        if not file.is_file() or file.is_symlink() or file.name.startswith("."):
            continue
        if file.name.endswith((MARK, *UNFINISHED)) or sizes.is_put_off(file, now):
            continue
        if mark_of(file).exists() or sizes.is_stable(file, now):
            whole.append(file)
    return whole


def mark_of(file: Path) -> Path:
    """What says that a file is whole; of a name that leaves no room for it, there is none."""
    name = file.name + MARK
    return file.with_name(name if len(os.fsencode(name)) <= LONGEST_NAME_BYTES else MARK)


def take_all(door: Door, sizes: Sizes) -> None:
    """Land every whole file."""
    for folder, (place, source) in folders(door).items():
        now = time.monotonic()
        if sizes.is_put_off(folder, now):
            continue
        with on_its_own(folder, sizes, place, source):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            for file in whole_files(folder, sizes, now):
                with on_its_own(file, sizes, place, source):
                    take_one(door, file, place, source)
                    sizes.forget(file)


@contextlib.contextmanager
def on_its_own(path: Path, sizes: Sizes, place: Place, source: Source) -> Iterator[None]:
    """A fault of one file or folder, whatever it is, stops no other."""
    try:
        yield
    except ImpactError as fault:
        sizes.put_off[path] = time.monotonic() + AGAIN_SECONDS
        logger.error("%s, %s: %s", place.id, source.id, fault)
    except Exception as fault:
        sizes.put_off[path] = time.monotonic() + AGAIN_SECONDS
        logger.error(
            _(
                "what lies in the folder of {place}, {source} cannot be taken ({kind}) → see its "
                "name, its rights and the free space; it is tried again in a minute"
            ).format(place=place.id, source=source.id, kind=kind_of(fault))
        )


def kind_of(fault: Exception) -> str:
    """Why the system refused, or what kind of fault of ours it is; never a value."""
    return reason(fault) if isinstance(fault, OSError) else type(fault).__name__


def take_one(door: Door, file: Path, place: Place, source: Source) -> None:
    try:
        batch, now = door.take(file, written_name(file), place, source)
    except BatchRefused as fault:  # it lies there until somebody removes it
        there = sorted(one for one in file.parent.iterdir() if not one.name.endswith(MARK))
        fault.where = nth_file(written_name(file), source, 1 + there.index(file))
        text = f"{place.id}, {source.id}: {fault}"
        raise_alerts(door.settings, [Alert(f"inbox|{text}", "refused", text)])
        raise
    file.unlink()
    mark_of(file).unlink(missing_ok=True)
    announce(landed(batch, now))


def written_name(file: Path) -> str:
    """The name as text, which the bytes of a name need not be."""
    name = os.fsencode(file.name)
    try:
        return name.decode()
    except UnicodeDecodeError:
        return name.decode(OLD_ENCODING, "replace")


async def watch(door: Door, stop: asyncio.Event) -> None:
    """Until the door closes."""
    sizes = Sizes()
    while not stop.is_set():
        pause_seconds = await asyncio.to_thread(take, door, sizes)
        await change(door.settings.home / "inbox", pause_seconds, stop)


async def change(root: Path, seconds: float, stop: asyncio.Event) -> None:
    """Wait until something changes below a folder, for so long at most."""
    if seconds > LOOK_SECONDS and await is_seen(root, seconds, stop):
        return
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), LOOK_SECONDS)


async def is_seen(root: Path, seconds: float, stop: asyncio.Event) -> bool:
    """The same, told by the system; false when it cannot tell, as of a name that is no UTF-8."""
    changes = awatch(
        root, stop_event=stop, yield_on_timeout=True, rust_timeout=int(seconds * 1000), debounce=500
    )
    try:
        async with contextlib.aclosing(changes):
            await anext(changes, None)
    except Exception:  # whatever the watcher's fault is, the folder is looked at all the same
        return False
    return True


def take(door: Door, sizes: Sizes) -> float:
    """As `take_all`; in how many seconds to look again."""
    try:
        take_all(door, sizes)
    except ImpactError as fault:
        logger.error("%s", fault)
    except Exception as fault:
        logger.error(_("the watched folders cannot be read: %s"), kind_of(fault))
    else:
        return LOOK_SECONDS if sizes.is_anything_growing() else IDLE_SECONDS
    return AGAIN_SECONDS
