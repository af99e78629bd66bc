"""Files of a folder elsewhere: WebDAV (Nextcloud), SFTP, S3; taken whole, then read as any.

A file is taken when it has not changed for a minute, when it is the same at a second look, or when
another one beside it, with `.ok` at the end of its name, says that it is complete. What was loaded
and is told to be the same (size, time of change, etag) is not fetched again.
"""

import hashlib
import json
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Self
from urllib.parse import unquote, urlsplit

from pydantic import model_validator

from flows.connectors._afar import Folder, Told, Unreachable, other_fault
from flows.connectors._matching import COMPLETE, matching, nothing_matches
from flows.connectors._secrets import passphrase, read_secret
from flows.connectors._trust import LOOPBACK
from flows.declaration import Declared, Secret, refuse_secret_in
from flows.errors import ImpactError, SourceError
from flows.language import _
from flows.payroll import refuse_payroll
from flows.records import Delivery, Pull
from flows.shown_names import nth_file
from flows.sources import Source

SETTLED_AFTER = timedelta(minutes=1)
SECOND_LOOK_SECONDS = 3.0
LARGEST_FILE = 2_000_000_000


class RemoteOptions(Declared):
    user: str | None = None
    """The account of WebDAV or SFTP; of S3, the name of the key."""
    known_host: str | None = None
    """The public key of an SFTP server, as one line: `ssh-ed25519 AAAA…`."""
    key: Secret | None = None
    """The account's private key for SFTP; `token` is then its passphrase, where it has one."""
    endpoint: str | None = None
    """The address of an S3 that is not Amazon's."""


class Target(Declared):
    """A folder elsewhere to which something is brought, in the words of a source."""

    id: str
    url: str
    token: Secret | None = None
    options: RemoteOptions = RemoteOptions()

    @model_validator(mode="after")
    def address_holds_no_secret(self) -> Self:
        refuse_secret_in(self.url)
        return self


def fetch_remote(source: Source, pull: Pull) -> list[Delivery]:
    """What came and what is as it was; of a file that could not be had, why.

    Raises SourceError when the folder cannot be read, or no file matches.
    """
    place, pattern = inside(source)
    where = f"{source.id}, {urlsplit(source.url).hostname}"
    with told_faults(where):
        folder = opened(source, pull.folder, place, where)
        wanted = settled(folder, pattern, where)
    work = pull.work / "remote"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True, mode=0o700)
    deliveries: list[Delivery] = []
    for number, (name, told) in enumerate(wanted.items(), start=1):
        mark = mark_of(name, told)
        delivery = Delivery(name, work / str(number), datetime.now(UTC), mark=mark)
        if mark and mark in pull.taken:
            deliveries.append(Delivery(name, delivery.path, mark=mark, was_taken=True))
            continue
        at = f"{where}, {nth_file(name, source, number)}"
        try:
            with told_faults(at):
                download(folder, name, delivery.path, at)
        except ImpactError as fault:
            delivery.path.unlink(missing_ok=True)
            deliveries.append(Delivery(name, delivery.path, fault=fault))
            if isinstance(fault, Unreachable):
                break
        else:
            deliveries.append(delivery)
    return deliveries


def inside(source: Source) -> tuple[str, str]:
    """Folder and pattern below the address; raises SourceError for a way out of it."""
    path = PurePosixPath(source.path)
    if path.is_absolute() or ".." in path.parts or "*" in str(path.parent):
        raise SourceError(
            _("the path leads out of the folder, or has a star in a folder's name"),
            where=f"{source.id}, path",
            remedy=_('write it below the address, such as "exports/rh-*.xlsx"'),
        )
    return str(path.parent), path.name


def settled(folder: Folder, pattern: str, where: str) -> dict[str, Told]:
    """The files that match and are not being written, in order of name."""
    files = folder.files()
    found = {name: files[name] for name in matching(files, pattern)}
    if not found:
        raise nothing_matches(pattern, where)
    fresh = {
        name
        for name, told in found.items()
        if name + COMPLETE not in files and not told.is_older_than(SETTLED_AFTER)
    }
    if fresh:
        time.sleep(SECOND_LOOK_SECONDS)
        again = folder.files()
        found = {k: v for k, v in found.items() if k not in fresh or again.get(k) == v}
    return found


def mark_of(name: str, told: Told) -> str:
    """One version of one file, as a hash; empty where what is told could be of two versions.

    Times have whole seconds: what changed just now may change again in the same one.
    """
    if told.size is None or not told.is_older_than(SETTLED_AFTER):
        return ""
    said = [name, told.size, str(told.changed), told.etag]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:32]


def download(folder: Folder, name: str, target: Path, where: str) -> None:
    """Raises BatchRefused for a payroll declaration, before a byte of it is written."""
    size = 0
    with target.open("wb") as local:
        target.chmod(0o600)
        for block in folder.blocks(name):
            if not size:
                refuse_payroll(block, where)
            size += len(block)
            if size > LARGEST_FILE:
                raise SourceError(
                    _("this file is larger than {size} GB").format(
                        size=LARGEST_FILE // 1_000_000_000
                    ),
                    where=where,
                    remedy=_("export it in parts"),
                )
            local.write(block)


def opened(source: Source | Target, beside: Path, place: str, where: str) -> Folder:
    """The folder that the address and the path name; files with secrets are beside the TOML.

    Its client is imported here: most files lie in a folder of this machine.
    """
    url = urlsplit(source.url)
    options = RemoteOptions.model_validate(source.options)
    below = "" if place == "." else place
    if url.scheme == "https" or (url.scheme == "http" and url.hostname in LOOPBACK):
        from flows.connectors._webdav import WebDav

        word = passphrase(source, beside)
        return WebDav(source.url, below, options.user or "", word, where)
    if url.scheme == "sftp":
        from flows.connectors._sftp import Sftp

        key = read_secret(options.key, source, beside) if options.key else ""
        word = "" if key and source.token is None else passphrase(source, beside)
        root = unquote(url.path) or "/"
        return Sftp(
            url.hostname or "", url.port or 22, f"{root.rstrip('/')}/{below}", options.user, where,
            options.known_host or "", word=word, private_key=key,
        )  # fmt: skip
    if url.scheme == "s3":
        from flows.connectors._s3 import S3

        word = passphrase(source, beside)
        root = f"{url.netloc}{url.path}".rstrip("/")
        return S3(f"{root}/{below}", options.user, word, options.endpoint, where)
    raise SourceError(
        _("this is not the address of a folder elsewhere"), where=f"{source.id}, url",
        remedy=_("begin it with https:// (WebDAV), sftp:// or s3://"),
    )  # fmt: skip


@contextmanager
def told_faults(where: str) -> Iterator[None]:
    """Whatever a library raises and its folder did not expect, in words."""
    try:
        yield
    except ImpactError as fault:
        fault.where = fault.where or where
        raise
    except Exception as fault:
        if type(fault).__module__.startswith(("flows", "builtins")):
            raise
        raise other_fault(fault, where) from None
