"""A column is judged as a column: what its cells show together decides, or refuses the delivery."""

from __future__ import annotations

import functools
import itertools
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from flows.connectors import _csv
from flows.connectors._text import utf8_blocks
from flows.errors import BatchRefused
from flows.intake.column import Column, InDoubt
from flows.intake.columns import Columns, ReadOtherwise, columns_of
from flows.intake.landing import identify
from flows.intake.mapping import map_rows
from flows.intake.orders import order_of
from flows.intake.pseudonym import pseudonymiser
from flows.onboarding.check_source import check_source
from flows.records import ROW_NUMBER, Delivery
from flows.settings import Settings
from flows.sources import Identity
from flows.stages.batch import load_batch
from flows.warehouse.database import open_in_memory
from schemas import FEEDS
from tests.conftest import AS_OF

FEED_OF = {
    "weekly_minutes": "employment", "gross_monthly_eur_cents": "employment",
    "started_on": "employment", "ended_on": "employment", "grant_id": "employment",
    "duration_minutes": "service_usage", "quantity": "service_usage",
    "amount_eur_cents": "service_usage", "enrolled_from": "service_usage",
}  # fmt: skip
CONSTANTS: dict[str, dict[str, str]] = {
    "attendance": {},
    "employment": {"contract_type": "CDI", "relation": "structure_hebergee"},
    "service_usage": {"service_code": "formation", "unit": "heure"},
}
PLACES = itertools.count(1)


class Desk:
    """A source of one place that receives files, in a warehouse in memory."""

    def __init__(self, warehouse: Any, folder: Path, make_place: Any, field: str, **said: Any):
        self.warehouse, self.folder, self.field = warehouse, folder, field
        self.header = said.pop("header", "Colonne")
        feed = FEED_OF.get(field, "attendance")
        event = FEEDS[feed].event
        columns = {"record_id": "N°", event: "Jour", field: self.header}
        columns |= said.pop("columns", {})
        self.place = make_place(
            folder, {}, place={"id": f"lieu-{next(PLACES)}"}, feed=feed, columns=columns,
            constants=CONSTANTS[feed], written=said, coverage="days",
        )  # fmt: skip
        self.source = self.place.sources[0]
        self.numbers = itertools.count(1)

    def read(self, *cells: str) -> Any:
        """The same without a warehouse, for what needs no other delivery."""
        page = pl.DataFrame(
            {ROW_NUMBER: range(len(cells)), "N°": [f"N-{n}" for n in range(len(cells))],
             "Jour": "2026-01-05", self.header: cells}
        )  # fmt: skip
        batch = SimpleNamespace(file_name="e.csv", place_id="lieu", source_id="registre")
        columns = columns_of(self.source, batch, AS_OF.year % 100, {})
        while True:
            rows = map_rows(
                page, self.place, self.source, pseudonymiser(bytes(32)), AS_OF, None, columns
            ).rows
            try:
                columns.settle()
            except BatchRefused as fault:
                return str(fault)
            except ReadOtherwise:
                columns.begin_again()
            else:
                break
        found = rows[self.field.replace("_at", "_local")]
        return [
            "lost" if value is None else f"{value:%m-%d}" if isinstance(value, date) else value
            for value in found
        ]

    def take(self, *cells: str, name: str = "e.csv", **others: list[str]) -> Any:
        """The values that the cells of one file become, in its order; or why it is refused."""
        numbers = [f"N-{next(self.numbers)}" for _cell in cells]
        table = {"N°": numbers, "Jour": ["2026-01-05"] * len(cells), self.header: cells, **others}
        lines = [";".join(row) for row in zip(*table.values(), strict=True)]
        path = self.folder / f"{numbers[0]}-{name}"
        path.write_text("\n".join([";".join(table), *lines, ""]), encoding="utf-8")
        now = datetime.now(UTC)
        batch = identify(
            Delivery(path.name, path), self.place, self.source, (None, None), self.folder, now
        )
        try:
            load_batch(
                self.warehouse, self.place, self.source, replace(batch, payload=path),
                pseudonymiser(bytes(32)), AS_OF,
            )  # fmt: skip
        except BatchRefused as fault:
            return str(fault)
        shown = self.field
        if self.field.endswith(("_at", "_on", "_from")):
            shown = f"strftime(timezone('Europe/Paris', {self.field}::TIMESTAMPTZ), '%m-%d')"
        known = self.warehouse.execute(
            f"SELECT record_id, {shown} FROM record.{self.source.feed} "
            "WHERE place_id = ? AND list_contains(?, record_id)",
            [self.place.id, numbers],
        ).fetchall()
        return [dict(known).get(number, "lost") for number in numbers]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("columns")
    settings = Settings(home=folder, places=folder, keys=folder)
    with open_in_memory(settings, folder) as connection:
        yield connection


