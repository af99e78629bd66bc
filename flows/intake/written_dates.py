"""Dates as people write them, `mardi 1er septembre 2026 à 14h05`, and as English tools do."""

import polars as pl

MONTHS = {
    name: number
    for number, names in enumerate(
        ("janvier janv jan january", "fevrier fevr fev february feb", "mars mar march",
         "avril avr april apr", "mai may", "juin june jun", "juillet juil july jul",
         "aout august aug", "septembre sept sep september", "octobre oct october",
         "novembre nov november", "decembre dec december"),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
DAYS = (
    "lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lun|mar|mer|jeu|ven|sam|dim|"
    "monday|tuesday|wednesday|thursday|friday|saturday|sunday|mon|tue|wed|thu|fri|sat|sun"
)
WRITTEN = (
    rf"^(?:le )?(?:(?:{DAYS})\.?,? ?(?:le )?)?"  # the weekday is not compared with the date
    r"(?<day>\d{1,2})(?:er)?(?: ?[-/.] ?| )(?<month>[a-z]+)\.?(?: ?[-/.] ?| )(?<year>\d{4}|\d{2})"
    r"(?:,? (?:a )?(?<time>\d.*))?$"
)
IN_FIGURES = rf"^(?:{DAYS})\.?,? ?(?:le )?(?<date>\d{{1,2}}[/.-]\d{{1,2}}[/.-]\d{{2,4}}.*)$"
MONTH_FIRST = r"^(?<month>[a-z]+)\.? (?<day>\d{1,2})(?:st|nd|rd|th)?,? (?<rest>\d{4}.*)$"
HALF_DAYS = (
    r"(?i)^(?<day>.+) (?<hour>0?[1-9]|1[0-2]):(?<rest>[0-5]\d(?::[0-5]\d)?) ?(?<half>[ap])\.?m\.?$"
)


def in_24_hours(cells: pl.Series) -> pl.Series:
    """`2026-10-05 3:30pm` as `2026-10-05 15:30`; others as they are."""
    if not cells.str.contains(HALF_DAYS).any():
        return cells
    parts = cells.str.extract_groups(HALF_DAYS).struct.unnest()
    noon = pl.when(pl.col("half").str.to_lowercase() == "p").then(12).otherwise(0)
    hour = (pl.col("hour").cast(pl.Int64) % 12 + noon).cast(pl.String)
    told = parts.select(pl.concat_str("day", pl.lit(" "), hour, pl.lit(":"), "rest")).to_series()
    return told.zip_with(told.is_not_null(), cells)


def in_figures(cells: pl.Series) -> pl.Series:
    """`9 sept. 2026 à 14h` as `9/9/2026 14h`; nothing for a cell that is not written so."""
    seen = cells.drop_nulls().unique()
    figures = texts_in_figures(seen)
    if figures.null_count() == len(figures):
        return pl.Series([None], dtype=pl.String).new_from_index(0, len(cells))
    return cells.replace_strict(seen, figures, default=None)


def texts_in_figures(texts: pl.Series) -> pl.Series:
    plain = (
        texts.str.normalize("NFKD").str.replace_all(r"\p{M}", "").str.to_lowercase()
        .str.replace_all(r"\s+", " ").str.strip_chars()
    )  # fmt: skip
    plain = plain.str.replace(MONTH_FIRST, "${day} ${month} ${rest}")
    parts = plain.str.extract_groups(WRITTEN).struct.unnest()
    month = parts["month"].replace_strict(MONTHS, default=None, return_dtype=pl.String)
    time = pl.when(pl.col("time").is_null()).then(pl.lit("")).otherwise(" " + pl.col("time"))
    figures = pl.concat_str("day", pl.lit("/"), "month", pl.lit("/"), "year", time)
    written = parts.with_columns(month.alias("month")).select(figures).to_series()
    return written.zip_with(written.is_not_null(), plain.str.extract(IN_FIGURES, 1))
