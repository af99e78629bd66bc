"""The place's own columns and words become those of the contract; what is not mapped is dropped."""

import functools
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from flows.intake.cast import cast
from flows.intake.columns import Columns
from flows.intake.forgotten import IsOf, named
from flows.intake.one_cell import out_of_year
from flows.intake.own_text import own_text, without_nothing
from flows.intake.pseudonym import Pseudonym, absent, may_be_shared, pseudonymise
from flows.intake.read_times import shown_in, tidy
from flows.intake.shared_addresses import Addresses, Events
from flows.intake.ways import in_usual_form
from flows.places import Place
from flows.records import ROW_NUMBER
from flows.sources import Source
from schemas import CONTRACTS, FEEDS, Record
from schemas.codes import FIXED_TERM, SENSITIVE_SERVICES, AgeBand, ContractType
from schemas.record import mappable_columns, stored_columns

PERSONAL_COLUMNS = (
    "person_key", "identity_kind", "age_band", "gender", "social_status", "home_commune",
)  # fmt: skip
AGE_BANDS = [
    (12, AgeBand.UNDER_12), (18, AgeBand.FROM_12_TO_17), (25, AgeBand.FROM_18_TO_24),
    (40, AgeBand.FROM_25_TO_39), (60, AgeBand.FROM_40_TO_59), (70, AgeBand.FROM_60_TO_69),
]  # fmt: skip


@dataclass(frozen=True)
class Mapped:
    """Rows in the contract's columns, in the order of `row_numbers`, and which cells were lost."""

    rows: pl.DataFrame
    row_numbers: pl.Series
    text: pl.DataFrame
    """What the cells said before casting: in memory only, for the shape masks."""
    readable: dict[str, pl.Series]
    is_forgotten: pl.Series | None = None
    """Which rows are of somebody who asked to be forgotten; None where nobody asked."""


def map_rows(
    page: pl.DataFrame,
    place: Place,
    source: Source,
    pseudonym: Pseudonym,
    as_of: datetime,
    addresses: Addresses | None = None,
    columns: Columns | None = None,
    is_of: IsOf | None = None,
) -> Mapped:
    """One page of a source's text as typed contract columns, without any identity.

    `columns` says how each is written, and learns what this page shows of it; `is_of` says who
    asked to be forgotten.
    """
    contract = CONTRACTS[source.feed]
    kinds = {name: column.metadata["kind"] for name, column in mappable_columns(contract).items()}
    ways = columns.ways if columns else {}
    text, was_said = without_nothing(own_text(page, source, ways), contract)
    typed, readable = cast(text, {name: kinds[name] for name in text.columns}, place.zone, ways)
    said_once = kinds.keys() - (source.columns.keys() - source.constants.keys()) - {"record_id"}
    constants = fixed_values(
        source.feed, place.zone, frozenset(said_once), tuple(source.constants.items())
    )  # fmt: skip
    if columns:
        columns.take(page, text, typed)
    if born := source.identity.birth_date:
        page = page.with_columns(in_usual_form(tidy(page[born]), ways.get("birth_date", "")))
    events = events_of(typed, constants, source, place.zone, as_of)
    who = pseudonymise(page, place, source, pseudonym, events, addresses)
    is_theirs = is_of and named(
        page, place, source, pseudonym, events, is_of, addresses.known if addresses else set()
    )  # fmt: skip
    readable |= ends_in_doubt(typed, constants, was_said, readable)
    readable |= repeated_hours(typed, contract)
    readable |= out_of_year(text, readable, source.year)
    typed, readable = without_hours_of_directors(typed, constants, readable)
    rows = pl.concat([tick_boxes(typed, kinds), who], how="horizontal").with_columns(
        *(constants[name].new_from_index(0, len(page)) for name in constants.columns),
        pl.lit(as_of).dt.convert_time_zone("UTC").dt.cast_time_unit("us").alias("known_at"),
    )
    if is_theirs is not None and "headcount" in rows.columns:
        is_theirs &= ~(rows["headcount"] > 1).fill_null(False)  # of a group, nobody is named
    return Mapped(
        rows=complete(counted_zeros(without_bookers(rows)), source).select(
            list(contract.to_schema().columns)
        ),
        row_numbers=page[ROW_NUMBER],
        text=text,
        readable=readable,
        is_forgotten=is_theirs,
    )


