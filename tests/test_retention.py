"""What could name or describe people goes when the days are over that the network says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flows.errors import ConfigurationError
from flows.settings import Retention, read_marker
from flows.stages.retention import let_go
from tests.conftest import Home

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

    def after(days: int) -> tuple[int, int]:
        return let_go(home.settings, now + timedelta(days=days))

    assert after(89) == (2, 0)  # the files of which nothing is left to correct
    assert home.read(LINES) == [("2", shape, True), ("3", shape, False)]
    assert shape.encode() in home.settings.warehouse.read_bytes()
    assert after(91) == (1, 2)
    assert home.read(LINES) == [("2", None, True)]
    assert shape.encode() not in home.settings.warehouse.read_bytes()
    assert (home.ledger(), after(91), home.kept()) == (attempts, (0, 0), [("1", 1), ("3", 1)])
    # its number still finds it
    home.take("N°;Arrivée\n2;07/10/2026 10:00\n")
    assert home.read("SELECT count(*) FROM ledger.open_reject") == [(0,)]


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
        ("[retention]\nlanding_days = 120", "files with rows to correct would go before"),
        ("retention = 30", "in \\[retention\\]"),
    ):
        with pytest.raises(ConfigurationError, match=fault):
            said(text)
