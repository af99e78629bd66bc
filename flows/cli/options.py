"""What several commands read in the same way."""

import inspect
from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

import click

from flows.language import _
from flows.settings import TIME_ZONE


class FeedType(click.ParamType[str]):
    """One of the feeds; they are read when one is given or listed, which `impact --help` is not."""

    name = "feed"

    def convert(
        self, value: str, param: click.Parameter | None, context: click.Context | None
    ) -> str:
        return self.choice().convert(value, param, context)

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str | None:
        return self.choice().get_metavar(param, ctx)

    def choice(self) -> "click.Choice[str]":
        from schemas import FEEDS

        return click.Choice([*FEEDS])


def instant(_context: object, _option: object, text: str | None) -> datetime:
    """An ISO date or date and time, in Paris unless it says otherwise; absent, now."""
    if text is None:
        return datetime.now(ZoneInfo(TIME_ZONE))
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as fault:
        raise click.BadParameter(_("write it like 2026-11-02 or 2026-11-02T03:30")) from fault
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(TIME_ZONE))


def day(_context: object, _option: object, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise click.BadParameter(_("write it like 2026-11-02")) from fault


def help_texts(command: click.Command) -> Iterator[str]:
    """What `--help` shows of a command and of those inside it: docstring, options, metavars."""
    for text in (command.help, getattr(command, "subcommand_metavar", None)):
        if text:
            yield inspect.cleandoc(text)
    for option in command.params:
        yield from (text for text in (getattr(option, "help", None), option.metavar) if text)
    for inner in getattr(command, "commands", {}).values():
        yield from help_texts(inner)


def translate_help(command: click.Command) -> None:
    """Put the texts of `help_texts` in the user's language; once, when all commands are known."""
    command.help = command.help and _(inspect.cleandoc(command.help))
    for option in command.params:
        option.metavar = option.metavar and _(option.metavar)
        if isinstance(option, click.Option):
            option.help = option.help and _(option.help)
    if isinstance(command, click.Group):
        command.subcommand_metavar = _(command.subcommand_metavar)
        for inner in command.commands.values():
            translate_help(inner)
