"""What the OpenAPI document of the door says beside its routes: bodies, tokens, answers.

The document is `GET /openapi.json`; a test asks the door whatever the document allows.
"""

from typing import Any, Literal

from fastapi import Security
from fastapi.security import APIKeyHeader, HTTPBearer
from pydantic import BaseModel

from flows.intake.inbox import State

SIGNATURE = "X-Lapin-Signature"
TOKEN = Security(HTTPBearer(auto_error=False, description="The token of the place."))
SIGNED = Security(
    APIKeyHeader(
        name=SIGNATURE, auto_error=False, scheme_name="signature",
        description="HMAC-SHA256 of the body, in hexadecimal, with the secret of the place.",
    )
)  # fmt: skip


class Delivered(BaseModel):
    """Where a delivery is on its way."""

    batch: str
    place_id: str
    feed: str
    source_id: str
    state: State
    reason: str
    received: int
    loaded: int
    quarantined: int
    duplicates: int


class Heard(BaseModel):
    """What a hook leads to."""

    state: Literal["waiting", "known", "stale", "erasure asked", "nothing to erase"]
    sources: list[str] = []


class Refused(BaseModel):
    """Why not; a list where a part of the address has not the form that it should have."""

    detail: str | list[dict[str, Any]]


REFUSALS = {
    400: "The body is not JSON.",
    401: "The token or the signature opens nothing here.",
    404: "There is no such place, source or hook.",
    408: "It came too slowly.",
    409: "The source has to be named, or nothing is brought to it.",
    413: "The body is too large.",
    422: "It may not be taken.",
    429: "Too many: wait a minute.",
    503: "The machine or the places do not allow it now.",
    507: "The disk is full.",
}


def refusals(*codes: int) -> dict[int | str, dict[str, Any]]:
    """Of what is asked by its address and a secret, and of these besides."""
    every = sorted({401, 404, 422, 429, 503, 507, *codes})
    return {code: {"model": Refused, "description": REFUSALS[code]} for code in every}


def body(media_type: str, schema: dict[str, Any], what: str) -> dict[str, Any]:
    content = {media_type: {"schema": schema}}
    return {"requestBody": {"required": True, "description": what, "content": content}}


FILE = body(
    "application/octet-stream", {"type": "string", "format": "binary"},
    "The file, 200 MB at most: CSV, XLSX, ODS, JSON lines or Parquet.",
)  # fmt: skip
HOOK = body("application/json", {}, "What the tool says, 1 MB at most.")
META = {
    "type": "object",
    "required": ["model", "timestamp"],
    "properties": {
        "model": {"type": "string", "pattern": "^[A-Z][A-Za-z]{0,30}$"},
        "timestamp": {"type": "string", "format": "date-time"},
        "webhook_reason": {"enum": ["rgpd", None]},
    },
}
NEWS = {
    "type": "object",
    "required": ["meta"],
    "properties": {"meta": META, "data": {"type": "object"}},
}
RDV_HOOK = body("application/json", NEWS, "What RDV Service Public says, 1 MB at most.")
