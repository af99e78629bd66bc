"""A rerun that a person asks for: seen first, held until somebody answers, refused, overtaken."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, get_args

import httpx
import pytest

from flows.runs.rerun_form import PULL, Mode
from flows.warehouse.database import open_warehouse, writer_lock
from tests.served.conftest import Night
from tests.served.person import (
    APPROVE,
    HOLD,
    RECOMPUTE,
    REFUSE,
    REREAD,
    Rehearsal,
    accepted,
    artifacts,
    ask,
    computed,
    decide,
    flow_process,
    kind,
    published,
    put_export,
    refuse,
    rehearse,
    retry,
    traceback_lines,
    waits,
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
    for wrong in ({"places": ["ailleurs"]}, {"threshold_percent": 101}, {"mode": "tout"}):
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
    assert {"received", "moved", "summary"} <= artifacts(figures, run["id"]).keys()
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
    assert "would move" not in blind["state"]["message"]
    assert "summary" in artifacts(figures, blind["id"])


def test_what_is_held_waits_without_a_lock_and_is_published_when_approved(figures: Served) -> None:
    seen = figures.once(
        APPROVE,
        lambda: decide(figures, 61_001, lambda run_id: accepted(figures, run_id, APPROVE)),
    )
    assert seen.waiting == seen.before
    assert seen.wrong == "REJECT"
    assert seen.unmoved == seen.before
    assert seen.run["state_type"] == "COMPLETED", seen.run["state"]
    assert seen.ended == seen.before + 5
    figures.until(lambda: seen.run["id"] in computed(figures))


@dataclass(frozen=True)
class Course:
    """A release that a night overtook, and that is asked for again, and again when it was killed:
    how it ended each time, and what readers saw."""

    overtaken: dict[str, Any]
    before: float
    after_overtaken: float
    asked_again: float
    """When it had been tried again, and waited."""
    killed: dict[str, Any]
    after_killed: float
    run: dict[str, Any]
    ended: float


@pytest.fixture(scope="module")
def course(figures: Served, held_back: str, night: Night) -> Course:
    before = published(figures)
    accepted(figures, held_back, APPROVE)
    overtaken, after_overtaken = figures.ended(held_back), published(figures)
    put_export(figures, "encore", 290_001)
    retry(figures, held_back)
    waits(figures, held_back)
    asked_again = published(figures)
    figures.until(lambda: flow_process(figures) is None)
    accepted(figures, held_back, APPROVE)
    figures.until(lambda: flow_process(figures)).kill()
    killed, after_killed = figures.ended(held_back), published(figures)
    retry(figures, held_back)
    waits(figures, held_back)
    accepted(figures, held_back, APPROVE)
    run = figures.ended(held_back)
    return Course(
        overtaken, before, after_overtaken, asked_again, killed, after_killed, run,
        published(figures),
    )  # fmt: skip


def test_a_release_that_was_overtaken_is_not_published(course: Course) -> None:
    assert course.overtaken["state_type"] == "FAILED"
    assert "overtook" in course.overtaken["state"]["message"]
    assert course.after_overtaken == course.before


def test_a_rerun_that_was_overtaken_can_be_tried_again(course: Course) -> None:
    assert "overtook" in course.overtaken["state"]["message"]
    assert course.asked_again == course.before
    assert course.run["state_type"] == "COMPLETED", course.run["state"]
    assert course.ended == course.before + 5


def test_an_answer_that_was_killed_is_asked_for_again(course: Course) -> None:
    assert course.killed["state_type"] == "CRASHED"
    assert course.after_killed == course.asked_again
    assert course.run["state_type"] == "COMPLETED", course.run["state"]
    assert course.ended == course.after_killed + 5


def test_what_is_recomputed_and_held_without_a_change_leaves_the_last_release(
    figures: Served, course: Course
) -> None:
    before = published(figures)
    run = figures.ended(ask(figures, mode=RECOMPUTE, then=HOLD))
    assert run["state_type"] == "COMPLETED", run["state"]
    assert published(figures) == before


def test_what_is_refused_leaves_the_last_release(figures: Served) -> None:
    seen = figures.once(
        REFUSE,
        lambda: refuse(figures, 62_001, lambda run_id: accepted(figures, run_id, REFUSE)),
    )
    assert seen.waiting == seen.before
    assert "refused" in seen.run["state"]["message"]
    assert seen.ended == seen.before
    assert "nothing waits" in seen.sweep["state"]["message"]
    assert not seen.is_read_again
    assert seen.swept == seen.before
