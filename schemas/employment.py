"""The employment feed: contracts of the team and of the organisations that the place hosts."""

import pandera.polars as pa
import polars as pl
from pandera.api.polars.types import PolarsData

from schemas import codes, fields
from schemas.feed import Feed
from schemas.record import Record, judge


class Employment(Record):
    """One contract, or one commitment that is not a job (service civique, internship)."""

    relation: str = fields.code(
        "Relation au lieu",
        "Staff of the place, or of an organisation hosted there.",
        "Équipe du lieu, ou d'une structure qu'il héberge.",
        codes.Relation.values(),
        default=codes.Relation.STAFF.value,
        nullable=False,
    )
    employer_siret: str = fields.column(
        "SIRET de l'employeur",
        "Establishment that employs.",
        "Établissement qui emploie.",
        "siret",
        unit="SIRET",
    )
    contract_type: str = fields.code(
        "Nature du contrat",
        "Kind of contract.",
        "Nature du contrat ou de l'engagement.",
        codes.ContractType.values(),
        nullable=False,
    )
    started_on: pl.Date = fields.column(
        "Début",
        "First day of the contract.",
        "Premier jour du contrat.",
        "date",
        unit="date",
        nullable=False,
    )
    ended_on: pl.Date = fields.column(
        "Fin",
        "Last day of the contract, included; empty while it runs.",
        "Dernier jour du contrat, compris ; vide tant qu'il court.",
        "date",
        unit="date",
    )
    weekly_minutes: int = fields.column(
        "Durée hebdomadaire",
        "Contractual working time a week; given in hours by the source.",
        "Durée de travail par semaine que prévoit le contrat.",
        "week_hours",
        unit="minutes a week",
        in_range={"min_value": 0, "max_value": 48 * 60},
    )
    gross_monthly_eur_cents: int = fields.column(
        "Salaire brut mensuel",
        "Gross monthly pay; given in euros by the source.",
        "Salaire brut par mois.",
        "euros",
        unit="euro cents a month",
        personal="indirect",
        ge=0,
    )
    is_insertion: bool = fields.column(
        "Contrat d'insertion",
        "True for a contract of insertion par l'activité économique.",
        "Vrai pour un contrat d'insertion par l'activité économique.",
        "boolean",
        default=False,
        nullable=False,
    )
    post_code: str = fields.code("Poste", "Kind of post.", "Nature du poste.", codes.Post.values())
    grant_id: str = fields.column(
        "Subvention",
        "Identifier of the grant that pays the post.",
        "Identifiant de la subvention qui finance le poste.",
        "identifier",
        str_matches=fields.IDENTIFIER,
        str_length={"max_value": 100},
        costs_itself=True,
    )
    exit_reason: str = fields.code(
        "Motif de sortie",
        "Situation after the contract.",
        "Situation après le contrat.",
        codes.ExitReason.values(),
        personal="indirect",
    )

    @pa.dataframe_check(name="ends_after_starting")
    @classmethod
    def ends_after_starting(cls, data: PolarsData) -> pl.LazyFrame:
        return judge(data, pl.col("ended_on") >= pl.col("started_on"))

    @pa.dataframe_check(name="staff_has_hours")
    @classmethod
    def staff_has_hours(cls, data: PolarsData) -> pl.LazyFrame:
        is_paid_staff = (pl.col("relation") == codes.Relation.STAFF.value) & ~pl.col(
            "contract_type"
        ).is_in(codes.WITHOUT_HOURS)
        return judge(data, ~is_paid_staff | pl.col("weekly_minutes").is_not_null())


FEED = Feed(
    Employment,
    event="started_on",
    day="started_on",
    words=("emplois", "employment"),
    rows=("contrats de travail", "employment contracts"),
    lasts=True,
    ends="ended_on",
    dataset="emplois-tiers-lieux",
    title="Emplois des tiers-lieux",
    about="Les contrats de l'équipe d'un tiers-lieu et des structures qu'il héberge. "
    "Une ligne par contrat ou engagement.",
)
