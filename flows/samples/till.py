"""The till of a place with a coworking space: passes that are sold, and entries to events."""

import random
from datetime import datetime, time, timedelta

from flows.samples.faults import UNREADABLE_DAY, Planter
from flows.samples.people import weighted
from flows.samples.seasons import OpenDay
from flows.samples.site import Site, french_day, french_number
from flows.samples.tables import Export, Row, Table, delimited

HEADER = ["Ticket", "Date", "Heure", "Rayon", "Articles", "Jours", "Unité", "Total"]
PASSES = (("1", 62), ("10", 25), ("20", 13))
"""Days of a pass, with how often it is sold."""
PRICES_EUR = {"1": "16", "10": "130", "20": "190"}
PASSES_A_DAY = 1.6
EVENING_WEEKDAY = 3
EVENING_SHARE = 0.5
ENTRANCES_EUR = (0, 0, 5, 8)


def caisse(site: Site, path: str) -> Export:
    """Tickets of the period, without a name; one line for the entries of an evening."""
    rng = site.chance("caisse")
    rows: list[Row] = []
    for open_day in site.days:
        for _ in range(int(PASSES_A_DAY * open_day.pull * site.scale + rng.random())):
            rows.append(coworking_pass(rng, open_day))
        if open_day.day.weekday() == EVENING_WEEKDAY and rng.random() < EVENING_SHARE:
            rows.append(evening(rng, open_day))
    rows.sort(key=lambda row: (str(row[1])[6:], str(row[1])[3:5], str(row[1])[:2], str(row[2])))
    for number, row in enumerate(rows, start=1):
        row[0] = f"T{number:05}"
    table = Table(HEADER, rows)
    planter = Planter(site.chance("caisse faults"), table)
    planter.duplicate(600)
    planter.write(700, "unreadable date", "Date", UNREADABLE_DAY)
    planter.write(600, "unknown code", "Rayon", "Divers")
    return delimited(path, table, ";", "cp1252")


def coworking_pass(rng: random.Random, open_day: OpenDay) -> Row:
    opens, closes = open_day.hours[0]
    sold = datetime.combine(open_day.day, time()) + timedelta(minutes=rng.randrange(opens, closes))
    days = weighted(rng, PASSES)
    return [
        "", french_day(open_day.day), f"{sold:%H:%M}", "Passe coworking", "1", days, "Jours",
        PRICES_EUR[days],
    ]  # fmt: skip


def evening(rng: random.Random, open_day: OpenDay) -> Row:
    people = rng.randint(8, 30)
    total = people * rng.choice(ENTRANCES_EUR)
    return [
        "", french_day(open_day.day), "18:30", "Entrées soirée", str(people), "", "",
        french_number(total),
    ]  # fmt: skip
