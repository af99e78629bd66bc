"""All pages of a site, one after the other: what each of them is made from."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from flows.language import N_
from flows.site.council_page import council_page
from flows.site.data_page import data_page, questions
from flows.site.figures import Figure
from flows.site.grant_pages import grant_page, together_page
from flows.site.indicator_page import indicator_page
from flows.site.network_page import network_page
from flows.site.parts import Maker
from flows.site.place_page import place_page
from flows.site.read import Release
from flows.site.render import Page
from flows.site.state_pages import changes_page, method_page, quality_page

OVERVIEW = """
    niveau = 'lieu' AND ventilation = 'ensemble' AND (
        indicateur_id = 'visits' AND granularite IN ('mois', 'annee')
        OR indicateur_id = 'persons_reached' AND granularite = 'annee'
    )
"""
"""What the page of the network shows of each place."""
OF_ALL_PLACES = """
    niveau = 'lieu' AND ventilation = 'ensemble' AND granularite = 'annee' AND indicateur_id = ?
"""
CODES = {"departement": "departement_code", "portefeuille": "portefeuille_id"}
"""Level of places together → where the release has its code."""
Several = list[Page]
"""One page in each language."""


def pages(
    release: Release, files: list[dict[str, Any]], makers: Sequence[Maker]
) -> Iterator[Several]:
    """Each page in the languages of the makers, in their order; `files` can be fetched."""
    network = release.figures("reseau", "reseau")
    overview = by_place(release, OVERVIEW, [])
    yield [Page("index.html", "index", network_page(make, network, overview)) for make in makers]
    for place in release.tables["lieux"]:
        figures = release.figures("lieu", place["lieu_id"])
        path = f"lieux/{place['lieu_id']}.html"
        yield below(makers, path, "place", partial(place_page, place, figures, network))
        path = f"conseil/{place['lieu_id']}.html"
        yield below(makers, path, "council", partial(council_page, place, figures))
    yield from commitments(release, makers)
    yield below(makers, "changements.html", "changes", changes_page)
    yield below(makers, "qualite.html", "quality", quality_page)
    answers = [*questions(release)]
    yield below(makers, "donnees.html", "data", partial(data_page, files, answers))
    yield below(makers, "methode.html", "method", method_page)
    yield below(makers, "indicateurs/index.html", "indicators", indicators)
    for indicator in release.indicators:
        places = by_place(release, OF_ALL_PLACES, [indicator])
        path = f"indicateurs/{indicator}.html"
        yield [
            Page(path, "indicator", indicator_page(make, indicator, places, network),
                 [home(make), ("indicateurs/index.html", make.words.say(N_("Indicators")))])
            for make in makers
        ]  # fmt: skip


def commitments(release: Release, makers: Sequence[Maker]) -> Iterator[Several]:
    """Places together, and grants, each with the figures of whom it pays."""
    for level, table in (("departement", "lieux"), ("portefeuille", "portefeuilles")):
        codes = [row[CODES[level]] for row in release.tables[table]]
        for code in dict.fromkeys(filter(None, codes)):
            figures = release.figures(level, code)
            path = makers[0].territory(level, code)[1]
            yield below(makers, path, "together", partial(together_page, level, code, figures))
    for grant in release.tables["financements"]:
        level = "lieu" if grant["lieu_id"] else "portefeuille"
        figures = release.figures(level, grant["lieu_id"] or grant["portefeuille_id"])
        path = f"conventions/{grant['financement_id']}.html"
        yield below(makers, path, "grant", partial(grant_page, grant, figures))


def by_place(release: Release, condition: str, parameters: list[str]) -> dict[str, list[Figure]]:
    found: dict[str, list[Figure]] = {row["lieu_id"]: [] for row in release.tables["lieux"]}
    for figure in release.select(condition, parameters):
        found[figure.territory].append(figure)
    return found


def below(
    makers: Sequence[Maker], path: str, template: str, context: Callable[[Maker], dict[str, Any]]
) -> Several:
    """A page that the page of the network leads to."""
    return [Page(path, template, context(make), [home(make)]) for make in makers]


def home(make: Maker) -> tuple[str, str]:
    return "index.html", make.words.say(N_("The network"))


def indicators(make: Maker) -> dict[str, Any]:
    """Every indicator by its domain."""
    known = make.release.indicators
    return {
        "title": make.words.say(N_("Indicators")),
        "domains": [
            {
                "name": make.words.label("domaine", domain),
                "indicators": [
                    {"id": name, "name": make.name_of(name),
                     "definition": make.text_of(name, "definition")}
                    for name, row in known.items() if row["domaine"] == domain
                ],
            }
            for domain in dict.fromkeys(row["domaine"] for row in known.values())
        ],
    }  # fmt: skip
