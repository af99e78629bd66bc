"""An indicator: what it says and does not say, its SQL, its course, each place by year."""

from typing import Any

from flows.language import N_
from flows.site.figures import Figure, Figures
from flows.site.parts import Maker, months_chart


def indicator_page(
    make: Maker, indicator: str, places: dict[str, list[Figure]], network: Figures
) -> dict[str, Any]:
    """`places`: id → the figures that this indicator has there."""
    words, row = make.words, make.release.indicators[indicator]
    return {
        "title": make.name_of(indicator),
        "about_it": said_of(make, indicator),
        "sql": row["sql"],
        "course": months_chart(
            make, network.totals(indicator, "mois"), words.say(N_("the network"))
        ) if network.totals(indicator, "mois") else None,
        "years": make.years,
        "rows": table(make, indicator, places, network),
    }  # fmt: skip


def said_of(make: Maker, indicator: str) -> list[tuple[str, str, bool]]:
    """What is said of it: a name, the text, and whether that text is French alone."""
    words, row = make.words, make.release.indicators[indicator]
    breakdowns = [words.label("ventilation", code) for code in split(row["ventilations"])]
    levels = [words.label("niveau", code) for code in split(row["niveaux"])]
    periods = [words.label("granularite", code) for code in split(row["periodes"])]
    adds = N_("Yes") if row["additif_temps"] else N_("No: add no periods")
    spread = N_("Yes") if row["additif_lieux"] else N_("No: add no places")
    lines = [
        (N_("Definition"), make.text_of(indicator, "definition")),
        (N_("Formula"), make.text_of(indicator, "formule")),
        (N_("Limits"), make.text_of(indicator, "limites")),
        (N_("Unit"), make.unit_of(indicator)),
        (N_("Direction"), words.label("sens", row["sens"])),
        (N_("Months can be added up"), words.say(adds)),
        (N_("Places can be added up"), words.say(spread)),
        (N_("Characteristics"), ", ".join(breakdowns)),
        (N_("Levels"), ", ".join(levels)),
        (N_("Periods"), ", ".join(periods)),
        (N_("Version of the definition"), str(row["version"])),
    ]
    found = [(words.say(what), text, False) for what, text in lines if text]
    if row["source"]:
        found.insert(3, (words.say(N_("Sources")), row["source"], True))
    return found


def split(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def table(
    make: Maker, indicator: str, places: dict[str, list[Figure]], network: Figures
) -> list[dict[str, Any]]:
    """The network, then each place that the indicator concerns."""
    whole = [network.total(indicator, "annee", year) for year in make.years]
    title = make.words.say(N_("The network"))
    found: list[dict[str, Any]] = [
        {"name": title, "unit": "", "href": "index.html", "figures": whole}
    ]
    for place in make.release.tables["lieux"]:
        figures = Figures(places.get(place["lieu_id"], []))
        row = [figures.total(indicator, "annee", year) for year in make.years]
        if any(figure is not None and figure.status != "not_applicable" for figure in row):
            found.append({
                "name": place["nom"], "unit": "", "href": f"lieux/{place['lieu_id']}.html",
                "figures": row,
            })  # fmt: skip
    return found
