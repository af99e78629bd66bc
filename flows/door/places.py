"""Which places the door knows, and to which source of a place a delivery goes."""

import logging
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from fastapi import HTTPException

from flows.errors import ConfigurationError
from flows.language import _
from flows.network.place_files import read_places
from flows.places import Place
from flows.settings import TIME_ZONE
from flows.sources import Source

logger = logging.getLogger("impact")


@dataclass
class Known:
    """The declared places, read again when a file has changed."""

    folder: Path
    seen: dict[Path, int] = field(default_factory=dict)
    read: dict[str, Place] = field(default_factory=dict)

    def places(self) -> dict[str, Place]:
        """What was read last stays while a file is wrong; raises ConfigurationError at first."""
        now = {file: file.stat().st_mtime_ns for file in self.folder.glob("*.toml")}
        if now != self.seen or not self.read:
            try:
                self.read = read_places(self.folder)
            except ConfigurationError as fault:
                if not self.read:
                    raise
                logger.error("%s", fault)
            self.seen = now
        return self.read


def is_brought(source: Source) -> bool:
    """A source of files; one with an address is asked over a network."""
    return not source.url


def source_for(place: Place, feed: str, source_id: str | None) -> Source:
    """The source of a feed that is in use today; 404 for none, 409 when it has to be named."""
    today = datetime.now(ZoneInfo(TIME_ZONE)).date()
    of_feed = [s for s in place.sources if s.feed == feed and source_id in (None, s.id)]
    found = [s for s in of_feed if place.is_in_use(s, today)] if source_id is None else of_feed
    if not found:
        raise HTTPException(404, _("this place has no such source"))
    found = [source for source in found if is_brought(source)]
    if not found:
        raise HTTPException(409, _("this source is asked over a network: nothing is brought to it"))
    if len(found) > 1:
        names = ", ".join(source.id for source in found)
        raise HTTPException(409, _("add ?source= with one of: {names}").format(names=names))
    return found[0]
