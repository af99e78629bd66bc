"""What the shape of a file says of its columns, and what a person has to decide before a figure."""

import re

import polars as pl

from flows.intake.read_times import read_dates
from flows.language import _
from flows.onboarding.guess_shape import MOSTLY, is_number, share, sums_of_months
from flows.onboarding.guess_table import Table
from flows.onboarding.guess_words import known_words
from flows.onboarding.guessed import Found, Guess
from flows.onboarding.header_words import MISSING_WORDS, NOT_PEOPLE, TEAM_WORDS, plain
from flows.shape import HEADERS_OF
from schemas import FEEDS
from schemas.codes import AttendanceStatus, Role

FEWEST_GROUPS, FEWEST_MONTHS = 2, 3
GROUP = re.compile(
    r"\bans\b|\b\d{1,2} \d{2}\b|\b(?:moins|plus) de \d|retraite|etudiant|scolarise|sans emploi"
    r"|en emploi|chomeur|demandeur|senior|jeune|adulte|enfant|femme|homme"
)
"""The words of groups of people in a header, as `plain` gives it."""


def of_its_shape(table: Table, feed: str) -> list[Found]:
    """What the shape of the file says: a day in several columns, counts in several."""
    found = []
    if table.shape.day:
        found.append(
            Found(FEEDS[feed].event, table.shape.day, "likely", _("days, as people write them"))
        )
    if table.shape.sums:
        found.append(
            Found("headcount", table.shape.sums, "check", _("numbers of people, to be added up"))
        )
    if "gender" in table.shape.values:
        found.append(Found("gender", ["Genre"], "sure", _("women and men are counted apart")))
    return found


def settle(guess: Guess) -> None:
    """What a person has to know or to decide before a figure is made of this guess."""
    refuse_sums_of_months(guess)
    shape, targets = guess.table.shape, {found.target: found for found in guess.found}
    groups = [header for header in guess.unused if is_of_a_group(header, guess)]
    guess.groups = groups if len(groups) >= FEWEST_GROUPS else []
    heads = targets.get("headcount")
    if heads is not None:
        cells = pl.concat([guess.table.columns[header] for header in heads.headers])
        words = [w for w in cells.drop_nulls().unique().sort() if w.lower() in MISSING_WORDS]
        if words:
            shape.keys["missing"] = words
    if guess.feed == "attendance":
        leave_cancelled(guess)
    if heads is None and guess.feed != "employment" and not is_of_people(targets):
        guess.numbers = [header for header in guess.unused if counts_somebody(header, guess)]
        if guess.feed == "attendance" and any(is_of_team(header) for header in guess.unused):
            guess.constants["role"] = Role.STAFF.value


def refuse_sums_of_months(guess: Guess) -> None:
    """Raises ConfigurationError where each row is a month: its name, or its first day."""
    days = [found for found in guess.found if found.target == FEEDS[guess.feed].event]
    if FEEDS[guess.feed].lasts:
        return
    if not days and any(
        share(cells, HEADERS_OF["months"]) > MOSTLY for cells in guess.table.columns.values()
    ):
        raise sums_of_months()
    if days and len(days[0].headers) == 1 and any(f.target == "headcount" for f in guess.found):
        seen = read_dates(guess.table.columns[days[0].headers[0]]).drop_nulls()
        if seen.n_unique() >= FEWEST_MONTHS and bool((seen.dt.day() == 1).all()):
            raise sums_of_months()


def is_of_a_group(header: str, guess: Guess) -> bool:
    """How many were of an age, or a status: without who they were."""
    cells = guess.table.columns.get(header)
    return cells is not None and bool(GROUP.search(plain(header))) and is_number(cells)


def leave_cancelled(guess: Guess) -> None:
    """A column that is filled only where somebody cancelled: those rows are left out."""
    status = {found.headers[0]: found for found in guess.found
              if found.target == "attendance_status"}  # fmt: skip
    for header in [*status, *guess.unused]:
        cells = guess.table.columns.get(header)
        if cells is None or not cells.null_count() or header == guess.cell_to:
            continue
        known = known_words("attendance_status", AttendanceStatus.values(), header)
        words = cells.drop_nulls().unique().sort()
        away = [word for word in words if known.exact(word) not in (None, "present")]
        if away and len(away) == len(words):
            guess.found = [found for found in guess.found if found is not status.get(header)]
            guess.unused = [unused for unused in guess.unused if unused != header]
            guess.table.shape.keys["where_not"] = {header: away}
            return


def is_of_team(header: str) -> bool:
    return bool({*plain(header).split()} & TEAM_WORDS)


def is_of_people(targets: dict[str, Found]) -> bool:
    """Is each row somebody, who is named or numbered?"""
    return any(target.startswith("identity.") for target in targets)


def counts_somebody(header: str, guess: Guess) -> bool:
    """A column that is not read, of whole numbers that could be people."""
    cells = guess.table.columns.get(header)
    is_telling = not {*plain(header).split()} & NOT_PEOPLE
    return cells is not None and is_telling and is_number(cells)
