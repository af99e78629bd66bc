"""A place is described from its calendar: what its words mean is proposed, and no name is shown."""

import tomllib
from pathlib import Path

import pytest

from flows.cli import main
from flows.errors import BatchRefused
from flows.network.place_files import read_place
from flows.onboarding.guess_calendar import calendar_text

AGENDA = """\
BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:1
DTSTART;TZID=Europe/Paris:20260907T090000
RRULE:FREQ=WEEKLY
SUMMARY:Permanence Impôts (Nomsecret)
CATEGORIES:permanence
END:VEVENT
BEGIN:VEVENT
UID:2
DTSTART;VALUE=DATE:20260901
SUMMARY:Nomsecret
LOCATION:Grande salle
CATEGORIES:permanence,Prénomsecret
END:VEVENT
BEGIN:VEVENT
UID:3
DTSTART:20261005T070000Z
DURATION:PT1H
SUMMARY:Nomsecret
CATEGORIES:permanence
END:VEVENT
END:VCALENDAR
"""


def proposed(folder: Path, feed: str, text: str = AGENDA) -> str:
    sample = folder / "agenda-2026-10-31.ics"
    sample.write_text(text, encoding="utf-8")
    return calendar_text(sample, feed, folder / "places")


def test_words_of_partners_and_of_services_get_codes_and_categories_wait_for_one(
    tmp_path: Path,
) -> None:
    desks = proposed(tmp_path, "attendance")
    assert '"impots" = "impots-1"' in desks
    assert '"permanence" = "…"' in desks
    [source] = tomllib.loads(desks)["sources"]
    assert source["connector"] == "calendar"
    assert source["path"] == "../agenda-*.ics"
    assert (source["delivery"], str(source["from"])) == ("period", "2026-09-01")
    [source] = tomllib.loads(proposed(tmp_path, "service_usage"))["sources"]
    assert source["values"] == {"service_code": {"salle": "salle"}}


@pytest.mark.parametrize("feed", ["attendance", "service_usage"])
def test_no_name_of_the_calendar_is_in_what_is_proposed(tmp_path: Path, feed: str) -> None:
    assert "secret" not in proposed(tmp_path, feed).lower()


def test_a_calendar_that_only_says_busy_is_refused(tmp_path: Path) -> None:
    busy = "BEGIN:VCALENDAR\nBEGIN:VFREEBUSY\nEND:VFREEBUSY\nEND:VCALENDAR\n"
    with pytest.raises(BatchRefused):
        proposed(tmp_path, "attendance", busy)


def test_the_command_writes_a_source_that_can_be_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    places = tmp_path / "places"
    monkeypatch.setenv("IMPACT_PLACES", str(places))
    monkeypatch.setenv("IMPACT_HOME", str(tmp_path / "home"))
    proposed(tmp_path, "attendance")
    place = ["--id", "le-lieu", "--name", "Le Lieu", "--commune", "80021", "--opened", "2026-09-01"]
    given = ["--from", str(tmp_path / "agenda-2026-10-31.ics"), "--feed", "attendance"]
    assert main(["new-place", *place, *given]) == 0
    assert read_place(places / "le-lieu.toml").sources[0].connector == "calendar"
    main(["check-source", "le-lieu", "agenda"])
    assert "agenda-2026-10-31.ics" in capsys.readouterr().out
