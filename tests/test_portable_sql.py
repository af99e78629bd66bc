"""Every definition means the same on DuckDB and, transpiled, on Spark."""

import pytest

from flows.settings import PROJECT
from flows.warehouse.models import read_core, read_indicators, read_values
from tests.portable_sql import faults

SQL = PROJECT / "sql"
MODELS = [*read_core(SQL).values(), *read_indicators(SQL).values(), *read_values(SQL)]


def test_every_definition_is_portable() -> None:
    found = [
        f"{model.file.relative_to(PROJECT)}, line {model.first_line + fault.line - 1}: "
        f"{fault.construct} → {fault.portable}"
        for model in MODELS
        for fault in faults(model.select)
    ]
    assert MODELS
    assert not found, "\n".join(found)


FORBIDDEN = {
    "quantile_cont(x, 0.5)": "median(x)",
    "quantile_disc(x, 0.9)": "median(x)",
    "percentile_cont(0.5) WITHIN GROUP (ORDER BY x)": "median(x)",
    "percentile_disc(0.5) WITHIN GROUP (ORDER BY x)": "median(x)",
    "timezone('Europe/Paris', x)": "x",
    "x AT TIME ZONE 'Europe/Paris'": "x",
    "len(list(DISTINCT x))": "count(DISTINCT x)",
    "length(list(DISTINCT x))": "count(DISTINCT x)",
    "strip_accents(x)": "translate(x, 'é', 'e')",
    "jaro_similarity(x, 'a')": "lower(x)",
    "string_agg(DISTINCT x, ',' ORDER BY x)": "max(x)",
    "CAST(unnest(generate_series(1, 3)) AS BIGINT)": "unnest(generate_series(1, 3))",
    "dayofweek(x)": "date_diff('day', DATE '1970-01-05', x) % 7",
    "isodow(x)": "date_diff('day', DATE '1970-01-05', x) % 7",
    "extract(isodow FROM x)": "extract(year FROM x)",
    "date_diff('hour', x, x)": "date_diff('second', x, x) // 3600",
    "date_diff('minute', x, x)": "date_diff('second', x, x) // 60",
    "CAST(2.5 AS INTEGER)": "CAST(round(2.5) AS INTEGER)",
    "CAST(x / nullif(x, 0) AS BIGINT)": "CAST(floor(x / nullif(x, 0)) AS BIGINT)",
    "substr(x, 0, 2)": "substr(x, 1, 2)",
    "avg(x)": "avg(CAST(x AS DOUBLE))",
    "stddev(x)": "sum(x * x)",
    "var_pop(x)": "sum(x * x)",
    "corr(x, x)": "sum(x * x)",
    "CAST(x AS DECIMAL(9, 2)) / 3": "CAST(x AS DOUBLE) / 3",
    "sum(x) / 60.0": "sum(x) / 60",
    "x / count(*)": "x / nullif(count(*), 0)",
    "x % 0": "x % 16",
    "x // x": "x // nullif(x, 0)",
}


@pytest.mark.parametrize("construct", FORBIDDEN)
def test_what_spark_computes_otherwise_is_found_on_its_line(construct: str) -> None:
    select = "SELECT\n    a.y,\n    {} AS z\nFROM core.visit AS a"
    found = faults(select.format(construct))
    assert [fault.line for fault in found] == [3] * len(found) and found, found
    assert faults(select.format(FORBIDDEN[construct])) == []


def test_an_asof_join_is_found() -> None:
    joined = "SELECT a.x FROM core.visit AS a {} JOIN core.period AS b ON a.t >= b.t"
    assert ["row_number" in str(fault) for fault in faults(joined.format("ASOF"))] == [True]
    assert faults(joined.format("INNER")) == []
