"""Reference data as tables of the schema `registry`, with what the network itself supplies.

A network may put files in the folder `reference` beside its `places`: see OWN_FILES.
"""

import csv
from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache, lru_cache
from pathlib import Path

import polars as pl

from flows.errors import ConfigurationError, reason
from flows.language import _
from flows.places import Place, commune_index
from flows.reference import POPULATION_VINTAGE, commune_changes, communes, programmes
from flows.settings import Settings
from flows.warehouse.coefficients import in_force, read_coefficients

OWN_FILES: dict[str, dict[str, type[pl.DataType]]] = {
    "frr.csv": {"is_frr": pl.Boolean},
    "population_15_64.csv": {"population_15_64": pl.Int64},
    "commune_positions.csv": {"latitude": pl.Float64, "longitude": pl.Float64},
}
"""What a network may say of communes: file → its columns beside `commune_code`."""

YES_OR_NO = {"true": True, "false": False, "oui": True, "non": False, "1": True, "0": False}

Period = tuple[str, str, date, date]
"""Id, type, first day, day after the last."""


def reference_tables(
    settings: Settings, places: Sequence[Place], periods: Sequence[Period], today: date
) -> dict[str, pl.DataFrame]:
    """Coefficients, communes, programmes, and how many people live in each place's catchment."""
    commune = commune_table(settings)
    return {
        **coefficient_tables(settings, periods, today),
        "commune": commune,
        "catchment_population": catchment_population(places, commune),
        "programme": programme_table(),
        "place_programme": pl.DataFrame(
            [(p.id, m.code, m.since, m.until) for p in places for m in p.programmes],
            schema={
                "place_id": pl.String, "programme_code": pl.String,
                "since": pl.Date, "until": pl.Date,
            },
            orient="row",
        ),
    }  # fmt: skip


def reference_files(settings: Settings) -> list[Path]:
    """The reference files on which the figures depend."""
    own = [settings.own_reference / name for name in OWN_FILES]
    return [*sorted(settings.reference.glob("*.csv")), *(file for file in own if file.exists())]


def check_reference(settings: Settings) -> None:
    """Read what can be wrong; raises ConfigurationError naming file, line and remedy."""
    read_coefficients(settings.reference / "coefficients.csv")
    for name in OWN_FILES:
        own_table(settings.own_reference / name)


def coefficient_tables(
    settings: Settings, periods: Sequence[Period], today: date
) -> dict[str, pl.DataFrame]:
    """`coefficient` has the values of the run's day, `period_coefficient` those of each period.

    A period takes the values of its last day, or of the run's day while it lasts.
    """
    every = read_coefficients(settings.reference / "coefficients.csv")
    return {
        "coefficient": pl.DataFrame(in_force(every, today)),
        "period_coefficient": pl.DataFrame(
            [
                (period_id, one.name, one.value, one.unit)
                for period_id, _type, _starts, ends_before in periods
                for one in in_force(every, min(ends_before - timedelta(1), today))
            ],
            schema={
                "period_id": pl.String, "name": pl.String, "value": pl.Float64, "unit": pl.String,
            },
            orient="row",
        ),
    }  # fmt: skip


def commune_table(settings: Settings) -> pl.DataFrame:
    """One row for each code, past or present, and the commune that it is in today.

    A part of a commune, or a former one, has the position and the FRR flag of that commune
    unless they are given for its own code. NULL is what nobody said.
    """
    table = all_communes()
    for name in OWN_FILES:
        said = own_table(settings.own_reference / name)
        if name == "commune_positions.csv":
            said = pl.concat([said, own_table(settings.reference / name)])
            said = said.unique("commune_code", keep="first")
        values = OWN_FILES[name]
        of_city = said.rename({"commune_code": "current_commune_code"})
        table = table.join(said, "commune_code", "left").join(
            of_city, "current_commune_code", "left", suffix="_of_city"
        )
        if name != "population_15_64.csv":
            table = table.with_columns(pl.coalesce(v, f"{v}_of_city").alias(v) for v in values)
        table = table.drop(f"{v}_of_city" for v in values)
    ranks = pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("rank")
    return table.sort("commune_code").with_columns(ranks)


@cache
def all_communes() -> pl.DataFrame:
    """Communes, their parts, and former codes, which have neither population nor parts."""
    present = communes().with_columns(
        pl.coalesce("parent_commune_code", "commune_code").alias("current_commune_code")
    )
    former = pl.DataFrame(
        list(commune_changes().items()),
        schema={"commune_code": pl.String, "current_commune_code": pl.String},
        orient="row",
    ).join(present, "commune_code", "anti")
    inherited = former.join(
        present.select("name", "departement_code", "region_code", "epci_code", "commune_code"),
        left_on="current_commune_code",
        right_on="commune_code",
    ).with_columns(pl.lit("commune_ancienne").alias("type"))
    every = pl.concat([present, inherited], how="diagonal")
    return every.drop("parent_commune_code").select(
        "commune_code", "name", "type", "current_commune_code", "departement_code",
        "region_code", "epci_code", "population",
    )  # fmt: skip


