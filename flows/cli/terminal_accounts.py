"""What became of every row that was received, in words."""

from typing import TYPE_CHECKING

import polars as pl

from flows.language import _, ngettext

if TYPE_CHECKING:
    from flows.stages.source_report import SourceReport


def source_line(s: "SourceReport") -> str:
    """What one source brought, in one line."""
    counts = _(
        "{received:>6} received, {loaded:>6} loaded, {quarantined:>3} quarantined, "
        "{duplicates:>3} duplicates"
    ).format_map(vars(s))
    for count, what in (
        (s.unchanged, _("{count} unchanged")),
        (s.superseded, _("{count} replaced")),
        (s.tombstoned, _("{count} deleted")),
    ):
        counts += ", " + what.format(count=count) if count else ""
    counts += ignored_words(s.ignored, s.not_records, s.not_asked)
    if s.closed_rejects:
        counts += ", " + _("{count} old rejects closed").format(count=s.closed_rejects)
    quiet = not s.batches and not s.refused and not s.failed
    return f"{s.place_id:<20} {s.feed:<14} {s.source_id:<22} " + (
        _("nothing new") if quiet else counts
    )


def ignored_words(ignored: int, not_records: int, not_asked: int) -> str:
    """Why rows are no records of what was asked for."""
    others = ignored - not_records - not_asked
    totals = ngettext(
        "{count} total, heading or empty line", "{count} totals, headings or empty lines",
        not_records,
    )  # fmt: skip
    reasons = (
        (others, ngettext("{count} no record", "{count} no records", others)),
        (not_records, totals),
        (not_asked, _("{count} of days that were not asked for")),
    )
    return "".join(", " + why.format(count=count) for count, why in reasons if count)


def in_words(status: pl.DataFrame) -> pl.DataFrame:
    """The status with one column of words for what became of all rows that were received."""
    said = {
        "loaded": _("{count} loaded"), "unchanged": _("{count} unchanged"),
        "superseded": _("{count} replaced"), "duplicates": _("{count} duplicates"),
        "tombstoned": _("{count} deleted"), "quarantined": _("{count} refused"),
    }  # fmt: skip
    ignored = ("ignored", "not_records", "not_asked")
    became = [
        ", ".join(word.format(count=row[name]) for name, word in said.items() if row[name])
        + ignored_words(*(row[name] for name in ignored))
        for row in status.iter_rows(named=True)
    ]
    told = pl.Series("became", [text.removeprefix(", ") for text in became], dtype=pl.String)
    at = status.get_column_index("received") + 1
    return status.drop(*said, *ignored).insert_column(at, told)
