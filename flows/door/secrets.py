"""One secret a place, beside its key; what each way in asks for is made from it."""

import hashlib
import hmac
import secrets
from pathlib import Path

from flows.serving.password import keep_secret
from flows.settings import Settings

SECRET_BYTES = 32


def secret_file(settings: Settings, place_id: str) -> Path:
    return settings.keys / f"{place_id}.door"


def make_secret(settings: Settings, place_id: str) -> None:
    """A new secret for a place: what was given out before opens nothing any more."""
    keep_secret(secret_file(settings, place_id), secrets.token_hex(SECRET_BYTES))


def made_from(settings: Settings, place_id: str, purpose: str) -> str | None:
    """The token, signing secret or path of one way in; None when the place has no secret."""
    try:
        secret = bytes.fromhex(secret_file(settings, place_id).read_text().strip())
    except (OSError, ValueError):
        return None
    if len(secret) != SECRET_BYTES:
        return None
    return hmac.new(secret, f"door|v1|{purpose}".encode(), hashlib.sha256).hexdigest()


def is_right(given: str, wanted: str | None) -> bool:
    """In constant time, and as long for a place that has no secret."""
    return hmac.compare_digest(
        given.encode(), (wanted or secrets.token_hex(SECRET_BYTES)).encode()
    ) and bool(wanted)
