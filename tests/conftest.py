"""What the tests share: a network in a temporary folder, its real files, its real warehouse."""

from __future__ import annotations

import io
import itertools
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import odf.opendocument as opendocument
import pytest
import xlsxwriter
from odf.table import Table, TableCell, TableRow
from odf.text import P
from xdist.scheduler import LoadScopeScheduling

os.environ["IMPACT_LANG"] = "en"  # before anything of ours: the tests say what is said in English

from flows import connectors
from flows.places import Place
from flows.settings import Settings
from flows.stages.collect import collect_place
from flows.stages.request import Request
from flows.stages.source_report import SourceReport
from flows.warehouse.database import open_warehouse
from schemas.attendance import Attendance
from schemas.record import stored_columns

AS_OF = datetime(2026, 11, 2, 3, 30, tzinfo=ZoneInfo("Europe/Paris"))
REGISTER = {"record_id": "N°", "checked_in_at": "Arrivée"}

Collect = Callable[..., list[SourceReport]]
Read = Callable[[Settings, str], list[tuple[Any, ...]]]
SHARED = {
    "served": "service", "end_to_end": "prefect", "test_guide.py": "prefect",
    "test_from_dsn_to_figures.py": "prefect",
}  # fmt: skip
"""Folders and files that share a service, or the demonstration and a Prefect in their process."""
ALONE = ("test_closed.py", "test_kills.py")
"""Files that start a service of their own: another process may run them meanwhile."""


class Together(LoadScopeScheduling):
    """With several processes, what shares fixtures stays in one: a file, or such a folder."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        path = Path(file)
        if path.name in ALONE:
            return file
        return SHARED.get(path.name) or SHARED.get(path.parent.name) or file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    return Together(config, log)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """The folders of a network that has nothing yet."""
    return Settings(home=tmp_path / "home", places=tmp_path / "places", keys=tmp_path / "keys")


@pytest.fixture(scope="session")
def make_place() -> Callable[..., Place]:
    """A place in a folder: its files are written there, `source` replaces what a source says.

    Without more it is a desk register: `N°` and `Arrivée`. `place` replaces what the place says,
    `sources` gives several sources, each completed in the same way.
    """

    def make(
        folder: Path,
        files: dict[str, str | bytes],
        place: dict[str, Any] | None = None,
        sources: list[dict[str, Any]] | None = None,
        **source: Any,
    ) -> Place:
        for name, content in files.items():
            (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
        plain = {
            "id": "registre",
            "feed": "attendance",
            "connector": "file",
            "path": next(iter(files), "export.csv"),
            "rhythm": "weekly",
            "coverage": "span",
            "columns": REGISTER,
        }
        return Place.model_validate(
            {
                "id": "le-lieu",
                "name": "Le Lieu",
                "commune_code": "80021",
                "folder": folder,
                "sources": [plain | given for given in sources or [source]],
                **(place or {}),
            }
        )

    return make


@pytest.fixture(scope="session")
def collect() -> Collect:
    """Collect a place as in the night of 2 November 2026."""

    def run(place: Place, settings: Settings, **request: Any) -> list[SourceReport]:
        return collect_place(place, settings, Request(as_of=AS_OF, **request))

    return run


@pytest.fixture
def read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Deliveries are read in this process, where a test has changed how."""
    monkeypatch.setattr(connectors, "read", connectors.read_here)


@pytest.fixture(scope="session")
def read() -> Read:
    """Rows of the closed warehouse, opened for reading alone."""

    def query(settings: Settings, sql: str) -> list[tuple[Any, ...]]:
        with open_warehouse(settings, read_only=True) as warehouse:
            return warehouse.execute(sql).fetchall()

    return query


@pytest.fixture(scope="session")
def faults(read: Read) -> Callable[[Settings], list[tuple[int, str, str, str]]]:
    """Row number, header, rule and mask of everything in quarantine."""

    def found(settings: Settings) -> list[tuple[int, str, str, str]]:
        sql = "SELECT row_number, header, rule, mask FROM ledger.quarantine ORDER BY ALL"
        return read(settings, sql)

    return found


@pytest.fixture
def take(tmp_path: Path, settings, make_place, collect, read) -> Callable[..., list[Any]]:
    """Load one file; give what the warehouse then holds, in the order of the identifiers."""

    def load(wanted: str, content: str | bytes, name: str = "e.csv", **source: Any) -> list[Any]:
        place = make_place(tmp_path, {name: content}, **source)
        [report] = collect(place, settings)
        assert (report.refused, report.failed) == ([], [])
        feed = place.sources[0].feed
        return read(settings, f"SELECT {wanted} FROM record.{feed} ORDER BY record_id")

    return load


