"""Files that are there whole or not at all, whatever stops the process or the machine."""

import os
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
