"""The invented places' deliveries as files, and a night of the real pipeline that reads them."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter

from flows.intake.removal import accept_removal
from flows.network.place_files import read_places
from flows.places import Place
from flows.samples.declaration import place_toml
from flows.settings import Settings
from flows.stages.build import build_warehouse
from flows.stages.collect import collect_place
from flows.stages.request import Request
from flows.stages.source_report import SourceReport
from flows.warehouse.database import open_warehouse
from schemas import CONTRACTS
from schemas.record import stored_columns
from schemas.template import IDENTITY_HEADERS, TEMPLATES
from tests.simulated_year.truth import HEADERS, Line, SimulatedPlace, Tool

DAY_FORMAT = "%d/%m/%Y %H:%M"


@dataclass(frozen=True)
class Arrival:
    """A file that lies in the folder of its place from a night on, instead of one of its name."""

    night: int
    tool: Tool
    name: str
    lines: tuple[Line, ...]
    is_accepted: bool = False
    """When the run refuses it for what it removes, the operator says that this is right."""
    is_refused: bool = False
    """The run must refuse it."""

    @property
    def content(self) -> bytes:
        return workbook(self.lines) if self.tool.style.template else text(self.tool, self.lines)


def text(tool: Tool, lines: tuple[Line, ...]) -> bytes:
    """Lines as a CSV file; columns that a style does not map are there all the same."""
    headers = HEADERS[tool.feed]
    target = io.StringIO()
    writer = csv.writer(target, delimiter=";", lineterminator="\n")
    writer.writerow(["N°", *headers.values(), "Courriel", "Modifié", "Annulé"])
    for line in lines:
        mail = f"{line.person}@exemple.fr" if line.person else ""
        who = line.person.rpartition("-")[2] if tool.identity == "source_id" else mail
        cells = [line.number, *(line.cells.get(name, "") for name in headers), who]
        cells += [f"{line.changed_at:{DAY_FORMAT}}", "oui" if line.is_deleted else "non"]
        writer.writerow([*cells, "de trop"] if line.is_ragged else cells)
    return target.getvalue().encode()


def workbook(lines: tuple[Line, ...]) -> bytes:
    """Lines as the filled sheet of the kit."""
    template = TEMPLATES["presences"]
    titles = [*IDENTITY_HEADERS.values(), *template.headers().values()]
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet(template.sheet)
        sheet.write_row(0, 0, titles)
        for row, line in enumerate(lines, 1):
            known = {
                IDENTITY_HEADERS["email"]: f"{line.person}@exemple.fr" if line.person else "",
                template.headers()["record_id"]: line.number,
                template.headers()["checked_in_at"]: line.cells["checked_in_at"],
            }
            sheet.write_row(row, 0, [known.get(title, "") for title in titles])
    return target.getvalue()


@dataclass
class Home:
    """A network of invented places: their folders, and what a night does with them."""

    folder: Path
    keys: Path
    simulated: list[SimulatedPlace]
    seen: set[tuple[str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.settings.places.mkdir(parents=True)
        for place in self.simulated:
            file = self.settings.places / f"{place.id}.toml"
            file.write_text(place_toml(place.declared()), encoding="utf-8")
            (self.folder / "exports" / place.id).mkdir(parents=True)
        self.places: dict[str, Place] = read_places(self.settings.places)
        self.owner = {id(tool): place.id for place in self.simulated for tool in place.tools}

    @property
    def settings(self) -> Settings:
        return Settings(home=self.folder / "home", places=self.folder / "places", keys=self.keys)

    def receive(self, arrivals: list[Arrival], as_of: datetime) -> None:
        """Put the files of one night into their folders, and collect the places that sent any."""
        for arrival in arrivals:
            place_id = self.owner[id(arrival.tool)]
            (self.folder / "exports" / place_id / arrival.name).write_bytes(arrival.content)
            self.seen.add((place_id, arrival.tool.id))
        for place_id in sorted({self.owner[id(arrival.tool)] for arrival in arrivals}):
            mine = [a for a in arrivals if self.owner[id(a.tool)] == place_id]
            reports = self.collect(place_id, as_of)
            refused = [fault for report in reports for fault in report.refused]
            for arrival in mine:
                if arrival.is_refused:
                    assert any(arrival.name in fault for fault in refused), (arrival.name, refused)
            waiting = [f for f in refused for a in mine if a.is_accepted and a.name in f]
            if waiting:
                with open_warehouse(self.settings) as warehouse:
                    for fault in waiting:
                        accept_removal(warehouse, fault.split()[-1])
                self.collect(place_id, as_of)

    def collect(self, place_id: str, as_of: datetime) -> list[SourceReport]:
        """One place; nothing fails but tools that have not sent anything yet."""
        reports = collect_place(self.places[place_id], self.settings, Request(as_of=as_of))
        for report in reports:
            if (place_id, report.source_id) in self.seen:
                assert report.failed == []
        return reports

    def build(self, as_of: datetime) -> None:
        build_warehouse(list(self.places.values()), self.settings, as_of, force=True)

    def read(self, sql: str) -> list[tuple[Any, ...]]:
        with open_warehouse(self.settings, read_only=True) as warehouse:
            return warehouse.execute(sql).fetchall()

    def facts(self) -> dict[str, list[tuple[Any, ...]]]:
        """All that must not depend on how the deliveries came: records, proofs, figures."""
        facts = {
            "proof": self.read(PROOFS),
            "value": self.read("FROM indicator.value ORDER BY ALL"),
        }
        for feed, contract in CONTRACTS.items():
            # without its own number, a record's is made of its content: equal where that is
            columns = ", ".join(["place_id", "source_id", *stored_columns(contract)])
            sql = f"SELECT {columns} FROM record.{feed} WHERE NOT deleted ORDER BY ALL"
            facts[feed] = self.read(sql)
        return facts

    def open_rejects(self) -> list[tuple[Any, ...]]:
        return self.read(
            "SELECT q.place_id, q.file_name, q.row_number, q.rule FROM ledger.quarantine AS q "
            "INNER JOIN ledger.last_attempt AS a ON a.attempt_id = q.attempt_id "
            "WHERE q.closed_by IS NULL ORDER BY ALL"
        )


PROOFS = """
    SELECT place_id, feed, source_id, day, bool_or(is_recorded) AS is_recorded
    FROM ledger.proof GROUP BY ALL ORDER BY ALL
"""


def night_of(day: datetime) -> datetime:
    return day.replace(hour=3, minute=30, tzinfo=ZoneInfo("Europe/Paris"))
