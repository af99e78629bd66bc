"""The number of a record belongs to it alone: what could be two records, or a person, is refused."""

from __future__ import annotations

import functools
from typing import Any

import pytest

from flows.connectors import _csv
from flows.connectors._text import utf8_blocks

HEADER = "N°;Arrivée;Modifié\n"
COLUMNS = {"record_id": "N°", "checked_in_at": "Arrivée"}


@pytest.fixture
def delivered(tmp_path: Any, settings: Any, make_place: Any, collect: Any, read: Any) -> Any:
    """What becomes of some rows: the report, the numbers kept, and rule and row of the refused."""

    def deliver(rows: list[str], **source: Any) -> Any:
        content = HEADER + "".join(f"{row}\n" for row in rows)
        place = make_place(tmp_path, {"e.csv": content}, **{"columns": COLUMNS, **source})
        [report] = collect(place, settings)
        kept = [number for (number,) in read(settings, "SELECT record_id FROM record.attendance")]
        refused = read(settings, "SELECT row_number, rule FROM ledger.quarantine ORDER BY ALL")
        return report, sorted(kept), refused

    return deliver


def test_a_number_on_rows_that_differ_refuses_them_and_no_other(delivered: Any) -> None:
    rows = ["A1;02/03/2026 10:00;", "A2;02/03/2026 10:00;", "A1;09/03/2026 10:00;",
            "A3;09/03/2026 10:00;", "A3;09/03/2026 10:00;"]  # fmt: skip
    report, kept, refused = delivered(rows)
    assert (kept, refused) == (["A2", "A3"], [(2, "number_of_several"), (4, "number_of_several")])
    assert (report.loaded, report.quarantined, report.duplicates) == (2, 2, 1)


def test_with_a_date_of_change_the_later_one_is_the_version_that_holds(delivered: Any) -> None:
    rows = ["A1;02/03/2026 10:00;03/03/2026", "A1;09/03/2026 10:00;10/03/2026"]
    report, kept, refused = delivered(rows, columns={**COLUMNS, "updated_at": "Modifié"})
    assert (kept, refused, report.superseded) == (["A1"], [], 1)


@pytest.mark.usefixtures("read_here")
def test_a_number_on_rows_that_differ_is_seen_over_the_end_of_a_block(
    delivered: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_csv, "utf8_blocks", functools.partial(utf8_blocks, block_bytes=64))
    rows = [f"A{number};02/03/2026 10:00;" for number in range(9)] + ["A0;09/03/2026 10:00;"]
    report, kept, _ = delivered(rows)
    assert "1 numbers stand on rows that differ" in report.refused[0]
    assert "column 'N°'" in report.refused[0] and "updated_at" in report.refused[0]
    assert kept == []


def test_numbers_of_which_some_look_like_people_refuse_their_delivery(delivered: Any) -> None:
    numbers = ["0298761234", "1850276123456", "1990000000123", "2000000000456"]
    report, kept, refused = delivered([f"{n};02/03/2026 10:00;" for n in numbers])
    assert "telephone or social-security" in report.refused[0] and kept == refused == []
    assert not any(number in report.refused[0] for number in numbers)


def test_one_telephone_among_many_numbers_refuses_its_row_alone(delivered: Any) -> None:
    numbers = ["0298761234", *map(str, range(2001, 2010))]
    report, kept, refused = delivered([f"{n};02/03/2026 10:00;" for n in numbers])
    assert (report.refused, len(kept)) == ([], 9)
    assert refused == [(2, "no_direct_identifier")]
