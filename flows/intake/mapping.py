"""The place's own columns and words become those of the contract; what is not mapped is dropped."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from flows.intake.cast import cast
from flows.intake.pseudonym import pseudonymise
from flows.places import Place, Source
from flows.records import ROW_NUMBER
from schemas import CONTRACTS
from schemas.codes import SENSITIVE_SERVICES, AgeBand
from schemas.record import stored_columns

PERSONAL_COLUMNS = (
    "person_key", "identity_kind", "age_band", "gender", "social_status", "home_commune",
)  # fmt: skip
EVENT_COLUMN = {
    "attendance": "checked_in_at",
    "employment": "started_on",
    "service_usage": "occurred_at",
}
"""The column that says on which day a record of the feed happened."""
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


def map_rows(
    page: pl.DataFrame, place: Place, source: Source, key: bytes, as_of: datetime
) -> Mapped:
    """One page of a source's text as typed contract columns, without any identity."""
    contract = CONTRACTS[source.feed]
    columns = stored_columns(contract)
    kinds = {
        name: column.metadata["kind"]
        for name, column in columns.items()
        if column.metadata["kind"] not in ("pseudonym", "flag") and name != "identity_kind"
    }
    text = page.select(
        contract_text(name, column, source) for name, column in columns.items() if name in kinds
    )
    if not source.columns.get("record_id"):
        own_position = pl.concat_str(pl.lit("row-"), pl.col(ROW_NUMBER).cast(pl.String))
        text = text.with_columns(page.select(own_position.alias("record_id")).to_series())
    typed, readable = cast(text, kinds)
    who = pseudonymise(page, place, source, key)
    rows = pl.concat([typed, who], how="horizontal").with_columns(
        pl.lit(as_of).dt.convert_time_zone("UTC").dt.cast_time_unit("us").alias("known_at"),
        age_band(source),
    )
    if source.feed != "employment":
        event = EVENT_COLUMN[source.feed]
        rows = rows.with_columns(pl.col(f"{event}|ambiguous").alias("is_time_ambiguous"))
    if source.feed == "service_usage":
        rows = without_sensitive_identity(rows)
    for name in who.columns[:2]:
        text = text.with_columns(pl.lit(None, pl.String).alias(name))
    return Mapped(
        rows=rows.select(list(contract.to_schema().columns)),
        row_numbers=page[ROW_NUMBER],
        text=text,
        readable=readable,
    )


def contract_text(name: str, column: object, source: Source) -> pl.Expr:
    """The text of one contract column: mapped, constant, or the contract's default."""
    words = source.values.get(name, {})
    if name in source.constants:
        return pl.lit(source.constants[name]).alias(name)
    headers = source.columns.get(name)
    if headers is None:
        default = column.metadata["default"]  # type: ignore[attr-defined]
        return pl.lit(None if default is None else str(default), pl.String).alias(name)
    if isinstance(headers, str):
        cell = pl.col(headers)
    else:
        cell = pl.concat_str([pl.col(header) for header in headers], separator=" ")
    if column.metadata["kind"] == "code":  # type: ignore[attr-defined]
        cell = code_of(cell, words, codes_of(column))
    return cell.alias(name)


def code_of(cell: pl.Expr, words: dict[str, str], codes: list[str]) -> pl.Expr:
    """The code that a word stands for, whatever its case and outer spaces; else the word itself."""
    plain = cell.str.strip_chars(" \t\u00a0\u202f")
    known = {code.lower(): code for code in codes}
    known.update({" ".join(word.split()).lower(): code for word, code in words.items()})
    coded = plain.str.to_lowercase().replace_strict(known, default=None, return_dtype=pl.String)
    return pl.coalesce(coded, plain)


def codes_of(column: object) -> list[str]:
    checks = column.checks  # type: ignore[attr-defined]
    return next((list(c.statistics["allowed_values"]) for c in checks if c.name == "isin"), [])


def age_band(source: Source) -> pl.Expr:
    """The band as recorded, else from the birth date at the date of the event."""
    if "age_band" in source.columns or "age_band" in source.constants:
        return pl.col("age_band")
    day = pl.col(EVENT_COLUMN[source.feed])
    if source.feed != "employment":
        day = day.dt.convert_time_zone("Europe/Paris").dt.date()
    born = pl.col("birth_date")
    had_birthday = day.dt.to_string("%m-%d") >= born.dt.to_string("%m-%d")
    age = day.dt.year() - born.dt.year() - pl.when(had_birthday).then(0).otherwise(1)
    band = pl.lit(AgeBand.FROM_70.value)
    for limit, code in reversed(AGE_BANDS):
        band = pl.when(age < limit).then(pl.lit(code.value)).otherwise(band)
    return pl.when(age >= 0).then(band).alias("age_band")


def without_sensitive_identity(rows: pl.DataFrame) -> pl.DataFrame:
    """Telemedicine and nursery rows keep no person key and no attribute of a person."""
    sensitive = pl.col("service_code").is_in(SENSITIVE_SERVICES).fill_null(False)
    lost = (*PERSONAL_COLUMNS, "autonomy")
    return rows.with_columns(pl.when(~sensitive).then(pl.col(name)).alias(name) for name in lost)
