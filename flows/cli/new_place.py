"""A new place, or one more source of a place, from an export of it."""

import re
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.cli.options import FeedType, day
from flows.language import _
from flows.settings import read_settings

if TYPE_CHECKING:
    from flows.onboarding.guessed import Guess
    from flows.settings import Settings

SHEETS = (".xlsx", ".ods", ".csv")
SOURCE_ID = r"""(?m)^id\s*=\s*["']([^"']+)"""


@click.command("new-place")
@click.option("--id", "place_id", metavar="ID", help="Lower-case letters, digits, hyphens.")
@click.option("--name", metavar="NAME", help="As the public knows it.")
@click.option("--commune", metavar="CODE", help="INSEE code of its commune.")
@click.option("--opened", callback=day, metavar="DATE", help="First day open to the public.")
@click.option("--service", "services", multiple=True, metavar="CODE", help="What it offers.")
@click.option(
    "--from", "sample", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="An export to propose a source from.",
)  # fmt: skip
@click.option("--feed", type=FeedType())
@click.option("--sheet", metavar="SHEET", help="Sheet of the workbook to look at.")
def new_place(
    place_id: str | None,
    name: str | None,
    commune: str | None,
    opened: date | None,
    services: tuple[str, ...],
    sample: Path | None,
    feed: str | None,
    sheet: str | None,
) -> None:
    """Write the TOML of a new place, with a source guessed from an export of it.

    With --id and --from alone, a place that is there gets one more source.
    """
    from flows.cli.terminal_sources import show_new_place, show_new_source
    from flows.onboarding.new_place import NewPlace, add_source, place_text, write_place
    from flows.payroll import refuse_payroll_file

    settings = read_settings()
    file = settings.places / f"{place_id}.toml"
    is_there = bool(place_id and sample and not name and not commune) and file.is_file()
    said = {"--id": place_id} if is_there else {
        "--id": place_id, "--name": name, "--commune": commune}  # fmt: skip
    if sample is not None:
        refuse_payroll_file(sample, sample.name)
        said["--feed"] = feed or feed_of_the_kit(sample)
    known = prompted(said)
    if is_there and sample:
        text = file.read_text(encoding="utf-8")
        guess, source = proposed(sample, known["--feed"], sheet, settings, text)
        add_source(file, source)
        show_new_source(known["--id"], file, sample, guess)
    else:
        place = NewPlace(known["--id"], known["--name"], known["--commune"], opened, services)
        guess, source = None, ""
        if sample:
            text = place_text(place)
            guess, source = proposed(sample, known["--feed"], sheet, settings, text)
        file = write_place(settings.places, place, source)
        show_new_place(place, file, sample, guess)
    sys.exit(3 if guess and guess.is_open else 0)


def proposed(
    sample: Path, feed: str, sheet: str | None, settings: "Settings", place: str
) -> tuple["Guess | None", str]:
    """What was guessed of a sample, tried on it, and the source as TOML; a calendar has no guess.

    `place` is the TOML that the source comes to stand in.
    """
    from flows.connectors._peek import peek
    from flows.onboarding.guess import guess_source
    from flows.onboarding.guess_calendar import calendar_text, is_calendar
    from flows.onboarding.new_place import source_id, source_text
    from flows.onboarding.trial import try_out

    folder = settings.places
    if is_calendar(sample):
        return None, calendar_text(sample, feed, folder)
    guess = guess_source(peek(sample), feed, sample.name, sheet)
    guess.id = source_id(sample, re.findall(SOURCE_ID, place.partition("[[sources]]")[2]))
    if not (guess.is_comment or guess.template):
        declared = place + "\n" + source_text(guess, sample, folder)
        try_out(guess, declared, sample, settings)
    return guess, source_text(guess, sample, folder)


def feed_of_the_kit(sample: Path) -> str | None:
    """The feed of a sheet of the kit, which says itself what it is about."""
    from flows.connectors._peek import peek
    from flows.onboarding.guess import sheet_of_the_kit
    from schemas.template import TEMPLATES

    kit_sheet = sheet_of_the_kit(peek(sample)) if sample.suffix.lower() in SHEETS else None
    return TEMPLATES[kit_sheet[0]].feed if kit_sheet else None


def prompted(said: dict[str, str | None]) -> dict[str, str]:
    """What is required, asked for on a terminal; elsewhere all that is missing is named at once."""
    missing = [flag for flag, value in said.items() if not value]
    if missing and not sys.stdin.isatty():
        raise click.UsageError(_("missing: {missing}").format(missing=", ".join(missing)))
    return {flag: value or click.prompt(flag.removeprefix("--")) for flag, value in said.items()}
