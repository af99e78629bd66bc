"""Requests that the OpenAPI document of the door allows, and some that it does not."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import httpx
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi import checks

from flows.door.described import SIGNATURE
from flows.door.secrets import made_from
from flows.settings import Settings

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


@dataclass
class Caller:
    """Whoever asks a door, with the secrets of one place or without."""

    client: Any
    """Of httpx, or a test client; it knows the address of the door."""
    network: Settings
    place_id: str
    answers: Counter[int] = field(default_factory=Counter)
    brought: dict[str, str] = field(default_factory=dict)
    """Batches that were accepted, and the SHA-256 of what was sent."""

    def secret(self, way: str) -> str:
        return str(made_from(self.network, self.place_id, way))

    def let_in(self, case: Any) -> None:
        """The address of one who is known; the rest stays as it is."""
        there = {"place_id": self.place_id, "feed": "attendance"}
        if tool := case.path_parameters.get("tool"):
            there["secret"] = self.secret(tool)
        case.path_parameters.update({k: v for k, v in there.items() if k in case.path_parameters})

    def request(self, case: Any, raw: bytes | None, is_known: bool) -> Any:
        parts = case.as_transport_kwargs(base_url=str(self.client.base_url).rstrip("/"))
        content = parts.pop("data", None)
        request = self.client.build_request(**parts, content=content if raw is None else raw)
        if is_known:
            request.headers["Authorization"] = f"Bearer {self.secret('deliveries')}"
            key = self.secret("rdv-service-public").encode()
            signed = hmac.new(key, request.read(), hashlib.sha256)
            request.headers[SIGNATURE] = signed.hexdigest()
        return request

    def ask(self, case: Any, raw: bytes | None, is_known: bool) -> None:
        """One request; its answer is one that is promised, and nothing opens without a secret."""
        if is_known:
            self.let_in(case)
        request = self.request(case, raw, is_known)
        try:
            answer = self.client.send(request)
        except httpx.LocalProtocolError:  # a header that no client sends
            return
        self.answers[answer.status_code] += 1
        assert answer.status_code < 500, answer.text
        case.validate_response(answer, checks=PROMISES)
        if answer.is_success and case.operation.path != "/health":
            assert is_known
            if case.operation.path.startswith(DELIVERIES):
                sha256 = hashlib.sha256(request.read()).hexdigest()
                self.brought[answer.json()["batch"]] = sha256

    def ask_whatever(self, requests: int, number: int = 0) -> None:
        """So many, the same for one number."""
        document = schemathesis.openapi.from_dict(self.client.get("/openapi.json").json())
        operations = [found.ok() for found in document.get_all_operations()]

        @seed(number)
        @settings(
            max_examples=requests, deadline=None, database=None,
            phases=[Phase.generate], suppress_health_check=[*HealthCheck],
        )  # fmt: skip
        @given(
            case=st.one_of([operation.as_strategy() for operation in operations]),
            raw=st.none() | st.none() | OTHER_BODIES,
            is_known=st.sampled_from([True, True, False]),
        )
        def each(case: Any, raw: bytes | None, is_known: bool) -> None:
            self.ask(case, raw, is_known)

        each()
