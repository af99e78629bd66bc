"""The bytes as received, kept until they are safely loaded, readable by their owner alone."""

import hashlib
import json
import os
import shutil
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from flows.errors import SourceError, reason
from flows.language import _
from flows.places import Place
from flows.records import Delivery
from flows.sources import Source
from flows.whole_files import flush, written_whole

BLOCK_BYTES = 1024 * 1024
KEPT_DAYS = 30
KEPT_DAYS_WHEN_OPEN = 90
UNFINISHED_KEPT = timedelta(days=1)
"""A batch that was refused, or has rows to correct, can be read again for longer."""


@dataclass(frozen=True)
class Batch:
    """What was received: place, source, window and content together make its identity."""

    batch_id: str
    place_id: str
    feed: str
    source_id: str
    connector: str
    file_name: str
    content_sha256: str
    size_bytes: int
    window_from: date | None
    window_to: date | None
    received_at: datetime
    payload: Path

    @property
    def is_empty(self) -> bool:
        return self.size_bytes == 0


def identify(
    delivery: Delivery, place: Place, source: Source, window: tuple[date | None, date | None],
    landing: Path, now: datetime, days: str = "",
) -> Batch:  # fmt: skip
    """The batch that a delivery is, before anything is copied.

    The same bytes for the same place, source and window are the same batch; `days` tells two
    apart whose bytes are equal and whose names say other days.
    """
    digest, size = hashlib.sha256(), 0
    try:
        with delivery.path.open("rb") as stream:
            while block := stream.read(BLOCK_BYTES):
                digest.update(block)
                size += len(block)
        content = delivery.content_sha256 or digest.hexdigest()
    except OSError as fault:
        raise SourceError(
            _("the file cannot be read ({reason})").format(reason=reason(fault)),
            where=str(delivery.path),
            remedy=_("check that it is there and that this user may read it"),
        ) from fault
    name = "|".join([place.id, source.id, *map(str, window), content, *filter(None, [days])])
    batch_id = hashlib.sha256(name.encode()).hexdigest()[:16]
    folder = landing / place.id / source.id / batch_id
    return Batch(
        batch_id, place.id, source.feed, source.id, source.connector, delivery.name,
        content, size, *window, delivery.started_at or now,
        folder / f"payload{Path(delivery.name).suffix.lower()}",
    )  # fmt: skip


def land(delivery: Delivery, batch: Batch) -> None:
    """Take the bytes and write the manifest; the manifest comes last and makes it complete."""
    folder = batch.payload.parent
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for parent in (folder, *folder.parents[:3]):
        parent.chmod(0o700)
    if delivery.started_at:
        os.replace(delivery.path, batch.payload)
    else:
        shutil.copyfile(delivery.path, batch.payload)
    batch.payload.chmod(0o600)
    flush(batch.payload)
    manifest = {**asdict(batch), "payload": batch.payload.name}
    with written_whole(folder / "manifest.json") as unfinished:
        unfinished.write_text(json.dumps(manifest, default=str, ensure_ascii=False, indent=1))


def landed(landing: Path, place: Place, source: Source) -> list[Batch]:
    """The batches of a source that are still in landing, oldest first."""
    folders = [file.parent for file in (landing / place.id / source.id).glob("*/manifest.json")]
    batches = [batch for folder in folders if (batch := read_manifest(folder))]
    return sorted(batches, key=lambda batch: (batch.received_at, batch.file_name))


def landed_by(landing: Path, place_id: str, connector: str) -> list[Batch]:
    """All that a connector brought of a place and that is still there, of former sources too."""
    folders = [file.parent for file in (landing / place_id).glob("*/*/manifest.json")]
    batches = [batch for folder in folders if (batch := read_manifest(folder))]
    return [batch for batch in batches if batch.connector == connector]


def payload_of(folder: Path, batch_id: str) -> Path | None:
    """The bytes of a batch of the source whose folder this is; None when they are gone."""
    batch = read_manifest(folder / batch_id) if batch_id else None
    return batch.payload if batch and batch.payload.exists() else None


def remove(batch: Batch) -> None:
    """The bytes first: a run that is stopped here still finds the manifest, and goes on."""
    batch.payload.unlink(missing_ok=True)
    shutil.rmtree(batch.payload.parent)


def read_manifest(folder: Path) -> Batch | None:
    """The batch that a folder of landing holds; None while it is not complete."""
    try:
        fields = json.loads((folder / "manifest.json").read_text())
    except FileNotFoundError:
        return None
    fields["payload"] = folder / fields["payload"]
    fields["received_at"] = datetime.fromisoformat(fields["received_at"])
    for end in ("window_from", "window_to"):
        text = fields[end]
        fields[end] = date.fromisoformat(text) if text else None
    return Batch(**fields)


def clear(landing: Path, settled: set[str], now: datetime) -> int:
    """Remove what was received 30 days ago and is settled, or 90 days ago and not; count them."""
    removed = 0
    for file in landing.glob("*/*/*/manifest.json"):
        received_at = datetime.fromisoformat(json.loads(file.read_text())["received_at"])
        kept_days = KEPT_DAYS if file.parent.name in settled else KEPT_DAYS_WHEN_OPEN
        if now - received_at > timedelta(days=kept_days):
            shutil.rmtree(file.parent)
            removed += 1
    for file in landing.glob("*/*/*.part"):
        if now - datetime.fromtimestamp(file.stat().st_mtime, UTC) > UNFINISHED_KEPT:
            file.unlink()
    return removed
