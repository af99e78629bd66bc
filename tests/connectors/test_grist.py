"""What Grist writes into its cells, compares in its filters, and keeps to itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from flows.connectors._journal import answers, recorded
from tests.connectors.conftest import Network, land_instead
from tests.connectors.worlds import GristSelectWorld, GristWorld, World, instant

New = Callable[[World], Network]
PLACES = {1: "Halle", 2: "Bureau"}
DAY = int(datetime(2026, 10, 5, tzinfo=UTC).timestamp())


def cells(net: Network, columns: str, feed: str = "attendance") -> list[Any]:
    sql = f"SELECT {columns} FROM record.{feed} WHERE NOT deleted ORDER BY record_id"
    return net.read(net.settings, sql)


def reasons(net: Network) -> list[Any]:
    sql = "SELECT rule, header, field, record_id FROM ledger.quarantine WHERE closed_by IS NULL"
    return net.read(net.settings, sql + " ORDER BY record_id")


def mapped(world: GristWorld, *lines: str) -> GristWorld:
    """With more columns than the register has."""
    more = "\n".join(lines) + "\n[sources.constants]"
    world.toml = world.toml.replace("[sources.constants]", more)
    return world


def recorded_again(net: Network, columns: Any, records: Any) -> None:
    """In place of what was received."""
    [payload] = net.settings.landing.rglob("payload.pages")
    pages = [json.dumps(told).encode() for told in (columns, records)]
    land_instead(payload, recorded(("columns", pages[0]), ("records", pages[1])))


def test_a_formula_that_fails_refuses_its_row_by_its_column_and_removes_nothing(
    network: New,
) -> None:
    world = GristWorld()
    world.toml = world.toml.replace('"Nombre"', '"Calcul"')
    for number in (1, 2, 3, 4):
        world.put(number, instant(number), Calcul=1)
    net = network(world)
    net.well()
    world.put(1, instant(1), Calcul=["E", "ZeroDivisionError"], Courriel=["E", "TypeError"])
    world.put(2, instant(2), Calcul=1, Courriel=["E", "TypeError"])  # which nobody maps
    world.remove(3)
    report = net.well(1)
    assert (report.quarantined, report.removed) == (1, 1)
    assert reasons(net) == [("failed_formula", "Calcul", "headcount", "1")]
    assert [number for (number,) in cells(net, "record_id")] == ["1", "2", "4"]


@pytest.mark.parametrize("cell", [["E", "TypeError"], ["C"], ["O", {}], "hier"])
def test_a_departure_that_cannot_be_read_costs_itself_and_not_its_visit(
    network: New, cell: Any
) -> None:
    world = mapped(GristWorld(), 'checked_out_at = "Calcul"')
    world.put(1, instant(1), Calcul=cell)
    net = network(world)
    assert net.well().quarantined == 0
    assert cells(net, "checked_in_at, checked_out_at") == [(instant(1), None)]
    doubts = net.read(net.settings, "SELECT header, field, cells FROM ledger.doubt")
    assert doubts == [("Calcul", "checked_out_at", 1)]


def test_the_end_of_a_contract_whose_formula_fails_is_not_taken_for_none(network: New) -> None:
    world = GristWorld()
    world.toml = """
