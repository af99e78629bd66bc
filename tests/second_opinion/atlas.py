"""Communes and coefficients: the reference files, read anew."""

import csv
from pathlib import Path

REFERENCE = Path(__file__).parents[2] / "data" / "reference"
FRR = {"02676": True, "02720": True, "80021": False, "75056": False, "01033": True}
"""What the network says of some communes; of the others nothing is known."""


def records(name: str) -> list[dict[str, str]]:
    with (REFERENCE / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


class Atlas:
    """Communes of today and of before, and where they are."""

    def __init__(self) -> None:
        rows = {row["commune_code"]: row for row in records("communes.csv")}
        changes = {row["old_code"]: row["new_code"] for row in records("commune_changes.csv")}
        self.rows = {old: rows[new] for old, new in changes.items()} | rows
        self.current = {code: row["parent_commune_code"] or code for code, row in rows.items()}
        self.current |= {old: new for old, new in changes.items() if old not in rows}
        self.kind = {code: row["type"] for code, row in rows.items()}
        self.population = {code: int(r["population"] or 0) for code, r in rows.items()}
        self.position = {
            row["commune_code"]: (float(row["latitude"]), float(row["longitude"]))
            for row in records("commune_positions.csv")
        }

    def place(self, code: str | None) -> tuple[float, float] | None:
        """A part or a former commune is where its commune is, unless it is known itself."""
        if code is None or code not in self.current:
            return None
        return self.position.get(code) or self.position.get(self.current[code])


ATLAS = Atlas()
COEFFICIENTS = {row["name"]: float(row["value"]) for row in records("coefficients.csv")}
"""A name has one value as yet: whoever adds a second one makes this dated."""


def coefficient(name: str) -> float:
    return COEFFICIENTS[name]
