"""Where a target is, told from published figures alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import pytest

from flows.publication.release import read_published
from flows.settings import PROJECT

PUBLISHED = {table.name: table for table in read_published(PROJECT / "sql" / "published")}
TABLES = """
CREATE SCHEMA registry;
ATTACH ':memory:' AS release;
CREATE TABLE registry.run AS SELECT DATE '2026-05-20' AS today;
CREATE TABLE registry.indicator AS SELECT * FROM (VALUES
    ('visits', 'neutral', 'visits'),
    ('persons_reached', 'up', 'persons'),
    ('structures_hosted', 'up', 'organisations'),
    ('returning_share', 'up', 'share'),
    ('energy', 'down', 'kg'),
    ('cost', 'down', 'ratio')
) AS t (indicator_id, direction, unit);
CREATE TABLE registry.published_table AS
    SELECT indicator_id, scope_type, 'all' AS breakdown,
        unnest(CASE indicator_id WHEN 'structures_hosted' THEN ['year']
               ELSE ['month', 'quarter', 'year', 'convention'] END) AS period_type
    FROM registry.indicator, (VALUES ('place'), ('portfolio'), ('network')) AS s (scope_type);
CREATE TABLE registry.period AS SELECT * FROM (VALUES
    ('2025', DATE '2025-01-01', DATE '2026-01-01'),
    ('2026-T1', DATE '2026-01-01', DATE '2026-04-01'),
    ('2026', DATE '2026-01-01', DATE '2027-01-01')
) AS t (period_id, starts_on, ends_before);
CREATE TABLE registry.grant (grant_id VARCHAR, funder VARCHAR);
CREATE TABLE registry.target (target_id VARCHAR, grant_id VARCHAR, scope_type VARCHAR,
    scope_id VARCHAR, indicator_id VARCHAR, target DOUBLE, baseline DOUBLE, starts_on DATE,
    ends_before DATE, counting VARCHAR);
CREATE TABLE release.valeurs (indicateur_id VARCHAR, niveau VARCHAR, territoire_id VARCHAR,
    periode VARCHAR, granularite VARCHAR, debut DATE, fin DATE, ventilation VARCHAR, valeur DOUBLE,
    valeur_min DOUBLE, valeur_max DOUBLE, diffusion VARCHAR, motif VARCHAR);
