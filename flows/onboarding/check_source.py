"""What a declared source would bring, were it collected now. Nothing is written."""

import secrets
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl

from flows import connectors
from flows.declaration import nearest
from flows.errors import BatchRefused, ConfigurationError
from flows.intake import coverage, landing
from flows.intake.cast import FALSE_WORDS, TRUE_WORDS
from flows.intake.pseudonym import KEY_BYTES, pseudonymiser
from flows.intake.reading import judge_page, refuse_empty
from flows.intake.validate import no_rejects
from flows.language import _
from flows.onboarding.guess_words import known_words, showable
from flows.onboarding.header_words import HEADERS, plain
from flows.places import Place
from flows.records import ROW_NUMBER, Delivery, Page, Pull
from flows.settings import Settings
from flows.sources import Source
from schemas import CONTRACTS
from schemas.record import codes_of, stored_columns

YES_OR_NO = {*TRUE_WORDS, *FALSE_WORDS}


@dataclass
class FileCheck:
    """What would become of one file; `refused` says why none of it would be loaded."""

    name: str
    received: int = 0
    good: int = 0
    repeated: int = 0
    """Good rows whose identifier stands on an earlier good row of the file."""
    ignored: int = 0
    quarantined: int = 0
    refused: str = ""
    rejects: pl.DataFrame = field(default_factory=no_rejects)
    """One line a reason."""


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
    files: list[FileCheck] = field(default_factory=list)
    unmapped_words: dict[str, dict[str, int]] = field(default_factory=dict)
    """Column of the contract → words that are no code, where they can be shown → how often."""
    hidden_words: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Column of the contract → other words without a code: how many, in how many rows."""
    proven_days: list[date] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        received = sum(file.received for file in self.files)
        quarantined = sum(file.quarantined for file in self.files)
        is_too_much = quarantined > self.place.tolerated_quarantine_share * received
        return 3 if is_too_much or any(file.refused for file in self.files) else 0

    @property
    def unproven_days(self) -> list[date]:
        """Days between the first and the last proven one that are expected and not proven."""
        if not self.proven_days:
            return []
        expected = self.place.expected_days(self.proven_days[0], self.proven_days[-1])
        missing = {*expected} - {*self.proven_days}
        return sorted(day for day in missing if self.place.is_in_use(self.source, day))


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
    """Read every file of the source as `impact run` would, with a key that nobody keeps.

    Raises SourceError when the files are not there.
    """
    check = SourceCheck(place, source)
    coded: dict[str, CodedCells] = {}
    days: set[date] = set()
    with tempfile.TemporaryDirectory() as work:
        pull = Pull(place.folder, Path(work), as_of)
        for delivery in connectors.fetch(source, pull):
            report = FileCheck(delivery.name)
            check.files.append(report)
            try:
                days |= check_file(delivery, check, report, settings, coded, as_of)
            except BatchRefused as fault:
                report.refused, report.good = str(fault), 0
    for name, cells in coded.items():
        shown = showable(cells.refused) if is_list(name, cells, source) else {}
        hidden = {word: times for word, times in cells.refused.items() if word not in shown}
        if shown:
            check.unmapped_words[name] = shown
        if hidden:
            check.hidden_words[name] = (len(hidden), sum(hidden.values()))
    check.proven_days = sorted(days)
    return check


def check_file(
    delivery: Delivery, check: SourceCheck, report: FileCheck, settings: Settings,
    coded: dict[str, CodedCells], as_of: datetime,
) -> set[date]:  # fmt: skip
    """Count what becomes of the rows of one file; the days that it would prove."""
    place, source = check.place, check.source
    window = (None, None)
    batch = landing.identify(delivery, place, source, window, settings.landing, datetime.now(UTC))
    refuse_empty(batch)
    pseudonym = pseudonymiser(secrets.token_bytes(KEY_BYTES))
    sessions: coverage.Sessions = {}
    ids = []
    with delivery.path.open("rb") as stream:
        for page in connectors.connector(source.connector).parse(stream, batch.file_name, source):
            judged = judge_page(page, place, source, pseudonym, as_of)
            report.received += page.records
            report.ignored += page.ignored
            report.good += len(judged.good)
            report.quarantined += judged.rejects["row_number"].n_unique()
            ids.append(judged.good["record_id"])
            report.rejects = pl.concat([report.rejects, judged.rejects])
            sessions = coverage.merge_sessions(
                sessions, coverage.sessions_with_records(judged.good, source)
            )
            count_unmapped(page, judged.rejects, source, coded)
    report.repeated = report.good - pl.concat(ids).n_unique() if ids else 0
    return set(coverage.proven_days(sessions, source, batch, as_of))


def count_unmapped(
    page: Page, rejects: pl.DataFrame, source: Source, coded: dict[str, CodedCells]
) -> None:
    """Add the cells of every column of codes of one page."""
    columns = stored_columns(CONTRACTS[source.feed])
    named = set(source.identity.columns())
    for name, header in source.columns.items():
        if not isinstance(header, str) or header in named or not codes_of(columns[name]):
            continue
        refused = rejects.filter((pl.col("field") == name) & (pl.col("rule") == "isin"))
        numbers = refused["row_number"].implode()
        cells = page.rows.filter(pl.col(ROW_NUMBER).is_in(numbers))[header].drop_nulls()
        counted = coded.setdefault(name, CodedCells())
        counted.filled += page.rows[header].drop_nulls().len()
        for word, times in cells.str.strip_chars().value_counts().iter_rows():
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
