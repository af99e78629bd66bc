"""The network: what is new, key figures, the course, every place, targets, what comes when."""

from collections import Counter
from typing import Any

from flows.language import N_
from flows.site.charts import spark, top_of
from flows.site.figures import Figure, Figures
from flows.site.parts import Maker, first_month, months_chart, targets, tiles, years_rows
from flows.site.read import Row, rows

COURSES = ("visits", "persons_reached")
MONTHS_IN_A_SPARK = 13
NEW_PERIODS = 4
LAST = """
    SELECT DISTINCT periode, granularite, debut, fin, publiee_le FROM valeurs
    WHERE affichage IS NOT NULL
        AND publiee_le = (SELECT max(publiee_le) FROM valeurs WHERE affichage IS NOT NULL)
    ORDER BY fin DESC, debut DESC, periode
"""
APART = 24
"""Up to as many places each have a small chart of their own; more have a line in their row."""


def network_page(make: Maker, network: Figures, places: dict[str, list[Figure]]) -> dict[str, Any]:
    """`places`: id → its visits by month and its headline figures by year."""
    words = make.words
    courses = [months_chart(make, network.totals(one, "mois"), words.say(N_("the network")))
               for one in COURSES if network.totals(one, "mois")]  # fmt: skip
    shown, rows = years_rows(make, network, make.release.indicators)
    cards = tiles(make, network, make.headline)
    reasons = {card["figure"].reason for card in cards if card["figure"].shown is None}
    begins = first_month(network)
    return {
        "title": words.say(N_("The network")),
        "tiles": cards if any(card["figure"].shown is not None for card in cards) else [],
        "why": sorted(reason for reason in reasons if reason),
        "since": words.month(begins.start) if begins else "",
        "courses": [line for line in courses if line],
        "years": shown,
        "rows": rows if any(f is not None and f.shown for r in rows for f in r["figures"]) else [],
        "places": place_rows(make, places),
        "apart": len(places) <= APART,
        "targets": targets(make, make.release.where("suivi_objectifs", portee="ensemble")),
        "grants": [grant_row(make, grant) for grant in make.release.tables["financements"]],
        "portfolios": portfolios(make),
        "departements": [
            (*make.territory("departement", code), count) for code, count in departements(make)
        ],
        "calendar": calendar(make),
        "news": news(make)[:NEW_PERIODS],
    }


def place_rows(make: Maker, places: dict[str, list[Figure]]) -> list[dict[str, Any]]:
    """Each place with its visits and people of the last year, and a small line of its visits."""
    found, last = [], make.years[-1] if make.years else ""
    top = top_of([f for rows in places.values() for f in rows if f.kind == "mois"])
    late = latest(make)
    for row in make.release.tables["lieux"]:
        figures = Figures(places.get(row["lieu_id"], []))
        course = figures.totals("visits", "mois")
        if len(places) > APART:
            course = course[-MONTHS_IN_A_SPARK:]
        found.append({
            "name": row["nom"], "href": f"lieux/{row['lieu_id']}.html", "commune": row["commune"],
            "visits": figures.total("visits", "annee", last),
            "persons": figures.total("persons_reached", "annee", last),
            "month": course[-1] if course else None,
            "line": spark(course, top), "late": late.get(row["lieu_id"]),
            "last": next((f for f in reversed(course) if f.shown), None),
        })  # fmt: skip
    return found


def latest(make: Maker) -> dict[str, str]:
    """Place → the last day up to which all its sources have arrived."""
    days: dict[str, Any] = {}
    for row in make.release.tables["fraicheur"]:
        if row["derniere_donnee"] and row["utilisee_jusqu_au"] is None:
            known = days.get(row["lieu_id"], row["derniere_donnee"])
            days[row["lieu_id"]] = min(known, row["derniere_donnee"])
    return {place: make.words.day(day) for place, day in days.items()}


def grant_row(make: Maker, grant: Row) -> dict[str, Any]:
    words = make.words
    level = "lieu" if grant["lieu_id"] else "portefeuille"
    code = grant["lieu_id"] or grant["portefeuille_id"]
    name, href = make.territory(level, code)
    return {
        **grant, "href": f"conventions/{grant['financement_id']}.html", "where": name,
        "where_href": href,
        "days": words.span(grant["debut"], grant["fin"]),
    }  # fmt: skip


def portfolios(make: Maker) -> list[dict[str, str]]:
    names = {row["portefeuille_id"]: row["nom"] for row in make.release.tables["portefeuilles"]}
    return [{"name": name, "href": f"portefeuilles/{code}.html"} for code, name in names.items()]


def departements(make: Maker) -> list[tuple[str, int]]:
    """Each with how many places it has."""
    codes = Counter(row["departement_code"] for row in make.release.tables["lieux"])
    return sorted((code, count) for code, count in codes.items() if code)


def calendar(make: Maker) -> list[dict[str, str]]:
    words = make.words
    return [
        {
            "period": make.period(row["periode"], row["granularite"], row["debut"]),
            "kind": words.label("granularite", row["granularite"]),
            "published": words.day(row["publiee_des"]),
            "is_due": row["publiee_des"] > make.release.about["calculee_au"].date(),
        }
        for row in make.release.tables["calendrier"]
    ]  # fmt: skip


def news(make: Maker) -> list[dict[str, str]]:
    """The periods whose figures came last, the latest first, and the day on which they came."""
    words, found = make.words, rows(make.release.connection, LAST)
    return [
        {"period": make.period(row["periode"], row["granularite"], row["debut"]),
         "day": words.day(row["publiee_le"])}
        for row in found
    ]  # fmt: skip
