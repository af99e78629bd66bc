"""What a record must look like: one file per feed. Imports nothing of ours.

The contracts are models of Pandera, whose import takes longer than the reading of a small file:
they are imported when somebody asks for them.
"""

import functools
import importlib
import pkgutil
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from schemas.feed import Feed
    from schemas.record import Record

    FEEDS: dict[str, Feed]
    CONTRACTS: dict[str, type[Record]]

__all__ = ["CONTRACTS", "FEEDS", "Feed", "Record"]


@functools.cache
def declared() -> dict[str, Any]:
    """The `FEED` of every file of this folder that has one: there is no other list of feeds."""
    names = [module.name for module in pkgutil.iter_modules(__path__)]
    modules = {name: importlib.import_module(f"{__name__}.{name}") for name in names}
    feeds = {name: module.FEED for name, module in modules.items() if hasattr(module, "FEED")}
    return {
        "FEEDS": feeds,
        "CONTRACTS": {name: feed.contract for name, feed in feeds.items()},
        "Feed": modules["feed"].Feed,
        "Record": modules["record"].Record,
    }


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(name)
    return declared()[name]