def events_of(
    typed: pl.DataFrame, constants: pl.DataFrame, source: Source, zone: str, as_of: datetime
) -> Events:
    """The day of each row's event in the place, else that of the run; and its appointment."""
    if not (source.identity.birth_date or may_be_shared(source)):
        return Events(pl.Series([as_of.date()]))  # nobody asks
    event = FEEDS[source.feed].event
    whens = typed[event] if event in typed else constants[event].new_from_index(0, len(typed))
    local = whens if whens.dtype == pl.Date else shown_in(zone, whens)
    days = local.cast(pl.Date)
    which = appointments(typed, local) if may_be_shared(source) else None
    return Events(days.fill_null(as_of.date()), which)


def appointments(typed: pl.DataFrame, local: pl.Series) -> pl.Series:
    """A digest of activity and day, or without an activity of the time, where an hour is given."""
    activity = typed["activity_id"] if "activity_id" in typed else absent(typed)
    time, day = local.cast(pl.Datetime("us")), local.cast(pl.Date).cast(pl.Datetime("us"))
    when = time.zip_with(activity.is_null(), day)
    is_one = local.is_not_null() & ((time != day) | activity.is_not_null())
    return pl.DataFrame({"when": when, "activity": activity}).hash_rows().set(~is_one, None)


def tick_boxes(typed: pl.DataFrame, kinds: dict[str, str]) -> pl.DataFrame:
    """A box that is not ticked says no; a cell that cannot be read keeps its own reason."""
    boxes = [name for name in typed.columns if kinds.get(name) == "boolean"]
    return typed.with_columns(pl.col(boxes).fill_null(False)) if boxes else typed


