"""Reading in a process of its own: a crash, a hang or a hunger for memory there ends one delivery.

The process is started once, reads one delivery after the other, and is started anew when it had to
be ended. It reads a page when it is asked for one, so that it is watched whenever it works. What
goes between the two stays in memory.
"""

import atexit
import json
import os
import pickle
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle, send_handle
from pathlib import Path
from typing import Any

import polars as pl

from flows import errors
from flows.connectors._memory import Memory, unnamed
from flows.errors import BatchRefused, ImpactError, is_of_the_disk, kind_and_place
from flows.language import _
from flows.records import Broken, Page

LOOK_SECONDS = 0.05
PIECES = 2
"""Of memory: the last page is still held when the next one is asked for."""
KEEPS_MEMORY = {
    "_RJEM_MALLOC_CONF": "dirty_decay_ms:-1",
    "MALLOC_MMAP_THRESHOLD_": str(32 << 20),
    "MALLOC_TRIM_THRESHOLD_": str(512 << 20),
}
"""Page after page needs the same memory: given back in between, it takes half as long to get it."""
MOST_IDLE_BYTES = 300_000_000
"""What holds more is ended with its delivery, which is settled in the memory that it leaves; to
start another takes half a second of the processor."""
MEMORY_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
ORPHAN_SECONDS = 3600
"""Of the processor: where nobody is left to watch it, the system ends it."""

Pages = Generator[Page, None, None]
Read = Callable[..., Iterator[Page]]
Request = tuple[Read, tuple[Any, ...], str]
"""What to read, and the name of the delivery."""


@dataclass(frozen=True)
class Limits:
    """What the reading of a page may take; one of a workbook is all of its sheet."""

    seconds: float = 300
    memory_bytes: int = 750_000_000


AS_USUAL = Limits()


