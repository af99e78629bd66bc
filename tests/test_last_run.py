"""What a run says of itself: the same three sentences on its page and in the terminal."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from flows.operation.last_run import (
    LastRun,
    happened,
    keep,
    last_run,
    lines,
    to_do,
    what_is_left_out,
    what_moved,
)

QUIET = LastRun(
    name="night 2026-11-02",
    ended_at=datetime(2026, 11, 2, 3, 41, tzinfo=UTC),
    ending="quiet",
    loaded=60,
    quarantined=29,
    next_day=date(2026, 11, 15),
)
MOVED = replace(
    QUIET,
    ending="published",
    release_id="2026-11-02-abc",
    moved=[(["data"], 8), (["calendar", "correction"], 4)],
)


def test_a_night_that_moves_nothing_says_when_something_will() -> None:
    assert happened(QUIET) == "60 rows loaded, 29 refused, nothing to publish before 2026-11-15"
    assert to_do(QUIET) == ["29 rows to correct: impact rejects"]
    assert what_moved(QUIET) == "no published figure moved"


def test_a_night_that_moves_figures_names_the_release_and_why() -> None:
    assert happened(MOVED) == "60 rows loaded, 29 refused, release 2026-11-02-abc"
    assert what_moved(MOVED) == (
        "12 figures moved: 8 by data that arrived, 4 by days that passed and a correction"
    )


def test_what_is_left_out_of_the_release_is_counted_and_how_it_is_named_is_said() -> None:
    assert what_is_left_out(MOVED) == []
    [sentence] = what_is_left_out(replace(MOVED, left_out=2))
    assert sentence.startswith("2 tables are left out")
    assert lines(replace(MOVED, left_out=1))[-1].endswith("(see gate.json)")


def test_a_night_without_anything_to_do_says_so() -> None:
    assert to_do(replace(QUIET, quarantined=0)) == ["nothing to do"]


@pytest.mark.parametrize(
    ("ending", "said"),
    [
        ("stopped", "the last release stays"),
        ("rehearsed", "29 refused"),
    ],
)
def test_a_release_that_is_not_there_is_said(ending, said) -> None:
    assert happened(replace(MOVED, ending=ending)).endswith(said)


def test_what_failed_comes_first_and_a_long_list_is_cut() -> None:
    faults = [f"le-lieu, source {n}: no file matches → send it" for n in range(9)]
    said = to_do(replace(QUIET, failed=faults, refused=["e.csv: too many"]))
    assert said[0] == faults[0]
    assert said[-1] == "… and 6 more"


def test_status_says_what_the_run_kept_of_itself(settings) -> None:
    assert last_run(settings) is None
    settings.home.mkdir()
    keep(settings, MOVED)
    found = last_run(settings)
    assert found is not None
    assert lines(found) == lines(MOVED)
    assert lines(MOVED)[0] == (
        "night 2026-11-02, ended 2026-11-02 03:41: 60 rows loaded, 29 refused, "
        "release 2026-11-02-abc"
    )
    assert (settings.home / "last-run.json").stat().st_mode & 0o777 == 0o600
