"""What protection costs in precision, as a page: `make protection` writes docs/precision.md.

Of homes of invented networks, each after a run: exact figures from the warehouse, published ones from
the release. `python -m tests.protection_table HOME HOME HOME`.
"""

import sys
from pathlib import Path
from typing import Any

import duckdb

from flows.publication.gate.report import last
from flows.settings import PROJECT

FILE = PROJECT / "docs" / "precision.md"
BEGIN = "<!-- from here on written by `make protection` -->\n"
HEADER = "| Indicator | Level | Period | {networks} |\n|---|---|---|{lines}\n"
SHARES = """
CREATE OR REPLACE TEMP TABLE share AS
SELECT v.indicateur_id, v.niveau, v.granularite,
    CASE v.ventilation WHEN 'ensemble' THEN '' ELSE ', by characteristic' END AS of,
    avg(CASE WHEN v.valeur_min IS NOT NULL THEN 1 ELSE 0 END) AS published,
    avg(CASE
        WHEN v.valeur IS NULL THEN NULL
        WHEN abs(v.valeur - e.value) <= {tolerated} * CASE i.unite WHEN 'share' THEN 1 ELSE e.value END + 1e-9
            THEN 1 ELSE 0
    END) AS realised,
    avg(CASE
        WHEN v.valeur IS NULL THEN NULL
        WHEN greatest(v.valeur - v.valeur_min, v.valeur_max - v.valeur)
            <= {tolerated} * CASE i.unite WHEN 'share' THEN 1 ELSE v.valeur END + 1e-9
            THEN 1 ELSE 0
    END) AS guaranteed,
    count(*) FILTER (
        WHERE e.value < v.valeur_min - 1e-6 OR e.value > coalesce(v.valeur_max, e.value) + 1e-6
    ) AS outside
FROM r.valeurs AS v
INNER JOIN r.indicateurs AS i USING (indicateur_id)
INNER JOIN w.registry.breakdown AS b ON b.label_fr = v.ventilation
INNER JOIN w.indicator.figure AS e
    ON e.indicator_id = v.indicateur_id
    AND e.breakdown = b.breakdown
    AND e.category = CASE v.modalite WHEN 'ensemble' THEN 'all' ELSE v.modalite END
    AND replace(e.period_id, 'convention:', '') = v.periode
    AND e.scope_id = CASE v.niveau
        WHEN 'lieu' THEN v.territoire_id WHEN 'reseau' THEN 'network'
        WHEN 'portefeuille' THEN 'portfolio:' || v.territoire_id
        ELSE v.niveau || ':' || v.territoire_id END
WHERE e.value IS NOT NULL AND v.granularite <> 'convention' AND v.niveau <> 'portefeuille'
GROUP BY ALL
"""
TOLERATED = 0.1
"""Ten per cent of a count, ten points of a share."""

GATE = """
What the gate finds before it leaves anything out ([ADR 13](adr/0013-a-gate-judges-all-figures-together.md)):
figures, published or hidden beside them · **told** too narrowly to a reader (fewer than five values
stay possible; of jobs and organisations three) / to a place that knows its own records (fewer than
three) · **tables left out**, or not drawn because of the year before.

"""
GATE_HEADER = "| Indicator | Level | {networks} |\n|---|---|{lines}\n"

Shares = dict[tuple[str, str, str], tuple[float | None, ...]]
"""Indicator, level, period → shares published, realised, guaranteed."""


def shares_of(home: Path) -> tuple[int, Shares]:
    """The number of places of a home, and its shares; no exact figure may be out of its bounds."""
    release = (home / "published" / "current.duckdb").resolve()
    with duckdb.connect() as sql:
        sql.execute(f"ATTACH '{home / 'warehouse.duckdb'}' AS w (READ_ONLY)")
        sql.execute(f"ATTACH '{release}' AS r (READ_ONLY)")
        sql.execute(SHARES.format(tolerated=TOLERATED))
        assert sql.execute("SELECT sum(outside) FROM share").fetchone() == (0,)
        [(places,)] = sql.execute("SELECT count(*) FROM r.lieux").fetchall()
        rows = sql.execute(
            "SELECT indicateur_id, niveau, granularite || of, published, realised, guaranteed FROM share"
        ).fetchall()
    return places, {row[:3]: row[3:] for row in rows}


