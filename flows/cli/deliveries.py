"""Commands about single deliveries: what a person gives up, and what came at a wrong time."""

import getpass
from datetime import UTC, datetime

import click

from flows.language import _, ngettext
from flows.settings import read_settings


@click.command()
@click.argument("batch_id", metavar="BATCH")
@click.option("--reason", required=True, metavar="TEXT", help="Why; who delivered it hears it.")
def refuse(batch_id: str, reason: str) -> None:
    """Give up a delivery that waits: no run reads it, until `impact accept BATCH`."""
    from flows.intake.inbox import give_up
    from flows.warehouse.database import open_warehouse, writer_lock

    settings = read_settings()
    why = _("given up by {who}: {reason}").format(who=getpass.getuser(), reason=reason.strip())
    with writer_lock(settings), open_warehouse(settings) as warehouse:
        give_up(warehouse, settings.landing, batch_id, why, datetime.now(UTC))
    click.echo(_("Refused: no run reads {batch} any more.").format(batch=batch_id))


@click.command()
def redate() -> None:
    """Put right what was received while the clock of this machine was ahead.

    Each such delivery gets an instant before those that came after it, and what it hid of them is
    read again from what was received.
    """
    from flows.network.place_files import read_places
    from flows.stages.redate import put_times_right
    from flows.warehouse.database import writer_lock

    settings = read_settings()
    places = list(read_places(settings.places).values())
    with writer_lock(settings):
        done = put_times_right(places, settings, datetime.now(UTC))
    if not done.deliveries:
        click.echo(_("Nothing was received in the future."))
        return
    click.echo(
        ngettext(
            "{count} delivery was received in the future, and has its place in time again.",
            "{count} deliveries were received in the future, and have their place in time again.",
            done.deliveries,
        ).format(count=done.deliveries)
    )
    for line in done.remarks:
        click.echo(line)
    click.echo(_("Next:    {command}").format(command="impact run"))


COMMANDS = [refuse, redate]
