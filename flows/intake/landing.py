"""The bytes as received, kept until they are safely loaded, readable by their owner alone."""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from flows.errors import BatchRefused, SourceError, reason
from flows.language import _
from flows.places import Place
from flows.records import PAGES, Delivery
from flows.settings import AS_LONG_AS_USUAL, Retention
from flows.shown_names import pattern_of, shown_file
from flows.sources import Source
from flows.whole_files import flush, written_whole

BLOCK_BYTES = 1024 * 1024
MARKS = "marks.json"
BATCH_ID_CHARACTERS = 16
LONGEST_SUFFIX_BYTES = 32
NAMES = "names.json"
UNFINISHED_KEPT = timedelta(days=1)


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
    payload_sha256: str = ""
    """Of the bytes that lie here; empty where nobody noted it."""
    pattern: str = ""
    """The name that the TOML declares for its files; empty where nobody noted it."""

    @property
    def is_empty(self) -> bool:
        return self.size_bytes == 0

    @property
    def shown(self) -> str:
        """What leaves this folder of its name."""
        return shown_file(self.file_name, self.pattern, self.batch_id)


def identify(
    delivery: Delivery, place: Place, source: Source, window: tuple[date | None, date | None],
    landing: Path, now: datetime, days: str = "",
) -> Batch:  # fmt: skip
    """The batch that a delivery is, before anything is copied.

    The same bytes for the same place, source and window are the same batch; `days` tells two
    apart whose bytes are equal and whose names say other days.
    """
    try:
        sha256, size = sha256_of(delivery.path)
    except OSError as fault:
        raise SourceError(
            _("the file cannot be read ({reason})").format(reason=reason(fault)),
            where=str(delivery.path),
            remedy=_("check that it is there and that this user may read it"),
        ) from fault
    content = delivery.content_sha256 or sha256
    name = "|".join([place.id, source.id, *map(str, window), content, *filter(None, [days])])
    batch_id = hashlib.sha256(name.encode()).hexdigest()[:BATCH_ID_CHARACTERS]
    folder = landing / place.id / source.id / batch_id
    return Batch(
        batch_id, place.id, source.feed, source.id, source.connector, delivery.name,
        content, size, *window, delivery.started_at or now,
        folder / f"payload{suffix_of(delivery.name)}", sha256, pattern_of(source),
    )  # fmt: skip


def suffix_of(name: str) -> str:
    """What a name ends with, in lower case; nothing where no format of any program is so long."""
    suffix = Path(name).suffix.lower()
    return suffix if len(os.fsencode(suffix)) <= LONGEST_SUFFIX_BYTES else ""


def sha256_of(file: Path) -> tuple[str, int]:
    """SHA-256 and size of what is in a file."""
    digest, size = hashlib.sha256(), 0
    with file.open("rb") as stream:
        while block := stream.read(BLOCK_BYTES):
            digest.update(block)
            size += len(block)
    return digest.hexdigest(), size


def land(delivery: Delivery, batch: Batch) -> None:
    """Take the bytes and write the manifest; the manifest comes last and makes it complete.

    Raises SourceError for a file that grew or shrank since the batch was identified.
    """
    with alone_with(batch):
        take(delivery, batch)


def land_once(delivery: Delivery, batch: Batch, *, is_settled: bool) -> Batch:
    """The same, unless it lies here as it came; what does not is taken again, as old as it was.

    What was not accepted may come again under another name.
    """
    with alone_with(batch):
        known = read_manifest(batch.payload.parent)
        has_its_name = known and (is_settled or known.file_name == batch.file_name)
        if known and has_its_name and is_as_it_came(known):
            return known
        if known and is_settled:
            batch = replace(known, payload_sha256=batch.payload_sha256)
        elif known:
            batch = replace(batch, received_at=known.received_at)
        take(delivery, batch)
        return batch


@contextmanager
def alone_with(batch: Batch) -> Iterator[None]:
    """Make the folder of a batch, and hold it: another process may bring the same bytes now."""
    folder = batch.payload.parent
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for parent in (folder, *folder.parents[:3]):
        parent.chmod(0o700)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def take(delivery: Delivery, batch: Batch) -> None:
    folder = batch.payload.parent
    if delivery.started_at:
        os.replace(delivery.path, batch.payload)
        batch.payload.chmod(0o600)
        flush(batch.payload)
    else:
        with written_whole(batch.payload) as unfinished:
            shutil.copyfile(delivery.path, unfinished)
            if unfinished.stat().st_size != batch.size_bytes:  # its hash is compared later
                raise SourceError(
                    _("the file changed while it was taken"),
                    where=delivery.name,
                    remedy=_("nothing is to be done: the next run takes it"),
                )
    for other in folder.glob("payload*"):
        if other != batch.payload:
            other.unlink()
    manifest = {**asdict(batch), "payload": batch.payload.name}
    with written_whole(folder / "manifest.json") as unfinished:
        unfinished.write_text(json.dumps(manifest, default=str, ensure_ascii=False, indent=1))


