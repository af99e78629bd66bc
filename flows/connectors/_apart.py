"""Reading in a process of its own: a crash, a hang or a hunger for memory there ends one delivery.

The process is started once, reads one delivery after the other, and is started anew when it had to
be ended. It reads a page when it is asked for one, so that it is watched whenever it works. What
goes between the two stays in memory.
"""

import atexit
import io
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
from pathlib import Path
from typing import Any

import polars as pl

from flows import errors
from flows.errors import BatchRefused, ImpactError, is_of_the_disk, kind_and_place
from flows.language import _
from flows.records import Broken, Page

LOOK_SECONDS = 0.05
NEXT = b""
"""Asks for the next page; anything else is another delivery."""
MEMORY_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
ORPHAN_SECONDS = 3600
"""Of the processor: where nobody is left to watch it, the system ends it."""

Pages = Generator[Page, None, None]
Read = Callable[..., Iterator[Page]]


@dataclass(frozen=True)
class Limits:
    """What the reading of a page may take; one of a workbook is all of its sheet."""

    seconds: float = 300
    memory_bytes: int = 1_000_000_000


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
            )
        self.line = Connection(here.detach())
        self.owner = os.getpid()

    def end(self) -> None:
        """End it, whatever it does."""
        self.line.close()
        self.process.kill()
        self.process.wait()

    def answer(self, name: str, limits: Limits) -> tuple[dict[str, Any], bytes]:
        """Its next answer and the rows with it; raises BatchRefused where none comes."""
        until = time.monotonic() + limits.seconds
        try:
            while not self.line.poll(LOOK_SECONDS):
                if time.monotonic() > until:
                    what = _("reading it took more than {seconds} seconds")
                    raise stopped(what.format(seconds=round(limits.seconds)), name)
                if memory_bytes(self.process.pid) > limits.memory_bytes:
                    what = _("reading it took more than {size} MB of memory")
                    raise stopped(what.format(size=limits.memory_bytes // 1_000_000), name)
            head, _line, rows = self.line.recv_bytes().partition(b"\n")
        except (EOFError, OSError) as fault:
            raise stopped(_("its reader crashed"), name) from fault
        return json.loads(head), rows


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
        asked = pickle.dumps((read, request, name))
        while True:
            with suppress(BrokenPipeError):  # then there is no answer either
                reader.line.send_bytes(asked)
            told, rows = reader.answer(name, limits)
            waits_for_us = True
            if "fault" in told:
                raise fault_of(told)
            if not told:
                return
            yield page_of(told, rows, name)
            asked, waits_for_us = NEXT, False
    finally:
        if waits_for_us:
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


def page_of(told: dict[str, Any], rows: bytes, name: str) -> Page:
    """Raises BatchRefused for rows that are none: text that is no UTF-8 was read without a look."""
    try:
        frame = pl.read_ipc_stream(io.BytesIO(rows))
    except pl.exceptions.PolarsError as fault:
        raise gave_up(fault, name) from None
    whole_from = told["whole_from"] and date.fromisoformat(told["whole_from"])
    broken = [Broken(*fields) for fields in told["broken"]]
    return Page(rows=frame, **{**told, "broken": broken, "whole_from": whole_from})


def main(descriptor: int) -> None:
    """The other process: it answers until nobody asks any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one that asks
    resource.setrlimit(resource.RLIMIT_CPU, (ORPHAN_SECONDS, ORPHAN_SECONDS))
    with suppress(OSError):  # where memory ends, the system is to choose this process
        Path("/proc/self/oom_score_adj").write_text("1000")
    line = Connection(descriptor)
    pages: Iterator[Page] = iter(())
    name = ""
    with suppress(EOFError, OSError):
        while True:
            asked = line.recv_bytes()
            try:
                if asked:
                    read, request, name = pickle.loads(asked)
                    pages = read(*request)
                answer = page_answer(next(pages, None))
            except BaseException as fault:
                answer = fault_answer(fault, name)
            line.send_bytes(answer)


def page_answer(page: Page | None) -> bytes:
    """A line of JSON, and the rows as Arrow; an empty object at the end."""
    if page is None:
        return b"{}\n"
    told = {name: value for name, value in vars(page).items() if name != "rows"}
    told["broken"] = [list(vars(row).values()) for row in page.broken]
    told["whole_from"] = page.whole_from and page.whole_from.isoformat()
    rows = io.BytesIO()
    page.rows.write_ipc_stream(rows, compat_level=pl.CompatLevel.newest())
    return b"\n".join([json.dumps(told).encode(), rows.getbuffer()])


def fault_answer(fault: BaseException, name: str) -> bytes:
    if is_of_the_disk(fault):
        told = {"fault": "OSError", "errno": fault.errno, "what": fault.strerror}
    else:
        said = fault if isinstance(fault, ImpactError) else gave_up(fault, name)
        told = {"fault": type(said).__name__, **vars(said)}
    return json.dumps(told).encode() + b"\n"


def gave_up(fault: BaseException, name: str) -> BatchRefused:
    """What a reader raised that nobody foresaw, in words: its own could quote a cell."""
    return BatchRefused(
        _("its reader gave up ({kind} at {file}:{line})").format(**kind_and_place(fault)),
        where=name,
        remedy=_("save it again, or send it in another format; if it is right, report this line"),
    )
