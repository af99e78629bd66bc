"""An invented network: places that do not exist in communes that do, with mixed tools."""

import random
import tomllib
from collections.abc import Sequence
from datetime import date
from typing import Any

import polars

from flows.language import _
from flows.places import Place, commune_index
from flows.reference import communes
from flows.samples.declaration import declared_sources, place_toml
from flows.samples.faitout import faitout_exports
from flows.samples.machinerie import machinerie_exports
from flows.samples.people import Region
from flows.samples.site import make_site
from flows.samples.tables import Export

COMMUNES = (
    "02381", "80561", "62268", "60471", "59249", "02361", "80410", "62080", "60286", "59136",
    "80253", "02789", "62447", "60104", "59067", "80620", "02168", "62038", "59036", "60176",
    "80688", "62364", "60157", "80685",
)  # fmt: skip
"""Where the first places stand, in the order in which they are taken: Hauts-de-France."""
DEPARTEMENTS = ("02", "59", "60", "62", "80")
MOST_PLACES = 200
NAMES = (
    "La Grange aux Écrans", "L'Atelier Tournesol", "Le Hangar Bavard", "La Fabrique du Tilleul",
    "Le Préau Partagé", "La Halle aux Idées", "L'Escale Verte", "Le Moulin à Projets",
    "La Gare Buissonnière", "Le Comptoir des Voisins", "L'Usine à Gestes", "La Forge Commune",
)  # fmt: skip
KITS = (
    ("fab-manager", "fab-manager-usage", "rh"),
    ("accueil", "france-services", "agents"),
    ("cobot", "suivi-accompagnement", "rh"),
    ("accueil", "registre-services"),
    ("cobot", "france-services"),
    ("accueil", "france-services", "registre-services"),
)
SERVICES = {
    "fab-manager": ("fablab", "formation"),
    "cobot": ("coworking",),
    "suivi-accompagnement": ("incubation", "mediation_numerique"),
    "accueil": ("mediation_numerique", "makerspace", "salle", "france_services"),
    "france-services": ("france_services",),
    "registre-services": (
        "mediation_numerique", "makerspace", "salle", "petite_enfance", "telemedecine",
        "velo_electrique", "autostop", "formation", "restauration",
    ),
}  # fmt: skip
WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday")
HOURS = (
    ["09:00-12:30", "13:30-18:00"],
    ["08:30-19:00"],
    ["09:30-12:00", "14:00-17:30"],
)
OPENINGS = (
    date(2019, 3, 4), date(2021, 9, 1), date(2017, 1, 9), date(2025, 3, 3), date(2022, 5, 2),
)  # fmt: skip
LABELS = ("Fabrique de territoire", "France services", "Manufacture de proximité", "")
SMALLEST, BIGGEST = 0.12, 0.38
"""Size of a place beside the demonstration places."""


def network_exports(places: int, seed: int) -> list[Export]:
    """The TOML files, then the exports, of as many places as asked."""
    if not 1 <= places <= MOST_PLACES:
        raise ValueError(
            _("a network has 1 to {most} places, not {places}").format(
                most=MOST_PLACES, places=places
            )
        )
    declarations, exports = [], []
    for number, code in enumerate(standing(places)):
        declared = declaration(number, code, random.Random(f"{seed}/network/{number}"))
        text = place_toml(declared)
        content = text.encode("utf-8")
        name = f"places/{declared['id']}.toml"
        declarations.append(Export(name, content, text.count("[[sources]]"), []))
        exports += exports_of(Place.model_validate(tomllib.loads(text)), number, seed)
    return declarations + exports


def standing(places: int) -> list[str]:
    """A commune for each place: those of the list, then the biggest others of the region."""
    others = communes().filter(
        (polars.col("type") == "commune")
        & polars.col("departement_code").is_in(DEPARTEMENTS)
        & ~polars.col("commune_code").is_in(COMMUNES)
    )
    biggest = others.sort(["population", "commune_code"], descending=[True, False], nulls_last=True)
    return [*COMMUNES, *biggest["commune_code"].head(MOST_PLACES - len(COMMUNES))][:places]


def declaration(number: int, code: str, rng: random.Random) -> dict[str, Any]:
    """What the TOML of the place says."""
    commune, _, epci = commune_index()[code]
    kit = KITS[number % len(KITS)]
    is_association = any(tool in kit for tool in ("fab-manager", "suivi-accompagnement"))
    label = LABELS[1] if "france-services" in kit else rng.choice(LABELS)
    hours = HOURS[number % len(HOURS)]
    services = [service for tool in kit for service in SERVICES.get(tool, ())]
    place: dict[str, Any] = {
        "id": f"demo-{number + 1:02}",
        "name": f"{NAMES[number % len(NAMES)]} – {commune} (démonstration)",
        "is_synthetic": True,
        "commune_code": code,
        "epci_code": epci,
        "legal_form": "association" if is_association else "collectivité territoriale",
        "opened_on": OPENINGS[number % len(OPENINGS)],
        "labels": [label] if label else [],
        "services": list(dict.fromkeys(services)),
        "catchment_communes": [member for member, _distance in neighbours(code)][:12],
        "contact": {"role": "coordination"},
        "opening_hours": {day: hours for day in WEEK},
        "closures": [
            {"first_day": date(year, 8, 9), "last_day": date(year, 8, 17), "reason": "été"}
            for year in (2025, 2026)
        ],
        "programmes": [],
        "sources": declared_sources(f"demo-{number + 1:02}", kit),
    }
    if "cobot" in kit:
        place["seats"] = rng.randint(8, 24)
    if label == "France services":
        place["programmes"] = [{"code": "france_services", "since": date(2021, 1, 1)}]
    return place


def neighbours(code: str) -> Sequence[tuple[str, int]]:
    """The commune and the biggest others of its EPCI, with weights for where people live."""
    table = communes()
    own = table.row(by_predicate=polars.col("commune_code") == code, named=True)
    same = table.filter(
        (table["epci_code"] == own["epci_code"])
        & (table["type"] == "commune")
        & (table["commune_code"] != code)
    ).sort(["population", "commune_code"], descending=[True, False])
    others = same.select("commune_code", "population").head(15).rows()
    return [(code, 3 * own["population"]), *((other, people or 1) for other, people in others)]


def exports_of(place: Place, number: int, seed: int) -> list[Export]:
    """The exports of one place: each of its tools has its own people and format."""
    rng = random.Random(f"{seed}/size/{number}")
    region = Region(homes=tuple(neighbours(place.commune_code)))
    site = make_site(place, region, seed, scale=rng.uniform(SMALLEST, BIGGEST))
    tools = [source.id for source in place.sources]
    folder = f"exports/{place.id}"
    return [
        *(machinerie_exports(site, folder, tools) if {"fab-manager", "cobot"} & {*tools} else []),
        *(
            faitout_exports(site, folder, tools)
            if {"accueil", "france-services"} & {*tools}
            else []
        ),
    ]
