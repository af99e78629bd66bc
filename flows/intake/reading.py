"""What reading a delivery means: its rows in the words of the contract, and judged."""

from dataclasses import replace
from datetime import datetime

import polars as pl

from flows.errors import BatchRefused
from flows.intake.columns import Columns
from flows.intake.forgotten import IsOf
from flows.intake.landing import Batch
from flows.intake.lost import with_days
from flows.intake.mapping import Mapped, map_rows
from flows.intake.pseudonym import Pseudonym
from flows.intake.shared_addresses import Addresses
from flows.intake.validate import Judged, broken_rejects, judge_rows
from flows.language import _
from flows.places import Place
from flows.records import Page
from flows.sources import Source


def refuse_empty(batch: Batch) -> None:
    """Raises BatchRefused for a file of no bytes."""
    if batch.is_empty:
        raise BatchRefused(
            _("the file is empty"),
            where=f"{batch.place_id}, {batch.shown}",
            remedy=_("export it again; an empty period needs at least its header line"),
        )


def judge_page(
    page: Page,
    place: Place,
    source: Source,
    pseudonym: Pseudonym,
    as_of: datetime,
    addresses: Addresses,
    columns: Columns,
    is_of: IsOf | None = None,
) -> Judged:
    """The good rows of a page, and the reasons for all others, broken lines included."""
    mapped = map_rows(page.rows, place, source, pseudonym, as_of, addresses, columns, is_of)
    judged = judge_rows(mapped, source)
    of_people = judged.rejects.filter(pl.col("rule") == "no_direct_identifier")["row_number"]
    if len(of_people):
        columns.take_people(mapped.text.filter(mapped.row_numbers.is_in(of_people.implode())))
    rejects = pl.concat([judged.rejects, broken_rejects(page.broken)])
    if not rejects.is_empty():
        rejects = with_days(rejects, page, mapped.rows, source, pseudonym)
    return without_forgotten(replace(judged, rejects=rejects), mapped)


def without_forgotten(judged: Judged, mapped: Mapped) -> Judged:
    """Nothing of who asked to be forgotten: no row, no reason, no doubt."""
    if mapped.is_forgotten is None or not mapped.is_forgotten.any():
        return judged
    numbers = mapped.row_numbers.filter(mapped.is_forgotten)
    is_theirs = pl.col("row_number").is_in(numbers.implode())
    return Judged(
        judged.good.filter(~is_theirs),
        judged.rejects.filter(~is_theirs),
        judged.doubts.filter(~is_theirs),
        forgotten=len(numbers),
        forgotten_good=judged.good.filter(is_theirs),
    )
