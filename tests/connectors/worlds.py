"""Each source system as the contract suite sees it: a fake on loopback, and what is true in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.fakes.grist import Grist
from tests.fakes.server import Faulty

PARIS = ZoneInfo("Europe/Paris")
AS_OF = datetime(2026, 11, 2, 3, 30, tzinfo=PARIS)
TOKEN = "canari-4f1e0b2c9d"
"""Nothing that the program writes may hold it."""
MORNING = datetime(2026, 10, 1, 9, 0, tzinfo=PARIS)

SEED = (1, 2, 3, 4, 5)
"""The records that are there before the first pull."""

Truth = set[tuple[str, datetime]]
"""Number of a record and when it happened."""


def instant(number: int) -> datetime:
    """Records follow each other by half an hour."""
    return MORNING + timedelta(minutes=30 * number)


@dataclass
class World:
    """One system with its records; `toml` is the source as a place declares it."""

    toml: str
    app: Any = None
    feed: str = "attendance"
    event: str = "checked_in_at"
    calls_of_nothing_new: int = 1
    """The fewest requests by which the system can say that nothing is new."""
    truth: dict[str, datetime] = field(default_factory=dict)

    def present(self) -> Truth:
        return {(number, at.astimezone(UTC)) for number, at in self.truth.items()}

    def add(self, number: int) -> None:
        self.add_at(number, instant(number))

    def add_at(self, number: int, at: datetime) -> None:
        raise NotImplementedError

    def correct(self, number: int) -> None:
        """The record happened a minute later than was said, or was cancelled: as the system can."""

    def remove(self, number: int) -> bool:
        """Delete a record; false where the system does not tell, and the record stays."""
        return False

    def spoil(self, number: int) -> None:
        """A record with a field that nobody knows, and without one that all others have."""

    def unknown_status(self, number: int) -> bool:
        """A record whose status no one has heard of; false where there is none."""
        return False


class GristWorld(World):
    def __init__(self) -> None:
        super().__init__(
            """
id = "registre"
feed = "attendance"
connector = "grist"
url = "URL"
token = { env = "CANARY" }
options = { document = "registre1", table = "Presences" }
rhythm = "daily"
coverage = "window"
delivery = "snapshot"
[sources.columns]
checked_in_at = "Arrivee"
headcount = "Nombre"
attendance_status = "Statut"
[sources.constants]
evidence = "declared"
[sources.values.attendance_status]
"venu" = "present"
""",
            calls_of_nothing_new=2,
        )
        self.grist = Grist(TOKEN)
        self.app = Faulty(self.grist.app)

    def add_at(self, number: int, at: datetime) -> None:
        self.put(number, at)

    def put(self, number: int, at: datetime, **cells: Any) -> None:
        self.truth[str(number)] = at
        self.grist.rows[number] = {
            "Arrivee": at.timestamp(),
            "Nombre": 2,
            "Statut": "venu",
            **cells,
        }

    def correct(self, number: int) -> None:
        self.put(number, instant(number) + timedelta(minutes=1))

    def remove(self, number: int) -> bool:
        del self.grist.rows[number], self.truth[str(number)]
        return True

    def spoil(self, number: int) -> None:
        self.put(number, instant(number), Inconnu="x", Arrivee=["E", "TypeError"])
        del self.truth[str(number)]

    def unknown_status(self, number: int) -> bool:
        self.put(number, instant(number), Statut="on ne sait pas")
        del self.truth[str(number)]
        return True


WORLDS: dict[str, Callable[[], World]] = {"grist": GristWorld}
