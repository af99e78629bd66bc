"""The definitions, judged before anything starts: every SELECT binds, every example is true.

What was found right is remembered by the hash of all that it depends on. The definitions that come
with the program were judged by its own tests: `impact docs` writes their hashes into JUDGED. What
was changed is remembered with the installation, to which the definitions belong, so that many homes
ask once; where that cannot be written, in the home.
"""

import contextlib
import hashlib
import logging
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import duckdb
import polars as pl

from flows.errors import ConfigurationError
from flows.language import _
from flows.publication.moved import compare_releases
from flows.publication.once import let_stand
from flows.publication.release import PublishedTable, read_published
from flows.publication.rounding import STEPS, as_view, step_file
from flows.publication.secret import PUBLIC, let_draw
from flows.settings import PROJECT, TIME_ZONE, Settings
from flows.warehouse.examples import (
    AS_OF,
    Difference,
    column_types,
    differences,
    world,
)
from flows.warehouse.faults import at_line, line_with
from flows.warehouse.models import (
    RESULT_COLUMNS,
    CoreHeader,
    Example,
    IndicatorHeader,
    Model,
    read_core,
    read_indicators,
    read_model,
    read_values,
)
from flows.warehouse.registry_tables import fill_registry
from flows.warehouse.runner import NUMBER_OF, create_results, execute_model
from flows.warehouse.tables import prepare
from flows.warehouse.workbench import figure_table
from flows.whole_files import AS_USUAL, written_whole

logger = logging.getLogger("impact")

JUDGED = PROJECT / "sql" / "judged-indicators.txt"
"""The hashes of the indicators that come with the program."""
INSTALLED = Path(sys.prefix) / "impact" / "right-definitions"
KEPT = 1000
"""Hashes that are remembered: an indicator has one for each state of the definitions."""


def check_definitions(settings: Settings) -> None:
    """Raises ConfigurationError for the first definition that is not right; changes no table."""
    core, indicators = read_core(settings.sql), read_indicators(settings.sql)
    hashes = definition_hashes(settings, indicators)
    known = remembered(settings)
    unknown = {id: model for id, model in indicators.items() if hashes[id] not in known}
    everything = digest(sorted(hashes.items()), program_files(settings))
    if everything not in known or unknown:
        bind(settings, core, indicators)
    for number, (id, model) in enumerate(unknown.items(), start=1):
        progress = _("checking the worked examples, once after a change · {number}/{count} {id}")
        logger.info(progress.format(number=number, count=len(unknown), id=id))
        check_examples(settings, model)
        remember(settings, [hashes[id]])
    if everything not in known:
        remember(settings, [everything])


def definition_hashes(settings: Settings, indicators: dict[str, Model]) -> dict[str, str]:
    """What the examples of each indicator depend on, as a hash: its file and what all share.

    Tables for readers are no part of it: a run binds them whenever anything changed.
    """
    own = {model.file for model in indicators.values()}
    files = [*(settings.sql / "core").glob("*.sql"), settings.sql / "values.sql"]
    files += [*settings.reference.glob("*.csv")]
    shared = digest("", [file for file in files if file not in own])
    return {id: digest(shared, [model.file]) for id, model in indicators.items()}


def digest(start: object, files: Iterable[Path]) -> str:
    """One hash of a beginning and the names and bytes of files."""
    found = hashlib.sha256(str(start).encode())
    for file in sorted(files):
        found.update(file.name.encode() + file.read_bytes())
    return found.hexdigest()


def program_files(settings: Settings) -> list[Path]:
    """What else may make a definition wrong: it is then bound again."""
    code = [*(PROJECT / "flows" / "warehouse").glob("*.py"), *(PROJECT / "schemas").glob("*.py")]
    return [*code, *settings.sql.rglob("*.sql")]


def remembered(settings: Settings) -> set[str]:
    """Hashes of what was right."""
    found: set[str] = set()
    for file in [*memories(settings), JUDGED]:
        with contextlib.suppress(OSError):
            found |= set(file.read_text(encoding="ascii").split())
    return found


def remember(settings: Settings, hashes: Iterable[str]) -> None:
    """Note what was right where that can be written; where it cannot, it is asked again."""
    for file in memories(settings):
        with contextlib.suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            old = file.read_text(encoding="ascii").split() if file.exists() else []
            with written_whole(file, AS_USUAL) as unfinished:
                unfinished.write_text("\n".join([*old, *hashes][-KEPT:]), encoding="ascii")
            return


def memories(settings: Settings) -> list[Path]:
    return [INSTALLED, settings.home / INSTALLED.name]


