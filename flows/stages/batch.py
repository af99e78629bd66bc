"""Load one batch: parse, pseudonymise, judge, load, settle; all of it or nothing."""

import logging
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime

import duckdb
import polars as pl

from flows import connectors
from flows.declaration import Declared
from flows.errors import BatchRefused
from flows.intake import accounts, coverage, ledger, load, lost, old_records, rejects, removal
from flows.intake.column_history import remember_columns, what_others_showed
from flows.intake.columns import Columns, ReadOtherwise, columns_of
from flows.intake.forgotten import IsOf
from flows.intake.landing import Batch
from flows.intake.pseudonym import Pseudonym
from flows.intake.reading import judge_page, refuse_empty
from flows.intake.shared_addresses import Addresses, AddressIsShared, known_addresses, remember
from flows.intake.validate import Judged, must_number_each
from flows.language import LANGUAGE, _
from flows.places import Place
from flows.records import Declares, Page
from flows.shown_names import name_digest, shown_sheet
from flows.sources import IdentityRule, Source
from flows.warehouse.database import transaction
from schemas import FEEDS

MOST_REFUSED, MOST_REFUSED_ALONE = 500_000, 100_000
"""Nobody corrects so many rows, and each takes memory until the delivery is settled."""

logger = logging.getLogger("impact")


def load_batch(
    warehouse: duckdb.DuckDBPyConnection,
    place: Place,
    source: Source,
    batch: Batch,
    pseudonym: Pseudonym,
    as_of: datetime,
    *,
    is_of: IsOf | None = None,
    keep_from: date | None = None,
) -> ledger.Attempt:
    """One batch in one transaction, page by page; `is_of` says whose rows are not taken,
    `keep_from` from which day on records are kept.

    A delivery that shows that an address is several people's is read once more, from its beginning:
    its first rows took it for a person. So is one with a column that is not written as it was read.
    """
    refuse_empty(batch)
    columns = columns_of(source, batch, as_of.year % 100, what_others_showed(warehouse, batch))
    addresses = known_addresses(warehouse, place.id)
    while True:
        try:
            return load_pages(
                warehouse, place, source, ledger.Attempt(batch, as_of), pseudonym, addresses,
                columns, is_of, keep_from,
            )  # fmt: skip
        except ReadOtherwise:
            addresses = known_addresses(warehouse, place.id)
        except AddressIsShared:
            logger.debug("%s: an address is several people's", batch.batch_id)
        columns.begin_again()


def load_pages(
    warehouse: duckdb.DuckDBPyConnection,
    place: Place,
    source: Source,
    attempt: ledger.Attempt,
    pseudonym: Pseudonym,
    addresses: Addresses,
    columns: Columns,
    is_of: IsOf | None,
    keep_from: date | None,
) -> ledger.Attempt:
    """All or nothing; raises AddressIsShared or ReadOtherwise where it has to be read again."""
    batch = attempt.batch
    sessions: coverage.Sessions = {}
    whole = removal.Whole(load.knows_any(warehouse, place.id, source))
    attempt.goes_on = coverage.may_go_on(source, batch)
    attempt.name_digest = name_digest(batch.file_name, pseudonym)
    read = connectors.read(source, batch.payload, batch.file_name)
    hopes = Hopes(f"{place.id}, {batch.shown}")
    with transaction(warehouse), closing(read) as pages:
        for page in pages:
            judged = judge_page(
                page, place, source, pseudonym, attempt.as_of, addresses, columns, is_of
            )
            columns.glance()
            hopes.look(judged)
            good = take_page(warehouse, attempt, page, judged, place, source, whole)
            whole.take(warehouse, page)
            attempt.is_part |= page.is_part
            if attempt.goes_on:
                attempt.goes_on = not coverage.shows_an_end(good, source, batch)
            addresses.note(warehouse)
            sessions = coverage.merge_sessions(sessions, shown(good, judged, batch, source))
            logger.info("%s · %s · %d", place.name, source.id, attempt.rows_in)
        columns.settle()
        remember_columns(warehouse, batch, columns)
        if must_number_each(source):
            load.refuse_numbers_of_several(warehouse, attempt, source)
        addresses.settle(warehouse)
        remember(warehouse, attempt, addresses)
        attempt.on_closures = presence_on_closures(sessions, place, source)
        proof = coverage.proven_days(
            sessions, source, batch, attempt.as_of,
            is_part=attempt.is_part, goes_on=attempt.goes_on,
        )  # fmt: skip
        rejects.close_rejects(warehouse, attempt, source, proof)
        removal.remove_vanished(warehouse, attempt, source, proof, whole)
        identities = identities_kept(place, source)
        if whole.knows_any and identities and declares(source).accounts_stay:
            accounts.follow_people(warehouse, attempt, identities)
        load.resolve_versions(warehouse, attempt, identities)
        proof = old_records.leave_out_old(warehouse, attempt, proof, keep_from)
        ledger.settle(warehouse, attempt, proof)
    return attempt


