"""A place that cannot be right is refused before anything starts, in the words of its file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import available_timezones

import pytest

from flows.connectors import connector
from flows.errors import ConfigurationError
from flows.network.place_files import code_advice, read_places
from flows.places import Place, commune_index
from flows.reference import time_zone_of, time_zones
from flows.settings import PROJECT, Settings
from schemas.codes import ExitReason, Post

PLAIN = 'id = "le-lieu"\nname = "Le Lieu"\ncommune_code = "80021"\n'
SOURCE = """
[[sources]]
id = "accueil"
feed = "attendance"
connector = "file"
path = "*.csv"
rhythm = "daily"
coverage = "days"
columns = { record_id = "N°", checked_in_at = "Arrivée" }
"""


@pytest.fixture
def declare(tmp_path: Path) -> Callable[..., dict[str, Place]]:
    """The places of a folder with these files: `le_lieu` is `le-lieu.toml`."""

    def read(**texts: str) -> dict[str, Place]:
        for name, text in texts.items():
            file = tmp_path / f"{name.replace('_', '-')}.toml"
            file.write_text(text, encoding="utf-8")
        return read_places(tmp_path)

    return read


FAULTS: dict[str, tuple[str, list[str]]] = {
    "unknown key": (f"{PLAIN}comune = 1", ["key comune", "unknown key", "'commune_code'"]),
    "unknown key of a source": (PLAIN + SOURCE + "colums = {}",
                                ["key sources.0.colums", "unknown key", "'columns'"]),
    "unknown key of an identity": (PLAIN + SOURCE + "[sources.identity]\nemial = 'E'",
                                   ["key sources.0.identity.emial", "'email'"]),
    "unknown key of a closure": (PLAIN + "[[closures]]\nfirst_days = 2025-01-01",
                                 ["key closures.0.", "first_day"]),
    "missing key": (PLAIN.replace("name", "#"), ["key name", "missing", "add it"]),
    "no TOML": (PLAIN + "seats =", ["cannot be read"]),
    "commune": (PLAIN.replace("80021", "8O021"), ["key commune_code", "'8O021'", "the nearest code is"]),
    "catchment": (f"{PLAIN}catchment_communes = ['80021', '80999']",
                  ["key catchment_communes", "'80999'", "not the postal code"]),
    "SIRET": (f"{PLAIN}siret = '35600000000049'", ["key siret", "'35600000000049'", "Luhn"]),
    "short SIRET": (f"{PLAIN}siret = '356000000'", ["key siret", "14 digits"]),
    "EPCI": (f"{PLAIN}epci_code = '200000800'", ["key epci_code", "80021", "'248000531'"]),
    "service": (f"{PLAIN}services = ['fablabs']", ["key services.0", "fablab"]),
    "weekday": (f"{PLAIN}opening_hours = {{ lundi = [] }}", ["key opening_hours", "monday"]),
    "hours in disorder": (f"{PLAIN}opening_hours = {{ monday = ['12:30-09:00'] }}",
                          ["key opening_hours", "'12:30-09:00'", "09:00-12:30"]),
    "hours without end": (f"{PLAIN}opening_hours = {{ monday = ['09:00'] }}", ["'09:00'"]),
    "hours in words": (f"{PLAIN}opening_hours = {{ monday = ['9h-12h'] }}", ["'9h-12h'"]),
    "closure in disorder": (PLAIN + "[[closures]]\nfirst_day = 2025-08-02\nlast_day = 2025-08-01",
                            ["key closures.0"]),
    "closed before it opened": (PLAIN + "opened_on = 2025-08-02\nclosed_on = 2025-08-01", ["closed_on"]),
    "hours that overlap": (f"{PLAIN}opening_hours = {{ monday = ['14:00-18:00', '09:00-14:30'] }}",
                           ["key opening_hours", "monday", "'09:00-14:30'", "overlap"]),
    "closures that overlap": (PLAIN + "[[closures]]\nfirst_day = 2025-08-01\nlast_day = 2025-08-15\n"
                              "[[closures]]\nfirst_day = 2025-08-15\nlast_day = 2025-08-31",
                              ["2025-08-15", "overlap"]),
    "closure before the opening": (PLAIN + "opened_on = 2025-09-01\n[[closures]]\n"
                                   "first_day = 2025-08-01\nlast_day = 2025-08-31",
                                   ["2025-08-01", "opened_on"]),
    "closure after the end": (PLAIN + "closed_on = 2025-07-31\n[[closures]]\n"
                              "first_day = 2025-08-01\nlast_day = 2025-08-31", ["closed_on"]),
    "feed": (PLAIN + SOURCE.replace("attendance", "presence"), ["key sources.0.feed", "'attendance'"]),
    "column of another feed": (PLAIN + SOURCE.replace("checked_in_at", "occurred_at"),
                               ["key sources.0.columns.occurred_at", "attendance has no column"]),
    "misspelt column": (PLAIN + SOURCE.replace("checked_in_at", "checked_in"),
                        ["key sources.0.columns.checked_in", "'checked_in_at'"]),
    "pseudonym as column": (PLAIN + SOURCE.replace("checked_in_at", "person_key"),
                            ["key sources.0.columns.person_key", "no column"]),
    "constant": (PLAIN + SOURCE + 'constants = { evidence = "sean" }',
                 ["key sources.0.constants.evidence", "'sean'",
                 "write one of: booked, checked_in, seen, declared, ticketed"]),
    "value": (PLAIN + SOURCE + 'values = { role = { "Bénévole" = "volunteer" } }',
              ["key sources.0.values.role.Bénévole", "'volunteer'", "benevole"]),
    "several values": (PLAIN + SOURCE + 'values = { gender = { F = "f", H = "masculin", X = "x" } }',
                       ["key sources.0.values.gender:", "'f', 'x' are not codes of gender",
                        "write one of: feminin, masculin, non_communique"]),
    "value of a long list": (PLAIN + SOURCE + 'values = { space_code = { A = "fablabs", B = "bar" } }',
                             ["key sources.0.values.space_code:", "'fablabs', 'bar'",
                              "did you mean 'fablab'? All codes are in docs/dictionary.md"]),
    "constant of no column": (PLAIN + SOURCE + 'constants = { evidances = "seen" }',
                              ["key sources.0.constants.evidances", "'evidence'"]),
    "constant that is no number": (PLAIN + SOURCE + 'constants = { headcount = "deux" }',
                                   ["key sources.0.constants.headcount", "'deux'"]),
    "constant that is a postal code": (PLAIN + SOURCE + 'constants = { home_commune = "80000" }',
                                       ["key sources.0.constants.home_commune", "'80000'"]),
    "source twice": (PLAIN + SOURCE + SOURCE, ["key sources.1.id", "'accueil'"]),
}  # fmt: skip


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_names_the_file_the_key_and_what_to_write(declare, tmp_path, case: str) -> None:
    text, said = FAULTS[case]
    with pytest.raises(ConfigurationError) as fault:
        declare(le_lieu=text)
    message = str(fault.value)
    assert message.startswith(str(tmp_path / "le-lieu.toml"))
    assert all(words in message for words in [*said, "→"]), message


def test_hours_that_meet_and_closures_that_reach_over_an_end_are_right(declare) -> None:
    text = (
        PLAIN
        + "opened_on = 2025-08-15\nopening_hours = { monday = ['09:00-12:00', '12:00-18:00'] }\n"
        "[[closures]]\nfirst_day = 2025-08-01\nlast_day = 2025-08-31\n"
        "[[closures]]\nfirst_day = 2025-09-01\nlast_day = 2025-09-02\n"
    )
    place = declare(le_lieu=text)["le-lieu"]
    assert list(place.expected_days(date(2025, 8, 1), date(2025, 9, 8))) == [date(2025, 9, 8)]


def test_an_empty_folder_says_where_places_are_looked_for(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="IMPACT_PLACES") as fault:
        read_places(tmp_path)
    assert str(tmp_path) in str(fault.value)


def test_two_places_with_one_id_are_told_apart_by_their_files(declare) -> None:
    with pytest.raises(ConfigurationError, match=r"b\.toml, key id.*'le-lieu'.*a\.toml"):
        declare(a=PLAIN, b=PLAIN)


def test_an_unknown_connector_is_refused_before_anything_starts(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("IMPACT_HOME", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "elsewhere"))
    from flows.stages.preflight import check_before_starting

    text = PLAIN + SOURCE.replace('connector = "file"', 'connector = "fiel"')
    settings = Settings(tmp_path / "home", tmp_path / "places", tmp_path / "keys")
    settings.places.mkdir()
    (settings.places / "le-lieu.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"'fiel'.*'file'") as fault:
        check_before_starting(settings)
    assert not settings.home.exists()
    assert "le-lieu" in str(fault.value)


def test_a_name_that_is_no_module_of_connectors_is_never_imported() -> None:
    for name in ("_csv", "os", "..places", ""):
        with pytest.raises(ConfigurationError, match="no connector"):
            connector(name)


def test_a_code_that_says_nothing_is_never_suggested() -> None:
    """`inconnue` is most like `inconnu`, which would hide what was meant."""
    many = [*ExitReason.values(), *Post.values()]
    assert code_advice(["inconnue"], many) == "take a code of the list in docs/dictionary.md"
    assert "'chomage'?" in code_advice(["inconnue", "chomages"], many)
    assert "inconnu," in code_advice(["inconnue"], ExitReason.values())


@pytest.mark.parametrize("siret", ["35600000000048", "73282932000074", None])
def test_a_right_siret_or_none_is_accepted(declare, siret: str | None) -> None:
    text = PLAIN + (f"siret = '{siret}'" if siret else "")
    assert declare(le_lieu=text)["le-lieu"].siret == siret


OPENING = """
opened_on = 2025-02-03
closed_on = 2025-03-02
opening_hours = { monday = ["09:00-12:30"], thursday = ["14:00-18:00"], saturday = ["10:00-13:00"] }
[[closures]]
first_day = 2025-02-10
last_day = 2025-02-17
[[closures]]
first_day = 2025-02-27
last_day = 2025-02-27
"""


def test_a_place_is_expected_on_its_weekdays_between_its_dates_outside_its_closures(
    declare,
) -> None:
    place = declare(le_lieu=PLAIN + OPENING)["le-lieu"]
    february = [date(2025, 2, day) for day in range(1, 29)]
    weekly = [day for day in february if day.isoweekday() in (1, 4, 6)]
    closed = {date(2025, 2, day) for day in (1, *range(10, 18), 27)}
    expected = [day for day in [*weekly, date(2025, 3, 1)] if day not in closed]
    found = list(place.expected_days(date(2024, 1, 1), date(2026, 1, 1)))
    assert found == expected


def test_a_weekday_without_hours_is_a_closed_day(declare) -> None:
    hours = "opened_on = 2020-01-01\nopening_hours = { monday = ['09:00-12:00'], tuesday = [] }"
    place = declare(le_lieu=PLAIN + hours)["le-lieu"]
    found = list(place.expected_days(date(2025, 2, 3), date(2025, 2, 9)))
    assert found == [date(2025, 2, 3)]


def test_a_place_without_hours_is_expected_every_day_that_is_asked_for(declare) -> None:
    place = declare(le_lieu=f"{PLAIN}opened_on = 2020-01-01")["le-lieu"]
    week = [date(2025, 2, 3) + timedelta(n) for n in range(7)]
    assert list(place.expected_days(week[0], week[-1])) == week
    assert list(place.expected_days(week[1], week[0])) == []


def test_a_place_that_is_not_open_yet_is_expected_on_no_day(declare) -> None:
    place = declare(le_lieu=PLAIN)["le-lieu"]
    assert list(place.expected_days(date(2020, 1, 1), date(2026, 1, 1))) == []


def test_the_demonstration_network_is_accepted() -> None:
    places = read_places(PROJECT / "data" / "places")
    assert list(places) == ["la-machinerie", "le-faitout-connecte", "le-quai-numerique"]
    for place in places.values():
        assert place.folder == PROJECT / "data" / "places"
        for source in place.sources:
            assert connector(source.connector).SAMPLE
    assert [len(place.sources) for place in places.values()] == [8, 6, 0]


@pytest.mark.parametrize(
    ("commune", "zone"),
    [
        ("80021", "Europe/Paris"), ("97411", "Indian/Reunion"), ("97120", "America/Guadeloupe"),
        ("97302", "America/Cayenne"), ("98735", "Pacific/Tahiti"), ("98731", "Pacific/Marquesas"),
    ],
)  # fmt: skip
def test_a_place_has_the_clock_of_its_commune(commune: str, zone: str) -> None:
    assert Place.model_validate({"id": "l", "name": "L", "commune_code": commune}).zone == zone


def test_every_commune_overseas_has_a_clock_but_the_southern_lands() -> None:
    overseas = [code for code in commune_index() if code.startswith(("97", "98"))]
    without = {code[:3] for code in overseas if time_zone_of(code) is None}
    assert len(overseas) > 200
    assert without == {"984", "989"}
    assert {*time_zones().values()} <= available_timezones()


def test_a_place_may_say_its_clock_and_one_without_any_has_to() -> None:
    desert = {"id": "l", "name": "L", "commune_code": "98412"}
    with pytest.raises(ValueError, match="give `time_zone`"):
        Place.model_validate(desert)
    with pytest.raises(ValueError, match="no time zone 'Kerguelen'"):
        Place.model_validate(desert | {"time_zone": "Kerguelen"})
    assert (
        Place.model_validate(desert | {"time_zone": "Indian/Kerguelen"}).zone == "Indian/Kerguelen"
    )
