"""Registers, uses of services and contracts, as they are and as they come.

What a damage does to a row is said where it stands: the row is lost, or it counts as it did.
"""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from typing import Any

from tests.true_deliveries import DAY_FIRST, FORMS, Delivery, Kind, Row, Spoil, next_month, text

MONTHS = [date(2026, 8, 1), date(2026, 9, 1), date(2026, 10, 1)]
END = date(2026, 10, 31)
FULL_TIME = 35


def two_marks(made: Delivery) -> tuple[str, bytes]:
    made.is_refused = True
    for row, heads in zip(made.rows[:2], ("1.200", "1,200"), strict=True):
        row.cells["Nombre"] = heads
    return text(";", "\n", DAY_FIRST)(made)


def shares(made: Delivery) -> tuple[str, bytes]:
    """Parts of full time where hours are asked for."""
    made.is_refused = True
    for row in made.rows:
        row.cells["Heures"] = row.counts / FULL_TIME
    return text(";", "\n", DAY_FIRST)(made)


def moments(rng: random.Random) -> list[datetime]:
    """Of three months, some of them quiet."""
    return [
        datetime(month.year, month.month, rng.randint(1, 28), rng.randint(8, 19), 15)
        for month in MONTHS
        for _ in range(rng.choice([3, 8, 25, 40]))
    ]


def visits(rng: random.Random) -> list[Row]:
    rows = []
    for number, at in enumerate(moments(rng)):
        heads = rng.choice([1, 1, 1, 2, 7, 1200])
        cells = {"N°": f"V{number:04}", "Jour": at, "Départ": "", "Nombre": heads,
                 "Espace": "coworking"}  # fmt: skip
        rows.append(Row(at.date(), at.date(), cells, heads))
    return rows


def uses(rng: random.Random) -> list[Row]:
    rows = []
    for number, at in enumerate(moments(rng)):
        heads = rng.choice([1, 1, 1, 4, 12])
        cells = {
            "N°": f"U{number:04}", "Date": at, "Service": rng.choice(["formation", "fablab"]),
            "Nombre": heads, "Durée": 90, "Payé": rng.choice(["", 12.5]), "Thème": "",
        }  # fmt: skip
        rows.append(Row(at.date(), at.date(), cells, heads))
    return rows


def contracts(rng: random.Random) -> list[Row]:
    """Some that began long before, some that end, some that begin in these months."""
    rows = []
    for number in range(rng.choice([3, 5, 12, 30])):
        first = date(2024, 1, 1) + timedelta(rng.randrange((END - date(2024, 1, 1)).days))
        nature = rng.choice(["CDI", "CDI", "CDD", "APPRENTISSAGE"])
        last = first + timedelta(rng.randrange(20, 700)) if nature != "CDI" else date.max
        hours = rng.choice([35, 35, 28, 17.5])
        cells = {
            "N°": f"C{number:04}", "Nature": nature, "Début": midnight(first),
            "Fin": "" if last == date.max else midnight(last), "Heures": hours, "Aide": "",
        }  # fmt: skip
        rows.append(Row(first, last, cells, hours))
    return rows


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)


def set_cells(**cells: Any) -> Spoil:
    return lambda row: row.cells.update(cells)


def ends_like_none(row: Row) -> None:
    """Of a contract that has no end by its nature."""
    if row.cells["Nature"] == "CDI":
        row.cells["Fin"] = "-"


def ends_before(row: Row) -> None:
    row.spoilt({"Fin": row.cells["Début"] - timedelta(40)})
    row.last = date.max


def has_no_readable_end(row: Row) -> None:
    row.spoilt({"Nature": "CDD", "Fin": "bientôt"})
    row.last = date.max


def heads(rows: list[Row], month: date) -> float:
    return sum(row.counts for row in rows if row.meets(month))


def jobs(rows: list[Row], month: date) -> float:
    last = next_month(month) - timedelta(1)
    return sum(row.first <= last <= row.last for row in rows)


