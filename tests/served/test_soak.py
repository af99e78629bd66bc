"""Twenty minutes of deliveries: memory stays, each is there once. And the server does not hang.

`IMPACT_SOAK=30` makes three minutes of it, `-s` shows what was measured.
"""

from __future__ import annotations

import os
import sqlite3
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import closing

import httpx
import pytest

from tests.served.service import Served, register

DELIVERIES = int(os.environ.get("IMPACT_SOAK", "200"))
EVERY_SECONDS = 6
ROWS = 5
FLAT = 0.15
PARTS = {"server": "flows.serving.server", "runner": "flows.runs.deployments", "door": "flows.door"}
"""The processes that stay, with a word of their command."""
MOST_BYTES = {"Prefect": 300_000, "warehouse": 100_000}
"""By which a database may grow for one delivery. Of Prefect's, four fifths are events, which go
after seven days; the warehouse takes again what the build before left free."""
BUSY_SECONDS, ANSWER_SECONDS = 180, 20
"""Three clients keep two cores busy; a server that hangs does so for a minute."""
A_DAY = 300
"""Deliveries of a network of three hundred places, of which each sends one file a day."""


def prefect_bytes(served: Served) -> int:
    """What Prefect's database holds, with its log and without pages that are free again."""
    file = served.settings.home / "prefect" / "prefect.db"
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=60)) as reader:
        count, free, size = (
            reader.execute(f"PRAGMA {what}").fetchone()[0]
            for what in ("page_count", "freelist_count", "page_size")
        )
    return int((count - free) * size)


@pytest.mark.long
def test_memory_stays_flat_over_two_hundred_deliveries_and_each_is_loaded_once(
    figures: Served,
) -> None:
    figures.start_the_clock()  # what no event announced is found by the sweep of the calendar
    parts = {name: figures.part(word) for name, word in PARTS.items()}
    visits = figures.visits()
    memory, sizes = defaultdict(list), defaultdict(list)
    batches, began = [], time.monotonic()
    for number in range(DELIVERIES):
        time.sleep(max(0.0, began + number * EVERY_SECONDS - time.monotonic()))
        for name, process in parts.items():
            memory[name].append(process.memory_info().rss)
        sizes["Prefect"].append(prefect_bytes(figures))
        sizes["warehouse"].append(figures.settings.warehouse.stat().st_size)
        content = register(2_000_000 + ROWS * number, ROWS)
        batches.append(figures.deliver(content, f"le-lieu-{number}.csv").json()["batch"])
    for batch in batches:
        assert figures.settled(batch)["state"] == "accepted"
    figures.until(lambda: not figures.runs("arrival", type=["RUNNING", "PENDING", "SCHEDULED"]))

    accepted = [batch for batch, outcome, _ in figures.attempts() if outcome == "accepted"]
    assert sorted(batch for batch in accepted if batch in batches) == sorted(batches)
    assert figures.visits() == visits + ROWS * DELIVERIES
    assert all(process.is_running() for process in parts.values())
    for name, seen in (*memory.items(), *sizes.items()):
        print(f"{name}: {' → '.join(f'{size / 1e6:.1f}' for size in quarters(seen))} MB")
    for name, seen in memory.items():
        assert_flat(name, seen)
    for name, seen in sizes.items():
        assert_grows_little(name, seen)


@pytest.mark.long
def test_the_server_answers_whenever_it_is_asked_while_flow_after_flow_runs(
    served: Served, tmp_path
) -> None:
    environment = served.environment(
        PREFECT_API_URL=served.api, PREFECT_HOME=str(tmp_path), PREFECT_LOGGING_LEVEL="CRITICAL",
        PREFECT_API_AUTH_STRING=":".join(served.password),
    )  # fmt: skip
    command = [sys.executable, "-m", "tests.served.busy"]
    clients = [subprocess.Popen(command, env=environment) for _ in range(3)]
    until = time.monotonic() + BUSY_SECONDS
    try:
        while time.monotonic() < until:
            time.sleep(1)
            assert httpx.get(f"{served.api}/health", timeout=ANSWER_SECONDS).is_success
        assert all(client.poll() is None for client in clients)
    finally:
        for client in clients:
            client.kill()
            client.wait()


def quarters(seen: list[int]) -> list[float]:
    """The median of each quarter: a sample in the middle of a request is higher than what stays."""
    length = len(seen) // 4
    return [statistics.median(seen[i * length : (i + 1) * length]) for i in range(4)]


def assert_flat(name: str, seen: list[int]) -> None:
    """The last quarter beside the third.

    While the first half lasts, caches and pools fill, which is no leak; what grows for ever still
    grows in the second.
    """
    _first, _second, third, last = quarters(seen)
    assert abs(last / third - 1) <= FLAT, name


def assert_grows_little(name: str, seen: list[int]) -> None:
    """Bytes for one delivery, from the second quarter on: what is made once is made by then."""
    _first, second, _third, last = quarters(seen)
    each = (last - second) / (len(seen) / 2)
    print(
        f"{name}: {each / 1e3:.0f} kB a delivery, {A_DAY * each / 1e6:.0f} MB for {A_DAY} of them"
    )
    assert each <= MOST_BYTES[name], name
