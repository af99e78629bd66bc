"""What a tool asks to erase: a file in landing until the ledger says what was erased.

The door writes the file and nothing else; the next run of the place carries it out, once.
"""

import json
import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from flows.intake.ledger import one_row
from flows.intake.removal import into_tombstones
from flows.intake.shared_addresses import is_not_shared
from flows.language import _
from flows.whole_files import written_whole
from schemas import CONTRACTS

ASKED = ".erasure"
FOR_EVER = datetime(9999, 1, 1, tzinfo=UTC)
"""The version of an erased record: none that comes later is later."""
OF_THE_TOOL = """place_id = $place AND source_id IN (
    SELECT b.source_id FROM ledger.batch AS b
    WHERE b.place_id = $place AND b.connector = $connector
)"""


@dataclass(frozen=True)
class Erasure:
    """One request. Like all of landing it is for its owner alone, and it goes when it is done."""

    erasure_id: str
    place_id: str
    tool: str
    connector: str
    model: str
    asked_at: datetime
    name: str
    record_ids: list[str]
    person_keys: list[str]


def ask(landing: Path, erasure: Erasure) -> None:
    """Keep a request; the same one again is one request."""
    file = file_of(landing, erasure)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with written_whole(file) as unfinished:
        unfinished.write_text(json.dumps(asdict(erasure), default=str))


def file_of(landing: Path, erasure: Erasure) -> Path:
    return landing / erasure.place_id / f"{erasure.erasure_id}{ASKED}"


def open_requests(landing: Path, place_id: str) -> list[Erasure]:
    """The requests of a place that nobody has closed, oldest first."""
    found = []
    for file in (landing / place_id).glob(f"*{ASKED}"):
        fields = json.loads(file.read_text())
        fields["asked_at"] = datetime.fromisoformat(fields["asked_at"])
        found.append(Erasure(**fields))
    return sorted(found, key=lambda erasure: (erasure.asked_at, erasure.erasure_id))


def is_done(connection: duckdb.DuckDBPyConnection, erasure: Erasure) -> bool:
    known = "SELECT count(*) FROM ledger.attempt WHERE batch_id = ?"
    return one_row(connection, known, [erasure.erasure_id])[0] > 0


def erase(
    connection: duckdb.DuckDBPyConnection, erasure: Erasure, landed: tuple[set[str], int],
    as_of: datetime,
) -> str:  # fmt: skip
    """Make tombstones of the records, drop their refused rows, and say so in the ledger.

    `landed` are the records that go by what landing says, and how many batches of it go. The caller
    holds the transaction. The line is an attempt without a batch, and its rows are the tombstones:
    so the next build sees that something has changed.
    """
    attempt_id = str(uuid.uuid4())
    where = {"place": erasure.place_id, "connector": erasure.connector}
    found, batches = landed
    record_ids = {*found, *erasure.record_ids}
    records = 0
    for feed in CONTRACTS:
        rows = connection.execute(
            f"{into_tombstones(feed)} WHERE {OF_THE_TOOL} AND version_at < $version_at "
            "AND (list_contains($records, record_id) OR list_contains($people, person_key) "
            f"AND {is_not_shared('person_key')}) "
            "RETURNING record_id",
            {
                **where, "records": [*record_ids], "people": erasure.person_keys,
                "version_at": FOR_EVER, "attempt": attempt_id,
            },
        ).fetchall()  # fmt: skip
        records += len(rows)
        record_ids |= {record_id for (record_id,) in rows}
    rejects = connection.execute(
        f"DELETE FROM ledger.quarantine WHERE {OF_THE_TOOL} "
        "AND list_contains($records, record_id) RETURNING record_id",
        {**where, "records": [*record_ids]},
    ).fetchall()
    reason = said(erasure, records, len(rejects), batches)
    outcome = "accepted" if records or rejects or batches else "unknown"
    connection.execute(
        "INSERT INTO ledger.attempt VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0, ?, 0, 0, 0, 0, 0)",
        [attempt_id, erasure.erasure_id, datetime.now(UTC), as_of, outcome, reason, records,
         records],
    )  # fmt: skip
    return reason


def said(erasure: Erasure, records: int, rejects: int, batches: int) -> str:
    """What was asked and done, without saying of whom."""
    asked_for = _("{place}: {tool} asked on {at:%Y-%m-%d %H:%M} UTC to erase one {model}; ").format(
        place=erasure.place_id, tool=erasure.tool, at=erasure.asked_at.astimezone(UTC),
        model=erasure.model,
    )  # fmt: skip
    if not (records or rejects or batches):
        return asked_for + _("nothing is known of it")
    return asked_for + _(
        "erased: {records} records, {rejects} reasons of refusal, {batches} landed batches"
    ).format(records=records, rejects=rejects, batches=batches)
