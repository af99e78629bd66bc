"""What can be asked for together: in the form of a rerun, and on the command line."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from flows.cli import main
from flows.runs.rerun_form import AGAIN, PULL, Mode, PlaceChoice, Rerun

DAY, LATER = "2026-10-01", "2026-10-31"
PLACE = next(iter(PlaceChoice)).value
WHOLE, ALL, ORDER = "is read again whole", "all figures are computed again", "is before the first"
REFUSED: list[tuple[str | None, dict[str, Any], str]] = [
    (None, {"first_day": LATER, "last_day": DAY}, ORDER),
    ("landed", {"first_day": DAY}, WHOLE),
    ("landed", {"last_day": DAY}, WHOLE),
    ("landed", {"places": [PLACE], "first_day": DAY, "last_day": LATER}, WHOLE),
    ("recompute", {"first_day": DAY}, ALL),
    ("recompute", {"last_day": DAY}, ALL),
    ("recompute", {"places": [PLACE]}, ALL),
]
OPTIONS = {"first_day": "--from", "last_day": "--to", "places": "--place"}


def mode_of(again: str | None) -> str:
    return next((mode for mode, meant in AGAIN.items() if meant == again), PULL)


@pytest.mark.parametrize("mode", get_args(Mode))
def test_the_form_as_it_is_shown_is_right_for_every_mode(mode: str) -> None:
    fields = Rerun.model_json_schema()["properties"]
    shown = {name: field["default"] for name, field in fields.items() if "default" in field}
    assert {"places", "feeds", "first_day", "last_day"} <= set(shown)
    request = Rerun.model_validate({**shown, "mode": mode, "reason": "mapping mended"})
    assert request.contradiction is None


@pytest.mark.parametrize("again", [None, "landed"])
def test_what_is_collected_can_be_chosen(again: str | None) -> None:
    chosen = {"places": [PLACE], "feeds": ["attendance"]}
    days = {} if again else {"first_day": DAY, "last_day": DAY}
    request = {"mode": mode_of(again), "reason": "as it is", **chosen, **days}
    assert Rerun.model_validate(request).contradiction is None


@pytest.mark.parametrize(
    ("again", "chosen", "said"), [*REFUSED, ("recompute", {"feeds": ["attendance"]}, ALL)]
)
def test_the_form_refuses_what_would_do_nothing(
    again: str | None, chosen: dict[str, Any], said: str
) -> None:
    request = Rerun.model_validate({"mode": mode_of(again), "reason": "as it is", **chosen})
    assert said in str(request.contradiction)


@pytest.mark.parametrize(("again", "chosen", "said"), REFUSED)
def test_the_command_refuses_the_same_before_it_starts(
    again: str | None, chosen: dict[str, Any], said: str, monkeypatch, tmp_path, capsys
) -> None:
    monkeypatch.setenv("IMPACT_HOME", str(tmp_path / "home"))
    options = ["--again", again] if again else []
    for name, value in chosen.items():
        options += [OPTIONS[name], value if isinstance(value, str) else value[0]]
    assert main(["run", *options]) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "home").exists()


def test_the_form_publishes_today_only_where_somebody_says_so_and_it_is_no_dry_run() -> None:
    def asked(**chosen: Any) -> Rerun:
        return Rerun.model_validate({"mode": PULL, "reason": "as it is", **chosen})

    assert [asked().when, asked(publish_today=True).when] == ["never", "always"]
    assert asked(dry_run=True).when == "rehearse"
    assert asked(publish_today=True).contradiction is None
    both = asked(dry_run=True, publish_today=True)
    assert "a dry run publishes nothing" in str(both.contradiction)