def page(networks: list[tuple[int, Shares]]) -> str:
    levels, periods = ("lieu", "departement", "reseau"), ("mois", "trimestre", "annee")
    keys = sorted(
        {key for _places, shares in networks for key in shares},
        key=lambda key: (
            key[0], levels.index(key[1]), periods.index(key[2].split(",")[0]), key[2],
        ),
    )  # fmt: skip
    lines = [
        HEADER.format(
            networks=" | ".join(f"{places} places" for places, _shares in networks),
            lines="---|" * len(networks),
        )
    ]
    for key in keys:
        cells = [said(shares.get(key)) for _places, shares in networks]
        lines.append(f"| `{key[0]}` | {key[1]} | {key[2]} | {' | '.join(cells)} |\n")
    return "".join(lines)


def gate_table(found: list[tuple[int, dict[str, Any]]]) -> str:
    """What the gate found in each network: all of it, then where something was told."""
    networks = " | ".join(f"{places} places" for places, _one in found)
    rows = [("all", "", [gate_cell(one["counts"], tables_of(one)) for _places, one in found])]
    named = sorted(
        {(row["indicator"], row["level"]) for _places, one in found for row in one["counts"]}
    )
    for key in named:
        cells = []
        for _places, one in found:
            counts = [row for row in one["counts"] if (row["indicator"], row["level"]) == key]
            tables = [row for row in tables_of(one) if (row["indicator"], row["level"]) == key]
            cells.append(gate_cell(counts, tables) if counts else "")
        if any(cell and not cell.endswith("· 0 / 0 · 0") for cell in cells):
            rows.append((f"`{key[0]}`", key[1], cells))
    lines = "".join(f"| {name} | {level} | {' | '.join(cells)} |\n" for name, level, cells in rows)
    header = GATE_HEADER.format(networks=networks, lines="---|" * len(found))
    return GATE + header + lines + f"\n{told_exactly(found)}\n\n"


def told_exactly(found: list[tuple[int, dict[str, Any]]]) -> str:
    """How many figures have one possible value, and how long it took to know."""
    reader, place = (
        ", ".join(str(sum(row[name] for row in one["counts"])) for _places, one in found)
        for name in ("exact", "exact_to_places")
    )
    seconds = ", ".join(f"{one['cpu_seconds']:.0f}" for _places, one in found)
    return (
        f"Told exactly: to a reader {reader}, to a place {place}. Seconds of processor: {seconds}."
    )


def tables_of(found: dict[str, Any]) -> list[dict[str, str]]:
    return [*found["left_out"], *found["not_drawn"]]


def gate_cell(counts: list[dict[str, Any]], tables: list[dict[str, str]]) -> str:
    figures, told, to_places = (
        sum(row[name] for row in counts) for name in ("unknowns", "told", "told_to_places")
    )
    return f"{figures:,} · {told} / {to_places} · {len(tables)}"


def said(shares: tuple[float | None, ...] | None) -> str:
    if shares is None:
        return ""
    return " / ".join("–" if one is None else f"{100 * one:.0f}" for one in shares)


def main(homes: list[str]) -> None:
    before = FILE.read_text(encoding="utf-8").partition(BEGIN)[0]
    networks = [shares_of(Path(home)) for home in homes]
    found = [
        (places, last(Path(home))) for (places, _shares), home in zip(networks, homes, strict=True)
    ]
    FILE.write_text(before + BEGIN + gate_table(found) + page(networks), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
