"""Releases with a fault in them are broken, and one that is rounded and frozen is not."""

import itertools
import json
import math
import random
from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.publication.gate import known
from flows.publication.gate.cells import KEY, Published, Thresholds
from flows.publication.gate.edge import LEFT_OUT, close_gate
from flows.publication.gate.propagation import propagate
from flows.publication.gate.report import keep, last
from flows.publication.gate.verdict import OUTSIDER, judge, look_through, sight_of, year_later
from flows.publication.gate.world import world_of
from flows.publication.once import let_stand
from flows.settings import PROJECT, Settings
from flows.warehouse.examples import differences, prepared
from flows.warehouse.models import Example, read_indicators, read_values
from flows.warehouse.policy import published_cells, read_policy
from schemas.codes import AgeBand, SocialStatus

POLICY = Thresholds(step=5, cases=100, coarse_cases=50, coarse_points=10, people=30)
NO_POLICY = Thresholds(step=1, cases=0, coarse_cases=0, coarse_points=10, people=0)
NAMES = ("a", "b", "c")
COUNTED = {
    "indicator", "level", "breakdown", "unknowns", "published", "exact", "told", "exact_to_places",
    "told_to_places",
}  # fmt: skip
SETTINGS = Settings(home=PROJECT, places=PROJECT, keys=PROJECT)


def cell(indicator, at, period, category, least, most, value=None, status="ok"):
    """One row of `valeurs`; `at` is a place or the network, a category is `by:code`."""
    by, _, code = category.partition(":")
    length, first, last = {
        "2025": ("annee", date(2025, 1, 1), date(2025, 12, 31)),
        "2025-T1": ("trimestre", date(2025, 1, 1), date(2025, 3, 31)),
    }.get(period, ("mois", None, None))
    if length == "mois":
        month = int(period[-2:])
        first = date(2025, month, 1)
        last = date.fromordinal(date(2025, month + 1, 1).toordinal() - 1)
    shown = "non_diffuse" if least is None else "arrondi"
    level = "reseau" if at == "reseau" else "lieu"
    return {
        "indicateur_id": indicator, "niveau": level, "territoire_id": at, "periode": period,
        "granularite": length, "debut": first, "fin": last, "ventilation": by,
        "modalite": code or "ensemble", "valeur": value, "valeur_min": least, "valeur_max": most,
        "diffusion": shown, "statut": status,
        "comptage_personnes": "par_lieu" if level == "reseau" else None,
    }  # fmt: skip


def release(cells, thresholds=POLICY):
    numbers = dict.fromkeys(("valeur", "valeur_min", "valeur_max"), pl.Float64)
    frame = pl.DataFrame(
        cells,
        schema_overrides={**numbers, "comptage_personnes": pl.String},
        infer_schema_length=None,
    )
    members = [("reseau/reseau", f"lieu/{name}") for name in NAMES]
    return Published(frame, pl.DataFrame(members, ["scope", "place"], orient="row"), thresholds)


def told(published, **of):
    """Candidates of an unknown, to an outsider and to the insider who knows most."""
    judged = judge(published).judged.filter(*(pl.col(name) == one for name, one in of.items()))
    return judged


def rounded(number, draw):
    """Bounds of a count that is rounded to 5."""
    low = number - number % 5
    value = low + 5 if draw.random() < (number % 5) / 5 else low
    return max(0, value - 4), value + 4


def test_small_cells_that_are_hidden_one_by_one_come_back_by_subtraction():
    cells = [
        cell("visits", "a", "2025", "ensemble", 100, 100),
        cell("visits", "a", "2025", "service:coworking", 60, 60),
        cell("visits", "a", "2025", "service:fablab", 37, 37),
        cell("visits", "a", "2025", "service:salle", None, None),
    ]
    hidden = told(release(cells), is_published=False)
    assert hidden["candidates"].to_list() == [1]
    left_out = judge(release(cells)).left_out
    assert {*left_out["breakdown"]} == {"ensemble", "service"}, "exact figures have one candidate"


def test_a_share_as_a_double_gives_its_parts_back():
    cells = [
        cell("persons_reached", "a", "2025", "ensemble", 11, 19),
        cell("persons_reached", "a", "2025", "genre:feminin", 6, 14),
        cell("persons_reached", "a", "2025", "genre:masculin", 1, 9),
        cell("persons_reached", "a", "2025", "genre:non_communique", 0, 4),
    ]
    assert not len(judge(release(cells)).left_out)
    share = 10 / 14
    cells.append(cell("women_share", "a", "2025", "ensemble", share, share, share))
    verdict = judge(release(cells, NO_POLICY))
    women = verdict.judged.filter(indicator="women_share")
    assert women["candidates"].to_list() == [1, 1], "10 and 14"
    assert len(verdict.left_out)


