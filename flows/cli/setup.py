"""Commands for what is done once: a network, its places, its kit, its copies, its health."""

import sys
from datetime import datetime
from pathlib import Path

import click

from flows.cli.new_place import new_place
from flows.cli.options import instant
from flows.language import _
from flows.settings import read_settings


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="FOLDER")
def init(folder: Path) -> None:
    """Make a network of your own in FOLDER; later commands started in it work on it."""
    from flows.network.make import make_network

    network = make_network(folder)
    click.echo(_("Network: {folder}").format(folder=network.folder))
    click.echo(
        _("Keys:    {keys} (back them up, apart from the network)").format(keys=network.keys)
    )
    click.echo(
        _("Next:    cd {folder}, then the three steps of its README.md").format(folder=folder)
    )


@click.command("check-source")
@click.argument("place_id", metavar="PLACE")
@click.argument("source_id", metavar="SOURCE")
def check_source(place_id: str, source_id: str) -> None:
    """Say what a source of a place would bring, and what is wrong; write nothing."""
    from flows.cli.terminal_sources import show_source_check
    from flows.network.place_files import read_places
    from flows.onboarding.check_source import check_source, declared_source

    settings = read_settings()
    places = read_places(settings.places)
    source = declared_source(places, place_id, source_id)
    check = check_source(places[place_id], source, settings, instant(None, None, None))
    show_source_check(check)
    sys.exit(check.exit_code)


@click.command()
@click.argument(
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default="kit-lieux",
    metavar="[FOLDER]",
)
def kit(folder: Path) -> None:
    """Write the spreadsheets that places fill in, and texts to adapt (default: kit-lieux)."""
    from flows.onboarding.kit import write_kit

    for file in write_kit(folder):
        click.echo(str(file))


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--siret", "sirets", multiple=True, metavar="SIRET",
              help="Establishment that declares, or workplace.")  # fmt: skip
@click.option("--workplace", "workplaces", multiple=True, metavar="CODE",
              help="A workplace that is the place (40.019).")  # fmt: skip
@click.option("--staff", type=click.Path(path_type=Path), metavar="LIST",
              help="Staff numbers of the team; may add communes and posts.")  # fmt: skip
def dsn(
    files: tuple[str, ...], sirets: tuple[str, ...], workplaces: tuple[str, ...], staff: Path | None
) -> None:
    """Turn payroll declarations (DSN) into the employment sheet of the kit, at the employer's.

    No name, number or pay gets into it. The file flows/onboarding/dsn.py does the same alone.
    """
    from flows.onboarding import dsn

    try:
        ask = input if sys.stdin.isatty() else None
        sheet = dsn.make_sheet([*files], [*sirets], [*workplaces], staff, ask)
    except dsn.Refused as fault:
        click.echo(f"impact: {fault}", err=True)
        sys.exit(fault.exit_code)
    click.echo("\n".join(dsn.told(sheet)))


@click.command("import-registry")
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE"
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="FOLDER")
@click.option("--name", "name_column", default="NOM_TL", show_default=True, metavar="COLUMN")
@click.option("--commune", "commune_column", default="INSEECOM", show_default=True,
              metavar="COLUMN")  # fmt: skip
@click.option("--id", "id_column", default="ID", show_default=True, metavar="COLUMN")
def import_registry(
    file: Path, folder: Path, name_column: str, commune_column: str, id_column: str
) -> None:
    """Make one TOML per row of a CSV list of tiers-lieux; report every row that cannot be one."""
    from flows.cli.terminal import show_registry
    from flows.onboarding.import_registry import Columns, import_places

    report = import_places(file, folder, Columns(name_column, commune_column, id_column))
    show_registry(report, folder)
    sys.exit(3 if report.refused else 0)


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), required=False, metavar="[FOLDER]")
@click.option("--network", type=click.IntRange(1, 200), metavar="N", help="N invented places.")
def samples(folder: Path | None, network: int | None) -> None:
    """Generate synthetic exports (default: those of the demonstration, in data/samples)."""
    from flows.samples import write_network, write_samples
    from flows.settings import PROJECT

    target = folder or PROJECT / "data" / "samples"
    files = write_network(target, network) if network else write_samples(target)
    click.echo(_("{count} synthetic files in {folder}").format(count=len(files), folder=target))


