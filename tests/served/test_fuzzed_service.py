"""An hour of spoilt deliveries and odd requests beside an hour of service: nobody else notices.

`IMPACT_FUZZ=600` makes ten minutes of it, `-s` shows what was measured.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import duckdb
import httpx
import psutil
import pytest

from tests.fuzzed_deliveries import CANARY, COLUMNS, IDENTITY, fuzzed
from tests.fuzzed_requests import Caller
from tests.served.service import PLACE, Served, register
from tests.served.test_soak import PARTS, quarters

SECONDS = int(os.environ.get("IMPACT_FUZZ", "3600"))
PACE_SECONDS, GOOD_EVERY, REQUESTS_EVERY = 6, 4, 3
"""A spoilt delivery at each step; a good one of another place, and requests, at some of them."""
REQUESTS, ROWS = 15, 5
FOLDER_SHARE = 0.3
MOST_WAITING, QUEUE_SECONDS = 12, 1800
"""Runs in a row before the next delivery is sent: a slow machine gets fewer of them, not a row that
outlasts the hour. And the time for a row to end."""
GOING_ON = {"type": ["RUNNING", "PENDING", "SCHEDULED"]}
LARGEST_BYTES = 1_000_000_000
"""Of any process at any time."""
GROWTH = 1.3
"""By which a process that stays may be larger in the last quarter than in the second."""
TAKEN = {202, 409, 422}
"""What the door may answer to a file: it is in use, its place takes it, or it may not be taken."""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    """A place that delivers well, and one that does not; the sweep runs as it does in a network."""
    network = Served(tmp_path)
    network.settings.places.mkdir()
    (tmp_path / "exports").mkdir()
    declared = PLACE.partition("columns")[0].format(id="autre")
    declared += "".join(f'columns.{field} = "{header}"\n' for field, header in COLUMNS.items())
    declared += "".join(f'identity.{field} = "{header}"\n' for field, header in IDENTITY.items())
    (network.settings.places / "le-lieu.toml").write_text(PLACE.format(id="le-lieu"))
    (network.settings.places / "autre.toml").write_text(declared)
    network.start()
    network.start_the_clock()
    network.tokens = {place: network.token(place) for place in ("le-lieu", "autre")}
    yield network
    if network.process and network.process.poll() is None:
        network.stop()


def lay_into_the_folder(served: Served, name: str, content: bytes) -> None:
    folder = served.settings.home / "inbox" / "autre" / "registre"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)
    (folder / f"{name}.ok").touch()


def largest_bytes(served: Served) -> int:
    """Of the processes that there are now."""
    found = [0]
    for process in served.descendants():
        with contextlib.suppress(psutil.Error):
            found.append(process.memory_info().rss)
    return max(found)


def waiting(served: Served) -> int:
    """Arrivals that have not ended."""
    return len(served.runs("arrival", **GOING_ON))


@pytest.mark.long
def test_whatever_one_place_and_the_network_send_the_service_stays_and_others_are_served(
    served: Served,
) -> None:
    parts = {name: served.part(word) for name, word in PARTS.items()}
    chance, memory, largest = random.Random(0), defaultdict(list), 0
    good: list[str] = []
    spoilt: list[str] = []
    with httpx.Client(base_url=served.door, timeout=60) as client:
        caller = Caller(client, served.settings, "autre")
        began = time.monotonic()
        for step in itertools.count():
            time.sleep(max(0.0, began + step * PACE_SECONDS - time.monotonic()))
            if time.monotonic() - began > SECONDS:
                break
            served.until(lambda: waiting(served) < MOST_WAITING, QUEUE_SECONDS)
            file = fuzzed(100_000 + step)
            if chance.random() < FOLDER_SHARE:
                lay_into_the_folder(served, file.name, file.content)
            else:
                answer = served.deliver(file.content, file.name, "autre")
                assert answer.status_code in TAKEN, answer.text
                spoilt += [answer.json()["batch"]] if answer.status_code == 202 else []
            if step % GOOD_EVERY == 0:
                content = register(ROWS * len(good), ROWS)
                good.append(served.deliver(content, f"le-lieu-{step}.csv").json()["batch"])
            if step % REQUESTS_EVERY == 0:
                caller.ask_whatever(REQUESTS, step)
            for name, process in parts.items():
                memory[name].append(process.memory_info().rss)
            largest = max(largest, largest_bytes(served))

    states = Counter(served.settled(batch)["state"] for batch in good)
    assert states == {"accepted": len(good)}
    states = Counter(
        served.settled(batch, "autre")["state"] for batch in [*spoilt, *caller.brought]
    )
    print(f"{len(good)} good, spoilt {states}, requests {caller.answers}, {largest / 1e6:.0f} MB")
    served.until(lambda: not waiting(served), QUEUE_SECONDS)
    assert served.visits() == ROWS * len(good)
    assert_nothing_unexpected(served)
    assert all(process.is_running() for process in parts.values())
    assert largest < LARGEST_BYTES
    for name, seen in memory.items():
        print(f"{name}: {' → '.join(f'{size / 1e6:.0f}' for size in quarters(seen))} MB")
        _first, second, _third, last = quarters(seen)
        assert last < GROWTH * second, name


def assert_nothing_unexpected(served: Served) -> None:
    """In the ledger, the runs, what they and our processes logged, what the data manager heard.

    Not in the log of Prefect's server: busy, it tells of a locked database, and is asked again.
    """
    served.rest()
    with duckdb.connect(str(served.settings.warehouse), read_only=True) as reader:
        lines = reader.sql("FROM ledger.attempt JOIN ledger.batch USING (batch_id)").fetchall()
        (balanced,) = reader.sql(
            "SELECT count(*) FROM ledger.attempt WHERE rows_in = loaded + unchanged + superseded "
            "+ duplicates + tombstoned + quarantined + ignored"
        ).fetchone() or (0,)
    assert balanced == len(lines)
    runs = [run for name in ("arrival", "sweep") for run in served.runs(name)]
    print(f"{balanced} attempts, runs {dict(Counter(run['state_name'] for run in runs))}")
    assert not [run for run in runs if run["state_name"] == "Crashed"]
    serving = served.settings.home / "serving"
    logs = [served.folder / "said.txt", *serving.glob("door.log*"), *serving.glob("runner.log*")]
    said = [log.read_text(errors="replace") for log in logs] + [repr(lines), repr(runs)]
    said += [alert.text for alert in served.alerts("")]
    said += [log["message"] for log in served.ask("/logs/filter", logs={"level": {"ge_": 30}})]
    for text in said:
        for word in ("Traceback", "unexpected fault", "fault of ours", CANARY):
            at = text.find(word)
            assert at < 0, text[max(0, at - 2000) : at + 1000]
