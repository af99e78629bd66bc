"""The samples' release as a small file that is compared at every change: `make golden` writes it."""

import csv
import gzip
import io
import sys
from collections import defaultdict
from pathlib import Path

import duckdb

from flows.settings import PROJECT

FILE = PROJECT / "tests" / "data" / "golden-release.csv.gz"
KEYS = 6
"""How many of the columns say which figure it is; the others say what it is."""
SHOWN = 40
FIGURES = """
SELECT
    v.indicateur_id AS indicateur, v.niveau, v.territoire_id AS territoire, v.periode,
    v.ventilation, v.modalite,
    CAST(round(v.valeur, 6) AS VARCHAR) AS valeur, v.diffusion, v.statut
FROM valeurs AS v
ORDER BY ALL
"""

Figures = dict[tuple[str, ...], tuple[str, ...]]
"""Indicator, level, place, period, breakdown, category → value, diffusion, status."""


def figures_of(release: Path) -> Figures:
    """What a release says."""
    with duckdb.connect(str(release.resolve()), read_only=True) as file:
        rows = file.execute(FIGURES).fetchall()
    texts = [tuple("" if cell is None else str(cell) for cell in row) for row in rows]
    return {row[:KEYS]: row[KEYS:] for row in texts}


def read_golden(file: Path) -> Figures:
    with gzip.open(file, "rt", encoding="utf-8", newline="") as lines:
        _header, *rows = csv.reader(lines)
    return {tuple(row[:KEYS]): tuple(row[KEYS:]) for row in rows}


def write_golden(figures: Figures, file: Path) -> None:
    """The same figures give the same bytes."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(
        ["indicateur", "niveau", "territoire", "periode", "ventilation", "modalite", "valeur",
         "diffusion", "statut"]
    )  # fmt: skip
    lines.writerows([*key, *cells] for key, cells in sorted(figures.items()))
    file.write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))


def moved(before: Figures, after: Figures) -> str:
    """What differs, by indicator, place and period; nothing when nothing does."""
    changes: dict[str, list[str]] = defaultdict(list)
    for key in sorted(before.keys() | after.keys()):
        old, new = before.get(key), after.get(key)
        if old != new:
            was, now = (" ".join(filter(None, cells or ("no row",))) for cells in (old, new))
            changes[key[0]].append(f"    {' '.join(key[2:])}: {was} → {now}")
    lines = []
    for indicator, found in changes.items():
        lines += [f"{indicator}: {len(found)} figures moved", *found[:SHOWN]]
        lines += [f"    and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
    return "\n".join(lines)


def main(release: str) -> None:
    """Write the file anew, and say what moved."""
    figures = figures_of(Path(release))
    if FILE.exists() and (changes := moved(read_golden(FILE), figures)):
        print(changes, "Say it in CHANGELOG.md under “Figures that move”.", sep="\n")
    write_golden(figures, FILE)
    print(f"{FILE}: {len(figures)} figures, {FILE.stat().st_size / 1024:.0f} KiB")


if __name__ == "__main__":
    main(sys.argv[1])