"""
FEW = "Moins de 3 lieux y contribuent : voyez chaque lieu."
NOTHING = "Aucune donnée n'a été reçue pour cette période."
SPANS = {
    "2026-01": ("2026-01-01", "2026-01-31"), "2026-02": ("2026-02-01", "2026-02-28"),
    "2026-03": ("2026-03-01", "2026-03-31"), "2026-04": ("2026-04-01", "2026-04-30"),
    "2025-11": ("2025-11-01", "2025-11-30"), "2025-12": ("2025-12-01", "2025-12-31"),
    "2026-T1": ("2026-01-01", "2026-03-31"), "2025": ("2025-01-01", "2025-12-31"),
}  # fmt: skip
QUARTER, YEAR = ("2026-01-01", "2026-04-01"), ("2026-01-01", "2027-01-01")
FOUR_MONTHS = ("2026-01-01", "2026-05-01")
MARGIN = 4
LAST_YEAR = ("2025-01-01", "2026-01-01")

Follow = Callable[..., dict[str, Any]]


@pytest.fixture
def follow() -> Iterator[Follow]:
    """One target, and what is published: period → a value, or the reason why there is none."""
    with duckdb.connect() as sql:
        sql.execute(TABLES)

        def row(
            indicator: str,
            target: float,
            published: dict[str, float | str | tuple[float, float | None]],
            days: tuple[str, str] = QUARTER,
            counting: str = "cumulative",
            scope: tuple[str, str] = ("place", "p1"),
            seen_as: tuple[str, str] = ("lieu", "p1"),
            year: int | None = None,
        ) -> dict[str, Any]:
            sql.execute("DELETE FROM registry.target; DELETE FROM release.valeurs")
            sql.execute(
                "INSERT INTO registry.target VALUES ('t', NULL, ?, ?, ?, ?, 5, ?, ?, ?)",
                [*scope, indicator, target, *days, counting],
            )
            for period, said in published.items():
                granularity = {4: "annee", 7: "trimestre" if "T" in period else "mois"}[len(period)]
                sql.execute(
                    "INSERT INTO release.valeurs "
                    "VALUES (?, ?, ?, ?, ?, ?, ?, 'ensemble', ?, ?, ?, ?, ?)",
                    [indicator, *seen_as, period, granularity, *SPANS[period], *figure(said)],
                )
            rows = sql.execute(PUBLISHED["suivi_objectifs"].select).pl().to_dicts()
            [found] = [line for line in rows if line["numero_annee"] == year]
            return found

        yield row


def figure(said: float | str | tuple[float, float | None]) -> tuple[Any, ...]:
    """A number is given with a margin of 4, a pair is a band, a text the reason for none."""
    match said:
        case str():
            shown = "non_diffuse" if said == FEW else "non_disponible"
            return None, None, None, shown, said
        case (first, last):
            return None, first, last, "tranche", "Tranche."
        case number:
            return number, max(0, number - MARGIN), number + MARGIN, "arrondi", None


def months(*values: float | str) -> dict[str, float | str]:
    return dict(zip(SPANS, values, strict=False))


@pytest.mark.parametrize(
    ("goal", "status"), [(48, "atteint"), (60, "indecidable"), (72.5, "non_atteint")]
)
def test_what_adds_up_is_the_sum_of_its_months(follow: Follow, goal, status) -> None:
    found = follow("visits", goal, months(10, 20, 30, 1000))
    assert (found["statut"], found["valeur"], found["ecart"]) == (status, 60, 60 - goal)
    assert (found["valeur_min"], found["valeur_max"]) == (48, 72)  # three margins of 4
    assert (found["diffusion"], found["sens"]) == ("arrondi", "au_moins")
    assert bool(found["motif"]) == (status == "indecidable")
    assert (found["valeur_de_depart"], str(found["fin"])) == (5, "2026-03-31")


@pytest.mark.parametrize(
    ("goal", "status"), [(72, "atteint"), (60, "indecidable"), (47, "non_atteint")]
)
def test_where_lower_is_better_the_target_is_not_to_be_passed(follow: Follow, goal, status) -> None:
    found = follow("energy", goal, months(10, 20, 30))
    assert (found["statut"], found["sens"], found["ecart"]) == (status, "au_plus", 60 - goal)


def test_distinct_people_are_those_of_the_whole_period_never_the_sum(follow: Follow) -> None:
    found = follow("persons_reached", 55, {**months(30, 30, 30), "2026-T1": 45})
    assert (found["statut"], found["valeur"]) == ("non_atteint", 45)


def test_people_without_a_period_of_these_days_say_what_to_declare(follow: Follow) -> None:
    found = follow("persons_reached", 50, months(30, 30, 30, 30), days=FOUR_MONTHS)
    assert (found["statut"], found["valeur"]) == ("non_disponible", None)
    assert "convention = true" in found["motif"]


@pytest.mark.parametrize(
    ("goal", "status"), [(56, "atteint"), (60, "indecidable"), (65, "non_atteint")]
)
def test_an_average_is_that_of_the_months(follow: Follow, goal, status) -> None:
    found = follow("persons_reached", goal, months(50, 75, 55), counting="average")
    assert found["statut"] == status
    assert found["valeur"] == pytest.approx(60)


def test_at_the_end_is_the_last_month(follow: Follow) -> None:
    found = follow("persons_reached", 15, months(NOTHING, 50, 20), counting="at_end")
    assert (found["statut"], found["valeur"]) == ("atteint", 20)
    jobs: dict[str, Any] = {"2025": (5, 9), "2026-03": 100.0}
    found = follow(
        "structures_hosted", 5, jobs, days=("2025-01-01", "2026-02-01"), counting="at_end"
    )
    assert (found["statut"], found["valeur"], found["valeur_min"]) == ("atteint", None, 5)


@pytest.mark.parametrize("counting", ["cumulative", "average"])
def test_a_month_without_a_figure_makes_an_ended_target_unknown(follow: Follow, counting) -> None:
    for missing in (months(100, NOTHING, 100), {"2026-01": 100.0, "2026-03": 100.0}):
        found = follow("visits", 60, missing, counting=counting)
        assert (found["statut"], found["valeur"]) == ("non_disponible", None)
        assert found["motif"]


@pytest.mark.parametrize(
    ("goal", "status"), [(5, "atteint"), (6, "indecidable"), (10, "non_atteint")]
)
def test_a_band_is_decided_where_every_number_of_it_is(follow: Follow, goal, status) -> None:
    found = follow("structures_hosted", goal, {"2025": (5, 9)}, days=LAST_YEAR, counting="at_end")
    assert (found["statut"], found["valeur"], found["diffusion"]) == (status, None, "tranche")
    assert found["motif"]


def test_the_last_band_has_no_end(follow: Follow) -> None:
    found = follow("structures_hosted", 40, {"2025": (20, None)}, days=LAST_YEAR, counting="at_end")
    assert (found["statut"], found["valeur_min"], found["valeur_max"]) == (
        "indecidable",
        None,
        None,
    )


@pytest.mark.parametrize(
    ("indicator", "goal", "status"),
    [("persons_reached", 500, "indecidable"), ("persons_reached", 0, "atteint"),
     ("returning_share", 1.1, "non_atteint"), ("cost", 7, "indecidable")],
)  # fmt: skip
def test_what_is_not_published_may_be_anything_that_its_unit_allows(
    follow: Follow, indicator, goal, status
) -> None:
    found = follow(indicator, goal, months(100, 100, FEW), counting="at_end")
    assert (found["statut"], found["valeur"], found["diffusion"]) == (status, None, "non_diffuse")
    assert FEW in found["motif"] or status != "indecidable"


def test_a_running_target_is_on_its_way_until_the_months_so_far_reach_it(follow: Follow) -> None:
    so_far = months(10, 20, 30, 40)
    found = follow("visits", 101, so_far, days=YEAR)
    assert (found["statut"], found["valeur"], found["ecart"]) == ("en_cours", 100, -1)
    assert "court encore" in found["motif"]
    assert follow("visits", 84, so_far, days=YEAR)["statut"] == "atteint"
    assert follow("visits", 10, so_far, days=YEAR, counting="average")["statut"] == "en_cours"
    assert follow("energy", 1000, so_far, days=YEAR)["statut"] == "en_cours"


def test_a_running_target_with_a_gap_has_no_value_but_may_be_reached(follow: Follow) -> None:
    gap = months(10, NOTHING, 30, 40)
    found = follow("visits", 81, gap, days=YEAR)
    assert (found["statut"], found["valeur"]) == ("en_cours", None)
    assert follow("visits", 68, gap, days=YEAR)["statut"] == "atteint"


@pytest.mark.parametrize(
    ("counting", "value"), [("cumulative", 60), ("average", 20), ("at_end", 30)]
)
def test_what_is_not_published_yet_does_not_count_before_the_end(
    follow: Follow, counting, value
) -> None:
    for late in (months(10, 20, 30, NOTHING), months(10, 20, 30)):
        found = follow("visits", 500, late, days=YEAR, counting=counting)
        assert (found["valeur"], str(found["valeur_jusqu_au"])) == (value, "2026-03-31")
        assert float(found["part_atteinte"]) == value / 500
    nothing = follow("visits", 500, {"2026-01": NOTHING}, days=YEAR, counting=counting)
    assert (nothing["valeur"], nothing["statut"]) == (None, "en_cours")
    assert "encore de chiffre" in nothing["motif"]


def test_people_of_a_running_period_come_at_its_end(follow: Follow) -> None:
    found = follow("persons_reached", 20, months(30, 30, 30, 30), days=YEAR)
    assert (found["statut"], found["valeur"]) == ("en_cours", None)
    assert "à la fin" in found["motif"]


def test_a_target_that_has_not_begun_is_on_its_way(follow: Follow) -> None:
    found = follow("persons_reached", 20, {}, days=("2026-07-01", "2027-03-01"))
    assert (found["statut"], found["valeur"]) == ("en_cours", None)
    assert "pas encore commencé" in found["motif"]


LONG = ("2024-12-01", "2027-01-01")
"""Two years and a month, the second of which runs: its first half is over on the day of the run."""


def test_each_year_of_a_target_has_a_row_with_its_own_value(follow: Follow) -> None:
    so_far = {"2025-11": 30.0, "2025-12": 10.0, **months(20, 30, 40, 50)}
    whole, first, second, third = (
        follow("visits", 200, so_far, days=LONG, year=year) for year in (None, 1, 2, 3)
    )
    assert [row["portee"] for row in (whole, first, third)] == ["ensemble", "annee", "annee"]
    assert [(str(row["debut"]), str(row["fin"])) for row in (first, second, third)] == [
        ("2024-12-01", "2025-11-30"), ("2025-12-01", "2026-11-30"), ("2026-12-01", "2026-12-31"),
    ]  # fmt: skip
    assert [row["statut"] for row in (first, second, third)] == [
        "non_disponible", "en_cours", "a_venir",
    ]  # fmt: skip
    assert first["motif"] and third["motif"]  # of twelve months, one has a figure
    assert (second["valeur"], float(second["part_atteinte"])) == (150, 0.75)
    assert (second["valeur_min"], second["valeur_max"]) == (150 - 5 * MARGIN, 150 + 5 * MARGIN)
    assert (second["cible"], second["ecart"]) == (200, None)  # the target is that of the whole
    assert str(second["valeur_jusqu_au"]) == "2026-04-30"
    assert (whole["valeur"], whole["part_atteinte"]) == (None, None)  # eleven months are not there
    assert "Un mois d'avant" in whole["motif"]


def test_the_share_of_days_that_are_over_is_that_of_the_day_of_the_run(follow: Follow) -> None:
    """20 May 2026: 535 of 761 days, 365 of 365, 170 of 365, none of 31."""
    assert [
        float(follow("visits", 1, {}, days=LONG, year=year)["part_ecoulee"])
        for year in (None, 1, 2, 3)
    ] == [0.703, 1, 0.466, 0]


def test_a_year_of_distinct_people_needs_a_figure_of_these_days(follow: Follow) -> None:
    told = {**months(30, 30, 30), "2025": 45.0}
    two_years = ("2025-01-01", "2027-01-01")
    first = follow("persons_reached", 50, told, days=two_years, year=1)
    assert (first["valeur"], first["statut"], float(first["part_atteinte"])) == (
        45, "terminee", 0.9,
    )  # fmt: skip
    shifted = follow("persons_reached", 50, told, days=("2025-03-01", "2027-03-01"), year=1)
    assert (shifted["valeur"], shifted["statut"]) == (None, "non_disponible")
    assert "voyez toute la durée" in shifted["motif"]


def test_an_average_and_the_last_month_of_a_year_are_compared_with_the_target(
    follow: Follow,
) -> None:
    for counting, value in (("average", 35), ("at_end", 50)):
        found = follow(
            "visits", 40, months(20, 30, 40, 50), days=("2026-01-01", "2028-01-01"),
            counting=counting, year=1,
        )  # fmt: skip
        assert (found["valeur"], found["ecart"], found["statut"]) == (value, value - 40, "en_cours")


def test_nothing_is_divided_by_a_target_of_zero(follow: Follow) -> None:
    assert follow("visits", 0, months(10, 20, 30))["part_atteinte"] is None


@pytest.mark.parametrize(
    ("scope", "seen_as"),
    [
        (("portfolio", "portfolio:aisne"), ("portefeuille", "aisne")),
        (("network", "network"), ("reseau", "reseau")),
    ],
)
def test_a_target_reads_the_figures_of_its_own_scope(follow: Follow, scope, seen_as) -> None:
    found = follow("visits", 60, months(10, 20, 30), scope=scope, seen_as=seen_as)
    assert ((found["niveau"], found["territoire_id"]), found["valeur"]) == (seen_as, 60)
    elsewhere = follow("visits", 60, months(10, 20, 30), scope=scope)
    assert elsewhere["statut"] == "non_disponible"


def test_the_figures_are_read_from_the_release_and_nowhere_else() -> None:
    """So a status cannot say of a hidden figure what the table valeurs does not say."""
    select = PUBLISHED["suivi_objectifs"].select
    assert "release.valeurs" in select
    assert not {"indicator.value", "indicator.result"} & set(select.split())
    names = list(PUBLISHED)
    assert names.index("suivi_objectifs") > names.index("valeurs")
