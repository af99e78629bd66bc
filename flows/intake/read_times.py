"""Days and instants as people and tools write them: `03/02/2025 à 14h05`, `2025-02-03T14:05Z`."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date

import polars as pl

from flows.intake.written_dates import in_24_hours, in_figures
from flows.settings import TIME_ZONE

EXCEL_EPOCH = date(1899, 12, 30)
FIRST_DAY, DAY_AFTER_LAST = date(1900, 1, 1), date(2101, 1, 1)

NAIVE_FORMATS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%d %H:%M:%S%.f",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%Y/%m/%d %H:%M",
)
OFFSET_FORMATS = (
    "%Y-%m-%dT%H:%M:%S%.f%#z",
    "%Y-%m-%d %H:%M:%S%.f%#z",
    "%Y-%m-%dT%H:%M%#z",
    "%Y/%m/%d %H:%M:%S %z",
)
SHORT_YEAR = r"^(\d{1,2})[/.](\d{1,2})[/.](\d{2})( |$)"
TELLS_OFFSET = r"\d:\d\d.*(?:Z|[+-]\d\d:?\d\d)$"
COMPACT = r"^((?:19|20)\d{6})(?:\.0)?$"
COMPACT_AND_HOUR = r"^((?:19|20)\d\d)(\d\d)(\d\d) "
"""`20251001`, as accounting writes days: no other day in eight digits has such a year in front."""
HOUR_OF_DIGITS = r"^(\d{1,2}/\d{1,2}/\d{4}|\d{4}-\d\d-\d\d) ([01]?\d|2[0-3])([0-5]\d)$"
"""`0912` behind a day, as badge readers write hours."""
DAY_AND_HOUR = r"^(\d{1,2})[.-](\d{1,2})[.-](\d{4}) "
DATE_FORMATS = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y/%m/%d")


def tidy(text: pl.Series) -> pl.Series:
    """Outer spaces of every kind removed; what is empty then is absent."""
    plain = text.str.strip_chars()
    return plain.set(plain == "", None)


def first_that_reads(
    cells: pl.Series, formats: Sequence[str], read: Callable[[pl.Series, str], pl.Series]
) -> pl.Series:
    """Try the formats on the cells that none has read yet, the likeliest first."""
    patterns = likeliest_first(likely(cells), formats, read)
    values = read(cells, next(patterns))
    missing = cells.is_not_null() & values.is_null()
    while missing.any() and (pattern := next(patterns, None)):
        values = values.zip_with(~missing, read(cells.set(~missing, None), pattern))
        missing = cells.is_not_null() & values.is_null()
    return values


def likeliest_first(
    sample: pl.Series, formats: Sequence[str], read: Callable[[pl.Series, str], pl.Series]
) -> Iterator[str]:
    """The formats by how many cells they read; where one reads all, the others are for later."""

    def unread(pattern: str) -> int:
        return len(sample) - read(sample, pattern).count()

    whole = next((pattern for pattern in formats if not unread(pattern)), None)
    if whole:
        yield whole
    yield from (pattern for pattern in sorted(formats, key=unread) if pattern != whole)


def likely(cells: pl.Series) -> pl.Series:
    """Enough of the cells to guess how the others are written."""
    return cells.drop_nulls().head(200)


def read_dates(cells: pl.Series) -> pl.Series:
    """Dates in figures; the few that are left may be written with the name of their month."""
    values = read_dates_in_figures(cells)
    lost = cells.is_not_null() & values.is_null()
    if not lost.any():
        return values
    return values.zip_with(~lost, read_dates_in_figures(in_figures(cells.set(~lost, None))))


def read_dates_in_figures(cells: pl.Series) -> pl.Series:
    """Dates written in full, with a midnight after them, or as Excel's day number."""
    cells = tidy(cells).str.replace(r"[ T]00:00(?::00)?(?:\.0+)?$", "")
    values = first_that_reads(cells, DATE_FORMATS, read_date)
    lost = cells.is_not_null() & values.is_null()
    if not lost.any():
        return values
    rest = cells.set(~lost, None)
    serial = rest.str.extract(r"^(\d{5})(?:\.0)?$").cast(pl.Int32, strict=False)
    short = read_date(with_century(rest), "%d/%m/%Y")
    short = short.zip_with(short.is_not_null(), read_date(rest.str.extract(COMPACT), "%Y%m%d"))
    return values.zip_with(~lost, short.zip_with(short.is_not_null(), excel_days(serial)))


def read_date(cells: pl.Series, pattern: str) -> pl.Series:
    return plausible(cells.str.to_date(pattern, strict=False))


def read_naive(cells: pl.Series, pattern: str) -> pl.Series:
    # most instants are there once: to remember what was read costs as much as to read it
    return plausible(cells.str.to_datetime(pattern, strict=False, time_unit="us", cache=False))


def plausible(values: pl.Series) -> pl.Series:
    """Dates of living memory: `03/02/0205` is a slip of the finger."""
    value = pl.col("value")
    is_plausible = value.is_between(FIRST_DAY, DAY_AFTER_LAST, closed="left")
    return values.to_frame("value").select(pl.when(is_plausible).then(value)).to_series()


