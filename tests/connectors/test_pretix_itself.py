"""A ticket office that is not ours: pretix, installed from its package, filled and asked."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from flows.network.place_files import read_place
from flows.settings import Settings
from flows.stages.collect import collect_place
from flows.stages.request import Request
from flows.stages.source_report import SourceReport
from tests.connectors.conftest import PLACE
from tests.connectors.worlds import AS_OF, PretixWorld, Truth

RELEASE = "pretix==2026.8.0"
DJANGO = """
import json, sys
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo
import django
django.setup()
from django_scopes import scopes_disabled
from pretix.base.models import Checkin, Event, Item, Order, OrderPosition, Organizer, Team
from pretix.base.shredder import EmailAddressShredder
BEGINS = datetime(2026, 10, 28, 9, tzinfo=ZoneInfo("Europe/Paris"))
def check_in(position, at, kind="entry", **more):
    entrance = position.order.event.checkin_lists.get()
    told = Checkin.objects.create(position=position, list=entrance, datetime=at, type=kind, **more)
    return [str(told.pk), at.isoformat()]
def beside(code, item, **more):
    order = Order.objects.get(code=code)
    return OrderPosition.objects.create(
        order=order, item=Item.objects.get(name__contains=item), price=Decimal(0),
        positionid=order.all_positions.count() + 1, **more,
    )
"""
FILL = """
with scopes_disabled():
    place = Organizer.objects.create(name="Le Lieu", slug="le-lieu")
    event = Event.objects.create(
        organizer=place, name="Portes ouvertes", slug="portes", date_from=BEGINS, currency="EUR",
        live=True, plugins="",
    )
    ticket = Item.objects.create(
        event=event, name="Une place", default_price=Decimal(0), admission=True
    )
    for name in ("Un maillot", "Un repas"):
        Item.objects.create(event=event, name=name, default_price=Decimal(0), admission=False)
    event.checkin_lists.create(name="L'entrée", all_products=True)
    team = Team.objects.create(
        organizer=place, name="lecture", all_events=True,
        limit_event_permissions={"event.orders:read": True},
    )
    came = []
    for number in range(120):
        order = Order.objects.create(
            event=event, code=f"C{number:04}", email=f"usager{number}@exemple.test", locale="fr",
            status=Order.STATUS_PAID, datetime=BEGINS - timedelta(days=9), expires=BEGINS,
            total=Decimal(0), testmode=number % 40 == 0,
            sales_channel=place.sales_channels.get(identifier="web"),
        )
        position = OrderPosition.objects.create(
            order=order, item=ticket, price=Decimal(0), positionid=1,
            attendee_name_parts={"_scheme": "full", "full_name": "Nom Canari"},
        )
        if number % 2 == 0:
            entry = check_in(position, BEGINS + timedelta(minutes=number))
            came += [] if order.testmode else [entry]
    # no visits: a shirt that is handed out, a meal beside a ticket, what pretix does by itself
    check_in(beside("C0004", "maillot"), BEGINS + timedelta(hours=2))
    ticket = OrderPosition.objects.get(order__code="C0006", item=ticket)
    check_in(beside("C0006", "repas", addon_to=ticket), BEGINS + timedelta(hours=2))
    check_in(ticket, BEGINS + timedelta(hours=19), "exit", auto_checked_in=True)
    check_in(OrderPosition.objects.get(order__code="C0003"), BEGINS, auto_checked_in=True)
    check_in(OrderPosition.objects.get(order__code="C0008"), BEGINS + timedelta(minutes=8, seconds=3))
    print(json.dumps({"token": team.tokens.create(name="impact").token, "came": came}))
"""
LATE = """
with scopes_disabled():
    late = OrderPosition.objects.get(order__code="C0001")
    entry = check_in(late, BEGINS + timedelta(hours=3))
    check_in(OrderPosition.objects.get(order__code="C0002"), BEGINS + timedelta(hours=4), "exit")
    print(json.dumps({"came": [entry]}))
