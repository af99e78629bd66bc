"""One record from one number: near midnight, at the end of a month, in the hour that comes twice."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

Row = dict[str, Any]
PARIS = ZoneInfo("Europe/Paris")
AGES = ("moins_de_douze", "douze_dix_huit", "dix_huit_vingt_quatre", "vingt_cinq_trente_neuf",
        "quarante_cinquante_neuf", "soixante_soixante_neuf", "soixante_dix_plus",
        "non_communique")  # fmt: skip
GENDERS = ("feminin", "masculin", "non_communique")
STATUSES = ("scolarise", "sans_emploi", "en_emploi", "retraite", "non_communique")
EVIDENCES = ("seen", "seen", "checked_in", "ticketed", "booked", "declared")
HOMES = ("02676", "02676", "02720", "80021", "75102", "75056", "01018", "01091", "22016", "99999")
"""Former codes, a part, an arrondissement and its city, and a code that no list has."""
KINDS = ("email",) * 12 + ("name_birth", "source_id")
SPACES = ("coworking", "coworking", "fablab", "campus_connecte", "salle", None)
SERVICES = ("coworking", "fablab", "makerspace", "atelier_partage", "salle", "formation",
            "mediation_numerique", "mediation_numerique", "france_services", "france_services",
            "campus_connecte", "campus_connecte", "incubation", "incubation", "restauration",
            "telemedecine", "evenement")  # fmt: skip
FOLLOWED = ("mediation_numerique", "mediation_numerique", "campus_connecte", "incubation")
"""Services that one person uses again and again."""
OUTCOMES = ("resolu_sur_place", "a_poursuivre", "oriente", "abandonne", "entreprise_creee",
            "annee_validee", "annee_non_validee", "non_communique", None)  # fmt: skip
CONTRACTS = ("CDI", "CDI", "CDD", "CDD", "CDDI", "CDDI", "FONCTIONNAIRE", "INDEPENDANT",
             "DIRIGEANT", "PEC", "APPRENTISSAGE", "SERVICE_CIVIQUE", "STAGE", "BENEVOLE")  # fmt: skip
EXITS = ("cdi", "cdd_plus_6m", "fonction_publique", "creation_entreprise", "cdd_moins_6m",
         "contrat_aide", "formation", "autre_siae", "chomage", "inactif", "inconnu", "retraite",
         "deces", "maladie_longue", None)  # fmt: skip
SIRETS = ("55210055400013", "73282932000074", None)
CLOCKS = (time(0), time(0, 20), time(8, 59, 59), time(9), time(9, 10), time(9, 10), time(12),
          time(16, 45), time(22, 30), time(23, 59, 59), time(2, 30))  # fmt: skip
STAYS = (60, 14 * 60 + 59, 15 * 60, 16 * 60, 3600, 3600, 4 * 3600, 8 * 3600, 86400)
CHANGES_OF_TIME = (date(2025, 3, 30), date(2025, 10, 26), date(2026, 3, 29))


@dataclass(frozen=True)
class Crowd:
    """Who may come where and when; nothing of it is drawn twice for one record."""

    places: list[Row]
    persons: int
    is_network_key: bool
    first: date
    today: date
    hot_days: list[date]
    heat: float
    is_one_room: bool
    services: tuple[str, ...]
    spaces: tuple[str | None, ...]

    def day(self, random: Random) -> date:
        """Mostly one of the days on which many come, else an edge of a month, else any."""
        size = (self.today - self.first).days
        if random.random() < self.heat:
            return random.choice(self.hot_days)
        day = self.first + timedelta(random.randrange(size))
        if random.random() < 0.3:
            day = max(day.replace(day=1) - timedelta(random.randrange(2)), self.first)
        elif random.random() < 0.1:
            day = random.choice(CHANGES_OF_TIME)
        return min(day, self.today - timedelta(1))

    def instant(self, random: Random) -> datetime:
        """An instant in UTC; the hour that comes twice is either of the two."""
        clock = random.choice(CLOCKS)
        if self.is_one_room:  # everybody within the same morning
            clock = random.choice((time(9), time(9, 10), time(9, 30), time(9, 46)))
        local = datetime.combine(self.day(random), clock, PARIS).replace(fold=random.randrange(2))
        return local.astimezone(UTC)

    def source(self, random: Random, feed: str) -> tuple[str, Row] | None:
        is_first = self.is_one_room and random.random() < 0.8
        place = self.places[0] if is_first else random.choice(self.places)
        tools = [s for s in place["sources"] if s["feed"] == feed]
        return (place["id"], random.choice(tools)) if tools else None

    def person(self, random: Random, place_id: str, source: Row, anonymous: float) -> Row:
        """The pseudonym and what the row says of the person, which mostly agrees between rows."""
        if not self.persons or not source["identity"] or random.random() < anonymous:
            return dict.fromkeys(
                (
                    "person_key",
                    "identity_kind",
                    "age_band",
                    "gender",
                    "social_status",
                    "home_commune",
                )
            )
        number = random.randrange(self.persons)
        return {
            "person_key": f"{'' if self.is_network_key else place_id + ':'}{number}",
            "identity_kind": random.choice(KINDS) if number % 4 == 0 else "email",
            "age_band": known(random, AGES, number),
            "gender": known(random, GENDERS, number),
            "social_status": known(random, STATUSES, number),
            "home_commune": known(random, HOMES, number),
        }


def known(random: Random, codes: tuple[str, ...], number: int) -> str | None:
    """What is mostly known of a person, sometimes not, sometimes something else."""
    chance = random.random()
    if chance < 0.15:
        return None
    return random.choice(codes) if chance < 0.3 else codes[number % len(codes)]


def base(random: Random, crowd: Crowd, feed: str, anonymous: float) -> Row | None:
    found = crowd.source(random, feed)
    if found is None:
        return None
    place_id, source = found
    return {
        "place_id": place_id,
        "source_id": source["id"],
        **crowd.person(random, place_id, source, anonymous),
        "deleted": random.random() < 0.03,
    }


def heads(random: Random, row: Row, crowd: Crowd) -> int:
    """Groups are as large as those in which nobody meets, but not always where people should."""
    if row["person_key"]:
        return 1
    return random.choice((1,) * 20 + (49, 51) if crowd.is_one_room else (1, 1, 3, 12, 49, 51))


def attendance(seed: int, crowd: Crowd) -> Row | None:
    random = Random(seed)
    row = base(random, crowd, "attendance", 0.12)
    if row is None:
        return None
    checked_in_at = crowd.instant(random)
    stay = timedelta(seconds=random.choice(STAYS[4:] if crowd.is_one_room else STAYS))
    return row | {
        "checked_in_at": checked_in_at,
        "checked_out_at": checked_in_at + stay if random.random() < 0.75 else None,
        "is_time_ambiguous": False,
        "headcount": heads(random, row, crowd),
        "space_code": random.choice(crowd.spaces),
        "activity_id": random.choice((None,) * (20 if crowd.is_one_room else 4) + ("s1", "s2")),
        "role": random.choice(("usager",) * 12 + ("equipe", "benevole", "intervenant")),
        "attendance_status": random.choice(("present",) * 12 + ("absent", "annule")),
        "evidence": random.choice(EVIDENCES),
        "usual_work_commune": random.choice((None, "80021", "02173", "75056", "22016", "01018")),
    }


def service_usage(seed: int, crowd: Crowd) -> Row | None:
    random = Random(seed)
    row = base(random, crowd, "service_usage", 0.2)
    if row is None:
        return None
    service = random.choice(crowd.services)
    if service == "telemedecine":  # nothing is kept of these people
        row |= dict.fromkeys(
            ("person_key", "identity_kind", "age_band", "gender", "social_status", "home_commune")
        )
    occurred_at = crowd.instant(random)
    unit = random.choice((None, "heure", "jour"))
    enrolled_from = occurred_at.date() - timedelta(random.randrange(20))
    is_enrolled = service == "campus_connecte" and random.random() < 0.8
    return row | {
        "occurred_at": occurred_at,
        "is_time_ambiguous": False,
        "duration_minutes": random.choice((None, 0, 30, 45, 600)),
        "headcount": heads(random, row, crowd),
        "service_code": service,
        "theme_code": random.choice((None, "numerique--a", "numerique--b")),
        "operator_code": random.choice((None, "cnaf", "msa")),
        "mode": random.choice((None, "individuel", "individuel", "collectif", "a_distance")),
        "location": random.choice(("sur_place", "hors_les_murs", "a_distance")),
        "autonomy": random.choice(
            (None, "entierement_accompagne", "partiellement_autonome", "autonome")
        ),
        "outcome": random.choice(OUTCOMES),
        "quantity": random.choice((0.0, 1.5, 2.25, 8.0)) if unit else None,
        "unit": unit,
        "amount_eur_cents": random.choice((None, 0, 1, 1250, 99999)),
        "structure_siret": random.choice(SIRETS),
        "activity_id": None,
        "enrolled_from": enrolled_from if is_enrolled else None,
        "enrolled_to": random.choice((None, enrolled_from + timedelta(random.randrange(90))))
        if is_enrolled
        else None,
        "evidence": random.choice(EVIDENCES),
    }


def employment(seed: int, crowd: Crowd) -> Row | None:
    random = Random(seed)
    row = base(random, crowd, "employment", 0.1)
    if row is None:
        return None
    started_on = crowd.day(random) - timedelta(random.choice((0, 0, 1, 31, 400)))
    length = random.choice((None, None, 0, 28, 29, 30, 58, 88, 89, 90, 180, 365, 700))
    kind = random.choice(CONTRACTS)
    relation = random.choice(("equipe", "equipe", "structure_hebergee"))
    return row | {
        "relation": relation,
        "employer_siret": random.choice(SIRETS),
        "contract_type": kind,
        "started_on": started_on,
        "ended_on": None if length is None else started_on + timedelta(length),
        "weekly_minutes": random.choice((2100, 1050, 2340, 0) + (None,) * (relation != "equipe")),
        "gross_monthly_eur_cents": None,
        "is_insertion": kind == "CDDI" or (kind == "PEC" and random.random() < 0.5),
        "post_code": None,
        "grant_id": None,
        "exit_reason": random.choice(EXITS),
    }


DRAWERS: dict[str, Callable[[int, Crowd], Row | None]] = {
    "attendance": attendance, "employment": employment, "service_usage": service_usage,
}  # fmt: skip
