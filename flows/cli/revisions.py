"""Commands about what was published and stands no longer as it did."""

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from flows.language import _, ngettext
from flows.settings import Settings, read_settings

if TYPE_CHECKING:
    import polars as pl

    from flows.publication.revision import Chosen


@click.command()
@click.option("--reason", required=True, metavar="TEXT", help="Why; every release says it.")
@click.option(
    "--place", "places", multiple=True, metavar="ID",
    help="Only this place, or territory, as the release calls it.",
)  # fmt: skip
@click.option("--period", "periods", multiple=True, metavar="PERIOD", help="Like 2026-05 or 2026.")
@click.option("--indicator", "indicators", multiple=True, metavar="INDICATOR", help="Only this.")
@click.option("--withdraw", "is_withdrawn", is_flag=True, help="Take these values back.")
@click.option(
    "--force", "is_forced", is_flag=True, help="Though the period was revised within a year."
)
def revise(
    reason: str, places: tuple[str, ...], periods: tuple[str, ...], indicators: tuple[str, ...],
    is_withdrawn: bool, is_forced: bool,
) -> None:  # fmt: skip
    """Publish that values were wrong, with the reason, in a release of its own.

    Values that the records of now say otherwise are drawn anew, with the territories of these
    places and all periods that share days with these; one whose truth lies within its bounds stays.
    Ten people at least must have changed since a value was published, and a period is revised once
    a year, or forced, which is published too.

    A value that is known to be wrong may always be withdrawn: it goes with all categories of its
    table, and every later release says so in `valeurs` and `revisions`. Name nobody in the reason.
    """
    from flows.publication.revision import Chosen
    from flows.stages.site import renew_site
    from flows.warehouse.database import writer_lock

    if is_withdrawn and is_forced:
        raise click.UsageError(_("a value may always be withdrawn: leave --force out"))
    settings, chosen = read_settings(), Chosen(places, periods, indicators)
    with writer_lock(settings):
        if is_withdrawn:
            take_back(settings, chosen, reason)
        elif not draw_anew(settings, chosen, reason, is_forced):
            return
        fault = renew_site(settings)
    click.echo(_("Next:    {command}").format(command="impact share TARGET"))
    if fault:
        click.echo(f"impact: {fault}", err=True)
        sys.exit(1)


def take_back(settings: Settings, chosen: "Chosen", reason: str) -> None:
    from flows.stages.revise import withdraw

    done = withdraw(settings, chosen, reason, datetime.now(UTC))
    title = ngettext(
        "{count} value is withdrawn in release {release}:",
        "{count} values are withdrawn in release {release}:",
        len(done.tables),
    )
    say(title.format(count=len(done.tables), release=done.release_id), done.tables)
    say(
        _("These are made from them and stand; withdraw them too where they are wrong:"),
        done.beside,
    )


def draw_anew(settings: Settings, chosen: "Chosen", reason: str, is_forced: bool) -> bool:
    """Was there something to revise?"""
    from flows.stages.revise import revise as revise_values

    done = revise_values(settings, chosen, reason, datetime.now(UTC), is_forced=is_forced)
    if not done.release_id:
        click.echo(_("Nothing is to be revised: what was published holds by the records of now."))
        return False
    title = ngettext(
        "{count} value is revised in release {release}:",
        "{count} values are revised in release {release}:",
        len(done.tables),
    )
    say(title.format(count=len(done.tables), release=done.release_id), done.tables)
    say(_("These stand, because fewer than ten people changed:"), done.of_few)
    say(_("These stand, because their period was revised within a year (--force):"), done.of_late)
    say(_("These stand, because the new ones would say too much:"), done.left_out)
    return True


SHOWN = 20


def say(title: str, tables: "pl.DataFrame") -> None:
    if tables.is_empty():
        return
    click.echo(title)
    for row in tables.head(SHOWN).rows():
        click.echo("  " + " ".join(row))
    if len(tables) > SHOWN:
        click.echo("  " + _("… and {count} more").format(count=len(tables) - SHOWN))


@click.command()
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@click.option(
    "--format", "form", type=click.Choice(["words", "table", "csv", "json"]), default="words",
    show_default=True,
)  # fmt: skip
def diff(first: str, second: str, form: str) -> None:
    """Which figures are others in release B than in A: how many of a kind, and each of them.

    A and B are ids of kept releases, files of releases, or `current`.
    """
    import polars as pl

    from flows.cli.terminal import show_rows
    from flows.publication.difference import KINDS, differences, find_release

    settings = read_settings()
    found = differences(find_release(settings, first), find_release(settings, second))
    if form != "words":
        show_rows(found, form)
        return
    if found.is_empty():
        click.echo(_("No figure is another."))
        return
    for kind in KINDS:
        if count := len(found.filter(kind=kind)):
            click.echo(_("{kind}: {count}").format(kind=kind_in_words(kind), count=count))
    for why in found["raison"].drop_nulls().unique(maintain_order=True).head(SHOWN):
        click.echo(_("Because: {reason}").format(reason=why))
    rows = found.head(MOST_ROWS).drop("raison")
    kinds = [kind_in_words(kind) for kind in rows["kind"]]
    show_rows(rows.with_columns(pl.Series("kind", kinds)), "words")
    if len(found) > MOST_ROWS:
        click.echo(_("… and {count} more").format(count=len(found) - MOST_ROWS))


MOST_ROWS = 200


def kind_in_words(kind: str) -> str:
    return {
        "withdrawn": _("withdrawn with a reason"),
        "revised": _("drawn anew"),
        "redefined": _("by another definition"),
        "published": _("published for the first time"),
        "gone": _("no longer there"),
        "new": _("new, and not published yet"),
        "other": _("otherwise another"),
    }[kind]


@click.command()
@click.argument("release_id", metavar="RELEASE")
def rollback(release_id: str) -> None:
    """Let readers see an earlier release again, until the next run publishes.

    Not across values that were published or revised since: they stand, and are withdrawn with a
    reason by impact revise --withdraw.
    """
    from flows.stages.rollback import roll_back
    from flows.stages.site import renew_site
    from flows.warehouse.database import writer_lock

    settings = read_settings()
    with writer_lock(settings):
        roll_back(settings, release_id)
        fault = renew_site(settings)
    click.echo(_("Readers see release {release} again.").format(release=release_id))
    if fault:
        click.echo(f"impact: {fault}", err=True)
        sys.exit(1)


COMMANDS = [revise, diff, rollback]
