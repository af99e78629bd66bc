"""Answers of a form that nobody knows: whatever field is something else, the source is refused in
words that show its shape alone, or the record is, and nothing falls over.
"""

from __future__ import annotations

import copy
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flows.connectors import connector
from flows.connectors._journal import Answer, answers
from flows.errors import BatchRefused, SourceError
from flows.records import Pull
from flows.sources import Source
from tests.connectors.conftest import Network
from tests.connectors.worlds import AS_OF, WORLDS, FabManagerWorld, World, instant

New = Callable[[World], Network]
Way = tuple[str | int, ...]
JSON = [name for name in WORLDS if not name.startswith("cal")]
ONCE = [name for name in JSON if not name.endswith(("_usage", "_bookings"))]
MISSING = object()
OTHERS = (None, ["Dupont"])
ALL_OTHERS = (*OTHERS, MISSING, 7, 1.5, "Dupont", "", [], {}, [7], {"Dupont": 1}, True, -1)


def world_of(name: str) -> World:
    world = WORLDS[name]()
    for number in (1, 2):
        world.add(number)
    if isinstance(world, FabManagerWorld):
        world.fab.reserve(3, instant(1), instant(2), "Event", reservable_id=5)
        world.fab.announce(5, 20, 12)
    return world


def ways(content: Any, depth: int) -> Iterator[Way]:
    """To the answer itself, to its fields, and to those of the first record of each list."""
    yield ()
    inner = content.items() if isinstance(content, dict) else enumerate(content[:1]) \
        if isinstance(content, list) else ()  # fmt: skip
    for key, value in inner if depth else ():
        yield from ((key, *way) for way in ways(value, depth - 1))


def changed(content: Any, way: Way, other: Any) -> Any:
    if not way:
        return None if other is MISSING else other
    content = copy.deepcopy(content)
    here = content
    for key in way[:-1]:
        here = here[key]
    if other is MISSING:
        del here[way[-1]]
    else:
        here[way[-1]] = other
    return content


def kind(path: str) -> str:
    return path.strip("/").rpartition("/")[2]


def landed_again(pages: list[Answer], at: int, body: bytes) -> io.BytesIO:
    """A pull whose page `at` has another body."""
    lines = [json.dumps({"as_of": AS_OF.isoformat()}).encode()]
    for number, page in enumerate(pages):
        told = body if number == at else page.body
        head = {"request": page.request, "status": page.status, "headers": page.headers}
        lines += [json.dumps(head | {"size": len(told)}).encode(), told]
    return io.BytesIO(b"\n".join([*lines, b""]))


def said_of(stream: Any, name: str, source: Source) -> str:
    """What is said of a pull that is read, or of its records that are refused."""
    try:
        pages = [*connector(source.connector).parse(stream, name, source)]
    except BatchRefused as refusal:
        assert source.connector in str(refusal)
        return str(refusal)
    return str([page.broken for page in pages])


def read_with(net: Network, others: tuple[Any, ...]) -> int:
    """Read every answer of a pull with every field something else; how many there were."""
    net.well()
    source = net.place.sources[0]
    [payload] = net.settings.landing.rglob("payload.pages")
    with payload.open("rb") as stream:
        pages = [*answers(stream)]
    first = {kind(page.request["path"]): at for at, page in reversed([*enumerate(pages)])}
    tried = 0
    for at in first.values():
        content = pages[at].json()
        for way in ways(content, 4):
            for other in others:
                body = json.dumps(changed(content, way, other)).encode()
                again = landed_again(pages, at, body)
                said = said_of(again, f"{source.connector}.pages", source)
                assert "Dupont" not in said, (way, other)
                tried += 1
    return tried


@pytest.mark.parametrize("name", ONCE)
def test_a_field_of_another_form_is_refused_when_it_is_read(name: str, network: New) -> None:
    assert read_with(network(world_of(name)), OTHERS) > 20


@pytest.mark.long
@pytest.mark.parametrize("name", JSON)
def test_a_field_of_any_other_form_is_refused_when_it_is_read(name: str, network: New) -> None:
    assert read_with(network(world_of(name)), ALL_OTHERS) > 100


class Changed:
    """An application one of whose fields is something else."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.seen: dict[str, Any] = {}
        self.where, self.way, self.other = "", (), None  # type: str, Way, Any

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        messages: list[Any] = []

        async def keep(message: Any) -> None:
            messages.append(message)

        await self.app(scope, receive, keep)
        body = b"".join(message.get("body", b"") for message in messages)
        there = kind(scope["path"])
        content = json.loads(body)
        self.seen.setdefault(there, content)
        if there == self.where:
            body = json.dumps(changed(content, self.way, self.other)).encode()
        size = str(len(body)).encode()
        headers = [pair for pair in messages[0]["headers"] if pair[0] != b"content-length"]
        await send({**messages[0], "headers": [*headers, (b"content-length", size)]})
        await send({"type": "http.response.body", "body": body})


@pytest.mark.parametrize("name", ONCE)
def test_an_answer_of_another_form_is_refused_when_it_comes(
    name: str, network: New, tmp_path: Path
) -> None:
    world = world_of(name)
    world.app.app = system = Changed(world.app.app)
    net = network(world)
    source = net.place.sources[0]

    def said(work: Path) -> str:
        try:
            [pull] = connector(source.connector).fetch(source, Pull(net.place.folder, work, AS_OF))
        except SourceError as refusal:
            assert f"{source.id}, 127.0.0.1" in str(refusal)
            return str(refusal)
        with pull.path.open("rb") as stream:
            return said_of(stream, pull.name, source)

    said(tmp_path / "first")
    for number, (there, way) in enumerate(
        [(there, way) for there, content in system.seen.items() for way in ways(content, 3)]
    ):
        system.where, system.way, system.other = there, way, ["Dupont"]
        assert "Dupont" not in said(tmp_path / str(number)), (there, way)