def full_time(rows: list[Row], month: date) -> float:
    days = (next_month(month) - month).days
    worked = sum(
        ((min(row.last, next_month(month) - timedelta(1)) - max(row.first, month)).days + 1)
        * row.counts
        for row in rows
        if row.meets(month)
    )
    return worked / (days * FULL_TIME)


NO_HEADS: list[Spoil] = [
    lambda row: row.spoilt({"Nombre": "beaucoup"}), lambda row: row.spoilt({"Nombre": -3}),
    lambda row: row.spoilt({"Nombre": "12h"}),
]  # fmt: skip
PLAIN_HEADS: Spoil = lambda row: row.cells.update(  # noqa: E731
    {"Nombre": f"{row.cells['Nombre']:,}".replace(",", " ")}
)
REGISTERS = Kind(
    "attendance", "registre",
    {"record_id": "N°", "checked_in_at": "Jour", "checked_out_at": "Départ", "headcount": "Nombre",
     "space_code": "Espace"},
    "months", "Jour", visits,
    losses=[
        *NO_HEADS, lambda row: row.spoilt({"Espace": "n'importe où"}),
        lambda row: row.spoilt({"Jour": "hier"}, has_day=False),
    ],
    doubts=[
        lambda row: row.cells.update({"Départ": row.cells["Jour"] - timedelta(hours=1)}),
        lambda row: row.cells.update({"Départ": row.cells["Jour"]}),
        lambda row: row.cells.update({"Départ": row.cells["Jour"] + timedelta(days=3)}),
        set_cells(Départ="?"), set_cells(Espace="  COWORKING "), PLAIN_HEADS,
    ],
    forms=[*FORMS, two_marks], lost_rows=[0, 0, 1, 2, 3, 6], figures={"visits": heads}, total="Nombre",
)  # fmt: skip
SERVICES = Kind(
    "service_usage", "services",
    {"record_id": "N°", "occurred_at": "Date", "service_code": "Service", "headcount": "Nombre",
     "duration_minutes": "Durée", "amount_eur_cents": "Payé", "theme_code": "Thème"},
    "months", "Date", uses,
    losses=[
        *NO_HEADS, lambda row: row.spoilt({"Service": "n'importe quoi"}),
        lambda row: row.spoilt({"Service": ""}), lambda row: row.spoilt({"Payé": "un peu"}),
        lambda row: row.spoilt({"Date": "hier"}, has_day=False),
    ],
    doubts=[
        set_cells(Thème="Deux thèmes à la fois"), set_cells(Thème="-"), set_cells(Durée="NC"),
        set_cells(Payé="?"), lambda row: row.cells.update({"Service": row.cells["Service"].upper()}),
        PLAIN_HEADS,
    ],
    forms=[*FORMS, two_marks], lost_rows=[0, 0, 1, 2, 3, 6], figures={"service_uses": heads}, total="Nombre",
)  # fmt: skip
CONTRACTS = Kind(
    "employment", "contrats",
    {"record_id": "N°", "contract_type": "Nature", "started_on": "Début", "ended_on": "Fin",
     "weekly_minutes": "Heures", "grant_id": "Aide"},
    "until_file_date", "Début", contracts,
    losses=[
        lambda row: row.spoilt({"Heures": "beaucoup"}), lambda row: row.spoilt({"Heures": ""}),
        lambda row: row.spoilt({"Nature": "au black"}),
        lambda row: row.spoilt({"Début": "bientôt"}, has_day=False),
        ends_before, has_no_readable_end,
    ],
    doubts=[
        ends_like_none, set_cells(Aide="une aide"), set_cells(Aide="NC"),
        lambda row: row.cells.update({"Nature": f" {row.cells['Nature'].lower()} "}),
    ],
    forms=[*FORMS, shares], lost_rows=[0, 0, 0, 0, 1, 2], figures={"direct_jobs_eop": jobs, "direct_fte": full_time},
    total="Heures",
)  # fmt: skip
KINDS = [REGISTERS, SERVICES, CONTRACTS]