"""

SHRED = """
with scopes_disabled():
    gone = Checkin.objects.filter(position__order__code="C0010").get()
    gone.successful, gone.error_reason = False, Checkin.REASON_ANNULLED
    gone.save()
    gone.position.order.touch()
    EmailAddressShredder(Event.objects.get()).shred_data()
    assert not Order.objects.filter(email__isnull=False).exists()
    for order in Order.objects.all():
        order.touch()
    print(json.dumps({"gone": str(gone.pk)}))
"""


@dataclass
class Peer:
    """A pretix of its own: its Python, its folder, its address."""

    python: Path
    folder: Path
    url: str = ""

    @property
    def environment(self) -> dict[str, str]:
        own = {"DATA_DIR": str(self.folder), "DJANGO_SETTINGS_MODULE": "pretix.settings"}
        return {k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | own

    def run(self, *arguments: str) -> str:
        command = [str(self.python), *arguments]
        done = subprocess.run(
            command, env=self.environment, cwd=self.folder, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    def say(self, code: str) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.run("-c", DJANGO + code).splitlines()[-1])
        return told


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    """A pretix with an empty database that answers on loopback."""
    folder = tmp_path_factory.mktemp("pretix")
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    peer = Peer(folder / "venv" / "bin" / "python", folder)
    peer.run("-m", "pip", "install", "--quiet", "--disable-pip-version-check", RELEASE)
    peer.run("-m", "pretix", "migrate")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    server = subprocess.Popen(
        [peer.python, "-m", "pretix", "runserver", "--noreload", address],
        env=peer.environment, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        peer.url = f"http://{address}"
        wait_for(peer.url)
        yield peer
    finally:
        server.terminate()
        server.wait()


def wait_for(url: str) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            assert httpx.get(f"{url}/api/v1/organizers/").status_code == 401
            return
        except httpx.TransportError:
            time.sleep(0.5)
    raise AssertionError("pretix does not answer")


def truth(came: list[list[str]]) -> Truth:
    return {(number, datetime.fromisoformat(at).astimezone(UTC)) for number, at in came}


@pytest.mark.long
def test_presences_come_from_a_pretix_that_is_not_a_fake(
    peer: Peer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, read: Any
) -> None:
    told = peer.say(FILL)
    monkeypatch.setenv("CANARY", told["token"])
    toml = tmp_path / "le-lieu.toml"
    toml.write_text(PLACE + PretixWorld().toml.replace("URL", peer.url), encoding="utf-8")
    place = read_place(toml)
    settings = Settings(home=tmp_path / "home", places=tmp_path, keys=tmp_path / "keys")

    def night(number: int) -> SourceReport:
        [report] = collect_place(place, settings, Request(AS_OF + timedelta(days=number)))
        assert (report.failed, report.refused, report.quarantined) == ([], [], 0)
        return report

    def records() -> Truth:
        sql = "SELECT record_id, checked_in_at FROM record.attendance WHERE NOT deleted"
        rows = read(settings, sql)
        return {(number, at.astimezone(UTC)) for number, at in rows}

    assert night(0).loaded == 57
    assert records() == truth(told["came"])
    who = "SELECT count(DISTINCT person_key), count(checked_out_at) FROM record.attendance"
    assert read(settings, who) == [(57, 0)]
    [pages] = settings.landing.rglob("payload.pages")
    assert b"Canari" not in pages.read_bytes(), "names are not asked for"

    late = peer.say(LATE)["came"]
    assert night(1).loaded == 2, "who came late, and who has left"
    assert records() == truth(told["came"] + late)
    assert read(settings, who) == [(58, 1)]
    assert night(2).loaded == 0

    gone = peer.say(SHRED)["gone"]
    night(3)
    assert records() == {one for one in truth(told["came"] + late) if one[0] != gone}
    assert read(settings, who) == [(57, 1)], "whoever came is as known as before"
