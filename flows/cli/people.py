"""Commands about one person who asks: what is held of them, and to be forgotten.

Who it is comes from a prompt that shows nothing, or from standard input, a line each; never from
the arguments, which the shell and the list of processes keep.
"""

import getpass
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from flows.errors import ConfigurationError
from flows.language import _, ngettext
from flows.settings import Settings, read_settings

if TYPE_CHECKING:
    from flows.intake.forgotten import Person
    from flows.places import Place
    from flows.stages.gone import Gone


@click.command()
@click.option("--place", "place_id", required=True, metavar="ID", help="Where they came.")
def forget(place_id: str) -> None:
    """Forget somebody who asks for it, at one place: records, refused rows, received files.

    Who it is is asked for and not shown, or comes from standard input, a line for each question:
    every identity that the sources of the place declare; leave empty what is unknown. No file and
    no backup brings their rows back. Figures are computed again.
    """
    from flows.cli.terminal import progress, show_run
    from flows.network.place_files import declared_place, read_places
    from flows.runs.context import patience
    from flows.runs.nightly import run_now
    from flows.stages.forget import forget as forget_person
    from flows.stages.preflight import check_before_starting
    from flows.warehouse.database import writer_lock

    settings, now = read_settings(), datetime.now(UTC)
    place = declared_place(read_places(settings.places), place_id)
    person = ask_who(place)
    with writer_lock(settings):
        gone = forget_person(place, settings, person, now)
    if gone is None:
        say_nobody(place)
        return
    say_what_went(gone, place, settings)
    with progress():
        check_before_starting(settings, [], wait_seconds=patience())
        report = run_now(as_of=now, again="recompute")
    show_run(report, settings)
    sys.exit(report.exit_code)


def say_nobody(place: "Place") -> None:
    said = _("Nobody is known by this at {place}, and nothing was noted: check how it is spelt.")
    click.echo(said.format(place=place.id))


def ask_who(place: "Place") -> "Person":
    """Every identity that a source of the place may know somebody by; what is empty is unknown."""
    from flows.intake.forgotten import Person

    kinds = {
        kind
        for source in place.sources
        for kind in source.identity.kinds()
        if kind in place.identity_order
    }
    if not kinds:
        raise ConfigurationError(
            _("no source of this place says who a row is about"),
            where=place.id,
            remedy=_("nothing is held of anybody there; if a file names people, map `identity`"),
        )
    email = answer(_("E-mail address")) if "email" in kinds else ""
    last = first = born = ""
    if "name_birth" in kinds:
        last, first = answer(_("Last name")), answer(_("First name"))
        born = birth_day(answer(_("Birth date, like 1984-03-12 or 12/03/1984")))
    numbers = {
        source.id: answer(_("Number in {source}, column {header}").format(
            source=source.id, header=source.identity.source_id
        ))
        for source in place.sources
        if "source_id" in kinds and source.identity.source_id
    }  # fmt: skip
    return Person(email, last, first, born, numbers)


def answer(question: str) -> str:
    """What somebody types without seeing it, or the next line of standard input."""
    if sys.stdin.isatty():
        return getpass.getpass(_("{question} (is not shown): ").format(question=question)).strip()
    click.echo(question, err=True)
    return sys.stdin.readline().strip()


def birth_day(text: str) -> str:
    """As an ISO date; what was typed is in no message."""
    if not text:
        return ""
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            found: date = datetime.strptime(text, form).date()
        except ValueError:
            continue
        return found.isoformat()
    raise ConfigurationError(
        _("this is no birth date"), remedy=_("write it like 1984-03-12 or 12/03/1984")
    ) from None


def say_what_went(gone: "Gone", place: "Place", settings: Settings) -> None:
    """What went, what others lose by it, and what this command cannot reach."""
    click.echo(gone.said(place.id))
    if gone.batches:
        click.echo(
            ngettext(
                "{count} row of others was in the files that went: it stays counted, and cannot be "
                "read again.",
                "{count} rows of others were in the files that went: they stay counted, and cannot "
                "be read again.",
                gone.others,
            ).format(count=gone.others)
        )
    if gone.unread:
        click.echo(
            ngettext(
                "{count} of the files was not loaded yet: have it sent again.",
                "{count} of the files were not loaded yet: have them sent again.",
                gone.unread,
            ).format(count=gone.unread)
        )
    for copy in sorted(settings.home.parent.glob(f"{settings.home.name}.schema-*.duckdb")):
        click.echo(_("Remove yourself: {file}, a copy from before an upgrade").format(file=copy))
    click.echo(
        _("Not reached from here: the files and tools of the place itself, and older backups.")
    )


@click.command("export-person")
@click.option("--place", "place_id", required=True, metavar="ID", help="Where they came.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE")
def export_person(place_id: str, file: Path) -> None:
    """Write what is held of somebody who asks for it into FILE, a workbook for its owner alone.

    Who it is is asked for as `impact forget` does. The workbook has their records, of nobody else,
    which delivery brought each and when, and the received files that still name them.
    """
    from flows.network.place_files import declared_place, read_places
    from flows.operation.access_workbook import access_workbook
    from flows.operation.correction_workbook import write_for_its_owner
    from flows.stages.held import held_of
    from flows.warehouse.database import writer_lock

    settings, now = read_settings(), datetime.now(UTC)
    place = declared_place(read_places(settings.places), place_id)
    person = ask_who(place)
    with writer_lock(settings):
        held = held_of(place, settings, person, now)
    if not (held.count or held.files):
        say_nobody(place)
        return
    write_for_its_owner(file, access_workbook(held.records, held.files, place, now))
    click.echo(
        ngettext(
            "{count} record of this person is in {file}: send it in a way that only they can read.",
            "{count} records of this person are in {file}: send it in a way that only they can "
            "read.",
            held.count,
        ).format(count=held.count, file=file)
    )


COMMANDS = [forget, export_person]
