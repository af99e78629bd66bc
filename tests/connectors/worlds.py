"""Each source system as the contract suite sees it: a fake on loopback, and what is true in it."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from flows.connectors import _dav, fab_manager, helloasso, la_coop, pretix, rdv_service_public
from flows.connectors._occurrences import record_id
from tests.connectors.radicale import CALENDAR, USER, Radicale
from tests.fakes.calendar_address import CalendarAddress
from tests.fakes.cobot import Cobot
from tests.fakes.fab_manager import FabManager
from tests.fakes.grist import Grist
from tests.fakes.helloasso import CLIENT, HelloAsso
from tests.fakes.la_coop import STRUCTURE, LaCoop
from tests.fakes.pretix import Pretix
from tests.fakes.rdv_service_public import RdvServicePublic
from tests.fakes.server import Faulty

PARIS = ZoneInfo("Europe/Paris")
AS_OF = datetime(2026, 11, 2, 3, 30, tzinfo=PARIS)
TOKEN = "canari-4f1e0b2c9d"
"""Nothing that the program writes may hold it."""
MORNING = datetime(2026, 10, 28, 9, 0, tzinfo=PARIS)

SEED = (1, 2, 3, 4, 5)
"""The records that are there before the first pull."""

Truth = set[tuple[str, datetime]]
"""Number of a record and when it happened."""


def instant(number: int) -> datetime:
    """Records follow each other by half an hour."""
    return MORNING + timedelta(minutes=30 * number)


@dataclass
class World:
    """One system with its records; `toml` is the source as a place declares it.

    Each adds a record (`add_at`), corrects one as the system can, a minute later or cancelled
    (`correct`), shows one as the system has it (`raw`), and gives one without a field that all
    others have (`spoil`). Most know a status of which no one has heard (`unknown_status`).
    """

    toml: str
    app: Any = None
    feed: str = "attendance"
    event: str = "checked_in_at"
    calls_of_nothing_new: int = 1
    """The fewest requests by which the system can say that nothing is new."""
    sign_ins: int = 0
    """Requests of a pull before the first that is written down."""
    constant: tuple[str, str] = ("evidence", "ticketed")
    """Something else that the place could declare."""
    truth: dict[str, datetime] = field(default_factory=dict)

    def present(self) -> Truth:
        return {(number, at.astimezone(UTC)) for number, at in self.truth.items()}

    def it_is(self, now: datetime) -> None:
        """The clock of the system."""

    def add(self, number: int) -> None:
        self.add_at(number, instant(number))

    def remove(self, number: int) -> bool:
        """Delete a record; false where the system does not tell, and the record stays."""
        return False

    def close_account(self, number: int) -> None:
        """Delete the account of the person of a record, where the system has accounts."""
        raise NotImplementedError

    def small_pages(self, monkeypatch: Any) -> Any:
        """Two records a page where there are pages; the system, where rows can move in between."""
        return None


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
            calls_of_nothing_new=3,  # with snapshots, whether the account may see all is asked too
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

    def raw(self, number: int) -> dict[str, Any]:
        return self.grist.rows[number]

    def spoil(self, number: int) -> None:
        self.put(number, instant(number), Arrivee=["E", "TypeError"])
        del self.truth[str(number)]

    def unknown_status(self, number: int) -> None:
        self.put(number, instant(number), Statut="on ne sait pas")
        del self.truth[str(number)]


class GristSelectWorld(GristWorld):
    """The same table, asked for by a SELECT."""

    def __init__(self) -> None:
        super().__init__()
        asked = 'select = "SELECT id, Arrivee, Nombre, Statut FROM Presences WHERE Nombre > 0;"'
        self.toml = self.toml.replace('table = "Presences"', f'table = "Presences", {asked}')
        self.calls_of_nothing_new = 2


SLOT = timedelta(minutes=20)


class FabManagerWorld(World):
    """Correction is that a slot is moved: it is another one, and the former is not told any more."""

    def __init__(self) -> None:
        super().__init__(
            """
