"""What a record must look like: one file per feed. Imports nothing of ours."""

import importlib
import pkgutil

from schemas.feed import Feed
from schemas.record import Record

__all__ = ["CONTRACTS", "FEEDS", "Feed", "Record"]


def declared() -> dict[str, Feed]:
    """The `FEED` of every file of this folder that has one: there is no other list of feeds."""
    names = [module.name for module in pkgutil.iter_modules(__path__)]
    modules = {name: importlib.import_module(f"{__name__}.{name}") for name in names}
    return {name: module.FEED for name, module in modules.items() if hasattr(module, "FEED")}


FEEDS = declared()
CONTRACTS: dict[str, type[Record]] = {name: feed.contract for name, feed in FEEDS.items()}
