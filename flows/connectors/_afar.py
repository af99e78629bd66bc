"""What folders elsewhere have in common: what they tell of a file, and how they fail."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from flows.errors import SourceError
from flows.language import _

CONNECT_SECONDS, SILENCE_SECONDS = 10.0, 30.0
"""As long a server may take to be there, and to say its next word: then it is left for tonight."""
BLOCK_BYTES = 1024 * 1024


class Unreachable(SourceError):
    """The folder is not there, or not for us: no other file of it can be fetched either."""


@dataclass(frozen=True)
class Told:
    """What a server says of one version of a file; None where it does not say it."""

    size: int | None
    changed: datetime | None
    etag: str | None = None

    def is_older_than(self, age: timedelta) -> bool:
        return self.changed is not None and datetime.now(UTC) - self.changed > age


class Folder(Protocol):
    """A folder elsewhere. Its own faults are Unreachable; those of one file are SourceError."""

    def files(self) -> dict[str, Told]:
        """Name of each plain file → what is told of it; links and folders are left out."""
        ...

    def blocks(self, name: str) -> Iterator[bytes]:
        """The bytes of one file."""
        ...

    def check(self) -> None:
        """Is it there, and may we see it? Raises Unreachable."""
        ...

    def put(self, file: Path, name: str) -> None:
        """Bring a file there, whole; a name may have folders in it, which are made."""
        ...

    def move(self, name: str, to: str) -> None:
        """Let a file there take the name of another, in whose place it then stands."""
        ...

    def remove(self, name: str) -> None:
        """Take a file away; it may be gone already."""
        ...


def not_there(where: str, remedy: str = "") -> Unreachable:
    return Unreachable(
        _("the folder is not there"),
        where=where,
        remedy=remedy or _("create it, or correct `path`"),
    )


def not_accepted(where: str) -> Unreachable:
    return Unreachable(
        _("the server does not accept our user or our secret"),
        where=where,
        remedy=_("check `user` in `options`, what `token` names, and that the account is open"),
    )


def not_ours(where: str) -> Unreachable:
    return Unreachable(
        _("the folder may not be read"),
        where=where,
        remedy=_("give the account that `options` names the right to read it"),
    )


def not_written(fault: object, where: str) -> Unreachable:
    """What a server answers that does not take a file, or the kind of the fault."""
    kind = fault if isinstance(fault, int) else type(fault).__name__
    return Unreachable(
        _("the folder cannot be written ({kind})").format(kind=kind),
        where=where,
        remedy=_("give the account that `options` names the right to write there, and room"),
    )


def silent(where: str) -> Unreachable:
    return Unreachable(
        _("the server does not answer, or does not go on"),
        where=where,
        remedy=_("check `url` and the network; the next run tries again"),
    )


def other_fault(fault: BaseException, where: str) -> Unreachable:
    """Whatever a library raises, by its kind; its own message may hold a secret."""
    return Unreachable(
        _("the folder cannot be read ({kind})").format(kind=type(fault).__name__),
        where=where,
        remedy=_("check `url`, `options`, the secret and the network"),
    )


def file_not_given(fault: object) -> SourceError:
    """One file that the server lists and does not give; who asked for it says which."""
    kind = fault if isinstance(fault, int) else type(fault).__name__
    return SourceError(
        _("the server lists this file and does not give it ({kind})").format(kind=kind),
        remedy=_("give the account the right to read it; the other files were taken"),
    )


def moment(value: Any) -> datetime | None:
    """An instant as libraries give it, with its zone."""
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value, UTC)
    if isinstance(value, datetime):
        return value if value.tzinfo else value.replace(tzinfo=UTC)
    return None
