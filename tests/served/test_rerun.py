"""A rerun that a person asks for: seen first, and never published over what stands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, get_args

import httpx
import pytest

from flows.publication.release import current_id
from flows.runs.rerun_form import PULL, Mode
from flows.warehouse.database import open_warehouse, writer_lock
from tests.served.person import (
    RECOMPUTE,
    REREAD,
    Rehearsal,
    artifacts,
    ask,
    computed,
    kind,
    published,
    put_export,
    rehearse,
    traceback_lines,
)
from tests.served.service import Served


def test_the_form_is_for_people_in_both_languages_and_knows_the_places(figures: Served) -> None:
    [found] = figures.ask("/deployments/filter", deployments={"name": {"any_": ["refaire-rerun"]}})
    schema = found["parameter_openapi_schema"]
    assert schema["definitions"]["PlaceChoice"]["enum"] == ["le-lieu"]
    fields = schema["definitions"]["Rerun"]["properties"]
    assert fields["places"]["title"] == "Lieux / Places"
    assert fields["first_day"]["anyOf"][0]["format"] == "date"
    assert "Refaire" in found["description"]
    assert "Rerun" in found["description"]
    for wrong in ({"places": ["ailleurs"]}, {"mode": "tout"}):
        with pytest.raises(httpx.HTTPStatusError, match=r"4[02][0-9]"):
            ask(figures, **wrong)


def rehearsal(served: Served, mode: str, **request: Any) -> Rehearsal:
    """A dry run of that kind; the form of the web page may have asked for it before."""
    start = partial(ask, served, dry_run=True, mode=mode, **request)
    return served.once(kind(mode, **request), lambda: rehearse(served, start))


def test_a_dry_run_says_what_would_move_and_changes_nothing(figures: Served) -> None:
    seen = rehearsal(figures, PULL)
    run = seen.run
    assert run["state_type"] == "COMPLETED", run["state"]
    assert "2025-02" in run["state"]["message"]
    assert seen.after.published == seen.before.published
    assert seen.after.attempts == seen.before.attempts
    assert not list((figures.settings.home / "serving" / "rehearsal").iterdir())
    assert {"received", "differing", "summary"} <= artifacts(figures, run["id"]).keys()
    assert run["id"] not in computed(figures)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"mode": REREAD, "first_day": "2025-02-01"}, "is read again whole"),
        ({"mode": RECOMPUTE, "places": ["le-lieu"]}, "all figures are computed again"),
    ],
)
def test_choices_that_would_do_nothing_end_the_run_with_what_to_do(
    figures: Served, wrong: dict[str, Any], said: str
) -> None:
    seen = rehearsal(figures, **wrong)
    assert seen.run["state_type"] == "FAILED"
    assert said in seen.run["state"]["message"]
    assert not traceback_lines(figures, seen.run["id"])
    assert seen.after.attempts == seen.before.attempts


@pytest.mark.parametrize("mode", get_args(Mode))
def test_a_dry_run_of_any_kind_leaves_every_byte_as_it_was(figures: Served, mode: str) -> None:
    seen = rehearsal(figures, mode)
    assert {file.split("/")[0] for file in seen.before.home} >= {
        "landing", "warehouse.duckdb", "published", "preview.duckdb"
    }  # fmt: skip
    assert seen.run["state_type"] == "COMPLETED", seen.run["state"]
    assert seen.after.home == seen.before.home


ABSENT = """
[[sources]]
id = "cahier"
feed = "attendance"
connector = "file"
path = "../exports/absent.csv"
rhythm = "daily"
coverage = "months"
columns = { record_id = "N°", checked_in_at = "Arrivée" }
"""


@contextmanager
def source_down(served: Served) -> Iterator[None]:
    """A source of the place is declared, and its file is nowhere."""
    file = served.settings.places / "le-lieu.toml"
    before = file.read_text()
    file.write_text(before + ABSENT)
    try:
        yield
    finally:
        file.write_text(before)


@contextmanager
def promise_broken(served: Served) -> Iterator[None]:
    """The ledger claims one row more than it accounts for."""
    claim_rows(served, +1)
    try:
        yield
    finally:
        claim_rows(served, -1)


def claim_rows(served: Served, more: int) -> None:
    with writer_lock(served.settings), open_warehouse(served.settings) as warehouse:
        warehouse.execute(f"UPDATE ledger.attempt SET rows_in = rows_in + {more} WHERE rowid = 0")


@pytest.fixture(scope="module")
def blind(figures: Served) -> dict[str, Any]:
    """A dry run that could not read a source, and whose figures no promise allows."""
    with source_down(figures), promise_broken(figures):
        return figures.ended(ask(figures, dry_run=True))


@pytest.mark.parametrize("said", ["absent.csv", "promise is broken"])
def test_a_dry_run_that_could_not_see_what_would_move_has_failed(
    figures: Served, blind: dict[str, Any], said: str
) -> None:
    assert blind["state_type"] == "FAILED", blind["state"]
    assert said in blind["state"]["message"]
    assert "would be others" not in blind["state"]["message"]
    assert "summary" in artifacts(figures, blind["id"])


def test_a_rerun_feeds_the_preview_and_names_published_values_that_are_others(
    figures: Served,
) -> None:
    before, shown = published(figures), figures.visits()
    put_export(figures, "refaire", 61_001)
    run = figures.ended(ask(figures))
    assert run["state_type"] == "COMPLETED", run["state"]
    assert figures.visits() == shown + 5
    assert published(figures) == before
    assert "by the records of now" in artifacts(figures, run["id"])["summary"]
    assert {"visits", "2025-02"} <= set(artifacts(figures, run["id"])["differing"].split('"'))
    figures.until(lambda: run["id"] in computed(figures))


def test_a_rerun_that_publishes_today_shows_a_new_release_and_what_was_published_stands(
    figures: Served,
) -> None:
    before, release_id = published(figures), current_id(figures.settings)
    put_export(figures, "publier", 62_001)
    run = figures.ended(ask(figures, publish_today=True))
    assert run["state_type"] == "COMPLETED", run["state"]
    assert current_id(figures.settings) != release_id
    assert published(figures) == before