@click.command()
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
def backup(file: Path) -> None:
    """Write one archive of warehouse, releases and received files; the keys are not in it."""
    from flows.operation.backup import back_up, drop_older

    settings = read_settings()
    manifest, damage = back_up(settings, file.absolute())
    gone = drop_older(file.absolute(), manifest, settings.retention.backup_days)
    click.echo(
        _(
            "{count} files, {size:.1f} MB, read again and right: {file}\n"
            "The keys are not in it: back up {keys}, and keep it apart."
        ).format(
            count=len(manifest.parts),
            size=manifest.size_bytes / 1e6,
            file=file,
            keys=settings.keys,
        )
    )
    if gone:
        click.echo(
            _(
                "Gone, as [retention] says: {count} archives beside it, {days} days old and more"
            ).format(count=gone, days=settings.retention.backup_days)
        )
    for batch in damage.landed:
        click.echo(
            _("Damaged in landing, and so in the backup: {batch} → have it sent again").format(
                batch=batch.batch_id
            )
        )
    sys.exit(1 if damage.landed else 0)


@click.command()
@click.argument(
    "file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE"
)
def restore(file: Path) -> None:
    """Put a backup into a home that is empty; the keys are put back by hand."""
    from flows.operation.backup import put_back

    settings = read_settings()
    manifest = put_back(settings, file)
    click.echo(
        _(
            "{count} files of {made_at} are in {home}\n"
            "Before the next run, the keys of that time must be in {keys}."
        ).format(
            count=len(manifest.parts),
            made_at=manifest.made_at,
            home=settings.home,
            keys=settings.keys,
        )
    )


@click.command()
@click.option("--deep", is_flag=True, help="Read all that the home holds, and compare it.")
def doctor(deep: bool) -> None:
    """Whether this installation is well, and what to do where it is not (exit code 1)."""
    from flows.cli.terminal import show_findings
    from flows.operation.doctor import examine
    from flows.operation.installation import look
    from flows.serving.open_servers import open_servers

    settings = read_settings()
    now = datetime.now().astimezone()
    seen = look(settings, now, open_servers(settings), is_deep=deep)
    findings = examine(seen)
    show_findings(findings)
    sys.exit(0 if all(finding.state == "ok" for finding in findings) else 1)


@click.command()
@click.argument("target", type=click.Path(path_type=Path), metavar="TARGET")
def share(target: Path) -> None:
    """Put the release where people fetch it: as DuckDB, XLSX, CSV, Parquet.

    TARGET is a folder, or a TOML file that declares one elsewhere as a source is declared: `url`
    (https:// for WebDAV, sftp://, s3://), `token`, `options`.
    """
    from flows.stages.share import share as share_with

    if "://" in str(target) or ":/" in str(target):
        raise click.UsageError(
            _("write the address into a TOML file, as `url`, and give that file")
        )
    count = share_with(read_settings(), target)
    click.echo(
        _("{count} files of the release, described and with their digests: {folder}").format(
            count=count, folder=target
        )
    )


@click.command()
@click.argument("place_id", metavar="PLACE")
def fiche(place_id: str) -> None:
    """Write the exact figures of PLACE, for that place alone: a workbook, and a page to print.

    They have the periods that are still running, and come from the last run. Do not pass them on:
    nothing in them is protected. The files are readable by their owner alone.
    """
    from flows.publication.fiche_files import write_fiche

    for file in write_fiche(read_settings(), place_id):
        click.echo(str(file))
    click.echo(_("For that place alone: not to be passed on."))


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), required=False, metavar="[FOLDER]")
def site(folder: Path | None) -> None:
    """Make pages that people look at from the current release, in FOLDER (published/site).

    They are files: a double click opens them, any web host or shared folder serves them. A former
    site in FOLDER stays until the new one is whole; a folder that holds something else is refused.
    """
    from flows.stages.site import make_site_of

    target, count = make_site_of(read_settings(), folder)
    click.echo(_("{count} pages: open {file}").format(count=count, file=target / "index.html"))


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), required=False)
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 when one is stale.")
def docs(folder: Path | None, check: bool) -> None:
    """Write the generated documents of a checkout: methodology, dictionary, Table Schemas.

    FOLDER is the checkout (default: this one): its indicators and sample files are read.
    """
    from flows.documents.files import stale_documents, write_documents
    from flows.settings import PROJECT

    project = folder or PROJECT
    if not check:
        for path in write_documents(project):
            click.echo(str(path))
        return
    stale = stale_documents(project)
    for path in stale:
        click.echo(_("stale: {path} → impact docs").format(path=path))
    sys.exit(1 if stale else 0)


COMMANDS = [
    init, new_place, check_source, kit, dsn, import_registry, samples, backup, restore, doctor,
    share, fiche, site, docs,
]  # fmt: skip
