"""The secret by which published figures are rounded, and the draw that it decides.

Equal sets get equal draws under one secret, and nobody who does not have it can tell to which side
a figure was rounded. Where every place is invented it is known to all, so that a demonstration has
the same figures everywhere; a network of real places makes its own, beside its keys, and keeps it:
with another, every figure would be drawn anew, and two draws of one figure say more than one.
"""

import hashlib
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

import duckdb

from flows.errors import ConfigurationError
from flows.language import _
from flows.settings import Settings

PUBLIC = hashlib.sha256("démonstration : ce secret n'en est pas un".encode()).hexdigest()
SECRET_BYTES = 32
DRAW = """
CREATE OR REPLACE TEMP MACRO draw(key) AS
    CAST('0x' || substr(sha256('{secret}:' || key || ':{secret}'), 1, 13) AS BIGINT)
    / CAST(4503599627370496 AS DOUBLE);
CREATE OR REPLACE TEMP MACRO rounded(number, step, u) AS
    step * (floor(number / step)
        + CASE WHEN u < number / step - floor(number / step) THEN 1 ELSE 0 END);
CREATE OR REPLACE TEMP MACRO secret_fingerprint() AS '{fingerprint}';
CREATE OR REPLACE TEMP MACRO public_fingerprint() AS '{public}';
"""
"""`draw(key)`: from 0 to 1, evenly over all secrets. `rounded(number, step, u)`: one of the two
multiples of the step around the number, the upper one the likelier the nearer it is, so that the
mean over all secrets is the number."""


ALL_INVENTED = """
    SELECT NOT EXISTS (
        SELECT 1 FROM ledger.last_attempt AS a
        INNER JOIN ledger.batch AS b ON b.batch_id = a.batch_id AND a.outcome = 'accepted'
        LEFT JOIN registry.place AS p ON p.place_id = b.place_id
        WHERE p.is_synthetic IS NOT TRUE
    )
"""
"""Is every record that was ever taken one of an invented place?"""
DRAWN_BY = """
    SELECT v.secret_fingerprint FROM ledger.published_value AS v
    GROUP BY v.secret_fingerprint ORDER BY max(v.publiee_le)
"""
"""Of the secrets by which published values were drawn, the newest last."""


def are_all_invented(connection: duckdb.DuckDBPyConnection) -> bool:
    """Of a connection to a warehouse."""
    [(answer,)] = connection.execute(ALL_INVENTED).fetchall()
    return bool(answer)


def drawn_by(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The fingerprints of the secrets of published values, of a connection to a warehouse."""
    return [name for (name,) in connection.execute(DRAWN_BY).fetchall()]


def let_draw(connection: duckdb.DuckDBPyConnection, secret: str) -> None:
    """Let SQL on this connection call `draw` and `rounded`; nothing of it is stored."""
    assert len(bytes.fromhex(secret)) == SECRET_BYTES
    connection.execute(
        DRAW.format(secret=secret, fingerprint=fingerprint(secret), public=fingerprint(PUBLIC))
    )


def secret_for(settings: Settings, is_invented: bool, released: Sequence[str]) -> str:
    """The secret of a network, made at the first need.

    `released` are the fingerprints that its releases name, the newest last. Raises
    ConfigurationError when one was rounded by a secret that is missing or other now.
    """
    if is_invented:
        return PUBLIC
    check_secret(settings.secret_file, released)
    if not settings.secret_file.exists():
        make_secret(settings.secret_file)
    return read_secret(settings.secret_file)


def check_secret(file: Path, released: Sequence[str]) -> None:
    """Raises ConfigurationError when it is not that of the releases; makes none."""
    known = [name for name in released if name != fingerprint(PUBLIC)]
    fault = ""
    if not file.exists():
        fault = _("the secret by which the releases were rounded is missing") if known else ""
    elif not (secret := read_secret(file)):
        fault = _("the secret is damaged")
    elif known and fingerprint(secret) != known[-1]:
        fault = _("this is not the secret by which the releases were rounded")
    if fault:
        raise ConfigurationError(
            fault, where=str(file), remedy=_("put it back from the backup of the keys")
        )


def read_secret(file: Path) -> str:
    """What stands there, when it is a secret."""
    secret = file.read_text(encoding="ascii", errors="replace").strip()
    try:
        return secret if len(bytes.fromhex(secret)) == SECRET_BYTES else ""
    except ValueError:
        return ""


def make_secret(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as handle:
        handle.write(secrets.token_hex(SECRET_BYTES) + "\n")


def fingerprint(secret: str) -> str:
    """What recognises a secret and tells nothing of it."""
    return hashlib.sha256(f"empreinte:{secret}".encode()).hexdigest()[:16]
