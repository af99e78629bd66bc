"""A block of ordinary lines is read as each of its lines would be alone."""

from __future__ import annotations

import io
import json
import unicodedata
from datetime import date
from unittest.mock import patch

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.connectors import MOST_BROKEN, MOST_ROWS, _csv, connector, small
from flows.records import ROW_NUMBER, Broken, Page
from flows.sources import Source

SOURCE = Source(
    id="s", feed="attendance", connector="file", path="x", rhythm="daily", coverage="days",
    columns={"record_id": "N°", "checked_in_at": "Arrivée"},
)  # fmt: skip
CELLS = st.sampled_from(
    [
        "",
        " ",
        "1",
        "R-7",
        "tota",
        "Total",
        "SOUS-TOTAL",
        "métal",
        "\ufffd",
        '"',
        '"a"',
        "a\rb",
        "\u00a0",
        "#",
    ]
)
LINES = st.lists(CELLS, min_size=1, max_size=4).map(";".join) | st.just("N°;Note;Arrivée")


def read(body: str) -> tuple[list[tuple], list, int, int]:
    content = f"N°;Note;Arrivée\n{body}".encode()
    pages: list[Page] = list(connector("file").parse(io.BytesIO(content), "x.csv", SOURCE))
    rows = pl.concat([page.rows for page in pages]).sort("__row_number").rows() if pages else []
    broken = sorted((b.row_number, b.rule, b.text) for page in pages for b in page.broken)
    return rows, broken, sum(p.ignored for p in pages), sum(p.records for p in pages)


@settings(deadline=None)  # a busy machine takes its time
@given(st.lists(LINES, max_size=6), st.sampled_from(["", "\n"]))
def test_a_block_gives_what_its_lines_give_one_by_one(lines: list[str], end: str) -> None:
    body = "\n".join(lines) + end
    at_once = read(body)
    with patch.object(_csv, "ordinary_block", return_value=None):
        assert at_once == read(body)


def test_ordinary_lines_are_read_at_once_and_others_are_looked_at() -> None:
    layout = _csv.read_layout([["N°;Note;Arrivée"]], "x.csv", SOURCE)
    ordinary = b"1;;2026-01-05 10:00\n2;b;2026-01-05 11:00"
    page = _csv.ordinary_block(ordinary, 2, layout)
    assert page is not None
    assert page.rows.rows() == [(2, "1", "2026-01-05 10:00"), (3, "2", "2026-01-05 11:00")]
    for line in (
        b";;",
        b"",
        b"3;c",
        b"3;c;d;e",
        b'"3";c;d',
        b"tOtAl;;9",
        "N°;Note;Arrivée".encode(),
    ):
        assert _csv.ordinary_block(ordinary + b"\n" + line, 2, layout) is None, line


SIGNS = (";", ",", "\t", "|")


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_one_table_is_the_same_whatever_parts_its_cells_and_ends_its_lines(sign, end) -> None:
    table = [["N°", "Note", "Arrivée"], ["1", "a", "2026-01-05 10:00"], ["2", "", "2026-01-06"]]
    content = end.join(sign.join(row) for row in table) + end
    [page] = connector("file").parse(io.BytesIO(content.encode()), "x.csv", SOURCE)
    assert page.rows.rows() == [(2, "1", "2026-01-05 10:00"), (3, "2", "2026-01-06")]
    assert page.broken == []


NOTED = SOURCE.model_copy(update={"columns": {"record_id": "N°", "headcount": "Adultes"}})


@pytest.mark.parametrize(
    ("line", "is_read"),
    [
        ("2;a;3;4", True), ("2;a;3", True), ("2;a;3;4;", False), ("2;;a;3;", False),
        ("2;a", False), ("2;a;b;3;4", False), ('2;"a;b";3;4', True), ('2;"a";3;4;5', False),
    ],
)  # fmt: skip
def test_a_line_is_read_where_each_mapped_cell_stands_under_its_header(line, is_read) -> None:
    """At once or one by one: beside a line that is too short, one that is too long hid."""
    for others in ("1;a;2;4\n", "1;a;2;4\n9;a;2\n", "1;a;2;4\n9;a;2;4;\n1;a;2;4\n"):
        content = f"N°;Note;Adultes;Enfants\n{others}{line}\n"
        pages = list(connector("file").parse(io.BytesIO(content.encode()), "x.csv", NOTED))
        numbers = [n for page in pages for n in page.rows["N°"]]
        assert ("2" in numbers) == is_read
        assert sum(page.records for page in pages) == others.count("\n") + 1
        assert all(row[2] in ("2", "3") for page in pages for row in page.rows.rows())


def test_separators_that_end_most_lines_are_no_cells() -> None:
    lines = ["1;a;2;4;", '2;"a;b";3;4; ;', "3;a;4;4;;", "4;a;5;4", "5;a;6;4;7", "6;a;7;4;"]
    lines += ["7;a;8;4;"]
    content = "N°;Note;Adultes;Enfants\n" + "\n".join(lines) + "\n"
    [page] = connector("file").parse(io.BytesIO(content.encode()), "x.csv", NOTED)
    assert page.rows.sort("N°")["Adultes"].to_list() == ["2", "3", "4", "5", "7", "8"]
    assert [broken.row_number for broken in page.broken] == [6]


