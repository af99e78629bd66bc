"""The traps of La Coop: contracts that end, accounts that go, places that become one with another."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from flows.connectors import la_coop
from flows.connectors._journal import recorded
from tests.connectors.conftest import Network, land_instead
from tests.connectors.worlds import AS_OF, LaCoopEmploymentWorld, LaCoopWorld, World, instant
from tests.fakes.la_coop import MEDIATOR, OTHER, STRUCTURE, USER

New = Callable[[World], Network]


def rows(net: Network, columns: str, where: str = "NOT deleted") -> list[Any]:
    table = f"record.{net.world.feed}"
    sql = f"SELECT {columns} FROM {table} WHERE {where} ORDER BY record_id"
    return net.read(net.settings, sql)


def landed(net: Network) -> str:
    """All that is kept of what was received."""
    return "".join(file.read_text() for file in sorted(net.settings.landing.rglob("*.pages")))


def by(*mediators: str) -> LaCoopWorld:
    """A place that names mediators."""
    world = LaCoopWorld()
    world.toml = world.toml.replace(
        "structure =", f"mediators = {json.dumps(mediators)}, structure ="
    )
    return world


def employed(network: New, *contracts: dict[str, Any], **user: Any) -> Network:
    world = LaCoopEmploymentWorld()
    world.coop.employ("u1", *contracts, **user)
    return network(world)


# contracts


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2024-10-01T00:00:00.000Z", "2024-10-01"),  # as the Dataspace's days are written
        ("2024-09-30T22:00:00.000Z", "2024-10-01"),  # midnight in Paris
        ("2024-10-01T09:12:33.104Z", "2024-10-01"),  # the moment of a sync
    ],
)
def test_a_contract_begins_on_the_day_of_its_instant_where_the_place_is(
    network: New, instant: str, day: str
) -> None:
    net = employed(network, {"id": "e1", "debut": instant})
    net.well()
    assert rows(net, "CAST(started_on AS VARCHAR), ended_on IS NULL") == [(day, True)]


def test_a_contract_without_a_beginning_is_refused_alone_and_said(network: New) -> None:
    begun = {"id": "e1", "debut": "2025-01-06T00:00:00.000Z"}
    net = employed(network, begun, {"id": "e2", "debut": None})
    report = net.well()
    assert (report.loaded, report.quarantined, net.rules()) == (1, 1, {"not_nullable"})


@pytest.mark.parametrize(
    ("ends", "day"),
    [
        ({"fin": "2026-03-31T00:00:00.000Z"}, "2026-03-31"),
        ({"suppression": "2026-05-04T02:10:00.000Z"}, "2026-05-04"),
        # what the Dataspace lists no longer gets both on the day of the sync
        (dict.fromkeys(("fin", "suppression"), "2026-05-04T02:10:00.000Z"), "2026-05-04"),
        (
            {"fin": "2026-03-31T00:00:00.000Z", "suppression": "2026-05-04T02:10:00.000Z"},
            "2026-03-31",
        ),
    ],
)
def test_a_suppression_is_how_the_end_of_a_contract_is_written(
    network: New, ends: dict[str, str], day: str
) -> None:
    net = employed(network, {"id": "e1", "debut": "2025-01-06T00:00:00.000Z", **ends})
    net.well()
    assert rows(net, "CAST(ended_on AS VARCHAR)") == [(day,)]


def test_a_contract_that_is_listed_again_runs_again(network: New) -> None:
    gone = dict.fromkeys(("fin", "suppression"), "2026-10-30T02:10:00.000Z")
    net = employed(network, {"id": "e1", "debut": "2025-01-06T00:00:00.000Z", **gone})
    net.well()
    contract = net.world.raw(1)["emplois"][0]  # type: ignore[attr-defined]
    contract |= {"fin": None, "suppression": None}
    net.well(1)
    assert rows(net, "ended_on IS NULL") == [(True,)]


def test_a_contract_that_ended_before_it_began_never_was(network: New) -> None:
    begins, gone = "2026-12-01T00:00:00.000Z", "2026-10-30T02:10:00.000Z"
    net = employed(network, {"id": "e1", "debut": begins, "suppression": gone})
    report = net.well()
    assert (report.loaded, report.quarantined, rows(net, "record_id")) == (0, 0, [])


def test_an_account_that_is_gone_ends_its_contracts_and_stays_the_one_person_that_it_was(
    network: New,
) -> None:
    begun = [{"id": f"e{n}", "debut": f"202{n}-01-06T00:00:00.000Z"} for n in (4, 5)]
    begun[0]["fin"] = "2024-12-31T00:00:00.000Z"
    net = employed(network, *begun)
    net.well()
    before = rows(net, "person_key, identity_kind")
    net.world.coop.delete_user("u1", AS_OF + timedelta(hours=9))  # type: ignore[attr-defined]
    net.well(1)
    assert rows(net, "person_key, identity_kind") == before
    assert rows(net, "CAST(ended_on AS VARCHAR)") == [("2024-12-31",), ("2026-11-02",)]


def test_the_address_that_la_coop_writes_itself_is_no_identity(network: New) -> None:
    world = LaCoopEmploymentWorld()
    world.add(1)
    world.coop.delete_user("u1")
    net = network(world)
    net.well()
    assert rows(net, "identity_kind") == [("source_id",)]


def test_mediators_and_conseillers_are_told_apart(network: New) -> None:
    world = LaCoopEmploymentWorld()
    world.add(1)
    world.add(2)
    world.raw(2)["conseiller_numerique"]["is_conseiller_numerique"] = False
    net = network(world)
    net.well()
    assert rows(net, "CAST(post_code AS VARCHAR)") == [("conseiller_numerique",), ("autre",)]


def test_a_contract_that_went_to_another_structure_leaves(network: New) -> None:
    world = LaCoopEmploymentWorld()
    world.add(1)
    world.add(2)
    net = network(world)
    net.well()
    world.raw(2)["emplois"][0]["structure_id"] = OTHER
    net.well(1)
    assert rows(net, "record_id") == [("e1",)]


# whose an activité is


def test_nothing_of_other_structures_is_kept(network: New) -> None:
    for world in (LaCoopWorld(), LaCoopEmploymentWorld()):
        world.add(1)
        world.coop.write("autre-7", instant(7), structure_id=OTHER, titre_atelier="ailleurs")
        world.coop.elsewhere("autre-8", instant(8), "domicile", titre_atelier="ailleurs")
        world.coop.employ("autre-9", {"id": "autre-10", "structure_id": OTHER})
        net = network(world)
        assert net.well().received == 1
        for word in (OTHER, "ailleurs", "autre-"):
            assert word not in landed(net), word


def test_of_a_user_only_what_is_read_is_kept(network: New) -> None:
    net = employed(network, {"id": "e1", "debut": "2025-01-06T00:00:00.000Z"})
    net.well()
    for word in ("Prénom", "+336", "coordinations"):
        assert word not in landed(net)


@pytest.mark.parametrize("named", [MEDIATOR, USER])
def test_sessions_of_no_structure_are_those_of_the_mediators_whom_the_place_names(
    network: New, named: str
) -> None:
    world = by(named)
    kinds = ("domicile", "a_distance", "autre")
    for number, kind in enumerate(kinds):
        world.coop.elsewhere(f"a{number}", instant(number), kind)
    world.coop.elsewhere("a7", instant(7), "domicile", mediateur_id="m7", user_id="u7")
    world.coop.write("a8", instant(8), mediateur_id="m7", user_id="u7")  # a visit to the place
    world.coop.write("a9", instant(9), structure_id=OTHER)  # a visit to another place
    net = network(world)
    net.well()
    assert rows(net, "record_id, CAST(location AS VARCHAR)") == [
        ("a0", "hors_les_murs"),
        ("a1", "a_distance"),
        ("a2", "hors_les_murs"),
        ("a8", "sur_place"),
    ]


@pytest.mark.parametrize("where", [{"structure_id": OTHER}, {"structure_id": None}])
def test_an_activity_that_was_edited_to_another_place_leaves_this_one(
    network: New, where: dict[str, Any]
) -> None:
    world = LaCoopWorld()
    world.add(1)
    world.add(2)
    net = network(world)
    net.well()
    world.coop.now = AS_OF
    world.coop.write("a2", instant(2), titre_atelier="ailleurs", **where)
    net.well(1)
    assert rows(net, "record_id") == [("a1",)]
    assert "ailleurs" not in landed(net) and OTHER not in landed(net)
    world.coop.write("a2", instant(2))
    net.well(2)
    assert rows(net, "record_id") == [("a1",), ("a2",)], "and comes back"


@pytest.mark.parametrize("is_told", [True, False])
def test_a_structure_that_became_one_with_another_is_said_before_anything_leaves(
    network: New, is_told: bool
) -> None:
    """Whether its rows count as changed then, as they do since 2026, or not."""
    world = by(MEDIATOR)
    world.add(1)
    net = network(world)
    net.well()
    world.coop.now = AS_OF + timedelta(hours=1)
    world.coop.merge(STRUCTURE, into=OTHER)
    if is_told:
        world.coop.elsewhere("a3", instant(3), "domicile")  # the mediator goes on
    else:
        world.coop.activities["a1"]["modification"] = "2026-11-01T12:00:00.000Z"
    [said] = net.pull(1).failed
    assert "La Coop has no structure with this number → correct `structure`" in said
    assert rows(net, "record_id") == [("a1",)], "what is known stays until somebody decides"
    source = net.place.sources[0]
    source = source.model_copy(update={"options": {**source.options, "structure": OTHER}})
    net.place = net.place.model_copy(update={"sources": [source]})
    net.well(2)
    assert rows(net, "record_id") == [("a1",), *([("a3",)] if is_told else [])]


def test_the_activities_of_a_structure_that_was_merged_into_ours_come(network: New) -> None:
    world = LaCoopWorld()
    world.add(1)
    world.coop.write("a2", instant(2), structure_id=OTHER)
    net = network(world)
    net.well()
    world.coop.now = AS_OF + timedelta(hours=1)
    world.coop.merge(OTHER, into=STRUCTURE)
    net.well(1)
    assert rows(net, "record_id") == [("a1",), ("a2",)]


def test_a_wrong_number_proves_no_day(network: New) -> None:
    world = LaCoopWorld()
    world.toml = world.toml.replace(STRUCTURE, "00000000-0000-4000-8000-000000000000")
    net = network(world)
    assert "no structure with this number" in net.pull().failed[0]
    assert net.proven() == set()


def test_a_key_that_may_not_read_structures_still_serves(network: New) -> None:
    world = LaCoopWorld()
    world.coop.may_read_structures = False
    net = network(world)
    assert net.well().received == 0


def test_an_activity_that_was_merged_away_leaves_when_everything_is_asked_for(
    network: New,
) -> None:
    world = LaCoopWorld()
    world.add(1)
    world.add(2)
    net = network(world)
    net.well()
    world.coop.activities["a2"]["structure_id"] = OTHER  # and `modification` stays
    source = net.place.sources[0]
    source = source.model_copy(update={"constants": {**source.constants, "evidence": "seen"}})
    net.place = net.place.model_copy(update={"sources": [source]})
    net.well(1)
    assert rows(net, "record_id") == [("a1",)]


def test_a_number_that_was_drawn_by_lot_is_no_telephone(network: New) -> None:
    """Of three in a thousand, ten figures in a row begin with 0."""
    world = LaCoopWorld()
    world.coop.write("c459df8b-c36a-4d28-ba09-48341723d1b1", instant(1))
    world.coop.write("a-0612345678", instant(2))
    net = network(world)
    report = net.well()
    assert (report.loaded, report.quarantined) == (1, 1)
    assert net.rules() == {"no_direct_identifier"}


# what a pull costs


def test_the_address_of_the_next_page_forgets_what_was_asked_and_we_do_not(
    network: New, monkeypatch: Any
) -> None:
    world = LaCoopEmploymentWorld()
    for number in range(5):
        world.add(number)
    world.small_pages(monkeypatch)
    net = network(world)
    net.well()
    assert len(net.faults.calls) == 4
    assert all("page%5Bsize%5D=2" in call for call in net.faults.calls)


def test_a_country_costs_its_pages_and_what_is_written_down_is_the_place_s(
    network: New, monkeypatch: Any
) -> None:
    """Requests, and bytes that are kept, for each record that is kept."""
    monkeypatch.setattr(la_coop, "PER_PAGE", 100)
    world = by(MEDIATOR)
    for number in range(20):
        world.add(number)
    for number in range(1000, 2000):
        world.coop.write(f"b{number}", instant(number), structure_id=OTHER, mediateur_id="m7")
    net = network(world)
    assert net.well().loaded == 20
    pages, records = 11 + 1, 20
    assert len(net.faults.calls) == pages
    assert len(landed(net)) < 1_200 * records + 1_000 * pages
    net.well(1)
    assert len(net.faults.calls) == 2, "nothing has changed, and the structure is there"
    world.coop.now = AS_OF + timedelta(days=1, hours=1)
    world.add(21)
    net.well(2)
    assert len(net.faults.calls) == 2, "what has changed, and the end"


def test_where_a_first_day_is_given_no_older_state_is_asked_for(network: New) -> None:
    world = LaCoopWorld()
    world.toml = world.toml.replace("rhythm", "from = 2026-10-20\nrhythm", 1)
    world.add(1)
    net = network(world)
    net.well()
    since = "filter%5Bmodification%5D%5Bdepuis%5D=2026-09-18T22%3A00%3A00.000Z"
    assert since in net.faults.calls[0], "a month before: it may be written down ahead"
    assert net.records() == world.present()


# answers of another form


def test_answers_that_were_recorded_for_the_whole_country_still_read(network: New) -> None:
    world = LaCoopWorld()
    world.add(1)
    net = network(world)
    net.well()
    [payload] = net.settings.landing.rglob("payload.pages")
    told = world.coop.activities["a1"]
    data = [
        {"type": "activite", "id": "a1", "attributes": told},
        {"type": "activite", "id": "a2", "attributes": {**told, "structure_id": OTHER}},
        {"type": "activite", "id": "a3", "attributes": {**told, "suppression": told["creation"]}},
    ]
    land_instead(payload, recorded(("api/v1/activites", json.dumps({"data": data}).encode())))
    net.well(1, again="landed")
    assert rows(net, "record_id") == [("a1",)]


@pytest.mark.parametrize(
    ("links", "said"),
    [
        ({}, "its answer has no 'links.next'"),
        (None, "its answer has no 'links.next'"),
        ({"next": {"href": "/api/v1/activites"}}, "its answer has no 'page[after]'"),
    ],
)
def test_a_page_that_does_not_say_how_to_go_on_is_not_taken_for_the_end(
    network: New, monkeypatch: Any, links: Any, said: str
) -> None:
    world = LaCoopWorld()
    world.add(1)
    net = network(world)
    monkeypatch.setattr("tests.fakes.la_coop.page_of", lambda *_a, **_k: {
        "data": [{"id": "a1", "attributes": world.coop.activities["a1"]}], "links": links,
    })  # fmt: skip
    assert said in net.pull().failed[0]


def test_a_record_that_does_not_say_whose_it_is_is_refused_alone_and_not_kept(
    network: New,
) -> None:
    world = LaCoopWorld()
    world.add(1)
    world.coop.write("a2", instant(2), titre_atelier="à qui ?")
    del world.coop.activities["a2"]["structure_id"]
    net = network(world)
    report = net.well()
    assert (report.loaded, report.quarantined) == (1, 1)
    assert "à qui ?" not in json.loads(json.dumps(landed(net)))


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        ({"debut": 1727740800}, "debut: 9"),
        ({"debut": "en octobre"}, 'debut: "…"'),
        ({"suppression": True}, "suppression: true"),
        ("emplois", "emplois: {…}"),
        (None, 'id: "…", attributes: null'),
    ],
)
def test_an_answer_of_another_form_is_refused_with_its_field_and_the_shape_that_is_there(
    network: New, change: Any, seen: str
) -> None:
    net = employed(network, {"id": "e1", "debut": "2025-01-06T00:00:00.000Z"})
    net.well()
    [payload] = net.settings.landing.rglob("payload.pages")
    told: Any = net.world.raw(1)  # type: ignore[attr-defined]
    if isinstance(change, dict):
        told["emplois"][0] |= change
    else:
        told = {**told, change: {}} if change else None
    data = [{"id": "u1", "attributes": told}]
    land_instead(payload, recorded(("api/v1/utilisateurs", json.dumps({"data": data}).encode())))
    [said] = net.pull(1, again="landed").refused
    assert f"no record has the expected shape ({'{' if change is None else ''}{seen}" in said
    assert "la_coop-" in said and "en octobre" not in said