id = "fablab"
feed = "attendance"
connector = "fab_manager"
url = "URL"
token = { env = "CANARY" }
rhythm = "daily"
coverage = "window"
""",
            calls_of_nothing_new=2,
        )
        self.fab = FabManager(TOKEN)
        self.app = Faulty(self.fab.app)

    def add_at(self, number: int, at: datetime) -> None:
        self.fab.reserve(number, at, at + SLOT)
        self.truth[slot_of(number, 5000 + number, at)] = at

    def correct(self, number: int) -> None:
        at = instant(number) + timedelta(minutes=1)
        del self.truth[slot_of(number, 5000 + number, instant(number))]
        self.fab.move(number, at, at + SLOT)
        self.truth[slot_of(number, 9000 + number, at)] = at

    def close_account(self, number: int) -> None:
        self.fab.close_account(number)

    def raw(self, number: int) -> dict[str, Any]:
        return self.fab.reservations[number]

    def spoil(self, number: int) -> None:
        self.fab.reserve(number, instant(number), instant(number) + SLOT)
        del self.fab.reservations[number]["reserved_slots"]

    def unknown_status(self, number: int) -> None:
        self.fab.reserve(number, instant(number), instant(number) + SLOT, "Drone")

    def small_pages(self, monkeypatch: Any) -> Any:
        monkeypatch.setattr(fab_manager, "PER_PAGE", 2)
        return self.fab


def slot_of(reservation: int, availability: int, at: datetime) -> str:
    """By what a slot is known."""
    return f"{reservation}-{availability}-{at.timestamp():.0f}"


class FabManagerUsageWorld(FabManagerWorld):
    """The same slots, as usage."""

    def __init__(self) -> None:
        super().__init__()
        self.toml = self.toml.replace("attendance", "service_usage")
        self.feed, self.event = "service_usage", "occurred_at"


class RdvWorld(World):
    def __init__(self) -> None:
        super().__init__(
            """
id = "rdv"
feed = "attendance"
connector = "rdv_service_public"
url = "URL"
token = { env = "CANARY" }
options = { organisation = 3, login = "agent@exemple.test" }
rhythm = "daily"
coverage = "window"
""",
            calls_of_nothing_new=3,
            sign_ins=1,
        )
        self.rdv = RdvServicePublic(TOKEN)
        self.app = Faulty(self.rdv.app)

    def add_at(self, number: int, at: datetime) -> None:
        self.rdv.book(number, at)
        self.truth[str(number)] = at

    def correct(self, number: int) -> None:
        self.add_at(number, instant(number) + timedelta(minutes=1))

    def remove(self, number: int) -> bool:
        del self.rdv.rdvs[number], self.truth[str(number)]
        return True

    def close_account(self, number: int) -> None:
        self.rdv.delete_user(number)

    def raw(self, number: int) -> dict[str, Any]:
        return self.rdv.rdvs[number]

    def spoil(self, number: int) -> None:
        self.rdv.book(number, instant(number))
        del self.rdv.rdvs[number]["participations"]

    def unknown_status(self, number: int) -> None:
        self.rdv.book(number, instant(number), "teleported")

    def small_pages(self, monkeypatch: Any) -> Any:
        monkeypatch.setattr(rdv_service_public, "PER_PAGE", 2)
        self.rdv.per_page = 2
        return self.rdv


class RdvUsageWorld(RdvWorld):
    """The same appointments, as usage of a service."""

    def __init__(self) -> None:
        super().__init__()
        self.toml = self.toml.replace("attendance", "service_usage")
        self.feed, self.event = "service_usage", "occurred_at"


class CobotWorld(World):
    def __init__(self) -> None:
        super().__init__(
            """
