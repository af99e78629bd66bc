"""What the columns of an unknown file could be: by their headers, then by what the cells look like.

Everything here proposes; `impact check-source` and the person who reads the TOML decide.
"""

import difflib
from dataclasses import replace

import polars as pl

from flows.connectors._peek import Grid
from flows.errors import ConfigurationError
from flows.intake.cast import READERS
from flows.language import _
from flows.onboarding.guess_cells import (
    LEAST_SHARE_READ,
    MOST_WORDS_OF_A_LIST,
    is_mostly_clock,
    percent,
    share_read,
)
from flows.onboarding.guess_header import synonyms
from flows.onboarding.guess_hours import SHARE_READ_WHEN_SURE, join_hours
from flows.onboarding.guess_open import of_its_shape, settle
from flows.onboarding.guess_table import Table, find_table
from flows.onboarding.guess_words import Words, propose_words
from flows.onboarding.guessed import Certainty, Found, Guess
from flows.onboarding.header_words import (
    DOUBTFUL,
    FREE_TEXT,
    IDENTITY_HEADERS,
    KINDS,
    plain,
)
from flows.shape import SHEET
from flows.spelling import closest
from schemas import CONTRACTS, FEEDS
from schemas.fields import MADE_HERE
from schemas.record import codes_of, stored_columns
from schemas.template import PAYROLL_MARK, TEMPLATES, template_of

SHORTEST_TELLING_WORD = 5
"""In a longer header, `courriel` says something, `nom` or `date` do not."""
NEAR_HEADER, HEADER_WITH_MORE = 0.85, 0.86
LEAST_SHARE_WITHOUT_HEADER = 0.95
SUBJECTS = ("service_code", "operator_code", "space_code", "theme_code")
"""Lists that share words: `Impôts` is a service to some, an operator to others."""
FEWEST_WORDS = 2
NAMES = ("identity.last_name", "identity.first_name")


def sheet_of_the_kit(grids: list[Grid]) -> tuple[str, Grid] | None:
    """The name of the template that a sheet of the file was made from, and that sheet."""
    for grid in grids:
        if grid.rows and (name := template_of(grid.sheet, grid.rows[0])):
            return name, grid
    return None


def guess_source(grids: list[Grid], feed: str, name: str, sheet: str | None = None) -> Guess:
    """The likeliest mapping, or the template of the kit that needs none.

    Raises ConfigurationError where no header line is recognised, and where a sheet of the kit is
    of another feed.
    """
    if kit := sheet_of_the_kit(grids):
        template, grid = kit
        if TEMPLATES[template].feed != feed:
            raise ConfigurationError(
                _("the template {given!r} is one of feed {feed!r}").format(
                    given=template, feed=TEMPLATES[template].feed
                ),
                where=name,
                remedy=_("leave --feed out: the sheet says what it is about"),
            )
        made_by_us = PAYROLL_MARK in grid.rows[0]
        template = "paie" if made_by_us else template
        return Guess(feed, Table(grid.sheet, 1, {}), template=template, is_of_payroll=made_by_us)
    table = find_table(grids, feed, name, sheet)
    guess = Guess(feed, table, others=table.others)
    found = of_its_shape(table, feed) + by_header(table, feed)
    guess.found = join_hours(found + by_cells(table, feed, found), table, feed)
    order = list(table.columns)
    guess.found.sort(key=lambda found: order.index(found.headers[0]))
    used = {header for found in guess.found for header in found.headers}
    guess.unused = [h for h in table.columns if h not in used and h != SHEET] + table.repeated
    guess.missing = [
        name
        for name, column in stored_columns(CONTRACTS[feed]).items()
        if is_required(name, feed) and column.metadata["kind"] not in MADE_HERE
        and name != "record_id" and name not in {found.target for found in guess.found}
    ]  # fmt: skip
    settle(guess)
    guess_words(guess)
    return guess


def guess_words(guess: Guess) -> None:
    """The codes of the words in the columns that have a list of codes."""
    targets = {found.target: found.headers for found in guess.found}
    columns = guess.table.columns
    people = [columns[h] for t, hs in targets.items() if t.startswith("identity.") for h in hs]
    for target, headers in targets.items():
        column = stored_columns(CONTRACTS[guess.feed]).get(target)
        if column is None or not codes_of(column):
            continue
        words = propose_words(target, codes_of(column), headers[0], columns[headers[0]], people)
        told = guess.table.shape.values.get(target, {})
        if headers == [guess.header_to]:  # its words are headers, which are shown anyway
            words = all_shown(words, columns[headers[0]])
        guess.values[target] = words.codes | told
        guess.near_words[target] = [word for word in words.near if word not in told]
        guess.undecided_words[target] = [word for word in words.undecided if word not in told]
        guess.hidden_words[target] = 0 if told else words.hidden


def all_shown(words: Words, cells: pl.Series) -> Words:
    """The same with every word that has no code."""
    others = [word for word in cells.unique(maintain_order=True) if word not in words.codes]
    return replace(words, undecided=others, hidden=0)


