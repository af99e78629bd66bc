"""A list of tiers-lieux becomes places: one TOML per row, or the reason why there is none."""

import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from flows.connectors.file import parse
from flows.errors import ConfigurationError
from flows.language import _
from flows.network.make import quoted
from flows.network.place_files import read_place
from flows.places import commune_index
from flows.records import ROW_NUMBER
from flows.sources import Source
from schemas.rules import RULES


@dataclass(frozen=True)
class Columns:
    """The headers of the list."""

    name: str
    commune: str
    id: str


@dataclass(frozen=True)
class RefusedRow:
    row_number: int
    reason: str


@dataclass
class RegistryReport:
    """What became of every row: `rows = len(written) + len(refused)`."""

    rows: int = 0
    written: list[str] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)


def import_places(file: Path, folder: Path, columns: Columns) -> RegistryReport:
    """Write `<folder>/<id>.toml` for each row with a name and an existing commune.

    Raises BatchRefused for a column that is not there, ConfigurationError when a place of the
    folder would be overwritten.
    """
    source = Source(
        id="registry", feed="attendance", connector="file", path=file.name, rhythm="occasional",
        coverage="days",
        columns={"record_id": columns.id, "activity_id": columns.name,
                 "home_commune": columns.commune},
    )  # fmt: skip
    report = RegistryReport()
    written: dict[str, str] = {}
    with file.open("rb") as stream:
        for page in parse(stream, file.name, source):
            report.rows += page.records - page.ignored
            for broken in page.broken:
                report.refused.append(RefusedRow(broken.row_number, _(RULES[broken.rule])))
            take_rows(page.rows, columns, written, report)
    write_places(folder, written)
    report.written = list(written)
    report.refused.sort(key=lambda row: row.row_number)
    return report


def take_rows(
    rows: pl.DataFrame, columns: Columns, written: dict[str, str], report: RegistryReport
) -> None:
    """Sort the rows of one page into places and refusals."""
    index = commune_index()
    for row in rows.iter_rows(named=True):
        number = row[ROW_NUMBER]
        name = (row[columns.name] or "").strip()
        code = (row[columns.commune] or "").strip().upper()
        code = f"0{code}" if re.fullmatch(r"\d{4}", code) else code
        place_id = slug(name, row[columns.id])
        if not name:
            report.refused.append(
                RefusedRow(number, _("{column} is empty").format(column=columns.name))
            )
        elif code not in index:
            text = _("no commune has the code {code!r} ({column}): {name}")
            reason = text.format(code=code, column=columns.commune, name=name)
            report.refused.append(RefusedRow(number, reason))
        elif place_id in written:
            report.refused.append(
                RefusedRow(number, _("the id {id} stands twice").format(id=place_id))
            )
        else:
            written[place_id] = place_toml(place_id, name, code)


def slug(name: str, number: str | None) -> str:
    """`La Fabrique d'Été`, `12` → `la-fabrique-d-ete-12`."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50].strip("-")
    return "-".join(part for part in (words, (number or "").strip().lower()) if part)


def place_toml(place_id: str, name: str, commune_code: str) -> str:
    """The few lines that a list can give; opening date and sources are for the network to add."""
    return f'id = "{place_id}"\nname = {quoted(name)}\ncommune_code = "{commune_code}"\n'


def write_places(folder: Path, places: dict[str, str]) -> None:
    """Write the files after making sure that none exists; each is read back as a check."""
    folder.mkdir(parents=True, exist_ok=True)
    existing = [place_id for place_id in places if (folder / f"{place_id}.toml").exists()]
    if existing:
        raise ConfigurationError(
            _("{count} of these places are already there, {existing} first").format(
                count=len(existing), existing=existing[0]
            ),
            where=str(folder),
            remedy=_("choose an empty folder"),
        )
    for place_id, text in places.items():
        file = folder / f"{place_id}.toml"
        file.write_text(text, encoding="utf-8")
        read_place(file)
