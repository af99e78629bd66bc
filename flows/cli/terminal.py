"""What a user sees in the terminal: progress, tables, the end of a run. Quiet when piped."""

import json
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
from rich.console import Console
from rich.status import Status
from rich.table import Table

from flows.cli.terminal_accounts import source_line
from flows.language import N_, _, ngettext
from flows.settings import Settings
from flows.shown_names import is_numbered
from schemas.rules import RULES

if TYPE_CHECKING:
    from flows.onboarding.import_registry import RegistryReport
    from flows.operation.doctor import Finding
    from flows.runs.report import RunReport
    from flows.stages.source_report import SourceReport

PIPED_WIDTH = 220
SHOWN_DAYS = 5
WORDS = {
        # states of a figure, of a check, of a promise, of a guess
        N_("ok"), N_("not_open"), N_("closed"), N_("not_applicable"), N_("missing"),
        N_("partial"), N_("not_used"), N_("too_early"), N_("identified_per_source"),
        N_("attention"), N_("critical"), N_("warning"), N_("sure"), N_("likely"), N_("check"),
        N_("decide"),
        # headings of the tables of the operator
        N_("place_id"), N_("feed"), N_("source_id"), N_("batches"), N_("received"), N_("records"),
        N_("open_rejects"), N_("recorded_days"), N_("batch_id"), N_("became"),
        N_("expected_days"), N_("last_record"), N_("file_name"), N_("sheet"), N_("row_number"),
        N_("raised_at"), N_("kind"), N_("text"), N_("is_sent"),
        N_("header"), N_("rule"), N_("mask"), N_("sentence_fr"), N_("sentence_en"),
}  # fmt: skip
"""Names of the warehouse that a table shows: themselves in English, a French word in French."""
MONTH_SIGNS = {"received": "✓", "missing": "✗", "closed": "=", "not_open": "·", "not_used": "–"}
"""How `impact coverage` writes the state of a month; a partial one says its days."""
FINE_UNITS = ("fte", "index", "ratio", "per_mille", "per_hundred")
"""Units in which one more is much."""
EXAMPLE_QUERY = (
    "SELECT territoire_id, periode, valeur, motif FROM valeurs "
    "WHERE indicateur_id = 'visits' AND niveau = 'lieu' AND ventilation = 'ensemble' "
    "ORDER BY debut DESC LIMIT 6"
)


def console() -> Console:
    return Console(width=None if sys.stdout.isatty() else PIPED_WIDTH, highlight=False)


class StatusLine(logging.Handler):
    """Shows the last thing that a run said as one moving line; a warning stays above it."""

    def __init__(self, status: Status) -> None:
        super().__init__()
        self.status = status

    def emit(self, record: logging.LogRecord) -> None:
        if record.levelno >= logging.WARNING:
            self.status.console.print(record.getMessage(), markup=False, soft_wrap=True)
        else:
            self.status.update(record.getMessage())


@contextmanager
def progress() -> Iterator[None]:
    """A moving line on a terminal; nothing elsewhere."""
    screen = Console(stderr=True)
    if not screen.is_terminal:
        yield
        return
    logger = logging.getLogger("impact")
    with screen.status(_("starting")) as status:
        handler = StatusLine(status)
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False  # Prefect's own handler would print each line again
        try:
            yield
        finally:
            logger.removeHandler(handler)


def show_run(report: "RunReport", settings: Settings) -> None:
    """One line per place and feed, the headline figures, and where the release is."""
    from flows.warehouse.queries import headline_rows

    screen = console()
    for s in report.sources:
        screen.print(source_line(s))
        for line in remarks(s):
            screen.print(line)
        for fault in (*s.refused, *s.failed):
            screen.print(f"  ! {fault}", markup=False)
        if any(is_numbered(fault) for fault in s.refused):
            where = _("    what they are called: impact rejects --place {place} --xlsx FILE")
            screen.print(where.format(place=s.place_id))
        if s.exceeds_tolerance:
            screen.print(_("  ! more rows were refused than the place tolerates: impact rejects"))
    for verdict in report.verdicts:
        if not verdict.is_kept:
            exceptions = ngettext("{count} exception", "{count} exceptions", verdict.exceptions)
            screen.print(
                f"  ! {word(verdict.promise.severity)}: {_(verdict.promise.sentence)} "
                f"({exceptions.format(count=verdict.exceptions)})"
            )
    screen.print()
    show_headlines(screen, headline_rows(settings))
    show_release(screen, report)


def remarks(s: "SourceReport") -> list[str]:
    """What happened to records of one source beyond being loaded or refused."""
    lines = []
    for count, sentence in (
        (s.removed, _("{count} records are no longer in the delivery and were removed")),
        (s.outside, _("{count} records are of days before `from` or after `until` of this source: "
                      "kept, and counted in no figure")),
        (s.shared_addresses, _("addresses that are several people's: {count}; these are known "
                               "otherwise from here on, and `impact run --again landed` reads "
                               "earlier rows so")),
    ):  # fmt: skip
        lines += [f"  - {sentence.format(count=count)}"] if count else []
    for (header, rule), count in sorted(s.doubts.items()):
        left_out = ngettext(
            "{count} cell of {header} left out, its row is kept: {why}",
            "{count} cells of {header} left out, their rows are kept: {why}",
            count,
        )
        why = _(RULES[rule])
        lines.append(f"  - {left_out.format(count=count, header=repr(header), why=why)}")
    if s.on_closures:
        lines.append(closure_line(s.on_closures))
    return lines


