"""The `impact` command. Heavy imports stay inside the commands: `--help` answers at once."""

import sys
from datetime import date, datetime
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import click

from flows.errors import ImpactError, unexpected
from flows.settings import TIME_ZONE, point_prefect_at, read_settings


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


def instant(_context: object, _option: object, text: str | None) -> datetime:
    """An ISO date or date and time, in Paris unless it says otherwise; absent, now."""
    if text is None:
        return datetime.now(ZoneInfo(TIME_ZONE))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as fault:
        raise click.BadParameter("write it like 2026-11-02 or 2026-11-02T03:30") from fault
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(TIME_ZONE))


def day(_context: object, _option: object, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise click.BadParameter("write it like 2026-11-02") from fault


@impact.command()
@click.argument("folder", type=click.Path(path_type=Path))
def init(folder: Path) -> None:
    """Make a network of your own in FOLDER; later commands started in it work on it."""
    from flows.network import make_network

    network = make_network(folder)
    click.echo(f"Network: {network.folder}")
    click.echo(f"Keys:    {network.keys} (back them up, apart from the network)")
    click.echo(f"Next:    cd {folder}, then the three steps of its README.md")


@impact.command()
@click.option("--place", "place_ids", multiple=True, metavar="ID", help="Only this place.")
@click.option("--from", "first_day", callback=day, metavar="DATE", help="First day to load.")
@click.option("--to", "last_day", callback=day, metavar="DATE", help="Last day to load.")
@click.option(
    "--again",
    type=click.Choice(["landed", "recompute"]),
    help="landed: read again what was received; recompute: the figures alone.",
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
    from flows.terminal import progress, show_run

    settings = read_settings()
    point_prefect_at(settings)
    with progress():
        from flows.nightly import check_before_starting, nightly

        check_before_starting(settings, list(place_ids))
        report = nightly(
            as_of,
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
    """What each place and feed has delivered so far."""
    from flows.terminal import show_rows
    from flows.warehouse.queries import status_rows

    show_rows(status_rows(read_settings()), "json" if as_json else "table")


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
    from flows.terminal import show_coverage, show_rows
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
    help="Write a workbook for the people of the place, in French.",
)  # fmt: skip
def rejects(place_id: str | None, as_json: bool, workbook: Path | None) -> None:
    """Refused rows that are still open: where, why, and what to write instead; never the value.

    A row is closed when its record comes again: in any later file of its source where the record
    has a number, otherwise in a later file of the same name. If it is refused again, the new
    refusal stands for the old.
    """
    from flows.terminal import show_rows
    from flows.warehouse.queries import reject_rows

    if workbook is not None:
        if place_id is None or as_json:
            raise click.UsageError("--xlsx is for one place: give --place ID, and no --json")
        write_workbook(place_id, workbook)
        return
    rows = reject_rows(read_settings(), place_id)
    shown = rows if as_json else rows.drop("sentence_en", "received_on")
    show_rows(shown, "json" if as_json else "table")


def write_workbook(place_id: str, file: Path) -> None:
    """The open rejects of a place for its people; no file where there is nothing to correct."""
    from flows.correction_workbook import correction_workbook, write_for_its_owner
    from flows.warehouse.queries import place_name, reject_rows

    rows = reject_rows(read_settings(), place_id)
    if rows.is_empty():
        click.echo(f"{place_id} has nothing to correct: no file was written")
        return
    write_for_its_owner(file, correction_workbook(rows, place_name(read_settings(), place_id)))
    count = rows.n_unique(["file_name", "sheet", "row_number"])
    click.echo(f"{count} rows to correct in {file}")


@impact.command()
@click.argument("batch_id", metavar="BATCH")
def accept(batch_id: str) -> None:
    """Let a delivery remove as many records as it does, at the next run."""
    from flows.intake.removal import accept_removal
    from flows.warehouse.database import open_warehouse, writer_lock

    settings = read_settings()
    with writer_lock(settings), open_warehouse(settings) as warehouse:
        accept_removal(warehouse, batch_id)
    click.echo(f"Accepted: the next impact run loads {batch_id}.")


@impact.command()
@click.argument("sql")
@click.option(
    "--format", "form", type=click.Choice(["table", "csv", "json"]), default="table",
    show_default=True,
)  # fmt: skip
def query(sql: str, form: str) -> None:
    """Ask the current release a question in SQL, read-only."""
    from flows.publication.query import query_release
    from flows.terminal import show_rows

    show_rows(query_release(read_settings(), sql), form)


@impact.command()
@click.argument("indicator_id", required=False)
def indicators(indicator_id: str | None) -> None:
    """The catalogue, or one indicator: definition, formula, caveats, examples and SQL."""
    from flows.terminal import show_catalogue, show_indicator
    from flows.warehouse.models import read_indicators

    known = read_indicators(read_settings().sql)
    if indicator_id is None:
        show_catalogue(known)
    elif indicator_id in known:
        show_indicator(known[indicator_id])
    else:
        raise click.BadParameter(f"unknown; the indicators are: {', '.join(known)}")


@impact.command()
@click.argument("folder", type=click.Path(path_type=Path), required=False)
@click.option("--network", type=click.IntRange(1, 200), metavar="N", help="N invented places.")
def samples(folder: Path | None, network: int | None) -> None:
    """Generate synthetic exports (default: those of the demonstration, in data/samples)."""
    from flows.samples import write_network, write_samples
    from flows.settings import PROJECT

    target = folder or PROJECT / "data" / "samples"
    files = write_network(target, network) if network else write_samples(target)
    click.echo(f"{len(files)} synthetic files in {target}")


@impact.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default="kit-lieux")
def kit(folder: Path) -> None:
    """Write the spreadsheets that places fill in, and texts to adapt (default: kit-lieux)."""
    from flows.kit import write_kit

    for file in write_kit(folder):
        click.echo(str(file))


@impact.command()
@click.argument("file", type=click.Path(path_type=Path))
def backup(file: Path) -> None:
    """Write one archive of warehouse, releases and received files; the keys are not in it."""
    from flows.backup import back_up

    settings = read_settings()
    manifest = back_up(settings, file.absolute())
    click.echo(
        f"{len(manifest.parts)} files, {manifest.size_bytes / 1e6:.1f} MB, read again and right: "
        f"{file}\nThe keys are not in it: back up {settings.keys}, and keep it apart."
    )


@impact.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Put a backup into a home that is empty; the keys are put back by hand."""
    from flows.backup import put_back

    settings = read_settings()
    manifest = put_back(settings, file)
    click.echo(
        f"{len(manifest.parts)} files of {manifest.made_at} are in {settings.home}\n"
        f"Before the next run, the keys of that time must be in {settings.keys}."
    )


@impact.command()
def doctor() -> None:
    """Whether this installation is well, and what to do where it is not (exit code 1)."""
    from flows.doctor import examine, look
    from flows.terminal import show_findings

    findings = examine(look(read_settings(), datetime.now().astimezone()))
    show_findings(findings)
    sys.exit(0 if all(finding.state == "ok" for finding in findings) else 1)


@impact.command("new-place")
@click.option("--id", "place_id", metavar="ID", help="Lower-case letters, digits, hyphens.")
@click.option("--name", help="As the public knows it.")
@click.option("--commune", metavar="CODE", help="INSEE code of its commune.")
@click.option("--opened", callback=day, metavar="DATE", help="First day open to the public.")
@click.option("--service", "services", multiple=True, metavar="CODE", help="What it offers.")
@click.option(
    "--from", "sample", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="An export to propose a source from.",
)  # fmt: skip
@click.option("--feed", type=click.Choice(["attendance", "employment", "service_usage"]))
def new_place(
    place_id: str | None,
    name: str | None,
    commune: str | None,
    opened: date | None,
    services: tuple[str, ...],
    sample: Path | None,
    feed: str | None,
) -> None:
    """Write the TOML of a new place, with a source guessed from an export of it."""
    said = {"--id": place_id, "--name": name, "--commune": commune}
    if sample is not None:
        said["--feed"] = feed
    known = asked(said)

    from flows.connectors._peek import peek
    from flows.guess import guess_source
    from flows.new_place import NewPlace, write_place
    from flows.terminal_sources import show_new_place

    settings = read_settings()
    place = NewPlace(known["--id"], known["--name"], known["--commune"], opened, services)
    guess = guess_source(peek(sample), known["--feed"], sample.name) if sample else None
    file = write_place(settings.places, place, sample, guess)
    show_new_place(place, file, sample, guess)
    sys.exit(3 if guess and guess.missing else 0)


def asked(said: dict[str, str | None]) -> dict[str, str]:
    """What is required, asked for on a terminal; elsewhere all that is missing is named at once."""
    missing = [flag for flag, value in said.items() if not value]
    if missing and not sys.stdin.isatty():
        raise click.UsageError(f"missing: {', '.join(missing)}")
    return {flag: value or click.prompt(flag.removeprefix("--")) for flag, value in said.items()}


@impact.command("check-source")
@click.argument("place_id", metavar="PLACE")
@click.argument("source_id", metavar="SOURCE")
def check_source(place_id: str, source_id: str) -> None:
    """Say what a source of a place would bring, and what is wrong; write nothing."""
    from flows.check_source import check_source, declared_source
    from flows.place_files import read_places
    from flows.terminal_sources import show_source_check

    settings = read_settings()
    places = read_places(settings.places)
    source = declared_source(places, place_id, source_id)
    check = check_source(places[place_id], source, settings, instant(None, None, None))
    show_source_check(check)
    sys.exit(check.exit_code)


@impact.command("import-registry")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--name", "name_column", default="NOM_TL", show_default=True, help="Its column.")
@click.option("--commune", "commune_column", default="INSEECOM", show_default=True)
@click.option("--id", "id_column", default="ID", show_default=True)
def import_registry(
    file: Path, folder: Path, name_column: str, commune_column: str, id_column: str
) -> None:
    """Make one TOML per row of a CSV list of tiers-lieux; report every row that cannot be one."""
    from flows.registry import Columns, import_places
    from flows.terminal import show_registry

    report = import_places(file, folder, Columns(name_column, commune_column, id_column))
    show_registry(report, folder)
    sys.exit(3 if report.refused else 0)


def main(arguments: list[str] | None = None) -> int:
    """Entry point: every fault is a sentence and an exit code, never a traceback."""
    try:
        impact.main(args=arguments, prog_name="impact", standalone_mode=False)
    except click.ClickException as fault:
        fault.show()
        return 2
    except click.Abort:
        click.echo("stopped", err=True)
        return 1
    except ImpactError as fault:
        click.echo(f"impact: {fault}", err=True)
        return fault.exit_code
    except SystemExit as end:
        return int(end.code or 0)
    except Exception as fault:
        click.echo(f"impact: {unexpected(fault)}", err=True)
        return 1
    return 0
