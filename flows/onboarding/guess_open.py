"""What the shape of a file says of its columns, and what a person has to decide before a figure."""

import re

import polars as pl

from flows.intake.read_times import read_dates
from flows.language import _
from flows.network.make import quoted
from flows.onboarding.guess_shape import sums_of_months
from flows.onboarding.guess_table import Table
from flows.onboarding.guess_turned import MOSTLY, is_number, share
from flows.onboarding.guess_words import known_words
from flows.onboarding.guessed import Found, Guess
from flows.onboarding.header_words import MISSING_WORDS, NOT_PEOPLE, TEAM_WORDS, plain
from flows.shape import HEADERS_OF, listed
from schemas import FEEDS
from schemas.codes import AttendanceStatus, Role

FEWEST_GROUPS, FEWEST_MONTHS = 2, 3
OFTEN_BLANK = 0.2
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
        several = len(table.shape.sums) > 1
        why = _("numbers of people, to be added up") if several else _("numbers of people")
        found.append(Found("headcount", table.shape.sums, "check", why))
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
    if not FEEDS[guess.feed].lasts:
        leave_cancelled(guess)
    carry_what_is_used(guess)
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


def carry_what_is_used(guess: Guess) -> None:
    """Merged cells of columns that are read; where a day is blank without it, that is asked."""
    shape, event = guess.table.shape, FEEDS[guess.feed].event
    used = [header for found in guess.found for header in found.headers]
    carried = [header for header in listed(shape.keys.pop("carried", [])) if header in used]
    if carried:
        shape.keys["carried"] = carried
        return
    [day, *others] = [f.headers for f in guess.found if f.target == event] or [[]]
    if len(day) == 1 and not others and "unpivot" not in shape.keys:
        rest = [guess.table.columns[header] for header in used if header != day[0]]
        says_something = pl.any_horizontal(pl.all().is_not_null())
        cells = guess.table.columns[day[0]]
        cells = (
            cells.filter(pl.DataFrame(rest).select(says_something).to_series()) if rest else cells
        )
        if cells.null_count() > OFTEN_BLANK * len(cells) and cells[:1].count():
            shape.questions.append(
                _("# To decide: {line} (a blank day is the one above)").format(
                    line=f"carried = {quoted(day[0])}"
                )
            )


def leave_cancelled(guess: Guess) -> None:
    """A column that is filled only where somebody cancelled: those rows are left out.

    Where the feed knows no presence, also one that says of each row whether somebody came.
    """
    is_known = guess.feed == "attendance"
    status = {found.headers[0]: found for found in guess.found
              if found.target == "attendance_status" or found.certainty == "decide"}  # fmt: skip
    for header in [*status, *guess.unused]:
        cells = guess.table.columns.get(header)
        if cells is None or (is_known and not cells.null_count()) or header == guess.cell_to:
            continue
        known = known_words("attendance_status", AttendanceStatus.values(), header)
        words = cells.drop_nulls().unique().sort()
        away = [word for word in words if known.exact(word) not in (None, "present")]
        told = len(away) if is_known else sum(map(bool, map(known.exact, words)))
        if away and told == len(words) and (is_known or len(away) < len(words)):
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
