"""Commands about what was published and stands no longer as it did."""

import sys
from datetime import UTC, datetime

import click

from flows.language import _, ngettext
from flows.settings import read_settings


@click.command()
@click.option("--reason", required=True, metavar="TEXT", help="Why; every release says it.")
@click.option(
    "--place", "places", multiple=True, metavar="ID",
    help="Only this place; to withdraw, also a territory as the release calls it.",
)  # fmt: skip
@click.option("--period", "periods", multiple=True, metavar="PERIOD", help="Like 2026-05 or 2026.")
@click.option("--indicator", "indicators", multiple=True, metavar="INDICATOR", help="Only this.")
@click.option("--withdraw", "is_withdrawn", is_flag=True, help="Take these values back.")
def revise(
    reason: str, places: tuple[str, ...], periods: tuple[str, ...], indicators: tuple[str, ...],
    is_withdrawn: bool,
) -> None:  # fmt: skip
    """Publish that values were wrong, with the reason, in a release of its own.

    A value that is known to be wrong may always be withdrawn: it goes with all categories of its
    table, and every later release says so in `valeurs` and `revisions`. Name nobody in the reason.
    """
    from flows.publication.revision import Chosen
    from flows.stages.revise import withdraw
    from flows.stages.site import renew_site
    from flows.warehouse.database import writer_lock

    if not is_withdrawn:
        raise click.UsageError(_("say what to do with them: --withdraw"))
    settings = read_settings()
    with writer_lock(settings):
        done = withdraw(settings, Chosen(places, periods, indicators), reason, datetime.now(UTC))
        fault = renew_site(settings)
    count = len(done.tables)
    click.echo(
        ngettext(
            "{count} value is withdrawn in release {release}:",
            "{count} values are withdrawn in release {release}:",
            count,
        ).format(count=count, release=done.release_id)
    )
    say(done.tables.rows())
    if len(done.beside):
        click.echo(_("These are made from them and stand; withdraw them too where they are wrong:"))
        say(done.beside.rows())
    if fault:
        click.echo(f"impact: {fault}", err=True)
        sys.exit(1)


SHOWN = 20


def say(rows: list[tuple[str, ...]]) -> None:
    for row in rows[:SHOWN]:
        click.echo("  " + " ".join(row))
    if len(rows) > SHOWN:
        click.echo("  " + _("… and {count} more").format(count=len(rows) - SHOWN))


COMMANDS = [revise]
