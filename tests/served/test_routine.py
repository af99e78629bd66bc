"""What the calendar starts beside the night: who is late, what is not well, the letters to places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from flows.operation.doctor import examine
from flows.operation.installation import look
from tests.fakes.mail import Mailbox
from tests.served.conftest import MANAGER
from tests.served.service import PLACE, Served


@dataclass
class Network:
    """A service with two places, one of which has sent files, and the mailbox of everybody."""

    served: Served
    box: Mailbox

    def said_to_the_manager(self, word: str) -> list[str]:
        """The lines that the manager got with this word, when there are any."""
        bodies = [m.get_body(("plain", "html")) for to, m in self.box.letters if to == [MANAGER]]
        lines = [line for body in bodies if body for line in body.get_content().splitlines()]
        return [line for line in lines if word in line]


@pytest.fixture(scope="module")
def network(figures: Served, mail: tuple[Mailbox, int]) -> Iterator[Network]:
    silent = figures.settings.places / "muet.toml"
    silent.write_text(PLACE.format(id="muet"))
    try:
        yield Network(figures, mail[0])
    finally:
        silent.unlink()


def test_every_morning_what_is_late_is_told_once(network: Network) -> None:
    served = network.served
    mornings = [served.run("morning") for _ in range(2)]
    for morning in mornings:
        assert morning["state_type"] == "COMPLETED"
        assert morning["state"]["message"] == "2 late: le-lieu registre, muet registre"
    assert len(served.alerts("days late")) == 2
    [silent] = served.until(lambda: network.said_to_the_manager("muet, registre"))
    assert "nothing has ever come" in silent
    [artifact] = served.ask("/artifacts/latest/filter", artifacts={"key": {"any_": ["late"]}})
    assert '"muet"' in artifact["data"]


def test_every_week_what_is_not_well_is_told_once_with_what_to_do(network: Network) -> None:
    served = network.served
    left = served.settings.home / "left.part"
    left.touch()
    for _ in range(2):
        ended = served.run("maintenance")
        assert ended["state_type"] == "COMPLETED"
        assert "unfinished files" in ended["state"]["message"]
    left.unlink()
    [line] = served.until(lambda: network.said_to_the_manager("left.part"))
    assert "remove these files" in line
    assert [alert.kind for alert in served.alerts("left.part")] == ["health"]
    found = examine(look(served.settings, datetime.now(UTC)))
    assert [one.state for one in found if one.check == "unfinished files"] == ["ok"]


def test_every_week_each_place_gets_one_letter(network: Network) -> None:
    served, box = network.served, network.box

    def places() -> list[str]:
        return [to for to in box.taken() if to != MANAGER]

    box.refused = {"muet@lieu.example"}
    first = served.run("weekly-letters")
    assert first["state_type"] == "FAILED"
    assert first["state"]["message"] == (
        "not sent: Le Lieu muet: your data of the week: SMTPRecipientsRefused"
    )
    box.refused = set()
    assert served.run("weekly-letters")["state"]["message"] == "1 letters sent"
    assert places() == ["le-lieu@lieu.example", "muet@lieu.example"]
    served.until(lambda: network.said_to_the_manager("not sent: Le Lieu muet"))
