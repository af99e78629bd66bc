"""Whatever the OpenAPI document of the door allows, and much that it does not: each answer is one
that it promises, none is a fault of ours, and what was accepted lies there whole, and nothing else."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from flows.door import upload
from flows.door.app import make_app
from flows.door.limits import Limit
from flows.door.secrets import make_secret
from flows.intake import inbox
from flows.settings import Settings
from tests.fuzzed_requests import Caller
from tests.test_door import MAPPINGS, PLACE, SOURCE


@pytest.fixture
def caller(tmp_path: Path) -> Caller:
    """At a place with a register, an RDV and a Cobot source; how often one may knock is asked elsewhere."""
    network = Settings(home=tmp_path / "home", places=tmp_path / "places", keys=tmp_path / "keys")
    network.places.mkdir()
    sources = [("registre", "attendance", "x-*.csv"), ("rdv-rendez-vous", "service_usage", "y"),
               ("cobot-reservations", "employment", "https://lieu.cobot.example/api")]  # fmt: skip
    text = "".join(SOURCE.format(id=i, feed=f, path=p, mapping=MAPPINGS[f]) for i, f, p in sources)
    (network.places / "le-lieu.toml").write_text(PLACE.format(id="le-lieu") + text)
    make_secret(network, "le-lieu")
    app = make_app(network)
    plenty = Limit(burst=10**6, per_minute=10**6)
    app.state.door.deliveries = app.state.door.hooks = app.state.door.mistakes = plenty
    return Caller(TestClient(app, raise_server_exceptions=False), network, "le-lieu")


def assert_all_is_there(caller: Caller) -> None:
    """What was accepted, as it was sent, and nothing else."""
    waiting = inbox.all_waiting(caller.network.landing)
    found = {b.batch_id: hashlib.sha256(b.payload.read_bytes()).hexdigest() for b in waiting}
    assert found == caller.brought
    assert not list((caller.network.home / upload.INCOMING).glob("*"))


def test_every_answer_of_the_door_is_one_that_its_document_promises(caller: Caller) -> None:
    caller.ask_whatever(200)
    assert {200, 202, 401, 404, 422} <= {*caller.answers}
    assert_all_is_there(caller)


@pytest.mark.long
@pytest.mark.parametrize("number", range(1, 11))
def test_five_thousand_answers_of_the_door_are_such(caller: Caller, number: int) -> None:
    caller.ask_whatever(500, number)
    assert_all_is_there(caller)
