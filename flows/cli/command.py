"""The `impact` command. Heavy imports stay inside the commands: `--help` answers at once."""

import sys
from datetime import date, datetime
from pathlib import Path
from typing import Literal

import click

from flows.cli.deliveries import COMMANDS as DELIVERY_COMMANDS
from flows.cli.options import day, instant, translate_help
from flows.cli.people import COMMANDS as PEOPLE_COMMANDS
from flows.cli.revisions import COMMANDS as REVISION_COMMANDS
from flows.cli.service import COMMANDS as SERVICE_COMMANDS
from flows.cli.setup import COMMANDS
from flows.errors import ImpactError, is_panic, refuse_unknown_language, unexpected
from flows.language import LANGUAGE, LANGUAGES, _, ngettext
from flows.machine import refusal
from flows.settings import read_settings
from flows.stages.request import contradiction


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="impact-tiers-lieux")
def impact() -> None:
    """What tiers-lieux do for social cohesion and the local economy, from records.

    Started in a network, a folder made by `impact init`, a command works on that network. Else
    IMPACT_HOME (default data/local) holds all state, IMPACT_PLACES (default data/places) all
    configuration, IMPACT_KEYS (default beside the home) the keys.

    Exit codes: 0 fine; 1 something failed; 2 wrong usage or configuration; 3 finished, but some
    batches were refused or a place has more quarantined rows than it tolerates.
    """


@impact.command()
@click.option("--place", "place_ids", multiple=True, metavar="ID", help="Only this place.")
@click.option("--from", "first_day", callback=day, metavar="DATE", help="First day to load.")
@click.option("--to", "last_day", callback=day, metavar="DATE", help="Last day to load.")
@click.option(
    "--again",
    type=click.Choice(["landed", "recompute"]),
    help="landed: read again what was received, whatever its days; recompute: the figures alone, "
    "of all places.",
)
@click.option(
    "--as-of", callback=instant, metavar="DATETIME", help="Compute as if it were then (now)."
)
def run(
    place_ids: tuple[str, ...],
    first_day: date | None,
    last_day: date | None,
    again: Literal["landed", "recompute"] | None,
    as_of: datetime,
) -> None:
    """Collect the places, compute the figures, check them, publish them."""
    from flows.cli.terminal import progress, show_run

    if said := contradiction(again, place_ids, first_day, last_day):
        raise click.UsageError(said)
    settings = read_settings()
    with progress():
        from flows.runs.context import patience
        from flows.runs.nightly import run_now
        from flows.stages.preflight import check_before_starting

        check_before_starting(settings, list(place_ids), wait_seconds=patience())
        report = run_now(
            as_of=as_of,
            place_ids=list(place_ids) or None,
            first_day=first_day,
            last_day=last_day,
            again=again,
        )
    show_run(report, settings)
    sys.exit(report.exit_code)


@impact.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def status(as_json: bool) -> None:
    """What the last run did, and what each place and feed has delivered so far."""
    from flows.cli.terminal import show_rows
    from flows.cli.terminal_accounts import in_words
    from flows.operation.last_run import last_run, lines
    from flows.warehouse.queries import refused_deliveries, status_rows

    settings = read_settings()
    run = last_run(settings)
    if run is not None and not as_json:
        click.echo("\n".join(lines(run)))
    rows = status_rows(settings)
    show_rows(rows if as_json else in_words(rows), "json" if as_json else "words")
    if not as_json:
        for batch_id, reason in refused_deliveries(settings):
            click.echo(_("Refused: {batch}, {reason}").format(batch=batch_id, reason=reason))


