"""Time that went wrong: what was received while the clock was ahead is found, and put right."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flows.cli import main
from flows.door.seen import Seen
from flows.intake import inbox
from flows.intake.landing import real_names
from flows.records import Delivery
from flows.warehouse.queries import refused_deliveries
from tests.conftest import AS_OF

TEXT = "N°;Arrivée;Nb\n1;03/02/2025 12:00;{one}\n2;03/02/2025 13:00;{two}\n"
AHEAD = datetime(2099, 1, 1, tzinfo=UTC)
TOML = """
id = "le-lieu"
name = "Le Lieu"
commune_code = "80021"
[[sources]]
id = "registre"
feed = "attendance"
connector = "file"
path = "nothing-*"
rhythm = "weekly"
coverage = "span"
columns = { record_id = "N°", checked_in_at = "Arrivée", headcount = "Nb" }
"""


@pytest.fixture
def bring(tmp_path, settings, make_place, collect, monkeypatch) -> Any:
    """Bring a file at some instant and read it in a run."""
    columns = {"record_id": "N°", "checked_in_at": "Arrivée", "headcount": "Nb"}
    place = make_place(tmp_path, {}, path="nothing-*", columns=columns)
    settings.places.mkdir()
    (settings.places / "le-lieu.toml").write_text(TOML)
    for name in ("home", "places", "keys"):
        monkeypatch.setenv(f"IMPACT_{name.upper()}", str(getattr(settings, name)))

    def brought(one: int, two: int, at: datetime, *, is_read: bool = True) -> Any:
        file = tmp_path / "incoming.csv"
        file.write_text(TEXT.format(one=one, two=two))
        inbox.bring(Delivery(f"e-{one}.csv", file), place, place.sources[0], settings.landing, at)
        if is_read:
            [report] = collect(place, settings)
            assert (report.failed, report.refused) == ([], [])
            return report
        return None

    return brought


HEADS = "SELECT record_id, headcount FROM record.attendance ORDER BY ALL"
NOW = datetime(2026, 11, 2, 12, tzinfo=UTC)


def test_what_came_while_the_clock_was_ahead_gets_its_place_before_what_came_later(
    bring, settings, read, capsys
) -> None:
    bring(1, 1, NOW - timedelta(days=9))
    bring(2, 2, AHEAD)
    bring(3, 3, AHEAD + timedelta(hours=1))
    assert bring(4, 4, NOW).superseded == 2
    assert read(settings, HEADS) == [("1", 3), ("2", 3)]
    main(["doctor"])
    assert "and files came 2099-01-01" in (said := capsys.readouterr().out)
    assert "`impact redate`" in said
    assert main(["redate"]) == 0
    assert "2 deliveries were received in the future" in capsys.readouterr().out
    assert read(settings, HEADS) == [("1", 4), ("2", 4)]
    order = "SELECT batch_id, received_at FROM ledger.batch ORDER BY received_at"
    batches, instants = zip(*read(settings, order), strict=True)
    assert tuple(real_names(settings.landing, batch)[0] for batch in batches) == (
        "e-1.csv",
        "e-2.csv",
        "e-3.csv",
        "e-4.csv",
    )
    assert instants[1:3] == (NOW - timedelta(microseconds=2), NOW - timedelta(microseconds=1))
    for table, column in (("batch", "received_on"), ("attempt", "attempted_at")):
        assert read(
            settings, f"SELECT count(*) FROM ledger.{table} WHERE {column} > '2098-1-1'"
        ) == [(0,)]
    main(["doctor"])
    assert "files came" not in capsys.readouterr().out
    assert main(["redate"]) == 0
    assert capsys.readouterr().out == "Nothing was received in the future.\n"


def test_what_was_hidden_and_is_kept_no_more_is_said_and_what_waits_is_read(
    bring, settings, read, capsys
) -> None:
    bring(2, 2, AHEAD)
    bring(4, 4, NOW)
    for file in settings.landing.glob("*/*/*/manifest.json"):
        if json.loads(file.read_text())["file_name"] == "e-4.csv":
            file.with_name("payload.csv").unlink()
            file.unlink()
    bring(5, 5, AHEAD + timedelta(days=2), is_read=False)
    main(["doctor"])
    assert "and files came 2099-01-03" in capsys.readouterr().out
    assert main(["redate"]) == 0
    said = capsys.readouterr().out
    assert "2 deliveries were received in the future" in said
    assert "1 delivery was hidden in part, and is kept no more" in said
    assert read(settings, HEADS) == [("1", 5), ("2", 5)], "what waited was read, and is the latest"
    assert inbox.unsettled(settings.landing) == []


def test_a_hook_that_is_dated_in_the_future_makes_none_after_it_stale(tmp_path: Path) -> None:
    seen = Seen(tmp_path)
    seen.note("le-lieu", b"one", AHEAD)
    now = datetime.now(UTC)
    assert not seen.is_stale("le-lieu", now)
    assert seen.is_stale("le-lieu", now - timedelta(minutes=1))
    digest = next(iter(seen.bodies["le-lieu"]))
    (tmp_path / "le-lieu").write_text(f"{digest} {AHEAD.isoformat()}\n")
    assert not Seen(tmp_path).is_stale("le-lieu", now), "nor one of an older version"


def test_what_a_person_gives_up_is_refused_and_read_no_more_until_it_is_accepted(
    bring, settings, read, capsys
) -> None:
    bring(1, 1, AS_OF, is_read=False)
    [batch] = inbox.all_waiting(settings.landing)
    assert main(["refuse", batch.batch_id, "--reason", "sent by mistake"]) == 0
    there = inbox.whereabouts(settings.landing, batch.batch_id)
    assert there.state == "refused" and ": sent by mistake → " in there.reason
    assert read(settings, "SELECT outcome FROM ledger.attempt") == [("refused",)]
    assert refused_deliveries(settings) == [(batch.batch_id, there.reason)], "status says it"
    assert inbox.unsettled(settings.landing) == []
    assert main(["accept", batch.batch_id]) == 0
    bring(1, 1, AS_OF)
    assert refused_deliveries(settings) == []
    assert inbox.whereabouts(settings.landing, batch.batch_id).state == "accepted"
    capsys.readouterr()
    assert main(["refuse", batch.batch_id, "--reason", "too late"]) == 2
    assert "was loaded" in capsys.readouterr().err
    assert main(["refuse", "0" * 16, "--reason", "none"]) == 2
    assert "it names those that wait" in capsys.readouterr().err


def test_a_delivery_that_waits_says_why_to_its_sender_and_to_the_doctor(
    bring, settings, monkeypatch, capsys
) -> None:
    def fails(*_: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("flows.stages.batch.judge_page", fails)
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        bring(1, 1, AS_OF)
    [(batch, why)] = inbox.unsettled(settings.landing)
    there = inbox.whereabouts(settings.landing, batch.batch_id)
    assert (there.state, there.reason) == ("waiting", why)
    main(["doctor"])
    said = capsys.readouterr().out
    assert f"attention  deliveries        {batch.batch_id}: {why}" in said
    assert "impact refuse BATCH --reason TEXT" in said
