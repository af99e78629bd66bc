"""Totals hidden among rows: known by their label, in whatever cell it stands."""

import polars as pl

OF_WHAT = (
    r"g[ée]n[ée]ral|cumul[ée]?|jour(?:n[ée]e|nalier)?|semaine|hebdo(?:madaire)?|mois|mensuel"
    r"|trimestr(?:e|iel)|semestr(?:e|iel)|ann[ée]e|annuel|matin[ée]*|apr[èe]s-midi|soir[ée]*"
    r"|jan(?:v(?:ier)?)?|f[ée]v(?:r(?:ier)?)?|mars|avr(?:il)?|mai|juin|juil(?:let)?|ao[uû]t"
    r"|sept?(?:embre)?|oct(?:obre)?|nov(?:embre)?|d[ée]c(?:embre)?|[st]?\d{1,4}|des?|du|la|par|le"
    r"|visites?|visiteurs|entr[ée]es|passages|personnes|usagers|participants|pr[ée]sences|heures"
)
TOTAL = r"(?:(?:sous|grand|s)[ /-]?|(?:nb|nombre) )?tota(?:l|ux)"
UNIT_SEPARATOR = "\x1f"
"""Between cells that may hold any sign."""


def total_row(signs: str) -> str:
    """What a line is that says total, whose cells one of these signs parts.

    At the beginning of a line, a word; in any cell, all that it says.
    """
    return (
        rf'(?i)^[\s{signs}"]*{TOTAL}\b|(?:^|[{signs}])[\s"]*(?:{TOTAL}|cumul)'
        rf"(?:[ :(./-]+(?:[dl]['’])?(?:{OF_WHAT}))*" + rf'[\s":).]*(?:[{signs}]|$)'
    )


WORD = r"(?i-u:tota|cumul)"


def may_have_totals(block: bytes) -> bool:
    """Does a word for totals stand in a block of UTF-8, in whatever case?"""
    return bool(pl.Series([block]).cast(pl.String).str.contains(WORD).any())


def are_totals(lines: pl.Series, separator: str) -> pl.Series:
    """Which lines are totals. `Total Rue` is one where another line has a cell `Rue`."""
    sign = pl.escape_regex(separator)
    told = lines.str.contains(total_row(sign)).fill_null(False)
    of = rf'(?i){sign}[\s"]*{TOTAL} ([^{sign}"]+?)["\s]*(?:{sign}|$)'
    of_what = lines.str.extract(of).str.to_lowercase()
    known = [
        name for name in of_what.set(told, None).drop_nulls().unique()
        if lines.str.contains(
            rf'(?i)(?:^|{sign})[\s"]*{pl.escape_regex(name)}[\s"]*(?:{sign}|$)'
        ).any()
    ]  # fmt: skip
    return told | of_what.is_in(known).fill_null(False)