def with_century(cells: pl.Series) -> pl.Series:
    """`03/02/25` and `03.02.25` as `03/02/2025`, never as the year 25.

    `25-02-03` is not looked at: with hyphens the year often comes first.
    """
    return cells.str.replace(SHORT_YEAR, "${1}/${2}/20${3}${4}")


def plain_hours(cells: pl.Series) -> pl.Series:
    """`03/02/25 à 14h05` as `03/02/2025 14:05`."""
    return (
        with_century(in_24_hours(cells))
        .str.replace(r"\s+(?:à\s+)?", " ")
        .str.replace(DAY_AND_HOUR, "${1}/${2}/${3} ")
        .str.replace(COMPACT_AND_HOUR, "${1}-${2}-${3} ")
        .str.replace(HOUR_OF_DIGITS, "${1} ${2}:${3}")
        .str.replace(r"(?i)(\d{1,2}) ?h ?(\d{2})$", "${1}:${2}")
        .str.replace(r"(?i)(\d{1,2}) ?h$", "${1}:00")
    )


def excel_days(serial: pl.Series) -> pl.Series:
    """Excel's day numbers, which count from 30 December 1899."""
    origin = (EXCEL_EPOCH - date(1970, 1, 1)).days
    return (serial + origin).cast(pl.Int32).cast(pl.Date)


def read_instants(
    cells: pl.Series, zone: str = TIME_ZONE
) -> tuple[pl.Series, pl.Series, pl.Series, pl.Series]:
    """Instants in UTC; what the clock of the zone shows then; which local times do not exist; which
    exist twice (the first is taken).
    """
    told = cells.clear(len(cells)).cast(pl.Datetime("us", "UTC"))
    if likely(cells).str.contains(TELLS_OFFSET).any():  # else its formats come last
        told = read_told_instants(cells)
    local = cells.set(told.is_not_null(), None)
    naive = first_that_reads(local, NAIVE_FORMATS, read_naive)
    lost = local.is_not_null() & naive.is_null()
    for other_way in (read_day_or_serial, read_loose_hours):
        if lost.any():
            naive = naive.zip_with(~lost, other_way(local.set(~lost, None)))
            lost = local.is_not_null() & naive.is_null()
    if lost.any():
        told = told.zip_with(~lost, read_told_instants(local.set(~lost, None)))
        lost &= told.is_null()
    if lost.any():
        naive = naive.zip_with(~lost, read_written(local.set(~lost, None)))
    instants, is_in_gap, is_ambiguous = local_instants(naive, zone)
    is_local, shown = told.is_null(), naive.set(is_in_gap, None)
    if not is_local.all():
        shown = shown.zip_with(is_local, shown_in(zone, told))
    return instants.zip_with(is_local, told), shown, is_in_gap, is_ambiguous


def shown_in(zone: str, instants: pl.Series) -> pl.Series:
    """What the clock of a zone shows."""
    return instants.dt.convert_time_zone(zone).dt.replace_time_zone(None)


def read_told_instants(cells: pl.Series) -> pl.Series:
    """Instants that say how far they are from UTC."""
    return first_that_reads(
        cells,
        OFFSET_FORMATS,
        lambda c, f: c.str.to_datetime(f, strict=False, time_unit="us").dt.convert_time_zone("UTC"),
    )


def read_written(cells: pl.Series) -> pl.Series:
    """`9 sept. 2026 à 14h05`; what has no month in words is not looked at again."""
    figures = in_figures(cells)
    if figures.null_count() == len(figures):
        return figures.cast(pl.Datetime("us"))
    days = read_dates_in_figures(figures).cast(pl.Datetime("us"))
    return days.zip_with(days.is_not_null(), read_loose_hours(figures))


def read_loose_hours(cells: pl.Series) -> pl.Series:
    """`03/02/2025 à 14h05` and what resembles it."""
    return first_that_reads(plain_hours(cells), NAIVE_FORMATS, read_naive)


def read_day_or_serial(cells: pl.Series) -> pl.Series:
    """A date alone is its local midnight; Excel's number holds a day and a fraction of it."""
    days = read_dates_in_figures(cells).cast(pl.Datetime("us"))
    point = cells.str.replace(",", ".", literal=True)
    serial = point.str.extract(r"^(\d{5}\.\d+)$").cast(pl.Float64, strict=False)
    origin = (EXCEL_EPOCH - date(1970, 1, 1)).days
    seconds = ((serial + origin) * 86_400).round(0)
    return days.zip_with(
        days.is_not_null(), (seconds * 1_000_000).cast(pl.Int64).cast(pl.Datetime("us"))
    )


def local_instants(naive: pl.Series, zone: str) -> tuple[pl.Series, pl.Series, pl.Series]:
    """What the clock shows, as instants in UTC; in which rows it never shows that; in which twice.

    The hour that comes twice is rare: only then is everything looked at again.
    """
    local = naive.dt.replace_time_zone(zone, ambiguous="null", non_existent="null")
    is_odd = naive.is_not_null() & local.is_null()
    is_ambiguous = pl.Series([False]).new_from_index(0, len(naive))
    if is_odd.any():
        local = naive.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        is_ambiguous = is_odd & local.is_not_null()
    return local.dt.convert_time_zone("UTC"), is_odd & ~is_ambiguous, is_ambiguous
