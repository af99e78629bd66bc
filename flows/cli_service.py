"""Commands for the service: start it, and give places a way in."""

import click

from flows.settings import read_settings


@click.command()
def serve() -> None:
    """Run by itself: nightly, on arrival of data, and again when asked on a web page.

    Starts Prefect and the intake door on this machine alone, until Ctrl-C. IMPACT_UI_PORT (4200)
    and IMPACT_DOOR_PORT (4280) say on which ports.
    """
    from flows.serving.addresses import read_addresses
    from flows.serving.supervisor import serve

    serve(read_settings(), read_addresses(), click.echo)


@click.command()
@click.argument("place_id", metavar="PLACE")
@click.option("--renew", is_flag=True, help="Make a new one: the former opens nothing any more.")
def token(place_id: str, renew: bool) -> None:
    """What a place needs to bring its data to the door: token, and secrets of its hooks."""
    from flows.door.secrets import made_from, make_secret
    from flows.place_files import declared_place, read_places

    settings = read_settings()
    declared_place(read_places(settings.places), place_id)
    if renew or made_from(settings, place_id, "deliveries") is None:
        make_secret(settings, place_id)
    click.echo(made_from(settings, place_id, "deliveries"))


COMMANDS = [serve, token]
