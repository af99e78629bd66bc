"""Whatever the OpenAPI document of the door allows, and much that it does not: each answer is one
that it promises, none is a fault of ours, and what was accepted lies there whole, and nothing else."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi import checks
from starlette.testclient import TestClient

from flows.door import upload
from flows.door.app import make_app
from flows.door.described import SIGNATURE
from flows.door.limits import Limit
from flows.door.secrets import made_from, make_secret
from flows.intake import inbox
from flows.settings import Settings
from tests.test_door import MAPPINGS, PLACE, SOURCE

PROMISES = [
    checks.status_code_conformance, checks.content_type_conformance,
    checks.response_schema_conformance, checks.response_headers_conformance,
]  # fmt: skip
DELIVERIES = "/deliveries/{place_id}/{feed}"
WORDS = ["meta", "data", "model", "timestamp", "webhook_reason", "rgpd", "url", "id", "User", "Rdv"]
ODD_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(WORDS),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(WORDS), inner),
)
OTHER_BODIES = st.binary(max_size=200) | ODD_JSON.map(lambda found: json.dumps(found).encode())
"""What no document allows, or nearly."""


@pytest.fixture
def door(tmp_path: Path) -> tuple[Settings, TestClient]:
    """A place with a register, an RDV and a Cobot source; how often one may knock is asked elsewhere."""
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
    return network, TestClient(app, raise_server_exceptions=False)


def let_in(case: Any, network: Settings) -> None:
    """The address of one who is known; the rest stays as it is."""
    there = {"place_id": "le-lieu", "feed": "attendance"}
    if tool := case.path_parameters.get("tool"):
        there["secret"] = made_from(network, "le-lieu", tool) or ""
    case.path_parameters.update({k: v for k, v in there.items() if k in case.path_parameters})


def asked(client: TestClient, case: Any, raw: bytes | None, network: Settings | None) -> Any:
    """The request: with the secrets of the place where there is a network, with other bytes."""
    parts = case.as_transport_kwargs(base_url="http://door")
    content = parts.pop("data", None)
    request = client.build_request(**parts, content=content if raw is None else raw)
    if network:
        token, secret = (
            made_from(network, "le-lieu", way) for way in ("deliveries", "rdv-service-public")
        )
        request.headers["Authorization"] = f"Bearer {token}"
        signature = hmac.new(str(secret).encode(), request.read(), hashlib.sha256)
        request.headers[SIGNATURE] = signature.hexdigest()
    return request


def fuzz(network: Settings, client: TestClient, examples: int, number: int = 0) -> Counter[int]:
    """So many requests, then a look at all that landed; how many had which answer."""
    document = schemathesis.openapi.from_dict(client.get("/openapi.json").json())
    operations = [found.ok() for found in document.get_all_operations()]
    answers, brought = Counter[int](), dict[str, str]()

    @seed(number)
    @settings(
        max_examples=examples, deadline=None, database=None,
        phases=[Phase.generate], suppress_health_check=[*HealthCheck],
    )  # fmt: skip
    @given(
        case=st.one_of([operation.as_strategy() for operation in operations]),
        is_known=st.sampled_from([True, True, False]), raw=st.none() | st.none() | OTHER_BODIES,
    )  # fmt: skip
    def ask(case: Any, is_known: bool, raw: bytes | None) -> None:
        if is_known:
            let_in(case, network)
        request = asked(client, case, raw, network if is_known else None)
        answer = client.send(request)
        answers[answer.status_code] += 1
        assert answer.status_code < 500, answer.text
        case.validate_response(answer, checks=PROMISES)
        if answer.is_success and case.operation.path != "/health":
            assert is_known
            if case.operation.path.startswith(DELIVERIES):
                brought[answer.json()["batch"]] = hashlib.sha256(request.read()).hexdigest()

    ask()
    kept = {batch.batch_id: batch for batch in inbox.all_waiting(network.landing)}
    assert {
        name: hashlib.sha256(batch.payload.read_bytes()).hexdigest() for name, batch in kept.items()
    } == brought
    assert not list((network.home / upload.INCOMING).glob("*"))
    return answers


def test_every_answer_of_the_door_is_one_that_its_document_promises(door: Any) -> None:
    answers = fuzz(*door, examples=200)
    assert {200, 202, 401, 404, 422} <= {*answers}


@pytest.mark.long
@pytest.mark.parametrize("number", range(1, 11))
def test_five_thousand_answers_of_the_door_are_such(door: Any, number: int) -> None:
    fuzz(*door, examples=500, number=number)
