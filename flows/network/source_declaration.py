"""What a connector fills into the declaration of a source, and what it refuses there."""

from typing import Any

from pydantic import ValidationError

from flows.connectors import connector
from flows.declaration import key_fault, nearest
from flows.errors import ConfigurationError
from flows.language import _
from flows.records import PAGES, Declares
from flows.sources import Source
from schemas import CONTRACTS
from schemas.fields import WAYS
from schemas.record import stored_columns

TABLES = ("columns", "constants", "values", "identity")


def declares(name: str) -> Declares | None:
    """What the connector of that name declares; nothing for one that reads local files alone."""
    try:
        return getattr(connector(name), "DECLARES", None)
    except ConfigurationError:  # said before a run, with the place and the source
        return None


def completed(given: dict[str, Any]) -> dict[str, Any]:
    """The source of a TOML with what its connector knows; what the TOML says stands."""
    declared = declares(str(given.get("connector", "")))
    own = declared.mappings.get(str(given.get("feed", "")), {}) if declared else {}
    if not own:
        return given
    whole = dict(given)
    for table in TABLES:
        said = given.get(table, {})
        known = {k: v for k, v in own.get(table, {}).items() if not is_said(k, table, given)}
        if table == "values":
            whole[table] = {k: {**known.get(k, {}), **said.get(k, {})} for k in {**known, **said}}
        elif known or said:
            whole[table] = {**known, **said}
    return whole


def is_said(column: str, table: str, given: dict[str, Any]) -> bool:
    """A column that the TOML makes constant is not mapped too, and the other way round."""
    other = {"columns": "constants", "constants": "columns"}.get(table)
    return other is not None and column in given.get(other, {})


def check_declared(where: str, source: Source) -> None:
    """Raises ConfigurationError naming the key that this connector does not take, or misses."""
    declared = declares(source.connector)
    or_files = declared is not None and declared.or_files
    needs_path = declared is None or declared.reads_files or (or_files and not source.url)
    is_recorded = not needs_path and source.path.endswith(PAGES)
    for key, is_wrong, what, remedy in (
        ("path", needs_path and not source.path, _("this key is missing"), _("add it")),
        ("path", or_files and source.url and source.path, _("it is either asked or a file"),
         _("write either `path` or `url`")),
        ("path", not needs_path and source.path and not is_recorded,
         _("this connector reads no files"), _("leave the key out")),
        ("url", not needs_path and not source.url and not is_recorded, _("this key is missing"),
         _("add it")),
        ("url", is_recorded and source.url, _("what was recorded is not asked for"),
         _("write either `path` or `url`")),
        ("url", declared is None and source.url, _("this connector reads local files"),
         _("leave the key out")),
        ("options", needs_path and not source.url and names_an_account(source),
         _("a local folder has no account"), _("leave the key out")),
        ("options", declared is None and source.options, _("this connector has no options"),
         _("leave the key out")),
    ):  # fmt: skip
        if is_wrong:
            raise ConfigurationError(what, where=f"{where}.{key}", remedy=remedy)
    check_written(where, source)
    if declared is None:
        return
    if declared.mappings and source.feed not in declared.mappings:
        raise ConfigurationError(
            _("{connector} gives no {feed}").format(connector=source.connector, feed=source.feed),
            where=f"{where}.feed",
            remedy=_("it gives: {feeds}").format(feeds=", ".join(declared.mappings)),
        )
    if declared.needs_from and source.from_day is None:
        raise ConfigurationError(
            _("{connector} has to know from which day on to ask").format(
                connector=source.connector
            ),
            where=f"{where}.from",
            remedy=_("write the first day that you want: from = 2026-03-01"),
        )
    if source.delivery not in declared.deliveries:
        what = _("what {connector} does not send is not gone")
        if "append" not in declared.deliveries:
            what = _("what {connector} does not send any more is gone")
        raise ConfigurationError(
            what.format(connector=source.connector),
            where=f"{where}.delivery",
            remedy=_("write one of: {words}").format(words=", ".join(declared.deliveries)),
        )
    check_options(where, source, declared)


def check_written(where: str, source: Source) -> None:
    """Only mapped columns are written somehow, each in one of the ways of its kind."""
    columns = stored_columns(CONTRACTS[source.feed])
    ways = {name: WAYS.get(columns[name].metadata["kind"], ()) for name in source.columns}
    if source.identity.birth_date:
        ways["birth_date"] = WAYS["date"]
    ways = {name: known for name, known in ways.items() if known}
    for name, way in source.written.items():
        if name not in ways:
            raise ConfigurationError(
                _("no mapped column {field!r} can be written in several ways").format(field=name),
                where=f"{where}.written.{name}",
                remedy=nearest(name, [*ways]) if ways else _("leave the key out"),
            )
        if way not in ways[name]:
            raise ConfigurationError(
                _("{field!r} is not written so").format(field=name),
                where=f"{where}.written.{name}",
                remedy=_("write one of: {words}").format(words=", ".join(ways[name])),
            )


def names_an_account(source: Source) -> bool:
    if not source.options:
        return False
    from flows.connectors._remote import RemoteOptions

    return not {*RemoteOptions.model_fields}.isdisjoint(source.options)


def check_options(where: str, source: Source, declared: Declares) -> None:
    try:
        declared.options.model_validate(source.options)
    except ValidationError as broken:
        fault = key_fault(broken, declared.options)
        raise ConfigurationError(
            fault.what, where=f"{where}.options.{fault.key}", remedy=fault.remedy
        ) from None
