"""Prefect's server, whose garbage is collected beside its work.

`python -m flows.serving.server start` is `prefect server start`, but for one thing. Python collects
garbage in whichever thread happens to allocate: mostly that of the event loop. When there is a
cursor in it whose connection waits in another thread for SQLite's lock, the loop waits for the
connection, the connection for whoever has the lock, and that one for the loop. Nobody is answered
until SQLite gives up, after a minute. A thread that does nothing but collect can wait.
"""

import gc
import itertools
import runpy
import sys
import threading
import time

PAUSE_SECONDS = 1
FULL_EVERY = 60
"""Most garbage is young. What has lived for a while takes a moment to look through."""


def collect_beside() -> None:
    """From now on, one thread collects and no other."""
    gc.disable()
    threading.Thread(target=collect_for_ever, name="garbage", daemon=True).start()


def collect_for_ever() -> None:
    for turn in itertools.count(1):
        time.sleep(PAUSE_SECONDS)
        gc.collect(1 if turn % FULL_EVERY else 2)


def main() -> None:
    collect_beside()
    sys.argv = ["prefect", "server", *sys.argv[1:]]
    runpy.run_module("prefect", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
