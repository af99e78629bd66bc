"""The attendance feed: who was in the place, when, and how that is known."""

import pandera.polars as pa
import polars as pl
from pandera.api.polars.types import PolarsData

from schemas import codes, fields
from schemas.feed import Feed
from schemas.record import Record, judge


class Attendance(Record):
    """One presence (or booked, missed, cancelled presence) of a person or of a group."""

    checked_in_at: fields.Instant = fields.instant(
        "Arrivée",
        "Instant of arrival, or start of the booked slot.",
        "Instant de l'arrivée, ou début du créneau réservé.",
        nullable=False,
    )
    checked_out_at: fields.Instant = fields.instant(
        "Départ",
        "Instant of departure; empty when unknown, never guessed.",
        "Instant du départ ; vide s'il n'est pas connu, jamais deviné.",
        costs_itself=True,
    )
    checked_in_local: fields.Local = fields.local(
        "Arrivée, heure du lieu",
        "The arrival as the clock of the place shows it.",
        "L'arrivée, à l'heure du lieu.",
    )
    checked_out_local: fields.Local = fields.local(
        "Départ, heure du lieu",
        "The departure as the clock of the place shows it.",
        "Le départ, à l'heure du lieu.",
    )
    is_time_ambiguous: bool = fields.column(
        "Heure ambiguë",
        "The local time exists twice (end of summer time); the first was taken.",
        "L'heure locale existe deux fois (fin de l'heure d'été) ; la première a été retenue.",
        "flag",
        nullable=False,
    )
    headcount: int = fields.column(
        "Nombre de personnes",
        "People this row stands for; 1 when a person is identified.",
        "Personnes que représente la ligne ; 1 quand la personne est identifiée.",
        "integer",
        unit="persons",
        default=1,
        nullable=False,
        in_range={"min_value": 1, "max_value": 5000},
    )
    space_code: str = fields.code(
        "Espace",
        "Space or service attended.",
        "Espace ou service fréquenté.",
        codes.Service.values(),
    )
    activity_id: str = fields.column(
        "Activité",
        "Identifier of the session, class or meeting.",
        "Identifiant de la séance, du cours ou de la réunion.",
        "identifier",
        str_matches=fields.IDENTIFIER,
        str_length={"max_value": 100},
    )
    role: str = fields.code(
        "Rôle",
        "In what capacity the person came.",
        "À quel titre la personne est venue.",
        codes.Role.values(),
        default=codes.Role.USER.value,
        nullable=False,
    )
    attendance_status: str = fields.code(
        "Présence",
        "Only `present` is a visit.",
        "Seul `present` est un passage.",
        codes.AttendanceStatus.values(),
        default=codes.AttendanceStatus.PRESENT.value,
        nullable=False,
    )
    evidence: str = fields.code(
        "Preuve",
        "How the presence is known.",
        "Comment la présence est connue.",
        codes.Evidence.values(),
        default=codes.Evidence.DECLARED.value,
        nullable=False,
    )
    usual_work_commune: str = fields.column(
        "Commune de travail habituelle",
        "COG code of the commune where the person would work otherwise.",
        "Code officiel géographique de la commune où la personne travaillerait autrement.",
        "commune",
        unit="COG",
        personal="indirect",
        costs_itself=True,
    )

    @pa.dataframe_check(name="leaves_after_arriving")
    @classmethod
    def leaves_after_arriving(cls, data: PolarsData) -> pl.LazyFrame:
        return judge(data, pl.col("checked_out_at") > pl.col("checked_in_at"))

    @pa.dataframe_check(name="stays_at_most_a_day")
    @classmethod
    def stays_at_most_a_day(cls, data: PolarsData) -> pl.LazyFrame:
        stay = pl.col("checked_out_at") - pl.col("checked_in_at")
        return judge(data, stay <= pl.duration(hours=24))

    @pa.dataframe_check(name="one_person_is_one")
    @classmethod
    def one_person_is_one(cls, data: PolarsData) -> pl.LazyFrame:
        return judge(data, pl.col("person_key").is_null() | (pl.col("headcount") == 1))

    @pa.dataframe_check(name="not_in_future")
    @classmethod
    def not_in_future(cls, data: PolarsData) -> pl.LazyFrame:
        planned = pl.col("attendance_status") != codes.AttendanceStatus.PRESENT.value
        return judge(data, planned | (pl.col("checked_in_at") <= pl.col("known_at")))


FEED = Feed(
    Attendance,
    event="checked_in_at",
    day="checked_in_local",
    words=("présences", "attendance"),
    rows=("présences", "presences"),
    presence=("attendance_status", codes.AttendanceStatus.PRESENT.value),
    session="activity_id",
    dataset="presences-tiers-lieux",
    title="Présences dans les tiers-lieux",
    about="Qui est venu dans un tiers-lieu, quand, et comment on le sait. "
    "Une ligne par présence d'une personne ou d'un groupe.",
)