def test_two_draws_of_one_period_say_more_than_one():
    once = [cell("visits", "a", "2025", "ensemble", 96, 104)]
    assert not len(judge(release(once)).left_out)
    again = [*once, cell("visits", "a", "2025", "ensemble", 101, 109)]
    left_out = judge(release(again)).left_out
    assert left_out.rows() == [("visits", "lieu", "lieu/a", "2025", "ensemble", OUTSIDER)]


def frozen_release(seed=1):
    """Three places and their network, a quarter and its months, by gender: all rounded, once.

    With what each place knows exactly.
    """
    draw = random.Random(seed)
    people, women = {}, {}
    months = ("2025-01", "2025-02", "2025-03")
    for name, month in itertools.product(NAMES, months):
        people[name, month] = draw.randint(20, 90)
    cells, own = [], []
    for name in NAMES:
        people[name, "2025-T1"] = sum(people[name, month] for month in months)
        women[name] = draw.randint(10, people[name, "2025-T1"] - 10)
    for period in (*months, "2025-T1"):
        exact = {name: people[name, period] for name in NAMES}
        exact["reseau"] = sum(exact.values())
        for at, number in exact.items():
            cells.append(cell("visits", at, period, "ensemble", *rounded(number, draw)))
            own.append(("visits", "", at, period, "ensemble", "ensemble", number))
    women["reseau"] = sum(women.values())
    for at, some in women.items():
        others = sum(people[n, "2025-T1"] for n in NAMES if at in (n, "reseau")) - some
        for service, number in (("coworking", some), ("fablab", others)):
            category = f"service:{service}"
            cells.append(cell("visits", at, "2025-T1", category, *rounded(number, draw)))
            own.append(("visits", "", at, "2025-T1", "service", service, number))
    frame = pl.DataFrame(own, [*KEY, "exact"], orient="row").cast({"exact": pl.Float64})
    frame = frame.with_columns(scope=pl.lit("lieu/") + pl.col("scope"))
    mine = {f"lieu/{name}": frame.filter(scope=f"lieu/{name}") for name in NAMES}
    return release(cells), mine


@pytest.mark.parametrize("seed", range(4))
def test_a_release_that_is_rounded_once_passes_outsiders(seed):
    verdict = judge(frozen_release(seed)[0])
    assert not len(verdict.left_out)
    assert (verdict.judged["candidates"] >= 5).all()


@pytest.mark.parametrize("seed", range(4))
def test_the_truth_is_never_lost_to_outsiders_or_places(seed):
    published, own = frozen_release(seed)
    world = world_of(published)
    found = propagate(world.system, world.bounds)
    true = world.unknowns.join(pl.concat(own.values()), on=list(KEY))
    number = true["unknown"].to_numpy()
    assert len(number) == 3 * 4 + 3 * 2
    assert (found.lower[number] <= true["exact"].to_numpy()).all()
    assert (found.upper[number] >= true["exact"].to_numpy()).all()


def test_a_place_that_knows_its_own_tells_the_other_of_two():
    """Bounds that leave an outsider nine values leave who is one of the places one."""
    cells = [
        cell("visits", "a", "2025", "ensemble", 46, 54),
        cell("visits", "b", "2025", "ensemble", 26, 34),
        cell("visits", "c", "2025", "ensemble", 0, 0, status="not_open"),
        cell("visits", "reseau", "2025", "ensemble", 72, 80),
    ]
    own = pl.DataFrame(
        [("visits", "", "lieu/a", "2025", "ensemble", "ensemble", 46.0)],
        [*KEY, "exact"],
        orient="row",
    )
    for exact, left in ((46.0, 9), (54.0, 1)):
        mine = {"lieu/a": own.with_columns(exact=pl.lit(exact))}
        judged, _telling = look_through(sight_of(world_of(release(cells))), mine)
        assert judged.filter(scope="lieu/b")["insiders"].to_list() == [left]
    assert not len(judge(release(cells)).left_out), "an outsider learns nothing"
    assert judge(release(cells), mine).left_out["who"].to_list() == ["lieu/a"]


