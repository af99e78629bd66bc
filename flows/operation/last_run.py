"""What the last run did, in three sentences: what happened, what to do, what moved.

The state of a run, its page and `impact status` say them; none says more, or otherwise.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from flows.language import N_, _, ngettext
from flows.settings import Settings
from flows.whole_files import written_whole

Ending = Literal["published", "stopped", "rehearsed", "quiet"]
SHOWN = 5
"""So many things to do are said, and how many there are more."""
WHY = {
    "revision": N_("a revision"),
    "definition": N_("another definition"),
    "data": N_("data that arrived"),
    "correction": N_("a correction"),
    "calendar": N_("days that passed"),
    "declaration": N_("what places or network declare"),
    "first": N_("the first release"),
}


@dataclass(frozen=True)
class LastRun:
    """Counts, sentences and codes: nothing of a record."""

    name: str
    ended_at: datetime
    ending: Ending
    release_id: str = ""
    loaded: int = 0
    quarantined: int = 0
    refused: list[str] = field(default_factory=list)
    """Why deliveries were refused as a whole."""
    failed: list[str] = field(default_factory=list)
    """Why sources could not be read, and which critical promises are broken."""
    beyond: list[str] = field(default_factory=list)
    """Places of which more rows were refused than they tolerate."""
    moved: list[tuple[list[str], int]] = field(default_factory=list)
    """Causes that go together, and how many figures they moved."""
    left_out: int = 0
    """Tables that the release leaves out: with its other figures they would say too much."""
    differing: list[str] = field(default_factory=list)
    """Published values that the records of now say otherwise: indicator, territory, period."""
    next_day: date | None = None
    """When days that pass will move a figure."""

    @property
    def moved_figures(self) -> int:
        return sum(count for _causes, count in self.moved)


def happened(run: LastRun) -> str:
    """`60 rows loaded, 29 refused, nothing to publish before 2026-11-15`."""
    said = [
        ngettext("{count} row loaded", "{count} rows loaded", run.loaded).format(count=run.loaded),
        ngettext("1 refused", "{count} refused", run.quarantined).format(count=run.quarantined),
    ]
    if run.refused:
        count = len(run.refused)
        text = ngettext("{count} delivery refused", "{count} deliveries refused", count)
        said.append(text.format(count=count))
    return ", ".join([*said, *filter(None, [ended(run)])])


def ended(run: LastRun) -> str:
    """What became of the figures."""
    if run.ending == "stopped":
        return _("the last release stays")
    if run.ending == "rehearsed":
        return ""
    if run.ending == "published" and run.moved:
        return _("release {id}").format(id=run.release_id)
    if run.next_day:
        return _("nothing to publish before {day:%Y-%m-%d}").format(day=run.next_day)
    return _("nothing to publish")


def to_do(run: LastRun) -> list[str]:
    """What somebody has to look at, the most pressing first."""
    said = [*run.failed, *run.refused]
    said += [
        _("{place}: more rows were refused than it tolerates: impact rejects --place {place}")
        .format(place=place) for place in run.beyond
    ]  # fmt: skip
    if run.quarantined:
        text = ngettext(
            "{count} row to correct: impact rejects", "{count} rows to correct: impact rejects",
            run.quarantined,
        )  # fmt: skip
        said.append(text.format(count=run.quarantined))
    if run.differing:
        count = len(run.differing)
        text = ngettext(
            "{count} published value is another by the records of now ({first}): it stands "
            "until impact revise",
            "{count} published values are others by the records of now ({first}, …): they "
            "stand until impact revise",
            count,
        )  # fmt: skip
        said.append(text.format(count=count, first=run.differing[0]))
    if len(said) > SHOWN:
        said = [*said[:SHOWN], _("… and {count} more").format(count=len(said) - SHOWN)]
    return said or [_("nothing to do")]


def what_moved(run: LastRun) -> str:
    """`12 figures moved: 8 by data that arrived, 4 by days that passed`."""
    count = run.moved_figures
    if not count:
        return _("no published figure moved")
    text = ngettext("{count} figure moved: {why}", "{count} figures moved: {why}", count)
    why = (
        _("{count} by {why}").format(count=one, why=reasons(causes)) for causes, one in run.moved
    )
    return text.format(count=count, why=", ".join(why))


def what_is_left_out(run: LastRun) -> list[str]:
    """`2 tables are left out`, and where they are named; nothing where there is none."""
    if not run.left_out:
        return []
    text = ngettext(
        "{count} table is left out: with the others it would say too much (see gate.json)",
        "{count} tables are left out: with the others they would say too much (see gate.json)",
        run.left_out,
    )
    return [text.format(count=run.left_out)]


def reasons(causes: Iterable[str]) -> str:
    return _(" and ").join(_(WHY[cause]) for cause in causes)


def lines(run: LastRun) -> list[str]:
    """All of it, as `impact status` begins."""
    first = _("{name}, ended {at:%Y-%m-%d %H:%M}: {what}").format(
        name=run.name, at=run.ended_at, what=happened(run)
    )
    tasks = (f"  → {one}" for one in to_do(run))
    return [first, *tasks, what_moved(run), *what_is_left_out(run)]


def kept(settings: Settings) -> Path:
    return settings.home / "last-run.json"


def keep(settings: Settings, run: LastRun) -> None:
    with written_whole(kept(settings)) as unfinished:
        unfinished.write_text(json.dumps(asdict(run), default=str, ensure_ascii=False))


def last_run(settings: Settings) -> LastRun | None:
    """What the last run kept of itself; None before the first, or where it cannot be read."""
    try:
        told = json.loads(kept(settings).read_text())
        at, next_day = told.pop("ended_at"), told.pop("next_day")
        day = date.fromisoformat(next_day) if next_day else None
        return LastRun(**told, ended_at=datetime.fromisoformat(at), next_day=day)
    except (OSError, ValueError, TypeError, KeyError):
        return None
