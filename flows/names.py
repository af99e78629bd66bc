"""One way of writing the name of a person, whatever the tool: letters, in alphabetical parts."""

import polars as pl

from flows.nothing import is_no_name

LETTERS = {"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ı": "i"}
"""Letters that Unicode does not take apart."""
CIVILITY = (
    "(?:m|mr|mrs|ms|mx|mme|mlle|melle|mle|monsieur|madame|mademoiselle|miss|dr|dre|docteur|docteure"
    "|pr|pre|prof|professeur|professeure|me|maitre)"
)
BEFORE = rf"^(?:{CIVILITY} )+(\p{{L}}.*)$"
ANYWHERE = r"\b(?:mme|mlle|melle|mr|monsieur|madame|mademoiselle)\b"
"""Civilities that are nobody's name nor its first letters."""
BORN = r"^(?:.* )?nee? (.+)$"
MARRIED_WORD = "(?:epouse|epse|eps|epx|ep|veuve|vve)"
MARRIED = rf"^(.+?) {MARRIED_WORD} .*$"
A_CIVILITY = rf"\b{CIVILITY}\b"
TWO_NAMES = rf"\b(?:nee?|{MARRIED_WORD})\b"


def name_parts(last: pl.Series | None, first: pl.Series | None) -> pl.Series:
    """Letters without accents or civility, parts in alphabetical order; absent where there is none.

    A name of birth does not change: `Durand née Petit` and `Petit épouse Durand` are `petit`. Where
    one cell holds first name and names, nobody can tell them apart: all of them count.
    """
    given = {"last": last, "first": first}
    names = pl.DataFrame({role: cells for role, cells in given.items() if cells is not None})
    seen = names.unique()  # whoever comes, comes often
    parts = parts_of([seen[role] for role in seen.columns])
    known = seen.with_columns(parts.alias("parts"))
    return names.join(known, on=names.columns, how="left", nulls_equal=True, maintain_order="left")[
        "parts"
    ]


def parts_of(cells: list[pl.Series]) -> pl.Series:
    """The same, of names that are all different."""
    names = [plain_name(name) for name in cells]
    if len(names) > 1:
        names[0] = at_birth(names[0])
    else:
        names[0] = names[0].str.replace_all(TWO_NAMES, "")
    whole = pl.select(pl.concat_str(names, separator=" ")).to_series().str.strip_chars()
    parts = whole.str.replace_all(r" +", " ").str.split(" ").list.sort().list.join(" ")
    return parts.set(parts == "", None)


def plain_name(cells: pl.Series) -> pl.Series:
    """Lower-case letters and single spaces, without civility."""
    plain = cells.str.normalize("NFKD").str.replace_all(r"[\p{M}\p{Cf}]", "").str.to_lowercase()
    plain = plain.set(is_no_name(plain.str.strip_chars()), "").fill_null("")
    letters = plain.str.replace_many(LETTERS).str.replace_all(r"[^\p{L}]+", " ").str.strip_chars()
    has_words = letters.str.contains(A_CIVILITY).fill_null(False)
    if not has_words.any():
        return letters
    bare = letters.str.replace(BEFORE, "${1}").str.replace_all(ANYWHERE, " ").str.strip_chars()
    return letters.zip_with(~has_words, bare)


def at_birth(names: pl.Series) -> pl.Series:
    """The name that somebody was born with, where the cell tells it beside that of a marriage."""
    if not names.str.contains(TWO_NAMES).any():
        return names
    born = names.str.replace(BORN, "${1}").str.replace(MARRIED, "${1}")
    return born.str.replace(rf"^{MARRIED_WORD} ", "")
