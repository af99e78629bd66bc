"""Reference geography: French communes, EPCIs and departments, and the SIRET check digit.

The three CSV files in ``data/reference`` come from the ``@etalab/decoupage-administratif``
package; ``data/reference/README.md`` gives their origin, vintage and licence. To write them
again from an unpacked copy of that package::

    python -m flows.reference package
"""

from __future__ import annotations

import csv
import functools
import io
import itertools
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars

REFERENCE_FOLDER = Path(__file__).resolve().parent.parent / "data" / "reference"

COMMUNE_COLUMNS = (
    "commune_code",
    "name",
    "type",
    "parent_commune_code",
    "departement_code",
    "region_code",
    "epci_code",
    "population",
)
EPCI_COLUMNS = ("epci_code", "name", "type", "population")
DEPARTEMENT_COLUMNS = ("departement_code", "name", "region_code")

LA_POSTE_SIREN = "356000000"

# Source type -> our type, and the source field that names the parent commune.
_PLACE_TYPES = {
    "commune-actuelle": ("commune", ""),
    "arrondissement-municipal": ("arrondissement", "commune"),
    "commune-deleguee": ("commune_deleguee", "chefLieu"),
    "commune-associee": ("commune_associee", "chefLieu"),
}

_Row = dict[str, Any]


def rebuild(package_folder: Path, reference_folder: Path) -> None:
    """Write communes.csv, epcis.csv and departements.csv from the source package.

    Source: an unpacked ``@etalab/decoupage-administratif`` package, of which three files of the
    ``data`` folder are read: communes.json, epci.json and departements.json. Populations are in
    inhabitants (population municipale); an EPCI's is the sum over its member communes. Rows are
    sorted by code and nothing depends on the date or the machine, so the same package always
    gives the same bytes.

    Raises FileNotFoundError if one of the three source files is missing, and ValueError if they
    contradict each other: a code given twice, a parent or EPCI member that is not a current
    commune, a commune in two EPCIs, an unknown type of place. Nothing is written in these cases.
    """
    places = _read_source(package_folder, "communes.json")
    epcis = _read_source(package_folder, "epci.json")
    departements = _read_source(package_folder, "departements.json")

    communes_rows = _commune_rows(places, _epci_of_each_commune(epcis))
    contents = {
        "communes.csv": _as_csv(COMMUNE_COLUMNS, communes_rows),
        "epcis.csv": _as_csv(EPCI_COLUMNS, _epci_rows(epcis, communes_rows)),
        "departements.csv": _as_csv(DEPARTEMENT_COLUMNS, _departement_rows(departements)),
    }
    reference_folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (reference_folder / name).write_bytes(content)
    _read_communes.cache_clear()


def communes(reference_folder: Path = REFERENCE_FOLDER) -> polars.DataFrame:
    """Give the commune table: one row per code, sorted by code.

    Columns are those of ``COMMUNE_COLUMNS``. All are String (codes keep their leading zeros and
    2A/2B) except ``population``, an Int64 in inhabitants. An empty cell is null: the parent of a
    current commune, the EPCI of a commune that belongs to none, the population of a delegated or
    associated commune and of the six uninhabited overseas territories. To count the population
    once, keep only the rows of type ``commune``: arrondissements are parts of their commune.

    Source: ``communes.csv`` in ``reference_folder``, read once per process. Raises
    FileNotFoundError if it is missing.
    """
    return _read_communes(reference_folder.resolve())


def luhn_is_valid(number: str) -> bool:
    """Tell whether a SIRET has 14 digits and a right check digit.

    ``number`` is the bare text: strip spaces first. Anything but 14 ASCII digits gives False and
    nothing is raised. The check is the Luhn sum (every second digit from the right doubled, its
    digits added, total a multiple of 10). La Poste (SIREN 356000000) numbers its offices by
    another rule of Insee: its SIRETs are also right when their digits add up to a multiple of 5.

    This is arithmetic only: a number that passes may still not exist.
    """
    if len(number) != 14 or not (number.isascii() and number.isdigit()):
        return False
    digits = [int(character) for character in number]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    if (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0:
        return True
    return number.startswith(LA_POSTE_SIREN) and sum(digits) % 5 == 0


@functools.lru_cache(maxsize=4)
def _read_communes(reference_folder: Path) -> polars.DataFrame:
    import polars

    schema = {column: polars.String() for column in COMMUNE_COLUMNS}
    table = polars.read_csv(reference_folder / "communes.csv", schema=schema)
    return table.with_columns(polars.col("population").cast(polars.Int64))


def _read_source(package_folder: Path, name: str) -> list[_Row]:
    rows: list[_Row] = json.loads((package_folder / "data" / name).read_text(encoding="utf-8"))
    return rows


def _epci_of_each_commune(epcis: list[_Row]) -> dict[str, str]:
    epci_of: dict[str, str] = {}
    for epci in epcis:
        for member in epci["membres"]:
            if member["code"] in epci_of:
                raise ValueError(f"commune {member['code']} is a member of two EPCIs")
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
        raise ValueError(f"EPCI members that are not current communes: {', '.join(strangers)}")
    rows: dict[str, _Row] = {}
    for place in places:
        code = place["code"]
        kind, parent = _kind_and_parent(place)
        if parent == code:
            continue
        if code in rows:
            raise ValueError(f"code {code} is given twice")
        if parent and parent not in current:
            raise ValueError(f"parent {parent} of {code} is not a current commune")
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
        raise ValueError(f"unknown type of place for {place['code']}: {place['type']}")
    kind, parent_field = _PLACE_TYPES[place["type"]]
    return kind, place[parent_field] if parent_field else ""


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
            raise ValueError(f"{key} {after[key]} is given twice")
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(ordered)
    return text.getvalue().encode("utf-8")


def _main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        print("usage: python -m flows.reference FOLDER", file=sys.stderr)
        return 2
    rebuild(Path(arguments[0]), REFERENCE_FOLDER)
    return 0


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
