"""Commands for the service: start it, and give places a way in."""

import click

from flows.language import _
from flows.settings import read_settings


@click.command()
def serve() -> None:
    """Run by itself: nightly, on arrival of data, and again when asked on a web page.

    Starts Prefect and the intake door on this machine alone, until Ctrl-C. IMPACT_UI_PORT (4200)
    and IMPACT_DOOR_PORT (4280) say on which ports.
    """
    from flows.network.place_files import read_places
    from flows.operation.alerts import read_recipients
    from flows.operation.installation import not_computed
    from flows.serving.addresses import read_addresses
    from flows.serving.supervisor import serve

    settings = read_settings()
    read_places(settings.places)  # a slip in a TOML is told here, not in a log
    read_recipients()
    if lost := not_computed(settings):
        click.echo(
            _("By [retention] of impact.toml, never computed: {figures}").format(
                figures=", ".join(lost)
            )
        )
    serve(settings, read_addresses(), click.echo)


@click.command()
@click.argument("place_id", metavar="PLACE")
@click.option("--renew", is_flag=True, help="Make it anew: the former opens nothing any more.")
def token(place_id: str, renew: bool) -> None:
    """What a place needs to bring its data to the door: token, and secrets of its hooks."""
    from flows.door.secrets import made_from, make_secret
    from flows.network.place_files import declared_place, read_places
    from flows.serving.addresses import read_addresses

    settings = read_settings()
    place = declared_place(read_places(settings.places), place_id)
    if renew or made_from(settings, place_id, "deliveries") is None:
        make_secret(settings, place_id)
    made = {way: made_from(settings, place_id, way) for way in WAYS}
    door = read_addresses().door
    feeds = ", ".join(dict.fromkeys(source.feed for source in place.sources))
    click.echo(made["deliveries"])
    click.echo(_("\nThis is the token of {place}. To bring a file:").format(place=place.id))
    click.echo(
        f'  curl -T FILE -H "Authorization: Bearer TOKEN" {door}/deliveries/{place.id}/FEED/'
    )
    click.echo(_("  FEED is one of: {feeds}").format(feeds=feeds))
    click.echo(_("Hooks, for the tools of the place that send some:"))
    click.echo(f"  {door}/hooks/rdv-service-public/{place.id}")
    click.echo(_("    signed with: {secret}").format(secret=made["rdv-service-public"]))
    for way in ("cobot", "grist"):
        click.echo(f"  {door}/hooks/{way}/{place.id}/{made[way]}")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def alerts(as_json: bool) -> None:
    """What the data manager was told in the last ninety days, the latest first."""
    import polars as pl

    from flows.cli.terminal import show_rows
    from flows.operation.alerts import Alert, read_alerts

    known = read_alerts(read_settings())[::-1]
    if not known and not as_json:
        click.echo(_("No alert."))
        return
    names = list(Alert.__dataclass_fields__)
    rows = pl.DataFrame([vars(alert) for alert in known], schema=names, orient="row")
    rows = rows.select("raised_at", "kind", "text", "is_sent")
    show_rows(rows, "json" if as_json else "words")


WAYS = ("deliveries", "rdv-service-public", "cobot", "grist")
COMMANDS = [serve, token, alerts]