def by_header(table: Table, feed: str) -> list[Found]:
    """Each header for at most one target, the best pairs first; the cells must agree."""
    pairs = []
    told = {found.target: found.headers for found in of_its_shape(table, feed)}
    taken = {SHEET, *(header for headers in told.values() for header in headers)}
    columns = [h for h in table.columns if h not in taken and not is_free_text(h)]
    targets = {target: words for target, words in synonyms(feed).items() if target not in told}
    for header in columns:
        cells = table.columns[header]
        for target, words in targets.items():
            likeness = header_likeness(plain(header), words)
            if not likeness or is_of_another_kind(target, header, likeness, cells, feed):
                continue
            share = share_read(target, cells, feed, header)
            if share >= LEAST_SHARE_READ or (
                likeness == 1 and is_known_by_header(target, cells, feed, share)
            ):
                rank = words.index(plain(header)) / 1000 if likeness == 1 else 0
                pairs.append((likeness + share / 2 - rank, header, target, likeness, share))
    found: dict[str, Found] = {}
    used: set[str] = set()
    for _weight, header, target, likeness, share in sorted(pairs, key=lambda pair: -pair[0]):
        if header in used or target in found:
            continue
        used.add(header)
        certainty = certainty_of(likeness, share, is_required(target, feed))
        if plain(header) in DOUBTFUL:
            certainty = "check"
        why = _("the header; {share} of cells fit")
        if not table.columns[header].count():
            certainty, why = "check", _("the header; no cell is filled")
        elif likeness < 1:
            why = _("a header like it; {share} of cells fit")
        found[target] = Found(target, [header], certainty, why.format(share=percent(share)))
    return list(found.values())


def is_known_by_header(target: str, cells: pl.Series, feed: str, share: float) -> bool:
    """The very header: of a list with words of its own; of the day; of the end of what lasts."""
    if target in SUBJECTS and not share and is_of_another_subject(target, cells, feed):
        return False
    if is_short_list(target, cells, feed):
        return not any(
            share_read(other, cells, feed) >= LEAST_SHARE_WITHOUT_HEADER
            for other, column in stored_columns(CONTRACTS[feed]).items()
            if other not in (target, "identity_kind", *SUBJECTS) and codes_of(column)
        )
    if target == FEEDS[feed].ends:
        return not cells.count()
    return target == FEEDS[feed].event and share > 0


def is_of_another_subject(target: str, cells: pl.Series, feed: str) -> bool:
    """`CAF` and `Impôts` under `Motif` are operators and no services."""
    if cells.drop_nulls().n_unique() < FEWEST_WORDS:
        return False
    others = {*SUBJECTS} & {*stored_columns(CONTRACTS[feed])} - {target}
    return any(share_read(one, cells, feed) >= LEAST_SHARE_WITHOUT_HEADER for one in others)


def certainty_of(likeness: float, share: float, is_needed: bool) -> Certainty:
    if share < LEAST_SHARE_READ:
        return "check" if is_needed else "decide"
    if likeness < 1:
        return "check"
    return "sure" if share >= SHARE_READ_WHEN_SURE else "likely"


def is_required(target: str, feed: str) -> bool:
    column = stored_columns(CONTRACTS[feed]).get(target)
    return column is not None and not column.nullable and column.metadata["default"] is None


def is_short_list(target: str, cells: pl.Series, feed: str) -> bool:
    """A list of codes, where the file has a list of words of its own."""
    column = stored_columns(CONTRACTS[feed]).get(target)
    is_list = column is not None and bool(codes_of(column))
    return is_list and 0 < cells.drop_nulls().n_unique() <= MOST_WORDS_OF_A_LIST


def is_of_another_kind(
    target: str, header: str, likeness: float, cells: pl.Series, feed: str
) -> bool:
    """A header that only resembles: of kinds of people, or a question that is answered."""
    if likeness == 1:
        return False
    is_kind = target in NAMES and bool({*plain(header).split()} & KINDS)
    return is_kind or is_answer_to_its_header(target, cells, feed)


def is_answer_to_its_header(target: str, cells: pl.Series, feed: str) -> bool:
    """A `oui` says what its header asks: under “Payé ?” it is neither a code nor a name."""
    column = stored_columns(CONTRACTS[feed]).get(target)
    is_word = target in NAMES or (column is not None and bool(codes_of(column)))
    return is_word and bool(READERS["boolean"](cells.drop_nulls()).is_not_null().any())


def is_free_text(header: str) -> bool:
    if plain(header) in IDENTITY_HEADERS["email"]:  # an address, but of the kind that is known
        return False
    return any(word.startswith(FREE_TEXT) for word in plain(header).split())


def header_likeness(header: str, words: tuple[str, ...]) -> float:
    if header in words:
        return 1.0
    spoken = set(header.split())
    if any(spoken > set(word.split()) for word in words if len(word) >= SHORTEST_TELLING_WORD):
        return HEADER_WITH_MORE
    near = closest(header, words, NEAR_HEADER)
    return difflib.SequenceMatcher(None, header, near).ratio() if near else 0.0


def by_cells(table: Table, feed: str, found: list[Found]) -> list[Found]:
    """Where no header helped: addresses, then the day, communes and codes that fit one column."""
    used = {header for f in found for header in f.headers} | {SHEET}
    taken = {f.target for f in found}
    stored = stored_columns(CONTRACTS[feed])
    targets = ["identity.email", FEEDS[feed].event, "home_commune"]
    targets += [name for name, column in stored.items() if codes_of(column)]
    more: dict[str, list[str]] = {}
    for header, cells in table.columns.items():
        if header in used or is_free_text(header) or cells.drop_nulls().n_unique() < 2:
            continue
        fitting = [
            target for target in targets
            if target not in taken and target != "identity_kind" and not is_mostly_clock(cells)
            and not is_answer_to_its_header(target, cells, feed)
            and share_read(target, cells, feed) >= LEAST_SHARE_WITHOUT_HEADER
        ]  # fmt: skip
        if len(fitting) == 1:
            more.setdefault(fitting[0], []).append(header)
    return [
        Found(target, headers, "check", _("the cells alone"))
        for target, headers in more.items()
        if len(headers) == 1
    ]
