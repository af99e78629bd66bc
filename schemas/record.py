"""What the records of all three feeds share."""

from typing import Any

import pandera.polars as pa
import polars as pl
from pandera.api.polars.types import PolarsData

from schemas import codes, fields

CONTEXT_COLUMNS = ("known_at",)
"""Columns that a check needs and that are not stored: the instant of the run."""


class Record(pa.DataFrameModel):
    """One row of any feed, after reading and pseudonymisation, before loading."""

    record_id: str = fields.column(
        "Identifiant de l'enregistrement",
        "Unique in its source; made from the content where the source has none.",
        "Numéro unique dans sa source, gardé quand la ligne est corrigée.",
        "identifier",
        nullable=False,
        str_matches=fields.IDENTIFIER,
        str_length={"max_value": 100},
    )
    person_key: str = fields.column(
        "Pseudonyme",
        "Keyed hash of the person; empty for anonymous rows. Never published.",
        "Empreinte à clé de la personne ; vide si la ligne est anonyme. Jamais publiée.",
        "pseudonym",
        personal="pseudonym",
        str_matches=r"^[0-9a-f]{32}$",
    )
    identity_kind: str = fields.code(
        "Origine du pseudonyme",
        "What the pseudonym was made from.",
        "Ce dont le pseudonyme a été tiré ; vide sans pseudonyme.",
        codes.IdentityKind.values(),
    )
    age_band: str = fields.code(
        "Tranche d'âge",
        "Age at the date of the event.",
        "Âge à la date de l'événement.",
        codes.AgeBand.values(),
        personal="indirect",
        costs_itself=True,
    )
    gender: str = fields.code(
        "Genre",
        "Gender as recorded.",
        "Genre, tel qu'il a été noté.",
        codes.Gender.values(),
        personal="indirect",
        costs_itself=True,
    )
    social_status: str = fields.code(
        "Statut social",
        "Situation at the date of the event.",
        "Situation à la date de l'événement.",
        codes.SocialStatus.values(),
        personal="indirect",
        costs_itself=True,
    )
    home_commune: str = fields.column(
        "Commune de résidence",
        "COG code of the commune of residence.",
        "Code officiel géographique de la commune de résidence, pas le code postal.",
        "commune",
        unit="COG",
        personal="indirect",
        costs_itself=True,
    )
    updated_at: fields.Instant = fields.instant(
        "Modifié le",
        "Last change in the source; the later version of a record wins.",
        "Dernière modification dans la source ; la version la plus récente l'emporte.",
    )
    deleted: bool = fields.column(
        "Supprimé",
        "True where the source says that the record was deleted.",
        "Vrai si la source dit que l'enregistrement a été supprimé.",
        "boolean",
        default=False,
        nullable=False,
    )
    known_at: fields.Instant = fields.instant(
        "Instant de lecture",
        "Instant of the run: nothing may happen after it.",
        "Instant du traitement : rien ne peut avoir lieu après.",
        nullable=False,
    )

    class Config:
        strict = True

    @pa.dataframe_check(name="pseudonym_has_kind")
    @classmethod
    def pseudonym_has_kind(cls, data: PolarsData) -> pl.LazyFrame:
        return judge(data, pl.col("person_key").is_null() == pl.col("identity_kind").is_null())

    @pa.dataframe_check(name="no_direct_identifier")
    @classmethod
    def no_direct_identifier(cls, data: PolarsData) -> pl.LazyFrame:
        kept = [
            name
            for name, column in stored_columns(cls).items()
            if any(check.name == "str_matches" for check in column.checks) and name != "person_key"
        ]
        found = pl.any_horizontal(
            (
                pl.col(name).str.contains(fields.DIRECT_IDENTIFIER)
                & ~pl.col(name).str.contains(fields.UUID)
            ).fill_null(False)
            for name in kept
        )
        return judge(data, ~found)


def judge(data: PolarsData, rule: pl.Expr) -> pl.LazyFrame:
    """One boolean per row; a row for which the rule cannot be decided passes."""
    return data.lazyframe.select(rule.fill_null(True))


def stored_columns(contract: type[Record]) -> dict[str, Any]:
    """Name and Pandera column of everything that the warehouse keeps, in contract order."""
    return {
        name: column
        for name, column in contract.to_schema().columns.items()
        if name not in CONTEXT_COLUMNS
    }


def mappable_columns(contract: type[Record]) -> dict[str, Any]:
    """The stored columns that a source can give; the others are made while its rows are read."""
    return {
        name: column
        for name, column in stored_columns(contract).items()
        if column.metadata["kind"] not in fields.MADE_HERE and name != "identity_kind"
    }


def codes_of(column: Any) -> list[str]:
    """The closed list of a column; empty where it has none."""
    checks = column.checks
    return next((list(c.statistics["allowed_values"]) for c in checks if c.name == "isin"), [])
