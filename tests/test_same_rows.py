"""One table, whatever the file that brings it: the same records, row by row."""

from __future__ import annotations

import csv
import io
import json
import random
import unicodedata
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

from tests.conftest import ods

HEADERS = ["Dossier", "Jour", "Heure", "Durée", "Qui", "Montant", "Remarque", "Thème"]
COLUMNS = {
    "record_id": "Dossier", "occurred_at": ["Jour", "Heure"], "duration_minutes": "Durée",
    "amount_eur_cents": "Montant", "theme_code": "Thème",
}  # fmt: skip
THEMES = {"Équipement": "numerique--s-equiper", "Démarches": "numerique--demarches", "": ""}
PARIS = ZoneInfo("Europe/Paris")
Row = dict[str, Any]


def table(seed: int, rows: int) -> list[Row]:
    """Rows as somebody keeps them: typed days and hours, gaps, accents, separators in texts."""
    rng = random.Random(seed)
    return [
        {
            "Dossier": f"D-{number}",
            "Jour": date(2026, 1, 1) + timedelta(rng.randrange(300)),
            "Heure": timedelta(minutes=rng.randrange(7 * 60, 22 * 60)),
            "Durée": rng.choice(["", timedelta(minutes=rng.randrange(1, 40 * 60))]),
            "Qui": rng.choice(["", "12", "Q-7", "œ-1"]),
            "Montant": rng.choice(["", 12, 7.5, 1250.25]),
            "Remarque": rng.choice(["", "à; revoir", "l'a, dit", 'dit "oui" | non', "a\tb"]),
            "Thème": rng.choice([*THEMES]),
        }
        for number in range(rows)
    ]


def expected(rows: list[Row]) -> list[tuple[Any, ...]]:
    """What is kept of them, from the definitions."""
    return sorted(
        (
            row["Dossier"],
            (datetime.combine(row["Jour"], datetime.min.time(), PARIS) + row["Heure"]).astimezone(
                UTC
            ),
            row["Durée"] // timedelta(minutes=1) if row["Durée"] else None,
            bool(row["Qui"]),
            round(row["Montant"] * 100) if row["Montant"] else None,
            THEMES[row["Thème"]] or None,
        )
        for row in rows
    )


def clock(span: timedelta) -> str:
    hours, minutes = divmod(span // timedelta(minutes=1), 60)
    return f"{hours}:{minutes:02}"


def written(value: Any) -> str:
    """A cell as a person types it."""
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, timedelta):
        return clock(value)
    return str(value).replace(".", ",") if isinstance(value, float) else str(value)


def delimited(rows: list[Row], separator: str, end: str, trailing: int = 0, form: str = "NFC"):
    target = io.StringIO()
    writer = csv.writer(target, delimiter=separator, lineterminator=end)
    for row in [dict(zip(HEADERS, HEADERS, strict=True)), *rows]:
        writer.writerow([*(written(row[header]) for header in HEADERS), *[""] * trailing])
    return unicodedata.normalize(form, target.getvalue()).encode()


def xlsx(rows: list[Row]) -> bytes:
    """Days, hours and durations are numbers with a look; a remark stands over two columns."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        day, hour = (book.add_format({"num_format": f}) for f in ("dd/mm/yyyy", "hh:mm"))
        span = book.add_format({"num_format": "[h]:mm"})
        sheet = book.add_worksheet("Données")
        sheet.write_row(0, 0, HEADERS)
        for y, row in enumerate(rows, start=1):
            for x, header in enumerate(HEADERS):
                value = row[header]
                if isinstance(value, date):
                    sheet.write_datetime(y, x, datetime.combine(value, datetime.min.time()), day)
                elif isinstance(value, timedelta):
                    look = span if header == "Durée" else hour
                    sheet.write_number(y, x, value / timedelta(days=1), look)
                elif value != "":
                    sheet.write(y, x, value)
    return target.getvalue()


def as_ods(rows: list[Row]) -> bytes:
    def typed(value: Any) -> Any:
        is_day = isinstance(value, date)
        return datetime.combine(value, datetime.min.time()) if is_day else value

    cells = [[typed(row[header]) for header in HEADERS] for row in rows]
    return ods({"Données": [HEADERS, *cells]})


def objects(rows: list[Row]) -> list[dict[str, Any]]:
    def plain(value: Any) -> Any:
        if isinstance(value, date):
            return value.isoformat()
        return clock(value) if isinstance(value, timedelta) else value or None

    return [{header: plain(row[header]) for header in HEADERS} for row in rows]


def parquet(rows: list[Row]) -> bytes:
    target = io.BytesIO()
    kinds = {"Jour": pa.date32(), "Montant": pa.float64()}
    columns = {
        header: pa.array(
            [row[header] if header in kinds and row[header] != "" else
             (written(row[header]) or None) if header not in kinds else None for row in rows],
            kinds.get(header, pa.string()),
        )
        for header in HEADERS
    }  # fmt: skip
    pq.write_table(pa.table(columns), target)
    return target.getvalue()


FORMS = {
    "; LF": ("a.csv", lambda rows: delimited(rows, ";", "\n")),
    ", CRLF": ("b.csv", lambda rows: delimited(rows, ",", "\r\n")),
    "tab, empty cells at the end": ("c.tsv", lambda rows: delimited(rows, "\t", "\n", trailing=2)),
    "| CR": ("d.txt", lambda rows: delimited(rows, "|", "\r")),
    "; decomposed": ("e.csv", lambda rows: delimited(rows, ";", "\n", form="NFD")),
    "XLSX": ("f.xlsx", xlsx),
    "ODS": ("g.ods", as_ods),
    "JSON lines": (
        "h.jsonl",
        lambda rows: "\n".join(json.dumps(one, ensure_ascii=False) for one in objects(rows)),
    ),
    "JSON array": ("i.json", lambda rows: json.dumps(objects(rows), indent=1)),
    "Parquet": ("j.parquet", parquet),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_same_rows_are_the_same_records(take: Any, form: str) -> None:
    assert_same(take, form, table(seed=7, rows=60))


@pytest.mark.long
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("seed", range(20))
def test_many_tables_are_the_same_records(take: Any, form: str, seed: int) -> None:
    assert_same(take, form, table(seed, rows=400))


def assert_same(take: Any, form: str, rows: list[Row]) -> None:
    name, write = FORMS[form]
    found = take(
        "record_id, occurred_at, duration_minutes, person_key IS NOT NULL, amount_eur_cents, theme_code",
        write(rows), name, feed="service_usage", path=name, columns=COLUMNS, header_row=1,
        identity={"source_id": "Qui"}, values={"theme_code": {k: v for k, v in THEMES.items() if k}},
        constants={"service_code": "mediation_numerique", "evidence": "declared"},
    )  # fmt: skip
    assert [(*row[:1], row[1].astimezone(UTC), *row[2:]) for row in found] == expected(rows)
