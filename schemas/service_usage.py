"""The service-usage feed: what was done for whom, with what result."""

import pandera.polars as pa
import polars as pl
from pandera.api.polars.types import PolarsData

from schemas import codes, fields
from schemas.feed import Feed
from schemas.record import Record, judge


class ServiceUsage(Record):
    """One use of one service: a demand, a session, an hour of machine, a meal, a trip."""

    occurred_at: fields.Instant = fields.instant(
        "Date",
        "Instant at which the service was given.",
        "Instant où le service a été rendu.",
        nullable=False,
    )
    occurred_local: fields.Local = fields.local(
        "Date, heure du lieu",
        "The instant as the clock of the place shows it.",
        "L'instant, à l'heure du lieu.",
    )
    is_time_ambiguous: bool = fields.column(
        "Heure ambiguë",
        "The local time exists twice (end of summer time); the first was taken.",
        "L'heure locale existe deux fois (fin de l'heure d'été) ; la première a été retenue.",
        "flag",
        nullable=False,
    )
    duration_minutes: int = fields.column(
        "Durée",
        "Length of the service.",
        "Durée du service.",
        "minutes",
        unit="minutes",
        in_range={"min_value": 0, "max_value": 60 * 24 * 31},
        costs_itself=True,
        summed_where=("service_code", codes.Service.TRAINING.value),
    )
    headcount: int = fields.column(
        "Nombre de personnes",
        "People served; 1 when a person is identified.",
        "Personnes servies ; 1 quand la personne est identifiée.",
        "integer",
        unit="persons",
        default=1,
        nullable=False,
        in_range={"min_value": 1, "max_value": 5000},
    )
    service_code: str = fields.code(
        "Service",
        "Service that was used.",
        "Service qui a été utilisé.",
        codes.Service.values(),
        nullable=False,
    )
    theme_code: str = fields.column(
        "Thématique",
        "Theme, as data.inclusion writes it: `family--detail`.",
        "Thématique, comme l'écrit data.inclusion : `famille--detail`.",
        "code",
        unit="code",
        str_matches=r"^[a-z]+(-[a-z]+)*--[a-z0-9]+(-[a-z0-9]+)*$",
        str_length={"max_value": 80},
        costs_itself=True,
    )
    operator_code: str = fields.code(
        "Opérateur",
        "National operator that the demand concerns.",
        "Opérateur national que la demande concerne.",
        codes.Operator.values(),
        costs_itself=True,
    )
    mode: str = fields.code(
        "Mode",
        "Individual, group or remote.",
        "Individuel, collectif ou à distance.",
        codes.Mode.values(),
        costs_itself=True,
    )
    location: str = fields.code(
        "Lieu de réalisation",
        "On site, off site or remote.",
        "Sur place, hors les murs ou à distance.",
        codes.Location.values(),
        default=codes.Location.ON_SITE.value,
        nullable=False,
    )
    autonomy: str = fields.code(
        "Autonomie",
        "Autonomy as rated by the adviser.",
        "Autonomie, telle que l'a jugée le conseiller.",
        codes.Autonomy.values(),
        personal="indirect",
        costs_itself=True,
    )
    outcome: str = fields.code(
        "Suite donnée",
        "Result of the service.",
        "Ce que le service a donné.",
        codes.Outcome.values(),
        costs_itself=True,
    )
    quantity: float = fields.column(
        "Quantité",
        "Amount used, in `unit`.",
        "Quantité utilisée, dans l'unité de `unit`.",
        "decimal",
        unit="see `unit`",
        ge=0,
    )
    unit: str = fields.code(
        "Unité", "Unit of `quantity`.", "Unité de `quantity`.", codes.Unit.values()
    )
    amount_eur_cents: int = fields.column(
        "Montant",
        "Amount paid by the user; given in euros by the source.",
        "Montant payé par l'usager.",
        "euros",
        unit="euro cents",
        ge=0,
    )
    structure_siret: str = fields.column(
        "SIRET de la structure",
        "Organisation that used the service.",
        "Organisation qui a utilisé le service.",
        "siret",
        unit="SIRET",
    )
    activity_id: str = fields.column(
        "Activité",
        "Identifier of the session, class or meeting.",
        "Identifiant de la séance, du cours ou de la réunion.",
        "identifier",
        str_matches=fields.IDENTIFIER,
        str_length={"max_value": 100},
    )
    enrolled_from: pl.Date = fields.column(
        "Inscrit du",
        "First day of enrolment (campus).",
        "Premier jour de l'inscription (campus).",
        "date",
        unit="date",
    )
    enrolled_to: pl.Date = fields.column(
        "Inscrit au",
        "Last day of enrolment, included (campus).",
        "Dernier jour de l'inscription, compris (campus).",
        "date",
        unit="date",
    )
    evidence: str = fields.code(
        "Preuve",
        "How the use is known.",
        "Comment l'usage est connu.",
        codes.Evidence.values(),
        default=codes.Evidence.DECLARED.value,
        nullable=False,
    )

    @pa.dataframe_check(name="one_person_is_one")
    @classmethod
    def one_person_is_one(cls, data: PolarsData) -> pl.LazyFrame:
        return judge(data, pl.col("person_key").is_null() | (pl.col("headcount") == 1))

    @pa.dataframe_check(name="quantity_has_unit")
    @classmethod
    def quantity_has_unit(cls, data: PolarsData) -> pl.LazyFrame:
        return judge(data, pl.col("quantity").is_null() | pl.col("unit").is_not_null())

    @pa.dataframe_check(name="enrolment_in_order")
    @classmethod
    def enrolment_in_order(cls, data: PolarsData) -> pl.LazyFrame:
        return judge(data, pl.col("enrolled_to") >= pl.col("enrolled_from"))

    @pa.dataframe_check(name="sensitive_service_is_anonymous")
    @classmethod
    def sensitive_service_is_anonymous(cls, data: PolarsData) -> pl.LazyFrame:
        sensitive = pl.col("service_code").is_in(codes.SENSITIVE_SERVICES)
        return judge(data, ~sensitive | pl.col("person_key").is_null())

    @pa.dataframe_check(name="not_in_future")
    @classmethod
    def not_in_future(cls, data: PolarsData) -> pl.LazyFrame:
        return judge(data, pl.col("occurred_at") <= pl.col("known_at"))


FEED = Feed(
    ServiceUsage,
    event="occurred_at",
    day="occurred_local",
    words=("usages de services", "service usage"),
    rows=("usages de services", "uses of services"),
    dataset="services-tiers-lieux",
    title="Services rendus par les tiers-lieux",
    about="Ce qui a été fait pour qui, et avec quel résultat. "
    "Une ligne par usage d'un service : accompagnement, atelier, heure de machine, repas.",
)
