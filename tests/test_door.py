"""The intake door: who may bring what, what is verified before it is read, and what waits outside."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

import flows.door.folder as folder_module
import flows.door.seen as seen_module
import flows.door.upload as upload
from flows.door.app import make_app
from flows.door.folder import Sizes, change, take_all, whole_files
from flows.door.hooks import SEEN
from flows.door.limits import Limit
from flows.door.secrets import made_from, make_secret
from flows.door.seen import Seen
from flows.intake import erasure, inbox
from flows.intake.landing import identify
from flows.network.place_files import read_places
from flows.records import Delivery
from flows.settings import Settings

PLACE = """
id = "{id}"
name = "Le Lieu"
commune_code = "80021"
opened_on = 2025-01-01
"""
SOURCE = """
[[sources]]
id = "{id}"
feed = "{feed}"
connector = "file"
path = "{path}"
rhythm = "daily"
coverage = "span"
{mapping}
"""
MAPPINGS = {
    "attendance": 'columns = { record_id = "N°", checked_in_at = "Arrivée" }',
    "service_usage": 'template = "services"',
    "employment": 'template = "emplois"',
}
CONTENT = "N°;Arrivée\n1;03/02/2025 12:00\n".encode()


@pytest.fixture
def network(settings: Settings) -> Settings:
    """Two places: one with a register, an RDV source and a Cobot source; one with two registers."""
    settings.places.mkdir()
    sources = [("registre", "attendance", "x-*.csv"), ("rdv-rendez-vous", "service_usage", "y"),
               ("cobot-reservations", "employment", "https://lieu.cobot.example/api")]  # fmt: skip
    text = "".join(SOURCE.format(id=i, feed=f, path=p, mapping=MAPPINGS[f]) for i, f, p in sources)
    (settings.places / "le-lieu.toml").write_text(PLACE.format(id="le-lieu") + text)
    mapping = MAPPINGS["attendance"]
    two = "".join(
        SOURCE.format(id=i, feed="attendance", path=i, mapping=mapping) for i in ("porte", "cahier")
    )
    (settings.places / "autre.toml").write_text(PLACE.format(id="autre") + two)
    for place_id in ("le-lieu", "autre"):
        make_secret(settings, place_id)
    return settings


@pytest.fixture
def client(network: Settings) -> TestClient:
    return TestClient(make_app(network))


def bearer(settings: Settings, place_id: str = "le-lieu") -> dict[str, str]:
    return {"Authorization": f"Bearer {made_from(settings, place_id, 'deliveries')}"}


def put(client: TestClient, network: Settings, content: bytes = CONTENT, **more: Any) -> Any:
    headers = more.pop("headers", bearer(network))
    path = more.pop("path", "/deliveries/le-lieu/attendance/x-1.csv")
    return client.put(path, content=content, headers=headers, **more)


def test_a_file_lands_privately_and_waits(client, network) -> None:
    answer = put(client, network)
    assert answer.status_code == 202
    [batch] = inbox.all_waiting(network.landing)
    assert answer.json()["batch"] == batch.batch_id
    assert (batch.place_id, batch.source_id, batch.file_name) == ("le-lieu", "registre", "x-1.csv")
    assert batch.payload.read_bytes() == CONTENT
    assert stat.S_IMODE(batch.payload.stat().st_mode) == 0o600
    assert not list((network.home / upload.INCOMING).iterdir())
    state = client.get(f"/deliveries/{batch.batch_id}", headers=bearer(network)).json()
    assert (state["state"], state["feed"]) == ("waiting", "attendance")


def test_post_takes_the_name_as_a_parameter(client, network) -> None:
    path = "/deliveries/le-lieu/attendance"
    named = client.post(path, params={"name": "x-1.csv"}, content=CONTENT, headers=bearer(network))
    assert named.status_code == 202
    nameless = client.post(path, content=CONTENT, headers=bearer(network))
    assert nameless.status_code == 422


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer 00"}, {"Authorization": "Basic 00"}]
)
def test_without_the_token_of_the_place_nothing_lands(client, network, headers) -> None:
    assert put(client, network, headers=headers).status_code == 401
    assert not network.landing.exists()


def test_the_token_of_another_place_opens_nothing(client, network) -> None:
    batch = put(client, network).json()["batch"]
    other = bearer(network, "autre")
    assert put(client, network, headers=other).status_code == 401
    assert client.get(f"/deliveries/{batch}", headers=other).status_code == 401
    # a place that is not there answers as one that is
    path = "/deliveries/nulle-part/attendance/x.csv"
    assert put(client, network, headers=other, path=path).status_code == 401


def test_a_renewed_secret_closes_the_door_to_the_old_token(client, network) -> None:
    old = bearer(network)
    make_secret(network, "le-lieu")
    assert put(client, network, headers=old).status_code == 401
    assert put(client, network).status_code == 202


def test_who_guesses_tokens_has_to_wait(client, network) -> None:
    wrong = {"Authorization": "Bearer 00"}
    codes = [put(client, network, headers=wrong).status_code for _n in range(30)]
    assert codes[0] == 401
    assert codes[-1] == 429
    assert put(client, network).status_code == 202


def test_a_feed_with_two_sources_asks_which(client, network) -> None:
    headers = bearer(network, "autre")
    path = "/deliveries/autre/attendance/x.csv"
    answer = put(client, network, headers=headers, path=path)
    assert answer.status_code == 409
    assert "cahier, porte" in answer.json()["detail"] or "porte, cahier" in answer.json()["detail"]
    assert put(client, network, headers=headers, path=f"{path}?source=porte").status_code == 202
    unknown = put(client, network, headers=headers, path=f"{path}?source=rien")
    assert unknown.status_code == 404


def test_a_file_that_is_too_large_is_refused_as_soon_as_it_is(client, network, monkeypatch) -> None:
    monkeypatch.setattr(upload, "LARGEST_BYTES", 1000)
    assert put(client, network, b"x" * 1001).status_code == 413

    assert put(client, network, iter([b"x" * 600] * 3)).status_code == 413  # no length was said
    assert inbox.all_waiting(network.landing) == []
    assert not list((network.home / upload.INCOMING).iterdir())
    assert put(client, network, b"x" * 1000).status_code == 202


def test_what_was_half_there_when_the_door_was_killed_is_cleared(network) -> None:
    half = network.home / upload.INCOMING / "0a1b.csv"
    half.parent.mkdir(parents=True)
    half.write_bytes(CONTENT)
    with TestClient(make_app(network)) as again:
        assert not half.exists()
        assert put(again, network).status_code == 202


@pytest.mark.parametrize("name", ["..%2F..%2Fetc.csv", ".cache.csv", "a%0Ab.csv", "x" * 200])
def test_a_name_leads_nowhere_else(client, network, name: str) -> None:
    answer = put(client, network, path=f"/deliveries/le-lieu/attendance/{name}")
    assert answer.status_code in (202, 404, 422)
    for batch in inbox.all_waiting(network.landing):
        assert batch.payload.is_relative_to(network.landing / "le-lieu" / "registre")
        assert "/" not in batch.file_name


def test_an_empty_file_is_refused(client, network) -> None:
    assert put(client, network, b"").status_code == 422


def test_what_was_settled_does_not_wait_again_but_what_was_refused_does(client, network) -> None:
    batch_id = put(client, network).json()["batch"]
    [batch] = inbox.all_waiting(network.landing)
    inbox.settle(batch, "refused", "why")
    assert put(client, network).json()["state"] == "waiting"
    inbox.settle(batch, "accepted", loaded=1)
    assert put(client, network).json()["state"] == "accepted"
    assert inbox.all_waiting(network.landing) == []
    inbox.wait_again(network.landing, batch_id)
    assert len(inbox.all_waiting(network.landing)) == 1


def rdv(client: TestClient, network: Settings, place_id: str = "le-lieu", **meta: Any) -> Any:
    """A signed hook of RDV Service Public; its user is invented."""
    body = json.dumps(
        {"data": {"id": 55}, "meta": {"model": "Rdv", "event": "updated", **meta}}
    ).encode()
    secret = made_from(network, place_id, "rdv-service-public") or ""
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return client.post(
        f"/hooks/rdv-service-public/{place_id}", content=body,
        headers={"X-Lapin-Signature": meta.get("signature", signature)},
    )  # fmt: skip


def news(network: Settings, source: str) -> bool:
    return (network.landing / "le-lieu" / source / inbox.NEWS).exists()


def test_a_signed_hook_is_a_hint_once_and_an_older_one_is_stale(client, network) -> None:
    first = rdv(client, network, timestamp="2026-10-05T10:02:11.000+02:00")
    assert first.json() == {"state": "waiting", "sources": ["rdv-rendez-vous"]}
    assert news(network, "rdv-rendez-vous")
    again = rdv(client, network, timestamp="2026-10-05T10:02:11.000+02:00")
    assert again.json() == {"state": "known"}
    older = rdv(client, network, timestamp="2026-10-05T09:00:00.000+02:00")
    assert older.json() == {"state": "stale"}
    later = rdv(client, network, timestamp="2026-10-05T10:03:00.000+02:00")
    assert later.json()["state"] == "waiting"


def test_after_a_restart_the_door_still_knows_what_it_took(client, network) -> None:
    first = "2026-10-05T10:02:11.000+02:00"
    assert rdv(client, network, timestamp=first).json()["state"] == "waiting"
    (network.landing / "le-lieu" / "rdv-rendez-vous" / inbox.NEWS).unlink()  # it was asked since
    [file] = (network.home / SEEN).iterdir()
    with file.open("a") as stream:
        stream.write("cut off in the mid")  # a machine without power
    for expected in ("stale", "known"):
        again = TestClient(make_app(network))
        assert rdv(again, network, timestamp=first).json() == {"state": "known"}
        older = rdv(again, network, timestamp="2026-10-05T09:00:00.000+02:00")
        assert older.json() == {"state": expected}
        assert not news(network, "rdv-rendez-vous")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    later = rdv(again, network, timestamp="2026-10-05T10:03:00.000+02:00")
    assert later.json()["state"] == "waiting"
    # another place may be sent the very same
    other = rdv(again, network, "autre", timestamp=first)
    assert other.status_code == 404
    assert "no source" in other.json()["detail"]


def test_what_the_door_remembers_is_bounded(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(seen_module, "KEPT", 3)
    at = datetime(2026, 10, 5, tzinfo=UTC)
    seen = Seen(tmp_path)
    for number in range(20):
        seen.note("le-lieu", b"%d" % number, at + timedelta(number))
    for kept in (seen, Seen(tmp_path)):
        assert kept.is_known("le-lieu", b"19")
        assert not kept.is_known("le-lieu", b"0")
        assert kept.is_stale("le-lieu", at + timedelta(19))
        assert not kept.is_stale("le-lieu", at + timedelta(20))
    assert len((tmp_path / "le-lieu").read_text().splitlines()) == 3


def test_a_hook_that_was_refused_is_no_known_one(client, network) -> None:
    toml = network.places / "le-lieu.toml"
    whole = toml.read_text()
    toml.write_text(whole.replace("rdv-rendez-vous", "rendez-vous"))
    at = "2026-10-05T10:02:11.000+02:00"
    assert rdv(client, network, timestamp=at).status_code == 404
    toml.write_text(whole)
    os.utime(toml, ns=(1, 1))
    assert rdv(client, network, timestamp=at).json()["state"] == "waiting"


def test_a_hook_with_another_signature_is_not_even_read(client, network) -> None:
    wrong = {"X-Lapin-Signature": "0" * 64}
    answer = client.post("/hooks/rdv-service-public/le-lieu", content=b"{", headers=wrong)
    assert answer.status_code == 401  # not 400: the body is no JSON, and nobody looked
    assert not news(network, "rdv-rendez-vous")


def test_an_erasure_is_asked_for_by_number_alone(client, network) -> None:
    answer = rdv(client, network, timestamp="2026-10-05T10:02:11+02:00", webhook_reason="rgpd")
    assert answer.json() == {"state": "erasure asked"}
    [request] = erasure.open_requests(network.landing, "le-lieu")
    assert (request.tool, request.model, request.name) == ("rdv-service-public", "Rdv", "Rdv|55")
    assert request.asked_at == datetime(2026, 10, 5, 8, 2, 11, tzinfo=UTC)
    assert stat.S_IMODE(erasure.file_of(network.landing, request).stat().st_mode) == 0o600
    assert not news(network, "rdv-rendez-vous")
    # what is older than it is news all the same: nothing was asked of the source yet
    older = rdv(client, network, timestamp="2026-10-05T09:00:00+02:00")
    assert older.json()["state"] == "waiting"


def test_a_hook_may_have_one_megabyte(client, network) -> None:
    body = b'{"a": "' + b"x" * 1_000_001 + b'"}'
    assert client.post("/hooks/rdv-service-public/le-lieu", content=body).status_code == 413


def cobot(client: TestClient, secret: str | None, url: str) -> Any:
    return client.post(f"/hooks/cobot/le-lieu/{secret}", json={"url": url})


def test_an_unsigned_hook_needs_its_secret_path_and_the_host_of_the_tool(client, network) -> None:
    secret = made_from(network, "le-lieu", "cobot")
    good = "https://lieu.cobot.example/api/bookings/1"
    assert cobot(client, "00", good).status_code == 404
    assert cobot(client, made_from(network, "le-lieu", "grist"), good).status_code == 404
    for elsewhere in ("https://169.254.169.254/latest", "https://lieu.cobot.example.evil.example/"):
        assert cobot(client, secret, elsewhere).status_code == 422
    assert not news(network, "cobot-reservations")
    assert cobot(client, secret, good).json()["sources"] == ["cobot-reservations"]
    assert news(network, "cobot-reservations")
    # a booking that changed again is the same pointer
    assert cobot(client, secret, good).json()["state"] == "waiting"


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        (b'{"url": "http://["}', 422, "not that of the tool"),
        (b'{"url": ["https://lieu.cobot.example"]}', 422, "not that of the tool"),
        (b"[" * 100_000, 400, "nested too deeply"),
        (b'{"url": ' + b"[" * 2000 + b"]" * 2000 + b"}", 400, "nested too deeply"),
    ],
)
def test_a_hook_that_nobody_would_send_is_answered_in_a_sentence(
    client, network, body: bytes, code: int, said: str
) -> None:
    secret = made_from(network, "le-lieu", "cobot")
    answer = client.post(f"/hooks/cobot/le-lieu/{secret}", content=body)
    assert answer.status_code == code
    assert said in answer.json()["detail"]
    assert not news(network, "cobot-reservations")


def test_a_bucket_fills_again_with_time() -> None:
    now = 0.0
    limit = Limit(burst=2, per_minute=60, clock=lambda: now)
    assert [limit.spend("a") for _n in range(3)] == [True, True, False]
    assert limit.spend("b")
    now = 1.0
    assert limit.spend("a")
    assert not limit.spend("a")


@pytest.fixture
def watched(network: Settings) -> Path:
    folder = network.home / "inbox" / "le-lieu" / "registre"
    folder.mkdir(parents=True)
    return folder


def test_a_file_is_taken_when_it_has_been_still_and_a_growing_one_waits(watched) -> None:
    sizes = Sizes()
    file = watched / "x-1.csv"
    file.write_bytes(CONTENT)
    still = folder_module.STABLE_SECONDS
    assert whole_files(watched, sizes, now=0) == []
    assert whole_files(watched, sizes, now=still - 1) == []
    file.write_bytes(CONTENT * 2)
    assert whole_files(watched, sizes, now=still + 1) == []
    assert whole_files(watched, sizes, now=2 * still) == []
    assert whole_files(watched, sizes, now=2 * still + 1) == [file]


def test_a_mark_says_that_a_file_is_whole_and_both_go(client, network, watched) -> None:
    (watched / "x-1.csv").write_bytes(CONTENT)
    (watched / "x-1.csv.ok").touch()
    (watched / "x-2.csv").write_bytes(CONTENT)
    (watched / "x-3.csv.part").write_bytes(CONTENT)
    (watched / "x-3.csv.part.ok").touch()
    (watched / ".x-4.csv").write_bytes(CONTENT)
    (watched / "x-5.csv").symlink_to("/etc/hostname")
    take_all(client.app.state.door, Sizes())
    assert [batch.file_name for batch in inbox.all_waiting(network.landing)] == ["x-1.csv"]
    assert sorted(file.name for file in watched.iterdir()) == [
        ".x-4.csv", "x-2.csv", "x-3.csv.part", "x-3.csv.part.ok", "x-5.csv",
    ]  # fmt: skip


def until(is_so: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_name_of_an_old_share_is_taken_and_written_as_it_was_meant(network, watched) -> None:
    with TestClient(make_app(network)):
        for name in ("présences.csv".encode("latin1"), b"total \x80.csv", "présences.csv".encode()):
            file = Path(os.fsdecode(os.fsencode(watched) + b"/" + name))
            file.write_bytes(CONTENT + name)
            file.with_name(file.name + ".ok").touch()
        until(lambda: not list(watched.iterdir()))
    names = sorted(batch.file_name for batch in inbox.all_waiting(network.landing))
    assert names == ["présences.csv", "présences.csv", "total €.csv"]


@pytest.mark.parametrize("name", [b"x-1.csv", "présences.csv".encode("latin1")])
def test_a_file_wakes_the_watch_whatever_its_name(watched: Path, name: bytes) -> None:
    async def woken() -> None:
        waiting = asyncio.create_task(change(watched.parent, 60, asyncio.Event()))
        while not waiting.done():  # the watcher takes a moment to be there
            with open(os.fsencode(watched) + b"/" + name, "ab") as file:
                file.write(CONTENT)
            await asyncio.sleep(0.2)

    asyncio.run(asyncio.wait_for(woken(), 30))


def test_what_cannot_be_taken_stays_and_stops_neither_the_others_nor_the_watch(
    network, watched, caplog
) -> None:
    wrong = watched / "a.csv"
    wrong.write_bytes(CONTENT * 2)
    place = read_places(network.places)["le-lieu"]
    delivery = Delivery(wrong.name, wrong)
    batch = identify(
        delivery, place, place.sources[0], (None, None), network.landing, datetime.now(UTC)
    )
    batch.payload.parent.parent.mkdir(parents=True)
    batch.payload.parent.touch()  # no folder: it cannot land
    no_folder = network.home / "inbox" / "autre" / "cahier"
    no_folder.parent.mkdir()
    no_folder.touch()
    with TestClient(make_app(network)):
        for file in (wrong, watched / "b.csv", no_folder.parent / "porte" / "c.csv"):
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(CONTENT * (2 if file == wrong else 1))
            file.with_name(f"{file.name}.ok").touch()
            until(lambda file=file: caplog.records if file == wrong else not file.exists())
    names = [batch.file_name for batch in inbox.all_waiting(network.landing)]
    assert names == ["b.csv", "c.csv"]
    assert wrong.exists()
    said = [record.getMessage() for record in caplog.records if record.name == "impact"]
    assert all("tried again in a minute" in text for text in said)
    assert sorted(text.partition(" →")[0] for text in said) == [  # once, and not at every look
        "what lies in the folder of autre, cahier cannot be taken (File exists)",
        "what lies in the folder of le-lieu, registre cannot be taken (Not a directory)",
    ]


def test_a_name_that_is_as_long_as_a_disk_lets_it_be_is_taken(network, watched) -> None:
    file, sizes = watched / f"a.{'x' * 253}", Sizes()
    file.write_bytes(CONTENT)
    door = make_app(network).state.door
    take_all(door, sizes)
    sizes.seen = {path: (size, at, 0) for path, (size, at, _since) in sizes.seen.items()}
    take_all(door, sizes)
    [batch] = inbox.all_waiting(network.landing)
    assert batch.file_name == file.name
    assert not file.exists()


def test_what_could_not_be_taken_is_tried_again_after_a_while(network, watched) -> None:
    file, sizes = watched / "x-1.csv", Sizes()
    file.write_bytes(CONTENT)
    file.with_name("x-1.csv.ok").touch()
    network.landing.touch()  # no folder: nothing can land
    door = make_app(network).state.door
    take_all(door, sizes)
    network.landing.unlink()
    take_all(door, sizes)
    assert file.exists()
    sizes.put_off = {path: at - folder_module.AGAIN_SECONDS for path, at in sizes.put_off.items()}
    take_all(door, sizes)
    assert not file.exists()
    assert not sizes.put_off


def test_a_door_whose_watch_ends_ends_too(network) -> None:
    code = (
        "import uvicorn, flows.door.folder as folder; folder.LOOK_SECONDS = 'never';"
        "uvicorn.run('flows.door.app:make_app', factory=True, port=0)"
    )
    homes = {name: str(getattr(network, name.lower())) for name in ("HOME", "PLACES", "KEYS")}
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, **{f"IMPACT_{name}": path for name, path in homes.items()}},
    )  # fmt: skip
    assert ended.returncode == -signal.SIGTERM
    assert "the watch of the folders ended (TypeError)" in ended.stderr


def test_a_collection_takes_what_was_brought_once_and_notes_what_became_of_it(
    settings, make_place, collect, tmp_path, read
) -> None:
    place = make_place(tmp_path, {}, path="nothing-*.csv", rhythm="daily")
    file = tmp_path / "brought.csv"
    file.write_bytes(CONTENT)
    batch = inbox.bring(
        Delivery("e.csv", file), place, place.sources[0], settings.landing, datetime.now(UTC)
    )
    [report] = collect(place, settings, is_brought=True)
    assert (report.loaded, report.failed) == (1, [])
    there = inbox.whereabouts(settings.landing, batch.batch_id)
    assert there is not None
    assert (there.state, there.loaded) == ("accepted", 1)
    [report] = collect(place, settings)
    assert report.failed == []  # nothing in the folder is no fault where files are brought
    # a run that was killed after the ledger knew, and before the mark was gone
    os.utime(batch.payload)
    (batch.payload.parent / inbox.WAITING).touch()
    [report] = collect(place, settings, is_brought=True)
    assert report.batches == 0
    assert inbox.all_waiting(settings.landing) == []
    assert read(settings, "SELECT count(*) FROM ledger.attempt") == [(1,)]


def test_what_a_place_brought_and_cannot_be_read_is_refused_with_the_reason(
    settings, make_place, collect, tmp_path
) -> None:
    place = make_place(tmp_path, {}, path="nothing-*.csv")
    file = tmp_path / "brought.csv"
    file.write_bytes(b"autre;chose\n1;2\n")
    batch = inbox.bring(
        Delivery("e.csv", file), place, place.sources[0], settings.landing, datetime.now(UTC)
    )
    collect(place, settings, is_brought=True)
    there = inbox.whereabouts(settings.landing, batch.batch_id)
    assert there is not None
    assert there.state == "refused"
    assert "N°" in there.reason