def test_what_was_published_stands_and_what_is_new_beside_it_goes():
    old = [
        cell("visits", "a", "2025-01", "ensemble", 96, 104) | {"stands": True},
        cell("visits", "b", "2025-01", "ensemble", 96, 99) | {"stands": True},
        cell("coworking_days", "b", "2025-02", "ensemble", 101, 109) | {"stands": True},
    ]
    new = [
        cell("coworking_days", "a", "2025-01", "ensemble", 101, 109) | {"stands": False},
        cell("coworking_days", "b", "2025-01", "ensemble", 46, 54) | {"stands": False},
        cell("visits", "b", "2025-02", "ensemble", 96, 104) | {"stands": False},
        cell("visits", "c", "2025-01", "ensemble", 50, 52) | {"stands": False},
    ]
    left_out = judge(release(old + new)).left_out
    # what was too narrow already is no reason to leave out what says no more of it
    assert sorted(left_out.select("indicator", "scope").rows()) == [
        ("coworking_days", "lieu/a"),
        ("visits", "lieu/b"),
        ("visits", "lieu/c"),
    ]


def test_what_everybody_knows_to_be_nothing_is_not_protected():
    cells = [
        cell("visits", "a", "2025", "ensemble", None, None, status="not_open"),
        cell("visits", "a", "2025", "service:coworking", None, None),
        cell("visits", "b", "2025", "ensemble", 46, 54),
    ]
    judged = judge(release(cells)).judged
    assert judged["scope"].to_list() == ["lieu/b"]


def test_what_was_left_out_a_year_before_is_not_drawn():
    cells = [cell("visits", at, "2025", "ensemble", 46, 54) for at in NAMES]
    later = [
        one | {"periode": "2026", "debut": date(2026, 1, 1), "fin": date(2026, 12, 31)}
        for one in cells
    ]
    published = release(cells + later)
    failed = judge(release([*cells, cell("visits", "a", "2025", "ensemble", 50, 50)])).left_out
    assert failed["scope"].to_list() == ["lieu/a"]
    assert year_later(failed, published).rows() == [
        ("visits", "lieu", "lieu/a", "2026", "ensemble")
    ]
    stand = release([one | {"stands": one["periode"] == "2026"} for one in cells + later])
    assert not len(year_later(failed, stand)), "what was published stays"


def test_every_figure_of_the_policy_is_known_to_the_gate():
    headers = {name: model.header for name, model in read_indicators(SETTINGS.sql).items()}
    published = {
        cells.indicator_id for cells in published_cells(read_policy(SETTINGS, headers), headers)
    }
    kinds = (known.COUNTS, known.QUOTIENTS, known.OF_KNOWN_BASE, known.INDICES, known.APART)
    assert published == {*itertools.chain(*kinds)}
    assert sum(len(kind) for kind in kinds) == len(published), "each once"


@st.composite
def tables(draw):
    """Two categories of two places, with totals: counts, and the bounds that are published."""
    counts = {(p, c): draw(st.integers(0, 5)) for p in ("a", "b") for c in ("coworking", "fablab")}
    width = st.integers(0, 3)
    return counts, [(draw(width), draw(width)) for _cell in range(9)]


@given(tables())
@settings(max_examples=30, deadline=None)
def test_small_tables_agree_with_all_their_worlds(drawn):
    counts, margins = drawn
    places, services = ("a", "b"), ("coworking", "fablab")

    def sums(cells):
        whole = {(p, "ensemble"): sum(cells[p, c] for c in services) for p in places}
        whole |= {("reseau", c): sum(cells[p, c] for p in places) for c in services}
        return {**cells, **whole, ("reseau", "ensemble"): sum(cells.values())}

    bounds = {
        at: (max(0, number - below), number + above)
        for (at, number), (below, above) in zip(sums(counts).items(), margins, strict=True)
    }
    cells = [
        cell("visits", at, "2025", code if code == "ensemble" else f"service:{code}", *pair)
        for (at, code), pair in bounds.items()
    ]
    published = release(cells)._replace(
        members=pl.DataFrame({"scope": ["reseau/reseau"] * 2, "place": ["lieu/a", "lieu/b"]})
    )
    world = world_of(published)
    found = propagate(world.system, world.bounds)
    order = [
        (scope.partition("/")[2], category)
        for scope, category in world.unknowns.select("scope", "category").rows()
    ]
    worlds = []
    for numbers in itertools.product(*(range(bounds[k][0], bounds[k][1] + 1) for k in counts)):
        whole = sums(dict(zip(counts, numbers, strict=True)))
        if all(low <= whole[at] <= high for at, (low, high) in bounds.items()):
            worlds.append([whole[at] for at in order])
    worlds = np.array(worlds)
    assert (found.lower <= worlds.min(axis=0)).all() and (found.upper >= worlds.max(axis=0)).all()


