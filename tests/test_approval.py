"""A decision about a release that waits, cut off by a real fault, and taken up again."""

from __future__ import annotations

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import duckdb
import pytest

from flows.errors import ImpactError
from flows.publication.release import current_id, make_current, release_file, write_release
from flows.runs.approval import Held, decide, hold, note_rerun, read_held
from flows.settings import Settings
from flows.stages.build import build_warehouse
from tests.conftest import AS_OF

RUN = "0f0f0f0f"
VISITS = "N°;Arrivée\n1;2026-09-01 09:00\n"
MORE = "N°;Arrivée\n2;2026-09-02 09:00\n"


@pytest.fixture
def held(tmp_path, settings, make_place, collect) -> Held:
    """A release that readers see, and a newer one that waits."""
    releases = []
    for text in (VISITS, MORE):
        place = make_place(tmp_path, {"e.csv": text}, coverage="months")
        collect(place, settings)
        built = build_warehouse([place], settings, AS_OF, force=False)
        file = write_release(settings, built.release_id)
        if not releases:
            make_current(settings, file)
        releases.append(built.release_id)
    waiting = Held(RUN, releases[1], releases[0], "one figure would move")
    note_rerun(settings, RUN, "{}", "a reason", waiting.release_id, "held")
    hold(settings, waiting)
    return waiting


@contextmanager
def readers_cannot_be_switched(settings: Settings) -> Iterator[None]:
    """Something lies where the new link is made."""
    in_the_way = settings.published / "current.duckdb.part"
    in_the_way.mkdir()
    yield
    in_the_way.rmdir()


@contextmanager
def no_byte_can_be_written(_settings: Settings) -> Iterator[None]:
    """As on a full disk: names still change, and no file grows."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


FAULTS = [readers_cannot_be_switched, no_byte_can_be_written]


def ledger(read, settings: Settings) -> tuple[list[str], str]:
    """What became of the rerun, and of the last build."""
    reruns = [outcome for (outcome,) in read(settings, "SELECT outcome FROM ledger.rerun")]
    sql = "SELECT outcome FROM ledger.build ORDER BY built_at DESC LIMIT 1"
    return reruns, read(settings, sql)[0][0]


@pytest.mark.parametrize("fault", FAULTS)
def test_an_approval_that_was_cut_off_is_taken_up_and_done_once(
    fault: Callable[..., contextmanager], held, settings, read
) -> None:
    with fault(settings), pytest.raises((OSError, duckdb.Error)):
        decide(settings, held, True, "seen")
    assert ledger(read, settings)[0] == ["held"]
    again = read_held(settings, RUN)
    assert again == held, "who asks again still finds what waits"
    decide(settings, again, True, "seen")
    assert current_id(settings) == held.release_id
    assert ledger(read, settings) == (["published: seen"], "published")
    assert read_held(settings, RUN) is None


def test_a_refusal_that_was_cut_off_is_taken_up(held, settings, read) -> None:
    with no_byte_can_be_written(settings), pytest.raises((OSError, duckdb.Error)):
        decide(settings, held, False, "")
    decide(settings, read_held(settings, RUN), False, "")
    assert current_id(settings) == held.before
    assert ledger(read, settings) == (["withheld"], "withheld")


def test_what_readers_see_already_cannot_be_refused(held, settings, read) -> None:
    with no_byte_can_be_written(settings), pytest.raises((OSError, duckdb.Error)):
        decide(settings, held, True, "seen")
    assert current_id(settings) == held.release_id
    with pytest.raises(ImpactError, match="approved this release before"):
        decide(settings, held, False, "")
    assert current_id(settings) == held.release_id
    assert ledger(read, settings) == (["published"], "published")
    assert read_held(settings, RUN) is None


def test_what_is_gone_cannot_be_approved(held, settings, read) -> None:
    release_file(settings, held.release_id).unlink()
    with pytest.raises(ImpactError, match="overtook"):
        decide(settings, held, True, "")
    assert current_id(settings) == held.before
    assert ledger(read, settings)[0] == ["overtaken"]