LEDGER_COUNTS = ["rows_in", "loaded", "unchanged", "superseded", "duplicates", "tombstoned",
                 "quarantined", "ignored"]  # fmt: skip


@dataclass
class Home:
    """A network with one desk register, which receives files one after the other."""

    columns: dict[str, str]
    folder: Path
    make_place: Callable[..., Place]
    collect: Collect
    warehouse: Read

    @property
    def settings(self) -> Settings:
        return Settings(home=self.folder / "home", places=self.folder, keys=self.folder / "keys")

    def take(self, *files: str, columns: dict[str, str] | None = None, **request: Any) -> Any:
        """Deliver each text in a run of its own; the report of the last run."""
        for text in files:
            place = self.make_place(self.folder, {"e.csv": text}, columns=columns or self.columns)
            [report] = self.collect(place, self.settings, **request)
            assert report.failed == []
        return report

    def read(self, sql: str) -> list[tuple[Any, ...]]:
        return self.warehouse(self.settings, sql)

    def records(self) -> list[tuple[Any, ...]]:
        """All contract columns of all records."""
        columns = ", ".join(stored_columns(Attendance))
        return self.read(f"SELECT {columns} FROM record.attendance ORDER BY ALL")

    def kept(self) -> list[tuple[Any, ...]]:
        return self.read("SELECT record_id, headcount FROM record.attendance ORDER BY ALL")

    def ledger(self) -> list[dict[str, Any]]:
        """One line for each attempt; every one must balance."""
        names = ["outcome", *LEDGER_COUNTS]
        sql = f"SELECT {', '.join(names)} FROM ledger.attempt ORDER BY attempted_at"
        lines = [dict(zip(names, row, strict=True)) for row in self.read(sql)]
        for line in lines:
            assert line["rows_in"] == sum(line[name] for name in LEDGER_COUNTS[1:]), line
        return lines


@pytest.fixture
def new_home(tmp_path: Path, make_place, collect, read) -> Callable[[dict[str, str]], Home]:
    """Networks that know nothing of each other."""
    number = itertools.count()

    def new(columns: dict[str, str]) -> Home:
        folder = tmp_path / f"network-{next(number)}"
        folder.mkdir()
        return Home(columns, folder, make_place, collect, read)

    return new


@pytest.fixture(scope="session")
def workbook() -> Callable[..., bytes]:
    """A real XLSX or ODS file: a sheet to be read by people, then one with these cells."""

    def write(kind: str, rows: list[list[Any]], sheet: str = "Données") -> bytes:
        sheets = {"Lisez-moi": [["Rien ici"]], sheet: rows}
        return {"xlsx": xlsx, "ods": ods}[kind](sheets)

    return write


def xlsx(sheets: dict[str, list[list[Any]]]) -> bytes:
    """Dates, hours and durations are numbers with a format."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        clock = book.add_format({"num_format": "h:mm"})
        calendar = book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for y, row in enumerate(rows):
                for x, value in enumerate(row):
                    if isinstance(value, timedelta):
                        sheet.write_number(y, x, value / timedelta(days=1), clock)
                    elif isinstance(value, datetime):
                        sheet.write_datetime(y, x, value, calendar)
                    elif value != "":
                        sheet.write(y, x, value)
    return target.getvalue()


def ods(sheets: dict[str, list[list[Any]]]) -> bytes:
    """Each cell says its type."""
    book = opendocument.OpenDocumentSpreadsheet()
    for name, rows in sheets.items():
        table = Table(name=name)
        for cells in rows:
            row = TableRow()
            for value in cells:
                row.addElement(ods_cell(value))
            table.addElement(row)
        book.spreadsheet.addElement(table)
    target = io.BytesIO()
    book.write(target)
    return target.getvalue()


def ods_cell(value: Any) -> TableCell:
    if value == "":
        return TableCell()
    if isinstance(value, bool):
        cell = TableCell(valuetype="boolean", booleanvalue=str(value).lower())
    elif isinstance(value, datetime):
        cell = TableCell(valuetype="date", datevalue=value.isoformat())
    elif isinstance(value, timedelta):
        hours, minutes = divmod(value // timedelta(minutes=1), 60)
        cell = TableCell(valuetype="time", timevalue=f"PT{hours:02}H{minutes:02}M00S")
    elif isinstance(value, int | float):
        cell = TableCell(valuetype="float", value=str(value))
    else:
        cell = TableCell(valuetype="string")
    cell.addElement(P(text=str(value)))
    return cell
