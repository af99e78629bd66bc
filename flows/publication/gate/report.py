"""What the gate found, for who runs the network: counts and names of tables, never a value.

It lies in the home, for the owner alone: which place could tell another is nobody else's business.
"""

import json
from pathlib import Path
from typing import Any

import polars as pl

from flows.publication.gate.cells import TABLE
from flows.publication.gate.known import FEW
from flows.publication.gate.verdict import Verdict
from flows.whole_files import written_whole

FILE = "gate.json"
OF = ["indicator", "level", "breakdown"]


def report(verdict: Verdict, by_rule: pl.DataFrame, seconds: float) -> dict[str, Any]:
    """By OF: unknowns that are protected, how many are told exactly or too narrowly to an outsider
    and to a place, before anything is left out; and the tables that are.
    """
    narrow, exact = pl.col("candidates") < pl.col("limit"), pl.col("candidates") <= 1
    counts = (
        verdict.judged.group_by(OF)
        .agg(
            unknowns=pl.len(),
            published=pl.col("is_published").sum(),
            exact=exact.sum(),
            told=narrow.sum(),
            exact_to_places=(pl.col("insiders") <= 1).sum(),
            told_to_places=(pl.col("insiders") < FEW).sum(),
        )
        .sort(OF)
    )
    return {
        "cpu_seconds": round(seconds, 1),
        "counts": counts.to_dicts(),
        "left_out": verdict.left_out.to_dicts(),
        "not_drawn": by_rule.to_dicts(),
    }


def keep(home: Path, found: dict[str, Any]) -> None:
    """With the tables that were left out before, which stay out; `found` has the counts of now."""
    before = last(home) if (home / FILE).exists() else {}
    for name in ("left_out", "not_drawn"):
        new = {tuple(table[part] for part in TABLE) for table in found[name]}
        known = [t for t in before.get(name, []) if tuple(t[part] for part in TABLE) not in new]
        found = {**found, name: known + found[name]}
    with written_whole(home / FILE) as unfinished:
        unfinished.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")


def last(home: Path) -> dict[str, Any]:
    """Of the release that was written last; raises OSError before the first."""
    found: dict[str, Any] = json.loads((home / FILE).read_text(encoding="utf-8"))
    return found