def test_what_says_too_much_is_empty_in_the_release_and_says_why(tmp_path):
    """Coworking days are visits: where both are the same number, two draws of it are published."""
    nobody = "place_id | person_key | checked_in_at\np1 | a | 2025-01-06 10:00"
    example = Example(name="gate", given={"core.attendance": nobody}, expect="scope_id | period_id")
    differences(read_indicators(SETTINGS.sql)["visits"], example, SETTINGS)
    warehouse = prepared(SETTINGS.sql, SETTINGS.reference).warehouse
    values, _kept = read_values(SETTINGS.sql)
    warehouse.execute(f"CREATE OR REPLACE TABLE indicator.value AS {values.select}")
    cells = release(
        [
            cell("visits", "p1", "2025-01", "ensemble", 96, 104, 100),
            cell("coworking_days", "p1", "2025-01", "ensemble", 101, 109, 105),
            cell("visits", "p1", "2025-02", "ensemble", 96, 104, 100),
            cell("coworking_days", "p1", "2025-02", "ensemble", 91, 99, 95),
        ]
    ).values.with_columns(
        affichage=pl.lit("100"), part_observee=1.0, motif=pl.lit(None, pl.String),
        publication_id=pl.lit("p"), publiee_le=date(2026, 1, 1), revision=0, version=1,
        etat=pl.lit("definitif"), lieux_contributeurs=1, lieux_attendus=1,
    )  # fmt: skip
    # what was published before stays, whatever is told
    cells = pl.concat([
        cells,
        cells.filter(periode="2025-01").with_columns(
            periode=pl.lit("2025-03"), debut=date(2025, 3, 1), fin=date(2025, 3, 31),
            publication_id=pl.lit("before"),
        ),
    ])  # fmt: skip
    warehouse.execute("CREATE OR REPLACE TABLE registry.publication AS SELECT 'p' publication_id")
    warehouse.execute("ATTACH ':memory:' AS release")
    try:
        warehouse.register("cells", cells)
        warehouse.execute("CREATE TABLE release.valeurs AS FROM cells")
        before = "SELECT * FROM cells WHERE publication_id = 'before'"
        warehouse.execute(f"INSERT INTO ledger.published_value BY NAME {before}")
        let_stand(warehouse, SETTINGS.sql)
        found = close_gate(warehouse)
        rows = warehouse.execute(
            "SELECT indicateur_id, periode, valeur_min, valeur, diffusion, motif, (valeur_max, affichage, part_observee, publiee_le, revision), etat "
            "FROM release.valeurs"
        ).fetchall()
    finally:
        warehouse.execute("DETACH release")
        warehouse.execute("DELETE FROM ledger.published_value")
        warehouse.execute("DROP VIEW standing_value")
        warehouse.execute("DROP TABLE new_value")
    dated = ("100", 1.0, date(2026, 1, 1), 0)
    assert [table["period"] for table in found["left_out"]] == ["2025-01"]
    assert {*found["counts"][0]} == COUNTED and json.dumps(found)
    # a night that leaves nothing out names what stays out all the same
    keep(tmp_path, found)
    keep(tmp_path, {**found, "left_out": []})
    assert last(tmp_path)["left_out"] == found["left_out"]
    assert sorted(rows) == [
        (
            "coworking_days",
            "2025-01",
            None,
            None,
            "non_diffuse",
            LEFT_OUT,
            (None, None, None, date(2026, 1, 1), 0),
            "definitif",
        ),
        ("coworking_days", "2025-02", 91, 95, "arrondi", None, (99, *dated), "definitif"),
        ("coworking_days", "2025-03", 101, 105, "arrondi", None, (109, *dated), "definitif"),
        ("visits", "2025-01", 96, 100, "arrondi", None, (104, *dated), "definitif"),
        ("visits", "2025-02", 96, 100, "arrondi", None, (104, *dated), "definitif"),
        ("visits", "2025-03", 96, 100, "arrondi", None, (104, *dated), "definitif"),
    ]


def blau(counts):
    return (1 - sum((n / sum(counts)) ** 2 for n in counts)) / (1 - 1 / 4)


def shannon(counts):
    return -sum(n / sum(counts) * math.log(n / sum(counts)) for n in counts if n) / math.log(7)


