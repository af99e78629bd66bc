"""A folder on SFTP: the server's key is known before anything is said to it."""

import asyncio
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from flows.connectors._afar import (
    BLOCK_BYTES,
    CONNECT_SECONDS,
    SILENCE_SECONDS,
    Told,
    Unreachable,
    file_not_given,
    moment,
    not_accepted,
    not_ours,
    not_there,
    not_written,
    other_fault,
    silent,
)
from flows.errors import ConfigurationError, SourceError
from flows.language import _

HOME = "/~/"
SIGNS_OF_LIFE = 3
"""Times that a server which says nothing is asked whether it is still there."""
KEY = re.compile(r"(?:sk-)?(?:ssh|ecdsa)-\S+ AAAA[A-Za-z0-9+/=]+")
"""In a line of `known_hosts`, or of a `.pub` file."""


class Sftp:
    def __init__(
        self, host: str, port: int, folder: str, user: str | None, where: str, known_host: str,
        *, word: str, private_key: str = "",
    ) -> None:  # fmt: skip
        """`word` is the password or, with a private key, its passphrase where it has one.

        An address names a folder from the root of the server on; `/~/` is the account's own.
        """
        self.where = where
        self.folder = folder.removeprefix(HOME) if folder.startswith(HOME) else folder
        self.system = self.connected(host, port, user, server_key(known_host, where), {
            "client_keys": [own_key(private_key, word, where)] if private_key else None,
            "password": None if private_key else word,
        })  # fmt: skip

    def connected(
        self, host: str, port: int, user: str | None, key: Any, proof: dict[str, Any]
    ) -> Any:
        import asyncssh
        from sshfs import SSHFileSystem

        try:
            with_limit = socket.create_connection((host, port), CONNECT_SECONDS)
            with_limit.setblocking(False)
            return SSHFileSystem(
                host, port=port, username=user, known_hosts=([key], [], []), sock=with_limit,
                connect_timeout=SILENCE_SECONDS, keepalive_count_max=SIGNS_OF_LIFE,
                keepalive_interval=SILENCE_SECONDS / SIGNS_OF_LIFE,
                agent_path=None, skip_instance_cache=True, **proof,
            )  # fmt: skip
        except asyncssh.HostKeyNotVerifiable:
            raise Unreachable(
                _("the server shows another key than the TOML says: it may be another server"),
                where=f"{self.where}, options.known_host",
                remedy=_("ask who runs it whether its key was changed, and write the new line"),
            ) from None
        except PermissionError:
            raise not_accepted(self.where) from None
        except TimeoutError:
            raise silent(self.where) from None
        except (OSError, asyncssh.Error) as fault:
            raise other_fault(fault, self.where) from None

    def files(self) -> dict[str, Told]:
        import asyncssh

        try:
            listed = self.system.ls(self.folder or ".", detail=True, timeout=2 * SILENCE_SECONDS)
        except FileNotFoundError:
            raise not_there(
                self.where,
                _("write in `url` its path from the root of the server on, or after /~/ its path "
                  "in the account's own folder"),
            ) from None  # fmt: skip
        except asyncssh.SFTPPermissionDenied:
            raise not_ours(self.where) from None
        except TimeoutError:
            raise silent(self.where) from None
        except (OSError, asyncssh.Error) as fault:
            raise other_fault(fault, self.where) from None
        return {
            told["name"].rsplit("/", 1)[-1]: Told(told["size"], moment(told["mtime"]))
            for told in listed
            if told["type"] == "file"
        }

    def blocks(self, name: str) -> Iterator[bytes]:
        import asyncssh

        lost = (asyncssh.ConnectionLost, asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection)
        try:
            with self.system.open(self.path(name), "rb") as remote:
                while block := remote.read(BLOCK_BYTES, timeout=SILENCE_SECONDS):
                    yield block
        except (TimeoutError, *lost):
            raise silent(self.where) from None
        except (asyncssh.SFTPError, PermissionError, FileNotFoundError) as fault:
            raise file_not_given(fault) from None
        except asyncssh.Error as fault:
            raise other_fault(fault, self.where) from None

    def check(self) -> None:
        self.files()

    def put(self, file: Path, name: str) -> None:
        with self.writing():
            self.system.put_file(str(file), self.path(name))

    def move(self, name: str, to: str) -> None:
        with self.writing():
            renaming = self.renamed(self.path(name), self.path(to))
            asyncio.run_coroutine_threadsafe(renaming, self.system.loop).result(SILENCE_SECONDS)

    async def renamed(self, name: str, to: str) -> None:
        """In one step where the server can.

        Not the library's own `mv`: where the server cannot, it asks for a shell to copy the file,
        and takes the file away also when there is none.
        """
        import asyncssh

        async with self.system._pool.get() as channel:
            try:
                await channel.posix_rename(name, to)
            except asyncssh.SFTPOpUnsupported:
                with suppress(asyncssh.SFTPNoSuchFile):
                    await channel.remove(to)
                await channel.rename(name, to)

    def remove(self, name: str) -> None:
        with self.writing(), suppress(FileNotFoundError):
            self.system.rm_file(self.path(name), timeout=SILENCE_SECONDS)

    def path(self, name: str) -> str:
        return f"{self.folder.rstrip('/')}/{name}" if self.folder else name

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Raises Unreachable for whatever ends a change."""
        import asyncssh

        try:
            yield
        except TimeoutError:
            raise silent(self.where) from None
        except (OSError, asyncssh.Error) as fault:
            raise not_written(fault, self.where) from None


def server_key(known_host: str, where: str) -> Any:
    """The key in a line that names it, whatever stands before and after it."""
    import asyncssh

    where = f"{where}, options.known_host"
    line = KEY.search(known_host)
    try:
        if line:
            return asyncssh.import_public_key(line[0])
    except asyncssh.KeyImportError:
        pass
    raise SourceError(
        _("this is not the public key of a server") if known_host
        else _("the key of the server is not known"),
        where=where,
        remedy=_("ask who runs it, and write its line: ssh-ed25519 AAAA…"),
    )  # fmt: skip


def own_key(text: str, word: str, where: str) -> Any:
    """The account's private key; raises ConfigurationError where it cannot be opened."""
    import asyncssh

    try:
        return asyncssh.import_private_key(text, word or None)
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
        raise ConfigurationError(
            _("the private key cannot be opened"),
            where=f"{where}, options.key",
            remedy=_("check that it is a private key, and that `token` names its passphrase"),
        ) from None
