"""What is looked at together, and what somebody pays for: portfolios, départements, grants."""

from typing import Any

from flows.language import N_
from flows.site.charts import Chart, elapsed
from flows.site.figures import Figures, is_shown
from flows.site.network_page import grant_row
from flows.site.parts import Maker, shows_anything, targets, tiles, years_rows
from flows.site.read import Row


def together_page(level: str, code: str, figures: Figures, make: Maker) -> dict[str, Any]:
    """Places that are looked at together: those of a portfolio, or of a département."""
    release, words = make.release, make.words
    if level == "portefeuille":
        members = release.where("portefeuilles", portefeuille_id=code)
        grants = release.where("financements", portefeuille_id=code)
    else:
        members, grants = release.where("lieux", departement_code=code), []
    years, rows = years_rows(make, figures, release.indicators)
    cards = tiles(make, figures, make.headline)
    aims = release.where("suivi_objectifs", portee="ensemble", niveau=level, territoire_id=code)
    return {
        "title": make.territory(level, code)[0],
        "members": [make.territory("lieu", row["lieu_id"]) for row in members],
        "tiles": cards if is_shown([card["figure"] for card in cards]) else [],
        "why": sorted({c["figure"].reason for c in cards if c["figure"].reason}),
        "targets": targets(make, aims),
        "grants": [grant_row(make, row) for row in grants],
        "years": years,
        "rows": rows if shows_anything(figures) else [],
        "kind_of_it": words.label("niveau", level)
        if level == "portefeuille"
        else words.say(N_("The places")),
        "needs_more": level == "departement",
    }


def grant_page(grant: Row, figures: Figures, make: Maker) -> dict[str, Any]:
    """A grant: whom it pays, how much of its time has passed, its targets, its figures."""
    words, release = make.words, make.release
    row = grant_row(make, grant)
    aims = release.where(
        "suivi_objectifs", portee="ensemble", financement_id=grant["financement_id"]
    )
    own = {aim["indicateur_id"]: None for aim in aims}
    years, rows = years_rows(make, figures, own)
    whole = [
        {
            "name": make.name_of(name), "unit": make.unit_of(name),
            "href": f"indicateurs/{name}.html", "figures": [figure],
        }
        for name in release.indicators
        if grant["periode"]
        and (figure := figures.total(name, "convention", grant["periode"])) is not None
        and figure.status != "not_applicable"
    ]  # fmt: skip
    lines = [
        (N_("Funder"), grant["financeur"]),
        (N_("Programme"), grant["programme"]),
        (N_("Days"), row["days"]),
        (N_("Amount"), words.number(grant["montant_eur"]) + "\u00a0€"
         if grant["montant_eur"] is not None else ""),
    ]  # fmt: skip
    return {
        "title": f"{grant['programme']}, {grant['financeur']}",
        "grant": row,
        "facts": [(words.say(what), text) for what, text in lines if text],
        "time": time_of(make, grant),
        "targets": targets(make, aims),
        "steps": steps(make, grant),
        "years": years,
        "rows": rows,
        "whole": whole,
    }


def steps(make: Maker, grant: Row) -> list[dict[str, str]]:
    """Each year of the targets of a grant, as the release tells it."""
    words, release = make.words, make.release
    return [
        {
            "name": make.name_of(row["indicateur_id"]), "number": str(row["numero_annee"]),
            "days": words.span(row["debut"], row["fin"]),
            "value": words.number(row["valeur"], release.indicators[row["indicateur_id"]]["unite"]),
            "share": words.number(row["part_atteinte"], "share"),
            "status": words.label("statut", row["statut"]), "reason": row["motif"] or "",
        }
        for row in release.where(
            "suivi_objectifs", portee="annee", financement_id=grant["financement_id"]
        )
    ]  # fmt: skip


def time_of(make: Maker, grant: Row) -> Chart:
    """A bar from the first day to the last, and how far the release reaches in it."""
    words, today = make.words, make.release.about["calculee_au"].date()
    said = words.say(N_("From {first} to {last}; the figures are of {day}.")).format(
        first=words.day(grant["debut"]), last=words.day(grant["fin"]), day=words.day(today)
    )
    whole = (grant["fin"] - grant["debut"]).days + 1
    gone = min(max((today - grant["debut"]).days, 0), whole)
    ends = (words.day(grant["debut"]), words.day(grant["fin"]))
    return elapsed(words.say(N_("Time that has passed")), said, gone / whole, ends)
