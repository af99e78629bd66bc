"""What the machine refuses, in words: room on the disk, the right to write, one more open file."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from flows.errors import ImpactError, reason
from flows.language import N_, _

LEAST_BYTES = 5_000_000
"""With less than this on its disk, a database may write nothing any more."""
Scarce = Literal["room", "rights", "files"]
NUMBERS: dict[Scarce, tuple[int, ...]] = {
    "room": (errno.ENOSPC, errno.EDQUOT),
    "rights": (errno.EROFS, errno.EACCES, errno.EPERM),
    "files": (errno.EMFILE, errno.ENFILE),
}
SAID: dict[Scarce, tuple[str, ...]] = {
    "room": (*map(os.strerror, NUMBERS["room"]), "database or disk is full"),
    "rights": (os.strerror(errno.EROFS), "readonly database", "read-only database"),
    "files": tuple(map(os.strerror, NUMBERS["files"])),
}
"""How libraries repeat it that keep no number: DuckDB, SQLite, Parquet."""
SENTENCES: dict[Scarce, tuple[str, str]] = {
    "room": (
        N_("the disk is full"),
        N_("make room there, and run again: nothing that was received is lost"),
    ),
    "rights": (
        N_("this user cannot write there ({reason})"),
        N_("give this user the rights, or have the disk writable again"),
    ),
    "files": (
        N_("too many files are open"),
        N_("raise the limit of open files of this user (`ulimit -n`), and run again"),
    ),
}


class MachineRefuses(ImpactError):
    """Nobody's input is at fault: the machine has none of something left."""

    def __init__(self, scarce: Scarce, where: Path, why: str = "") -> None:
        self.scarce = scarce
        what, remedy = map(_, SENTENCES[scarce])
        super().__init__(what.format(reason=why), where=str(where), remedy=remedy)


def refusal(fault: BaseException, home: Path) -> MachineRefuses | None:
    """What the machine refused, when that is behind a fault: as it says itself, or the home shows.

    A server that cannot write answers 500, and keeps the reason to itself: the home has it too.
    """
    for one in behind(fault):
        if isinstance(one, MachineRefuses):
            return one
        if scarce := scarce_for(one):
            is_named = isinstance(one, OSError) and isinstance(one.filename, str | bytes)
            where = Path(os.fsdecode(one.filename)) if is_named else home  # type: ignore[attr-defined]
            return MachineRefuses(scarce, where, why(one))
    return refusal_of(home)


def scarce_for(fault: BaseException) -> Scarce | None:
    """What there was none of, as a fault says it: by its number, else by its text."""
    if isinstance(fault, OSError) and fault.errno:
        return next((s for s, numbers in NUMBERS.items() if fault.errno in numbers), None)
    text = str(fault)
    return next((s for s, said in SAID.items() if any(words in text for words in said)), None)


def why(fault: BaseException) -> str:
    """Why the machine refused, without a value; empty where it did not."""
    scarce = scarce_for(fault)
    if scarce is None:
        return ""
    return reason(fault) if isinstance(fault, OSError) else _(os.strerror(NUMBERS[scarce][0]))


def refusal_of(home: Path) -> MachineRefuses | None:
    """The same of a home as it is now; it need not be there yet."""
    there = next(path for path in (home, *home.parents) if path.exists())
    disk = os.statvfs(there)
    if disk.f_flag & os.ST_RDONLY:
        return MachineRefuses("rights", home, _(os.strerror(errno.EROFS)))
    if not os.access(there, os.W_OK | os.X_OK):
        return MachineRefuses("rights", home, _(os.strerror(errno.EACCES)))
    if disk.f_bavail * disk.f_frsize < LEAST_BYTES:
        return MachineRefuses("room", home)
    return None


def behind(fault: BaseException) -> Iterator[BaseException]:
    """A fault, and what it came from."""
    seen: set[int] = set()
    waiting = [fault]
    while waiting:
        one = waiting.pop()
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        waiting += [cause for cause in (one.__context__, one.__cause__) if cause]
        if isinstance(one, BaseExceptionGroup):
            waiting += one.exceptions