@pytest.fixture
def desk(warehouse: Any, tmp_path: Path, make_place: Any) -> Callable[..., Desk]:
    def new(field: str, **said: Any) -> Desk:
        return Desk(warehouse, tmp_path, make_place, field, **said)

    return new


ALONE = [
    # dates: two cells at least settle, and what settles nothing is French
    ("checked_in_at", "10/02/2026 10/25/2026 10/31/2026", "10-02 10-25 10-31"),
    ("checked_in_at", "10-02-2026 10-25-2026 10-31-2026", "10-02 10-25 10-31"),
    ("checked_in_at", "02-10-2026 31-10-2026", "10-02 10-31"),
    ("checked_in_at", "10.02.26 10.25.26 10.31.26", "10-02 10-25 10-31"),
    ("checked_in_at", "02/10/2026 25/10/2026 31/10/2026", "10-02 10-25 10-31"),
    ("checked_in_at", "02/10/2026 05/10/2026", "10-02 10-05"),
    ("checked_in_at", "26/10/02 26/10/05 26/10/27 26/10/31", "10-02 10-05 10-27 10-31"),
    ("checked_in_at", "02/10/26 05/10/26 27/10/26", "10-02 10-05 10-27"),
    ("checked_in_at", "2026-10-02 2026-10-31 02/10/2026", "10-02 10-31 10-02"),
    ("checked_in_at", "10/31/2026", "10-31"),
    ("checked_in_at", "25/10/2026 26/10/2026 10/27/2026 03/10/2026", "10-25 10-26 lost 10-03"),
    ("checked_in_at", "10/31/2026 05/10/2026 06/10/2026", "few dates"),
    ("checked_in_at", "25/10/2026 26/10/2026 10/27/2026 10/28/2026 01/10/2026", "otherwise"),
    ("started_on", "10/02/2026 10/25/2026 10/31/2026", "10-02 10-25 10-31"),
    ("started_on", "31/12/25 01/03/26", "12-31 03-01"),
    ("enrolled_from", "09/30/2026 10/01/2026 09/15/2026", "09-30 10-01 09-15"),
    # marks
    ("quantity", "1,5 2,25 1.250", "1.5 2.25 1250"),
    ("quantity", "1.5 2.25 1.250", "1.5 2.25 1.25"),
    ("quantity", "1.5 2.25 1,250", "1.5 2.25 1250"),
    ("quantity", "1,5 2.25", "1.5 2.25"),
    ("quantity", "1.250", "1250"),
    ("quantity", "1,250", "1.25"),
    ("quantity", "0.500 12.500", "0.5 12.5"),
    ("quantity", "1.234.567,5 2", "1234567.5 2"),
    ("quantity", "1,234,567.5 2", "1234567.5 2"),
    ("quantity", "2.000 1,000", "points and by commas"),
    ("quantity", "1,5 2.5 1.250", "points and by commas"),
    ("amount_eur_cents", "1.234,50 12,00", "123450 1200"),
    ("amount_eur_cents", "1,234.50 12.00", "123450 1200"),
    ("amount_eur_cents", "1'234.50 12.00", "123450 1200"),
    ("amount_eur_cents", "1.200 15,00", "120000 1500"),
    ("headcount", "2.000 1.500 12", "2000 1500 12"),
    ("headcount", "2,000 1,500 12", "2000 1500 12"),
    ("headcount", "1,000 12", "1000 12"),
    ("headcount", "2.000", "2000"),
    ("headcount", "1,000 2,000", "could be thousands"),
    ("headcount", "2.000 1,000", "points and by commas"),
    ("headcount", "3.0 4.0", "3 4"),
    ("headcount", "3,0 4,00", "3 4"),
    # hours a week, shares of full time, and what is neither
    ("weekly_minutes", "35 17,5 17h30", "2100 1050 1050"),
    ("weekly_minutes", "1 0,8 0,5", "shares"),
    ("weekly_minutes", "35 0,5", "shares"),
    ("weekly_minutes", "1", "shares"),
    ("weekly_minutes", "80% 100%", "shares"),
    ("weekly_minutes", "35 1,5", "2100 90"),
    ("weekly_minutes", "151,67 75,83 30", "more than a week has"),
    ("weekly_minutes", "100 80 20", "more than a week has"),
    ("weekly_minutes", "2100 1050", "more than a week has"),
    ("weekly_minutes", "35 35 35 35 35 39 50", "2100 2100 2100 2100 2100 2340 3000"),
    ("weekly_minutes", "0.729166667 35", "parts of a day"),
    ("duration_minutes", "90 45 1h30", "90 45 90"),
    ("duration_minutes", "1,5 2 0,75", "look like hours"),
    ("duration_minutes", "1,5 2 90", "look like hours"),
    ("duration_minutes", "1 2 1 3", "look like hours"),
    ("duration_minutes", "12,4 3,2 45,8", "12 3 46"),
    ("duration_minutes", "5 10 3", "5 10 3"),
    ("duration_minutes", "1,5h 2heures 90min", "90 120 90"),
    ("weekly_minutes", "35h 17,5heures", "2100 1050"),
    ("amount_eur_cents", "5,50EUR 12€", "550 1200"),
    # codes of communes
    ("home_commune", "80021 80000 2A004", "80021 lost 2A004"),
    ("home_commune", "80000 02000 60000 59000 33000 35000", "postal codes"),
    ("home_commune", "99100 99134 99999 99109 99132", "lost lost lost lost lost"),
    ("home_commune", " ".join(f"6900{n}" for n in range(1, 10)), "postal codes"),
    ("home_commune", "13001 13002 13003 13004 13005 13055", "13001 13002 13003 13004 13005 13055"),
    # numbers of records
    ("activity_id", "101.0 102.0 103", "101 102 103"),
    ("activity_id", "12345678901234500 12345678901234000", "has cut"),
    ("activity_id", "12345678901234500 12345678901234567", "12345678901234500 12345678901234567"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "cells", "becomes"), ALONE)
