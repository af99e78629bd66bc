"""What a declared source would bring, were it collected now. Nothing is written."""

import secrets
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path

import duckdb
import polars as pl

from flows import connectors
from flows.declaration import nearest
from flows.errors import BatchRefused, ConfigurationError, ImpactError
from flows.intake.column_history import learn_from
from flows.intake.landing import Batch
from flows.intake.ledger import Attempt
from flows.intake.own_text import plain_word, says_nothing, words_of
from flows.intake.pseudonym import KEY_BYTES, Pseudonym, place_key, pseudonymiser_of
from flows.intake.read_times import tidy
from flows.intake.validate import no_rejects
from flows.language import _
from flows.onboarding.guess_words import known_words, showable
from flows.onboarding.header_words import HEADERS, plain
from flows.payroll import refuse_payroll_file
from flows.places import Place
from flows.records import Page, Pull
from flows.settings import Settings
from flows.shown_names import hidden
from flows.sources import Source
from flows.stages.batch import load_batch
from flows.stages.collect import (
    is_of_the_batch,
    mark_intolerable,
    what_failed,
)
from flows.stages.receive import recognise, that_came
from flows.stages.request import Request
from flows.stages.source_report import SourceReport
from flows.warehouse.database import open_in_memory, open_warehouse
from schemas import CONTRACTS
from schemas.codes import FALSE_WORDS, TRUE_WORDS
from schemas.record import codes_of, stored_columns

YES_OR_NO = {*TRUE_WORDS, *FALSE_WORDS}


@dataclass
class FileCheck:
    """What would become of one file; `refused` says why none of it would be loaded."""

    attempt: Attempt
    refused: str = ""
    rejects: pl.DataFrame = field(default_factory=no_rejects)
    """One line a reason, as in `ledger.quarantine`."""

    @property
    def name(self) -> str:
        return self.attempt.batch.shown

    @property
    def repeated(self) -> int:
        """Good rows that leave nothing, because another one of their record stays."""
        return self.attempt.duplicates + self.attempt.unchanged + self.attempt.superseded


@dataclass
class CodedCells:
    """The cells of a column of codes: how many are filled, and the words that are no code."""

    filled: int = 0
    refused: dict[str, int] = field(default_factory=dict)


