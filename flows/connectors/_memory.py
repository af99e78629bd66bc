"""Memory that two processes see: rows are written there by one, and lie there for the other.

What is read of them is not copied: the memory is written again only when nobody holds a row of it.
"""

import mmap
import os
import tempfile

import polars as pl
import pyarrow as pa
import pyarrow.ipc


def unnamed() -> int:
    """The descriptor of what has no name and lies on no disk, where the system has such a thing."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("page")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


class Memory:
    """One piece of it, which grows with what is written."""

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.seen: mmap.mmap | None = None
        self.lent = memoryview(b"")

    def close(self) -> None:
        """Rows that somebody holds stay."""
        os.close(self.descriptor)

    def at_least(self, size: int, access: int) -> mmap.mmap:
        if self.seen is None or len(self.seen) < size:
            self.seen = mmap.mmap(self.descriptor, size, access=access)
        return self.seen

    def is_held(self) -> bool:
        """Does anybody hold rows that lie here?"""
        try:
            self.lent.release()
        except BufferError:
            return True
        return False

    def write(self, rows: pl.DataFrame) -> int:
        """How many bytes they take; what lay here is gone."""
        table = rows.to_arrow(compat_level=pl.CompatLevel.newest())
        counted = pa.MockOutputStream()
        stream(table, counted)
        size: int = counted.size()
        if self.seen is None or len(self.seen) < size:
            os.ftruncate(self.descriptor, size)
        here = self.at_least(size, mmap.ACCESS_WRITE)
        stream(table, pa.FixedSizeBufferWriter(pa.py_buffer(here)))
        return size

    def read(self, size: int) -> pl.DataFrame:
        """The rows as they lie here; raises ArrowException or PolarsError where they are none."""
        self.lent = memoryview(self.at_least(size, mmap.ACCESS_READ))
        table = pa.ipc.open_stream(pa.py_buffer(self.lent)).read_all()
        return pl.DataFrame(table)


def stream(table: pa.Table, target: pa.NativeFile) -> None:
    with pa.ipc.new_stream(target, table.schema) as writer:
        writer.write_table(table)
