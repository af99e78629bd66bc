"""What could name or describe people goes when the days are over that the network says."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flows.errors import ConfigurationError
from flows.operation.doctor import examine
from flows.operation.installation import look
from flows.serving.logs import shorten
from flows.settings import Retention, Settings, read_marker
from flows.stages.build import build_warehouse
from flows.stages.retention import LetGo, let_go
from flows.warehouse.look_back import beyond
from flows.warehouse.models import read_indicators
from tests.conftest import AS_OF, Home

GOOD = "N°;Arrivée\n1;05/10/2026 10:00\n"
LOST = "N°;Arrivée\n2;31/02/2026 10:00\n3;32/02/2026 10:00\n"
CORRECTED = "N°;Arrivée\n3;06/10/2026 10:00\n"
LINES = "SELECT record_id, mask, closed_by IS NULL FROM ledger.quarantine ORDER BY 1"


def test_refused_rows_lose_what_nobody_needs_after_ninety_days_and_stay_lost(
    new_home: Callable[..., Home],
) -> None:
    home, now = new_home({"record_id": "N°", "checked_in_at": "Arrivée"}), datetime.now(UTC)
    home.take(GOOD, LOST, CORRECTED)
    shape = "99/99/9999 99:99"
    assert home.read(LINES) == [("2", shape, True), ("3", shape, False)]
    attempts = home.ledger()

    def after(days: int) -> LetGo:
        return let_go(home.settings, now + timedelta(days=days))

    assert after(89) == LetGo(files=2)  # the files of which nothing is left to correct
    assert home.read(LINES) == [("2", shape, True), ("3", shape, False)]
    assert shape.encode() in home.settings.warehouse.read_bytes()
    assert after(91) == LetGo(1, 2)
    assert home.read(LINES) == [("2", None, True)]
    assert shape.encode() not in home.settings.warehouse.read_bytes()
    assert (home.ledger(), after(91), home.kept()) == (attempts, LetGo(), [("1", 1), ("3", 1)])
    # its number still finds it
    home.take("N°;Arrivée\n2;07/10/2026 10:00\n")
    assert home.read("SELECT count(*) FROM ledger.open_reject") == [(0,)]


def test_a_log_begins_again_each_month_and_goes_after_a_year(settings: Settings) -> None:
    folder = settings.home / "serving"
    folder.mkdir(parents=True)
    log, (year, month) = folder / "door.log", (2025, 10)
    while (year, month) <= (2027, 1):
        now = datetime(year, month, 15, tzinfo=UTC)
        shorten(log, now)
        with log.open("a") as stream:
            stream.write(f"{year}-{month:02}\n")
        os.utime(log, (now.timestamp(), now.timestamp()))
        shorten(log, now + timedelta(hours=1))
        year, month = (year + month // 12, month % 12 + 1)
    let_go(settings, now)
    kept = {file.name: file.read_text() for file in folder.iterdir()}
    months = [f"2026-{month:02}" for month in range(1, 13)]
    assert kept == {f"door.log.{one}": f"{one}\n" for one in months} | {"door.log": "2027-01\n"}


def test_what_a_network_does_not_keep_long_enough_for_is_said(tmp_path: Path) -> None:
    for months, said in (
        (None, "records are kept without end"),
        (36, "records are kept for 36 months"),
        (18, "records are kept for 18 months; never computed: creation_rate_12m (month, quarter, "),
    ):
        kept = Retention(records_months=months)
        settings = Settings(tmp_path, tmp_path, tmp_path, retention=kept)
        found = [one for one in examine(look(settings, AS_OF)) if one.check == "retention"]
        assert [(one.state, one.found.startswith(said)) for one in found] == [("ok", True)]
        assert months == 18 or found[0].found == said


def test_the_network_says_how_long_and_a_slip_is_refused(tmp_path: Path) -> None:
    def said(text: str) -> Any:
        (tmp_path / "impact.toml").write_text(f'keys = "../k"\n{text}')
        return read_marker(tmp_path).retention

    assert said("") == Retention(30, 90, 90)
    days = "landing_days = 7\nopen_landing_days = 60\nrefused_days = 45"
    assert said(f"[retention]\n{days}") == Retention(7, 60, 45)
    for text, fault in (
        ("[retention]\nlanding = 7", "unknown key landing"),
        ("[retention]\nlanding_days = 0", "`landing_days` is no number of days"),
        ("[retention]\nrefused_days = true", "`refused_days` is no number of days"),
        ("[retention]\nrecords_months = 0", "`records_months` is no number of months"),
        ("[retention]\nlanding_days = 120", "files with rows to correct would go before"),
        ("retention = 30", "in \\[retention\\]"),
    ):
        with pytest.raises(ConfigurationError, match=fault):
            said(text)


KEPT_MONTHS = 27
VALUES = """
    SELECT indicator_id, scope_id, period_id, breakdown, category, status, running
    FROM indicator.value WHERE starts_on >= DATE '2024-08-01' ORDER BY ALL
