"""A fiche as a page that a browser shows and prints: one file, in French, that loads nothing."""

from collections.abc import Iterable, Iterator
from html import escape
from typing import Any

import polars as pl

from flows.publication.fiche import MARK, Fiche, by_period, instead, last_periods, unit_of

FINE = ("fte", "index", "ratio")
THIN, HARD = "\u202f", "\u00a0"
STYLE = """
body { font: 11pt/1.35 system-ui, sans-serif; color: #1b1b1b; max-width: 62rem; margin: 1rem auto;
  padding: 0 1rem }
h1 { margin: 0 } h2 { margin: 1.6rem 0 .3rem; font-size: 1.15rem; break-after: avoid }
h3 { margin: 1rem 0 .2rem; font-size: 1rem; break-after: avoid }
.mark { border: 2px solid #a1000e; color: #a1000e; font-weight: 700; padding: .4rem .7rem;
  margin: .8rem 0 }
.wide { overflow-x: auto }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums;
  table-layout: fixed; min-width: 46rem }
th, td { padding: .18rem .3rem; border-bottom: 1px solid #d9d9d9; text-align: right;
  vertical-align: top }
th:first-child { text-align: left; font-weight: 400; width: 36% } thead th { font-weight: 700;
  border-bottom: 2px solid #1b1b1b }
thead th:first-child { font-weight: 700 } thead small { display: block }
thead th, td { white-space: nowrap }
thead { display: table-header-group }
tr { break-inside: avoid } small { color: #595959 } i { color: #595959 }
@page { size: A4; margin: 16mm 12mm;
  @top-center { content: "NE PAS DIFFUSER"; font: 700 9pt sans-serif; color: #a1000e }
  @bottom-right { content: counter(page) " / " counter(pages); font: 9pt sans-serif } }
@media print { body { font-size: 8.5pt; margin: 0; padding: 0; max-width: none }
  .wide { overflow: visible } table { min-width: 0 } }
"""
HOW_TO_READ = (
    "En italique gris : ce que disent les données reçues jusqu'ici, pour une période qui court "
    "encore ou à laquelle il manque des données. Codes et libellés sont ceux de la publication."
)


def fiche_page(fiche: Fiche) -> str:
    """The page as HTML; every text in it is escaped."""
    name, place = escape(fiche.name), escape(f"{fiche.place_id}, {fiche.commune}")
    body = "".join([*sections(fiche), *details(fiche)])
    return (
        '<!DOCTYPE html>\n<html lang="fr"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="robots" content="noindex">'
        f"<title>{name} : chiffres exacts, {MARK.lower()}</title><style>{STYLE}</style></head>"
        f"<body><header><h1>{name}</h1><p>{place}, chiffres du {fiche.computed_at:%d/%m/%Y}</p>"
        f'<p class="mark">{MARK}. {escape(fiche.for_whom)}</p><p>{HOW_TO_READ}</p></header>'
        f"<main>{body or '<p>Aucun chiffre encore.</p>'}</main></body></html>\n"
    )


def sections(fiche: Fiche) -> Iterator[str]:
    """The totals of each domain: the last years, quarter and months, and those that run."""
    totals = fiche.figures.filter(pl.col("ventilation") == "ensemble")
    periods = [
        *last_periods(totals, "Année", 2),
        *last_periods(totals, "Trimestre", 2),
        *last_periods(totals, "Mois", 3),
    ]
    for (domain,), rows in totals.group_by(["domaine"], maintain_order=True):
        yield f"<h2>{escape(str(domain))}</h2>" + table("Indicateur", periods, lines(rows, periods))


def details(fiche: Fiche) -> Iterator[str]:
    """The characteristics of each indicator, by year."""
    parts = fiche.figures.filter(pl.col("ventilation") != "ensemble")
    periods = last_periods(parts, "Année", 2)
    codes = [code for code, _day, _runs in periods]
    parts = parts.filter(pl.col("periode").is_in(codes) & pl.col("valeur").is_not_null())
    if parts.is_empty():
        return
    yield "<h2>Par caractéristique</h2>"
    keys = ["indicateur", "caracteristique"]
    for (label, by), rows in parts.group_by(keys, maintain_order=True):
        found = [
            (escape(str(detail)), by_period(of_one, codes))
            for (detail,), of_one in rows.group_by(["detail"], maintain_order=True)
        ]
        yield f"<h3>{escape(str(label))}</h3>" + table(str(by), periods, found)


def lines(
    rows: pl.DataFrame, periods: Iterable[tuple[str, Any, bool]]
) -> list[tuple[str, dict[str, Any]]]:
    """One line an indicator that has anything to show, with its unit."""
    codes = [code for code, _day, _runs in periods]
    found = []
    for (label,), of_one in rows.group_by(["indicateur"], maintain_order=True):
        cells = by_period(of_one, codes)
        if cells:
            unit = unit_of(of_one.row(0, named=True))
            found.append((f"{escape(str(label))} <small>{escape(unit)}</small>", cells))
    return found


def table(
    first: str, periods: list[tuple[str, Any, bool]], found: list[tuple[str, dict[str, Any]]]
) -> str:
    heads = "".join(
        f'<th scope="col">{escape(code)}{" <small>en cours</small>" if runs else ""}</th>'
        for code, _day, runs in periods
    )
    body = "".join(
        f'<tr><th scope="row">{heading}</th>'
        + "".join(f"<td>{cell(cells.get(code))}</td>" for code, _day, _runs in periods)
        + "</tr>"
        for heading, cells in found
    )
    return (
        f'<div class="wide"><table><thead><tr><th scope="col">{escape(first)}</th>{heads}</tr>'
        f"</thead><tbody>{body}</tbody></table></div>"
    )


def cell(row: dict[str, Any] | None) -> str:
    """A figure, in grey italics where it is not all there, or why there is none."""
    if row is None:
        return ""
    is_complete = row["est_complete"] and not row["en_cours"]
    if row["valeur"] is None:
        return f"<small>{escape(instead(row))}</small>"
    text = shown(row["valeur"], row["unite_code"])
    return text if is_complete else f"<i>{text}</i>"


def shown(value: float, unit: str) -> str:
    """As one writes it in French: `1 234,5`, `42,3 %`."""
    if unit == "share":
        return f"{100 * value:.1f}".replace(".", ",") + HARD + "%"
    digits = 2 if unit in FINE else 0 if value == round(value) else 1
    return f"{value:,.{digits}f}".replace(",", THIN).replace(".", ",")
