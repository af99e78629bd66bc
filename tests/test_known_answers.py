"""Figures whose answer is known from elsewhere: by hand, from a rule, or from another program."""

from collections import Counter
from datetime import date, timedelta

import networkx as nx
import pytest
from networkx.algorithms.bipartite import weighted_projected_graph

from flows.settings import PROJECT, Settings
from flows.warehouse.examples import differences, fill_given, prepared, restore
from flows.warehouse.models import FEED_TABLES, Example, Model, needed, read_indicators
from schemas.codes import ExitReason

SETTINGS = Settings(home=PROJECT, places=PROJECT, keys=PROJECT)
INDICATORS = read_indicators(SETTINGS.sql)


def check(indicator: str, table: str, rows: str, expect: str) -> None:
    """The indicator gives what is expected of these rows, in the world of the worked examples."""
    example = Example(name="known", given={table: rows}, expect=expect)
    assert differences(INDICATORS[indicator], example, SETTINGS) == []


def visitors(column: str, codes: list[str]) -> str:
    """One visit each of as many people as there are codes."""
    lines = [f"p1 | {number} | 2026-01-05 10:00 | {code}" for number, code in enumerate(codes)]
    return "\n".join([f"place_id | person_key | checked_in_at | {column}", *lines])


AGES = ["moins_de_douze", "douze_dix_huit", "dix_huit_vingt_quatre", "vingt_cinq_trente_neuf",
        "quarante_cinquante_neuf", "soixante_soixante_neuf", "soixante_dix_plus"]  # fmt: skip


@pytest.mark.parametrize(
    ("ages", "entropy", "index"),
    [
        # p = 1/2, 1/4, 1/4
        # -Σ p ln p = 1/2 ln 2 + 2 × 1/4 ln 4 = 1/2 ln 2 + ln 2 = 3/2 × 0.69314718056
        # divided by ln 7 = 1.94591014906: 1.03972077084 ÷ 1.94591014906 = 0.53431078067
        ([AGES[0], AGES[0], AGES[3], AGES[6]], 1.03972077084, 0.53431078067),
        # p = 1/3, 2/3: 1/3 ln 3 + 2/3 (ln 3 - ln 2) = ln 3 - 2/3 ln 2
        # = 1.09861228867 - 0.46209812037 = 0.63651416830; ÷ ln 7 = 0.32710357683
        ([AGES[1], AGES[2], AGES[2]], 0.63651416830, 0.32710357683),
        # seven bands of one person each: 7 × 1/7 ln 7 = ln 7, the most there is
        (AGES, 1.94591014906, 1),
        # one band: 1 × ln 1 = 0
        ([AGES[4]] * 3, 0, 0),
    ],
)
def test_age_mix_is_the_shannon_index_over_seven_bands(ages, entropy, index):
    check(
        "age_mix_index",
        "core.attendance",
        visitors("age_band", ages),
        f"scope_id | period_id | numerator | value\np1 | 2026-01 | {entropy} | {index}",
    )


@pytest.mark.parametrize(
    ("statuses", "blau", "index"),
    [
        # p = 2/4, 1/4, 1/4: 1 - (4 + 1 + 1)/16 = 10/16; the most for four groups is
        # 1 - 4 × 1/16 = 3/4; 10/16 ÷ 3/4 = 5/6
        (["scolarise", "scolarise", "en_emploi", "retraite"], 0.625, 0.83333333333),
        # p = 3/5, 2/5: 1 - (9 + 4)/25 = 12/25; 12/25 × 4/3 = 16/25
        (["sans_emploi"] * 3 + ["en_emploi"] * 2, 0.48, 0.64),
        # four equal groups: 1 - 4/16 = 3/4, the most there is
        (["scolarise", "sans_emploi", "en_emploi", "retraite"], 0.75, 1),
        (["retraite", "retraite"], 0, 0),
    ],
)
def test_status_mix_is_the_blau_index_over_four_statuses(statuses, blau, index):
    check(
        "status_mix_index",
        "core.attendance",
        visitors("social_status", statuses),
        f"scope_id | period_id | numerator | value\np1 | 2026-01 | {blau} | {index}",
    )


@pytest.mark.parametrize(
    ("weekly_minutes", "started_on", "fte"),
    [
        # 35 h a week are 35 × 52 ÷ 12 = 151.67 h a month, which is one full-time equivalent
        (35 * 60, "2025-01-01", 1),
        # 24 h a week are 24 × 52 ÷ 12 = 104 h a month: 104 ÷ 151.67 = 0.6857 = 24 ÷ 35
        (24 * 60, "2025-01-01", 0.68571428571),
        # 17 h 30 are half of it: 75.83 ÷ 151.67
        (17 * 60 + 30, "2025-01-01", 0.5),
        # 39 h with overtime are 169 h a month, and still one person
        (39 * 60, "2025-01-01", 1),
        # from the 16th of a month of thirty days: 15 ÷ 30 of the month
        (35 * 60, "2026-06-16", 0.5),
    ],
)
def test_an_fte_is_35_hours_a_week_or_151_67_a_month(weekly_minutes, started_on, fte):
    monthly_hours = weekly_minutes / 60 * 52 / 12
    if started_on < "2026-06-01":
        assert min(1, monthly_hours / 151.67) == pytest.approx(fte, abs=1e-4)
    check(
        "direct_fte",
        "core.employment",
        "place_id | record_id | person_key | relation | contract_type | started_on | weekly_minutes\n"
        f"p1 | 1 | a | equipe | CDD | {started_on} | {weekly_minutes}",
        f"scope_id | period_id | value\np1 | 2026-06 | {fte}",
    )