"""


@pytest.mark.long
def test_of_three_years_the_last_27_months_are_kept_and_no_figure_that_is_said_is_another(
    tmp_path: Path, make_place, collect, read
) -> None:
    """Whole registers come again and again: what is too old never comes back."""
    first, people = datetime(2023, 11, 2, 9), 40
    visits = [
        f"{week * people + person};{first + timedelta(weeks=week, hours=person % 8):%d/%m/%Y %H:%M};"
        f"p{(person * 7 + week // 9) % 61}@exemple.test\n"
        for week in range(156)
        for person in range(people)
        if (week + person) % 3
    ]
    (tmp_path / "places").mkdir()
    place = make_place(
        tmp_path, {"e.csv": "N°;Arrivée;Mail\n" + "".join(visits)}, identity={"email": "Mail"},
        place={"opened_on": "2023-11-01"},
    )  # fmt: skip
    kept = Retention(records_months=KEPT_MONTHS)

    def home(name: str, retention: Retention) -> Settings:
        return Settings(tmp_path / name, tmp_path / "places", tmp_path / "keys", "place", retention)

    whole, short = home("whole", Retention()), home("short", kept)
    for settings in (whole, replace(short, retention=Retention())):
        [report] = collect(place, settings)
        assert (report.failed, report.refused, report.loaded) == ([], [], len(visits))
    gone = let_go(short, AS_OF)
    [(oldest, proven, left)] = read(
        short,
        "SELECT (SELECT min(checked_in_local)::DATE FROM record.attendance), "
        "(SELECT min(day) FROM ledger.proof), (SELECT count(*) FROM record.attendance)",
    )
    assert oldest >= date(2024, 8, 1) and proven == date(2024, 8, 1)
    assert gone.records + left == len(visits) and gone.records > 1000
    (tmp_path / "e.csv").write_text("N°;Arrivée;Mail\n" + "".join([*visits[1:], visits[0]]))
    [report] = collect(place, short)
    assert (report.failed, report.refused, report.loaded) == ([], [], 0)
    assert read(
        short, "SELECT count(*), (SELECT min(day) FROM ledger.proof) FROM record.attendance"
    ) == [(left, proven)]
    figures = {}
    for settings in (whole, short):
        build_warehouse([place], settings, AS_OF, force=True)
        figures[settings] = {row[:5]: row[5:] for row in read(settings, VALUES)}
    said = {key: cell for key, cell in figures[short].items() if cell[0] == "ok"}
    assert len(said) > 500
    assert {key: (cell, figures[whole][key]) for key, cell in said.items()
            if cell != figures[whole][key]} == {}  # fmt: skip
    lost = beyond(read_indicators(short.sql), KEPT_MONTHS)
    silent = {key[0] for key in figures[whole] if figures[whole][key][0] == "ok"}
    silent -= {key[0] for key in said}
    assert silent <= {one.partition(" ")[0] for one in lost}
