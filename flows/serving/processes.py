"""Processes that end with the service, whatever happens to it. Linux alone has what it takes."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

DIES_WITH_PARENT, IS_REAPER = 1, 36
"""Of `man 2 prctl`: PR_SET_PDEATHSIG and PR_SET_CHILD_SUBREAPER."""
LIBRARY = ctypes.CDLL(None) if sys.platform == "linux" else None
STOP_SECONDS = 20
RUN = "PREFECT__FLOW_RUN_ID"
"""What Prefect's runner tells the process of a run."""


def adopt_orphans() -> None:
    """A flow whose runner was killed becomes our child: we can still end it, and do."""
    if LIBRARY:
        LIBRARY.prctl(IS_REAPER, 1)


def die_with_parent() -> None:
    if LIBRARY:
        LIBRARY.prctl(DIES_WITH_PARENT, signal.SIGTERM)


def start(command: list[str], log: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """A child in a session of its own: Ctrl-C reaches us alone, and we end it in our order."""
    with log.open("ab") as stream:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            env=environment,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )


def stop(process: subprocess.Popen[bytes], seconds: float = STOP_SECONDS) -> None:
    """Ask, wait, and insist."""
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def end_descendants() -> None:
    """Whatever is left below this process goes, and so does what it started meanwhile."""
    until = time.monotonic() + STOP_SECONDS
    while (left := psutil.Process().children(recursive=True)) and time.monotonic() < until:
        for process in left:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(left, timeout=1)


def reap_orphans(ours: set[int]) -> None:
    """Let the ended processes go that were adopted; our own children are waited for elsewhere."""
    for child in psutil.Process().children():
        with contextlib.suppress(psutil.NoSuchProcess, ChildProcessError):
            if child.pid not in ours and child.status() == psutil.STATUS_ZOMBIE:
                os.waitpid(child.pid, os.WNOHANG)


def runs_alive() -> set[str]:
    """Ids of the flow runs that have a process, whoever is its parent now."""
    environments = (process.info["environ"] or {} for process in psutil.process_iter(["environ"]))
    return {found[RUN] for found in environments if RUN in found}