id = "cobot"
feed = "attendance"
connector = "cobot"
url = "URL"
token = { env = "CANARY" }
from = 2026-10-01
rhythm = "daily"
coverage = "window"
""",
            calls_of_nothing_new=2,
        )
        self.cobot = Cobot(TOKEN)
        self.app = Faulty(self.cobot.app)

    def add_at(self, number: int, at: datetime) -> None:
        self.cobot.check_in(f"s{number}", at, at + SLOT)
        self.truth[f"s{number}"] = at

    def close_account(self, number: int) -> None:
        """A membership that is deleted is not among those who have left either."""
        del self.cobot.members[f"m{self.raw(number)['id']}"]

    def correct(self, number: int) -> None:
        """Only lately: a check-in of another month is not asked for again."""
        self.add_at(number, instant(number) + timedelta(minutes=1))

    def raw(self, number: int) -> dict[str, Any]:
        return self.cobot.sessions[f"s{number}"]

    def spoil(self, number: int) -> None:
        self.cobot.check_in(f"s{number}", instant(number), instant(number) + SLOT)
        del self.raw(number)["valid_until"]


class CobotBookingsWorld(CobotWorld):
    """Rooms, as usage."""

    def __init__(self) -> None:
        super().__init__()
        self.toml = self.toml.replace("attendance", "service_usage")
        self.feed, self.event = "service_usage", "occurred_at"

    def add_at(self, number: int, at: datetime) -> None:
        self.cobot.book(f"b{number}", at, at + SLOT)
        self.truth[f"b{number}"] = at

    def raw(self, number: int) -> dict[str, Any]:
        return self.cobot.bookings[f"b{number}"]

    def spoil(self, number: int) -> None:
        self.cobot.book(f"b{number}", instant(number), instant(number) + SLOT)
        del self.raw(number)["resource"]


class LaCoopWorld(World):
    def __init__(self) -> None:
        super().__init__(
            f"""
id = "mediation"
feed = "service_usage"
connector = "la_coop"
url = "URL"
token = {{ env = "CANARY" }}
options = {{ structure = "{STRUCTURE}" }}
rhythm = "daily"
coverage = "window"
""",
            feed="service_usage",
            event="occurred_at",
            calls_of_nothing_new=2,  # is the structure there at all?
        )
        self.coop = LaCoop(TOKEN)
        self.app = Faulty(self.coop.app)

    def add_at(self, number: int, at: datetime, **more: Any) -> None:
        day = at.astimezone(PARIS)
        self.coop.write(f"a{number}", day, **more)
        self.truth[f"a{number}"] = day.replace(hour=0, minute=0, second=0)

    def correct(self, number: int) -> None:
        self.add_at(number, instant(number) + timedelta(days=1))

    def it_is(self, now: datetime) -> None:
        self.coop.now = now

    def remove(self, number: int) -> bool:
        self.coop.delete(f"a{number}")
        del self.truth[f"a{number}"]
        return True

    def raw(self, number: int) -> dict[str, Any]:
        return self.coop.activities[f"a{number}"]

    def spoil(self, number: int) -> None:
        self.coop.write(f"a{number}", instant(number))
        del self.coop.activities[f"a{number}"]["duree"]

    def unknown_status(self, number: int) -> None:
        self.coop.write(f"a{number}", instant(number), type_lieu="lune")

    def small_pages(self, monkeypatch: Any) -> Any:
        monkeypatch.setattr(la_coop, "PER_PAGE", 2)
        return self.coop


class LaCoopEmploymentWorld(LaCoopWorld):
    """One user a contract; a contract of another structure is beside each."""

    def __init__(self) -> None:
        super().__init__()
        self.toml = (
            self.toml.replace("service_usage", "employment")
            + """