def test_what_a_column_shows_decides_how_it_is_read(desk, field: str, cells: str, becomes) -> None:
    assert_becomes(desk(field).read(*cells.split()), cells, becomes)


def assert_becomes(found: Any, cells: str, becomes: str) -> None:
    """Values as they are expected; or a refusal that says so, names the column, and no cell."""
    if isinstance(found, str):
        assert becomes in found and "column 'Colonne'" in found
        assert not any(cell in found.partition("→")[0] for cell in cells.split() if len(cell) > 3)
    else:
        assert [f"{value:.10g}" if isinstance(value, float) else str(value) for value in found] == (
            becomes.split()
        )


AMERICAN, OPEN = ("10/02/2026", "10/25/2026", "10/31/2026"), ("10/03/2026", "10/04/2026")


def test_what_settles_nothing_is_read_as_the_toml_says_or_as_others_of_the_source_were(
    desk,
) -> None:
    assert desk("checked_in_at", checked_in_at="month_first").take(*OPEN) == ["10-03", "10-04"]
    usual, american = desk("checked_in_at"), desk("checked_in_at")
    assert usual.take("25/10/2026") == ["10-25"] and usual.take(*OPEN) == ["03-10", "04-10"]
    assert american.take(*AMERICAN) == ["10-02", "10-25", "10-31"]
    assert american.take(*OPEN) == ["10-03", "10-04"]
    assert american.take("10/05/2026", name="hook.json.csv") == ["10-05"]
    assert american.take("25/10/2026", "26/10/2026", "05/10/2026") == ["10-25", "10-26", "10-05"]
    assert "in two orders" in american.take(*OPEN)


def test_a_mark_or_hours_of_other_deliveries_say_what_one_cell_does_not(desk) -> None:
    amounts = desk("amount_eur_cents")
    assert amounts.take("12.50", "7.00") == [1250, 700]
    assert amounts.take("1,200") == [120000]
    hours = desk("weekly_minutes")
    assert "shares" in hours.take("1")
    assert hours.take("35", "17,5") == [2100, 1050] and hours.take("1") == [60]
    minutes = desk("duration_minutes")
    assert "look like hours" in minutes.take("1", "2", "3")
    assert minutes.take("45") == [45] and minutes.take("1", "2", "3") == [1, 2, 3]
    codes = desk("home_commune")
    for number in range(4):
        assert codes.take(f"{80 + number}000") == [None]
    assert "postal codes" in codes.take("13001", "80000")


