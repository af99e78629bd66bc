"""A block of ordinary lines is read as each of its lines would be alone."""

from __future__ import annotations

import io
from unittest.mock import patch

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from flows.connectors import _csv, connector
from flows.records import Page
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


@given(st.lists(LINES, max_size=6), st.sampled_from(["", "\n"]))
def test_a_block_gives_what_its_lines_give_one_by_one(lines: list[str], end: str) -> None:
    body = "\n".join(lines) + end
    at_once = read(body)
    with patch.object(_csv, "ordinary_block", return_value=None):
        assert at_once == read(body)


def test_ordinary_lines_are_read_at_once_and_others_are_looked_at() -> None:
    layout = _csv.read_layout("N°;Note;Arrivée", "x.csv", SOURCE)
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
