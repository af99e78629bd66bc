"""How a file replaces a file: what it no longer holds is gone, or stays, as the source declares."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from flows.errors import ConfigurationError
from flows.intake.removal import accept_removal
from flows.warehouse.database import open_warehouse

HEADER = "N°;Arrivée;Nombre"
NUMBERED = {"record_id": "N°", "checked_in_at": "Arrivée", "headcount": "Nombre"}
ANONYMOUS = {"checked_in_at": "Arrivée", "headcount": "Nombre"}
ROWS = {
    1: "1;01/09/2026 10:00;2", 2: "2;02/09/2026 10:00;2", 3: "3;03/09/2026 10:00;2",
    4: "4;05/10/2026 10:00;2", 5: "5;06/10/2026 10:00;2",
}  # fmt: skip


def file(*rows: int | str) -> str:
    return "\n".join([HEADER, *(ROWS.get(row, row) for row in rows)])


@pytest.fixture
def deliver(tmp_path, settings, make_place, collect) -> Callable[..., Any]:
    """Take one file after the other in the place of the last one; the report of the last."""

    def take(*texts: str, delivery: str = "snapshot", **source: Any) -> Any:
        for text in texts:
            source = {"columns": NUMBERED, "coverage": "months", **source, "delivery": delivery}
            [report] = collect(make_place(tmp_path, {"e.csv": text}, **source), settings)
            assert report.failed == []
        return report

    return take


@pytest.fixture
def live(settings, read) -> Callable[[], list[str]]:
    """Identifiers of the records that are not tombstones."""

    def kept() -> list[str]:
        sql = "SELECT record_id FROM record.attendance WHERE NOT deleted ORDER BY record_id"
        return [row[0] for row in read(settings, sql)]

    return kept


@pytest.mark.parametrize(
    ("delivery", "kept"),
    [
        ("append", ["1", "2", "3", "4", "5"]),
        ("snapshot", ["1", "2", "3", "5"]),
        ("period", ["1", "2", "3", "5"]),
    ],
)
def test_what_a_second_file_lacks_is_gone_only_where_it_replaces_the_first(
    deliver, live, delivery: str, kept: list[str]
) -> None:
    report = deliver(file(1, 2, 3, 4, 5), file(1, 2, 3, 5), delivery=delivery)
    assert live() == kept
    assert report.removed == 5 - len(kept)


def test_a_period_replaces_its_own_months_and_leaves_the_others(deliver, live) -> None:
    deliver(file(1, 2, 3, 4, 5), delivery="period")
    assert deliver(file(4, 5, "6;07/10/2026 10:00;1"), delivery="period").removed == 0
    assert live() == ["1", "2", "3", "4", "5", "6"]


def test_a_tombstone_keeps_its_key_and_its_time_and_nothing_else(deliver, settings, read) -> None:
    deliver(file(1, 2, 3, 4, 5), file(1, 2, 3, 4))
    sql = """SELECT record_id, checked_in_at IS NULL, headcount, role, evidence
             FROM record.attendance WHERE deleted"""
    assert read(settings, sql) == [("5", False, None, None, None)]


def test_a_record_that_comes_back_is_there_again_though_its_tool_never_changed_it(
    deliver, live
) -> None:
    dated = {"columns": NUMBERED | {"updated_at": "Modifié"}}
    files = [
        "\n".join([f"{HEADER};Modifié", *(f"{ROWS[row]};07/10/2026 10:00" for row in rows)])
        for rows in ([1, 2, 3, 4, 5], [1, 2, 3, 4], [1, 2, 3, 5, 4])
    ]
    deliver(*files[:2], **dated)
    assert live() == ["1", "2", "3", "4"]
    deliver(files[2], **dated)
    assert live() == ["1", "2", "3", "4", "5"]


def test_reading_old_deliveries_again_removes_and_brings_back_nothing(
    deliver, live, settings, make_place, collect, tmp_path
) -> None:
    deliver(file(1, 2, 3, 4), file(1, 2, 3, 5))
    source = {"columns": NUMBERED, "coverage": "months", "delivery": "snapshot"}
    place = make_place(tmp_path, {"e.csv": ""}, **source)
    [again] = collect(place, settings, again="landed")
    assert (again.batches, again.failed, again.removed) == (2, [], 0)
    assert live() == ["1", "2", "3", "5"]


def test_a_corrected_row_without_an_identifier_replaces_itself(deliver, settings, read) -> None:
    deliver(file(1, 2, 3, 4, 5), columns=ANONYMOUS)
    deliver(file(1, 2, 3, 4, "5;06/10/2026 10:00;7"), columns=ANONYMOUS)
    sql = "SELECT headcount FROM record.attendance WHERE NOT deleted ORDER BY checked_in_at"
    assert [row[0] for row in read(settings, sql)] == [2, 2, 2, 2, 7]


def test_a_row_that_is_refused_has_not_vanished(deliver, live) -> None:
    report = deliver(file(1, 2, 3, 4, 5), file(1, 2, 3, 4, "5;32/10/2026 10:00;2"))
    assert (report.quarantined, report.removed) == (1, 0)
    assert live() == ["1", "2", "3", "4", "5"]


@pytest.mark.parametrize(
    ("line", "refused", "kept"),
    [
        ("5;06/10/2026 10:00;2;3", 1, ["1", "2", "3", "4", "5"]),
        (";06/10/2026 10:00;2", 1, ["1", "2", "3", "4", "5"]),
        ("Total;;10", 0, ["1", "2", "3", "4"]),
    ],
    ids=["ragged", "without-number", "total"],
)
def test_nothing_vanishes_while_a_line_hides_which_record_it_is(
    deliver, live, line: str, refused: int, kept: list[str]
) -> None:
    report = deliver(file(1, 2, 3, 4, 5), file(1, 2, 3, 4, line))
    assert (report.quarantined, report.removed) == (refused, 5 - len(kept))
    assert live() == kept


def test_a_delivery_that_would_remove_much_changes_nothing_until_it_is_accepted(
    deliver, live, settings, read
) -> None:
    report = deliver(file(1, 2, 3, 4, 5), file(1, 2, 3))
    [refusal] = report.refused
    assert "2 of the 5 records" in refusal and "impact accept " in refusal
    assert live() == ["1", "2", "3", "4", "5"]
    batch_id = refusal.split()[-1]
    with open_warehouse(settings) as warehouse:
        accept_removal(warehouse, batch_id)
    assert deliver(file(1, 2, 3)).removed == 2
    assert live() == ["1", "2", "3"]
    sql = "SELECT tombstoned, removed FROM ledger.last_attempt WHERE batch_id = '" + batch_id + "'"
    assert read(settings, sql) == [(0, 2)]


def test_one_month_in_the_place_of_all_is_refused_as_a_period(deliver, live) -> None:
    years = [f"{n};{n:02}/0{month}/2026 10:00;1" for month in (1, 5, 9) for n in range(1, 10)]
    every = [f"{n}{row[1:]}" for n, row in enumerate(years, start=10)]
    [refusal] = deliver(file(*every), file(*every[-9:])).refused
    assert "from 2026-09-01 to 2026-09-09" in refusal
    assert 'delivery = "period"' in refusal and "impact accept " in refusal
    assert len(live()) == 27


def test_a_snapshot_of_all_days_that_lacks_much_is_not_taken_for_a_period(deliver) -> None:
    [refusal] = deliver(file(1, 2, 3, 4, 5), file(1, 5)).refused
    assert "3 of the 5 records" in refusal and "period" not in refusal


def test_only_a_batch_that_waits_can_be_accepted(deliver, settings) -> None:
    deliver(file(1, 2))
    with (
        open_warehouse(settings) as warehouse,
        pytest.raises(ConfigurationError, match="no batch 'x' waits"),
    ):
        accept_removal(warehouse, "x")