def complete(rows: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Columns that follow from others: local time, age band, ambiguous hour; and what must be
    forgotten.
    """
    rows = rows.with_columns(local_times(source))
    if "age_band" not in {*source.columns, *source.constants}:
        is_known = rows["birth_date"].is_not_null().any()
        no_band = pl.lit(None, pl.String).alias("age_band")
        rows = rows.with_columns(age_band(source) if is_known else no_band)
    feed = FEEDS[source.feed]
    if feed.is_instant:
        rows = rows.with_columns(pl.col(f"{feed.event}|ambiguous").alias("is_time_ambiguous"))
    return without_sensitive_identity(rows)


def without_bookers(rows: pl.DataFrame) -> pl.DataFrame:
    """A row that names one person and counts several is a group: whoever booked it is not known."""
    if "headcount" not in rows.columns:
        return rows
    is_group = (pl.col("headcount") > 1) & pl.col("person_key").is_not_null()
    if not rows.select(is_group.any()).item():
        return rows
    of_one = [name for name in (*PERSONAL_COLUMNS, "birth_date") if name in rows.columns]
    is_one = ~is_group.fill_null(False)
    return rows.with_columns(pl.when(is_one).then(pl.col(name)).alias(name) for name in of_one)


def counted_zeros(rows: pl.DataFrame) -> pl.DataFrame:
    """Where nobody came, there is no record, and its day is proven: a deleted one says both."""
    if "headcount" not in rows.columns:
        return rows
    is_zero = (pl.col("headcount") == 0) & pl.col("person_key").is_null()
    if not rows.select(is_zero.any()).item():
        return rows
    is_zero = is_zero.fill_null(False)
    return rows.with_columns(
        pl.when(is_zero).then(1).otherwise(pl.col("headcount")).alias("headcount"),
        (pl.col("deleted") | is_zero).alias("deleted"),
    )


def local_times(source: Source) -> list[pl.Expr]:
    """What the clock of the place shows at each instant `x_at`, as `x_local`."""
    return [
        pl.col(name.removesuffix("_local") + "_at|local").alias(name)
        for name, column in stored_columns(CONTRACTS[source.feed]).items()
        if column.metadata["kind"] == "local"
    ]


def ends_in_doubt(
    typed: pl.DataFrame,
    constants: pl.DataFrame,
    emptied: dict[str, pl.Series],
    readable: dict[str, pl.Series],
) -> dict[str, pl.Series]:
    """A fixed-term contract whose end is a word has one: without it, it would run for ever."""
    if "ended_on" not in emptied:
        return {}
    is_lost = emptied["ended_on"] & kinds_of(typed, constants).is_in(FIXED_TERM).fill_null(False)
    known = readable.get("ended_on|unreadable_date")
    return {"ended_on|unreadable_date": ~is_lost if known is None else known & ~is_lost}


def kinds_of(typed: pl.DataFrame, constants: pl.DataFrame) -> pl.Series:
    """The contract type of each row."""
    if "contract_type" in typed.columns:
        return typed["contract_type"]
    return constants["contract_type"].new_from_index(0, len(typed))


def without_hours_of_directors(
    typed: pl.DataFrame, constants: pl.DataFrame, readable: dict[str, pl.Series]
) -> tuple[pl.DataFrame, dict[str, pl.Series]]:
    """A company director has no hours: what stands in that cell says nothing, whatever it is."""
    if "weekly_minutes" not in typed.columns:
        return typed, readable
    is_director = (kinds_of(typed, constants) == ContractType.DIRECTOR.value).fill_null(False)
    hours = typed["weekly_minutes"].set(is_director, None)
    read = {
        name: is_read | is_director if name.startswith("weekly_minutes|") else is_read
        for name, is_read in readable.items()
    }
    return typed.with_columns(hours.alias("weekly_minutes")), read


def repeated_hours(typed: pl.DataFrame, contract: type[Record]) -> dict[str, pl.Series]:
    """Departures in the hour that comes twice: which of the two it was, nobody says."""
    return {
        f"{name}|repeated_hour": ~typed[f"{name}|ambiguous"]
        for name, column in stored_columns(contract).items()
        if f"{name}|ambiguous" in typed.columns
        and column.metadata["costs_itself"]
        and typed[f"{name}|ambiguous"].any()
    }


@functools.cache
def fixed_values(
    feed: str, zone: str, names: frozenset[str], said: tuple[tuple[str, str], ...]
) -> pl.DataFrame:
    """One row: the constants of a source, and the contract's defaults for what it lacks."""
    columns = mappable_columns(CONTRACTS[feed])
    told = {
        name: None if (default := column.metadata["default"]) is None else str(default)
        for name, column in columns.items()
        if name in names
    } | {name: text for name, text in said if name in names or name == "record_id"}
    texts = pl.DataFrame({name: pl.Series([text], dtype=pl.String) for name, text in told.items()})
    kinds = {name: columns[name].metadata["kind"] for name in told}
    return cast(pl.DataFrame([*map(tidy, texts)]), kinds, zone, {})[0]


def age_band(source: Source) -> pl.Expr:
    """The band of the age that the birth date gives at the date of the event."""
    day = pl.col(FEEDS[source.feed].day).cast(pl.Date)
    born = pl.col("birth_date")
    had_birthday = day.dt.to_string("%m-%d") >= born.dt.to_string("%m-%d")
    age = day.dt.year() - born.dt.year() - pl.when(had_birthday).then(0).otherwise(1)
    band = pl.lit(AgeBand.FROM_70.value)
    for limit, code in reversed(AGE_BANDS):
        band = pl.when(age < limit).then(pl.lit(code.value)).otherwise(band)
    return pl.when(age >= 0).then(band).alias("age_band")


def without_sensitive_identity(rows: pl.DataFrame) -> pl.DataFrame:
    """Telemedicine and nursery rows keep no person key and no attribute of a person."""
    service = next((name for name in ("service_code", "space_code") if name in rows.columns), None)
    if service is None:
        return rows
    sensitive = rows[service].is_in(SENSITIVE_SERVICES).fill_null(False)
    if not sensitive.any():
        return rows
    personal = (*PERSONAL_COLUMNS, "autonomy", "usual_work_commune")
    lost = [name for name in personal if name in rows.columns]
    return rows.with_columns(pl.when(~sensitive).then(pl.col(name)).alias(name) for name in lost)
