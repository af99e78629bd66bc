"""The published Table Schemas and the contracts say the same of a file."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import frictionless
import polars as pl
import pytest

from flows.documents.table_schemas import (
    BEYOND_PATTERNS,
    EXAMPLES,
    FOLDER,
    PATTERNS,
    exchanged_columns,
    first_values,
    table_schema,
    table_schemas,
)
from flows.errors import ConfigurationError
from flows.intake.cast import cast
from flows.intake.read_times import tidy
from flows.intake.validate import contract_verdicts
from flows.settings import PROJECT, TIME_ZONE
from schemas import CONTRACTS, codes
from schemas.record import codes_of, stored_columns

READ_AT = datetime(2026, 11, 2, 3, 30, tzinfo=ZoneInfo("Europe/Paris"))
WHOLE_UNITS = {"week_hours": "integer", "euros": "integer", "pseudonym": "identifier"}
"""A file of this form has minutes and cents already, and pseudonyms."""
INVALID = {
    "type": "ni nombre ni date",
    "required": "",
    "enum": "hors-liste",
    "pattern": "pas le motif",
}


def schema(feed: str) -> dict[str, Any]:
    return table_schema(feed, first_values(PROJECT / EXAMPLES / f"{feed}.csv"))


def rows_of(name: str) -> list[dict[str, str]]:
    text = (PROJECT / EXAMPLES / f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(io.StringIO(text)))


def refused_by_schema(feed: str, rows: list[dict[str, str]], folder: Path) -> set[int]:
    """Which rows (from 0) frictionless refuses."""
    with (folder / "file.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    resource = frictionless.Resource(
        path="file.csv",
        basepath=str(folder),
        schema=frictionless.Schema.from_descriptor(schema(feed)),
    )
    errors = resource.validate().flatten(["rowNumber"])
    assert all(number is not None for (number,) in errors), "the file as a whole is refused"
    return {number - 2 for (number,) in errors}


def refused_by_contract(feed: str, rows: list[dict[str, str]]) -> set[int]:
    """Which rows (from 0) are unreadable or break the contract."""
    columns = exchanged_columns(CONTRACTS[feed])
    kinds = {n: WHOLE_UNITS.get(c.metadata["kind"], c.metadata["kind"]) for n, c in columns.items()}
    text = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String))
    tidied = pl.DataFrame([tidy(cells) for cells in text])
    typed, readable = cast(tidied, kinds, TIME_ZONE, {})
    contract = CONTRACTS[feed]
    complete = typed.with_columns(
        pl.lit(READ_AT)
        .dt.convert_time_zone("UTC")
        .cast(pl.Datetime("us", "UTC"))
        .alias("known_at"),
        pl.lit(False).alias("is_time_ambiguous"),
        *(
            pl.col(name.replace("_local", "_at")).dt.replace_time_zone(None).alias(name)
            for name in stored_columns(contract)
            if name.endswith("_local")
        ),
    ).select(list(contract.to_schema().columns))
    verdicts = [*readable.values(), *contract_verdicts(complete, contract).values()]
    return {row for verdict in verdicts for row, passes in enumerate(verdict) if not passes}


def breaking_cells(feed: str) -> list[tuple[str, str, str]]:
    """(field, constraint, a cell that breaks it), for every constraint of every field."""
    found = []
    for field in schema(feed)["fields"]:
        limits = {k: v for k, v in field["constraints"].items() if v is not False}
        if field["type"] != "string":
            limits["type"] = field["type"]
        for constraint, limit in limits.items():
            cell = {
                "minimum": lambda v=limit: str(v - 1),
                "maximum": lambda v=limit: str(v + 1),
                "maxLength": lambda v=limit: "1" * (v + 1),
            }.get(constraint, lambda c=constraint: INVALID[c])()
            found.append((field["name"], constraint, cell))
    return found


def test_the_committed_schemas_are_those_of_the_contracts() -> None:
    for path, text in table_schemas(PROJECT).items():
        assert (PROJECT / path).read_text(encoding="utf-8") == text, path


@pytest.mark.parametrize("feed", CONTRACTS)
def test_each_schema_is_a_table_schema(feed: str) -> None:
    file = PROJECT / FOLDER / f"{feed}.json"
    described = frictionless.Schema.from_descriptor(str(file))
    assert [f.name for f in described.fields] == list(exchanged_columns(CONTRACTS[feed]))
    assert described.primary_key == ["record_id"]


@pytest.mark.parametrize("feed", CONTRACTS)
def test_the_files_that_a_schema_names_are_beside_it(feed: str) -> None:
    for resource in schema(feed)["resources"]:
        assert (PROJECT / FOLDER / resource["path"]).is_file()


def test_a_column_that_no_row_of_the_sample_fills_is_named() -> None:
    examples = first_values(PROJECT / EXAMPLES / "attendance.csv")
    del examples["space_code"]
    with pytest.raises(ConfigurationError, match=r"attendance\.csv.*space_code"):
        table_schema("attendance", examples)


@pytest.mark.parametrize("feed", CONTRACTS)
def test_schema_and_contract_accept_the_sample(feed: str, tmp_path: Path) -> None:
    rows = rows_of(feed)
    assert len(rows) == 10
    assert refused_by_schema(feed, rows, tmp_path) == set()
    assert refused_by_contract(feed, rows) == set()


@pytest.mark.parametrize("feed", CONTRACTS)
def test_schema_and_contract_refuse_every_row_of_the_invalid_sample(
    feed: str, tmp_path: Path
) -> None:
    rows = rows_of(f"{feed}-invalid")
    assert refused_by_schema(feed, rows, tmp_path) == set(range(len(rows)))
    assert refused_by_contract(feed, rows) == set(range(len(rows)))


@pytest.mark.parametrize("feed", CONTRACTS)
def test_schema_and_contract_refuse_a_cell_that_breaks_any_constraint(
    feed: str, tmp_path: Path
) -> None:
    sound = rows_of(feed)[0]
    broken = breaking_cells(feed)
    assert {"required", "enum", "pattern", "maxLength", "minimum", "type"} <= {
        c for _, c, _ in broken
    }
    rows = [
        sound | {"record_id": f"R-{number}", name: cell}
        for number, (name, _, cell) in enumerate(broken)
    ]
    accepted = set(range(len(rows)))
    assert [broken[n] for n in accepted - refused_by_schema(feed, rows, tmp_path)] == []
    assert [broken[n] for n in accepted - refused_by_contract(feed, rows)] == []


@pytest.mark.parametrize("feed", CONTRACTS)
def test_the_limits_themselves_are_accepted_by_both(feed: str, tmp_path: Path) -> None:
    anonymous = next(row for row in rows_of(feed) if not row["person_key"])
    rows = [
        anonymous | {"record_id": f"{field['name']}-{limit}-1", field["name"]: str(limit)}
        for field in schema(feed)["fields"]
        for constraint, limit in field["constraints"].items()
        if constraint in ("minimum", "maximum")
    ]
    if feed == "service_usage":
        rows = [row | {"unit": "heure"} for row in rows]
    assert len(rows) >= 2
    assert refused_by_schema(feed, rows, tmp_path) == set()
    assert refused_by_contract(feed, rows) == set()


@pytest.mark.parametrize("feed", CONTRACTS)
def test_every_rule_that_is_not_a_constraint_is_said_in_words(feed: str) -> None:
    said = {rule["name"] for rule in schema(feed)["rules"]}
    whole_row = {str(check.name) for check in CONTRACTS[feed].to_schema().checks}
    kinds = {c.metadata["kind"] for c in stored_columns(CONTRACTS[feed]).values()}
    assert said == whole_row | {rule for kind, rule in BEYOND_PATTERNS.items() if kind in kinds}


def test_a_departure_before_the_arrival_breaks_a_rule_that_only_the_words_say(
    tmp_path: Path,
) -> None:
    row = rows_of("attendance")[0]
    row |= {"checked_out_at": row["checked_in_at"], "checked_in_at": row["checked_out_at"]}
    assert refused_by_schema("attendance", [row], tmp_path) == set()
    assert refused_by_contract("attendance", [row]) == {0}


@pytest.mark.parametrize("feed", CONTRACTS)
def test_every_code_has_its_french_label(feed: str) -> None:
    labels = {kind: {c.value: c.fr for c in kind} for kind in codes.Code.__subclasses__()}
    columns = exchanged_columns(CONTRACTS[feed])
    for field in schema(feed)["fields"]:
        if "enum" in field["constraints"]:
            shown = {entry["value"]: entry["label"] for entry in field["categories"]}
            assert shown in labels.values()
            assert list(shown) == codes_of(columns[field["name"]])
            assert all(f"{code} ({label})" in field["description"] for code, label in shown.items())


@pytest.mark.parametrize("feed", CONTRACTS)
def test_no_field_holds_a_name_and_those_that_help_to_recognise_say_so(feed: str) -> None:
    described = schema(feed)
    assert "pseudonyme" in described["description"]
    names = {field["name"] for field in described["fields"]}
    assert not names & {"email", "last_name", "first_name", "birth_date", "phone"}
    by_name = {field["name"]: field["description"] for field in described["fields"]}
    for name, column in exchanged_columns(CONTRACTS[feed]).items():
        is_marked = "reconnaître quelqu'un" in by_name[name]
        assert is_marked == (column.metadata["personal"] == "indirect"), name


def test_every_commune_of_the_reference_keeps_the_pattern() -> None:
    with (PROJECT / "data" / "reference" / "communes.csv").open(encoding="utf-8") as stream:
        communes = [next(iter(row.values())) for row in csv.DictReader(stream)]
    assert len(communes) > 30_000
    assert [c for c in communes if not re.fullmatch(PATTERNS["commune"], c)] == []