class Reader:
    """The other process, and the line to it."""

    def __init__(self) -> None:
        here, there = socket.socketpair()
        code = f"from flows.connectors._apart import main; main({there.fileno()})"
        with there:
            self.process = subprocess.Popen(
                [sys.executable, "-c", code],
                pass_fds=[there.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,  # the words of a panic may quote a cell
                env={**os.environ, **KEEPS_MEMORY},
            )
        self.line = Connection(here.detach())
        self.owner = os.getpid()
        self.pages = 0
        self.memory: dict[int, Memory] = {}

    def end(self) -> None:
        """End it, whatever it does."""
        self.line.close()
        for memory in self.memory.values():
            memory.close()
        self.process.kill()
        self.process.wait()

    def ask(self, request: Request | None) -> None:
        """Ask for a page: the first of a request, else the next."""
        self.pages += 1
        piece = self.pages % PIECES
        known = self.memory.get(piece)
        is_new = known is None or known.is_held()
        if is_new:
            if known:
                known.close()
            self.memory[piece] = Memory(unnamed())
        with suppress(BrokenPipeError):  # then there is no answer either
            self.line.send_bytes(bytes([piece, is_new]) + pickle.dumps(request))
            if is_new:
                send_handle(self.line, self.memory[piece].file.fileno(), self.process.pid)

    def rows(self, size: int) -> pl.DataFrame:
        """Those of the page that was answered last."""
        return self.memory[self.pages % PIECES].read(size)

    def answer(self, name: str, limits: Limits) -> dict[str, Any]:
        """What it says of the page; raises BatchRefused where it says nothing."""
        until = time.monotonic() + limits.seconds
        try:
            while not self.line.poll(LOOK_SECONDS):
                if time.monotonic() > until:
                    what = _("reading it took more than {seconds} seconds")
                    raise stopped(what.format(seconds=round(limits.seconds)), name)
                if memory_bytes(self.process.pid) > limits.memory_bytes:
                    what = _("reading it took more than {size} MB of memory")
                    raise stopped(what.format(size=limits.memory_bytes // 1_000_000), name)
            told: dict[str, Any] = json.loads(self.line.recv_bytes())
        except (EOFError, OSError) as fault:
            raise stopped(_("its reader crashed"), name) from fault
        return told


def stopped(what: str, name: str) -> BatchRefused:
    remedy = _("send it in parts, or save it again in another format, such as CSV")
    return BatchRefused(what, where=name, remedy=remedy)


def memory_bytes(process: int) -> int:
    """What it holds in memory; zero where the system does not tell."""
    try:
        told = Path(f"/proc/{process}/statm").read_text()
    except OSError:
        return 0
    return int(told.split()[1]) * MEMORY_PAGE_BYTES


idle: list[Reader] = []


@atexit.register
def end_idle() -> None:
    for reader in idle:
        if reader.owner == os.getpid():
            reader.end()
    idle.clear()


def read_apart(read: Read, *request: Any, name: str, limits: Limits = AS_USUAL) -> Pages:
    """The pages that `read(*request)` gives in the other process; both are pickled.

    Raises what it raises of ours, OSError for a fault of the disk, and BatchRefused where it
    raises anything else, crashes, or takes more than it may.
    """
    while idle and (idle[-1].owner != os.getpid() or idle[-1].process.poll() is not None):
        idle.pop()
    reader = idle.pop() if idle else Reader()
    waits_for_us = False
    try:
        reader.ask((read, request, name))
        while True:
            told = reader.answer(name, limits)
            waits_for_us = True
            if "fault" in told:
                raise fault_of(told)
            if not told:
                return
            yield page_of(told, reader, name)
            waits_for_us = False
            reader.ask(None)
    finally:
        if waits_for_us and memory_bytes(reader.process.pid) < MOST_IDLE_BYTES:
            idle.append(reader)
        else:
            reader.end()


def fault_of(told: dict[str, Any]) -> Exception:
    if told["fault"] == "OSError":
        return OSError(told["errno"], told["what"])
    kind: type[ImpactError] = getattr(errors, told["fault"])
    fault = kind(told["what"], where=told["where"], remedy=told["remedy"])
    fault.hidden = told["hidden"]
    return fault


def page_of(told: dict[str, Any], reader: Reader, name: str) -> Page:
    """Raises BatchRefused for rows that are none."""
    import pyarrow as pa

    try:
        rows = reader.rows(told.pop("rows"))
    except (pa.ArrowException, pl.exceptions.PolarsError) as fault:
        raise gave_up(fault, name) from None
    whole_from = told["whole_from"] and date.fromisoformat(told["whole_from"])
    broken = [Broken(*fields) for fields in told["broken"]]
    return Page(rows=rows, **{**told, "broken": broken, "whole_from": whole_from})


def main(descriptor: int) -> None:
    """The other process: it answers until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one that asks
    resource.setrlimit(resource.RLIMIT_CPU, (ORPHAN_SECONDS, ORPHAN_SECONDS))
    with suppress(OSError):  # where memory ends, the system is to choose this process
        Path("/proc/self/oom_score_adj").write_text("1000")
    line = Connection(descriptor)
    pages: Iterator[Page] = iter(())
    name = ""
    pieces: dict[int, Memory] = {}
    with suppress(EOFError, OSError):
        while True:
            asked = line.recv_bytes()
            piece, is_new = asked[:2]
            if is_new:
                if piece in pieces:
                    pieces[piece].close()
                pieces[piece] = Memory(recv_handle(line))
            try:
                request = pickle.loads(asked[2:])
                if request:
                    read, given, name = request
                    pages = read(*given)
                answer = page_answer(next(pages, None), pieces[piece])
            except BaseException as fault:
                answer = fault_answer(fault, name)
            line.send_bytes(json.dumps(answer).encode())


def page_answer(page: Page | None, memory: Memory) -> dict[str, Any]:
    """What is told of a page; its rows go into memory. Nothing at the end."""
    if page is None:
        return {}
    told = {**vars(page), "rows": memory.write(page.rows)}
    told["broken"] = [list(vars(row).values()) for row in page.broken]
    told["whole_from"] = page.whole_from and page.whole_from.isoformat()
    return told


def fault_answer(fault: BaseException, name: str) -> dict[str, Any]:
    if is_of_the_disk(fault):
        return {"fault": "OSError", "errno": fault.errno, "what": fault.strerror}
    said = fault if isinstance(fault, ImpactError) else gave_up(fault, name)
    return {"fault": type(said).__name__, **vars(said)}


def gave_up(fault: BaseException, name: str) -> BatchRefused:
    """What a reader raised that nobody foresaw, in words: its own could quote a cell."""
    return BatchRefused(
        _("its reader gave up ({kind} at {file}:{line})").format(**kind_and_place(fault)),
        where=name,
        remedy=_("save it again, or send it in another format; if it is right, report this line"),
    )
