"""Which hooks of a place were taken before: in a file, because a restart is not news.

A body that was taken is one line: its hash, and the instant that it announced, where it did. A
power cut may lose the last line; the hint, or the request, is then made again and changes nothing.
"""

import hashlib
import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from flows.whole_files import written_whole

KEPT = 50_000
"""Bodies of a place; whoever sends one again does so within days, and no place has so many."""
HASH_CHARACTERS = 64
NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass
class Seen:
    """What came before, and how far the news of each place has come."""

    folder: Path
    bodies: dict[str, dict[str, str]] = field(default_factory=dict)
    """Place → hash → instant, in the order of arrival."""
    latest: dict[str, datetime] = field(default_factory=dict)

    def is_known(self, place_id: str, body: bytes) -> bool:
        """The same bytes are the same news: there is nothing else in a signature to tell."""
        return hash_of(body) in self.of(place_id)

    def is_stale(self, place_id: str, at: datetime) -> bool:
        """Not later than what was already announced: a pull since then has brought it."""
        self.of(place_id)
        return at <= self.latest.get(place_id, NEVER)

    def note(self, place_id: str, body: bytes, at: datetime | None = None) -> None:
        """To be called once what a body asks for is on the disk: after a fault it comes again.

        What it announces of the future is no later than now: the next news would look stale.
        """
        at = at and min(at, datetime.now(UTC))
        known = self.of(place_id)
        known[hash_of(body)] = at.isoformat() if at else ""
        if at:
            self.latest[place_id] = max(at, self.latest.get(place_id, NEVER))
        if len(known) > 2 * KEPT:
            self.bodies[place_id] = dict(list(known.items())[-KEPT:])
            self.write(place_id)
        else:
            append(self.folder / place_id, line(hash_of(body), known[hash_of(body)]))

    def of(self, place_id: str) -> dict[str, str]:
        """The bodies of a place, read when the first one is asked for."""
        if place_id not in self.bodies:
            known = read(self.folder / place_id)
            self.bodies[place_id] = dict(list(known.items())[-KEPT:])
            now = datetime.now(UTC)
            instants = [datetime.fromisoformat(at) for at in known.values() if at]
            self.latest[place_id] = max((at for at in instants if at <= now), default=NEVER)
            if known:
                self.write(place_id)
        return self.bodies[place_id]

    def write(self, place_id: str) -> None:
        """The file anew: without what is too old, or was cut off."""
        with written_whole(self.folder / place_id) as unfinished:
            unfinished.write_text("".join(line(*body) for body in self.bodies[place_id].items()))


def hash_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def line(digest: str, at: str) -> str:
    return f"{digest} {at}\n"


def append(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "a") as stream:
        stream.write(text)


def read(file: Path) -> dict[str, str]:
    """The lines of a file that are whole; none where there is no file."""
    try:
        lines = file.read_text().splitlines(keepends=True)
    except FileNotFoundError:
        return {}
    parts = [text.partition(" ") for text in lines if text.endswith("\n")]
    return {digest: at.strip() for digest, _space, at in parts if len(digest) == HASH_CHARACTERS}
