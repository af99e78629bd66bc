"""What several kinds of pages are made of: tiles, tables of months and years, targets."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flows.language import N_
from flows.site.charts import Aim, Chart, bullet, course
from flows.site.figures import Figure, Figures, change, is_shown
from flows.site.read import Release, Row
from flows.site.words import MONTHS, Words

MONTHS_DRAWN = 36
YEARS = 3
"""The last ended years that tables show."""


@dataclass(frozen=True)
class Maker:
    """What a page is made from, and the language that it speaks."""

    release: Release
    words: Words
    years: list[str]

    def name_of(self, indicator: str) -> str:
        row = self.release.indicators.get(indicator)
        if row is None:  # an earlier release had it
            return indicator
        return str(row["libelle" if self.words.language == "fr" else "libelle_en"])

    def text_of(self, indicator: str, what: str) -> str:
        """`definition`, `formule` or `limites`."""
        row = self.release.indicators[indicator]
        return str(row[what if self.words.language == "fr" else f"{what}_en"] or "")

    def unit_of(self, indicator: str) -> str:
        return self.words.unit(self.release.indicators[indicator]["unite"])

    @property
    def headline(self) -> list[str]:
        """The indicators that everybody looks at first, in the order of their domains."""
        return [
            name for name, row in sorted(
                self.release.indicators.items(),
                key=lambda item: (item[1]["domaine"], FIRST.get(item[0], 9), item[0]),
            ) if row["phare"]
        ]  # fmt: skip

    def period(self, code: str, kind: str, start: date) -> str:
        """The name of a period; that of a grant is what it is called by those who pay and do it."""
        for grant in self.release.where("financements", periode=code):
            years = f"{grant['debut'].year}–{grant['fin'].year}"
            return f"{grant['programme']} ({grant['financeur']}, {years})"
        return self.words.period(code, kind, start)

    def territory(self, level: str, code: str) -> tuple[str, str]:
        """The name of a territory, and its page; not all have one, and what is gone has none."""
        places = self.release.where("lieux", lieu_id=code) if level == "lieu" else []
        if places:
            return places[0]["nom"], f"lieux/{code}.html"
        together = self.release.where("portefeuilles", portefeuille_id=code)
        if level == "portefeuille" and together:
            return together[0]["nom"], f"portefeuilles/{code}.html"
        if level == "departement":
            return f"{self.words.label('niveau', level)} {code}", page_of_departement(code)
        if level == "reseau":
            return self.words.say(N_("the network")), "index.html"
        return code, ""


def page_of_departement(code: str) -> str:
    """`2A` too: what is fetched from a web server has small letters."""
    return f"departements/{code.lower()}.html"


FIRST = {"visits": 0, "persons_reached": 1, "returning_share": 2, "accompaniments": 3,
         "direct_fte": 0}  # fmt: skip
"""What comes first in its domain."""


def tiles(make: Maker, figures: Figures, indicators: Iterable[str]) -> list[dict[str, Any]]:
    """The last ended year of each indicator beside the one before."""
    found = []
    for name in indicators:
        totals = figures.totals(name, "annee")
        if not totals or totals[-1].status == "not_applicable":
            continue
        now, before = totals[-1], totals[-2] if len(totals) > 1 else None
        found.append({
            "id": name, "name": make.name_of(name), "unit": make.unit_of(name), "figure": now,
            "period": now.period, "before": before, "change": change(before, now),
            "before_period": before.period if before else "",
            "what": make.text_of(name, "definition").partition(" : ")[0].partition(": ")[0],
        })  # fmt: skip
    return found


def months(make: Maker, figures: Sequence[Figure]) -> dict[str, Any]:
    """Months as rows, years as columns: it is narrow enough for a phone."""
    years = sorted({figure.start.year for figure in figures})
    at = {(figure.start.year, figure.start.month): figure for figure in figures}
    return {
        "years": years,
        "rows": [
            {"name": name, "figures": [at.get((year, number)) for year in years]}
            for number, name in enumerate(MONTHS[make.words.language], start=1)
        ],
    }


def months_chart(make: Maker, figures: Sequence[Figure], where: str) -> dict[str, Any] | None:
    """Chart and table of a monthly course; nothing where no month is shown."""
    figures = figures[-MONTHS_DRAWN:]
    shown = [figure for figure in figures if figure.value is not None]
    if not shown:
        return None
    name = make.name_of(figures[0].indicator)
    words = make.words
    highest = max(shown, key=lambda figure: figure.value or 0)
    said = words.say(
        N_(
            "From {first} in {first_month} to {last} in {last_month}; the highest is {highest} in "
            "{highest_month}. Months without a figure are gaps with a cross."
        )
    ).format(
        first=words.shown(shown[0].shown or ""), first_month=words.month(shown[0].start),
        last=words.shown(shown[-1].shown or ""), last_month=words.month(shown[-1].start),
        highest=words.shown(highest.shown or ""), highest_month=words.month(highest.start),
    )  # fmt: skip
    title = words.say(N_("{name} by month, {where}")).format(name=name, where=where)
    return {
        "id": f"c-{figures[0].indicator}",
        "name": name,
        "chart": course(title, said, figures, words),
        "caption": words.say(N_("{name} by month")).format(name=name),
        "months": months(make, figures),
    }


def years_rows(
    make: Maker, figures: Figures, indicators: Iterable[str]
) -> tuple[list[str], list[dict[str, Any]]]:
    """The years in which anything is shown, and a row for each indicator that concerns it."""
    found = {
        name: [figures.total(name, "annee", year) for year in make.years]
        for name in indicators
        if any(f.status != "not_applicable" for f in figures.totals(name, "annee"))
    }
    kept = [
        number for number in range(len(make.years))
        if any(row[number] is not None and row[number].shown is not None  # type: ignore[union-attr]
               for row in found.values())
    ] or [*range(len(make.years))]  # fmt: skip
    rows = [
        {
            "name": make.name_of(name), "unit": make.unit_of(name),
            "href": f"indicateurs/{name}.html", "figures": [row[number] for number in kept],
        }
        for name, row in found.items()
    ]  # fmt: skip
    return [make.years[number] for number in kept], rows


def targets(make: Maker, rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Where targets stand, each with a bar where the release shows a value."""
    return [target(make, row) for row in rows]


