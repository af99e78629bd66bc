"""Every row that came in is accounted for, and the order in which files come changes nothing."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from flows.connectors import _csv
from flows.connectors._text import utf8_blocks
from flows.stages.build import build_warehouse
from schemas.attendance import Attendance
from schemas.record import stored_columns

VISITS = {"record_id": "N°", "checked_in_at": "Arrivée", "updated_at": "Modifié",
          "headcount": "Nombre", "deleted": "Annulé"}  # fmt: skip
COUNTS = ["loaded", "superseded", "duplicates", "tombstoned", "quarantined", "ignored"]
HEADER = ";".join(VISITS.values())
ANONYMOUS = {"checked_in_at": "Arrivée", "headcount": "Nombre"}


def visit(
    number: int | str, version: int | str = 1, heads: int = 1, deleted: str = "non", day: int = 3
) -> str:
    """One line; its version is the day of January on which it was changed."""
    changed = f"{version:02}/01/2026 10:00" if isinstance(version, int) else version
    return f"{number};{day:02}/02/2025 12:00;{changed};{heads};{deleted}"


def delivery(lines: list[str], header: str = HEADER) -> str:
    return "\n".join([header, *lines]) + "\n"


@pytest.fixture
def home(new_home) -> Callable[[], Any]:
    """Registers of visits that know nothing of each other, to compare their histories."""
    return functools.partial(new_home, VISITS)


EVERY_FAULT = [
    (line, fate)
    for fate, *lines in (
        ("loaded", visit(1), visit(2)),
        ("duplicates", visit(1)),
        ("superseded", visit(3, version=1)),
        ("loaded", visit(3, version=2)),
        ("tombstoned", visit(4, deleted="oui")),
        ("ignored", "", ";;;;", "Total;;;12;", HEADER, "14;;;;"),
        ("quarantined", visit(5, day=30), visit("Dupont"), visit("", version="hier"),
         "6;;01/01/2026 10:00;1;non", "7;30/03/2025 02:30;01/01/2026 10:00;1;non",
         "8;03/02/2027 12:00;01/01/2026 10:00;0;non", "9;03/02/2025", visit(10) + ";",
         '11;"03/02/2025 12:00;01/01/2026 10:00;1;non'),
        ("loaded", '"12";03/02/2025 12:00;01/01/2026 10:00;1;"\nnon"', visit(13)),
    )
    for line in lines
]  # fmt: skip


def test_a_file_with_every_fault_balances_against_a_count_of_its_own(home) -> None:
    lieu = home()
    lieu.take(delivery([line for line, _ in EVERY_FAULT]))
    [line] = lieu.ledger()
    fates = [fate for _, fate in EVERY_FAULT]
    assert line == {
        "outcome": "accepted", "rows_in": len(EVERY_FAULT), "unchanged": 0,
        **{name: fates.count(name) for name in COUNTS},
    }  # fmt: skip
    rows = lieu.read("SELECT record_id FROM record.attendance WHERE NOT deleted ORDER BY 1")
    assert rows == [("1",), ("12",), ("13",), ("2",), ("3",)]


FILE = [visit(n, version, heads, deleted) for n, version, heads, deleted in [
    (1, 1, 1, "non"), (2, 1, 2, "non"), (2, 2, 3, "non"), (3, 5, 4, "oui"), (3, 4, 4, "non"),
    (4, 1, 5, "non"), (4, 1, 6, "non"), (4, 1, 5, "non"), (5, 1, 7, "oui"), (5, 1, 7, "non"),
]]  # fmt: skip


HISTORIES = {
    "backwards": [FILE[::-1]],
    "interleaved": [FILE[1::2] + FILE[::2]],
    "two files": [FILE[::2], FILE[1::2]],
    "two files in the other order": [FILE[1::2], FILE[::2]],
    "half, then all": [FILE[:5], FILE],
    "all, then parts of it": [FILE, FILE[5:], FILE[:5]],
}


@pytest.mark.parametrize("history", HISTORIES)
def test_the_same_rows_give_the_same_records_in_whatever_order_they_come(
    home, history: str
) -> None:
    at_once, lieu = home(), home()
    at_once.take(delivery(FILE))
    lieu.take(*map(delivery, HISTORIES[history]))
    assert len(lieu.records()) == 5
    assert lieu.records() == at_once.records()
    assert len(lieu.ledger()) == len(HISTORIES[history])


@pytest.mark.usefixtures("read_here")
@pytest.mark.parametrize("columns", [VISITS, ANONYMOUS], ids=["numbered", "anonymous"])
def test_a_file_read_in_many_pages_gives_the_records_of_one_page(
    home, monkeypatch, columns
) -> None:
    at_once, lieu = home(), home()
    at_once.take(delivery(FILE), columns=columns)
    monkeypatch.setattr(_csv, "utf8_blocks", functools.partial(utf8_blocks, block_bytes=100))
    lieu.take(delivery(FILE), columns=columns)
    assert lieu.records() == at_once.records()
    assert lieu.ledger()[0]["rows_in"] == len(FILE)


def test_the_same_bytes_are_taken_once_and_the_same_rows_in_other_bytes_are_unchanged(home) -> None:
    lieu = home()
    assert lieu.take(delivery(FILE[:3])).batches == 1
    before = lieu.records()
    assert lieu.take(delivery(FILE[:3])).batches == 0
    assert lieu.take(delivery([*FILE[:3], ""])).batches == 1
    assert lieu.records() == before
    counts = [(line["loaded"], line["unchanged"], line["superseded"]) for line in lieu.ledger()]
    assert counts == [(2, 0, 1), (0, 2, 1)]


def test_the_later_version_of_a_record_wins_whenever_it_comes(home) -> None:
    lieu = home()
    lieu.take(delivery([visit(1, version=2, heads=20)]))
    lieu.take(delivery([visit(1, version=1, heads=10)]))
    assert lieu.kept() == [("1", 20)]
    lieu.take(delivery([visit(1, version=3, heads=30)]))
    assert lieu.kept() == [("1", 30)]
    counts = [(line["loaded"], line["superseded"]) for line in lieu.ledger()]
    assert counts == [(1, 0), (0, 1), (1, 0)]


def test_without_a_date_of_change_what_was_received_last_wins(home) -> None:
    lieu = home()
    lieu.take(*(delivery([visit(1, version="", heads=heads)]) for heads in (2, 9, 4)))
    assert lieu.kept() == [("1", 4)]


def test_equal_versions_are_settled_the_same_way_in_both_orders(home) -> None:
    found = []
    for order in itertools.permutations([10, 20, 30]):
        lieu = home()
        lieu.take(*(delivery([visit(1, heads=heads)]) for heads in order))
        found.append(lieu.kept())
        assert lieu.ledger()
    assert found.count(found[0]) == 6 and len(found[0]) == 1


def test_a_tombstone_keeps_key_and_time_and_nothing_else(home) -> None:
    lieu = home()
    lieu.take(delivery([visit(1, heads=12), visit(2)]))
    lieu.take(delivery([visit(1, version=2, heads=12, deleted="oui")]))
    tombstone = next(row for row in lieu.records() if row[0] == "1")
    columns = stored_columns(Attendance)
    kept = {k: v for k, v in zip(columns, tombstone, strict=True) if v is not None}
    assert kept == {
        "record_id": "1", "checked_in_at": datetime(2025, 2, 3, 11, tzinfo=UTC),
        "checked_in_local": datetime(2025, 2, 3, 12),
        "updated_at": datetime(2026, 1, 2, 9, tzinfo=UTC), "deleted": True,
    }  # fmt: skip
    assert [line["tombstoned"] for line in lieu.ledger()] == [0, 1]
    lieu.take(delivery([visit(1, version=1)]))
    assert lieu.read("SELECT record_id FROM record.attendance WHERE deleted") == [("1",)]


def test_a_tombstone_is_in_no_fact(home, make_place) -> None:
    lieu = home()
    lieu.take(delivery([visit(1), visit(2, deleted="oui")]))
    place = make_place(lieu.folder, {}, columns=VISITS)
    build_warehouse([place], lieu.settings, datetime(2026, 11, 2, 3, 30, tzinfo=UTC), force=False)
    assert lieu.read("SELECT record_id FROM core.attendance") == [("1",)]
    visits = "SELECT max(running) FROM indicator.value WHERE indicator_id = 'visits'"
    assert lieu.read(visits) == lieu.read(
        "SELECT headcount FROM record.attendance WHERE NOT deleted"
    )


def test_equal_rows_of_anonymous_people_stay_as_many_as_they_are(home) -> None:
    rows = ["03/02/2025 12:00;1"] * 3 + ["03/02/2025 12:00;2", "04/02/2025 12:00;1"]
    half, whole = (delivery(part, "Arrivée;Nombre") for part in (rows[:2], rows))
    lieu, other = home(), home()
    lieu.take(half, whole, columns=ANONYMOUS)
    other.take(whole, delivery(rows[::-1], "Arrivée;Nombre"), columns=ANONYMOUS)
    assert len(lieu.records()) == 5
    assert lieu.records() == other.records()
    assert [line["unchanged"] for line in lieu.ledger()] == [0, 2]
    assert [line["unchanged"] for line in other.ledger()] == [0, 5]


def test_a_window_of_local_days_leaves_the_others_for_a_later_run(home) -> None:
    lieu = home()
    night = "5;2025-02-01T23:30:00Z;01/01/2026 10:00;1;non"
    file = delivery([*(visit(day, day=day) for day in (1, 2, 3, 4)), night])
    window = {"first_day": date(2025, 2, 2), "last_day": date(2025, 2, 3)}
    lieu.take(file, **window)
    assert lieu.kept() == [("2", 1), ("3", 1), ("5", 1)]
    assert lieu.read("SELECT min(day), max(day) FROM ledger.proof") == [tuple(window.values())]
    lieu.take(file)
    assert [number for number, _ in lieu.kept()] == ["1", "2", "3", "4", "5"]
    counts = [(line["loaded"], line["unchanged"], line["ignored"]) for line in lieu.ledger()]
    assert counts == [(3, 0, 2), (2, 3, 0)]


@pytest.mark.parametrize("columns", [VISITS, ANONYMOUS], ids=["numbered", "anonymous"])
def test_replaying_what_landed_is_a_new_attempt_that_changes_nothing(home, columns) -> None:
    lieu = home()
    lieu.take(delivery(FILE), delivery([visit(6)]), delivery([visit("", day=30)]), columns=columns)
    before = lieu.read("SELECT * FROM record.attendance ORDER BY ALL")
    report = lieu.take(delivery([visit(6)]), columns=columns, again="landed")
    assert report.batches == 3
    assert lieu.read("SELECT * FROM record.attendance ORDER BY ALL") == before
    attempts = lieu.ledger()
    assert [line["rows_in"] for line in attempts[3:]] == [line["rows_in"] for line in attempts[:3]]
    assert all(line["loaded"] == 0 for line in attempts[3:])


def test_a_refused_batch_leaves_no_row_and_is_tried_again_when_the_mapping_is_mended(home) -> None:
    lieu = home()
    file = delivery([visit(1), visit("Dupont")])
    report = lieu.take(file, columns=VISITS | {"headcount": "Nombres"})
    assert "'Nombre'" in report.refused[0]
    for table in ("record.attendance", "ledger.quarantine", "ledger.proof"):
        assert lieu.read(f"SELECT count(*) FROM {table}") == [(0,)]
    assert lieu.take(file).loaded == 1
    assert [line["outcome"] for line in lieu.ledger()] == ["refused", "accepted"]
    assert lieu.read("SELECT count(*) FROM ledger.batch") == [(1,)]


VERSIONS = st.tuples(
    st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.sampled_from(["non", "non", "oui"])
)


@hypothesis_settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(deliveries=st.lists(st.lists(VERSIONS, min_size=1, max_size=5), min_size=1, max_size=3))
def test_whatever_comes_in_whatever_order_the_greatest_version_of_each_record_stays(
    home, deliveries
) -> None:
    tables = []
    for history in (deliveries, [rows[::-1] for rows in reversed(deliveries)]):
        lieu = home()
        lieu.take(*(delivery([visit(*version) for version in rows]) for rows in history))
        assert lieu.ledger()
        tables.append(lieu.records())
    assert tables[0] == tables[1]
    versions = {version for rows in deliveries for version in rows}
    found = lieu.read(
        "SELECT CAST(record_id AS INT), day(updated_at), headcount, deleted FROM record.attendance"
    )
    assert sorted(row[0] for row in found) == sorted({number for number, *_ in versions})
    for number, changed, *content in found:
        greatest = max(v[1] for v in versions if v[0] == number)
        mine = [v[2:] for v in versions if v[:2] == (number, greatest)]
        assert changed == greatest
        assert content in [
            [None, True] if gone == "oui" else [heads, False] for heads, gone in mine
        ]


def test_a_file_read_again_with_a_mended_mapping_replaces_what_it_made_before(new_home) -> None:
    network = new_home({"record_id": "N°", "checked_in_at": "Arrivée", "headcount": "Faux"})
    text = "N°;Arrivée;Faux;Nombre\n" + "".join(
        f"{n};03/02/2025 12:00;1;{n + 1}\n" for n in range(1, 9)
    )
    network.take(text)
    mended = {"record_id": "N°", "checked_in_at": "Arrivée", "headcount": "Nombre"}
    network.take(text, columns=mended, again="landed")
    assert network.kept() == [(str(n), n + 1) for n in range(1, 9)]
    assert [line["loaded"] for line in network.ledger()] == [8, 8]