@dataclass
class SourceCheck:
    """What would become of the files of one source in a warehouse that knows none of them."""

    place: Place
    source: Source
    report: SourceReport
    files: list[FileCheck] = field(default_factory=list)
    unmapped_words: dict[str, dict[str, int]] = field(default_factory=dict)
    """Column of the contract → words that are no code, where they can be shown → how often."""
    hidden_words: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Column of the contract → other words without a code: how many, in how many rows."""
    proven_days: list[date] = field(default_factory=list)
    unproven_days: list[date] = field(default_factory=list)
    """Days between the first and the last proven one that are expected and not proven."""

    @property
    def exit_code(self) -> int:
        """As of a run: 1 something failed; 3 a file is refused, or too many rows; else 0.

        3 too while a word has no code: a run would leave its cells out, and say so.
        """
        if self.report.failed:
            return 1
        has_words = bool(self.unmapped_words or self.hidden_words)
        return 3 if has_words or self.report.exceeds_tolerance or self.report.refused else 0


def declared_source(places: dict[str, Place], place_id: str, source_id: str) -> Source:
    """The source of that place; raises ConfigurationError with the nearest name."""
    if place_id not in places:
        raise ConfigurationError(
            _("there is no place {place_id!r}").format(place_id=place_id),
            remedy=nearest(place_id, list(places)),
        )
    sources = {source.id: source for source in places[place_id].sources}
    if source_id not in sources:
        raise ConfigurationError(
            _("{place_id} has no source {source_id!r}").format(
                place_id=place_id, source_id=source_id
            ),
            remedy=nearest(source_id, list(sources)),
        )
    return sources[source_id]


def check_source(place: Place, source: Source, settings: Settings, as_of: datetime) -> SourceCheck:
    """Load every file of the source as the first `impact run` would, into memory.

    How its columns are written is known from what was loaded before, as it is in a run. Raises
    SourceError when the files are not there.
    """
    check = SourceCheck(place, source, SourceReport(place.id, source.feed, source.id))
    pseudonym = pseudonymiser_of(place, settings, key_of(place, settings))
    with tempfile.TemporaryDirectory() as work, open_in_memory(settings, Path(work)) as warehouse:
        learn_columns(warehouse, place, source, settings)
        pull = Pull(place.folder, Path(work), as_of)
        for batch in received(warehouse, check, settings, pull):
            check.files.append(looked_at(warehouse, check, batch, pseudonym, as_of))
        sort_words(check, count_words(check))
        judge_days(warehouse, check)
    mark_intolerable(place, [check.report])
    return check


def learn_columns(
    warehouse: duckdb.DuckDBPyConnection, place: Place, source: Source, settings: Settings
) -> None:
    """What the columns of the source have shown so far, where the warehouse can be read."""
    if settings.warehouse.exists():
        with (
            suppress(ImpactError),  # a run has it open, or the next one upgrades it
            open_warehouse(settings, read_only=True) as known,
        ):
            learn_from(known, warehouse, source, place.id)


def key_of(place: Place, settings: Settings) -> bytes:
    """The key of the place where it has one; else one that nobody keeps."""
    file = settings.key_file(place.id)
    return place_key(file, place.id, None) if file.exists() else secrets.token_bytes(KEY_BYTES)


def received(
    warehouse: duckdb.DuckDBPyConnection, check: SourceCheck, settings: Settings, pull: Pull
) -> list[Batch]:
    """The batches of a first collection, read where they lie: nothing is landed."""
    place, source = check.place, check.source
    request, names = Request(pull.as_of), dict[str, str]()
    return [
        replace(
            recognise(warehouse, delivery, place, source, settings, request, names)[0],
            payload=delivery.path,
        )
        for _shown, delivery in that_came(connectors.fetch(source, pull), source, check.report)
    ]


def looked_at(
    warehouse: duckdb.DuckDBPyConnection, check: SourceCheck, batch: Batch, pseudonym: Pseudonym,
    as_of: datetime,
) -> FileCheck:  # fmt: skip
    """One batch loaded, or why it is not."""
    place, source = check.place, check.source
    try:
        with hidden({batch.file_name: batch.shown}):
            refuse_payroll_file(batch.payload, batch.file_name)
            attempt = load_batch(warehouse, place, source, batch, pseudonym, as_of)
    except BatchRefused as fault:
        check.report.refused.append(str(fault))
        return FileCheck(Attempt(batch, as_of), refused=str(fault))
    except BaseException as fault:
        if not is_of_the_batch(fault):
            raise
        failed = what_failed(place, source, fault)
        check.report.failed.append(f"{batch.shown}: {failed}")
        return FileCheck(Attempt(batch, as_of), refused=failed)
    check.report.add(attempt)
    rejects = warehouse.execute(
        "SELECT * FROM ledger.quarantine WHERE attempt_id = ? ORDER BY rowid", [attempt.attempt_id]
    )
    return FileCheck(attempt, rejects=rejects.pl())


def judge_days(warehouse: duckdb.DuckDBPyConnection, check: SourceCheck) -> None:
    """Which days would be proven, of those for which the source speaks, and which are missing.

    A register of meetings is expected on the days of its meetings alone.
    """
    place, source = check.place, check.source
    days: dict[date, bool] = {}
    proof = warehouse.execute("SELECT day, bool_or(is_recorded) FROM ledger.proof GROUP BY day")
    for day, is_recorded in proof.fetchall():
        if place.is_in_use(source, day):
            days[day] = is_recorded
    check.proven_days = sorted(day for day, is_recorded in days.items() if is_recorded)
    if not check.proven_days:
        return
    expected = set(days)
    if source.coverage != "days_with_presence":
        expected = {*place.expected_days(check.proven_days[0], check.proven_days[-1])}
    missing = expected - {*check.proven_days}
    check.unproven_days = sorted(day for day in missing if place.is_in_use(source, day))


def count_words(check: SourceCheck) -> dict[str, CodedCells]:
    """Every column of codes in which a word is none; the files are read again for their words."""
    coded: dict[str, CodedCells] = {}
    loaded = [file for file in check.files if not file.refused]
    if any(has_unknown_words(file) for file in loaded):
        for file in loaded:
            batch = file.attempt.batch
            for page in connectors.read(check.source, batch.payload, batch.file_name):
                count_unmapped(page, check.source, coded)
    return coded


def has_unknown_words(file: FileCheck) -> bool:
    """Was a row refused for a word that is no code, or a cell left out?"""
    left_out = any(rule == "isin" for _header, _field, rule, *_sentences in file.attempt.doubts)
    return left_out or bool((file.rejects["rule"] == "isin").any())


def sort_words(check: SourceCheck, coded: dict[str, CodedCells]) -> None:
    """Tell apart the words that can be shown and those that could be names."""
    for name, cells in coded.items():
        shown = showable(cells.refused) if is_list(name, cells, check.source) else {}
        hidden = {word: times for word, times in cells.refused.items() if word not in shown}
        if shown:
            check.unmapped_words[name] = shown
        if hidden:
            check.hidden_words[name] = (len(hidden), sum(hidden.values()))


def count_unmapped(page: Page, source: Source, coded: dict[str, CodedCells]) -> None:
    """Add the cells of every column of codes of one page."""
    columns = stored_columns(CONTRACTS[source.feed])
    named = set(source.identity.columns())
    for name, header in source.columns.items():
        if not isinstance(header, str) or header in named or not codes_of(columns[name]):
            continue
        known = words_of(name, columns[name], source)
        counted = coded.setdefault(name, CodedCells())
        cells = tidy(page.rows[header]).drop_nulls()
        counted.filled += len(cells)
        for word, times in cells.value_counts().iter_rows():
            if plain_word(word) not in known and not says_nothing(word, columns[name]):
                counted.refused[word] = counted.refused.get(word, 0) + times


def is_list(name: str, cells: CodedCells, source: Source) -> bool:
    """Do these cells hold a list of words? Elsewhere they may be anything, and are not shown.

    Most are understood; or the header is one of this column, and a word is one that its list is
    known by. A column of names that was mapped by mistake is neither.
    """
    if 2 * sum(cells.refused.values()) < cells.filled:
        return True
    header = str(source.columns[name])
    known = known_words(name, codes_of(stored_columns(CONTRACTS[source.feed])[name]), header)
    is_habit = any(known.exact(word) or plain(word) in YES_OR_NO for word in cells.refused)
    return is_habit and plain(header) in HEADERS.get(name, ())