def bind(settings: Settings, core: dict[str, Model], indicators: dict[str, Model]) -> None:
    """Every SELECT against an empty warehouse in memory, in the order in which a run takes them."""
    with contextlib.closing(duckdb.connect(":memory:")) as warehouse:
        warehouse.execute(f"SET TimeZone = '{TIME_ZONE}'")
        warehouse.execute(NUMBER_OF)
        let_draw(warehouse, PUBLIC)
        prepare(warehouse, settings)
        # the world of the examples has neither portfolios nor reference data of a network
        of_the_world = replace(settings, places=settings.sql)
        fill_registry(warehouse, world(), core, indicators, of_the_world, AS_OF)
        for model in core.values():
            create_empty(warehouse, model)
        create_results(warehouse)
        for model in indicators.values():
            check_columns(warehouse, model)
        computed, kept = read_values(settings.sql)
        execute_model(warehouse, computed, figure_table(computed, "indicator.figure"))
        create_empty(warehouse, kept)
        for step in STEPS:
            model = read_model(step_file(settings.sql, step), "rounding", CoreHeader)
            execute_model(warehouse, model, as_view(step, model.select))
        for step in ("rounding/drawn_figure", "once/due_value"):
            model = read_model(settings.sql / f"{step}.sql", "once", CoreHeader)
            create_empty(warehouse, replace(model, name=step.partition("/")[2]))
        let_stand(warehouse, settings.sql)
        for folder, schema in (("published", "release"), ("preview", "preview")):
            warehouse.execute(f"CREATE SCHEMA {schema}")
            for table in read_published(settings.sql / folder):
                if table.compares:
                    compare_releases(warehouse, has_former=False)
                check_published(warehouse, settings.sql / folder, schema, table)


def create_empty(warehouse: duckdb.DuckDBPyConnection, model: Model) -> None:
    execute_model(warehouse, model, f"CREATE TABLE {model.name} AS {model.select}\nWITH NO DATA")


def check_columns(warehouse: duckdb.DuckDBPyConnection, model: Model) -> None:
    """An indicator gives the columns of the contract, in any order, and no other."""
    execute_model(warehouse, model, f"CREATE TABLE indicator.bound AS {model.select}\nWITH NO DATA")
    given = set(column_types(warehouse, "indicator.bound"))
    warehouse.execute("DROP TABLE indicator.bound")
    for missing in (name for name in RESULT_COLUMNS if name not in given):
        raise ConfigurationError(
            _("the SELECT gives no column {column}").format(column=missing),
            where=model.at_line(1),
            remedy=_("give exactly {columns}").format(columns=", ".join(RESULT_COLUMNS)),
        )
    for extra in sorted(given - set(RESULT_COLUMNS)):
        raise ConfigurationError(
            _("the SELECT gives a column {column} too many").format(column=extra),
            where=model.at_line(line_with(model.select, rf"\b{extra}\b") or 1),
            remedy=_("give exactly {columns}").format(columns=", ".join(RESULT_COLUMNS)),
        )


def check_published(
    warehouse: duckdb.DuckDBPyConnection, folder: Path, schema: str, table: PublishedTable
) -> None:
    """A published table binds, and its header describes each of its columns.

    It stays in its schema: another may read it there.
    """
    file, header = folder / f"{table.name}.sql", CoreHeader(grain="")
    model = Model(f"{schema}.{table.name}", file, header, table.select, table.first_line)
    assert model.dependencies
    create_empty(warehouse, model)
    given = set(column_types(warehouse, model.name))
    for column in sorted(given ^ set(table.columns)):
        raise ConfigurationError(
            _("the column {column} stands only in the header").format(column=column)
            if column in table.columns
            else _("the column {column} is not described in the header").format(column=column),
            where=model.at_line(None),
            remedy=_("describe in [columns] exactly what the SELECT gives"),
        )


def check_examples(settings: Settings, model: Model) -> None:
    """Raises ConfigurationError for the first example of an indicator that is not true."""
    assert isinstance(model.header, IndicatorHeader)
    for number, example in enumerate(model.header.examples):
        wrong = first_difference(settings, model, example, example_place(model, number))
        if wrong:
            raise ConfigurationError(
                _("the example {name!r} is not true: {cell} is {found}, not {expected}").format(
                    name=example.name,
                    cell=f"{wrong.scope_id} {wrong.period_id} {wrong.column}",
                    found=wrong.found,
                    expected=wrong.expected,
                ),
                where=example_place(model, number),
                remedy=_("correct the SELECT, or the example"),
            )


def first_difference(
    settings: Settings, model: Model, example: Example, where: str
) -> Difference | None:
    """What the example states and the indicator does not give, if it can be computed at all."""
    try:
        return next(iter(differences(model, example, settings)), None)
    except (ValueError, duckdb.Error, pl.exceptions.PolarsError) as fault:
        raise ConfigurationError(
            _("the example {name!r} cannot be computed: {fault}").format(
                name=example.name, fault=str(fault).splitlines()[0]
            ),
            where=where,
            remedy=_("correct its tables: CONTRIBUTING.md says what an example may give"),
        ) from fault


def example_place(model: Model, number: int) -> str:
    """The file and the line on which an example begins."""
    text = model.file.read_text(encoding="utf-8")
    before = "[[examples]]".join(text.split("\n[[examples]]")[: number + 1])
    return at_line(model.file, before.count("\n") + 2)
