"""The pages of one pull as received, each behind a line that says how it was asked for.

The file is written while one asks. A pull that was killed is asked again in the same order: what is
written is read instead of asked for, a page that was cut off is dropped, and then the pull goes on.
"""

import functools
import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import orjson

from flows.records import PAGES, Delivery, Pull
from flows.settings import TIME_ZONE
from flows.sources import Source

UNFINISHED = "pull.part"
RESUMED_WITHIN = timedelta(hours=6)
"""After that, what was there at the beginning would be too old to stand beside the rest."""


@dataclass(frozen=True)
class Answer:
    """One page: what was asked, and what came."""

    request: dict[str, Any]
    status: int
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """Raises ValueError when the page is not JSON; it is only read once."""
        return self.content

    @functools.cached_property
    def content(self) -> Any:
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:  # half of an emoji is JSON too, for those who wrote it
            return json.loads(self.text())

    def text(self) -> str:
        """UTF-8, or what the answer says of itself where it is not; raises UnicodeDecodeError."""
        try:
            return self.body.decode("utf-8-sig")
        except UnicodeDecodeError:
            if "iso-8859-1" in self.headers.get("content-type", "").lower():
                return self.body.decode("cp1252")
            raise


class Journal:
    """An open pull: pages are added at its end, or read again from its beginning."""

    def __init__(self, source: Source, pull: Pull) -> None:
        self.source, self.path = source, pull.work / UNFINISHED
        pull.work.mkdir(parents=True, exist_ok=True, mode=0o700)
        asked = {
            "connector": source.connector,
            "declaration": source.fingerprint,
            "since": pull.since and pull.since.isoformat(),
            "first_day": pull.first_day and pull.first_day.isoformat(),
            "last_day": pull.last_day and pull.last_day.isoformat(),
        }
        self.file = os.fdopen(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
        head = read_head(self.file)
        if not head or head["asked"] != asked or is_stale(head):
            now = datetime.now(UTC)
            head = {"asked": asked, "as_of": pull.as_of.isoformat(), "started_at": now.isoformat()}
            self.file.seek(0)
            self.file.truncate()
            self.file.write(json.dumps(head).encode() + b"\n")
            self.file.flush()
        self.as_of = datetime.fromisoformat(head["as_of"])
        self.started_at = datetime.fromisoformat(head["started_at"])

    @property
    def today(self) -> date:
        return self.as_of.astimezone(ZoneInfo(TIME_ZONE)).date()

    def again(self, request: dict[str, Any]) -> Answer | None:
        """The next written page if it answers this request; what is written from there on goes."""
        here = self.file.tell()
        answer = read_answer(self.file)
        if answer is not None and answer.request == request:
            return answer
        self.file.seek(here)
        self.file.truncate()
        return None

    def add(self, answer: Answer) -> None:
        line = {
            "request": answer.request,
            "status": answer.status,
            "headers": answer.headers,
            "received_at": datetime.now(UTC).isoformat(),
            "size": len(answer.body),
            "sha256": hashlib.sha256(answer.body).hexdigest(),
        }
        self.file.write(json.dumps(line).encode() + b"\n")
        self.file.write(answer.body + b"\n")
        self.file.flush()

    def forget(self) -> None:
        """What was answered is no use: the next run asks for all of it again."""
        self.file.seek(0)
        self.file.truncate()

    def finish(self, first_day: date | None = None) -> Delivery:
        """The delivery; its name says from which day on, or without `first_day` that it is all."""
        days = [first_day, self.today] if first_day else [self.today]
        name = "-".join(
            [self.source.connector, self.source.fingerprint, *(day.isoformat() for day in days)]
        )
        self.file.close()
        return Delivery(name + PAGES, self.path, self.started_at, content_hash(self.path))


def is_stale(head: dict[str, Any]) -> bool:
    return datetime.now(UTC) - datetime.fromisoformat(head["started_at"]) > RESUMED_WITHIN


def read_head(stream: BinaryIO) -> dict[str, Any]:
    """What the pull was asked for; empty where the file does not begin with it."""
    try:
        head: dict[str, Any] = json.loads(stream.readline())
    except ValueError:
        return {}
    return head


def read_answer(stream: BinaryIO) -> Answer | None:
    """The next page; None at the end, or where it was cut off."""
    line = stream.readline()
    if not line.endswith(b"\n"):
        return None
    told = json.loads(line)
    body = stream.read(told["size"])
    if len(body) < told["size"] or stream.read(1) != b"\n":
        return None
    return Answer(told["request"], told["status"], told["headers"], body)


def answers(stream: BinaryIO) -> Iterator[Answer]:
    """Every page of a landed pull, one at a time."""
    stream.seek(0)
    read_head(stream)
    while answer := read_answer(stream):
        yield answer


def requests(stream: BinaryIO) -> Iterator[dict[str, Any]]:
    """How each page of a landed pull was asked for."""
    return (told["request"] for told in lines(stream))


def lines(stream: BinaryIO) -> Iterator[dict[str, Any]]:
    """What is said of each page of a landed pull; the pages themselves are passed over."""
    stream.seek(0)
    read_head(stream)
    while (line := stream.readline()).endswith(b"\n"):
        told: dict[str, Any] = json.loads(line)
        yield told
        stream.seek(told["size"] + 1, os.SEEK_CUR)


def content_hash(path: Path) -> str:
    """Of requests and bodies in their order, not of the times at which they came."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        for told in lines(stream):
            digest.update(json.dumps(told["request"], sort_keys=True).encode())
            digest.update(bytes.fromhex(told["sha256"]))
    return digest.hexdigest()


def as_of(stream: BinaryIO) -> datetime:
    """The instant as if which a landed pull was asked for."""
    stream.seek(0)
    return datetime.fromisoformat(read_head(stream)["as_of"])


def recorded(*pages: tuple[str, bytes], as_of: str = "2026-11-02T03:30:00+01:00") -> bytes:
    """Invented pages as a landed pull: what a connector shows as its `SAMPLE`."""
    lines = [json.dumps({"as_of": as_of}).encode()]
    for path, body in pages:
        request = {"method": "GET", "path": path, "params": {}}
        told = {"request": request, "status": 200, "headers": {}, "size": len(body)}
        lines += [json.dumps(told).encode(), body]
    return b"\n".join([*lines, b""])