def is_as_it_came(batch: Batch) -> bool:
    """Are the bytes that lie here those that came? Where nobody noted their hash, by their size."""
    try:
        if batch.payload.stat().st_size != batch.size_bytes:
            return False
        return not batch.payload_sha256 or sha256_of(batch.payload)[0] == batch.payload_sha256
    except FileNotFoundError:
        return False


def all_damaged(landing: Path) -> list[Batch]:
    """What lies in landing and is not what came, of all places."""
    folders = sorted(file.parent for file in landing.glob("*/*/*/manifest.json"))
    batches = [batch for folder in folders if (batch := read_manifest(folder))]
    return [batch for batch in batches if not is_as_it_came(batch)]


def refuse_other_bytes(batch: Batch) -> None:
    """Raises BatchRefused for bytes that were cut, changed or lost since they came."""
    if not is_as_it_came(batch):
        raise BatchRefused(
            _("what is kept of it is not what came: it was cut or changed on this disk"),
            where=f"{batch.place_id}, {batch.shown}",
            remedy=_("send it again: it is then taken anew; and look after the disk"),
        )


def landed(landing: Path, place: Place, source: Source) -> list[Batch]:
    """The batches of a source that are still in landing, oldest first."""
    folders = [file.parent for file in (landing / place.id / source.id).glob("*/manifest.json")]
    batches = [batch for folder in folders if (batch := read_manifest(folder))]
    return sorted(batches, key=lambda batch: (batch.received_at, batch.file_name))


def landed_of(landing: Path, place_id: str) -> list[Batch]:
    """All that landed of a place and is still there, of former sources too."""
    folders = [file.parent for file in (landing / place_id).glob("*/*/manifest.json")]
    return [batch for folder in sorted(folders) if (batch := read_manifest(folder))]


def landed_by(landing: Path, place_id: str, connector: str) -> list[Batch]:
    """The same of what one connector brought."""
    return [batch for batch in landed_of(landing, place_id) if batch.connector == connector]


def payload_of(folder: Path, batch_id: str) -> Path | None:
    """The bytes of a batch of the source whose folder this is; None when they are gone."""
    batch = read_manifest(folder / batch_id) if batch_id else None
    return batch.payload if batch and batch.payload.exists() else None


def note_names(batch: Batch, names: dict[str, str]) -> None:
    """Keep beside the bytes how the sheets are called of which only a number is shown."""
    with written_whole(batch.payload.with_name(NAMES)) as unfinished:
        unfinished.write_text(json.dumps(names, ensure_ascii=False))


def real_names(landing: Path, batch_id: str) -> tuple[str, dict[str, str]]:
    """The name of a file, and those of its sheets by what is shown; empty once they are gone."""
    for file in landing.glob(f"*/*/{batch_id}/manifest.json"):
        if batch := read_manifest(file.parent):
            sheets = file.with_name(NAMES)
            return batch.file_name, json.loads(sheets.read_text()) if sheets.exists() else {}
    return "", {}


def marks(folder: Path) -> dict[str, str]:
    """What a system told of the files of a source when they were fetched last → their batches."""
    try:
        return dict(json.loads((folder / MARKS).read_text()))
    except (FileNotFoundError, ValueError):
        return {}  # then all of it is fetched again


def note_marks(folder: Path, told: dict[str, str]) -> None:
    """Remember them, and no others; a mark is a hash and holds no name."""
    if told != marks(folder):
        with written_whole(folder / MARKS) as unfinished:
            unfinished.write_text(json.dumps(told, indent=0))


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
    if "payload_sha256" not in fields and not fields["file_name"].endswith(PAGES):
        fields["payload_sha256"] = fields["content_sha256"]
    fields["received_at"] = datetime.fromisoformat(fields["received_at"])
    for end in ("window_from", "window_to"):
        text = fields[end]
        fields[end] = date.fromisoformat(text) if text else None
    return Batch(**fields)


def clear(
    landing: Path, settled: set[str], now: datetime, retention: Retention = AS_LONG_AS_USUAL
) -> int:
    """Remove what was received 30 days ago and is settled, or 90 days ago and not; count them.

    The days are those of the network; what is not settled can be read again for longer.
    """
    removed = 0
    for file in landing.glob("*/*/*/manifest.json"):
        received_at = datetime.fromisoformat(json.loads(file.read_text())["received_at"])
        is_settled = file.parent.name in settled
        kept_days = retention.landing_days if is_settled else retention.open_landing_days
        if now - received_at > timedelta(days=kept_days):
            shutil.rmtree(file.parent)
            removed += 1
    for folder in landing.glob(f"*/*/{'[0-9a-f]' * BATCH_ID_CHARACTERS}"):
        if not (folder / "manifest.json").exists() and is_abandoned(folder, now):
            shutil.rmtree(folder)  # a process was killed while it landed this: it comes again
    for file in (*landing.glob("*/*/*.part"), *landing.glob("*/*/*/*.part")):
        if is_abandoned(file, now):
            file.unlink()
    return removed


def is_abandoned(path: Path, now: datetime) -> bool:
    """Is it a day ago that somebody wrote there?"""
    return now - datetime.fromtimestamp(path.stat().st_mtime, UTC) > UNFINISHED_KEPT