[sources.constants]
contract_type = "CDD"
weekly_minutes = "35"
"""
        )
        self.feed = "employment"
        self.event = "timezone('Europe/Paris', CAST(started_on AS TIMESTAMP))"
        self.calls_of_nothing_new = 2  # no question for what changed; the last page is empty
        self.constant = ("post_code", "autre")

    def add_at(self, number: int, at: datetime) -> None:
        day = at.astimezone(PARIS)
        begins = f"{day.date()}T00:00:00.000Z"
        self.coop.employ(f"u{number}", {"id": f"e{number}", "debut": begins})
        self.truth[f"e{number}"] = day.replace(hour=0, minute=0, second=0)

    def raw(self, number: int) -> dict[str, Any]:
        return self.coop.users[f"u{number}"]

    def remove(self, number: int) -> bool:
        """What La Coop calls a suppression is how it writes an end."""
        self.raw(number)["emplois"][0]["suppression"] = "2026-11-02T09:00:00.000Z"
        return False

    def close_account(self, number: int) -> None:
        self.coop.delete_user(f"u{number}", AS_OF + timedelta(hours=9))

    def spoil(self, number: int) -> None:
        self.coop.employ(f"u{number}", {"id": f"e{number}"})


class HelloAssoWorld(World):
    """Each record is the ticket of an event of its own, since the event has the day."""

    def __init__(self) -> None:
        super().__init__(
            f"""
id = "billets"
feed = "attendance"
connector = "helloasso"
url = "URL"
token = {{ env = "CANARY" }}
options = {{ organisation = "asso-exemple", client = "{CLIENT}" }}
rhythm = "daily"
coverage = "window"
""",
            calls_of_nothing_new=1 + 1 + 2 * len(SEED),  # a list says how long it is, or goes on
            sign_ins=1,
        )
        self.asso = HelloAsso(TOKEN)
        self.app = Faulty(self.asso.app)

    def add_at(self, number: int, at: datetime) -> None:
        self.sell(number, at)
        self.truth[str(number)] = at

    def sell(self, number: int, at: datetime, **more: Any) -> None:
        self.asso.announce(f"soiree-{number}", at)
        self.asso.sell(number, f"soiree-{number}", **more)

    def correct(self, number: int) -> None:
        self.add_at(number, instant(number) + timedelta(minutes=1))

    def raw(self, number: int) -> dict[str, Any]:
        return self.asso.items[number]

    def close_account(self, number: int) -> None:
        self.raw(number)["payer"] = None

    def spoil(self, number: int) -> None:
        self.sell(number, instant(number))
        del self.asso.items[number]["state"]

    def unknown_status(self, number: int) -> None:
        self.sell(number, instant(number), state="Lunaire")

    def small_pages(self, monkeypatch: Any) -> Any:
        monkeypatch.setattr(helloasso, "PER_PAGE", 2)
        return None


class PretixWorld(World):
    """Correction is that somebody checks out: the entry stays."""

    def __init__(self) -> None:
        super().__init__(
            """
id = "billetterie"
feed = "attendance"
connector = "pretix"
url = "URL"
token = { env = "CANARY" }
options = { organizer = "le-lieu" }
rhythm = "daily"
coverage = "window"
"""
        )
        self.pretix = Pretix(TOKEN, MORNING)
        self.app = Faulty(self.pretix.app)

    def it_is(self, now: datetime) -> None:
        self.pretix.now = now

    def add_at(self, number: int, at: datetime) -> None:
        self.pretix.order(f"c{number}")
        self.truth[str(self.pretix.check_in(f"c{number}", at))] = at

    def raw(self, number: int) -> dict[str, Any]:
        """The check-in: of orders and tickets, what is not asked for is not shown."""
        checkin: dict[str, Any] = self.pretix.orders[f"c{number}"]["positions"][0]["checkins"][0]
        return checkin

    def correct(self, number: int) -> None:
        self.pretix.check_in(f"c{number}", instant(number) + SLOT, "exit")

    def close_account(self, number: int) -> None:
        """There are no accounts: an address is shredded, and nobody's number is left."""
        order = self.pretix.orders[f"c{number}"]
        order["email"] = None
        for ticket in order["positions"]:
            ticket["attendee_email"] = None
        self.pretix.touch(f"c{number}")

    def spoil(self, number: int) -> None:
        self.pretix.order(f"c{number}")
        del self.pretix.orders[f"c{number}"]["positions"]

    def small_pages(self, monkeypatch: Any) -> Any:
        monkeypatch.setattr(pretix, "PER_PAGE", 2)
        return None


