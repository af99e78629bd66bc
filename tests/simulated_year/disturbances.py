"""What goes wrong on the way: each disturbance turns one month of a tool into the files that come.

All of them end with what is true: the last word on every record is the true one, by the rules that
docs/places.md gives for the tool's way of delivering. Two nights belong to a month.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

from tests.simulated_year.files import Arrival, night_of
from tests.simulated_year.truth import MONTHS, Line, Style, Tool, add_months, last_day

LAST_NIGHT = 25
"""The second night after January of the next year: until then all that is ever sent has come."""
Disturbance = Callable[[random.Random, Tool, int], list[Arrival]]


def as_of(night: int) -> datetime:
    """The first night is that of 3 February, the second that of the 10th."""
    month = add_months(MONTHS[0], night // 2 + 1)
    return night_of(datetime(month.year, month.month, 10 if night % 2 else 3))


def file_name(tool: Tool, month: date, mark: str = "") -> str:
    suffix = "xlsx" if tool.style.template else "csv"
    return f"{tool.id}-{mark}{last_day(month)}.{suffix}"


def clean(tool: Tool, number: int, night: int, mark: str = "") -> Arrival:
    """The true delivery of the tool's month of this number."""
    month = tool.delivered[number]
    lines = tuple(tool.known_in(month))
    return Arrival(night, tool, file_name(tool, month, mark), lines, is_accepted=True)


def due(tool: Tool, number: int) -> int:
    """The first night after the month."""
    month = tool.delivered[number]
    return 2 * (month.month - 1)


def on_time(rng: random.Random, tool: Tool, number: int) -> list[Arrival]:
    return [clean(tool, number, due(tool, number))]


def late(rng: random.Random, tool: Tool, number: int) -> list[Arrival]:
    """After the deliveries of later months."""
    return [clean(tool, number, due(tool, number) + 2 * rng.randint(1, 4))]


def skipped(rng: random.Random, tool: Tool, number: int) -> list[Arrival]:
    """The next dump has it all."""
    return []


def old_dump_later(rng: random.Random, tool: Tool, number: int) -> list[Arrival]:
    """The dump of this month comes after that of the next one, and before the one after it."""
    return [clean(tool, number, due(tool, number) + 3)]


def twice(rng: random.Random, tool: Tool, number: int) -> list[Arrival]:
    """The same content again, under another name, at once or months later."""
    night = due(tool, number)
    again = clean(tool, number, night + rng.choice((0, 1, 5)), "copie-")
    return [clean(tool, number, night), again]


def corrected(rng: random.Random, tool: Tool, number: int) -> list[Arrival]:
    """Rows that are refused, wrong or of no record, then the right file under the same name."""
    right = clean(tool, number, due(tool, number) + 1)
    lines = tuple(broken(rng, tool, right.lines))
    wrong = replace(right, night=right.night - 1, lines=lines, is_accepted=False)
    return [wrong, right]


def corrected_elsewhere(rng: random.Random, tool: Tool, number: int) -> list[Arrival]:
    """The refused rows come again alone, in a file of another name."""
    right = clean(tool, number, due(tool, number))
    rows = range(len(right.lines))
    if tool.style.coverage == "span":  # the first and last row say of which days a file speaks
        rows = rows[1:-1]
    chosen = set(rng.sample(rows, min(2, len(rows))))
    lines = [unreadable(x) if n in chosen else x for n, x in enumerate(right.lines)]
    alone = tuple(line for n, line in enumerate(right.lines) if n in chosen)
    later = Arrival(
        right.night + rng.choice((1, 2, 4)), tool,
        file_name(tool, tool.delivered[number], "corrections-"), alone,
    )  # fmt: skip
    return [replace(right, lines=tuple(lines)), later]


