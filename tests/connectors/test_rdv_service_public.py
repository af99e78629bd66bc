"""What RDV Service Public really answers: each test is a fact read in its source."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flows.connectors._journal import recorded
from flows.declaration import Secret
from tests.connectors.conftest import Network, land_instead
from tests.connectors.worlds import AS_OF, RdvUsageWorld, RdvWorld, World, instant
from tests.fakes.rdv_service_public import AGENT, APPLICATION, participation, user

New = Callable[[World], Network]
COLLEAGUE = {**AGENT, "id": 22, "email": "collegue@exemple.test"}
BOTH = [AGENT, COLLEAGUE]


def column(net: Network, name: str, where: str = "NOT deleted") -> list[Any]:
    sql = f"SELECT {name} FROM record.{net.world.feed} WHERE {where} ORDER BY record_id"
    return [row[0] for row in net.read(net.settings, sql)]


def persons(net: Network) -> int:
    return len({*column(net, "person_key")})


def asked_with(options: str) -> RdvWorld:
    world = RdvWorld()
    world.toml = world.toml.replace(
        'organisation = 3, login = "agent@exemple.test"', options.strip("{} ")
    )
    return world


def test_an_organisation_in_which_the_agent_has_no_role_is_said_and_proves_nothing(
    network: New,
) -> None:
    world = asked_with('organisation = 4, login = "agent@exemple.test"')
    net = network(world)
    [said] = net.pull().failed
    assert "the agent has no role in organisation 4" in said
    assert "one of: 3" in said
    assert net.proven() == set()
    world.rdv.roles = {}
    assert "the agent has no role in any organisation" in net.pull().failed[0]
    world.rdv.roles = {4: "admin"}
    net.well()
    assert net.proven() == set(), "there is no record from which on it could be"
    net.well(1)
    assert net.proven() == {date(2026, 11, 2), date(2026, 11, 3)}


def test_without_an_organisation_all_of_the_agent_are_asked(network: New) -> None:
    world = asked_with('login = "agent@exemple.test"')
    world.rdv.roles = {3: "admin", 5: "admin"}
    for number, organisation in ((1, 3), (2, 5), (3, 8)):
        world.rdv.book(number, instant(number), organisation={"id": organisation})
    net = network(world)
    net.well()
    assert column(net, "record_id") == ["1", "2"]
    world.rdv.roles = {}
    assert "no role in any organisation" in net.pull(1).failed[0]


@pytest.mark.parametrize("is_distinct", [False, True])
def test_an_appointment_of_two_agents_counts_once(network: New, is_distinct: bool) -> None:
    world = RdvWorld()
    world.rdv.is_distinct = is_distinct
    world.add(1)
    world.rdv.book(2, instant(2), agents=BOTH)
    world.truth["2"] = instant(2)
    net = network(world)
    net.well()
    assert net.records() == world.present()
    assert len(net.faults.calls) == 3, "a session, the organisations, the appointments"


def test_where_only_some_appointments_are_copied_two_walks_that_agree_are_enough(
    network: New,
) -> None:
    world = RdvWorld()
    world.rdv.roles = {3: "basic"}
    motif = {"id": 9, "name": "Autre", "location_type": "public_office", "service_id": 6}
    world.rdv.book(1, instant(1), agents=BOTH)
    world.rdv.book(2, instant(2), agents=BOTH, motif=motif)
    net = network(world)
    net.well()
    assert column(net, "record_id") == ["1", "2"]
    assert len(net.faults.calls) == 4


def test_a_copy_does_not_stand_for_an_appointment_that_was_missed(
    network: New, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = RdvWorld()
    for number in (1, 2, 3, 4):
        world.rdv.book(number, instant(number), agents=BOTH if number == 1 else [AGENT])
    rdv = world.small_pages(monkeypatch)
    pages = iter(range(100))

    def meanwhile() -> None:
        rdv.is_reversed = next(pages) == 0  # the first page again, from the other end

    rdv.after_a_page = meanwhile
    net = network(world)
    net.well()
    assert column(net, "record_id") == ["1", "2", "3", "4"]


def test_users_that_were_deleted_before_anybody_asked_are_as_many_as_they_were(
    network: New,
) -> None:
    world = RdvWorld()
    for number in (1, 2):
        world.rdv.book(number, instant(number))
    world.rdv.book(3, instant(3))
    world.rdv.rdvs[3]["participations"][0]["user"] = user(1)
    for number in (1, 2):
        world.rdv.delete_user(number)
    net = network(world)
    net.well()
    assert column(net, "identity_kind") == ["source_id"] * 3
    assert persons(net) == 2


def test_somebody_who_is_taken_out_of_an_appointment_did_not_come(network: New) -> None:
    world = RdvWorld()
    world.rdv.book(7, instant(1), collectif=True, users_count=3)
    world.raw(7)["participations"] = [
        participation(70 + number, "seen", user(number)) for number in range(3)
    ]
    net = network(world)
    net.well()
    world.raw(7)["participations"].pop(1)
    assert net.well(1).removed == 1
    assert column(net, "record_id") == ["70", "72"]


def test_an_appointment_that_was_destroyed_is_gone_and_one_that_is_not_asked_for_stays(
    network: New,
) -> None:
    world = RdvWorld()
    long_ago = datetime(2026, 6, 3, 9, tzinfo=UTC)
    world.add_at(1, long_ago)
    world.add(2)
    world.add(3)
    net = network(world)
    net.well()
    del world.rdv.rdvs[1], world.rdv.rdvs[2]
    net.well(1)
    assert column(net, "record_id") == ["1", "3"]


def test_an_appointment_that_was_put_off_is_no_presence_until_then(network: New) -> None:
    world = RdvWorld()
    world.add(1)
    net = network(world)
    net.well()
    world.rdv.book(1, AS_OF + timedelta(days=9))
    net.well(1)
    assert column(net, "record_id") == []
    net.well(12)
    assert column(net, "record_id") == ["1"]


def test_many_appointments_that_are_gone_wait_for_a_yes(network: New) -> None:
    world = RdvWorld()
    for number in range(1, 21):
        world.add(number)
    net = network(world)
    net.well()
    world.rdv.roles = {3: "basic"}
    world.rdv.service = 6  # the agent was moved, and sees hardly anything
    for number in range(1, 20):
        world.rdv.rdvs[number]["agents"] = [COLLEAGUE]
    [said] = net.pull(1).refused
    assert "19 of the 20 records that it replaces are not in it" in said
    assert len(net.records()) == 20


def test_users_that_were_merged_are_one_person_also_in_what_is_not_asked_for_again(
    network: New,
) -> None:
    world = RdvWorld()
    for number, at in ((1, datetime(2026, 6, 3, 9, tzinfo=UTC)), (2, instant(2))):
        world.rdv.book(number, at)
        world.rdv.rdvs[number]["participations"][0]["user"] = user(55)
    world.rdv.book(3, instant(3))
    world.rdv.rdvs[3]["participations"][0]["user"] = user(77)
    net = network(world)
    net.well()
    assert persons(net) == 2
    world.rdv.merge(55, into=77)
    net.well(1)
    assert persons(net) == 1
    net.well(2, again="landed")
    assert persons(net) == 1


def test_two_people_of_one_appointment_with_an_address_in_common_are_two(network: New) -> None:
    world = RdvWorld()
    for number in (1, 2, 3):
        world.add(number)
        world.raw(number)["participations"][0]["user"] = {**user(55), "email": "a@exemple.test"}
    net = network(world)
    net.well()
    child = {**user(77), "email": "a@exemple.test", "birth_date": None}
    world.raw(2)["participations"].append({"id": 90, "status": "seen", "user": child})
    world.add(4)
    world.raw(4)["participations"][0]["user"] = world.raw(1)["participations"][0]["user"]
    net.well(1)
    assert sorted(set(column(net, "identity_kind"))) == ["name_birth", "source_id"]
    assert (persons(net), len(column(net, "record_id"))) == (2, 5)
    net.well(2, again="landed")
    assert persons(net) == 2


def test_an_answer_of_another_form_is_refused_in_words(network: New) -> None:
    world = RdvWorld()
    world.add(1)
    net = network(world)
    net.well()
    [payload] = net.settings.landing.rglob("payload.pages")
    path = "api/v1/organisations/3/rdvs"
    for body, said in (
        ({"rdvs": {"1": "Dupont"}}, "has no list 'rdvs' ({…})"),
        ({"appointments": []}, "has no list 'rdvs' (null)"),
        (["Dupont"], "has no list 'rdvs' ([\"…\"])"),
    ):
        land_instead(payload, recorded((path, json.dumps(body).encode())))
        [refusal] = net.pull(1, again="landed").refused
        assert said in refusal and "rdv_service_public" in refusal and path in refusal
        assert "Dupont" not in refusal
    assert len(net.records()) == 1


def test_what_was_recorded_before_organisations_were_asked_is_whole_on_its_days_alone(
    network: New,
) -> None:
    world = RdvUsageWorld()
    world.add_at(1, instant(1) - timedelta(days=1))
    world.add(2)
    world.raw(2)["participations"].append(participation(20, "seen", user(20)))
    net = network(world)
    net.well()
    payload = next(net.settings.landing.rglob("payload.pages"))
    old = {key: world.raw(2)[key] for key in ("id", "starts_at", "duration_in_min", "collectif")}
    old["motif"] = {"name": "Aide", "location_type": "public_office"}
    old["participations"] = [{"id": 2, "status": "seen", "user": {"id": 2}}]
    for rdvs, known in (([], ["1", "2", "20"]), ([old], ["1", "2"])):
        body = json.dumps({"rdvs": rdvs, "meta": {"total_count": len(rdvs)}}).encode()
        land_instead(payload, recorded(("rdvs", body)))
        net.well(1, again="landed")
        assert column(net, "record_id") == known


def test_what_an_agent_without_a_role_recorded_is_refused(network: New) -> None:
    world = RdvWorld()
    world.add(1)
    net = network(world)
    net.well()
    payload = next(net.settings.landing.rglob("payload.pages"))
    land_instead(payload, recorded(
        ("api/v1/organisations", b'{"organisations":[{"id":4}],"meta":{"total_count":1}}'),
        ("api/v1/organisations/3/rdvs", b'{"rdvs":[],"meta":{"total_count":0}}'),
    ))  # fmt: skip
    [said] = net.pull(1, again="landed").refused
    assert "no role in organisation 3" in said
    assert column(net, "record_id") == ["1"]


@pytest.fixture
def renewing(network: New, tmp_path: Path) -> Network:
    """A source whose secret is a token that is renewed."""
    world = asked_with(f'organisation = 3, client = "{APPLICATION}"')
    world.toml = world.toml.replace('{ env = "CANARY" }', '{ file = "../rdv" }')
    world.add(1)
    net = network(world)
    secret = net.settings.places.parent / "rdv"
    secret.write_text(f"{world.rdv.password}:{world.rdv.refresh_token}\n")
    secret.chmod(0o600)
    return net


def test_a_token_is_renewed_in_each_pull_and_the_next_one_is_kept(renewing: Network) -> None:
    secret = renewing.settings.places.parent / "rdv"
    rdv = renewing.world.rdv  # type: ignore[attr-defined]
    for night in range(3):
        renewing.well(night)
        assert secret.read_text().strip() == f"{rdv.password}:{rdv.refresh_token}"
        assert secret.stat().st_mode & 0o777 == 0o600
    assert rdv.refresh_token == "renouvellement-3"
    assert renewing.records() == renewing.world.present()
    files = [file for file in renewing.settings.home.rglob("*") if file.is_file()]
    for kept in ("renouvellement-", "acces-", rdv.password):
        assert not [file for file in files if kept.encode() in file.read_bytes()]


def test_a_token_that_nobody_can_renew_any_more_is_said(renewing: Network) -> None:
    renewing.world.rdv.refresh_token = "un autre"  # type: ignore[attr-defined]
    [said] = renewing.pull().failed
    assert "does not accept our secret (400)" in said


def test_a_token_that_could_not_be_kept_is_not_used_up(renewing: Network) -> None:
    in_environment = Secret(env="CANARY")
    source = renewing.place.sources[0].model_copy(update={"token": in_environment})
    renewing.place = renewing.place.model_copy(update={"sources": [source]})
    assert "is renewed in each pull, and has to lie in a file" in renewing.pull().failed[0]
    assert renewing.faults.calls == []


def test_an_agent_whose_password_is_not_taken_is_told_of_the_other_way(network: New) -> None:
    world = RdvWorld()
    world.rdv.takes_passwords = False
    [said] = network(world).pull().failed
    assert "does not accept our secret (401)" in said
    assert "ProConnect" in said and "`client`" in said


def test_a_pull_costs_a_session_the_organisations_and_pages_of_what_it_keeps(
    network: New, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = RdvWorld()
    for number in range(1, 31):
        world.add(number)
        world.rdv.book(100 + number, instant(number), organisation={"id": 5})
    world.rdv.roles[5] = "admin"
    net = network(world)
    net.well()
    assert len(net.faults.calls) == 3
    [payload] = net.settings.landing.rglob("payload.pages")
    assert b'"id":105' not in payload.read_bytes().replace(b" ", b""), "nothing of another one"
    assert payload.stat().st_size / 30 < 2500, "bytes for each record that is kept"


def test_days_that_somebody_asks_for_are_asked_and_no_others(network: New) -> None:
    world = RdvWorld()
    for number in (1, 2):
        world.add_at(number, instant(0) + timedelta(days=number))
    net = network(world)
    day = (instant(0) + timedelta(days=2)).date()
    net.well(first_day=day, last_day=day)
    assert column(net, "record_id") == ["2"]
    assert f"starts_after={day - timedelta(days=1)}" in net.faults.calls[-1]
