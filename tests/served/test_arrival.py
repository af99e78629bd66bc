"""What a sweep finds and says: hints that had no answer, a run that goes on, a fault in words."""

from __future__ import annotations

from typing import Any

from flows.intake import inbox
from flows.network.place_files import read_place
from tests.served.conftest import LeftBehind
from tests.served.person import artifacts, traceback_lines
from tests.served.service import Served, register


def test_what_a_tool_said_is_remembered_until_it_has_answered(served: Served) -> None:
    file, settings, before = (
        served.settings.places / "le-lieu.toml",
        served.settings,
        served.visits(),
    )
    export = served.folder / "exports" / "demande-1.csv"
    declared = file.read_text()
    file.write_text(declared.replace("/le-lieu-*", "/demande-*"))  # its tool is asked, has nothing
    try:
        place = read_place(file)
        inbox.note_news(settings.landing, place, place.sources[0])
        silent = served.run("sweep")
        remembered = inbox.news_of(settings.landing, place, place.sources[0])
        export.write_bytes(register(1, 5))
        answered = served.run("sweep")
    finally:
        file.write_text(declared)
    assert silent["state_type"] == "FAILED"
    assert "no file matches" in silent["state"]["message"]
    assert remembered
    assert answered["state_type"] == "COMPLETED"
    assert served.visits() == before + 5
    assert inbox.news_of(settings.landing, place, place.sources[0]) == ""
    shown = artifacts(served, answered["id"])
    assert {"received", "quality", "summary"} <= shown.keys()
    assert shown["progress"] == 100
    summary = shown["summary"]
    assert "(/artifacts/key/quality)" in summary
    headings = [summary.index(f"## What {one}") for one in ("happened", "to do", "moved")]
    assert headings == sorted(headings)
    assert answered["state"]["message"] in summary
    status = served.impact("status").stdout
    assert answered["state"]["message"] in status.splitlines()[0]


def test_a_sweep_does_not_wait_for_a_run_that_goes_on(
    served: Served, left_behind: LeftBehind
) -> None:
    assert "nothing waits" in left_behind.passed_by["state"]["message"]
    assert left_behind.is_marked
    assert "0 rows loaded" in left_behind.sweep["state"]["message"]
    assert not served.settings.uncounted.exists()


def test_a_slip_in_a_file_is_said_in_a_sentence_and_without_a_traceback(
    served: Served, slipped: list[dict[str, Any]]
) -> None:
    for run in slipped:
        assert run["state_type"] == "FAILED"
        assert "le-lieu.toml" in run["state"]["message"]
        assert "→" in run["state"]["message"]
        assert not traceback_lines(served, run["id"])
