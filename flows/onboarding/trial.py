"""A proposed source tried on its sample: what a run would refuse is not sure."""

import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import ValidationError

from flows.language import _, ngettext
from flows.network.place_files import with_connectors
from flows.onboarding.check_source import check_source
from flows.onboarding.guessed import Found, Guess
from flows.places import Place
from flows.settings import Settings
from flows.sources import UNDECIDED
from schemas import CONTRACTS
from schemas.record import codes_of, stored_columns

FEW = 0.1
"""A share of rows so small that a slip explains it."""


def try_out(guess: Guess, declared: str, sample: Path, settings: Settings) -> None:
    """Read the sample as the TOML `declared` says; note in the guess what would be refused."""
    content = decided(tomllib.loads(declared))
    try:
        place = Place.model_validate(with_connectors({**content, "folder": settings.places}))
    except ValidationError:
        return  # of the place itself: said when it is written
    source = place.sources[-1].model_copy(update={"path": str(sample.absolute())})
    [file] = check_source(place, source, settings, datetime.now(UTC)).files
    guess.refused = file.refused
    if file.refused:
        guess.found = [f if f.certainty == "decide" else replace(f, certainty="check")
                       for f in guess.found]  # fmt: skip
        return
    rejects = file.rejects.filter("is_record") if len(file.rejects) else file.rejects
    guess.lost = file.attempt.quarantined
    guess.good = file.attempt.loaded + file.repeated + file.attempt.tombstoned
    counts = Counter(dict(rejects.group_by("header").agg(pl.n_unique("row_number")).iter_rows()))
    for (header, *_rule), count in file.attempt.doubts.items():
        counts[header] += count
    guess.found = [weighed(found, counts, guess.good + guess.lost) for found in guess.found]


def decided(content: dict[str, Any]) -> dict[str, Any]:
    """The TOML as if somebody had decided: what is open must not hide what else is wrong."""
    source = content["sources"][-1]
    columns = source.get("columns", {})
    codes = stored_columns(CONTRACTS[source["feed"]])
    for name in [name for name, header in columns.items() if header == _("TO DECIDE")]:
        del columns[name]
        if listed := codes_of(codes[name]):
            source.setdefault("constants", {})[name] = listed[0]
    constants = source.get("constants", {})
    for name in [name for name, code in constants.items() if code == UNDECIDED]:
        constants[name] = codes_of(codes[name])[0]
    return content


def weighed(found: Found, lost: Mapping[str, int], rows: int) -> Found:
    """The certainty of one column, where the trial lost some of its cells."""
    count = lost.get(" + ".join(found.headers), 0)
    if not count or found.certainty == "decide":
        return found
    is_slip = count <= FEW * rows and found.certainty in ("sure", "likely")
    why = ngettext(
        "{why}; {count} row of {rows} would be refused",
        "{why}; {count} rows of {rows} would be refused",
        count,
    ).format(why=found.why, count=count, rows=rows)
    return replace(found, certainty="likely" if is_slip else "check", why=why)
