"""The policy, told from the release alone; and figures, from the definition."""

import hashlib
from math import floor

import duckdb
import pytest

from flows.publication.secret import PUBLIC
from tests.end_to_end.policy_of_release import RULES, faults


@pytest.fixture
def copy(published):
    """The release in memory, where a test may spoil it."""
    file = published.settings.current_release.resolve()
    with duckdb.connect() as memory:
        memory.execute(f"ATTACH '{file}' AS r (READ_ONLY)")
        for table in ("valeurs", "indicateurs", "lieux"):
            memory.execute(f"CREATE TABLE {table} AS FROM r.{table}")
        yield memory


def test_the_release_of_the_demonstration_keeps_every_rule(copy):
    assert faults(copy) == []


FTE = "(SELECT * REPLACE ('2025-03' AS periode, 'mois' AS granularite) FROM valeurs WHERE indicateur_id = 'direct_fte' AND granularite = 'annee')"
PLANTED = {
    "a share that is no multiple of five points":
        "UPDATE valeurs SET valeur = 0.7142857142857143, valeur_min = 0.7, valeur_max = 0.8 "
        "WHERE indicateur_id = 'women_share' AND valeur IS NOT NULL",
    "work by less than a year": f"INSERT INTO valeurs FROM {FTE}",
    "a full-time equivalent that is no half":
        "UPDATE valeurs SET valeur = valeur + 0.0143 WHERE indicateur_id = 'direct_fte'",
    "a category without a row":
        "DELETE FROM valeurs WHERE ventilation <> 'ensemble' AND affichage = '0–4'",
    "a count that is no multiple of five":
        "UPDATE valeurs SET valeur = 3 WHERE indicateur_id = 'visits' AND valeur > 0",
    "jobs of a place that are no band":
        "UPDATE valeurs SET valeur = 7, diffusion = 'arrondi' WHERE indicateur_id = 'jobs_started'",
    "a figure outside of its bounds, or without them":
        "UPDATE valeurs SET valeur_max = NULL WHERE indicateur_id = 'persons_reached'",
    "a characteristic finer than it may be":
        "UPDATE valeurs SET granularite = 'mois' WHERE ventilation = 'genre'",
    "minors in two classes":
        "UPDATE valeurs SET modalite = 'moins_de_douze' WHERE modalite = 'moins_de_dix_huit'",
    "an index with more than two decimals":
        "UPDATE valeurs SET valeur = 0.8412345 WHERE indicateur_id = 'age_mix_index'",
}  # fmt: skip


@pytest.mark.parametrize("rule", PLANTED, ids=lambda rule: rule.replace(" ", "-"))
def test_a_planted_fault_is_found(copy, rule):
    copy.execute(PLANTED[rule])
    assert rule in RULES
    assert rule in faults(copy)


def drawn(key: str) -> float:
    digest = hashlib.sha256(f"{PUBLIC}:{key}:{PUBLIC}".encode()).hexdigest()
    return int(digest[:13], 16) / 2**52


def stepped(number: float, step: float, u: float) -> float:
    below = floor(number / step)
    return step * (below + (u < number / step - below))


CELLS = [
    ("visits", "la-machinerie", "2026-05"), ("persons_reached", "le-faitout-connecte", "2025"),
    ("accompaniments", "le-faitout-connecte", "2026-T2"), ("women_share", "la-machinerie", "2025"),
    ("on_site_resolution_rate", "le-faitout-connecte", "2026-03"),
]  # fmt: skip


@pytest.mark.parametrize("cell", CELLS, ids="-".join)
def test_a_figure_is_what_the_definition_says(published, copy, cell):
    with duckdb.connect(str(published.settings.warehouse), read_only=True) as warehouse:
        [(numerator, denominator, of, base)] = warehouse.execute(
            "SELECT numerator, denominator, numerator_key, base_key FROM indicator.figure "
            "WHERE indicator_id = ? AND scope_id = ? AND period_id = ? AND breakdown = 'all'", cell,
        ).fetchall()  # fmt: skip
    [(value, least, most)] = copy.execute(
        "SELECT valeur, valeur_min, valeur_max FROM valeurs WHERE indicateur_id = ? "
        "AND territoire_id = ? AND periode = ? AND ventilation = 'ensemble'", cell,
    ).fetchall()  # fmt: skip
    if denominator is None:
        assert value == stepped(numerator, 5, drawn(str(int(of))))
        assert (least, most) == (max(0, value - 4), value + 4)
    else:
        points = 5 if stepped(denominator, 5, drawn(str(int(base)))) >= 100 else 10
        share = 100 * numerator / denominator
        assert value == pytest.approx(stepped(share, points, drawn(f"{int(of)}/{int(base)}")) / 100)
        assert least <= numerator / denominator <= most


def test_what_a_theme_or_a_month_has_is_rounded_as_its_equal_elsewhere(published, copy):
    """Equal keys in the warehouse, one value in the release."""
    copy.execute(f"ATTACH '{published.settings.warehouse}' AS w (READ_ONLY)")
    assert (
        copy.execute(
            """SELECT e.numerator_key FROM valeurs AS v JOIN w.indicator.figure AS e
                ON e.indicator_id = v.indicateur_id AND e.scope_id = v.territoire_id
                AND e.period_id = v.periode AND v.niveau = 'lieu'
            JOIN w.registry.breakdown AS b ON b.breakdown = e.breakdown AND b.label_fr = v.ventilation
            WHERE CASE e.category WHEN 'all' THEN 'ensemble' ELSE e.category END = v.modalite
              AND v.indicateur_id IN ('visits', 'accompaniments', 'service_uses', 'persons_reached')
              AND v.valeur IS NOT NULL AND e.numerator_key IS NOT NULL
            GROUP BY ALL HAVING count(DISTINCT v.valeur) > 1 AND count(DISTINCT e.numerator) = 1"""
        ).fetchall()
        == []
    )
