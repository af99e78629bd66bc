"""One archive of what a home cannot make again, and the way back; the keys are never in it."""

import contextlib
import dataclasses
import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import IO, Any

from flows.errors import ConfigurationError, ImpactError, reason
from flows.intake.landing import is_abandoned
from flows.language import _
from flows.operation.soundness import Damage, refuse_damage
from flows.publication.release import make_current
from flows.publication.secret import fingerprint, read_secret
from flows.settings import Settings
from flows.warehouse.database import connect, writer_lock
from flows.warehouse.migrations import refuse_newer
from flows.warehouse.tables import warehouse_version
from flows.whole_files import written_whole

MANIFEST = "manifest.json"
BLOCK_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Part:
    """One file of the archive, named by its path in the home."""

    path: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What an archive holds, as its first file says."""

    software_version: str
    schema_version: int
    made_at: str
    current_release: str | None
    parts: list[Part]
    network: str = ""
    """What recognises its secret of rounding; nothing where it has none yet."""

    @property
    def size_bytes(self) -> int:
        return sum(part.size_bytes for part in self.parts)


def kept(settings: Settings) -> list[Path]:
    """What a backup takes of a home, and a restore puts there; the warehouse comes last."""
    return [settings.landing, settings.published, settings.preview, settings.warehouse]


def back_up(settings: Settings, file: Path) -> tuple[Manifest, Damage]:
    """Write the archive and read it again; it has its name only when every part is right.

    Warehouse and release are read to their end before: a copy of damage would be right too. What is
    damaged in landing is taken as it is, and named.

    Raises ConfigurationError when there is nothing to back up or the file exists already, and
    ImpactError when it cannot be written or is not what was to be written.
    """
    if not settings.warehouse.exists():
        raise ConfigurationError(
            _("there is no warehouse yet"), where=str(settings.home), remedy=_("run `impact run`")
        )
    if file.exists():
        raise ConfigurationError(
            _("the file exists already"), where=str(file), remedy=_("give the backup another name")
        )
    try:
        clear_abandoned(file.parent)
        with written_whole(file) as unfinished:
            with writer_lock(settings):
                damage = refuse_damage(settings)
                manifest = describe(settings)
                write_archive(settings, manifest, unfinished)
            with opened(unfinished) as archive:
                check(archive, unfinished)
    except OSError as fault:
        raise ImpactError(
            _("the backup cannot be written ({reason})").format(reason=reason(fault)),
            where=str(fault.filename or file),
            remedy=_("make room there, or give this user the right to write"),
        ) from fault
    return manifest, damage


def clear_abandoned(folder: Path) -> None:
    """Remove the beginnings of archives of ours to which nobody has written for a day.

    Whoever made them was killed; they may have had another name, with a date in it.
    """
    for file in folder.glob("*.part"):
        if not file.is_file() or not is_abandoned(file, datetime.now(UTC)):
            continue
        with contextlib.suppress(ConfigurationError), opened(file) as archive:
            read_manifest(archive, file)
            file.unlink()


def describe(settings: Settings) -> Manifest:
    """The manifest of a home that nobody writes to; what waits in the log goes into the file."""
    connection = connect(settings)
    try:
        layout = warehouse_version(connection)
        refuse_newer(layout, settings.warehouse)
        connection.execute("CHECKPOINT")
    finally:
        connection.close()
    current = settings.current_release
    return Manifest(
        software_version=version("impact-tiers-lieux"),
        schema_version=layout,
        made_at=datetime.now(UTC).isoformat(timespec="seconds"),
        current_release=(
            current.resolve().relative_to(settings.published.resolve()).as_posix()
            if current.exists()
            else None
        ),
        parts=[describe_part(settings.home, file) for file in sorted(files_of(settings))],
        network=fingerprint(read_secret(own)) if (own := settings.secret_file).exists() else "",
    )


def drop_older(file: Path, made: Manifest, days: int) -> int:
    """Remove the archives of this network beside a new one that are so many days older; count them.

    Files received, and people who asked to be erased, are in them.
    """
    oldest, gone = datetime.fromisoformat(made.made_at) - timedelta(days=days), 0
    for other in file.parent.glob(f"*{file.suffix}"):
        with contextlib.suppress(ConfigurationError, OSError):
            with opened(other) as archive:
                found = read_manifest(archive, other)
            is_ours = made.network and found.network == made.network
            if is_ours and datetime.fromisoformat(found.made_at) < oldest:
                other.unlink()
                gone += 1
    return gone


def files_of(settings: Settings) -> Iterator[Path]:
    """Every finished file of a home; the link to the current release is in the manifest."""
    for path in kept(settings):
        for file in path.rglob("*") if path.is_dir() else [path]:
            if file.is_file() and not file.is_symlink() and file.suffix != ".part":
                yield file


def describe_part(home: Path, file: Path) -> Part:
    with file.open("rb") as stream:
        size_bytes, sha256 = copy(stream)
    return Part(file.relative_to(home).as_posix(), size_bytes, sha256)


def copy(source: IO[bytes], target: IO[bytes] | None = None) -> tuple[int, str]:
    """Read to the end, into the target when there is one; size and SHA-256 of what was read."""
    digest, size_bytes = hashlib.sha256(), 0
    while block := source.read(BLOCK_BYTES):
        digest.update(block)
        size_bytes += len(block)
        if target is not None:
            target.write(block)
    return size_bytes, digest.hexdigest()


def write_archive(settings: Settings, manifest: Manifest, file: Path) -> None:
    """The manifest, then its parts."""
    noted = json.dumps(asdict(manifest), ensure_ascii=False, indent=1).encode()
    first = tarfile.TarInfo(MANIFEST)
    first.size = len(noted)
    with tarfile.open(file, "w") as archive:
        archive.addfile(first, io.BytesIO(noted))
        for part in manifest.parts:
            archive.add(settings.home / part.path, part.path, recursive=False)


@contextmanager
def opened(file: Path) -> Iterator[tarfile.TarFile]:
    """Raises ConfigurationError when the file is no archive, or ends too early."""
    try:
        with tarfile.open(file, "r:") as archive:
            yield archive
    except (tarfile.TarError, EOFError) as fault:
        raise broken(_("it is not a whole archive"), str(file)) from fault


def broken(what: str, where: str) -> ConfigurationError:
    return ConfigurationError(
        what, where=where, remedy=_("nothing was changed; take or make another backup")
    )


def check(archive: tarfile.TarFile, file: Path, target: Path | None = None) -> Manifest:
    """Compare every part with the manifest, and write it below the target when there is one.

    Raises ConfigurationError for a part that is missing, changed, unknown or not below the home.
    """
    manifest = read_manifest(archive, file)
    expected = {part.path: part for part in manifest.parts}
    current = manifest.current_release
    if current and f"published/{current}" not in expected:
        raise broken(_("the current release is missing"), f"{file}, {current}")
    while member := archive.next():
        part = expected.pop(member.name, None)
        stream = archive.extractfile(member) if member.isfile() else None
        if part is None or stream is None or not is_below_home(part.path):
            raise broken(_("this path has no place in a home"), f"{file}, {member.name}")
        if target is None:
            size_bytes, sha256 = copy(stream)
        else:
            size_bytes, sha256 = unpack(stream, target / part.path, member.mtime)
        if (size_bytes, sha256) != (part.size_bytes, part.sha256):
            raise broken(_("this part has changed"), f"{file}, {part.path}")
    for path in expected:
        raise broken(_("this part is missing"), f"{file}, {path}")
    return manifest


def read_manifest(archive: tarfile.TarFile, file: Path) -> Manifest:
    """The first file of the archive; raises ConfigurationError when it is not a manifest."""
    first = archive.next()
    stream = archive.extractfile(first) if first and first.name == MANIFEST else None
    try:
        fields: dict[str, Any] = json.load(stream) if stream else {}
        return Manifest(**{**fields, "parts": [Part(**part) for part in fields["parts"]]})
    except (ValueError, KeyError, TypeError) as fault:
        raise broken(_("it does not begin with a manifest"), str(file)) from fault


def is_below_home(path: str) -> bool:
    """True for a plain path into one of the things that a backup takes."""
    parts = PurePosixPath(path).parts
    known = {kept_path.name for kept_path in kept(Settings(Path(), Path(), Path()))}
    return bool(parts) and parts[0] in known and ".." not in parts


def unpack(stream: IO[bytes], file: Path, modified_at: float) -> tuple[int, str]:
    """Write one part, as old as it was; give its size and SHA-256."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("xb") as target:
        found = copy(stream, target)
    os.utime(file, (modified_at, modified_at))
    return found


