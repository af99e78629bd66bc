"""Reading places from their TOML files, and saying what is wrong in the words of the file."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from flows.declaration import configuration_error, nearest, read_toml
from flows.errors import ConfigurationError
from flows.language import _, ngettext
from flows.places import Place, commune_index
from flows.sources import UNDECIDED, Source
from flows.spelling import closest
from schemas.codes import CATCH_ALLS

MOST_CODES_NAMED = 15


def read_places(folder: Path) -> dict[str, Place]:
    """All places of a network by id.

    Raises ConfigurationError naming file, key, reason and, for a misspelt key, the nearest one.
    """
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise ConfigurationError(
            _("no place is declared"),
            where=str(folder),
            remedy=_(
                "put one TOML file per place there, or point IMPACT_PLACES at the right folder"
            ),
        )
    places: dict[str, Place] = {}
    origin: dict[str, Path] = {}
    for file in files:
        place = read_place(file)
        if place.id in places:
            raise ConfigurationError(
                _("the id {place_id!r} is already that of {origin_name}").format(
                    place_id=place.id, origin_name=origin[place.id].name
                ),
                where=_("{file}, key {key}").format(file=file, key="id"),
                remedy=_("give each place an id of its own"),
            )
        places[place.id], origin[place.id] = place, file
    return places


def declared_place(places: dict[str, Place], place_id: str) -> Place:
    """The place with this id; raises ConfigurationError for one that is not declared."""
    if place_id not in places:
        raise ConfigurationError(
            _("no place is called {place_id!r}").format(place_id=place_id),
            remedy=_("the places are: {places}").format(places=", ".join(places)),
        )
    return places[place_id]


def read_place(file: Path) -> Place:
    """One place from its TOML file."""
    content = read_toml(file)
    try:
        place = Place.model_validate(with_connectors({**content, "folder": file.parent}))
    except ValidationError as broken:
        raise configuration_error(file, broken, Place) from broken
    check_sources(file, place)
    return place


def with_connectors(content: dict[str, Any]) -> dict[str, Any]:
    """What a TOML says, with what the connectors of its sources know by themselves."""
    from flows.network.source_declaration import completed

    sources = content.get("sources")
    if not isinstance(sources, list) or not all(isinstance(given, dict) for given in sources):
        return content
    return {**content, "sources": [completed(given) for given in sources]}


def check_sources(file: Path, place: Place) -> None:
    """Faults that need the contracts or the whole place to be seen."""
    from flows.network.source_declaration import check_declared
    from schemas import CONTRACTS
    from schemas.record import mappable_columns, stored_columns

    seen: set[str] = set()
    for number, source in enumerate(place.sources):
        where = _("{file}, key {key}").format(file=file, key=f"sources.{number}")
        if source.id in seen:
            raise ConfigurationError(
                _("two sources have the id {source_id!r}").format(source_id=source.id),
                where=f"{where}.id",
                remedy=_("give each source of a place an id of its own"),
            )
        seen.add(source.id)
        columns = stored_columns(CONTRACTS[source.feed])
        mappable = list(mappable_columns(CONTRACTS[source.feed]))
        for table in ("columns", "constants", "values"):
            for field in getattr(source, table):
                if field not in mappable:
                    raise ConfigurationError(
                        _("{feed} has no column {field!r}").format(feed=source.feed, field=field),
                        where=f"{where}.{table}.{field}",
                        remedy=nearest(field, mappable),
                    )
        check_declared(where, source)
        check_constants(where, source, columns)
        check_required(where, source, columns)
        check_change_of_source(where, place, source)
        check_claims(where, place, number)
    if place.epci_code and place.epci_code != commune_index()[place.commune_code][2]:
        raise ConfigurationError(
            _("the commune {commune_code} is not in the EPCI {epci_code}").format(
                commune_code=place.commune_code, epci_code=place.epci_code
            ),
            where=_("{file}, key {key}").format(file=file, key="epci_code"),
            remedy=_("write {value!r} or leave the key out").format(
                value=commune_index()[place.commune_code][2]
            ),
        )


def check_change_of_source(where: str, place: Place, source: Source) -> None:
    """The source that is replaced is there, of the same feed, and ends on the eve."""
    if source.replaces is None:
        return
    others = {other.id: other for other in place.sources if other.feed == source.feed}
    others.pop(source.id, None)
    if source.replaces not in others:
        raise ConfigurationError(
            _("no other {feed} source of this place has the id {id!r}").format(
                feed=source.feed, id=source.replaces
            ),
            where=f"{where}.replaces",
            remedy=nearest(source.replaces, list(others)) if others else _("leave the key out"),
        )
    if source.from_day is None:
        raise ConfigurationError(
            _("it is not said from which day it replaces {id!r}").format(id=source.replaces),
            where=f"{where}.from",
            remedy=_("write the first day of the new source: from = 2026-03-01"),
        )
    old = others[source.replaces]
    first, last = place.days_of_use(old)
    eve = source.from_day - timedelta(1)
    if old.until_day not in (None, eve) or last != eve:
        raise ConfigurationError(
            _("{id!r} would not end on {eve}, the day before this source replaces it").format(
                id=old.id, eve=eve
            ),
            where=f"{where}.from",
            remedy=_(
                "leave `until` of {id!r} out, and give all that replace it the same `from`"
            ).format(id=old.id),
        )
    if first is not None and eve < first:
        raise ConfigurationError(
            _("it would replace {id!r} before that begins, on {first}").format(
                id=old.id, first=first
            ),
            where=f"{where}.from",
            remedy=_("write a later day, or correct `from` of the other"),
        )


def check_claims(where: str, place: Place, number: int) -> None:
    """Two sources that read the same columns of the same file on the same days count all twice."""
    source = place.sources[number]
    for other in place.sources[:number]:
        is_same_reading = all(
            getattr(source, key) == getattr(other, key)
            for key in ("feed", "connector", "path", "url", "options", "sheet", "columns")
        )
        (a, b), (c, d) = place.days_of_use(source), place.days_of_use(other)
        share_days = max(a or date.min, c or date.min) <= min(b or date.max, d or date.max)
        if is_same_reading and share_days:
            raise ConfigurationError(
                _("it claims the same rows on the same days as {id!r}").format(id=other.id),
                where=f"{where}.path",
                remedy=_(
                    "give each its own file, or say when one ends: `until`, or `replaces` and "
                    "`from` in the other"
                ),
            )


def check_constants(where: str, source: Source, columns: dict[str, Any]) -> None:
    """Constants and mapped values must be codes of the contract, or cells that can be read."""
    import polars as pl

    from flows.intake.cast import READERS
    from schemas.record import codes_of

    for field, column in columns.items():
        kind, codes = column.metadata["kind"], codes_of(column)
        words = source.values.get(field, {})
        constant = {field: source.constants[field]} if field in source.constants else {}
        if source.constants.get(field) == UNDECIDED and codes and source.connector == "file":
            constant = {}  # said of each of its files
        if codes:
            check_codes(f"{where}.values.{field}", field, words, codes)
            check_codes(f"{where}.constants", field, constant, codes)
        for key, value in {**words, **constant}.items():
            if kind in READERS and READERS[kind](pl.Series([value])).null_count():
                table = f"values.{field}" if key in words else "constants"
                raise ConfigurationError(
                    _("{value!r} cannot be read as {kind}").format(value=value, kind=kind),
                    where=f"{where}.{table}.{key}",
                    remedy=_("write it as docs/places.md says"),
                )


def check_codes(where: str, field: str, given: dict[str, str], codes: list[str]) -> None:
    """Raises ConfigurationError naming all values of one table that are no codes of its list."""
    wrong = {key: value for key, value in given.items() if value not in codes}
    if not wrong:
        return
    values = list(dict.fromkeys(wrong.values()))
    what = ngettext(
        "{values} is not a code of {field}", "{values} are not codes of {field}", len(values)
    ).format(values=", ".join(map(repr, values)), field=field)
    place = f"{where}.{next(iter(wrong))}" if len(wrong) == 1 else where
    raise ConfigurationError(what, where=place, remedy=code_advice(values, codes))


def code_advice(values: list[str], codes: list[str]) -> str:
    """All codes where they are few; else where they are written, and those that were meant."""
    if len(codes) <= MOST_CODES_NAMED:
        return _("write one of: {words}").format(words=", ".join(codes))
    telling = [code for code in codes if code not in CATCH_ALLS]
    near = [code for value in values if (code := closest(value, telling))]
    meant = ", ".join(dict.fromkeys(map(repr, near)))
    if not meant:
        return _("take a code of the list in docs/dictionary.md")
    return _("did you mean {meant}? All codes are in docs/dictionary.md").format(meant=meant)


def check_required(where: str, source: Source, columns: dict[str, Any]) -> None:
    """What the contract requires must be mapped or constant."""
    from schemas.fields import MADE_HERE

    for field, column in columns.items():
        is_given = field in source.columns or field in source.constants
        has_another_way = field == "record_id" or column.metadata["kind"] in MADE_HERE
        if column.nullable or is_given or has_another_way:
            continue
        if column.metadata["default"] is None:
            raise ConfigurationError(
                _("{feed} needs {field}").format(feed=source.feed, field=field),
                where=f"{where}.columns",
                remedy=_('say which header holds it: {field} = "…", or give a constant').format(
                    field=field
                ),
            )
