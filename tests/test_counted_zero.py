"""A counter that says 0 has counted; one that says nothing has not."""

from __future__ import annotations

from typing import Any

HEADER = "Jour;Entrées\n"
COUNTER = {
    "columns": {"checked_in_at": "Jour", "headcount": "Entrées"}, "coverage": "days",
    "constants": {"evidence": "seen"}, "path": "e.csv",
}  # fmt: skip


def test_a_zero_proves_its_day_and_adds_nothing_and_no_word_does(
    tmp_path: Any, settings: Any, make_place: Any, collect: Any, read: Any
) -> None:
    lines = "02/03/2026;7\n03/03/2026;0\n04/03/2026;NM\n05/03/2026;\n06/03/2026;0,0\n"
    place = make_place(tmp_path, {"e.csv": HEADER + lines}, **COUNTER)
    [report] = collect(place, settings)
    assert (report.loaded, report.quarantined) == (1, 2)
    assert read(settings, "SELECT sum(headcount) FROM record.attendance WHERE NOT deleted") == [
        (7,)
    ]
    proven = read(settings, "SELECT strftime(day, '%d') FROM ledger.proof ORDER BY ALL")
    assert proven == [("02",), ("03",), ("06",)]


def test_a_count_that_is_corrected_to_zero_takes_its_record_away(
    tmp_path: Any, settings: Any, make_place: Any, collect: Any, read: Any
) -> None:
    numbered = COUNTER | {"columns": {"record_id": "N°", **COUNTER["columns"]}}
    for entries in ("7", "0"):
        content = f"N°;Jour;Entrées\n1;02/03/2026;{entries}\n2;03/03/2026;4\n"
        collect(make_place(tmp_path, {"e.csv": content}, **numbered), settings)
    kept = "SELECT record_id, headcount FROM record.attendance WHERE NOT deleted"
    assert read(settings, kept) == [("2", 4)]
