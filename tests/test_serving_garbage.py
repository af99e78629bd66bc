"""A connection that waits for SQLite's lock does not hold the one who has to give it back."""

from __future__ import annotations

import multiprocessing
import sqlite3
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest

from flows.serving import server

PATIENCE_SECONDS = 8


def gets_the_lock(file: Path, *, is_beside: bool) -> bool:
    """Does the waiting connection get the lock that this thread gives back after its garbage?

    A cursor that nobody needs any more is reset when it is collected, and to be reset it waits for
    its connection, which waits for us.
    """
    if is_beside:
        server.collect_beside()
    ours, other = (
        sqlite3.connect(
            file, timeout=PATIENCE_SECONDS, isolation_level=None, check_same_thread=False
        )
        for _ in range(2)
    )
    ours.execute("PRAGMA journal_mode = WAL")
    ours.execute("CREATE TABLE visit (day DATE)")
    ours.execute("BEGIN IMMEDIATE")
    with ThreadPoolExecutor(1) as threads:
        circle: list[object] = [other.execute("VALUES (1), (2)")]
        circle.append(circle)
        waiting = threads.submit(other.execute, "INSERT INTO visit VALUES ('2026-11-02')")
        time.sleep(PATIENCE_SECONDS / 8)  # it waits now
        del circle
        kept = [[number] for number in range(200_000)]  # Python looks for garbage meanwhile
        time.sleep(2 * server.PAUSE_SECONDS)  # and so does whoever collects beside us
        ours.execute("COMMIT")
        del kept
        return not isinstance(waiting.exception(), sqlite3.OperationalError)


@pytest.mark.parametrize(
    ("is_beside", "expected"),
    [pytest.param(True, True, id="beside"), pytest.param(False, False, id="as Python does")],
)
def test_who_has_the_lock_gives_it_back_when_garbage_is_collected_beside(
    tmp_path, is_beside: bool, expected: bool
) -> None:
    """The second case is why there is such a thing: once it fails, Prefect's server needs none."""
    alone = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=alone) as processes:
        asked = processes.submit(gets_the_lock, tmp_path / "prefect.db", is_beside=is_beside)
        assert asked.result() is expected
