"""Deliveries as they come, made from a truth that is known: `ok` may be believed, and nothing is
altered without a word.

Each place delivers a register, uses of services and contracts, each in one form and with some rows
damaged. Of a delivery that is refused as a whole, no figure is `ok`.
"""

from __future__ import annotations

import random
from typing import Any

import pytest

from flows.settings import Settings
from flows.stages.build import build_warehouse
from flows.stages.collect import collect_place
from flows.stages.request import Request
from tests.conftest import AS_OF
from tests.true_deliveries import Delivery, delivery
from tests.true_kinds import END, KINDS, MONTHS

TOLERATED = 0.05
SAYS_A_NUMBER = ("ok", "identified_per_source")

Truths = dict[tuple[str, str], Delivery]
"""Place and feed → what is true of its delivery."""


def live(folder: Any, make_place: Any, seed: int, deliveries: int) -> tuple[Settings, Truths]:
    """A network in which each place has delivered once of each kind; what is true of each."""
    rng = random.Random(seed)
    settings = Settings(home=folder / "home", places=folder, keys=folder / "keys")
    places, truths = [], {}
    for number in range(deliveries // len(KINDS)):
        id, files, sources = f"p{number:05}", {}, []
        for kind in KINDS:
            truths[id, kind.feed], ending, content = delivery(rng, kind)
            name = f"{id}-{kind.name}-{MONTHS[0]}-{END}.{ending}"
            files[name] = content
            sources.append(
                {"id": kind.name, "feed": kind.feed, "path": name, "columns": kind.columns,
                 "coverage": kind.coverage}
            )  # fmt: skip
        declared = {
            "id": id, "opened_on": MONTHS[0], "services": ["coworking", "formation", "fablab"],
            "tolerated_quarantine_share": TOLERATED,
        }  # fmt: skip
        place = make_place(folder, files, declared, sources)
        collect_place(place, settings, Request(as_of=AS_OF))
        places.append(place)
    build_warehouse(places, settings, AS_OF, force=True)
    return settings, truths


def assert_believable(settings: Settings, truths: Truths, read: Any) -> None:
    figures = [name for kind in KINDS for name in kind.figures]
    found = {
        key: (status, value)
        for *key_, status, value in read(
            settings,
            "SELECT scope_id, indicator_id, period_id, status, value FROM indicator.value WHERE "
            f"scope_type = 'place' AND breakdown = 'all' AND indicator_id IN {tuple(figures)}",
        )
        for key in [tuple(key_)]
    }
    wrong, believed = [], dict.fromkeys(figures, 0)
    for (place, _feed), truth in truths.items():
        for month in MONTHS:
            for figure, count in truth.kind.figures.items():
                status, value = found[place, figure, f"{month:%Y-%m}"]
                says = status in SAYS_A_NUMBER
                expected = count(truth.kept(), month)
                is_told = not (
                    truth.is_refused
                    or truth.is_partial(month, TOLERATED)
                    or not truth.is_proven(month)
                )
                is_right = says == is_told and (not says or abs(value - expected) < 1e-9)
                if not (is_right or (truth.may_be_refused and not says)):
                    wrong.append((place, figure, month, status, value, expected, truth.lost(month)))
                believed[figure] += says
    assert wrong == []
    assert min(believed.values()) > len(truths) / len(KINDS), believed


def test_what_is_ok_may_be_believed_of_three_hundred_deliveries(
    tmp_path: Any, make_place: Any, read: Any
) -> None:
    assert_believable(*live(tmp_path, make_place, seed=1, deliveries=300), read)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 120))
def test_what_is_ok_may_be_believed_of_ten_thousand_deliveries(
    tmp_path: Any, make_place: Any, read: Any, seed: int
) -> None:
    assert_believable(*live(tmp_path, make_place, seed=seed, deliveries=501), read)
