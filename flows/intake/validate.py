"""Rows that keep their contract, and reasons for the others. The rules stand in `schemas` alone."""

import functools
import operator
from dataclasses import dataclass, field, replace
from typing import Any

import polars as pl
from pandera.errors import SchemaError, SchemaErrors

from flows.intake.mapping import Mapped
from flows.language import said_in
from flows.records import Broken
from flows.sources import Source
from schemas import CONTRACTS, Record
from schemas.record import stored_columns
from schemas.rules import DOUBTED, JOINED_RULES, RULES

DESCRIBED_HERE = ("file", "sql")
"""Connectors whose identifiers the place chose itself; a system numbers its records as it must."""
LONGEST_MASK = 60
REJECT_SCHEMA = {
    "row_number": pl.Int64,
    "header": pl.String,
    "field": pl.String,
    "rule": pl.String,
    "sentence_fr": pl.String,
    "sentence_en": pl.String,
    "mask": pl.String,
    "record_id": pl.String,
}


@dataclass(frozen=True)
class Judged:
    """Good rows (contract columns and `row_number`), and one line per reason of refusal."""

    good: pl.DataFrame
    rejects: pl.DataFrame
    doubts: pl.DataFrame
    """One line per cell of a good row that was left out, in the form of a reason."""
    forgotten: int = 0
    """Rows of people who asked to be forgotten: neither good nor refused."""
    forgotten_good: pl.DataFrame = field(default_factory=pl.DataFrame)
    """Those of them that were good: what they prove of a day stays proven."""


def judge_rows(mapped: Mapped, source: Source) -> Judged:
    """Split rows by what the contract says of them; a doubtful cell may cost itself alone."""
    contract = CONTRACTS[source.feed]
    several = numbers_of_several(mapped.rows, source)
    broken = contract_verdicts(mapped.rows, contract)
    verdicts = {**mapped.readable, **several, **broken}
    doubted, summed = in_doubt(verdicts, mapped.rows, contract)
    doubts = [
        reasons(
            f"{cell_in_doubt(n, contract)}|{n.partition('|')[2]}", mapped, ~passes, None, source
        )
        for n, passes in doubted.items()
    ]
    left_out = pl.concat([no_rejects(), *doubts])
    if doubted:
        mapped = without_cells(mapped, doubted, contract)
        readable = {n: passes for n, passes in mapped.readable.items() if n not in doubted}
        touched = ~pl.DataFrame(doubted).select(pl.all_horizontal(pl.all())).to_series()
        again = judged_again(mapped.rows, contract, broken, touched)
        verdicts = {**readable, **several, **again, **summed}
    rows = mapped.rows.with_columns(mapped.row_numbers.alias("row_number"))
    if not verdicts:
        return Judged(rows, no_rejects(), left_out)
    table = pl.DataFrame({name: verdict for name, verdict in verdicts.items()})
    is_good = table.select(pl.all_horizontal(pl.all())).to_series()
    known = own_identifiers(mapped, verdicts, source)
    rejects = [
        reasons(name, mapped, ~(passes | explained_by_cell(name, mapped.readable)), known, source)
        for name, passes in verdicts.items()
    ]
    refused = pl.concat([no_rejects(), *rejects]).sort("row_number")
    of_good = ~pl.col("row_number").is_in(refused["row_number"].implode())
    return Judged(rows.filter(is_good), refused, left_out.filter(of_good))


def must_number_each(source: Source) -> bool:
    """Has each record a number of its own in a delivery, because no version of it has a date?"""
    is_described_here = source.connector in DESCRIBED_HERE and "record_id" in source.columns
    return is_described_here and "updated_at" not in source.columns


def numbers_of_several(rows: pl.DataFrame, source: Source) -> dict[str, pl.Series]:
    """Rows that differ under one number in one delivery, where nothing says which is the later."""
    if not must_number_each(source):
        return {}
    again = rows["record_id"].is_duplicated() & rows["record_id"].is_not_null()
    if not again.any():
        return {}
    differ = rows.filter(again).unique()["record_id"]
    differ = differ.filter(differ.is_duplicated()).unique()
    if differ.is_empty():
        return {}
    return {"record_id|number_of_several": ~rows["record_id"].is_in(differ.implode())}


