"""The network itself: processes that are killed, certificates, volume, and every order of events."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows import connectors
from flows.connectors import _json
from flows.intake import landing
from flows.settings import PROJECT
from tests.connectors.conftest import Network
from tests.connectors.worlds import SLOT, TOKEN, FabManagerWorld, GristWorld, LaCoopWorld, World
from tests.fakes.server import serving

New = Callable[[World], Network]
RUN = """
import sys
from datetime import datetime
from pathlib import Path
from flows.network.place_files import read_place
from flows.settings import Settings
from flows.stages.collect import collect_place
from flows.stages.request import Request
folder = Path(sys.argv[1])
settings = Settings(home=folder / "home", places=folder / "places", keys=folder / "keys")
place = read_place(folder / "places" / "le-lieu.toml")
collect_place(place, settings, Request(datetime.fromisoformat("2026-11-02T03:30:00+01:00")))
"""


def test_a_process_that_is_killed_between_two_pages_is_taken_up(
    network: New, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = GristWorld()
    world.add(1)
    net = network(world)
    net.faults.after, net.faults.waiting = 2, ["slow"]
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, str(net.settings.places.parent)],
        env={**os.environ, "PYTHONPATH": str(PROJECT), "CANARY": TOKEN},
    )
    while len(net.faults.calls) < 3:
        time.sleep(0.05)
        assert process.poll() is None
    process.send_signal(signal.SIGKILL)
    process.wait()
    net.faults.after = 0
    net.well()
    assert [call.rpartition("/")[2] for call in net.faults.calls] == ["records?"]
    assert net.records() == world.present()


def test_what_was_asked_for_is_hashed_once_and_what_lay_there_before_it_is_read(
    network: New, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = GristWorld()
    world.add(1)
    net = network(world)
    hashed, sha256_of = [], landing.sha256_of
    monkeypatch.setattr(landing, "sha256_of", lambda file: hashed.append(file) or sha256_of(file))
    net.well()
    assert len(hashed) == 1
    [payload] = net.settings.landing.rglob("payload.pages")
    monkeypatch.setattr(_json, "ROWS_A_PAGE", 1)
    pages = connectors.read(net.place.sources[0], payload, payload.name)
    assert [len(page.rows) for page in pages] == [1], "no empty page after a full one"
    payload.write_bytes(payload.read_bytes()[:-1] + b" ")
    [refused] = net.pull(again="landed").refused
    assert "not what came" in refused and hashed[1:] == [payload]


def test_a_certificate_that_nobody_vouches_for_is_refused(network: New, tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name)
        .public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(1))
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = serialization.Encoding.PEM
    (tmp_path / "cert.pem").write_bytes(certificate.public_bytes(pem))
    (tmp_path / "key.pem").write_bytes(
        key.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )  # fmt: skip
    net = network(GristWorld())
    files = {"ssl_certfile": str(tmp_path / "cert.pem"), "ssl_keyfile": str(tmp_path / "key.pem")}
    with serving(net.world.app, **files) as url:
        url = url.replace("http:", "https:")
        source = net.place.sources[0].model_copy(update={"url": url})
        net.place = net.place.model_copy(update={"sources": [source]})
        report = net.pull()
    assert "its certificate is not right" in report.failed[0]
    assert net.faults.calls == []


def test_a_next_page_on_another_host_is_refused(network: New, monkeypatch: Any) -> None:
    world = LaCoopWorld()
    world.add(1)
    net = network(world)
    app = world.app.app

    async def lying(scope: Any, receive: Any, send: Any) -> None:
        scope["headers"] = [
            (k, b"autre.invalid" if k == b"host" else v) for k, v in scope["headers"]
        ]
        await app(scope, receive, send)

    world.app.app = lying
    assert "another host (autre.invalid)" in net.pull().failed[0]


EVENTS = st.lists(
    st.tuples(
        st.sampled_from(["add", "correct", "remove", "pull", "pull", "broken", "unauthorised"]),
        st.integers(1, 6),
    ),
    max_size=12,
)


@pytest.mark.parametrize("make", [GristWorld, LaCoopWorld])
@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(events=EVENTS)
def test_after_any_events_the_warehouse_is_what_the_system_is(
    network: New, make: Callable[[], World], events: list[tuple[str, int]]
) -> None:
    world = make()
    for number in range(10, 30):  # so many that no removal asks for a yes
        world.add(number)
    net = network(world)
    there: set[int] = set()
    night = 0
    for event, number in events:
        if event == "add" and number not in there:
            world.add(number)
            there.add(number)
        elif event == "correct" and number in there:
            world.correct(number)
        elif event == "remove" and number in there:
            world.remove(number)
            there.remove(number)
        elif event in ("broken", "unauthorised"):
            net.faults.waiting = [event] * 3
            night += 1
            net.pull(night)
            net.faults.waiting = []
        elif event == "pull":
            night += 1
            net.well(night)
    net.well(night + 1)
    assert net.records() == world.present()
    balance = "rows_in - loaded - unchanged - superseded - duplicates - tombstoned - quarantined"
    wrong = f"SELECT * FROM ledger.attempt WHERE {balance} - ignored <> 0"
    assert net.read(net.settings, wrong) == []


def peak_of_a_pull(network: New, records: int) -> int:
    """Kilobytes that the process of a pull held at most."""
    world = FabManagerWorld()
    start = datetime(2020, 1, 1, 9, tzinfo=UTC)
    for number in range(1, records + 1):
        at = start + timedelta(minutes=30 * number)
        world.fab.reserve(number, at, at + SLOT)
    net = network(world)
    command = [sys.executable, "-c", RUN, str(net.settings.places.parent)]
    # asked of itself: what the system counts for a child begins with the size of its parent
    command[2] += "print(Path('/proc/self/status').read_text())"
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "CANARY": TOKEN}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    [peak] = re.findall(r"VmHWM:\s+(\d+) kB", done.stdout)
    assert net.read(net.settings, "SELECT count(*) FROM record.attendance") == [(records,)]
    return int(peak)


def test_many_records_go_through_in_bounded_memory(network: New) -> None:
    assert peak_of_a_pull(network, 20_000) < 700_000


@pytest.mark.long
def test_ten_times_the_records_take_at_most_a_third_more_memory(network: New) -> None:
    few, many = (peak_of_a_pull(network, records) for records in (10_000, 100_000))
    assert many < 1.3 * few