@pytest.mark.parametrize(
    ("index", "by", "codes", "formula"),
    [
        ("status_mix_index", "statut_social", SocialStatus, blau),
        ("age_mix_index", "tranche_age", AgeBand, shannon),
    ],
    ids=["status", "age"],
)
def test_an_index_tells_of_its_counts_what_its_digits_say_and_never_what_is_wrong(
    index, by, codes, formula
):
    true = dict(zip(codes.values(), (31, 8, 12, 7, 4, 3, 2, 0), strict=False))
    total, known = sum(true.values()), [n for code, n in true.items() if code != "non_communique"]
    shown = dict(true)
    if index == "age_mix_index":
        young = ("moins_de_douze", "douze_dix_huit")
        shown = {"moins_de_dix_huit": sum(shown.pop(code) for code in young), **shown}

    def found(margin):
        cells = [cell("persons_reached", "a", "2025", "ensemble", total, total)]
        cells += [
            cell("persons_reached", "a", "2025", f"{by}:{code}", *((0, n + 4) if n > 7 else (n, n)))
            for code, n in shown.items()
        ]
        said = formula(known)
        cells.append(cell(index, "a", "2025", "ensemble", said - margin, said + margin, said))
        world = world_of(release(cells, NO_POLICY))
        bounds = propagate(world.system, world.bounds)
        counted = world.unknowns.filter(breakdown=by)
        width = 0
        for unknown, category in counted.select("unknown", "category").rows():
            exact = (shown | true)[category]
            assert bounds.lower[unknown] <= exact <= bounds.upper[unknown], category
            width += bounds.upper[unknown] - bounds.lower[unknown]
        return width

    assert found(1e-9) <= found(0.005) <= found(1.0)
    assert found(1e-9) < found(1.0), "the digits say something"


HIDDEN = (None, None)


@pytest.mark.parametrize(
    ("indicator", "cells", "least", "most"),
    [
        # a sum is what the other parts leave; of different people it is at least that
        ("visits", [("a", "2025-T1", 10), ("a", "2025-01", 4), ("a", "2025-02", 3)], 3, 3),
        ("persons_reached", [("a", "2025-T1", 10), ("a", "2025-01", 4), ("a", "2025-02", 3)], 3, 10),
        ("structures_hosted", [("reseau", "2025-03", 9), ("b", "2025-03", 4), ("c", "2025-03", 2)], 3, 9),
        # one key a place: who comes to two counts twice
        ("persons_reached", [("reseau", "2025-03", 9), ("b", "2025-03", 4), ("c", "2025-03", 2)], 3, 3),
        ("visits", [("reseau", "2025-03", 9), ("b", "2025-03", 4), ("c", "2025-03", 2)], 3, 3),
        ("visits", [("a", "2025-03", 9), ("a", "2025-T1", 9)], 9, 9),
    ],
    ids=["months", "people of months", "organisations", "people", "places", "at most the whole"],
)  # fmt: skip
def test_what_is_hidden_is_bounded_by_what_it_is_a_part_of(indicator, cells, least, most):
    shown = [cell(indicator, at, period, "ensemble", n, n) for at, period, n in cells]
    months = {one["periode"] for one in shown if one["territoire_id"] == "a"}
    if "2025-03" not in months:
        shown.append(cell(indicator, "a", "2025-03", "ensemble", *HIDDEN))
    world = world_of(release(shown))
    found = propagate(world.system, world.bounds)
    hidden = world.unknowns.filter(scope="lieu/a", period="2025-03")["unknown"].item()
    assert (found.lower[hidden], found.upper[hidden]) == (least, most)


def own_of(*figures):
    """What `a` knows of its visits: period, characteristic, category, number."""
    rows = [("visits", "", "lieu/a", *figure) for figure in figures]
    return {"lieu/a": pl.DataFrame(rows, [*KEY, "exact"], orient="row")}


def test_a_place_knows_that_a_category_without_a_row_is_a_zero_of_its_own():
    cells = [
        cell("visits", "a", "2025", "service:fablab", 0, 4),
        cell("visits", "b", "2025", "service:fablab", 10, 18),
        cell("visits", "c", "2025", "service:fablab", None, None, status="not_open"),
        cell("visits", "reseau", "2025", "service:fablab", 17, 25),
    ]
    assert not len(judge(release(cells)).left_out)
    own = own_of(("2025", "service", "coworking", 3.0))
    assert judge(release(cells), own).left_out["who"].to_list() == ["lieu/a"]


def test_what_a_place_is_told_by_figures_that_stand_takes_nothing_new_away():
    old = [
        cell("visits", "a", "2025-01", "ensemble", 46, 54),
        cell("visits", "b", "2025-01", "ensemble", 26, 34),
        cell("visits", "c", "2025-01", "ensemble", None, None, status="not_open"),
        cell("visits", "reseau", "2025-01", "ensemble", 72, 80),
    ]
    new = cell("visits", "reseau", "2025-T1", "ensemble", 196, 204)
    cells = [one | {"stands": True} for one in old] + [new | {"stands": False}]
    own = own_of(("2025-01", "ensemble", "ensemble", 54.0))
    assert not len(judge(release(cells), own).left_out)
    assert len(judge(release([*old, new]), own).left_out), "all of it new"
