"""The traps of each source system, one by one."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from flows.connectors import cobot, connector
from flows.connectors._journal import recorded
from flows.connectors._pace import Pace
from flows.errors import ConfigurationError
from flows.network.place_files import read_place
from tests.connectors.conftest import PLACE, Network, land_instead
from tests.connectors.worlds import (
    AS_OF,
    SLOT,
    WORLDS,
    CobotWorld,
    FabManagerWorld,
    GristSelectWorld,
    GristWorld,
    LaCoopWorld,
    PretixWorld,
    RdvWorld,
    World,
    instant,
)
from tests.fakes.la_coop import OTHER

New = Callable[[World], Network]
SAMPLES = [name for name in WORLDS if f'connector = "{name}"' in WORLDS[name]().toml]


def column(net: Network, name: str, where: str = "true") -> list[Any]:
    table = f"record.{net.world.feed}"
    rows = net.read(net.settings, f"SELECT {name} FROM {table} WHERE {where} ORDER BY record_id")
    return [row[0] for row in rows]


def test_a_slot_of_fab_manager_that_was_cancelled_long_after_its_booking_is_no_presence(
    network: New,
) -> None:
    world = FabManagerWorld()
    world.add(1)
    net = network(world)
    net.well()
    world.fab.cancel(1, instant(5))
    net.well(1)
    assert column(net, "attendance_status") == ["annule"]


def test_a_slot_of_fab_manager_counts_once_it_has_begun(network: New) -> None:
    world = FabManagerWorld()
    tomorrow = datetime(2026, 11, 2, 12, tzinfo=UTC)
    world.fab.reserve(1, tomorrow, tomorrow + SLOT)
    net = network(world)
    reports = [net.well(), net.well(1)]
    assert [(report.loaded, report.quarantined) for report in reports] == [(0, 0), (1, 0)]


def test_everything_is_asked_of_fab_manager_once_a_month(network: New) -> None:
    net = network(FabManagerWorld())
    net.well()
    net.well(1)
    assert "after=" in net.faults.calls[0]
    net.well(31, as_of=datetime(2099, 1, 1, tzinfo=UTC))
    assert "after=" not in net.faults.calls[0]


def test_machine_hours_of_fab_manager_are_usage_and_what_was_cancelled_is_not(
    network: New,
) -> None:
    world = FabManagerWorld()
    world.toml = world.toml.replace("attendance", "service_usage")
    world.feed, world.event = "service_usage", "occurred_at"
    for number, kind in ((1, "Machine"), (2, "Training"), (3, "Machine")):
        begins = instant(number)
        world.fab.reserve(number, begins, begins + timedelta(minutes=90), reservable_type=kind)
    world.fab.cancel(3, instant(3))
    net = network(world)
    net.well()
    assert column(net, "quantity", "NOT deleted") == [1.5, 1.5]
    assert column(net, "service_code", "NOT deleted") == ["fablab", "formation"]


@pytest.mark.parametrize(
    ("status", "presence"),
    [("seen", "present"), ("noshow", "absent"), ("excused", "annule"), ("revoked", "annule")],
)
def test_an_appointment_is_what_its_agent_said(network: New, status: str, presence: str) -> None:
    world = RdvWorld()
    world.rdv.book(1, instant(1), status)
    net = network(world)
    net.well()
    assert column(net, "attendance_status") == [presence]
    assert column(net, "evidence") == ["seen"]


def test_an_appointment_without_a_word_is_no_presence_until_there_is_one(network: New) -> None:
    world = RdvWorld()
    world.rdv.book(1, instant(1), "unknown")
    net = network(world)
    net.well()
    assert net.records() == set()
    world.add(1)
    net.well(20)
    assert net.records() == world.present()
    world.rdv.book(1, instant(1), "unknown")
    net.well(40)
    assert net.records() == set()


def test_the_end_of_a_pass_is_not_a_departure(network: New) -> None:
    world = CobotWorld()
    at = instant(1)
    world.cobot.check_in("s1", at, at.replace(hour=3, minute=59, second=59) + timedelta(days=1))
    world.cobot.check_in("s2", at, at + SLOT)
    net = network(world)
    net.well()
    assert column(net, "checked_out_at IS NULL") == [True, False]
    assert column(net, "identity_kind") == ["email", "email"]


def test_who_has_left_cobot_is_known_by_the_membership_alone(network: New) -> None:
    world = CobotWorld()
    world.add(1)
    world.cobot.members.clear()
    net = network(world)
    net.well()
    assert column(net, "identity_kind") == ["source_id"]


def test_cobot_has_to_be_told_from_which_day_on(network: New) -> None:
    world = CobotWorld()
    world.toml = world.toml.replace("from = 2026-10-01\n", "")
    with pytest.raises(ConfigurationError, match=r"sources\.0\.from.*from which day on to ask"):
        network(world)


def test_workshops_of_la_coop_are_heads_without_anything_about_a_person(network: New) -> None:
    world = LaCoopWorld()
    world.add(1)
    net = network(world)
    net.well()
    wanted = "[headcount, person_key IS NULL, gender IS NULL, age_band IS NULL]"
    assert net.read(
        net.settings,
        "SELECT headcount, person_key, gender, age_band, social_status FROM record.service_usage",
    ) == [(6, None, None, None, None)], wanted


def test_another_structure_of_la_coop_is_not_ours(network: New) -> None:
    world = LaCoopWorld()
    world.coop.write("a1", instant(1), structure_id=OTHER)
    net = network(world)
    assert net.well().loaded == 0


def test_what_changes_in_la_coop_while_it_is_read_is_there_the_next_night(
    network: New, monkeypatch: Any
) -> None:
    world = LaCoopWorld()
    for number in range(5):
        world.add(number)
    coop = world.small_pages(monkeypatch)

    def meanwhile() -> None:
        coop.after_a_page, coop.now = None, AS_OF
        world.add(20)
        world.correct(0)  # of the last page: it moves before the first
        world.correct(4)  # of the first page, behind which the next one begins

    coop.after_a_page = meanwhile
    net = network(world)
    net.well()
    assert {number for number, _ in net.records()} == {"a1", "a2", "a3", "a4"}
    net.well(1)
    assert net.records() == world.present()


def test_la_coop_pages_end_where_one_is_empty(network: New, monkeypatch: Any) -> None:
    world = LaCoopWorld()
    for number in range(5):
        world.add(number)
    world.small_pages(monkeypatch)
    net = network(world)
    net.well()
    assert len(net.faults.calls) == 4, "two, two, one, none"
    assert net.records() == world.present()


def test_a_column_of_grist_that_was_renamed_is_said_with_the_nearest(network: New) -> None:
    world = GristWorld()
    world.add(1)
    world.grist.types["Arrivees"] = world.grist.types.pop("Arrivee")
    [refusal] = network(world).pull().refused
    assert "no field 'Arrivee' (checked_in_at); the nearest is 'Arrivees'" in refusal


def test_a_select_on_grist_reads_cells_as_they_are_stored(network: New) -> None:
    world = GristSelectWorld()
    world.toml = world.toml.replace("Statut FROM", "Themes, Efface, lower(Note) AS Mot FROM")
    world.toml = world.toml.replace('= "Statut"', '= "Mot"')
    more = 'activity_id = "Themes"\ndeleted = "Efface"\n[sources.constants]'
    world.toml = world.toml.replace("[sources.constants]", more)
    for number, is_deleted in ((1, False), (2, True), (3, ["E", "TypeError"])):
        cells = {"Themes": ["L", "seance-7"], "Efface": is_deleted}
        world.put(number, instant(number), Note="VENU", **cells)
    net = network(world)
    report = net.well()
    assert (report.loaded, report.quarantined, net.rules()) == (1, 1, {"unreadable_cell"})
    assert column(net, "activity_id", "NOT deleted") == ["seance-7"]
    assert net.records() == {("1", instant(1).astimezone(UTC))}, "what is true is deleted"


def test_a_select_on_grist_that_gives_no_row_is_an_empty_table(network: New) -> None:
    net = network(GristSelectWorld())
    assert (net.well().received, net.records()) == (0, set())


def test_a_select_on_grist_that_lacks_a_mapped_column_is_said(network: New) -> None:
    world = GristSelectWorld()
    world.toml = world.toml.replace("Nombre, Statut", "Nombre AS Nombres, Statut")
    world.add(1)
    [refusal] = network(world).pull().refused
    assert "no field 'Nombre' (headcount); the nearest is 'Nombres'" in refusal


def test_a_select_that_grist_refuses_is_said_and_asked_once(network: New) -> None:
    world = GristSelectWorld()
    for number in range(1, 6):
        world.add(number)
    net = network(world)
    world.grist.hides = lambda number, name: False
    said = "it answers 403: insufficient document access → check the rights of the account"
    assert said in net.pull().failed[0]
    world.grist.hides, world.grist.steps = None, 5
    said = "it answers 400: a slow statement resulted in a database interrupt → check `url` and"
    assert said in net.pull().failed[0]
    assert len(net.faults.calls) == 1, "the types are known from before"
    world.grist.steps = 1_000_000
    net.well()
    assert net.records() == world.present()


def test_a_filter_beside_a_select_is_refused_before_anything_starts(network: New) -> None:
    world = GristSelectWorld()
    world.toml = world.toml.replace("options = { ", 'options = { filter = { Lieu = ["A"] }, ')
    with pytest.raises(ConfigurationError, match="say it in the WHERE of `select`"):
        network(world)


def test_one_human_in_two_tools_is_one_person(network: New, read: Any) -> None:
    fab, rdv = FabManagerWorld(), CobotWorld()
    fab.fab.reserve(1, instant(1), instant(1) + SLOT,
                    user={"id": 1, "email": "Meme@Exemple.test", "gender": "woman"})  # fmt: skip
    rdv.cobot.check_in("s1", instant(1), instant(1) + SLOT)
    rdv.cobot.members["ms1"] = "meme@exemple.test"
    one, other = network(fab), network(rdv)
    other.settings = one.settings
    one.well()
    other.well()
    assert column(one, "count(DISTINCT person_key)", "1 = 1 GROUP BY ALL ORDER BY ALL --") == [1]


def test_only_mapped_fields_leave_a_page(network: New) -> None:
    world = FabManagerWorld()
    world.add(1)
    net = network(world)
    net.well()
    [payload] = net.settings.landing.rglob("payload.pages")
    source = net.place.sources[0]
    with payload.open("rb") as stream:
        [page] = connector(source.connector).parse(stream, payload.name, source)
    assert set(page.rows.columns) - {"__row_number"} == set(source.wanted_headers())
    assert "A B" not in str(page.rows.rows())


@pytest.mark.parametrize("name", SAMPLES)
def test_the_sample_of_a_connector_is_read_with_one_broken_row(name: str, tmp_path: Any) -> None:
    import io

    toml = tmp_path / "le-lieu.toml"
    toml.write_text(PLACE + WORLDS[name]().toml, encoding="utf-8")
    source = read_place(toml).sources[0]
    reader = connector(name)
    if name == "grist":
        source = source.model_copy(
            update={"columns": {"record_id": "id", "checked_in_at": "Arrivee"}}
        )
    pages = list(reader.parse(io.BytesIO(reader.SAMPLE), f"{name}.pages", source))
    assert sum(len(page.rows) for page in pages) == 1
    assert sum(len(page.broken) for page in pages) == 1
    for page in pages:
        assert page.records == len(page.rows) + len(page.broken) + page.ignored


def test_memberships_are_asked_six_times_a_minute_and_no_more() -> None:
    now, slept = [0.0], []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now[0] += seconds

    pace = Pace(cobot.MEMBERSHIPS_PER_MINUTE, lambda: now[0], sleep)
    for _ in range(13):
        pace.wait()
    assert now[0] == 120 and max(slept) == 60


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('url = "URL"', 'url = "https://a:b@c.example"', "an address holds no secret"),
        ('url = "URL"\n', "", r"sources\.0\.url: this key is missing"),
        ('token = { env = "CANARY" }', "token = {}", r"write \{ env"),
        ("organisation", "organization", r"options\.organization: unknown key.*'organisation'"),
        ("[[", "[[", ""),
        ('feed = "attendance"', 'feed = "employment"', "rdv_service_public gives no employment"),
        ('rhythm', 'delivery = "period"\nrhythm', "what rdv_service_public does not send is not gone"),
        ('rhythm', 'path = "x.csv"\nrhythm', "reads no files"),
    ],
)  # fmt: skip
def test_a_declaration_that_cannot_be_right_is_refused_before_anything_starts(
    tmp_path: Any, old: str, new: str, said: str
) -> None:
    toml = tmp_path / "le-lieu.toml"
    toml.write_text(PLACE + RdvWorld().toml.replace(old, new), encoding="utf-8")
    if not said:
        assert read_place(toml)
        return
    with pytest.raises(ConfigurationError, match=said):
        read_place(toml)


def test_over_plain_http_no_secret_is_sent(network: New) -> None:
    net = network(GristWorld())
    source = net.place.sources[0].model_copy(update={"url": "http://grist.invalid"})
    net.place = net.place.model_copy(update={"sources": [source]})
    assert "does not begin with https://" in net.pull().failed[0]


def test_an_empty_first_pull_proves_its_days_from_the_first_of_the_source(network: New) -> None:
    world = CobotWorld()
    net = network(world)
    net.well()
    assert net.proven() == {date(2026, 10, 1) + timedelta(n) for n in range(33)}


def test_of_two_states_in_one_pull_the_later_counts(network: New) -> None:
    world = LaCoopWorld()
    world.add(1)
    net = network(world)
    net.well()
    [payload] = net.settings.landing.rglob("payload.pages")
    early, late = world.coop.activities["a1"], world.coop.activities["a1"].copy()
    late |= {"duree": 30, "modification": "2026-11-01T12:30:00.000Z"}
    assert early["modification"] < late["modification"]
    for order in ([early, late], [late, early]):
        data = [{"id": "a1", "attributes": told} for told in order]
        body = json.dumps({"data": data}).encode()
        land_instead(payload, recorded(("api/v1/activites", body)))
        net.well(1, again="landed")
        assert column(net, "duration_minutes") == [30]


def test_half_an_emoji_in_a_text_that_nobody_maps_does_no_harm(network: New) -> None:
    world = LaCoopWorld()
    world.add(1)
    net = network(world)
    net.well()
    [payload] = net.settings.landing.rglob("payload.pages")
    attributes = {**world.coop.activities["a1"], "titre_atelier": "\ud83d", "duree": 30}
    body = json.dumps({"data": [{"id": "a1", "attributes": attributes}]}).encode()
    land_instead(payload, recorded(("api/v1/activites", body)))
    net.well(1, again="landed")
    assert column(net, "duration_minutes") == [30]


def test_an_entry_of_pretix_ends_with_the_exit_that_follows_it(network: New) -> None:
    world = PretixWorld()
    world.pretix.order("c1")
    for number, kind in enumerate(["entry", "exit", "entry", "entry", "exit"], start=1):
        world.pretix.check_in("c1", instant(number), kind)
    net = network(world)
    net.well()
    ends = [at and at.astimezone(UTC) for at in column(net, "checked_out_at")]
    assert ends == [instant(2), None, instant(5)]
    assert set(column(net, "evidence")) == {"checked_in"}


def test_a_buyer_of_several_tickets_of_pretix_is_not_all_who_came(network: New) -> None:
    world = PretixWorld()
    world.pretix.order("c1", tickets=2)
    world.pretix.orders["c1"]["positions"][1]["attendee_email"] = "invitee@exemple.test"
    world.pretix.order("c2")
    for code, ticket in (("c1", 0), ("c1", 1), ("c2", 0)):
        world.pretix.check_in(code, instant(1), ticket=ticket)
    net = network(world)
    net.well()
    known = column(net, "person_key IS NOT NULL")
    assert (known, len(set(column(net, "person_key")))) == ([False, True, True], 3)


def test_a_ticket_of_pretix_without_a_check_in_and_a_trial_order_are_no_presences(
    network: New,
) -> None:
    world = PretixWorld()
    world.pretix.order("c1")
    world.pretix.order("c2", testmode=True)
    world.pretix.check_in("c2", instant(1))
    net = network(world)
    assert net.well().loaded == 0
    world.pretix.check_in("c1", instant(2))
    assert net.well(1).loaded == 1