def own_table(file: Path) -> pl.DataFrame:
    """A reference file about communes; no row when it is not there.

    Columns beside those of OWN_FILES, such as `valid_from` and `source`, are for people. Raises
    ConfigurationError for a missing column, a cell that cannot be read, an unknown commune, or a
    commune that stands twice.
    """
    if not file.exists():
        return pl.DataFrame(schema=schema_of(file))
    return checked(file, text_of(file))


def schema_of(file: Path) -> dict[str, type[pl.DataType]]:
    return {"commune_code": pl.String, **OWN_FILES[file.name]}


@lru_cache(maxsize=8)  # a night checks them first, and reads them again to compute
def checked(file: Path, text: str) -> pl.DataFrame:
    """What `own_table` gives of a file with this text."""
    wanted, schema = OWN_FILES[file.name], schema_of(file)
    texts = table_of(file, text)
    missing = [name for name in schema if name not in texts.columns]
    if missing:
        raise ConfigurationError(
            _("there is no column {column}").format(column=missing[0]),
            where=_("{file}, line {number}").format(file=file, number=1),
            remedy=_("the columns are {columns}, and any others").format(columns=", ".join(schema)),
        )
    texts = texts.select(list(schema))
    unknown = ~texts["commune_code"].is_in(list(commune_index())).fill_null(False)
    remedy = _("write the INSEE code, of five characters")
    refuse(file, unknown, _("no commune has this code"), remedy)
    twice = ~texts["commune_code"].is_first_distinct()
    refuse(file, twice, _("this commune stands twice"), _("keep one line a commune"))
    for name, kind in wanted.items():
        if kind is pl.Boolean:
            words = texts[name].str.to_lowercase()
            read = words.replace_strict(YES_OR_NO, default=None, return_dtype=kind)
            remedy = _("write true or false")
        else:
            read = texts[name].cast(kind, strict=False)
            remedy = _("write a number, with a point for decimals")
        refuse(file, read.is_null(), _("{column} cannot be read").format(column=name), remedy)
        texts = texts.with_columns(read.alias(name))
    return texts


def text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        why = reason(fault) if isinstance(fault, OSError) else _("it is not in UTF-8")
        raise ConfigurationError(
            _("the file cannot be read: {reason}").format(reason=why),
            where=str(file),
            remedy=_("save it as CSV UTF-8"),
        ) from fault


def table_of(file: Path, text: str) -> pl.DataFrame:
    """A small CSV as text, separated by commas or semicolons; an empty cell is NULL."""
    lines = text.splitlines()
    separator = ";" if lines and ";" in lines[0] else ","
    header, *rows = list(csv.reader(lines, delimiter=separator)) or [[]]
    for number, row in enumerate(rows, start=2):
        if len(row) != len(header):
            raise ConfigurationError(
                _("the line has {cells} cells, the header {headers}").format(
                    cells=len(row), headers=len(header)
                ),
                where=_("{file}, line {number}").format(file=file, number=number),
                remedy=_('put text that has the separator between "quotation marks"'),
            )
    cells = [[cell.strip() or None for cell in row] for row in rows]
    return pl.DataFrame(cells, schema=dict.fromkeys(header, pl.String), orient="row")


def refuse(file: Path, is_wrong: pl.Series, what: str, remedy: str) -> None:
    """Raise ConfigurationError for the first wrong row; the header is line 1."""
    row = is_wrong.arg_true().to_list()
    if row:
        where = _("{file}, line {number}").format(file=file, number=row[0] + 2)
        raise ConfigurationError(what, where=where, remedy=remedy)


def catchment_population(places: Sequence[Place], commune: pl.DataFrame) -> pl.DataFrame:
    """People who live in the communes that each place says it serves, each counted once.

    A part of a commune without a population of its own counts as the whole commune; an
    arrondissement is left out when its city is there too. No row for a place without catchment.
    """
    served = pl.DataFrame(
        [(p.id, code) for p in places for code in p.catchment_communes],
        schema={"place_id": pl.String, "commune_code": pl.String},
        orient="row",
    ).join(commune.select("commune_code", "type", "current_commune_code"), "commune_code")
    is_district = pl.col("type") == "arrondissement"
    whole = served.filter(~is_district).select("place_id", "current_commune_code").unique()
    districts = served.filter(is_district).join(whole, ["place_id", "current_commune_code"], "anti")
    counted = pl.concat(
        [
            whole.rename({"current_commune_code": "commune_code"}),
            districts.select("place_id", "commune_code").unique(),
        ]
    )
    return (
        counted.join(commune.select("commune_code", "population"), "commune_code")
        .group_by("place_id")
        .agg(pl.col("population").sum(), pl.len().cast(pl.Int64).alias("communes"))
        .with_columns(pl.lit(POPULATION_VINTAGE).cast(pl.Int64).alias("population_year"))
        .sort("place_id")
    )


def programme_table() -> pl.DataFrame:
    """The programmes; `starts_on` is NULL where it is not known."""
    table = pl.DataFrame(list(programmes().values()))
    return table.with_columns(pl.col("starts_on").str.to_date(strict=False))