id = "contrats"
feed = "employment"
connector = "grist"
url = "URL"
token = { env = "CANARY" }
options = { document = "registre1", table = "Presences" }
rhythm = "daily"
coverage = "window"
[sources.columns]
started_on = "Jour"
ended_on = "Calcul"
weekly_minutes = "Montant"
[sources.constants]
contract_type = "CDD"
"""
    world.feed = "employment"
    ends = {1: ["d", DAY + 86_400], 2: ["E", "ValueError"], 3: None}
    for number, end in ends.items():
        world.grist.rows[number] = {"Jour": DAY, "Calcul": end, "Montant": 35}
    world.grist.rows[4] = {"Jour": DAY}  # nobody wrote the hours
    net = network(world)
    net.well()
    told = cells(net, "record_id, ended_on, weekly_minutes", "employment")
    assert told == [("1", date(2026, 10, 6), 2100), ("3", None, 2100)]
    assert reasons(net) == [
        ("failed_formula", "Calcul", "ended_on", "2"), ("staff_has_hours", "", "", "4"),
    ]  # fmt: skip


def test_an_empty_reference_is_nobody_and_a_group_keeps_its_heads(network: New) -> None:
    world = GristWorld()
    world.toml += '[sources.identity]\nsource_id = "Personne"\n'
    people = {1: 0, 2: 0, 3: 7, 4: 0}
    for number, person in people.items():
        world.put(number, instant(number), Personne=person, Nombre=12 if number == 4 else 1)
    world.grist.words["Personne"] = {7: "Une Personne"}  # the number is who it is, not the word
    net = network(world)
    net.well()
    told = cells(net, "headcount, person_key IS NULL, identity_kind")
    assert told == [(1, True, None), (1, True, None), (1, False, "source_id"), (12, True, None)]
    assert "hidden" not in net.faults.calls[-1]


@pytest.mark.parametrize("world", [GristWorld, GristSelectWorld])
def test_a_text_in_a_column_of_references_is_nobody_that_one_could_know(
    network: New, world: Any
) -> None:
    """A SELECT may give a word under the name of a column of references, by a join."""
    made: GristWorld = world()
    made.toml = made.toml.replace("Nombre, Statut", "Nombre, Statut, Personne")
    made.toml += '[sources.identity]\nsource_id = "Personne"\n'
    for number, person in {1: "Dupont", 2: 0, 3: 7}.items():
        made.put(number, instant(number), Personne=person, Nombre=1)
    net = network(made)
    net.well()
    if world is GristWorld:
        assert reasons(net) == [("unreadable_cell", "Personne", "identity", "1")]
    known = {number for number, kind in cells(net, "record_id, identity_kind") if kind}
    assert known == ({"3"} if world is GristWorld else {"1", "3"})


def test_dates_and_references_of_a_column_without_a_type_are_read(network: New) -> None:
    world = mapped(GristWorld(), 'activity_id = "Note"')
    world.toml = world.toml.replace('"Arrivee"', '"Calcul"')
    world.toml += '[sources.identity]\nsource_id = "Personne"\n'
    world.grist.types |= {"Note": "Any", "Personne": "Any"}
    told = [["D", instant(1).timestamp(), "Europe/Paris"], ["d", DAY], ["D", 0], ["O", {}]]
    for number, cell in enumerate(told, start=1):
        world.put(number, instant(1), Calcul=cell, Nombre=1,
                  Note=["r", "Lieux", [1, 2]], Personne=["R", "Personnes", 0])  # fmt: skip
    world.put(5, instant(5), Calcul=["D", instant(5).timestamp(), "UTC"], Nombre=1,
              Note=["R", "Lieux", 9], Personne=["R", "Personnes", 7])  # fmt: skip
    net = network(world)
    net.well()
    assert cells(net, "checked_in_at, person_key IS NULL, activity_id") == [
        (instant(5), False, "9")
    ]
    assert reasons(net)[-2:] == [
        ("unreadable_cell", "Calcul", "checked_in_at", "3"),
        ("unreadable_cell", "Calcul", "checked_in_at", "4"),
    ]
    assert {rule for rule, *_ in reasons(net)[:-2]} == {"str_matches"}, "a list is no identifier"


def test_a_reference_is_the_word_that_people_see_and_a_number_where_it_identifies(
    network: New,
) -> None:
    world = mapped(GristWorld(), 'space_code = "Lieu"', 'activity_id = "Personne"')
    world.toml += '[sources.values.space_code]\n"Halle" = "coworking"\n"Bureau" = "salle"\n'
    world.grist.words = {"Lieu": PLACES, "Personne": {7: "Une Personne"}}
    for number in (1, 2):
        world.put(number, instant(number), Lieu=number, Personne=7)
    world.put(3, instant(3), Lieu=0)
    world.put(4, instant(4), Lieu="Atelier")  # typed, and no place has this name
    net = network(world)
    net.well()
    assert cells(net, "CAST(space_code AS VARCHAR), activity_id") == [
        ("coworking", "7"), ("salle", "7"), (None, None),
    ]  # fmt: skip
    assert reasons(net) == [("isin", "Lieu", "space_code", "4")]
    assert "hidden=true" in net.faults.calls[-1]
    # what was recorded before words were asked for has the numbers alone
    kinds = [{"id": name, "fields": {"type": kind}} for name, kind in world.grist.types.items()]
    fields = {**dict.fromkeys(world.grist.types), "Arrivee": DAY, "Nombre": 1, "Statut": "venu"}
    records = [
        {"id": number, "fields": {**fields, "Lieu": 2, "Personne": 7}} for number in (1, 2, 3)
    ]
    recorded_again(net, {"columns": kinds}, {"records": records})
    assert net.pull(1, again="landed").quarantined == 3
    assert ("isin", "Lieu", "space_code", "1") in reasons(net), "the number is no word of the TOML"


def test_a_number_that_nobody_wrote_is_empty_and_a_computed_zero_is_not(network: New) -> None:
    world = GristWorld()
    world.toml = world.toml.replace("attendance", "service_usage").replace(
        'checked_in_at = "Arrivee"\nheadcount = "Nombre"\nservice_usage_status = "Statut"',
        'occurred_at = "Arrivee"\nduration_minutes = "Nombre"\namount_eur_cents = "Montant"\n'
        'quantity = "Total"',
    )
    world.toml = world.toml.replace("[sources.constants]", '[sources.constants]\nunit = "heure"\n'
                                    'service_code = "fablab"').partition("[sources.values")[0]  # fmt: skip
    world.feed, world.event = "service_usage", "occurred_at"
    world.grist.rows[1] = {"Arrivee": instant(1).timestamp(), "Total": 0}
    world.grist.rows[2] = {
        "Arrivee": instant(1).timestamp(), "Nombre": 30, "Montant": 2.5, "Total": 1,
    }  # fmt: skip
    net = network(world)
    net.well()
    told = cells(net, "duration_minutes, amount_eur_cents, quantity", "service_usage")
    assert told == [(None, None, 0), (30, 250, 1)]


@pytest.mark.parametrize(
    ("filter", "found"),
    [
        ('{ Lieu = ["Halle"] }', {"1"}),
        ('{ Lieu = ["Halle", "Bureau"] }', {"1", "2"}),
        ("{ Lieu = [2] }", {"2"}),
        ('{ Jour = ["2026-10-05"] }', {"1"}),
        ('{ Statut = ["venu"], Nombre = [2] }', {"1", "2", "3"}),
        ("{ Efface = [1] }", {"3"}),
        ("{ id = [2] }", {"2"}),
    ],
)
def test_a_filter_finds_what_people_see(network: New, filter: str, found: set[str]) -> None:
    world = GristWorld()
    world.toml = world.toml.replace('"Presences" }', f'"Presences", filter = {filter} }}')
    world.grist.words = {"Lieu": PLACES}
    for number in (1, 2, 3):
        more = {"Lieu": number % 3, "Jour": DAY + 86_400 * (number - 1), "Efface": number == 3}
        world.put(number, instant(number), **more)
    net = network(world)
    net.well()
    assert {number for (number,) in cells(net, "record_id")} == found


@pytest.mark.parametrize(
    ("filter", "said"),
    [
        ('{ Personne = ["Halle"] }', "asks of 'Personne' is never equal to a Ref"),
        ('{ Lieu = ["Halle", 2] }', "asks of 'Lieu' is never equal to a Ref"),
        ('{ Nombre = ["2"] }', "asks of 'Nombre' is never equal to a Int"),
        ("{ Statut = [2] }", "asks of 'Statut' is never equal to a Choice"),
        ('{ Arrivee = ["2026-10-05"] }', "asks of 'Arrivee' is never equal to a DateTime"),
        ('{ Jour = ["5 octobre"] }', "asks of 'Jour' is no day: write 2026-10-05"),
        ('{ Themes = ["a"] }', "'Themes' holds lists, which Grist does not filter"),
        ('{ Statuts = ["a"] }', "a column 'Statuts' that is not there → did you mean 'Statut'?"),
    ],
)  # fmt: skip
def test_a_filter_that_could_find_nothing_is_refused_before_it_finds_nothing(
    network: New, filter: str, said: str
) -> None:
    world = GristWorld()
    world.add(1)
    world.grist.words = {"Lieu": PLACES}
    world.toml = world.toml.replace('"Presences" }', f'"Presences", filter = {filter} }}')
    net = network(world)
    assert said in net.pull().failed[0]
    assert len(net.faults.calls) == 1


@pytest.mark.parametrize("end", [";", "; ", ";\\n", " -- fin", " -- fin\\n", ""])
def test_a_select_may_end_as_people_write_it(network: New, end: str) -> None:
    world = GristSelectWorld()
    world.add(1)
    world.toml = world.toml.replace("WHERE Nombre > 0;", f"WHERE Nombre > 0{end}")
    net = network(world)
    net.well()
    assert net.records() == world.present()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("Nombre > 0", "Nombres > 0", "400: SQLITE_ERROR: no such column: Nombres → check `url`"),
        ("registre1", "registre2", "it answers 404: document not found →"),
        ('"Presences"', '"Presence"', 'it answers 404: Table not found "Presence" →'),
    ],
)
def test_what_grist_does_not_answer_is_said_in_its_own_words(
    network: New, old: str, new: str, said: str
) -> None:
    world = GristSelectWorld()
    world.toml = world.toml.replace(old, new)
    assert said in network(world).pull().failed[0]


def test_a_wrong_key_is_said_to_be_the_key(network: New, monkeypatch: Any) -> None:
    net = network(GristWorld())
    monkeypatch.setenv("CANARY", "another")
    assert "it does not accept our secret (401)" in net.pull().failed[0]


def test_rows_that_an_access_rule_hides_are_asked_about_before_they_go(network: New) -> None:
    world = GristWorld()
    for number in range(1, 31):
        world.add(number)
    net = network(world)
    net.well()
    world.grist.hides = lambda number, name: name == "id" and number % 10 == 0
    [refused] = net.pull(1).refused
    assert "3 of the 30 records" in refused and "an access rule" in refused
    assert len(net.records()) == 30
    world.grist.hides = None
    net.well(2)
    assert net.records() == world.present()
    for number in (10, 20, 30):  # and this is what went, where all can be seen
        world.remove(number)
    assert net.well(3).removed == 3


def test_an_account_that_may_not_see_all_still_removes_a_row_now_and_then(network: New) -> None:
    world = GristWorld()
    world.grist.hidden_columns = ("Courriel",)
    for number in range(1, 101):
        world.add(number)
    net = network(world)
    net.well()
    world.remove(50)
    assert net.well(1).removed == 1


def test_a_cell_that_an_access_rule_hides_refuses_its_row_and_a_column_all(network: New) -> None:
    world = GristWorld()
    for number in (1, 2):
        world.add(number)
    world.grist.hides = lambda number, name: (number, name) == (1, "Statut")
    net = network(world)
    net.well()
    assert reasons(net) == [("hidden_cell", "Statut", "attendance_status", "1")]
    world.grist.hidden_columns = ("Statut",)
    assert "no field 'Statut' (attendance_status)" in net.pull(1).refused[0]


def test_no_more_is_asked_than_is_kept(network: New) -> None:
    world = GristWorld()
    for number in range(1, 101):
        world.put(number, instant(number), Note="canari")
    net = network(world)
    net.well()
    paths = [call.partition("?")[0].rpartition("/")[2] for call in net.faults.calls]
    assert paths == ["columns", "sql", "records"]
    [payload] = net.settings.landing.rglob("payload.pages")
    with payload.open("rb") as stream:
        received = sum(len(answer.body) for answer in answers(stream))
    assert received < 100 * 100 + 1500, "bytes of three cells of a hundred records"
    assert "canari" not in payload.read_text(), "Grist gives all columns; those not mapped go"


@pytest.mark.parametrize(
    ("columns", "records", "said"),
    [
        ([], {"records": []}, "the answer to columns has no list 'columns' ([])"),
        ({"columns": [{"id": "Arrivee"}]}, {"records": []}, "no `id` and `type`"),
        (None, {"records": {"id": 1}}, "the answer to records has no list 'records' ({…})"),
        (None, {"records": [7, "a"]}, 'no record has the expected shape ("…")'),
        (None, {"records": [{"id": 1}]}, "no record has the expected shape (fields)"),
    ],
)
def test_an_answer_of_another_form_is_refused_with_the_field_and_what_was_seen(
    network: New, columns: Any, records: Any, said: str
) -> None:
    world = GristWorld()
    world.add(1)
    net = network(world)
    net.well()
    kinds = [{"id": name, "fields": {"type": kind}} for name, kind in world.grist.types.items()]
    recorded_again(net, {"columns": kinds} if columns is None else columns, records)
    report = net.pull(1, again="landed")
    assert said in [*report.refused, *report.failed][0]
    assert net.records() == world.present()


CSV = '''\
Code,Arrivée,Né le,Nombre,Thèmes,Effacé,Lieu,Calcul
P1,2026-10-05 9:00am,5 February 1986,1,"a, ""b, c""",false,Halle,2026-10-05 09:00:00+02:00
P2,2026-10-05 12:15pm,Wed 5 Aug 1987,"1",a,false,,Lieux[1]
P3,2026-10-06 12:15am,05 Feb 1986,12,,false,Halle,
P4,"February 5th, 2026 3:30pm",1986-02-05,1,,true,,
P5,2026-10-05 13:30pm,#Invalid Date: 31/02/1986,1,,false,,#DIV/0!
'''


def test_its_csv_is_read_with_the_hours_and_months_of_its_own(take: Any) -> None:
    columns = {"record_id": "Code", "checked_in_at": "Arrivée", "headcount": "Nombre",
               "deleted": "Effacé", "space_code": "Lieu"}  # fmt: skip
    told = take(
        "record_id, checked_in_at, headcount, CAST(space_code AS VARCHAR)", CSV, columns=columns,
        values={"space_code": {"Halle": "coworking"}},
        place={"tolerated_quarantine_share": 1.0},
    )  # fmt: skip
    paris = ZoneInfo("Europe/Paris")
    assert told == [
        ("P1", datetime(2026, 10, 5, 9, tzinfo=paris), 1, "coworking"),
        ("P2", datetime(2026, 10, 5, 12, 15, tzinfo=paris), 1, None),
        ("P3", datetime(2026, 10, 6, 0, 15, tzinfo=paris), 12, "coworking"),
        ("P4", datetime(2026, 2, 5, 15, 30, tzinfo=paris), None, None),
    ]


def test_a_day_in_the_english_of_its_csv_is_that_day(take: Any) -> None:
    columns = {"record_id": "Code", "occurred_at": "Arrivée", "enrolled_from": "Né le"}
    lines = [line for line in CSV.splitlines(keepends=True) if not line.startswith("P5")]
    days = take(
        "enrolled_from", "".join(lines), feed="service_usage", columns=columns,
        constants={"service_code": "campus_connecte"},
    )  # fmt: skip
    february, august = (date(1986, 2, 5),), (date(1987, 8, 5),)
    assert days == [february, august, february, february]
