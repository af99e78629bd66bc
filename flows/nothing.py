"""What people and tools write into a cell of which they know nothing, and where nobody came."""

import unicodedata

import polars as pl

NOTHING = {
    "-", "--", "---", "–", "—", "/", ".", "?", "??", "nc", "n/c", "n.c.", "nd", "n/d", "n.d.", "nr",
    "n/r", "na", "n/a", "n.a.", "ns", "so", "s/o", "s.o.", "sans objet", "néant", "neant", "aucun",
    "aucune", "vide", "inconnu", "inconnue", "non connu", "non communiqué", "non communique",
    "non renseigné", "non renseigne", "non précisé", "non precise", "null", "none",
}  # fmt: skip
NOTHING |= {unicodedata.normalize("NFD", word) for word in NOTHING}
"""What people and tools write into a cell of which they know nothing; a Mac writes é in two."""
NO_DAY = (
    r"^(?:00?[/.-]00?[/.-]0000|0000-00-00|31[/.-]12[/.-](?:9999|2999|2099)"
    r"|(?:9999|2999|2099)-12-31)(?:[ T]|$)"
)
"""A day that never comes is how some tools write that there is none."""
NOBODY = {
    "anonyme", "anonymous", "unknown", "inconnus", "non connue", "non identifié",
    "non identifie", "non identifiée", "non identifiee", "non inscrit", "non inscrite", "sans nom",
    "sans compte", "sans numéro", "sans numero", "pas de numéro", "pas de numero", "à compléter",
    "a completer", "à renseigner", "a renseigner", "non défini", "non defini", "visiteur",
    "visiteuse", "usager inconnu", "usager anonyme", "nan", "nat", "undefined", "nil",
    "blank", "empty", "false", "faux",
}  # fmt: skip
"""What stands for somebody of whom nobody knows who it is."""
NO_REFERENCE = (
    r"^(?:\w+\[0\]|#[\p{L}_][\p{L}_/0!? ]*(?::.*)?|err ?: ?\d+|-\d+|0+(?:[.,]0+)?|[0-]*0[0-]*|x+"
    r"|[^\p{L}\p{N}]+)$"
)
"""A reference to nothing, a formula that fails, a zero, crosses, signs alone."""
AROUND = " -–—*_.()[]<>{}'\""
"""What forms put around a word that is no answer: `- Aucun -`, `(vide)`."""
NO_MAILBOX = (
    r"^(?:inconnue?|anonyme|aucune?|sans[-_.]?(?:mail|e-?mail|adresse)"
    r"|pas[-_.]?(?:de|d)[-_.]?(?:mail|e-?mail|adresse)|no[-_.]?(?:mail|e-?mail)|x+|0+"
    r"|no[-_.]?reply|ne[-_.]?pas[-_.]?repondre)@"
)
"""Addresses that were written because a form wanted one."""


def is_nobody(cells: pl.Series) -> pl.Series:
    """Does this cell, in lower case, say that nobody is known? Shape: one boolean per cell."""
    words = [*NOTHING, *NOBODY]
    bare = cells.str.replace("(e)", "", literal=True).str.strip_chars(AROUND)
    is_word = cells.is_in(words) | bare.is_in(words)
    return (is_word | cells.str.contains(NO_REFERENCE)).fill_null(False)


def is_no_name(cells: pl.Series) -> pl.Series:
    """The same of a name: So, Na and X are names of people."""
    is_short_name = cells.str.contains(r"^\p{L}{1,2}$").fill_null(False)
    return is_nobody(cells) & ~is_short_name
