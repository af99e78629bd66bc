"""One module per source system: a new file here is a new connector, with nothing to register."""

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

from flows.connectors._apart import Pages, gave_up, read_apart
from flows.errors import (
    BatchRefused,
    ConfigurationError,
    ImpactError,
    is_of_the_disk,
    is_panic,
)
from flows.language import _
from flows.records import PAGES, Connector, Delivery, Page, Pull
from flows.sources import Source
from flows.spelling import closest

MOST_ROWS = 75_000
MOST_BROKEN = 20_000
MOST_BROKEN_ALONE = 100_000


def connector(name: str, where: str = "") -> Connector:
    """The connector called `name` in a place's TOML; `where` says which one, should it be wrong."""
    known = [module.name for module in pkgutil.iter_modules(__path__) if module.name[0] != "_"]
    if name not in known:
        near = closest(name, known)
        raise ConfigurationError(
            _("there is no connector {name!r}").format(name=name),
            where=where,
            remedy=_("use {near!r}").format(near=near)
            if near
            else _("use one of: {known}").format(known=", ".join(sorted(known))),
        )
    return cast(Connector, importlib.import_module(f"{__name__}.{name}"))


def fetch(source: Source, pull: Pull) -> list[Delivery]:
    """What its connector finds; answers of a system that were recorded lie in a folder, as files.

    Raises SourceError when the source cannot be reached.
    """
    name = "file" if source.path.endswith(PAGES) else source.connector
    return connector(name).fetch(source, pull)


def read(source: Source, file: Path, name: str) -> Pages:
    """The pages of a delivery that lies here; of a file, read in a process of its own.

    Raises BatchRefused, whatever its reader raises, also where it crashes or hangs: a fault of one
    delivery is not one of the others. What the system says of the disk is no fault of the delivery,
    and goes on as OSError.

    What a system answered was asked for page by page, and is read so, by no native library: a
    process for it would take a sixth of a short pull.
    """
    if name.endswith(PAGES):
        return read_here(source, file, name)
    return read_apart(read_here, source, file, name, name=name)


def read_here(source: Source, file: Path, name: str) -> Pages:
    with file.open("rb") as stream:
        try:
            yield from small(connector(source.connector).parse(stream, name, source), name)
        except BaseException as fault:
            is_of_the_reader = isinstance(fault, Exception) or is_panic(fault)
            if isinstance(fault, ImpactError) or is_of_the_disk(fault) or not is_of_the_reader:
                raise
            raise gave_up(fault, name) from fault


def small(pages: Iterator[Page], name: str) -> Iterator[Page]:
    """The same with few rows in each page: they take much memory until they are judged, and broken
    ones more.

    Raises BatchRefused where nothing at all can be read of many rows.
    """
    rows = broken = 0
    for page in pages:
        rows, broken = rows + len(page.rows), broken + len(page.broken)
        if not rows and broken >= MOST_BROKEN_ALONE:
            raise BatchRefused(
                _("none of its first {count} rows can be read").format(count=broken),
                where=name,
                remedy=_("check that it is the right file, and not cut or changed on its way"),
            )
        first, rest = page.broken[:MOST_BROKEN], page.broken[MOST_BROKEN:]
        few, more = page.rows[:MOST_ROWS], page.rows[MOST_ROWS:]
        left = len(rest) + len(more)
        yield replace(page, rows=few, broken=first, records=page.records - left) if left else page
        for some in more.iter_slices(MOST_ROWS):
            yield replace(page, rows=some, broken=[], records=len(some), ignored=0)
        for at in range(0, len(rest), MOST_BROKEN):
            part = rest[at : at + MOST_BROKEN]
            yield replace(page, rows=page.rows.clear(), broken=part, records=len(part), ignored=0)
