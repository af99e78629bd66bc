"""Bring the message catalogue up to date with the source: `make messages`.

New messages enter the .po without a translation, messages that left the source leave it too. The
texts of `--help` are read from the commands themselves, so they need no mark. The catalogue is in
the order of its messages: two changes of different files do not meet in it.
"""

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from flows.cli import impact
from flows.cli.options import help_texts
from flows.language import DOMAIN, LANGUAGE, LOCALE
from flows.settings import PROJECT

PO = LOCALE / "fr" / "LC_MESSAGES" / f"{DOMAIN}.po"
MO = PO.with_suffix(".mo")
CLICK = ("core", "decorators", "exceptions", "formatting", "parser", "termui", "types", "utils")
"""The modules of Click that speak to a user; the others are about systems and shells."""
MARKED = ("_",)
"""What a template marks its messages with."""
UNDATED = datetime(2026, 1, 1, tzinfo=UTC)
"""A date of their own would make two equal catalogues differ."""

Message = tuple[str, str | tuple[str, str]]
"""Where it is said, and the sentence; or the one for one thing and the one for several."""


def said() -> Iterator[Message]:
    """Every message of the source, of Click and of `--help`."""
    files = sorted([*PROJECT.glob("flows/**/*.py"), *PROJECT.glob("schemas/*.py")])
    places = {file.relative_to(PROJECT).as_posix(): file for file in files}
    places |= {f"click/{name}.py": Path(click.__file__).with_name(f"{name}.py") for name in CLICK}
    for place, file in places.items():
        for _line, message, _comments, _context in extract_from_file("python", file):
            yield place, message if isinstance(message, str) else (message[0], message[1])
    for page in sorted((PROJECT / "flows" / "site" / "templates").glob("*.html")):
        with page.open("rb") as stream:
            for _line, _function, message, _comments in babel_extract(stream, MARKED, [], {}):
                yield page.relative_to(PROJECT).as_posix(), message
    assert LANGUAGE == "en", "the texts of --help can only be read where they are not translated"
    for text in help_texts(impact):
        yield "--help", text


def updated(known: Catalog) -> Catalog:
    """The messages of the source with the translations that are known."""
    catalogue = Catalog("fr", creation_date=UNDATED, revision_date=UNDATED, fuzzy=False)
    catalogue.project, catalogue.header_comment = "impact-tiers-lieux", ""
    catalogue.version = catalogue.msgid_bugs_address = catalogue.last_translator = ""
    for place, message in said():
        there = known.get(message[0] if isinstance(message, tuple) else message)
        translation = there.string if there and there.id == message else None
        catalogue.add(message, translation, locations=[(place, 0)])
    return catalogue


def stored() -> Catalog:
    with PO.open("rb") as stream:
        return read_po(stream, locale="fr")


def main() -> None:
    catalogue = updated(stored())
    po, mo = io.BytesIO(), io.BytesIO()
    write_po(po, catalogue, width=96, include_lineno=False, sort_output=True)
    write_mo(mo, catalogue)
    PO.write_bytes(po.getvalue())
    MO.write_bytes(mo.getvalue())
    left = [message.id for message in catalogue if message.id and not message.string]
    for message in left:
        click.echo(f"not translated: {message!r}")


if __name__ == "__main__":
    main()
