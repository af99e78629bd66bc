"""`impact indicators`: the catalogue with its latest figures, and one indicator whole."""

import duckdb

from flows.settings import PROJECT
from flows.warehouse.models import read_indicators


def row_of(output: str, indicator_id: str) -> list[str]:
    """The cells of an indicator's line."""
    rows = [[c.strip() for c in line.strip("│ ").split("│")] for line in output.splitlines()]
    [row] = [row for row in rows if row[0] == indicator_id]
    return row


def test_all_are_listed_with_the_latest_figure_of_the_network(published) -> None:
    shown = published.impact("indicators")
    assert shown.returncode == 0, shown.stderr
    for indicator_id in read_indicators(PROJECT / "sql"):
        assert row_of(shown.stdout, indicator_id)
    with duckdb.connect(str(published.settings.preview), read_only=True) as preview:
        [(value,)] = preview.execute(
            "SELECT CAST(CAST(valeur AS BIGINT) AS VARCHAR) FROM valeurs WHERE niveau = 'reseau' "
            "AND indicateur_id = 'visits' AND ventilation = 'ensemble' AND periode = '2026-10'"
        ).fetchall()
    assert int(value) > 0
    assert row_of(shown.stdout, "visits")[1:6] == ["Visits", "cohesion", "visits", value, "2026-10"]


def test_before_a_release_every_figure_is_a_dash(small_network) -> None:
    shown = small_network.impact("indicators")
    assert shown.returncode == 0, shown.stderr
    assert {row_of(shown.stdout, id)[4] for id in read_indicators(PROJECT / "sql")} == {"–"}


def test_one_is_shown_whole(small_network) -> None:
    shown = small_network.impact("indicators", "returning_share").stdout
    model = read_indicators(PROJECT / "sql")["returning_share"]
    header = model.header
    parts = [
        *(text for both in (header.label, header.definition, header.formula)
          for text in (both.fr, both.en)),
        *header.caveats.fr, *header.caveats.en, header.source,
        *(example.name for example in header.examples),
        *(example.expect.strip() for example in header.examples),
    ]  # fmt: skip
    said = " ".join(shown.split())
    assert [part for part in parts if " ".join(part.split()) not in said] == []
    assert all(line.strip() in shown for line in model.select.splitlines())
