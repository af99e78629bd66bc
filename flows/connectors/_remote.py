"""Files of a folder elsewhere: WebDAV (Nextcloud), SFTP, S3; taken whole, then read as any.

A file is taken when it has not changed for a minute, when it is the same at a second look, or when
another one beside it, with `.ok` at the end of its name, says that it is complete.
"""

import fnmatch
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import urlsplit

from flows.connectors._http import CONNECT_SECONDS, READ_SECONDS
from flows.connectors._secrets import secret
from flows.connectors._trust import LOOPBACK
from flows.declaration import Declared
from flows.errors import SourceError
from flows.language import _
from flows.payroll import refuse_payroll
from flows.records import Delivery, Pull
from flows.sources import Source

SETTLED_AFTER = timedelta(minutes=1)
SECOND_LOOK_SECONDS = 3.0
LARGEST_FILE = 2_000_000_000
COMPLETE = ".ok"


class RemoteOptions(Declared):
    user: str | None = None
    """The account of WebDAV or SFTP; of S3, the name of the key."""
    known_host: str | None = None
    """The public key of an SFTP server, as one line: `ssh-ed25519 AAAA…`."""
    endpoint: str | None = None
    """The address of an S3 that is not Amazon's."""


def fetch_remote(source: Source, pull: Pull) -> list[Delivery]:
    """Raises SourceError when the folder cannot be read, or no file matches."""
    folder, pattern = inside(source)
    where = f"{source.id}, {urlsplit(source.url).hostname}"
    started_at = datetime.now(UTC)
    with told_faults(where):
        system, root = file_system(source, pull)
        folder = f"{root}/{folder}".strip("/") if folder != "." else root.strip("/")
        wanted = settled(system, folder, pattern)
        if not wanted:
            raise SourceError(
                _("no file matches {pattern_name!r}").format(pattern_name=pattern), where=where,
                remedy=_("put the export there, or correct `path` in the place's TOML"),
            )  # fmt: skip
        work = pull.work / "remote"
        work.mkdir(parents=True, exist_ok=True, mode=0o700)
        for name in wanted:
            download(system, f"{folder}/{name}".lstrip("/"), work / name, where)
    return [Delivery(name, work / name, started_at) for name in wanted]


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


def settled(system: Any, folder: str, pattern: str) -> list[str]:
    """The names of the files that match and are not being written."""
    files = look(system, folder)
    matching = {name: mark for name, mark in files.items() if fnmatch.fnmatchcase(name, pattern)}
    fresh = [
        name
        for name, (_size, changed, _etag) in matching.items()
        if name + COMPLETE not in files and not is_old(changed)
    ]
    if fresh:
        time.sleep(SECOND_LOOK_SECONDS)
        again = look(system, folder)
        matching = {k: v for k, v in matching.items() if k not in fresh or again.get(k) == v}
    return sorted(matching)


def look(system: Any, folder: str) -> dict[str, tuple[Any, Any, Any]]:
    """Name of each plain file → size, time of change and etag; links and folders are left out."""
    system.invalidate_cache()
    found = {}
    for told in system.ls(folder, detail=True):
        name = PurePosixPath(str(told["name"]).rstrip("/")).name
        if told.get("type") == "file" and name not in ("", ".", ".."):
            changed = told.get("modified") or told.get("mtime") or told.get("LastModified")
            found[name] = (told.get("size"), changed, told.get("etag") or told.get("ETag"))
    return found


def is_old(changed: Any) -> bool:
    if isinstance(changed, int | float):
        changed = datetime.fromtimestamp(changed, UTC)
    if not isinstance(changed, datetime):
        return False
    aware = changed if changed.tzinfo else changed.replace(tzinfo=UTC)
    return datetime.now(UTC) - aware > SETTLED_AFTER


