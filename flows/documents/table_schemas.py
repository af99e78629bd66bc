"""The three contracts as Table Schemas, in the form that schema.data.gouv.fr asks for.

A file in this form is what a place can hand to its network: pseudonyms, codes and plain units,
without a name. What Table Schema cannot say (two columns that must agree, a check digit) stands
under `rules`, in words. `VERSION` and `LAST_MODIFIED` change with what the schemas ask.
"""

import csv
import json
from pathlib import Path
from typing import Any

from flows.errors import ConfigurationError
from flows.language import _, said_in
from schemas import CONTRACTS, FEEDS, Record
from schemas.codes import french_labels
from schemas.record import codes_of, stored_columns
from schemas.rules import RULES

VERSION = "1.0.0"
CREATED = "2026-11-25"
LAST_MODIFIED = "2026-11-25"
FOLDER = Path("schemas") / "json"
EXAMPLES = FOLDER / "examples"

PRIVACY = (
    "Un fichier contient les lignes d'une source d'un lieu. Il ne contient ni nom, ni courriel, ni "
    "téléphone, ni date de naissance : une personne y est un pseudonyme (person_key), empreinte "
    "calculée avec une clé secrète que le lieu ou son réseau garde à part. Un pseudonyme reste une "
    "donnée personnelle : un tel fichier s'échange entre un lieu et son réseau, et ne se publie "
    "pas en données ouvertes."
)
WORDS = "Codes : {codes}."
INDIRECT = "Peut aider à reconnaître quelqu'un."

KINDS: dict[str, tuple[dict[str, Any], str]] = {
    "code": ({"type": "string"}, ""),
    "identifier": ({"type": "string"}, "Au moins un chiffre, aucun espace."),
    "pseudonym": ({"type": "string"}, "32 chiffres hexadécimaux."),
    "timestamp": (
        {"type": "datetime", "format": "default"},
        "Date et heure ISO 8601 avec leur décalage ; sans décalage, heure du lieu.",
    ),
    "date": ({"type": "date", "format": "default"}, "Date ISO 8601 : AAAA-MM-JJ."),
    "integer": ({"type": "integer"}, ""),
    "decimal": ({"type": "number"}, "Point décimal."),
    "minutes": ({"type": "integer"}, "En minutes."),
    "week_hours": ({"type": "integer"}, "En minutes par semaine."),
    "euros": ({"type": "integer"}, "En centimes d'euro."),
    "boolean": ({"type": "boolean"}, "true ou false."),
    "commune": ({"type": "string"}, "Cinq caractères."),
    "siret": ({"type": "string"}, "Quatorze chiffres."),
}
"""Kind of a column → its type, and how it is written in a file of this form."""
PATTERNS = {"commune": r"^([013-9][0-9]|2[AB1-9])[0-9]{3}$", "siret": r"^[0-9]{14}$"}
BEYOND_PATTERNS = {"commune": "unreadable_commune", "siret": "unreadable_siret"}
"""Whether the commune exists, whether the check digit is right."""

CONSTRAINTS = {
    "isin": {"enum": "allowed_values"},
    "str_matches": {"pattern": "pattern"},
    "str_length": {"maxLength": "max_value"},
    "in_range": {"minimum": "min_value", "maximum": "max_value"},
    "greater_than_or_equal_to": {"minimum": "min_value"},
}
"""Pandera's check → constraint of Table Schema → where the check keeps its limit."""


def table_schemas(project: Path) -> dict[Path, str]:
    """One document a feed, by its path in the project; each example is taken from the sample."""
    return {
        FOLDER / f"{feed}.json": as_text(
            table_schema(feed, first_values(project / EXAMPLES / f"{feed}.csv"))
        )
        for feed in CONTRACTS
    }


def as_text(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def first_values(sample: Path) -> dict[str, str]:
    """Column → the first cell of it that is filled."""
    found: dict[str, str] = {}
    with sample.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            found = {name: cell for name, cell in row.items() if cell} | found
    return found


def table_schema(feed: str, examples: dict[str, str]) -> dict[str, Any]:
    """The contract of a feed as a Table Schema; `examples` has one cell for each of its fields.

    Raises ConfigurationError where a field has no example.
    """
    columns = exchanged_columns(CONTRACTS[feed])
    if without := [name for name in columns if name not in examples]:
        raise ConfigurationError(
            _("no row fills these columns: {columns}").format(columns=", ".join(without)),
            where=str(EXAMPLES / f"{feed}.csv"),
            remedy=_("write an invented value into one row"),
        )
    return {
        "$schema": "https://frictionlessdata.io/schemas/table-schema.json",
        "name": FEEDS[feed].dataset,
        "title": FEEDS[feed].title,
        "description": f"{FEEDS[feed].about} {PRIVACY}",
        "countryCode": "FR",
        "version": VERSION,
        "created": CREATED,
        "lastModified": LAST_MODIFIED,
        "contributors": [{"title": "Contributeurs d'impact-tiers-lieux", "role": "author"}],
        "licenses": [{"name": "EUPL-1.2", "title": "Licence publique de l'Union européenne 1.2"}],
        "resources": [
            {
                "name": f"exemple-{kind}",
                "title": f"Exemple de fichier {kind} (données inventées)",
                "path": f"examples/{feed}{suffix}.csv",
            }
            for kind, suffix in (("valide", ""), ("invalide", "-invalid"))
        ],
        "fields": [field(name, column, examples[name]) for name, column in columns.items()],
        "missingValues": [""],
        "primaryKey": ["record_id"],
        "rules": rules(CONTRACTS[feed]),
    }


def exchanged_columns(contract: type[Record]) -> dict[str, Any]:
    """What a file holds: every stored column, except what the program notes while it reads."""
    columns = stored_columns(contract)
    return {name: c for name, c in columns.items() if c.metadata["kind"] not in ("flag", "local")}


def field(name: str, column: Any, example: str) -> dict[str, Any]:
    """One column: how it is written, what it means, what it may hold."""
    kind, form = column.metadata["kind"], KINDS[column.metadata["kind"]]
    labels = french_labels(codes_of(column)) if codes_of(column) else {}
    listed = ", ".join(f"{code} ({label})" for code, label in labels.items())
    sentences = [
        column.metadata["description_fr"],
        form[1],
        WORDS.format(codes=listed) if labels else "",
        INDIRECT if column.metadata["personal"] == "indirect" else "",
    ]
    categories = [{"value": code, "label": label} for code, label in labels.items()]
    return {
        "name": name,
        "title": column.title,
        "description": " ".join(sentence for sentence in sentences if sentence),
        **form[0],
        "example": example,
        "constraints": {"required": not column.nullable, **limits(kind, column.checks)},
        **({"categories": categories} if categories else {}),
    }


def limits(kind: str, checks: list[Any]) -> dict[str, Any]:
    """The checks of a column in the words of Table Schema; one without a word is a KeyError."""
    found: dict[str, Any] = {"pattern": PATTERNS[kind]} if kind in PATTERNS else {}
    for check in checks:
        words = CONSTRAINTS[check.name].items()
        found |= {theirs: check.statistics[ours] for theirs, ours in words}
    return found


def rules(contract: type[Record]) -> list[dict[str, str]]:
    """What a file must keep beyond its fields, with the sentence that a place reads."""
    kinds = {column.metadata["kind"] for column in stored_columns(contract).values()}
    names = [rule for kind, rule in BEYOND_PATTERNS.items() if kind in kinds]
    names += [str(check.name) for check in contract.to_schema().checks]
    return [{"name": name, "description": said_in("fr", RULES[name])} for name in names]