def closure_line(days: set[date]) -> str:
    """The first of the days of closure on which there are records."""
    shown = [str(day) for day in sorted(days)[:SHOWN_DAYS]]
    if len(days) > SHOWN_DAYS:
        shown.append("…")
    sentence = _(
        "records on {count} days on which the place said that it was closed ({days}) → correct the "
        "closure in the TOML, or the export"
    )
    return "  ! " + sentence.format(count=len(days), days=", ".join(shown))


def show_release(screen: Console, report: "RunReport") -> None:
    if report.release is None:
        screen.print(_("No release yet: a critical promise is broken."))
        return
    shown = report.release
    if shown.is_relative_to(Path.cwd()):
        shown = shown.relative_to(Path.cwd())
    if not report.is_new:
        screen.print(_("Nothing new: release {id} stays as it is.").format(id=report.release_id))
    elif any(verdict.stops_release for verdict in report.verdicts):
        screen.print(_("This release was stopped; the last one stays."))
    else:
        screen.print(_("Release {id} is published.").format(id=report.release_id))
    screen.print(_("Release: {file}").format(file=shown), soft_wrap=True)
    if (pages := shown.with_name("site") / "index.html").exists():
        screen.print(_("Pages:   {file}").format(file=pages), soft_wrap=True)
    if report.pages_fault:
        screen.print(report.pages_fault, soft_wrap=True)
    screen.print(_('Try:     impact query "{sql}"').format(sql=EXAMPLE_QUERY), soft_wrap=True)


def show_headlines(screen: Console, rows: pl.DataFrame) -> None:
    """Indicators down, places or the network across; a figure or why there is none."""
    if rows.is_empty():
        screen.print(_("No figure yet: no delivery covers a full month."))
        return
    table = Table(_("indicator"))
    names = dict(zip(rows["scope_id"], rows["name"], strict=True))
    for name in names.values():
        table.add_column(name or _("network"), justify="right")
    for (indicator_id,), cells in rows.group_by("indicator_id", maintain_order=True):
        by_place = {cell["scope_id"]: cell for cell in cells.iter_rows(named=True)}
        table.add_row(str(indicator_id), *(figure(by_place[place]) for place in names))
    month = rows["period_id"][0]
    screen.print(_("Exact headline figures of {month}, for the operator").format(month=month))
    screen.print(table)


def figure(cell: dict[str, Any]) -> str:
    """A value in its unit, with its status where that is not plain `ok`."""
    value, status = cell["value"], cell["status"]
    if value is None:
        return _("no case") if status == "ok" else word(status)
    if cell["unit"] == "share":
        text = f"{value:.1%}"
    else:
        text = f"{value:.2f}" if cell["unit"] in FINE_UNITS else f"{value:.0f}"
    return text if status == "ok" else f"{text} ({word(status)})"


def word(name: str) -> str:
    """What a name of the warehouse is called; another name is itself."""
    return _(name) if name in WORDS else name


def show_rows(rows: pl.DataFrame, form: str) -> None:
    """A result as CSV, JSON, a table, or a table whose headings are in words."""
    if form == "json":
        print(json.dumps(rows.to_dicts(), ensure_ascii=False, default=str, indent=1))
    elif form == "csv":
        print(rows.write_csv(), end="")
    else:
        table = Table()
        for name, kind in rows.schema.items():
            heading = word(name) if form == "words" else name
            table.add_column(heading, justify="right" if kind.is_numeric() else "left")
        for row in rows.iter_rows():
            table.add_row(*("" if cell is None else str(cell) for cell in row))
        console().print(table)


def show_coverage(rows: pl.DataFrame) -> None:
    """Places and sources down, months across, and what the signs mean."""
    if rows.is_empty():
        print(
            _("No month to show: no source is declared, or no month ended since deliveries began.")
        )
        return
    # thirteen narrow columns: the year of two digits stands over its month
    table = Table(box=None, padding=(0, 1, 0, 0))
    for name in (_("place"), _("source")):
        table.add_column(f"\n{name}", overflow="fold")
    for month in rows["month"].unique(maintain_order=True):
        table.add_column(month[2:].replace("-", "\n"), justify="right", no_wrap=True)
    for (place_id, source_id), cells in rows.group_by("place_id", "source_id", maintain_order=True):
        signs = (
            MONTH_SIGNS.get(state) or f"{recorded}/{expected}"
            for state, recorded, expected in cells.select(
                "state", "recorded_days", "expected_days"
            ).iter_rows()
        )
        table.add_row(str(place_id), str(source_id), *signs)
    screen = console()
    screen.print(table)
    screen.print(
        _(
            "\n✓ received: all expected days are proven   n/m partial: n of m days   ✗ missing\n"
            "= closed: the place declared no open day   · not open yet   "
            "– not used: before `from` or after `until` of the source"
        ),
        soft_wrap=True,
    )


def show_findings(findings: "list[Finding]") -> None:
    """One line a check, and below it what to do where it needs attention."""
    screen = console()
    for one in findings:
        state = word(one.state)
        screen.print(f"{state:<10} {one.check:<17} {one.found}", markup=False, soft_wrap=True)
        if one.remedy:
            screen.print(f"{'':<10} → {one.remedy}", markup=False, soft_wrap=True)


def show_registry(report: "RegistryReport", folder: Path) -> None:
    screen = console()
    for row in report.refused:
        line = _("row {number}: {reason}").format(number=row.row_number, reason=row.reason)
        screen.print(line, markup=False)
    screen.print(
        _("{rows} rows: {written} places written to {folder}, {refused} refused").format(
            rows=report.rows,
            written=len(report.written),
            folder=folder,
            refused=len(report.refused),
        )
    )
