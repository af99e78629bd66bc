"""Great Expectations judges the closed warehouse, inside DuckDB, before anything is published.

It is imported here alone and only when an audit runs: the import takes seconds. Where nothing is to
be published, the same questions are asked without it.
"""

import contextlib
import importlib
import importlib.util
import io
import logging
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from flows.errors import ImpactError
from flows.language import _
from flows.warehouse.database import MEMORY_LIMIT
from flows.warehouse.promises import PROMISES, Promise

# GX fetches rows after it has given its connection back; without these options SQLAlchemy's
# rollback empties DuckDB's cursor and every expectation fails.
ENGINE_OPTIONS: dict[str, Any] = {
    "isolation_level": "AUTOCOMMIT",
    "skip_autocommit_rollback": True,
    "pool_reset_on_return": None,
}


@dataclass(frozen=True)
class Verdict:
    """One promise and how many exceptions were found."""

    promise: Promise
    is_kept: bool
    exceptions: int

    @property
    def stops_release(self) -> bool:
        return not self.is_kept and self.promise.severity == "critical"


def audit_warehouse(
    warehouse: Path, promises: list[Promise] = PROMISES, *, is_shown_alone: bool = False
) -> list[Verdict]:
    """One verdict per promise, in order. The warehouse must be closed everywhere else.

    Raises ImpactError when a promise could not be judged at all.
    """
    if is_shown_alone:
        return count_exceptions(warehouse, promises)
    # GX prints a remark for each query that reads more than its one table; ours all may
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        results = validate(warehouse, promises)
    return [verdict(promise, result) for promise, result in zip(promises, results, strict=True)]


def connect_args(warehouse: Path) -> dict[str, Any]:
    """To read, in bounded memory: what is more waits in the scratch folder of the home."""
    scratch = str(warehouse.with_name("scratch"))
    limits = {"memory_limit": MEMORY_LIMIT, "temp_directory": scratch}
    return {"read_only": True, "config": limits}


def count_exceptions(warehouse: Path, promises: list[Promise]) -> list[Verdict]:
    """The verdicts of figures that nobody reads before Great Expectations has judged them."""
    verdicts = []
    with duckdb.connect(str(warehouse), **connect_args(warehouse)) as connection:
        for promise in promises:
            try:
                [(count,)] = connection.execute(
                    f"SELECT count(*) FROM ({promise.exceptions})"
                ).fetchall()
            except duckdb.Error as fault:
                raise not_judged(promise) from fault
            verdicts.append(Verdict(promise, count == 0, count))
    return verdicts


def validate(warehouse: Path, promises: list[Promise]) -> list[Any]:
    """Great Expectations' results, in the order of the promises."""
    gx = import_library()
    gxe = gx.expectations
    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(False)
    context.variables.progress_bars = gx.data_context.types.base.ProgressBarsConfig(globally=False)
    source = context.data_sources.add_sql(
        "warehouse",
        connection_string=f"duckdb:///{warehouse}",
        kwargs={**ENGINE_OPTIONS, "connect_args": connect_args(warehouse)},
    )
    try:
        asset = source.add_table_asset("attempts", table_name="attempt", schema_name="ledger")
        batch = asset.add_batch_definition_whole_table("all").get_batch()
        suite = gx.ExpectationSuite(
            name="warehouse",
            expectations=[
                gxe.UnexpectedRowsExpectation(
                    unexpected_rows_query=promise.exceptions,
                    description=promise.sentence,
                    severity=promise.severity,
                    meta={"id": promise.id},
                )
                for promise in promises
            ],
        )
        found = batch.validate(suite, result_format="BASIC").results
    finally:
        source.get_execution_engine().close()
        source.get_engine().dispose()
    by_id = {result.expectation_config.meta["id"]: result for result in found}
    return [by_id[promise.id] for promise in promises]


def import_library() -> Any:
    """Great Expectations, with the modules that are asked here."""
    load_when_used("scipy.stats")  # a third of the import, and no promise asks for a statistic
    import great_expectations as gx
    import great_expectations.data_context.types.base
    import great_expectations.expectations

    # its import sets levels of its own, so this comes after it
    for name in [n for n in logging.root.manager.loggerDict if n.startswith("great_expectations")]:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    return gx


def load_when_used(name: str) -> None:
    """Whoever imports this module gets it at once; it is loaded when something of it is used."""
    if name in sys.modules or (found := importlib.util.find_spec(name)) is None or not found.loader:
        return
    found.loader = importlib.util.LazyLoader(found.loader)
    sys.modules[name] = module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    package, _dot, last = name.rpartition(".")
    setattr(sys.modules[package], last, module)  # else it would be looked for, which loads it


def verdict(promise: Promise, result: Any) -> Verdict:
    if result.exception_info.get("raised_exception") or "observed_value" not in result.result:
        raise not_judged(promise)
    return Verdict(promise, bool(result.success), int(result.result["observed_value"]))


def not_judged(promise: Promise) -> ImpactError:
    return ImpactError(
        _("the promise {promise_id!r} could not be judged").format(promise_id=promise.id),
        where="audit",
        remedy=_("check its query in flows/warehouse/promises.py; nothing was published"),
    )
