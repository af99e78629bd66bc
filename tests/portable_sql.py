"""What Spark refuses, or computes otherwise, of the SQL that DuckDB runs: names line and remedy.

The constructs are those that were tried on both engines and found failing or silently different.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sqlglot
from sqlglot import exp

FRACTIONS = (exp.Div, exp.Avg, exp.Median, exp.PercentileCont, exp.Stddev)
WHOLE = (exp.Round, exp.Floor, exp.Ceil, exp.Trunc)
WHOLE_TYPES = (exp.DType.INT, exp.DType.BIGINT, exp.DType.SMALLINT, exp.DType.TINYINT)
SAME_UNITS = {"DAY", "MONTH", "SECOND", "MICROSECOND"}
SAME_NAME_IN_SPARK = {"bit_count"}
"""Functions that sqlglot does not know, and that Spark has under the same name."""
DEFINED = {"number_of"}
"""Functions of ours, which each engine defines in a line: `flows.warehouse.runner.NUMBER_OF`."""


@dataclass(frozen=True)
class Fault:
    """One construct: the line of the SELECT on which it stands, and what to write instead."""

    line: int
    construct: str
    portable: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.construct} → {self.portable}"


def faults(select: str) -> list[Fault]:
    """Everything in a SELECT that is not portable, in the order of its lines."""
    tree = sqlglot.parse_one(select, read="duckdb")
    found = [
        Fault(line_of(node), node.sql("duckdb")[:80], portable)
        for node in tree.walk()
        for portable in portable_forms(node)
    ]
    if not found:
        spark = tree.sql("spark", unsupported_level=sqlglot.ErrorLevel.RAISE)
        sqlglot.parse_one(spark, read="spark")
    return sorted(found, key=lambda fault: fault.line)


def line_of(node: exp.Expression) -> int:
    """The first line that the parser noted of a node or, without one, of what is around it."""
    lines = [int(part.meta["line"]) for part in node.walk() if "line" in part.meta]
    if lines:
        return min(lines)
    return line_of(node.parent) if node.parent else 1


def portable_forms(node: exp.Expression) -> Iterator[str]:
    for is_fault, portable in RULES:
        if is_fault(node):
            yield portable


def is_percentile(node: exp.Expression) -> bool:
    kinds = (exp.PercentileCont, exp.PercentileDisc, exp.Quantile, exp.ApproxQuantile)
    return isinstance(node, kinds)


def is_asof(node: exp.Expression) -> bool:
    return isinstance(node, exp.Join) and "ASOF" in (node.method, node.kind)


def calls(*names: str) -> Callable[[exp.Expression], bool]:
    return lambda node: isinstance(node, exp.Anonymous) and node.name.lower() in names


def is_unknown(node: exp.Expression) -> bool:
    told = {"timezone", "strip_accents", *SAME_NAME_IN_SPARK, *DEFINED}
    return isinstance(node, exp.Anonymous) and node.name.lower() not in told


def is_length_of_distinct(node: exp.Expression) -> bool:
    return (
        isinstance(node, exp.Length | exp.ArraySize)
        and isinstance(node.this, exp.ArrayAgg)
        and isinstance(node.this.this, exp.Distinct)
    )


def is_ordered_text(node: exp.Expression) -> bool:
    return isinstance(node, exp.GroupConcat) and node.find(exp.Distinct, exp.Order) is not None


def is_cast_of_rows(node: exp.Expression) -> bool:
    return isinstance(node, exp.Cast) and isinstance(node.this, exp.Explode | exp.Unnest)


def is_day_of_week(node: exp.Expression) -> bool:
    if isinstance(node, exp.Extract):
        return node.this.name.upper() in ("DOW", "ISODOW", "DAYOFWEEK", "WEEKDAY")
    return isinstance(node, exp.DayOfWeek | exp.DayOfWeekIso)


def is_boundary_count(node: exp.Expression) -> bool:
    return isinstance(node, exp.DateDiff | exp.TimestampDiff) and (
        node.text("unit").upper() not in SAME_UNITS
    )


def is_fraction_to_whole(node: exp.Expression) -> bool:
    if not isinstance(node, exp.Cast) or node.to.this not in WHOLE_TYPES:
        return False
    return any(
        isinstance(part, FRACTIONS) or is_decimal(part)
        for part in node.this.walk(prune=lambda part: isinstance(part, WHOLE))
        if not isinstance(part, WHOLE)
    )


def is_from_zero(node: exp.Expression) -> bool:
    start = node.args.get("start") if isinstance(node, exp.Substring) else None
    return isinstance(start, exp.Literal) and start.name == "0"


def is_decimal(node: exp.Expression) -> bool:
    """A literal with a point, which is a decimal in both engines, or a cast to one."""
    if isinstance(node, exp.Literal):
        return not node.is_string and "." in node.name and "e" not in node.name.lower()
    return isinstance(node, exp.Cast) and node.to.this == exp.DType.DECIMAL


def is_double(node: exp.Expression) -> bool:
    return isinstance(node, exp.Cast) and node.to.this == exp.DType.DOUBLE


def is_mean_of_unsaid(node: exp.Expression) -> bool:
    return isinstance(node, exp.Avg) and not is_double(node.this)


def is_spread(node: exp.Expression) -> bool:
    kinds = (exp.Stddev, exp.StddevPop, exp.StddevSamp, exp.Variance, exp.VariancePop,
             exp.Corr, exp.CovarPop, exp.CovarSamp)  # fmt: skip
    return isinstance(node, kinds)


def is_decimal_quotient(node: exp.Expression) -> bool:
    if not isinstance(node, exp.Div):
        return False
    parts = [p for side in (node.this, node.expression) for p in side.walk(prune=is_double)]
    return any(is_decimal(part) for part in parts)


def may_divide_by_zero(node: exp.Expression) -> bool:
    if not isinstance(node, exp.Div | exp.IntDiv | exp.Mod):
        return False
    divisor = node.expression.unnest()
    divisor = divisor.this if is_double(divisor) else divisor
    is_number = isinstance(divisor, exp.Literal) and float(divisor.name) != 0
    return not is_number and not isinstance(divisor, exp.Nullif)


def is_conversion(node: exp.Expression) -> bool:
    """A place has a clock of its own, and no SQL knows it."""
    return isinstance(node, exp.AtTimeZone) or calls("timezone")(node)


RULES: tuple[tuple[Callable[[exp.Expression], bool], str], ...] = (
    (is_percentile, "median(x), or the row at a place by row_number() and count(*)"),
    (is_asof, "row_number() over the rows before, and the first"),
    (
        is_conversion,
        "the column x_local beside x_at: intake wrote what the clock of the place showed",
    ),
    (calls("strip_accents"), "translate(x, 'éè…', 'ee…'), or text without accents from intake"),
    (is_unknown, "a function that both engines have; add it to SAME_NAME_IN_SPARK if this is one"),
    (is_length_of_distinct, "count(DISTINCT x)"),
    (is_ordered_text, "max(x) or min(x): a text that lists values belongs in what shows it"),
    (is_cast_of_rows, "the rows in a subquery, the cast around its column"),
    (is_day_of_week, "date_diff('day', DATE '1970-01-05', d) % 7, which is 0 on Mondays"),
    (is_boundary_count, "date_diff in days, seconds or microseconds, and a quotient"),
    (is_fraction_to_whole, "CAST(round(x) AS BIGINT), or floor"),
    (is_from_zero, "substr from 1"),
    (is_mean_of_unsaid, "avg(CAST(x AS DOUBLE))"),
    (is_spread, "sums of whole numbers: count(*), sum(x), sum(x * x)"),
    (is_decimal_quotient, "whole numbers, or CAST(x AS DOUBLE) on one side, and no 60.0 but 60"),
    (may_divide_by_zero, "nullif(divisor, 0)"),
)