def half_first(rng: random.Random, tool: Tool, number: int) -> list[Arrival]:
    """Half of a new file, then all of it. Half a dump is refused once much is known."""
    right = clean(tool, number, due(tool, number) + 1)
    half = right.lines[: len(right.lines) // 2]
    return [replace(right, night=right.night - 1, lines=half, is_accepted=False), right]


def half_after(rng: random.Random, tool: Tool, number: int) -> list[Arrival]:
    """All of it, then a third of it under another name: refused where it would remove the rest."""
    right = clean(tool, number, due(tool, number))
    third = right.lines[: max(1, len(right.lines) // 3)]
    name = file_name(tool, tool.delivered[number], "partiel-")
    is_refused = tool.style.replaces and len(right.lines) - len(third) > 0.3 * len(right.lines)
    partial = Arrival(right.night + 1, tool, name, third, is_refused=is_refused)
    return [right, partial, replace(right, night=right.night + 2, name=name)]


def inflated(rng: random.Random, tool: Tool, number: int) -> list[Arrival]:
    """Too much, then what is right: refused, since much would go, until the operator says yes."""
    right = clean(tool, number, due(tool, number) + 1)
    invented = [spurious(line, n) for n, line in enumerate(right.lines)]
    wrong = replace(right, night=right.night - 1, lines=(*right.lines, *invented))
    return [wrong, replace(right, is_refused=bool(right.lines))]


def stale(rng: random.Random, tool: Tool, number: int) -> list[Arrival]:
    """An older version of the month comes after the newer one; its tool says when each changed."""
    right = clean(tool, number, due(tool, number))
    old = tuple(miscounted(line) for line in right.lines[::2])
    name = file_name(tool, tool.delivered[number], "ancien-")
    return [right, Arrival(right.night + rng.choice((1, 2, 6)), tool, name, old)]


def withdrawn(rng: random.Random, tool: Tool, number: int) -> list[Arrival]:
    """A record that never was, which the tool marks as deleted later."""
    right = clean(tool, number, due(tool, number))
    ghost = spurious(right.lines[0], 0)
    gone = Arrival(
        right.night + rng.choice((1, 2)), tool,
        file_name(tool, tool.delivered[number], "annulations-"),
        (replace(ghost, is_deleted=True),),
    )  # fmt: skip
    return [replace(right, lines=(*right.lines, replace(ghost, is_old=True))), gone]


def broken(rng: random.Random, tool: Tool, lines: tuple[Line, ...]) -> list[Line]:
    """False versions of some lines, as far as the right file can make up for them."""
    style = tool.style
    faults = [unreadable]
    if style.replaces or style.has_numbers:
        faults += [miscounted]
    result = [rng.choice(faults)(line) if rng.random() < 0.25 else line for line in lines]
    if style.replaces and lines:
        result.append(spurious(rng.choice(lines), 1))
    if not style.template and rng.random() < 0.5:
        result.append(Line("Total", lines[-1].day if lines else date(2025, 1, 1), {}))
    if style.has_numbers and not style.template and result and rng.random() < 0.5:
        result[0] = replace(result[0], is_ragged=True)
    return result


def unreadable(line: Line) -> Line:
    """The record with a date that no calendar has."""
    event = next(iter(line.cells))
    at = line.cells[event]
    return replace(line, cells={**line.cells, event: "31/02" + at[5:]}, is_old=True)


def miscounted(line: Line) -> Line:
    """The record with another content: a wrong status, service or number of hours."""
    wrong = {"attendance_status": "present", "service_code": "coworking", "weekly_minutes": "11"}
    changed = {name: text for name, text in wrong.items() if name in line.cells}
    if "service_code" in changed:
        changed["outcome"] = ""
    return replace(line, cells={**line.cells, **changed}, is_old=True)


def spurious(line: Line, number: int) -> Line:
    """A record that never was, on a day that has others."""
    event = next(iter(line.cells))
    day, _, hour = line.cells[event].partition(" ")
    cells = {**line.cells, event: f"{day} 19:{number % 60:02}" if hour else day}
    return replace(line, number=f"X-{line.number}-{number}", cells=cells, person="")


def possible(style: Style) -> list[Disturbance]:
    """What can happen to a tool of this style and still end with what is true."""
    found: list[Disturbance] = [on_time, twice, half_after, half_first, corrected]
    if style.delivery == "snapshot":
        return [*found, skipped, old_dump_later, inflated]
    found.append(late)
    if style.delivery == "period":
        return [*found, inflated]
    if style.has_numbers:
        found.append(corrected_elsewhere)
    if style.has_versions:
        found += [stale, withdrawn]
    return found


def timeline(rng: random.Random, tool: Tool, chosen: list[Disturbance]) -> list[Arrival]:
    """All that comes of a tool, given what happens to each of its months, in the order of nights.

    What comes last of a dump must be its last one, complete.
    """
    final = len(tool.delivered) - 1
    arrivals = []
    for number, disturbance in enumerate(chosen):
        if disturbance is skipped and number == final:
            disturbance = on_time
        if disturbance is old_dump_later and number >= final - 1:
            disturbance = on_time
        arrivals += disturbance(rng, tool, number)
    in_time = [replace(arrival, night=min(arrival.night, LAST_NIGHT)) for arrival in arrivals]
    return sorted(in_time, key=lambda arrival: arrival.night)


def clean_history(tool: Tool) -> list[Arrival]:
    """Every true delivery as it should have come; of dumps the last holds them all."""
    first = len(tool.delivered) - 1 if tool.style.delivery == "snapshot" else 0
    return [clean(tool, number, 0) for number in range(first, len(tool.delivered))]