def cell_in_doubt(name: str, contract: type[Record]) -> str:
    """The column whose cell is left out where this verdict fails; empty where the row is lost."""
    field, _, rule = name.partition("|")
    column = stored_columns(contract).get(field)
    is_optional = column is not None and column.metadata["costs_itself"]
    return field if is_optional else DOUBTED.get(rule, "")


def in_doubt(
    verdicts: dict[str, pl.Series], rows: pl.DataFrame, contract: type[Record]
) -> tuple[dict[str, pl.Series], dict[str, pl.Series]]:
    """The verdicts that cost their cell alone, and those of the same on rows that a sum needs."""
    doubted, summed = {}, {}
    for name, passes in verdicts.items():
        if not (cell := cell_in_doubt(name, contract)):
            continue
        doubted[name] = passes
        if where := stored_columns(contract)[cell].metadata["summed_where"]:
            is_summed = (rows[where[0]] == where[1]).fill_null(False)
            doubted[name] = passes | is_summed
            summed[name] = passes | ~is_summed
    return doubted, {name: passes for name, passes in summed.items() if not passes.all()}


def without_cells(mapped: Mapped, verdicts: dict[str, pl.Series], contract: type[Record]) -> Mapped:
    """The same rows without the cells that these verdicts doubt, nor what was made of them."""
    rows = mapped.rows
    for name, passes in verdicts.items():
        cell = cell_in_doubt(name, contract)
        made = [c for c in (cell, cell.replace("_at", "_local")) if c in rows.columns]
        rows = rows.with_columns(
            pl.when(passes).then(pl.col(column)).alias(column) for column in dict.fromkeys(made)
        )
    return replace(mapped, rows=rows)


def contract_verdicts(rows: pl.DataFrame, contract: type[Record]) -> dict[str, pl.Series]:
    """`column|rule` → one boolean per row, True where the row passes; only broken rules.

    What no row says breaks no rule of its column, where it may be left out: most columns of most
    sources, whose rules are not asked then.
    """
    columns = contract.to_schema().columns
    empty = [n for n, c in columns.items() if c.nullable and rows[n].null_count() == len(rows)]
    return verdicts_of(rows, contract, schema_without(contract, frozenset(empty)))


@functools.cache
def schema_without(contract: type[Record], names: frozenset[str]) -> Any:
    """The rules of a contract but for those of some columns."""
    schema = contract.to_schema().remove_columns([*names])
    schema.strict = False
    return schema


def verdicts_of(rows: pl.DataFrame, contract: type[Record], schema: Any) -> dict[str, pl.Series]:
    try:
        schema.validate(rows, lazy=True)
    except SchemaErrors as broken:
        return {
            f"{owner(error, contract)}|{rule_name(error)}": outcome(error)
            for error in broken.schema_errors
        }
    return {}


def judged_again(
    rows: pl.DataFrame, contract: type[Record], broken: dict[str, pl.Series], touched: pl.Series
) -> dict[str, pl.Series]:
    """The verdicts after cells were left out: only the rows that had one are looked at again.

    No rule asks for a cell that may be left out: where nothing else was wrong, nothing is now. Else
    the other cells are what they were, and the rules on several cells of a row are asked again.
    """
    others = {name: passes for name, passes in broken.items() if not cell_in_doubt(name, contract)}
    if all(passes.filter(touched).all() for passes in others.values()):
        return others
    every = frozenset(contract.to_schema().columns)
    again = verdicts_of(rows.filter(touched), contract, schema_without(contract, every))
    where = touched.arg_true()
    found = {}
    for name in {**others, **again}:
        passes = others.get(name, pl.Series([True]).new_from_index(0, len(rows)))
        if name.startswith("|"):
            passes = passes.clone().scatter(where, again.get(name, True))
        if not passes.all():
            found[name] = passes
    return found