def target(make: Maker, row: Row) -> dict[str, Any]:
    words, unit = make.words, make.release.indicators[row["indicateur_id"]]["unite"]
    name = make.name_of(row["indicateur_id"])
    where, href = make.territory(row["niveau"], row["territoire_id"])
    value, aim = words.number(row["valeur"], unit), words.number(row["cible"], unit)
    chart: Chart | None = None
    bounds = ""
    if row["valeur"] is not None and None not in (row["valeur_min"], row["valeur_max"]):
        bounds = words.say(N_("Rounded: between {least} and {most}.")).format(
            least=words.number(row["valeur_min"], unit), most=words.number(row["valeur_max"], unit)
        )
        said = words.say(N_("{value} of {target} aimed at; between {least} and {most}.")).format(
            value=value, target=aim, least=words.number(row["valeur_min"], unit),
            most=words.number(row["valeur_max"], unit),
        )  # fmt: skip
        title = words.say(N_("Target: {name}, {where}")).format(name=name, where=where)
        reached = Aim(row["valeur"], row["valeur_min"], row["valeur_max"], row["cible"])
        chart = bullet(title, said, reached)
    return {
        "id": f"t-{row['objectif_id']}", "indicator": row["indicateur_id"], "name": name,
        "where": where, "href": href, "value": value, "aim": aim, "chart": chart,
        "unit": make.unit_of(row["indicateur_id"]) if unit != "share" else "",
        "status": words.label("statut", row["statut"]), "mark": row["statut"],
        "days": words.span(row["debut"], row["fin"]),
        "reached": words.number(row["part_atteinte"], "share"),
        "elapsed": words.number(row["part_ecoulee"], "share"),
        "count": words.label("decompte", row["decompte"]), "bounds": bounds,
        "reason": row["motif"], "grant": row["financement_id"],
    }  # fmt: skip


def first_month(figures: Figures) -> Figure | None:
    """The first month that shows anything."""
    shown = [f for (_name, kind), totals in figures.series.items() if kind == "mois"
             for f in totals if f.shown is not None]  # fmt: skip
    return min(shown, key=lambda figure: figure.start, default=None)


def shows_anything(figures: Figures) -> bool:
    return is_shown(figures.rows)
