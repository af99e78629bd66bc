"""A day and its hour in two columns of an unknown table, and the time between two hours."""

import polars as pl

from flows.intake.one_cell import with_year
from flows.intake.read_times import read_instants
from flows.language import _
from flows.onboarding.guess_cells import is_mostly_clock, percent
from flows.onboarding.guess_table import Table
from flows.onboarding.guessed import Certainty, Found
from flows.onboarding.header_words import HOUR_HEADERS, plain
from schemas import CONTRACTS, FEEDS
from schemas.record import stored_columns

SHARE_READ_WHEN_SURE = 0.9


def join_hours(found: list[Found], table: Table, feed: str) -> list[Found]:
    """A day and its hour in two columns are joined; an hour without its day cannot be read."""
    kinds = stored_columns(CONTRACTS[feed])
    by_target = {f.target: f for f in found}
    used = {header for f in found for header in f.headers}
    event = by_target.get(FEEDS[feed].event)
    if event is None or kinds[event.target].metadata["kind"] != "timestamp":
        return found
    hours = [h for h in table.columns if h not in used and is_mostly_clock(table.columns[h])]
    hours.sort(key=lambda header: plain(header) not in HOUR_HEADERS)
    day = event.headers
    if is_mostly_clock(table.columns[day[0]]):
        others = [h for h in table.columns if plain(h) in ("date", "jour") and h not in used]
        day, hours = (others[:1], day) if others else (day, [])
    joined = []
    for f in found:
        is_instant = f.target in kinds and kinds[f.target].metadata["kind"] == "timestamp"
        if f is event and hours:
            is_named = plain(hours[0]) in HOUR_HEADERS or hours[0] in used
            f = with_hour(f.target, day, hours[0], table, f.certainty if is_named else "check")
        elif is_instant and is_mostly_clock(table.columns[f.headers[0]]):
            f = with_hour(f.target, day, f.headers[0], table, "likely")
        joined.append(f)
    open_targets = {*kinds} - {*by_target}
    if "checked_out_at" in open_targets and len(hours) > 1:
        joined.append(with_hour("checked_out_at", day, hours[1], table, "check"))
    if "duration_minutes" in open_targets and len(hours) > 1:
        why = _("from one hour to the other")
        joined.append(Found("duration_minutes", hours[:2], "check", why))
    return joined


def with_hour(target: str, day: list[str], hour: str, table: Table, certainty: Certainty) -> Found:
    """A day and its hour as one instant: what counts is how many cells can be read together."""
    headers = [*day, hour]
    cells = pl.DataFrame([table.columns[header].alias(header) for header in headers])
    both = cells.select(pl.concat_str(headers, separator=" ")).to_series().drop_nulls()
    if table.shape.year:
        both = with_year(both, table.shape.year)
    share = float(read_instants(both)[0].is_not_null().mean() or 0)  # type: ignore[arg-type]
    if certainty == "sure" and share < SHARE_READ_WHEN_SURE:
        certainty = "likely"
    why = _("the day joined with its hour; {share} of cells fit").format(share=percent(share))
    return Found(target, headers, certainty, why)
