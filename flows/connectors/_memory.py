"""Memory that two processes see: rows are written there by one, and lie there for the other.

What is read of them is not copied: the memory is written again only when nobody holds a row of it.
"""

import errno
import io
import mmap
import os
import tempfile

import polars as pl


def unnamed() -> int:
    """The descriptor of what has no name and lies on no disk, where the system has such a thing."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("page")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


class Memory:
    """One piece of it, which grows with what is written."""

    def __init__(self, descriptor: int) -> None:
        self.file = io.FileIO(descriptor, "r+b")
        self.seen: mmap.mmap | None = None
        self.lent = memoryview(b"")

    def close(self) -> None:
        """Rows that somebody holds stay."""
        self.file.close()

    def is_held(self) -> bool:
        """Does anybody hold rows that lie here?"""
        try:
            self.lent.release()
        except BufferError:
            return True
        return False

    def write(self, rows: pl.DataFrame) -> int:
        """How many bytes they take; what lay here is gone. OSError where there is no room."""
        self.file.seek(0)
        try:
            rows.write_ipc_stream(self.file, compat_level=pl.CompatLevel.newest())
        except OSError as fault:  # of the library, without the number of the system
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)) from fault
        return self.file.tell()

    def read(self, size: int) -> pl.DataFrame:
        """The rows as they lie here; raises ArrowException or PolarsError where they are none."""
        from pyarrow import ipc, py_buffer  # who writes does without: it takes a third of its start

        if self.seen is None or len(self.seen) < size:
            self.seen = mmap.mmap(self.file.fileno(), size, access=mmap.ACCESS_READ)
        self.lent = memoryview(self.seen)
        return pl.DataFrame(ipc.open_stream(py_buffer(self.lent)).read_all())
