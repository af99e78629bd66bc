"""Dates with the name of their month, as people write them: `mardi 1er septembre 2026 à 14h05`."""

import polars as pl

MONTHS = {
    name: number
    for number, names in enumerate(
        ("janvier janv jan", "fevrier fevr fev", "mars mar", "avril avr", "mai", "juin",
         "juillet juil", "aout", "septembre sept sep", "octobre oct", "novembre nov",
         "decembre dec"),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
DAYS = "lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lun|mar|mer|jeu|ven|sam|dim"
WRITTEN = (
    rf"^(?:le )?(?:(?:{DAYS})\.?,? ?(?:le )?)?"  # the weekday is not compared with the date
    r"(?<day>\d{1,2})(?:er)?(?: ?[-/.] ?| )(?<month>[a-z]+)\.?(?: ?[-/.] ?| )(?<year>\d{4}|\d{2})"
    r"(?:,? (?:a )?(?<time>\d.*))?$"
)


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
    parts = plain.str.extract_groups(WRITTEN).struct.unnest()
    month = parts["month"].replace_strict(MONTHS, default=None, return_dtype=pl.String)
    time = pl.when(pl.col("time").is_null()).then(pl.lit("")).otherwise(" " + pl.col("time"))
    return (
        parts.with_columns(month.alias("month"))
        .select(pl.concat_str("day", pl.lit("/"), "month", pl.lit("/"), "year", time))
        .to_series()
    )