def put_back(settings: Settings, file: Path) -> Manifest:
    """Put an archive into a home that has nothing to lose; all parts are checked before.

    Raises ConfigurationError, and changes nothing, when the home is in use, the archive is not
    whole, or it was made by a newer version.
    """
    refuse_used(settings)
    staged = dataclasses.replace(
        settings, home=settings.home.with_name(settings.home.name + ".restore.part")
    )
    shutil.rmtree(staged.home, ignore_errors=True)
    try:
        staged.home.mkdir(parents=True, mode=0o700)
        with opened(file) as archive:
            manifest = check(archive, file, staged.home)
        refuse_newer(manifest.schema_version, file)
        set_rights(staged)
        if manifest.current_release:
            make_current(staged, staged.published / manifest.current_release)
        with writer_lock(settings):
            refuse_used(settings)
            for here, there in zip(kept(staged), kept(settings), strict=True):
                if here.exists():
                    here.rename(there)
    except OSError as fault:
        raise ImpactError(
            _("the backup cannot be restored ({reason})").format(reason=reason(fault)),
            where=str(settings.home),
            remedy=_("make room there, or give this user the right to write"),
        ) from fault
    finally:
        shutil.rmtree(staged.home, ignore_errors=True)
    return manifest


def refuse_used(settings: Settings) -> None:
    """Raises ConfigurationError when a restore would cover something."""
    for path in kept(settings):
        if path.exists():
            raise ConfigurationError(
                _("the home is in use: it has {path_name}").format(path_name=path.name),
                where=str(settings.home),
                remedy=_("move the home away, or point IMPACT_HOME elsewhere, and restore again"),
            )


def set_rights(staged: Settings) -> None:
    """Releases are for everybody; the rest is readable by its owner alone."""
    for file in staged.home.rglob("*"):
        is_public = file.is_relative_to(staged.published)
        file.chmod((0o755 if is_public else 0o700) if file.is_dir() else
                   (0o644 if is_public else 0o600))  # fmt: skip
