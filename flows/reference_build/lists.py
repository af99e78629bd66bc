"""Lists of towns and of programmes become rows of reference files (see ``reference_build``)."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from typing import Any

from flows.reference import luhn_is_valid

POSITION_COLUMNS = ("commune_code", "latitude", "longitude")
PROGRAMME_PLACE_COLUMNS = (
    "award_id",
    "programme_code",
    "commune_code",
    "name",
    "siret",
    "posts",
    "awarded_on",
    "amount_eur",
)

# Countries of GeoNames whose towns have French commune codes.
_COUNTRIES = {"FR", "GP", "MQ", "GF", "RE", "YT", "PM", "BL", "MF"}
# Kinds of town in GeoNames, seats first; other kinds are parts of towns.
_KINDS = ("PPLC", "PPLA", "PPLA2", "PPLA3", "PPLA4", "PPLA5", "PPL")
# Towns that GeoNames puts in a commune of the same name, 30 km away or more.
_MISPLACED = {"23257", "38363", "40271", "71588"}
# Columns of a GeoNames dump, counted from 0.
_NAME, _LATITUDE, _LONGITUDE, _KIND, _COUNTRY, _DEPARTEMENT, _COMMUNE, _POPULATION = (
    1, 4, 5, 7, 8, 11, 13, 14,
)  # fmt: skip

_Row = dict[str, Any]


def position_rows(towns: str, communes: list[_Row], changes: list[_Row]) -> list[_Row]:
    """Turn a GeoNames dump into one position for each current commune that has a town in it.

    A town counts for the commune of its code, or of what that code has become; without a code,
    for the only commune of its name in the department. Of several, the one named like the commune
    wins, then the seat, then the most populous. Degrees have three decimals, about 100 metres.
    """
    names = {row["commune_code"]: row["name"] for row in communes if row["type"] == "commune"}
    now = _current_codes(communes, changes)
    named = defaultdict(list)
    for row in communes:
        if row["type"] == "commune":
            named[row["name"].casefold(), row["departement_code"]].append(row["commune_code"])
    best: dict[str, tuple[tuple[bool, int, int], list[str]]] = {}
    for line in towns.splitlines():
        town = line.split("\t")
        if town[_COUNTRY] not in _COUNTRIES:
            continue
        code = now.get(town[_COMMUNE])
        if code is None:
            alike = named[town[_NAME].casefold(), town[_DEPARTEMENT]]
            if len(alike) != 1:
                continue
            code = alike[0]
        kind = _KINDS.index(town[_KIND]) if town[_KIND] in _KINDS else len(_KINDS)
        is_other = town[_NAME].casefold() != names[code].casefold()
        key = (is_other, kind, -int(town[_POPULATION] or 0))
        if code not in best or key < best[code][0]:
            best[code] = (key, town)
    return [
        {
            "commune_code": code,
            "latitude": f"{float(town[_LATITUDE]):.3f}",
            "longitude": f"{float(town[_LONGITUDE]):.3f}",
        }
        for code, (_, town) in best.items()
        if code not in _MISPLACED
    ]


def programme_place_rows(lists: list[str], communes: list[_Row], changes: list[_Row]) -> list[_Row]:
    """Turn the three lists of the ANCT into one row for each label or convention.

    They are the texts of Fabriques de territoire, Manufactures de proximité and Conseillers
    numériques. In the first two a line is a commune, with several labels in one cell. In the third
    it is a structure and the posts that it was given; a SIRET that is not one is left out, and so
    is the name, which the SIRET gives.
    """
    fabriques, manufactures, advisers = lists
    now = _current_codes(communes, changes)
    rows = []
    for programme, text in (
        ("fabriques_de_territoire", fabriques),
        ("manufactures_de_proximite", manufactures),
    ):
        for line in csv.DictReader(io.StringIO(text)):
            ids, names = _parts(line["id_programme"]), _parts(line["lib_tiers_lieu"])
            if len(names) != len(ids):
                names = [" ".join(line["lib_tiers_lieu"].split())] * len(ids)
            rows += [
                {
                    "award_id": award_id,
                    "programme_code": programme,
                    "commune_code": now.get(line["insee_com"], ""),
                    "name": name,
                }
                for award_id, name in zip(ids, names, strict=True)
            ]
    rows += [
        {
            "award_id": f"conum-{line['id']}",
            "programme_code": "conseillers_numeriques",
            "commune_code": now.get(line["insee_com"], ""),
            "siret": line["siret"] if luhn_is_valid(line["siret"]) else "",
            "posts": line["nb_cnfs"],
            "awarded_on": line["date_de_validation_en_comité_de_sélection"],
            "amount_eur": line["investissement_financier_estimatif_total_de_l.etat"],
        }
        for line in csv.DictReader(io.StringIO(advisers))
    ]
    return rows


def _current_codes(communes: list[_Row], changes: list[_Row]) -> dict[str, str]:
    """Every code, past or present, → the commune that it is in today."""
    former = {row["old_code"]: row["new_code"] for row in changes}
    listed = {row["commune_code"]: row["parent_commune_code"] for row in communes}
    return former | {code: parent or code for code, parent in listed.items()}


def _parts(cell: str) -> list[str]:
    """A cell with several values, one after the other: `A; B` → A and B."""
    parts = (" ".join(part.split()) for part in re.split(r";", cell))
    return [part for part in parts if part]
