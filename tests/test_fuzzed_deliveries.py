"""Whatever comes as a delivery is loaded or refused in words: every row of it is accounted for,
looking at it before tells the same, memory stays, and nobody is shown."""

from __future__ import annotations

import resource
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from flows.onboarding.check_source import check_source
from flows.settings import Settings
from tests.conftest import AS_OF, LEDGER_COUNTS
from tests.fuzzed_deliveries import CANARY, COLUMNS, IDENTITY, Fuzzed, fuzzed

MOST_KILOBYTES = 400_000
"""By which the memory of this process may grow: the largest delivery has 24 kB."""

Became = tuple[str, str, tuple[int, ...]]
"""File, why it was refused, how many rows came and what became of them."""


def foretold(place: Any, settings: Settings) -> list[Became]:
    check = check_source(place, place.sources[0], settings, AS_OF)
    assert check.report.failed == []
    return [
        (file.name, file.refused, tuple(getattr(file.attempt, name) for name in LEDGER_COUNTS))
        for file in check.files
    ]


def in_the_ledger(settings: Settings, read: Any) -> list[Became]:
    sql = (
        f"SELECT b.file_name, a.reason, {', '.join(f'a.{name}' for name in LEDGER_COUNTS)} "
        "FROM ledger.attempt AS a JOIN ledger.batch AS b USING (batch_id) ORDER BY a.attempted_at"
    )
    return [(name, reason, tuple(counts)) for name, reason, *counts in read(settings, sql)]


def all_that_is_kept(settings: Settings, read: Any) -> str:
    tables = read(
        settings,
        "SELECT table_schema || '.' || table_name FROM information_schema.tables "
        "WHERE table_schema IN ('ledger', 'record')",
    )
    return "".join(repr(read(settings, f"SELECT * FROM {table}")) for (table,) in tables)


def assert_each_is_loaded_or_refused_in_words(
    folder: Path, files: list[Fuzzed], looked_at: str, make_place: Any, collect: Any, read: Any
) -> Counter[bool]:
    """Deliver all to one place, and look at some of them; how many were accepted."""
    (folder / "in").mkdir(parents=True)
    for file in files:
        (folder / "in" / file.name).write_bytes(file.content)
    settings = Settings(home=folder / "home", places=folder, keys=folder / "keys")
    declared = {"columns": COLUMNS, "identity": IDENTITY}
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    [report] = collect(make_place(folder, {}, path="in/*", **declared), settings)
    before_loading = foretold(make_place(folder, {}, path=f"in/{looked_at}", **declared), settings)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MOST_KILOBYTES

    became = in_the_ledger(settings, read)
    assert report.failed == []
    assert became[: len(before_loading)] == before_loading
    assert Counter(name for name, *_ in became) == Counter(file.name for file in files)
    for name, reason, (rows_in, *parts) in became:
        assert rows_in == sum(parts), name
        assert not reason or (name in reason and " → " in reason), reason
    right = {file.name: file.rows for file in files if not file.how}
    assert {name: counts[0] for name, _reason, counts in became if name in right} == right
    assert CANARY not in repr(report) + all_that_is_kept(settings, read)
    return Counter(not reason for _name, reason, _counts in became)


def test_three_hundred_spoilt_deliveries_are_loaded_or_refused_in_words(
    tmp_path: Path, make_place: Any, collect: Any, read: Any
) -> None:
    files = [fuzzed(number, times=(2, 4)) for number in range(300)]
    accepted = assert_each_is_loaded_or_refused_in_words(
        tmp_path, files, "000-0[0-5]*", make_place, collect, read
    )
    assert min(accepted[True], accepted[False]) > 30


@pytest.mark.long
@pytest.mark.parametrize("first", range(1000, 11_000, 500))
def test_ten_thousand_spoilt_deliveries_are_loaded_or_refused_in_words(
    tmp_path: Path, make_place: Any, collect: Any, read: Any, first: int
) -> None:
    files = [fuzzed(number) for number in range(first, first + 500)]
    assert_each_is_loaded_or_refused_in_words(tmp_path, files, "*", make_place, collect, read)
