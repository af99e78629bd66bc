"""A place: who it is, its figures against its own past, its public, its services, its data."""

from typing import Any

from flows.language import N_
from flows.site.charts import mix
from flows.site.figures import Figures
from flows.site.parts import Maker, first_month, months_chart, targets, tiles, years_rows
from flows.site.read import Row

COURSES = ("visits", "persons_reached", "accompaniments")
"""What is drawn by month."""
MIXES = (
    ("persons_reached", "tranche_age"), ("persons_reached", "genre"),
    ("persons_reached", "statut_social"), ("service_uses", "service"),
)  # fmt: skip
"""Indicator and breakdown that are drawn for a year."""
MANY = 9
"""More categories than these are drawn without those that hardly anybody is in."""
RATES = ("share", "index", "ratio", "per_mille", "per_hundred", "median_days")
"""Units in which a place can be held against a network: a sum beside a place misleads."""


def place_page(place: Row, figures: Figures, network: Figures, make: Maker) -> dict[str, Any]:
    """What the page of a place shows."""
    words, name = make.words, str(place["nom"])
    lines = [months_chart(make, figures.totals(one, "mois"), name) for one in COURSES
             if figures.totals(one, "mois")]  # fmt: skip
    begins = first_month(figures)
    shown, rows = years_rows(make, figures, make.release.indicators)
    dropped = [year for year in make.years if year not in shown]
    return {
        "title": name,
        "place": place,
        "identity": identity(make, place),
        "council": f"conseil/{place['lieu_id']}.html",
        "tiles": tiles(make, figures, make.headline),
        "since": words.month(begins.start) if begins else "",
        "dropped": ", ".join(dropped) if begins else "",
        "courses": [line for line in lines if line],
        "mixes": [m for one in MIXES if (m := mix_of(make, figures, name, *one))],
        "years": shown,
        "rows": rows,
        "rates": rates(make, name, figures, network),
        "targets": targets(
            make, make.release.where("suivi_objectifs", portee="ensemble", niveau="lieu",
                                     territoire_id=place["lieu_id"])
        ),
        "grants": [
            {**grant, "days": words.span(grant["debut"], grant["fin"])}
            for grant in make.release.where("financements", lieu_id=place["lieu_id"])
        ],
        "sources": sources(make, place),
        "breaks": make.release.where("ruptures", lieu_id=place["lieu_id"]),
    }  # fmt: skip


def identity(make: Maker, place: Row) -> list[tuple[str, str]]:
    """What is known of the place itself, in words."""
    words = make.words
    opened = words.day(place["ouvert_le"])
    lines = [
        (N_("Commune"), f"{place['commune']} ({place['departement_code']})"),
        (N_("Legal form"), place["forme_juridique"]),
        (N_("Labels"), place["labels"]),
        (N_("State"), words.label("statut", place["statut"])),
        (N_("Opened on"), opened),
        (N_("Closed on"), words.day(place["ferme_le"])),
    ]
    return [(words.say(what), str(text)) for what, text in lines if text]


def mix_of(
    make: Maker, figures: Figures, where: str, indicator: str, breakdown: str
) -> dict[str, Any] | None:
    """The categories of the last year that shows any, drawn and as a table."""
    words = make.words
    for year in reversed(make.years):
        parts = figures.parts(indicator, breakdown, year)
        if any(part.value for part in parts):
            break
    else:
        return None
    order = [*make.release.labels]
    parts.sort(key=lambda part: order.index((breakdown, part.category)))
    rows = [(words.label(breakdown, part.category), part) for part in parts]
    # a place offers few of all services: the others stand in the table alone
    drawn = [row for row in rows if len(rows) <= MANY or row[1].value or row[1].shown is None]
    hardly = [row for row in rows if row not in drawn]
    if hardly:  # one row for all of them: they have the same figure
        rows = [*drawn, (", ".join(label for label, _part in hardly), hardly[0][1])]
    by = words.label("ventilation", breakdown)
    name = make.name_of(indicator)
    title = words.say(N_("{name} by category: {by}, {year}, {where}")).format(
        name=name, by=by.lower(), year=year, where=where
    )
    by_year = words.say(N_("{name}, {year}")).format(name=name, year=year)
    said = "; ".join(
        f"{label}{words.colon}{words.shown(part.shown)}" for label, part in drawn if part.shown
    )
    return {
        "id": f"m-{indicator}-{breakdown}", "by": by, "name": name, "year": year,
        "chart": mix(title, said, drawn, words), "caption": by_year, "rows": rows,
    }  # fmt: skip


def rates(make: Maker, name: str, figures: Figures, network: Figures) -> dict[str, Any]:
    """Rates of the place beside those of the network, for the last year."""
    year = make.years[-1] if make.years else ""
    found: list[dict[str, Any]] = []
    for one, row in make.release.indicators.items():
        own, all_of_it = figures.total(one, "annee", year), network.total(one, "annee", year)
        if row["unite"] in RATES and own is not None and own.shown is not None:
            found.append({
                "name": make.name_of(one), "unit": make.unit_of(one),
                "href": "", "figures": [own, all_of_it],
            })  # fmt: skip
    others = [row["figures"][1] for row in found]
    alone = all(figure is None or figure.shown is None for figure in others)
    if alone:
        found = [{**row, "figures": row["figures"][:1]} for row in found]
    names = [name, make.words.say(N_("The network"))]
    return {"rows": found, "year": year, "alone": alone, "columns": names[: 1 if alone else 2]}


def sources(make: Maker, place: Row) -> list[dict[str, Any]]:
    """Up to which day each source has arrived, and how much of it was refused."""
    words = make.words
    refused = {
        row["source"]: row
        for row in make.release.where("qualite", lieu_id=place["lieu_id"])
        if row["source"]
    }
    return [
        {
            "source": row["source"], "feed": words.label("flux", row["flux"]),
            "rhythm": words.label("rythme", row["rythme"]),
            "last": words.day(row["derniere_donnee"]), "late": row["retard_jours"],
            "received": refused.get(row["source"], {}).get("centaines_recues"),
            "refused": refused.get(row["source"], {}).get("centaines_rejetees"),
            "reason": refused.get(row["source"], {}).get("premier_motif"),
        }
        for row in make.release.where("fraicheur", lieu_id=place["lieu_id"])
    ]  # fmt: skip
