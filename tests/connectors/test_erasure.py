"""Whom RDV Service Public asks to erase is gone: from the warehouse, from landing, from the figures."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

import flows.intake.landing as landing
from flows.connectors._journal import UNFINISHED
from flows.door.app import make_app
from flows.door.hooks import SEEN, SIGNATURE
from flows.door.secrets import made_from, make_secret
from flows.intake import erasure
from flows.runs.arrival import Work
from flows.runs.report import RunReport
from flows.settings import Settings
from flows.stages.build import build_warehouse
from flows.stages.collect import collect_place
from flows.stages.erasure import asked_by_hook
from flows.stages.request import Request
from flows.stages.source_report import SourceReport
from flows.warehouse.audit import audit_warehouse
from tests.connectors.conftest import Network
from tests.connectors.worlds import AS_OF, RdvWorld, World, instant

NAMES = {1: "Aubepine", 2: "Bruyere", 3: "Cytise", 4: "Digitale", 5: "Mimosa"}


class BothFeeds(RdvWorld):
    """Appointments as presence and as use of a service, each with a user of its own."""

    def __init__(self) -> None:
        super().__init__()
        usage = self.toml.replace('id = "rdv"', 'id = "rdv-usage"')
        usage = usage.replace('feed = "attendance"', 'feed = "service_usage"')
        self.toml += "[[sources]]" + usage

    def book(self, number: int, status: str = "seen") -> None:
        self.rdv.book(number, instant(number), status)
        self.user(number)["last_name"] = NAMES[number]

    def user(self, number: int) -> dict[str, Any]:
        user: dict[str, Any] = self.rdv.rdvs[number]["participations"][0]["user"]
        return user


class Place:
    """A place that asks RDV Service Public at night, and whose door hears what it says."""

    def __init__(self, net: Network, world: BothFeeds) -> None:
        self.net, self.world, self.night = net, world, 0
        make_secret(net.settings, net.place.id)

    @property
    def settings(self) -> Settings:
        return self.net.settings

    def hook(self, model: str, data: Any, **meta: Any) -> Any:
        """A signed hook, at a door that was just opened: nothing is only in its memory."""
        told = {"model": model, "event": "destroyed", "webhook_reason": "rgpd",
                "timestamp": "2026-11-02T09:00:00.000+01:00", **meta}  # fmt: skip
        body = json.dumps({"data": data, "meta": told}).encode()
        secret = made_from(self.settings, "le-lieu", "rdv-service-public") or ""
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        client = TestClient(make_app(self.settings))
        return client.post(
            "/hooks/rdv-service-public/le-lieu", content=body, headers={SIGNATURE: signature}
        )

    def ask(self, model: str, data: Any, **meta: Any) -> None:
        answer = self.hook(model, data, **meta)
        assert (answer.status_code, answer.json()) == (202, {"state": "erasure asked"})

    def collect(self, **request: Any) -> list[SourceReport]:
        """The next night."""
        self.night += 1
        asked = Request(AS_OF + timedelta(days=self.night), **request)
        return collect_place(self.net.place, self.settings, asked)

    def well(self, **request: Any) -> None:
        for report in self.collect(**request):
            assert (report.failed, report.refused) == ([], [])

    def read(self, sql: str) -> list[tuple[Any, ...]]:
        return self.net.read(self.settings, sql)

    def live(self, feed: str) -> list[str]:
        sql = f"SELECT record_id FROM record.{feed} WHERE NOT deleted ORDER BY 1"
        return [number for (number,) in self.read(sql)]

    def ledger(self) -> list[tuple[Any, ...]]:
        return self.read(
            "SELECT outcome, reason, tombstoned FROM ledger.attempt "
            "WHERE starts_with(batch_id, 'erasure-') ORDER BY attempted_at"
        )

    def requests(self) -> list[Path]:
        return sorted(self.settings.landing.rglob(f"*{erasure.ASKED}"))

    def landed_text(self) -> str:
        files = [file for file in self.settings.landing.rglob("*") if file.is_file()]
        return "".join(file.read_text() for file in files)


@pytest.fixture
def place(network: Callable[[World], Network]) -> Place:
    """Three who came, and a fourth with a status that nobody knows."""
    world = BothFeeds()
    for number in (1, 2, 3):
        world.book(number)
    world.book(4, "teleported")
    made = Place(network(world), world)
    made.well()
    assert made.live("attendance") == made.live("service_usage") == ["1", "2", "3"]
    assert "Aubepine" in made.landed_text()
    return made


def visits(place: Place) -> int:
    built = build_warehouse([place.net.place], place.settings, AS_OF, force=False)
    assert built.is_new
    [(count,)] = place.read(
        "SELECT running FROM indicator.value WHERE indicator_id = 'visits' "
        "AND scope_id = 'le-lieu' AND period_id = '2026-10' AND breakdown = 'all'"
    )
    return int(count)


def test_an_erased_appointment_is_gone_everywhere_and_stays_gone(place: Place) -> None:
    assert visits(place) == 3
    gone = place.world.rdv.rdvs.pop(1)
    place.ask("Rdv", gone)
    # the door has written a request without a name, and nothing else
    [request] = place.requests()
    assert request.stat().st_mode & 0o777 == 0o600
    assert "Aubepine" not in request.read_text() and "1980" not in request.read_text()
    assert place.live("attendance") == ["1", "2", "3"]

    place.well()
    for feed, event in (("attendance", "checked_in"), ("service_usage", "occurred")):
        assert place.live(feed) == ["2", "3"]
        [tombstone] = place.net.read(
            place.settings,
            "SELECT COLUMNS(c -> c NOT IN "
            f"('version_at', 'attempt_id', '{event}_at', '{event}_local')) "
            f"FROM record.{feed} WHERE record_id = '1'",
        )
        assert {cell for cell in tombstone if cell is not None} == {
            "le-lieu", "rdv" if feed == "attendance" else "rdv-usage", "1", True,
        }  # fmt: skip
    assert "Aubepine" not in place.landed_text()
    assert place.requests() == []
    assert visits(place) == 2
    assert [
        v.promise.id for v in audit_warehouse(place.settings.warehouse) if v.stops_release
    ] == []

    # the system gives it once more, in a page with something new, and what has landed is read again
    place.world.rdv.rdvs[1] = gone
    place.world.book(5)
    place.well()
    place.well(again="landed")
    assert place.live("attendance") == ["2", "3", "5"]
    assert place.live("service_usage") == ["2", "3", "5"]

    [(outcome, reason, tombstoned)] = place.ledger()
    assert (outcome, tombstoned) == ("accepted", 2)
    assert reason == (
        "le-lieu: rdv-service-public asked on 2026-11-02 08:00 UTC to erase one Rdv; "
        "erased: 2 records, 0 reasons of refusal, 2 landed batches"
    )


def test_the_refused_row_of_an_erased_appointment_goes_too(place: Place) -> None:
    rows = "SELECT count(*) FROM ledger.quarantine WHERE record_id = '4'"
    assert place.read(rows) == [(1,)]
    place.ask("Rdv", place.world.rdv.rdvs.pop(4))
    place.well()
    assert place.read(rows) == [(0,)]
    assert "0 records, 1 reasons of refusal" in place.ledger()[0][1]


def test_an_erased_user_is_found_by_pseudonym_when_nothing_is_in_landing_any_more(
    place: Place,
) -> None:
    world = place.world
    world.user(2)["email"] = "Deux@exemple.test "
    world.user(3)["email"] = "trois@exemple.test"
    place.well()
    for batch in landing.landed_by(place.settings.landing, "le-lieu", "rdv_service_public"):
        landing.remove(batch)
    place.ask("User", {**world.user(2), "email": "deux@exemple.test"})
    assert "deux" not in place.requests()[0].read_text().lower()
    place.ask("User", world.user(1), timestamp="2026-11-02T09:00:01.000+01:00")
    del world.rdv.rdvs[1], world.rdv.rdvs[2]
    place.well()
    assert place.live("attendance") == place.live("service_usage") == ["3"]
    assert [tombstoned for _outcome, _reason, tombstoned in place.ledger()] == [2, 2]
    assert all(name not in str(place.ledger()).lower() for name in ("deux", "bruy", "aub"))


def test_a_user_who_is_destroyed_is_told_as_a_profile_without_a_number_and_is_erased(
    place: Place,
) -> None:
    """The user itself is destroyed without a hook."""
    profile = {"user": place.world.user(2), "organisation": {"id": 3, "name": "Maison"}}
    place.ask("UserProfile", profile)
    assert "Bruyere" not in place.requests()[0].read_text()
    del place.world.rdv.rdvs[2]
    place.well()
    assert place.live("attendance") == place.live("service_usage") == ["1", "3"]
    assert "Bruyere" not in place.landed_text()


def test_an_account_that_its_owner_deletes_is_news_and_no_erasure(place: Place) -> None:
    profile = {"user": place.world.user(2), "organisation": {"id": 3}}
    for reason in (None, "user"):
        at = f"2026-11-02T09:00:0{len(reason or '')}.000+01:00"
        answer = place.hook("UserProfile", profile, webhook_reason=reason, timestamp=at)
        assert (answer.status_code, answer.json()["state"]) == (202, "waiting")
    before = place.read("SELECT record_id, person_key FROM record.attendance ORDER BY 1")
    place.world.rdv.delete_user(2)
    place.well()
    assert place.read("SELECT record_id, person_key FROM record.attendance ORDER BY 1") == before
    assert len({key for _number, key in before}) == 3


def test_what_is_destroyed_beside_a_user_and_has_no_number_is_taken_and_asks_for_nothing(
    place: Place,
) -> None:
    """An answer that is no 2xx is asked for twenty times in eight days."""
    answer = place.hook("ReferentAssignation", {"user": place.world.user(2), "agent": {"id": 21}})
    assert (answer.status_code, answer.json()) == (202, {"state": "nothing to erase"})
    assert place.requests() == []


def test_who_is_only_named_beside_a_record_leaves_landing_and_the_record_stays(
    place: Place,
) -> None:
    parent = {"id": 77, "email": None, "first_name": "Parent", "last_name": "Fougere",
              "birth_date": "1970-01-01"}  # fmt: skip
    place.world.user(3)["responsible"] = parent
    place.well()
    assert "Fougere" in place.landed_text()
    del place.world.user(3)["responsible"]
    place.ask("User", parent)
    place.well()
    assert "Fougere" not in place.landed_text()
    assert place.live("attendance") == ["1", "2", "3"]


def test_what_nobody_knows_is_closed_and_said_so(place: Place) -> None:
    place.ask("Rdv", {"id": 99, "participations": [{"id": 99, "user": {"id": 99}}]})
    place.ask("Motif", {"id": 1})
    place.well()
    assert place.requests() == []
    assert [line[0] for line in place.ledger()] == ["unknown", "unknown"]
    assert all(line[1].endswith("nothing is known of it") for line in place.ledger())
    assert place.live("attendance") == ["1", "2", "3"]


def test_an_erasure_is_done_once_whatever_is_stopped_or_sent_again(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = place.world.rdv.rdvs.pop(1)
    place.ask("Rdv", gone)
    assert place.hook("Rdv", gone).json() == {"state": "known"}
    whole = landing.remove

    def cut(_batch: landing.Batch) -> None:
        raise OSError(5, "the disk is gone")

    monkeypatch.setattr(landing, "remove", cut)
    assert all("the disk" in report.failed[0] for report in place.collect())
    monkeypatch.setattr(landing, "remove", whole)
    assert len(place.requests()) == 1
    assert "Aubepine" in place.landed_text()
    place.well()
    assert "Aubepine" not in place.landed_text()
    # the door has lost what it knew, and the tool asks again
    (place.settings.home / SEEN / "le-lieu").unlink()
    place.ask("Rdv", gone)
    place.well()
    assert place.requests() == []
    assert [(outcome, count) for outcome, _reason, count in place.ledger()] == [("accepted", 2)]


def test_a_pull_that_was_cut_off_and_a_page_that_nobody_can_read_go(place: Place) -> None:
    work = place.settings.landing / "le-lieu" / "rdv"
    [payload] = work.glob("*/payload.pages")
    payload.write_bytes(payload.read_bytes().replace(b'"rdvs":[', b'"rdvs":{'))
    (work / UNFINISHED).write_text("Aubepine")
    place.ask("Rdv", place.world.rdv.rdvs.pop(1))
    place.well(is_brought=True)
    assert not payload.exists()
    assert not (work / UNFINISHED).exists()


def test_a_sweep_takes_a_request_without_asking_a_source(place: Place) -> None:
    def work() -> list[Any]:
        return Work(place.settings, RunReport(AS_OF)).wanted()

    assert work() == []
    place.ask("Rdv", place.world.rdv.rdvs.pop(1))
    [(declared, request)] = work()
    assert (declared.id, request.is_brought) == ("le-lieu", True)
    calls = len(place.net.faults.calls)
    place.well(feeds=request.feeds, is_brought=True)
    assert len(place.net.faults.calls) == calls
    assert place.live("attendance") == place.live("service_usage") == ["2", "3"]
    assert work() == []


def test_what_has_the_same_number_at_another_place_stays_until_that_place_is_asked(
    place: Place, network: Callable[[World], Network]
) -> None:
    world = BothFeeds()
    world.book(1)
    other = network(world).place.model_copy(update={"id": "autre"})
    collect_place(other, place.settings, Request(AS_OF))
    gone = place.world.rdv.rdvs.pop(1)
    place.ask("Rdv", gone)
    place.well()
    kept = "SELECT place_id, record_id FROM record.attendance WHERE NOT deleted ORDER BY ALL"
    assert place.read(kept) == [("autre", "1"), ("le-lieu", "2"), ("le-lieu", "3")]
    # one organisation may have both places, and then the hooks of both are the same bytes
    here, there = (asked_by_hook(b"{}", "Rdv", gone, AS_OF, p, place.settings)
                   for p in (place.net.place, other))  # fmt: skip
    for request in (here, there):
        erasure.ask(place.settings.landing, request)
    place.well()
    collect_place(other, place.settings, Request(AS_OF, is_brought=True))
    assert place.read(kept) == [("le-lieu", "2"), ("le-lieu", "3")]


@pytest.mark.parametrize(
    ("model", "data"),
    [("Rdv", None), ("Rdv", {"id": "seven"}), ("Rdv", {"id": 1, "participations": [{}]}),
     ("UserProfile", {"organisation": {"id": 3}}), ("Dupont, Marie", {"id": 1}), ("x" * 50, {"id": 1})],
)  # fmt: skip
def test_an_erasure_that_does_not_say_what_of_is_refused_and_no_known_hook(
    place: Place, model: str, data: Any
) -> None:
    for _time in range(2):
        assert place.hook(model, data).status_code == 422
    assert place.requests() == []
