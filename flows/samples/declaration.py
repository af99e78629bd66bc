"""Places of an invented network as TOML, with the sources that the demonstration places declare."""

import functools
import json
import tomllib
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import PurePosixPath
from typing import Any

from flows.samples.tables import TITLE
from flows.settings import PROJECT

PLAIN_KEY = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_-")
SHOWCASES = ("la-machinerie", "le-faitout-connecte")


@functools.cache
def known_sources() -> dict[str, dict[str, Any]]:
    """Every source of the demonstration places by its id, as its TOML declares it."""
    found: dict[str, dict[str, Any]] = {}
    for name in SHOWCASES:
        text = (PROJECT / "data" / "places" / f"{name}.toml").read_text(encoding="utf-8")
        found.update({source["id"]: source for source in tomllib.loads(text)["sources"]})
    return found


def declared_sources(place_id: str, tools: Sequence[str]) -> list[dict[str, Any]]:
    """The same mappings, pointing at the exports of another place."""
    sources = []
    for tool in tools:
        source = dict(known_sources()[tool])
        source["path"] = f"../exports/{place_id}/{PurePosixPath(source['path']).name}"
        sources.append(source)
    return sources


def place_toml(place: dict[str, Any]) -> str:
    """A place as the text of its file."""
    return "\n".join([f"# {TITLE}", *table_lines(place, ())]) + "\n"


def table_lines(table: dict[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    """Plain keys first, then tables and lists of tables, as TOML wants them."""
    nested = {key: value for key, value in table.items() if is_nested(value)}
    for key, value in table.items():
        if key not in nested:
            yield f"{key_text(key)} = {value_text(value)}"
    for key, value in nested.items():
        inner = (*path, key_text(key))
        for part in value if isinstance(value, list) else [value]:
            name = ".".join(inner)
            yield from ("", f"[[{name}]]" if isinstance(value, list) else f"[{name}]")
            yield from table_lines(part, inner)


def is_nested(value: Any) -> bool:
    return isinstance(value, dict) or (
        isinstance(value, list) and bool(value) and isinstance(value[0], dict)
    )


def key_text(key: str) -> str:
    return key if key and PLAIN_KEY.issuperset(key) else json.dumps(key, ensure_ascii=False)


def value_text(value: Any) -> str:
    """A string, number, boolean, date or list of strings as TOML writes it."""
    if isinstance(value, date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False)
