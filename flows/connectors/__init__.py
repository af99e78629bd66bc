"""One module per source system: a new file here is a new connector, with nothing to register."""

import importlib
import pkgutil
from typing import cast

from flows.errors import ConfigurationError
from flows.language import _
from flows.records import PAGES, Connector, Delivery, Pull
from flows.sources import Source
from flows.spelling import closest


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