def test_a_delivery_that_shows_what_earlier_ones_did_not_is_refused_until_the_toml_says_it(
    desk,
) -> None:
    register = desk("checked_in_at")
    assert register.take(*OPEN) == ["03-10", "04-10"]
    said = register.take(*AMERICAN)
    assert "earlier deliveries" in said and 'checked_in_at = "month_first"' in said
    assert "--again landed" in said
    register.source = register.source.model_copy(
        update={"written": {"checked_in_at": "month_first"}}
    )
    assert register.take(*AMERICAN) == ["10-02", "10-25", "10-31"]


SAID = [
    ("checked_in_at", "day_first", "10/25/2026 10/26/2026 10/27/2026", "as the TOML says"),
    ("checked_in_at", "year_first", "26/10/05 26/10/06", "10-05 10-06"),
    ("checked_in_at", "month_first", "10/05/2026 25/10/2026", "10-05 lost"),
    ("quantity", "decimal_point", "1,250 2", "1250 2"),
    ("quantity", "decimal_comma", "1,234.50 1.5", "as the TOML says"),
    ("headcount", "decimal_comma", "1,000 2,000", "1 2"),
    ("headcount", "decimal_point", "1,000 2,000", "1000 2000"),
    ("weekly_minutes", "shares", "1 0,8 50%", "2100 1680 1050"),
    ("weekly_minutes", "shares", "35 17,5", "as the TOML says"),
    ("weekly_minutes", "hours", "1 0,5", "60 30"),
    ("duration_minutes", "hours", "1,5 2 0:45", "90 120 45"),
    ("duration_minutes", "hours", "90 45 60", "as the TOML says"),
    ("duration_minutes", "minutes", "1 2 3", "1 2 3"),
]


@pytest.mark.parametrize(("field", "way", "cells", "becomes"), SAID)
def test_the_toml_says_how_a_column_is_written(desk, field, way, cells, becomes) -> None:
    assert_becomes(desk(field, **{field: way}).read(*cells.split()), cells, becomes)


def test_headers_say_what_codes_and_numbers_cannot(desk) -> None:
    for header in (
        "Code postal",
        "code_postal",
        "CodePostal",
        "CP usager",
        "ZIP code",
        "cp_domicile",
    ):
        assert "postal codes" in desk("home_commune", header=header).read("13001"), header
    for header in ("Code INSEE / postal", "Commune", "Recip", "Code commune"):
        assert desk("home_commune", header=header).read("13001") == ["13001"], header
    assert desk("home_commune", header="CP", home_commune="insee").read("13001") == ["13001"]
    assert "look like hours" in desk("duration_minutes", header="Durée (h)").read("2", "30")
    assert desk("duration_minutes", header="Durée (h:min)").read("1:30", "30") == [90, 30]


def test_dates_of_one_tool_are_written_alike(desk) -> None:
    visits = desk("checked_in_at", columns={"updated_at": "Modifié"})
    said = visits.take(*OPEN, Modifié=["10/25/2026", "10/26/2026"])
    assert "'Modifié' is month/day/year" in said and "column 'Colonne'" in said


@pytest.mark.usefixtures("read_here")
def test_a_contradiction_of_the_last_block_refuses_what_the_first_ones_brought(
    desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_csv, "utf8_blocks", functools.partial(utf8_blocks, block_bytes=64))
    days = [f"{day:02}/10/2026" for day in range(13, 29)]
    register = desk("checked_in_at")
    assert "only be otherwise" in register.take(*days, "10/29/2026", "10/30/2026")
    counted = "SELECT count(*) FROM record.attendance WHERE place_id = ?"
    assert register.warehouse.execute(counted, [register.place.id]).fetchone() == (0,)
    assert register.take(*days, "10/29/2026") == [f"10-{d}" for d in range(13, 29)] + ["lost"]
    months = [f"10/{day:02}/2026" for day in range(1, 32)]
    found = desk("checked_in_at").take(*months)
    assert found == [f"10-{day:02}" for day in range(1, 32)]
    assert "shares" in desk("weekly_minutes").take(*["35"] * 9, "0,5")