@impact.command()
@click.option("--place", "place_id", metavar="ID", help="Only this place.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def coverage(place_id: str | None, as_json: bool) -> None:
    """Which months each source of each place has delivered.

    The last 13 months that had ended at the last run. The days that count are those that the TOML
    of the place declares: a month before `opened_on` is not open, one that closures fill or that
    begins after `closed_on` is closed, and a month of open days without a proven one is missing,
    even before the first delivery of the source.
    """
    from flows.cli.terminal import show_coverage, show_rows
    from flows.warehouse.queries import coverage_rows

    rows = coverage_rows(read_settings(), place_id)
    if as_json:
        show_rows(rows, "json")
    else:
        show_coverage(rows)


@impact.command()
@click.option("--place", "place_id", metavar="ID", help="Only this place.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option(
    "--xlsx", "workbook", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="Write a workbook for the people of the place.",
)  # fmt: skip
@click.option(
    "--set-aside", is_flag=True, help="Count the refused rows of these batches as lost no more."
)
@click.option("--reason", metavar="TEXT", help="Why they are set aside: kept in the ledger.")
@click.argument("batch_ids", nargs=-1, metavar="[BATCH]...")
def rejects(
    place_id: str | None, as_json: bool, workbook: Path | None, set_aside: bool,
    reason: str | None, batch_ids: tuple[str, ...],
) -> None:  # fmt: skip
    """Refused rows that are still open: where, why, and what to write instead; never the value.

    A row is closed when its record comes again: in any later file of its source where the record
    has a number, otherwise in a later file of the same name, or of a source that replaces what it
    sent. If it is refused again, the new refusal stands for the old.

    Rows that nobody will correct are set aside, with a reason: impact rejects --set-aside BATCH
    --reason TEXT. Then figures count them as lost no more.
    """
    from flows.cli.terminal import show_rows
    from flows.warehouse.queries import reject_rows

    if set_aside or reason is not None or batch_ids:
        if not (set_aside and batch_ids and (reason or "").strip()):
            raise click.UsageError(
                _("to set aside, say which and why: --set-aside BATCH… --reason TEXT")
            )
        set_rows_aside(batch_ids, str(reason).strip())
        return
    if workbook is not None:
        if place_id is None or as_json:
            raise click.UsageError(_("--xlsx is for one place: give --place ID, and no --json"))
        write_workbook(place_id, workbook)
        return
    rows = reject_rows(read_settings(), place_id)
    if rows.is_empty() and not as_json:
        click.echo(_("Nothing is to be corrected."))
        return
    others = [f"sentence_{language}" for language in LANGUAGES if language != LANGUAGE]
    shown = rows if as_json else rows.drop(*others, "received_on")
    show_rows(shown, "json" if as_json else "words")


def set_rows_aside(batch_ids: tuple[str, ...], reason: str) -> None:
    """Note it in the ledger, under the name of the user of this machine."""
    import getpass

    from flows.intake.rejects import set_aside
    from flows.warehouse.database import open_warehouse, transaction, writer_lock

    settings = read_settings()
    with writer_lock(settings), open_warehouse(settings) as warehouse, transaction(warehouse):
        count = set_aside(warehouse, batch_ids, reason, getpass.getuser())
    click.echo(
        ngettext(
            "{count} row is set aside: the next impact run counts it as lost no more.",
            "{count} rows are set aside: the next impact run counts them as lost no more.",
            count,
        ).format(count=count)
    )


def write_workbook(place_id: str, file: Path) -> None:
    """The open rejects of a place for its people; no file where there is nothing to correct."""
    from flows.operation.correction_workbook import correction_workbook, write_for_its_owner
    from flows.warehouse.queries import WHOLE_FILE, place_name, rows_and_files_to_correct

    settings = read_settings()
    rows = rows_and_files_to_correct(settings, place_id)
    if rows.is_empty():
        click.echo(_("{place} has nothing to correct: no file was written").format(place=place_id))
        return
    write_for_its_owner(
        file, correction_workbook(rows, place_name(settings, place_id), settings.landing)
    )
    files = len(rows.filter(rule=WHOLE_FILE))
    count = rows.n_unique(["file_name", "sheet", "row_number"]) - files
    click.echo(
        ngettext(
            "{count} row to correct in {file}", "{count} rows to correct in {file}", count
        ).format(count=count, file=file)
    )
    if files:
        click.echo(
            ngettext(
                "{count} file that was refused whole is named there",
                "{count} files that were refused whole are named there",
                files,
            ).format(count=files)
        )


@impact.command()
@click.argument("batch_id", metavar="BATCH")
def accept(batch_id: str) -> None:
    """Let a delivery remove as many records as it does, at the next run."""
    from flows.intake.inbox import wait_again
    from flows.intake.removal import accept_removal
    from flows.warehouse.database import open_warehouse, writer_lock

    settings = read_settings()
    with writer_lock(settings), open_warehouse(settings) as warehouse:
        accept_removal(warehouse, batch_id)
        wait_again(settings.landing, batch_id)
    click.echo(_("Accepted: the next impact run loads {batch}.").format(batch=batch_id))


@impact.command()
@click.argument("sql", metavar="SQL")
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json"]), default="table",
    show_default=True,
)  # fmt: skip
def query(sql: str, form: str) -> None:
    """Ask the current release a question in SQL, read-only."""
    from flows.cli.terminal import show_rows
    from flows.publication.query import query_release

    show_rows(query_release(read_settings(), sql), form)


@impact.command()
@click.argument("indicator_id", required=False, metavar="[INDICATOR]")
def indicators(indicator_id: str | None) -> None:
    """All indicators with their latest figure, or one: definition, caveats, examples and SQL.

    The figure is the last of the network in the current release; a dash where there is none.
    """
    from flows.cli.terminal_indicators import latest_figures, show_catalogue, show_indicator
    from flows.warehouse.models import read_indicators

    settings = read_settings()
    known = read_indicators(settings.sql)
    if indicator_id is None:
        show_catalogue(known, latest_figures(settings))
    elif indicator_id in known:
        show_indicator(known[indicator_id])
    else:
        raise click.BadParameter(
            _("unknown; the indicators are: {known}").format(known=", ".join(known))
        )


for command in [
    *COMMANDS, *DELIVERY_COMMANDS, *SERVICE_COMMANDS, *PEOPLE_COMMANDS, *REVISION_COMMANDS,
]:  # fmt: skip
    impact.add_command(command)
translate_help(impact)


def in_words(fault: BaseException) -> str:
    """What the machine refused, else a fault of the program."""
    try:
        refused = refusal(fault, read_settings().home)
    except (ImpactError, OSError):  # it is not known where the home is
        refused = None
    return str(refused or unexpected(fault))


def main(arguments: list[str] | None = None) -> int:
    """Entry point: every fault is a sentence and an exit code, never a traceback."""
    try:
        refuse_unknown_language()
        impact.main(args=arguments, prog_name="impact", standalone_mode=False)
    except click.ClickException as fault:
        fault.show()
        return 2
    except click.Abort:
        click.echo(_("stopped"), err=True)
        return 1
    except ImpactError as fault:
        click.echo(f"impact: {fault}", err=True)
        return fault.exit_code
    except SystemExit as end:
        return int(end.code or 0)
    except BaseException as fault:
        if not (isinstance(fault, Exception) or is_panic(fault)):
            raise
        click.echo(f"impact: {in_words(fault)}", err=True)
        return 1
    return 0
