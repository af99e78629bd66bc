"""What a sweep finds and says: hints that had no answer, a run that goes on, a fault in words."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from flows.intake import inbox
from flows.network.place_files import read_place
from flows.warehouse.database import writer_lock
from tests.served.conftest import PLACE, Served, register
from tests.served.test_kills import victim


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A place whose tool is asked, and has nothing yet."""
    network = Served(tmp_path_factory.mktemp("asked"))
    (network.folder / "exports").mkdir()
    network.settings.places.mkdir()
    (network.settings.places / "le-lieu.toml").write_text(PLACE.format(id="le-lieu"))
    network.start()
    yield network
    network.stop()


def news(served: Served) -> str:
    place = read_place(served.settings.places / "le-lieu.toml")
    return inbox.news_of(served.settings.landing, place, place.sources[0])


def test_what_a_tool_said_is_remembered_until_it_has_answered(asked: Served) -> None:
    place = read_place(asked.settings.places / "le-lieu.toml")
    inbox.note_news(asked.settings.landing, place, place.sources[0])
    silent = asked.run("sweep")
    assert silent["state_type"] == "FAILED"
    assert "no file matches" in silent["state"]["message"]
    assert news(asked)
    (asked.folder / "exports" / "le-lieu-1.csv").write_bytes(register(1, 5))
    answered = asked.run("sweep")
    assert answered["state_type"] == "COMPLETED"
    assert (asked.visits(), news(asked)) == (5, "")
    found = {"artifacts": {"flow_run_id": {"any_": [answered["id"]]}}}
    artifacts = {one["key"]: one["data"] for one in asked.ask("/artifacts/filter", **found)}
    assert {"received", "quality", "summary"} <= artifacts.keys()
    assert artifacts["progress"] == 100
    assert "(/artifacts/key/quality)" in artifacts["summary"]


def test_a_sweep_does_not_wait_for_a_run_that_goes_on(asked: Served) -> None:
    with writer_lock(asked.settings):
        asked.settings.uncounted.touch()
        assert "nothing waits" in asked.run("sweep")["state"]["message"]
    assert asked.settings.uncounted.exists()
    assert "0 rows loaded" in asked.run("sweep")["state"]["message"]
    assert not asked.settings.uncounted.exists()


def test_a_slip_in_a_file_is_said_in_a_sentence_and_without_a_traceback(asked: Served) -> None:
    file = asked.settings.places / "le-lieu.toml"
    declared = file.read_text()
    file.write_text(declared.replace('id = "registre"', "id = registre"))
    run = asked.run("sweep")
    file.write_text(declared)
    assert run["state_type"] == "FAILED"
    assert "le-lieu.toml" in run["state"]["message"]
    assert "→" in run["state"]["message"]
    asked.until(lambda: victim(asked, "flow") is None)  # what it says at its end is written
    logs = asked.ask("/logs/filter", logs={"flow_run_id": {"any_": [run["id"]]}})
    assert not [line["message"] for line in logs if "Traceback" in line["message"]]