EXITS = {
    # emploi durable: CDI, CDD or interim of more than six months, civil service, a company created
    "durable": ["cdi", "cdd_plus_6m", "fonction_publique", "creation_entreprise"],
    # emploi de transition: less than six months, an aided contract elsewhere
    "transition": ["cdd_moins_6m", "contrat_aide"],
    # sortie positive: training for a qualification, another structure of insertion
    "positive": ["formation", "autre_siae"],
    "not dynamic": ["chomage", "inactif", "inconnu"],
    # neither numerator nor denominator
    "neutralised": ["retraite", "deces", "maladie_longue"],
}


@pytest.mark.parametrize("category", EXITS)
def test_an_exit_is_dynamic_when_it_is_lasting_transitional_or_positive(category):
    reasons = EXITS[category]
    lines = [
        f"p1 | {n} | person{n} | equipe | CDDI | true | 2024-06-01 | 2025-03-31 | 1560 | {reason}"
        for n, reason in enumerate(reasons)
    ]
    dynamic = len(reasons) if category in ("durable", "transition", "positive") else 0
    exits = "" if category == "neutralised" else len(reasons)
    check(
        "dynamic_exit_rate",
        "core.employment",
        "\n".join(
            [
                "place_id | record_id | person_key | relation | contract_type | is_insertion "
                "| started_on | ended_on | weekly_minutes | exit_reason",
                *lines,
            ]
        ),
        f"scope_id | period_id | numerator | denominator\np1 | 2025 | {dynamic} | {exits}",
    )


def test_every_reason_of_an_exit_has_its_official_category():
    assert sorted(reason for reasons in EXITS.values() for reason in reasons) == sorted(
        ExitReason.values()
    )


def southern_women() -> tuple[Counter[tuple[str, str]], str]:
    """How often each two of 18 people were at one event, and the same events as presences."""
    graph = nx.davis_southern_women_graph()
    people = {name: f"w{n:02}" for n, name in enumerate(graph.graph["top"])}
    common = weighted_projected_graph(graph, graph.graph["top"])
    weights = Counter(
        {
            (min(people[a], people[b]), max(people[a], people[b])): weight
            for a, b, weight in common.edges(data="weight")
        }
    )
    days = [date(2025, 10, 6) + timedelta(5 * n) for n in range(len(graph.graph["bottom"]))]
    lines = [
        f"p1 | {people[name]} | {day} 14:00 | {day} 16:00"
        for day, event in zip(days, graph.graph["bottom"], strict=True)
        for name in graph[event]
    ]
    header = "place_id | person_key | checked_in_at | checked_out_at"
    return weights, "\n".join([header, *lines])


def meetings(presences: str, least_days: int) -> tuple[Counter[tuple[str, str]], int]:
    """Days on which each pair met in the last weeks of 2025, and how many ties there are."""
    known = prepared(SETTINGS.sql, SETTINGS.reference)
    core, warehouse = known.core, known.warehouse
    ties: Model = core["core.tie"]
    wanted = (needed(ties, core) | {ties.name}) - FEED_TABLES.keys()
    coefficient = "\n".join(
        ["name | value | unit", f"tie_min_days | {least_days} | days"]
        + [
            " | ".join(str(cell) for cell in row)
            for row in warehouse.execute(
                "SELECT name, value, unit FROM usual.registry_coefficient "
                "WHERE name <> 'tie_min_days'"
            ).fetchall()
        ]
    )
    given = {"core.attendance": presences, "registry.coefficient": coefficient}
    example = Example(name="known", given=given, expect="")
    try:
        fill_given(warehouse, example)
        known.compute(wanted, given)
        pairs = warehouse.execute(
            "SELECT a.person_key, b.person_key, count(*) FROM core.co_presence AS c "
            "INNER JOIN core.regular AS a ON a.number = c.number_a "
            "INNER JOIN core.regular AS b ON b.number = c.number_b "
            "WHERE a.period_id = '2025' GROUP BY ALL"
        ).fetchall()
        row = warehouse.execute("SELECT count(*) FROM core.tie WHERE period_id = '2025'").fetchone()
    finally:
        restore(warehouse, example)
    return Counter({(a, b): days for a, b, days in pairs}), row[0] if row else 0


def test_who_met_whom_is_what_networkx_finds_among_the_southern_women():
    weights, presences = southern_women()
    assert len(weights) == 139
    found, _ties = meetings(presences, least_days=1)
    assert found == weights


@pytest.mark.parametrize(("least_days", "ties"), [(1, 139), (2, 95), (3, 46)])
def test_as_many_pairs_of_southern_women_met_on_one_two_and_three_days_as_is_known(
    least_days, ties
):
    weights, presences = southern_women()
    assert sum(days >= least_days for days in weights.values()) == ties
    assert meetings(presences, least_days)[1] == ties