def download(system: Any, path: str, target: Path, where: str) -> None:
    """Raises BatchRefused for a payroll declaration, before a byte of it is written."""
    size = 0
    with system.open(path, "rb") as remote, target.open("wb") as local:
        target.chmod(0o600)
        while block := remote.read(1024 * 1024):
            if not size:
                refuse_payroll(block, target.name)
            size += len(block)
            if size > LARGEST_FILE:
                raise SourceError(
                    _("{name} is larger than {size} GB").format(
                        name=target.name, size=LARGEST_FILE // 1_000_000_000
                    ),
                    where=where,
                    remedy=_("export it in parts"),
                )
            local.write(block)


def file_system(source: Source, pull: Pull) -> tuple[Any, str]:
    """The folder as fsspec sees it, and the path in it that the address names."""
    url = urlsplit(source.url)
    options = RemoteOptions.model_validate(source.options)
    word = secret(source, pull.folder)
    if url.scheme == "https" or (url.scheme == "http" and url.hostname in LOOPBACK):
        import httpx
        from webdav4.fsspec import WebdavFileSystem

        seconds = httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS)
        return WebdavFileSystem(
            source.url, auth=(options.user or "", word), timeout=seconds, skip_instance_cache=True,
            event_hooks={"response": [stay_here(source, url)]},
        ), ""  # fmt: skip
    if url.scheme == "sftp":
        return sftp(source, url, options, word), url.path or "."
    if url.scheme == "s3":
        from s3fs import S3FileSystem

        return S3FileSystem(
            key=options.user, secret=word, endpoint_url=options.endpoint,
            use_listings_cache=False, skip_instance_cache=True,
        ), f"{url.netloc}{url.path}"  # fmt: skip
    raise SourceError(
        _("this is not the address of a folder that is read"), where=f"{source.id}, url",
        remedy=_("begin it with https:// (WebDAV), sftp:// or s3://"),
    )  # fmt: skip


def stay_here(source: Source, own: Any) -> Callable[[Any], None]:
    """The library follows redirects: one that leads to another host is refused."""

    def look_at(response: Any) -> None:
        if response.is_redirect:
            url = response.url.join(response.headers.get("location", ""))
            if (url.scheme, url.host, url.port) != (own.scheme, own.hostname, own.port):
                raise SourceError(
                    _("it sends us to another host ({host})").format(host=url.host),
                    where=f"{source.id}, {own.hostname}",
                    remedy=_("our secret does not go there; correct `url` if the system has moved"),
                )

    return look_at


def sftp(source: Source, url: Any, options: RemoteOptions, word: str) -> Any:
    """An unknown server could be anybody: its key has to be in the TOML."""
    import asyncssh
    from sshfs import SSHFileSystem

    if not options.known_host:
        raise SourceError(
            _("the key of the server is not known"), where=f"{source.id}, options.known_host",
            remedy=_("ask who runs it, and write its line: ssh-ed25519 AAAA…"),
        )  # fmt: skip
    port = url.port or 22
    line = f"[{url.hostname}]:{port} {options.known_host}"
    return SSHFileSystem(
        url.hostname, port=port, username=options.user, password=word, client_keys=None,
        known_hosts=asyncssh.import_known_hosts(line if port != 22 else line.replace(":22", "")),
        timeout=CONNECT_SECONDS, skip_instance_cache=True,
    )  # fmt: skip


@contextmanager
def told_faults(where: str) -> Iterator[None]:
    """Whatever a library raises, in words; its own message may hold a secret."""
    try:
        yield
    except SourceError:
        raise
    except FileNotFoundError:
        raise SourceError(
            _("the folder is not there"), where=where, remedy=_("create it, or correct `path`")
        ) from None
    except Exception as fault:
        if type(fault).__module__.startswith(("flows", "builtins")) and not isinstance(
            fault, OSError
        ):
            raise
        raise SourceError(
            _("the folder cannot be read ({kind})").format(kind=type(fault).__name__),
            where=where,
            remedy=_("check `url`, `options`, the secret and the network"),
        ) from None
