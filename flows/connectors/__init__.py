"""One module per source system: a new file here is a new connector, with nothing to register."""

import difflib
import importlib
import pkgutil
from typing import cast

from flows.errors import ConfigurationError
from flows.records import Connector


def connector(name: str, where: str = "") -> Connector:
    """The connector called `name` in a place's TOML; `where` says which one, should it be wrong."""
    known = [module.name for module in pkgutil.iter_modules(__path__) if module.name[0] != "_"]
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        raise ConfigurationError(
            f"there is no connector {name!r}",
            where=where,
            remedy=f"use {near[0]!r}" if near else f"use one of: {', '.join(sorted(known))}",
        )
    return cast(Connector, importlib.import_module(f"{__name__}.{name}"))
