"""`docs/dictionary.md`: the published tables, the columns of the three feeds, the code lists."""

from typing import Any

from flows.documents.markdown import code, table
from flows.publication.release import ABOUT, PublishedTable
from schemas import CONTRACTS, FEEDS, Feed
from schemas.codes import Code
from schemas.record import codes_of, stored_columns

TITLE = """# Dictionnaire · Dictionary

Écrit par `impact docs` à partir de `sql/published` et de `schemas` : c'est là qu'il faut corriger.
Written by `impact docs` from `sql/published` and `schemas`: correct it there.

- [Ce qui est publié](#publie)
- [Les enregistrements des trois flux · The records of the three feeds](#flux)
- [Codes](#codes)"""

PUBLISHED = """<a id="publie"></a>

## Ce qui est publié

Une publication est un fichier DuckDB qui contient ces tables, et rien d'autre. Les mêmes textes
sont dans le fichier : commencez par `LISEZMOI`."""

RECORDS = """<a id="flux"></a>

## Les enregistrements · The records

Ce que l'entrepôt garde de chaque enregistrement ; il n'est jamais publié. Noms, courriels et dates
de naissance n'y sont pas. « Requis » : la case ne peut pas être vide. « Par défaut » : ce que prend
une colonne que la source n'a pas du tout. Les mêmes colonnes en Table Schema, avec des fichiers
d'exemple : [schemas/json](../schemas/json).

What the warehouse keeps of each record; it is never published. Names, e-mail addresses and birth
dates are not in it. "Required": the cell cannot be empty. "Default": what a column takes that a
source does not have at all. The same columns as Table Schemas, with sample files:
[schemas/json](../schemas/json)."""

CODES = """<a id="codes"></a>

## Codes"""

RECORD_HEADER = (
    "Colonne · Column", "Ce que c'est", "What it is", "Unité · Unit", "Requis · Required",
    "Par défaut · Default", "Personnel · Personal",
)  # fmt: skip
PERSONAL = {"none": "", "indirect": "indirect", "pseudonym": "pseudonyme · pseudonym"}


def dictionary(published: list[PublishedTable]) -> str:
    """The whole document."""
    parts = [TITLE, PUBLISHED, *[published_table(t) for t in (*ABOUT, *published)]]
    parts += [RECORDS, *[records(name, feed) for name, feed in FEEDS.items()]]
    parts += [CODES, *[code_list(kind) for kind in Code.__subclasses__()]]
    return "\n\n".join(parts) + "\n"


def published_table(published: PublishedTable) -> str:
    rows = [(code(name), comment) for name, comment in published.columns.items()]
    columns = table(("Colonne", "Contenu"), rows)
    parts = [f"### {code(published.name)}", published.comment, columns]
    if published.example:
        parts.append(f"```sql\n{published.example}\n```")
    return "\n\n".join(parts)


def records(name: str, feed: Feed) -> str:
    """The columns of one feed."""
    rows = [record_row(name, column) for name, column in stored_columns(feed.contract).items()]
    return f"### {code(name)} : {feed.title}\n\n{feed.about}\n\n{table(RECORD_HEADER, rows)}"


def record_row(name: str, column: Any) -> tuple[str, ...]:
    said, listed = column.metadata, codes_of(column)
    unit = f"[code](#{list_of(listed).__name__.lower()})" if listed else said["unit"]
    return (
        code(name), f"{column.title}. {said['description_fr']}", column.description, unit,
        "" if column.nullable else "oui · yes", code(default_text(column)),
        PERSONAL[said["personal"]],
    )  # fmt: skip


def default_text(column: Any) -> str:
    """What a column holds that a source, or an example, does not have; empty for nothing."""
    default = column.metadata["default"]
    if default is None:
        return ""
    return str(default).lower() if isinstance(default, bool) else str(default)


def list_of(codes: list[str]) -> type[Code]:
    """The list whose codes these are."""
    return next(kind for kind in Code.__subclasses__() if kind.values() == codes)


def code_list(kind: type[Code]) -> str:
    """One list, under the columns that use it."""
    users = dict.fromkeys(
        name
        for contract in CONTRACTS.values()
        for name, column in stored_columns(contract).items()
        if codes_of(column) == kind.values()
    )
    rows = [(code(str(member.value)), member.fr, member.en) for member in kind]
    title = ", ".join(code(name) for name in users)
    return (
        f'<a id="{kind.__name__.lower()}"></a>\n\n### {title}\n\n'
        f"{table(('Code', 'Français', 'English'), rows)}"
    )
