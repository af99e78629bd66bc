"""Portfolios, grants and targets: read as they are written, and refused in the words of the file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from flows.errors import ConfigurationError
from flows.places import Place
from flows.settings import PROJECT, Settings
from flows.stages.build import build_warehouse
from flows.warehouse.commitment_files import read_commitments
from flows.warehouse.commitments import Commitments
from flows.warehouse.examples import differences
from flows.warehouse.models import Example, read_indicators
from flows.warehouse.runner import definition_files
from tests.conftest import AS_OF

PORTFOLIO = '[[portfolios]]\nid = "aisne"\nname = "Aisne"\nplaces = ["le-lieu", "l-autre"]\n'
GRANT = """[[grants]]
id = "fabrique"
place = "le-lieu"
programme = "fabriques_de_territoire"
funder = "ANCT"
amount_eur = 150000
first_day = 2024-09-01
last_day = 2027-08-31
convention = true
"""
TARGET = """[[targets]]
id = "passages"
grant = "fabrique"
indicator = "visits"
target = 25000
counting = "cumulative"
"""
DAYS = "first_day = 2025-01-01\nlast_day = 2025-12-31\n"
FREE = TARGET.replace('grant = "fabrique"\n', DAYS)
INDICATORS = read_indicators(PROJECT / "sql")


def places(*ids: str) -> list[Place]:
    return [Place.model_validate({"id": i, "name": i, "commune_code": "80021"}) for i in ids]


@pytest.fixture
def declare(settings: Settings) -> Callable[..., Commitments]:
    """What a network of two places declares in these files: `grants` is `grants.toml`."""

    def read(**texts: str) -> Commitments:
        for name, text in texts.items():
            (settings.beside_places / f"{name}.toml").write_text(text, encoding="utf-8")
        return read_commitments(settings, places("le-lieu", "l-autre"), INDICATORS)

    return read


def test_without_the_files_nothing_is_declared(declare) -> None:
    assert declare() == Commitments({}, {}, {})


def test_a_target_takes_scope_and_days_from_its_grant_unless_it_says_its_own(declare) -> None:
    own = TARGET.replace('"passages"', '"ailleurs"') + 'portfolio = "aisne"\n' + DAYS
    everywhere = FREE.replace('"passages"', '"partout"')
    found = declare(portfolios=PORTFOLIO, grants=GRANT, targets=TARGET + own + everywhere)
    grants = found.grants
    said = {t.id: (t.scope(grants), t.days(grants)) for t in found.targets.values()}
    year = (date(2025, 1, 1), date(2025, 12, 31))
    assert said == {
        "passages": (("place", "le-lieu"), (date(2024, 9, 1), date(2027, 8, 31))),
        "ailleurs": (("portfolio", "portfolio:aisne"), year),
        "partout": (("network", "network"), year),
    }


FAULTS: dict[str, tuple[str, str, list[str]]] = {
    "no TOML": ("grants", "grants = [", ["cannot be read"]),
    "unknown list": ("grants", GRANT.replace("[[grants]]", "[[grant]]"), ["key grant", "'grants'"]),
    "unknown key": ("grants", GRANT + "founder = 1", ["key grants.0.founder", "'funder'"]),
    "missing key": ("grants", GRANT.replace("funder", "#"), ["key grants.0.funder", "missing"]),
    "place of a portfolio": ("portfolios", PORTFOLIO.replace("le-lieu", "le-leiu"),
                             ["key portfolios.0.places.0", "'le-leiu'", "did you mean 'le-lieu'"]),
    "place twice": ("portfolios", PORTFOLIO.replace("l-autre", "le-lieu"),
                    ["key portfolios.0.places", "'le-lieu'", "twice"]),
    "empty portfolio": ("portfolios", PORTFOLIO.replace('"le-lieu", "l-autre"', ""),
                        ["key portfolios.0.places", "one place or more"]),
    "portfolio twice": ("portfolios", PORTFOLIO * 2, ["key portfolios.1.id", "'aisne'", "twice"]),
    "grant twice": ("grants", GRANT * 2, ["key grants.1.id", "'fabrique'", "twice"]),
    "target twice": ("targets", FREE * 2, ["key targets.1.id", "'passages'", "twice"]),
    "id like a month": ("grants", GRANT.replace('"fabrique"', '"2025-01"'), ["key grants.0.id"]),
    "unknown place": ("grants", GRANT.replace("le-lieu", "le-luie"),
                      ["key grants.0.place", "'le-luie'", "did you mean 'le-lieu'"]),
    "unknown portfolio": ("grants", GRANT.replace("place =", "portfolio ="),
                          ["key grants.0.portfolio", "'le-lieu'", "declare it"]),
    "place and portfolio": ("grants", GRANT + 'portfolio = "aisne"', ["key grants.0", "either"]),
    "neither of them": ("grants", GRANT.replace("place", "#"), ["key grants.0", "either"]),
    "programme": ("grants", GRANT.replace("fabriques_", "fabrique_"),
                  ["key grants.0.programme", "'fabriques_de_territoire'"]),
    "no amount": ("grants", GRANT.replace("150000", "0"), ["key grants.0.amount_eur", "greater than 0"]),
    "amount below zero": ("grants", GRANT.replace("150000", "-5"), ["key grants.0.amount_eur"]),
    "endless amount": ("grants", GRANT.replace("150000", "inf"), ["key grants.0.amount_eur", "finite"]),
    "end before start": ("grants", GRANT.replace("2027", "2023"), ["key grants.0", "before `first_day`"]),
    "convention of odd days": ("grants", GRANT.replace("2024-09-01", "2024-09-15"),
                               ["key grants.0", "2024-09-15", "first day of a month"]),
    "unknown indicator": ("targets", FREE.replace("visits", "visit"),
                          ["key targets.0.indicator", "'visit'", "did you mean 'visits'"]),
    "unknown grant": ("targets", TARGET, ["key targets.0.grant", "'fabrique'", "declare it"]),
    "unknown place of a target": ("targets", FREE + 'place = "le-lieux"',
                                  ["key targets.0.place", "did you mean 'le-lieu'"]),
    "two scopes": ("targets", FREE + 'place = "le-lieu"\nportfolio = "aisne"',
                   ["key targets.0", "not both"]),
    "days of nothing": ("targets", FREE.replace(DAYS, ""), ["key targets.0", "`grant`"]),
    "one day alone": ("targets", FREE.replace("last_day = 2025-12-31", ""), ["key targets.0", "neither"]),
    "target ends before it starts": ("targets", FREE.replace("2025-12", "2024-12"),
                                     ["key targets.0", "before `first_day`"]),
    "target of odd days": ("targets", FREE.replace("2025-12-31", "2025-12-30"),
                           ["key targets.0.first_day", "2025-12-30", "whole months"]),
    "counting": ("targets", FREE.replace("cumulative", "total"), ["key targets.0.counting", "'average'"]),
    "share in per cent": ("targets", FREE.replace("visits", "returning_share").replace("25000", "75"),
                          ["key targets.0.target", "between 0 and 1", "0.75"]),
    "months of a yearly figure": (
        "targets",
        FREE.replace("visits", "dynamic_exit_rate").replace("25000", "0.6").replace("cumulative", "average"),
        ["key targets.0.counting", "no figure for a month", "cumulative"]),
}  # fmt: skip


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_names_the_file_the_entry_and_what_to_write(declare, settings, case: str) -> None:
    name, text, said = FAULTS[case]
    with pytest.raises(ConfigurationError) as fault:
        declare(**{name: text})
    message = str(fault.value)
    assert message.startswith(str(settings.beside_places / f"{name}.toml"))
    assert all(words in message for words in [*said, "→"]), message


def test_a_grant_of_odd_days_is_no_period_for_a_target(declare) -> None:
    odd = GRANT.replace("2024-09-01", "2024-09-15").replace("convention = true", "")
    with pytest.raises(ConfigurationError, match=r"key targets\.0\.grant.*2024-09-15"):
        declare(grants=odd, targets=TARGET)


def test_a_run_refuses_to_start_on_a_target_that_cannot_be(tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("IMPACT_HOME", str(tmp_path / "elsewhere"))
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path / "elsewhere"))
    from flows.stages.preflight import check_before_starting

    settings = Settings(tmp_path / "home", tmp_path / "places", tmp_path / "keys")
    settings.places.mkdir()
    plain = 'id = "le-lieu"\nname = "Le Lieu"\ncommune_code = "80021"\n'
    (settings.places / "le-lieu.toml").write_text(plain, encoding="utf-8")
    (tmp_path / "targets.toml").write_text(FREE.replace("visits", "visit"), encoding="utf-8")
    with pytest.raises(ConfigurationError, match=r"targets\.toml.*'visits'"):
        check_before_starting(settings)
    assert not settings.home.exists()


def test_the_figures_depend_on_what_is_declared(declare, settings) -> None:
    before = definition_files(settings)
    declare(grants=GRANT)
    assert set(definition_files(settings)) - set(before) == {settings.beside_places / "grants.toml"}


REGISTER = "N°;Arrivée\n1;01/11/2025 10:00\n2;04/12/2025 10:00\n3;05/01/2026 10:00\n"


@pytest.fixture
def built(tmp_path, make_place, collect, read, settings) -> Callable[..., list[Any]]:
    """Three visits, one a month from November 2025, in a place that is open since 2020."""

    def build(sql: str, **texts: str) -> list[Any]:
        for name, text in texts.items():
            (settings.beside_places / f"{name}.toml").write_text(text, encoding="utf-8")
        place = make_place(tmp_path, {"r.csv": REGISTER}, place={"opened_on": "2020-01-01"})
        collect(place, settings)
        build_warehouse([place], settings, AS_OF, force=True)
        return read(settings, sql)

    return build


def convention(first: str, last: str) -> str:
    return GRANT.replace("2024-09-01", first).replace("2027-08-31", last)


VALUES = (
    "SELECT period_id, status, running FROM indicator.value "
    "WHERE indicator_id = 'visits' AND breakdown = 'all' "
)


def test_a_convention_is_a_period_like_another_and_its_months_are_counted_in_it(built) -> None:
    sql = VALUES + "AND scope_id = 'le-lieu' AND period_type = 'convention'"
    grants = convention("2025-11-01", "2025-12-31")
    assert built(sql, grants=grants) == [("convention:fabrique", "ok", 2)]


def test_months_of_a_convention_before_the_first_delivery_are_missing(built) -> None:
    sql = VALUES + "AND scope_id = 'le-lieu' AND starts_on < '2025-11-01' ORDER BY ALL"
    found = built(sql, grants=convention("2025-09-01", "2025-12-31"))
    assert ("2025-09", "missing", 0) in found
    assert ("convention:fabrique", "partial", 2) in found


def test_a_convention_that_is_to_come_is_no_period_yet(built) -> None:
    sql = "SELECT count(*) FROM registry.period WHERE period_type = 'convention'"
    assert built(sql, grants=convention("2026-12-01", "2027-11-30")) == [(0,)]


def test_what_is_declared_is_what_sql_reads(built) -> None:
    sql = "SELECT * EXCLUDE (programme_code, funder) FROM registry.grant"
    days = (date(2024, 9, 1), date(2027, 9, 1))
    assert built(sql, grants=GRANT) == [("fabrique", "le-lieu", None, 15_000_000, *days)]


@pytest.mark.parametrize(
    ("keys", "persons"),
    [(("a", "a"), 1), (("a-of-p1", "a-of-p3"), 2)],
    ids=["one key of the network", "a key each"],
)
def test_a_portfolio_counts_a_person_once_where_one_key_tells(tmp_path, keys, persons) -> None:
    """Somebody who came to both places of it, as each kind of key sees them."""
    visits = "place_id | person_key | checked_in_at\n" + "".join(
        f"{place} | {key} | 2026-01-05 10:00\n"
        for place, key in zip(("p1", "p3"), keys, strict=True)
    )
    example = Example(
        name="two places",
        given={
            "core.attendance": visits,
            "registry.portfolio": "portfolio_id | place_id\nduo | p1\nduo | p3\n",
        },
        expect=f"scope_id | period_id | value\nportfolio:duo | 2026-01 | {persons}\n",
    )
    settings = Settings(home=tmp_path, places=tmp_path / "places", keys=tmp_path)
    assert differences(INDICATORS["persons_reached"], example, settings) == []
