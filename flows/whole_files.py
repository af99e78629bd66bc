"""Files that are there whole or not at all, whatever stops the process or the machine."""

import ctypes
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

OWNER_ALONE = 0o600
AS_USUAL = 0o666
"""What the user's umask leaves of it."""


@contextmanager
def written_whole(file: Path, mode: int = OWNER_ALONE) -> Iterator[Path]:
    """The path to write to; what stands there takes the name of `file` in one step.

    It is on the disk when it has its name. After an error the former file is as it was, and nothing
    of the new one is left. Raises OSError where it cannot be written.
    """
    unfinished = file.with_name(f"{file.name}.part")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=mode, exist_ok=False)
    try:
        yield unfinished
        flush(unfinished)
        os.replace(unfinished, file)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    flush(file.parent)


def flush(path: Path) -> None:
    """Make sure that a file, or which names a folder holds, is on the disk; raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


EXCHANGE, FROM_HERE = 2, -100
"""`RENAME_EXCHANGE` and `AT_FDCWD` of Linux: two names change places in one step."""


def switch_folder(beside: Path, folder: Path) -> None:
    """Let a folder that is whole stand where another one may, and take that one away.

    Both lie in one folder. It is one step where the system can exchange two names, else two.
    Nothing is flushed: such a folder can be made again. Raises OSError where it cannot be done:
    then the former one stands.
    """
    if not folder.exists():
        os.rename(beside, folder)
    elif exchanged(beside, folder):
        shutil.rmtree(beside, ignore_errors=True)
    else:
        former = folder.with_name(f"{beside.name}.former")
        os.rename(folder, former)
        try:
            os.rename(beside, folder)
        except OSError:
            os.rename(former, folder)
            raise
        shutil.rmtree(former, ignore_errors=True)
    flush(folder.parent)


def exchanged(one: Path, other: Path) -> bool:
    """Have two names changed places? Not every system and disk can do it."""
    call = getattr(ctypes.CDLL(None), "renameat2", None)
    return call is not None and not call(
        FROM_HERE, os.fsencode(one), FROM_HERE, os.fsencode(other), EXCHANGE
    )