class Extra(dict[str, Any]):
    """An event to which one adds a property."""

    def __init__(self, put: Callable[..., None]) -> None:
        self.put = put

    def __setitem__(self, name: str, value: Any) -> None:
        self.put(f"X-{name.upper()};VALUE=TEXT:{value}")


class CalendarAddressWorld(World):
    """Events that do not repeat, each a desk of one partner; a list of them is one file."""

    def __init__(self) -> None:
        super().__init__(
            f"""
id = "permanences"
feed = "attendance"
connector = "calendar"
url = "URL{CalendarAddress.path}"
token = {{ env = "CANARY" }}
options = {{ user = "{USER}" }}
from = 2026-10-01
rhythm = "daily"
coverage = "window"
delivery = "period"
[sources.values.activity_id]
"Impôts" = "impots-1"
"""
        )
        self.address = CalendarAddress()
        self.app = Faulty(self.address.app)

    def add_at(self, number: int, at: datetime) -> None:
        self.put(number, at)
        self.truth[record_id(f"{number}@exemple.test", None)] = at

    def put(self, number: int, at: datetime, *more: str, length: str = "PT20M") -> None:
        lines = [
            "BEGIN:VEVENT", f"UID:{number}@exemple.test", f"DTSTART:{at.astimezone(UTC):%Y%m%dT%H%M%SZ}",
            f"DURATION:{length}", "DTSTAMP:20261001T080000Z", "SUMMARY:Impôts : Nom Canari",
            "DESCRIPTION:Nom Canari", "ATTENDEE;CN=Nom Canari:mailto:canari@exemple.test", *more,
            "END:VEVENT", "",
        ]  # fmt: skip
        self.write(number, "\r\n".join(lines))

    def write(self, number: int, event: str) -> None:
        self.address.events[str(number)] = event

    def correct(self, number: int) -> None:
        self.add_at(number, instant(number) + timedelta(minutes=1))

    def remove(self, number: int) -> bool:
        del self.address.events[str(number)], self.truth[record_id(f"{number}@exemple.test", None)]
        return True

    def raw(self, number: int) -> dict[str, Any]:
        return Extra(lambda line: self.put(number, instant(number), line))

    def spoil(self, number: int) -> None:
        self.put(number, instant(number), "RRULE:FREQ=HOURLY")


class CalDavWorld(CalendarAddressWorld):
    """The same events, each a file of a calendar of Radicale."""

    def __init__(self) -> None:
        super().__init__()
        self.toml = self.toml.replace(CalendarAddress.path, CALENDAR)
        self.folder = tempfile.TemporaryDirectory()
        self.radicale = Radicale(Path(self.folder.name), TOKEN)
        self.app = Faulty(self.radicale.app)

    def write(self, number: int, event: str) -> None:
        head = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//exemple//FR\r\n"
        self.radicale.put(str(number), f"{head}{event}END:VCALENDAR\r\n")

    def remove(self, number: int) -> bool:
        self.radicale.delete(str(number))
        del self.truth[record_id(f"{number}@exemple.test", None)]
        return True

    def small_pages(self, monkeypatch: Any) -> Any:
        monkeypatch.setattr(_dav, "PER_PAGE", 2)
        return None


WORLDS: dict[str, Callable[[], World]] = {
    "grist": GristWorld,
    "grist_select": GristSelectWorld,
    "fab_manager": FabManagerWorld,
    "fab_manager_usage": FabManagerUsageWorld,
    "rdv_service_public": RdvWorld,
    "rdv_service_public_usage": RdvUsageWorld,
    "cobot": CobotWorld,
    "cobot_bookings": CobotBookingsWorld,
    "la_coop": LaCoopWorld,
    "la_coop_employment": LaCoopEmploymentWorld,
    "helloasso": HelloAssoWorld,
    "pretix": PretixWorld,
    "calendar_address": CalendarAddressWorld,
    "caldav": CalDavWorld,
}