def test_looking_at_a_source_says_what_a_run_would_make_of_it(
    tmp_path: Path, settings: Settings, make_place: Any, collect: Any, read: Any
) -> None:
    def register(*days: str) -> Any:
        lines = [f"{day};{day}\n" for day in days]
        return make_place(tmp_path, {"e.csv": "N°;Arrivée\n" + "".join(lines)}, coverage="days")

    place = register(*OPEN)
    look = functools.partial(check_source, settings=settings, as_of=AS_OF)
    assert look(place, place.sources[0]).proven_days == [date(2026, 3, 10), date(2026, 4, 10)]
    [report] = collect(register(*AMERICAN), settings)
    assert report.refused == [] and report.loaded == 3
    place = register(*OPEN)
    assert look(place, place.sources[0]).proven_days == [date(2026, 10, 3), date(2026, 10, 4)]
    collect(place, settings)
    held = "SELECT strftime(checked_in_local, '%m-%d') FROM record.attendance ORDER BY 1"
    assert [day for (day,) in read(settings, held)] == ["10-02", "10-03", "10-04", "10-25", "10-31"]


def test_a_spreadsheet_that_turned_some_dates_refuses_all_of_them() -> None:
    """An American file in a French spreadsheet: what could be a day became another one."""
    column = Column("started_on", ["Début"], "date", "", is_text=False, is_of_workbook=True)
    for seen in (Counter(M=4, early=5), Counter(D=4, early=5)):
        column.seen = seen
        with pytest.raises(InDoubt, match="turned"):
            order_of(column)
    for seen in (Counter(D=4, early=5, late=1), Counter(D=4, DM=1, early=5), Counter(D=4)):
        column.seen = seen
        assert order_of(column) == "day_first"


def test_few_dates_are_read_as_another_column_of_the_delivery_proves_its_own() -> None:
    few, many = Counter(M=1, DM=28), Counter(M=9, DM=20)

    def settled(left: Counter[str], arrived: Counter[str]) -> str:
        columns = Columns("registre", 26, {
            header: Column(name, [header], "timestamp", "", is_text=True, seen=seen)
            for header, name, seen in (
                ("Départ", "checked_out_at", left), ("Jour", "checked_in_at", arrived),
            )
        })  # fmt: skip
        try:
            columns.settle()
        except ReadOtherwise:
            return columns.columns["Départ"].way
        except BatchRefused as fault:
            return str(fault)
        return "as it was"

    assert settled(few, many) == "month_first"
    assert "'Départ' can only be month/day/year" in settled(few, Counter(D=9, DM=20))
    assert "few dates" in settled(few, few), "neither proves anything"
    assert "can only be otherwise" in settled(few + Counter(M=1, D=9), many)


def test_births_have_an_order_of_their_own(desk) -> None:
    register = desk("checked_in_at", birth_date="month_first", columns={"age_band": "Âge"})
    identity = Identity(last_name="Nom", birth_date="Né")
    register.source = register.source.model_copy(update={"identity": identity})
    people = {"Nom": ["Petit", "Petit"], "Âge": ["", ""]}
    register.take("05/10/2026 09:00", "25/10/2026 09:00", Né=["03/04/1980", "04/05/1990"], **people)
    register.source = register.source.model_copy(update={"written": {}})
    register.take("06/10/2026 09:00", "26/10/2026 09:00", Né=["04/03/1980", "25/05/1990"], **people)
    known = "SELECT count(DISTINCT person_key) FROM record.attendance WHERE place_id = ?"
    assert register.warehouse.execute(known, [register.place.id]).fetchone() == (3,)


@pytest.mark.usefixtures("read_here")
def test_what_the_first_page_shows_is_not_read_twice(desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_csv, "utf8_blocks", functools.partial(utf8_blocks, block_bytes=256))
    pages = []
    read = _csv.page
    monkeypatch.setattr(_csv, "ordinary_block", lambda *_: None)
    monkeypatch.setattr(_csv, "page", lambda *given: pages.append(given) or read(*given))
    days = [f"10/{day:02}/2026" for day in range(13, 32)] * 4
    assert desk("checked_in_at").take(*days) == [f"10-{day}" for day in range(13, 32)] * 4
    assert len({id(given[0]) for given in pages}) == len(pages) > 5
    first = [lines.first for lines, _layout in pages]
    assert sorted({*first}) == sorted(first[1:])