def outcome(error: SchemaError) -> pl.Series:
    """The row-wise result of a check; a fault without one is a fault of the program."""
    if error.check_output is None:
        raise error
    result: pl.Series = error.check_output.to_series(0).fill_null(True)
    return result


def rule_name(error: SchemaError) -> str:
    return error.check if isinstance(error.check, str) else str(error.check.name)


def owner(error: SchemaError, contract: type[Record]) -> str:
    name = str(error.schema.name)
    return name if name in contract.to_schema().columns else ""


def explained_by_cell(name: str, readable: dict[str, pl.Series]) -> pl.Series | bool:
    """A required value that is missing because it was unreadable needs one reason, not two."""
    field, _, rule = name.partition("|")
    cells = [~is_read for known, is_read in readable.items() if known.startswith(f"{field}|")]
    return functools.reduce(operator.or_, cells, False) if rule == "not_nullable" else False


def own_identifiers(mapped: Mapped, verdicts: dict[str, pl.Series], source: Source) -> pl.Series:
    """The source's own identifier of each row; empty where it breaks its contract itself.

    With it one sees when the record comes again. A row in which any identifier is that of a person
    keeps none.
    """
    if "record_id" not in source.columns:
        return pl.Series("record_id", [None] * len(mapped.rows), dtype=pl.String)
    broken = [
        ~passes
        for name, passes in verdicts.items()
        if name.startswith("record_id|") or name == "|no_direct_identifier"
    ]
    is_without = functools.reduce(operator.or_, broken, mapped.rows["record_id"].is_null())
    return mapped.rows.select(pl.when(~is_without).then("record_id")).to_series()


def reasons(
    name: str, mapped: Mapped, fails: pl.Series, known: pl.Series | None, source: Source
) -> pl.DataFrame:
    """One line per failing row for one broken rule."""
    field, _, rule = name.partition("|")
    header = source.columns.get(field, "")
    is_given = field in mapped.text.columns
    cells = mapped.text[field].fill_null("") if is_given else pl.Series([None] * len(fails))
    return pl.DataFrame(
        {
            "row_number": mapped.row_numbers.filter(fails),
            **described(header, field, rule),
            "mask": mask(cells.cast(pl.String).filter(fails)),
            "record_id": None if known is None else known.filter(fails),
        },
        schema=REJECT_SCHEMA,
    )


def described(header: str | list[str], field: str, rule: str) -> dict[str, Any]:
    sentence = RULES[rule] if isinstance(header, str) else JOINED_RULES.get(rule, RULES[rule])
    return {
        "header": header if isinstance(header, str) else " + ".join(header),
        "field": field,
        "rule": rule,
        "sentence_fr": said_in("fr", sentence),
        "sentence_en": said_in("en", sentence),
    }


def broken_rejects(broken: list[Broken]) -> pl.DataFrame:
    """Rows that could not be read as rows, in the form of the quarantine."""
    return pl.DataFrame(
        [
            {
                "row_number": row.row_number,
                **described(row.header, row.field, row.rule),
                "mask": row.text,
                "record_id": row.record_id,
            }
            for row in broken
        ],
        schema=REJECT_SCHEMA,
    ).with_columns(mask_expression(pl.col("mask")))


def no_rejects() -> pl.DataFrame:
    return pl.DataFrame(schema=REJECT_SCHEMA)


def mask(cells: pl.Series) -> pl.Series:
    """The shape of a value, never the value: `Dupont 42` is `Aaaaaa 99`."""
    return cells.to_frame("cell").select(mask_expression(pl.col("cell"))).to_series()


def mask_expression(cell: pl.Expr) -> pl.Expr:
    return (
        cell.str.slice(0, LONGEST_MASK)
        .str.replace_all(r"\p{Lu}", "A")
        .str.replace_all(r"[\p{L}\p{M}--A]", "a")
        .str.replace_all(r"\p{N}", "9")
        .str.replace_all(r"[^Aa9 .,:;/@€%()+'\"_-]", "?")
    )
