"""Reference data: communes, EPCIs, commune changes, programmes, and the SIRET check digit.

The CSV files in ``data/reference`` are written by ``flows/reference_build``, or by hand;
``data/reference/README.md`` gives the origin, vintage and licence of each.
"""

from __future__ import annotations

import csv
import functools
from pathlib import Path
from typing import TYPE_CHECKING

from flows.settings import TIME_ZONE

if TYPE_CHECKING:
    import polars

REFERENCE_FOLDER = Path(__file__).resolve().parent.parent / "data" / "reference"
POPULATION_VINTAGE = 2023
"""Reference year of the populations of communes.csv; README.md has the two exceptions."""

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
PROGRAMME_COLUMNS = (
    "programme_code",
    "name",
    "funder",
    "level",
    "starts_on",
    "description_fr",
    "description_en",
    "source",
)

LA_POSTE_SIREN = "356000000"


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


def commune_changes(reference_folder: Path = REFERENCE_FOLDER) -> dict[str, str]:
    """Give, for each code that a commune once had, the code of the commune that it is now.

    Source: ``commune_changes.csv``, where each change has its date. Raises FileNotFoundError if
    it is missing.
    """
    rows = _read_rows(reference_folder / "commune_changes.csv")
    return {row["old_code"]: row["new_code"] for row in rows}


@functools.cache
def programmes(reference_folder: Path = REFERENCE_FOLDER) -> dict[str, dict[str, str]]:
    """Give the programmes that label or pay a tiers-lieu, by code, as ``PROGRAMME_COLUMNS``.

    Source: ``programmes.csv``, read once per process. Raises FileNotFoundError if it is missing.
    """
    rows = _read_rows(reference_folder / "programmes.csv")
    return {row["programme_code"]: row for row in rows}


@functools.cache
def time_zones(reference_folder: Path = REFERENCE_FOLDER) -> dict[str, str]:
    """Give the time zone of each territory overseas, by the beginning of its communes' codes.

    Source: ``time_zones.csv``, read once per process. A commune of a longer code goes before its
    territory. Raises FileNotFoundError if it is missing.
    """
    rows = _read_rows(reference_folder / "time_zones.csv")
    return {row["territory_code"]: row["time_zone"] for row in rows}


def time_zone_of(commune_code: str) -> str | None:
    """Tell which clock a commune has; None for the southern lands, which have several."""
    if not commune_code.startswith(("97", "98")):
        return TIME_ZONE
    return time_zones().get(commune_code) or time_zones().get(commune_code[:3])


def forget() -> None:
    """Drop what was read, after the files were written again."""
    _read_communes.cache_clear()
    programmes.cache_clear()


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


def _read_rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