def shown(good: pl.DataFrame, judged: Judged, batch: Batch, source: Source) -> coverage.Sessions:
    """What good rows show of days and sessions, with those of who asked to be forgotten."""
    if not judged.forgotten_good.is_empty():
        theirs = coverage.inside_window(judged.forgotten_good, source, batch)
        good = pl.concat([good, theirs], how="diagonal")
    return coverage.sessions_with_records(good, source)


@dataclass
class Hopes:
    """Can anything of a delivery be loaded? Refusing each of millions of rows takes hours."""

    where: str
    good: int = 0
    refused: int = 0

    def look(self, judged: Judged) -> None:
        """Raises BatchRefused where many rows were refused: fewer, as long as none was good."""
        self.good += len(judged.good)
        self.refused += judged.rejects["row_number"].n_unique()
        if self.refused < (MOST_REFUSED if self.good else MOST_REFUSED_ALONE):
            return
        what = _("none of its first {count} rows can be loaded; mostly: {sentence}")
        if self.good:
            what = _("{count} of its rows cannot be loaded; mostly: {sentence}")
        reasons = judged.rejects[f"sentence_{LANGUAGE}"].value_counts(sort=True)
        raise BatchRefused(
            what.format(count=self.refused, sentence=reasons.item(0, 0)),
            where=self.where,
            remedy=_("check that it is the right file, and the mapping in the TOML"),
        )


def identities_kept(place: Place, source: Source) -> list[IdentityRule]:
    """The place's identities, the strongest first, where a record stays with who it was of.

    Those alone that the source may have: what a place maps no more is not to be known any more.
    """
    if not declares(source).has_accounts:
        return []
    return [rule for rule in place.identity_order if rule in source.identity.kinds()]


def declares(source: Source) -> Declares:
    found: Declares | None = getattr(connectors.connector(source.connector), "DECLARES", None)
    return found or Declares(Declared)


def presence_on_closures(sessions: coverage.Sessions, place: Place, source: Source) -> list[date]:
    """Days of closure on which somebody was there; a contract runs through closures."""
    if FEEDS[source.feed].lasts:
        return []
    return [day for (day, _), seen in sessions.items() if seen and place.is_closure(day)]


def take_page(
    warehouse: duckdb.DuckDBPyConnection,
    attempt: ledger.Attempt,
    page: Page,
    judged: Judged,
    place: Place,
    source: Source,
    whole: removal.Whole,
) -> pl.DataFrame:
    """Load what was judged of one page; return the rows that were good."""
    good = coverage.inside_window(judged.good, source, attempt.batch)
    rejects = lost.inside_window(judged.rejects, attempt.batch)
    attempt.rows_in += page.records
    attempt.is_whole &= page.is_whole
    not_asked = len(judged.good) - len(good)
    not_asked += judged.rejects["row_number"].n_unique() - rejects["row_number"].n_unique()
    attempt.not_asked += not_asked
    attempt.ignored += page.ignored + not_asked + judged.forgotten
    attempt.forgotten += judged.forgotten
    attempt.outside += outside_use(good, place, source)
    # of all days, also those that nobody asked for: a row without a day may be of any
    attempt.dated += lost.dated(judged.good, source)
    if not judged.rejects.is_empty():
        no_records = rejects.filter(~pl.col("is_record"))["row_number"].n_unique()
        attempt.not_records += no_records
        attempt.ignored += no_records
        attempt.dated += lost.dated_rejects(judged.rejects)
    sheet = shown_sheet(page.sheet, source, page.sheet_number)
    if sheet != page.sheet and not rejects.is_empty():
        attempt.sheets[sheet] = page.sheet
    load.quarantine(warehouse, attempt, sheet, rejects)
    load.note_doubts(attempt, judged.doubts)
    if not source.columns.get("record_id"):
        good = load.number_by_content(warehouse, attempt.batch, good)
    if whole.knows_any and (source.delivery != "append" or page.whole_from is not None):
        # a row that is refused has not vanished
        removal.note_delivered(warehouse, good["record_id"])
        removal.note_delivered(warehouse, judged.rejects["record_id"])
    load.append_page(warehouse, attempt, good, source)
    return good


def outside_use(rows: pl.DataFrame, place: Place, source: Source) -> int:
    """Records of days for which the source does not speak; a contract speaks for all its days."""
    if FEEDS[source.feed].lasts:
        return 0
    first, last = place.days_of_use(source)
    days = coverage.event_days(rows, source.feed)
    return len(rows) - int(days.is_between(first or date.min, last or date.max).sum())