@pytest.mark.parametrize(
    ("cell", "is_total"),
    [
        ("Total", True), ("TOTAL :", True), ("sous-total", True), ("Total du mois", True),
        ("Sous total", True), ("totaux", True), ("Total Énergies", False), ("totalement", False),
        ("Hôpital", False), ("sans total", False), ("Total octobre 2026", True),
        ("Grand total", True), ("S/Total S41", True), ("Nombre total de visites", True),
        ("Total (par jour)", True), ("TOTAL : févr.", True), ("Total body", False), ("Cumul", True),
        ("cumul d’octobre", True), ("Total a", True), ("Cumulus", False),
        ("Cap total", False),
    ],
)  # fmt: skip
def test_a_total_is_one_by_its_label_in_any_column(cell: str, is_total: bool) -> None:
    content = f"N°;Note;Arrivée\n1;a;2026-01-05\n2;{cell};2026-01-05\n"
    pages = list(connector("file").parse(io.BytesIO(content.encode()), "x.csv", SOURCE))
    assert [b.rule for page in pages for b in page.broken] == ["total_row"] * is_total


def test_a_total_is_one_in_objects_too_and_none_within_a_sentence() -> None:
    lines = [("1", "a"), ("2", "Total"), ("3", "a, total"), ("4", "Total a"), ("5", "b; total")]
    objects = [json.dumps({"N°": n, "Note": note, "Arrivée": "2026-01-05"}) for n, note in lines]
    for name, content in (("x.jsonl", "\n".join(objects)), ("x.json", f"[{','.join(objects)}]")):
        pages = list(connector("file").parse(io.BytesIO(f"{content}\n".encode()), name, SOURCE))
        assert [n for page in pages for n in page.rows["N°"]] == ["1", "3", "5"]
        assert [b.row_number for page in pages for b in page.broken] == [2, 4]
        assert sum(page.records - page.ignored for page in pages) == 5


@pytest.mark.parametrize("kind", [pl.Int64, pl.String, pl.Categorical])
def test_a_total_is_one_in_parquet_too_whatever_column_its_label_is_in(kind: type) -> None:
    notes = ["a", "Total", "a, total", "Total a", None, "Total bonheur"]
    table = pl.DataFrame({"N°": ["1", "2", "3", "4", "5", "6"], "Arrivée": [date(2026, 1, 5)] * 6,
                          "Note": pl.Series(notes)})  # fmt: skip
    content = io.BytesIO()
    table.with_columns(pl.col("N°").cast(kind)).write_parquet(content)
    [page] = connector("file").parse(content, "x.parquet", SOURCE)
    assert page.rows.rows() == [(n, str(n), "2026-01-05") for n in (1, 3, 5, 6)]
    assert [(b.row_number, b.rule) for b in page.broken] == [(2, "total_row"), (4, "total_row")]
    assert page.records == 6


def test_parquet_is_read_a_few_groups_of_rows_after_the_other_and_many_small_ones_together() -> (
    None
):
    table = pl.DataFrame({"N°": range(2 * MOST_ROWS + 3), "Arrivée": "2026-01-05"})
    read = []
    for group_rows in (1_000, MOST_ROWS + 1, len(table)):
        content = io.BytesIO()
        table.write_parquet(content, row_group_size=group_rows)
        pages = list(connector("file").parse(content, "x.parquet", SOURCE))
        assert len(pages) <= 5
        read.append(pl.concat(page.rows for page in pages))
    assert read[0][ROW_NUMBER].to_list() == list(range(1, len(table) + 1))
    assert read[0]["N°"].to_list() == [str(number) for number in range(len(table))]
    assert read[0].equals(read[1]) and read[0].equals(read[2])


def test_a_page_of_many_rows_comes_in_parts_that_balance() -> None:
    rows = pl.DataFrame({ROW_NUMBER: range(2 * MOST_ROWS + 3)})
    broken = [Broken(number, "ragged_line", "x") for number in range(MOST_BROKEN + 1)]
    page = Page(rows, len(rows) + len(broken) + 7, broken, 7, sheet="Mars", is_part=True)
    pages = list(small(iter([page]), "x.xlsx"))
    assert pl.concat(part.rows for part in pages).equals(rows)
    assert [row for part in pages for row in part.broken] == broken
    assert sum(part.ignored for part in pages) == 7
    for part in pages:
        assert len(part.rows) <= MOST_ROWS and len(part.broken) <= MOST_BROKEN
        assert part.records == len(part.rows) + len(part.broken) + part.ignored
        assert (part.sheet, part.is_part) == ("Mars", True)
    [alone] = small(iter([pages[-1]]), "x.xlsx")
    assert alone is pages[-1], "what is small goes on as it is"


def test_a_header_may_go_over_lines_and_be_written_in_either_form_of_unicode() -> None:
    decomposed = unicodedata.normalize("NFD", "Arrivée")
    content = f'"N\n°";Note;{decomposed}\n1;a;2026-01-05\n'.replace("N\n°", "N°")
    [page] = connector("file").parse(io.BytesIO(content.encode()), "x.csv", SOURCE)
    assert page.rows.rows() == [(2, "1", "2026-01-05")]
    spread = SOURCE.model_copy(
        update={"columns": {"record_id": "N° de ligne", "checked_in_at": "Arrivée"}}
    )
    content = '"N° de\nligne";Note;Arrivée\n1;a;2026-01-05\n'
    [page] = connector("file").parse(io.BytesIO(content.encode()), "x.csv", spread)
    assert page.rows.rows() == [(3, "1", "2026-01-05")]
