"""Cobot: check-ins of a coworking space, with the departures of those who check out."""

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from flows.samples.crowd import Visit
from flows.samples.faults import UNKNOWN_COMMUNE, Planter, comment
from flows.samples.people import Person
from flows.samples.site import WORDS_OF_GENDER, WORDS_OF_STATUS, Site
from flows.samples.tables import Export, Row, Table, delimited

PARIS = ZoneInfo("Europe/Paris")
HEADER = [
    "Check-in ID", "Member", "Email", "Plan", "Checked in at", "Checked out at", "Valid until",
    "Genre", "Commune", "Situation", "Commune de travail", "Commentaire",
]  # fmt: skip
PLANS = ("Plein temps", "10 jours par mois", "Carnet de journées", "Journée d'essai")
STAFF_EVERY = 41
CHECK_OUT_SHARE = 0.72


def cobot(site: Site, visits: Iterable[Visit], path: str, careless: str = "") -> Export:
    """Check-ins of the period; `careless` is the e-mail that its owner types oddly."""
    rng = site.chance("cobot")
    rows = [check_in(rng, number, visit, careless) for number, visit in enumerate(visits, 40_118)]
    table = Table(HEADER, rows)
    planter = Planter(site.chance("cobot faults"), table)
    planter.duplicate(1500)
    planter.write(1500, "unknown commune", "Commune", UNKNOWN_COMMUNE)
    planter.write(1800, "unknown code", "Plan", "Essai 2 ?")
    planter.write(2400, "unreadable date", "Checked in at", "2025/02/31 09:12:00 +0000")
    planter.swap(1600, "Checked in at", "Checked out at")
    planter.ragged(3300)
    if site.is_showcase:
        planter.repeat_header()
    return delimited(path, table, ",", "utf-8")


def check_in(rng: random.Random, number: int, visit: Visit, careless: str) -> Row:
    """A check-in; without a check-out only the end of the pass is known, 4 a.m. the next day."""
    person = visit.person
    arrives = visit.arrives + timedelta(seconds=rng.randrange(60))
    checks_out = rng.random() < CHECK_OUT_SHARE
    pass_ends = arrives.replace(hour=3, minute=59, second=59) + timedelta(days=1)
    leaves = cobot_moment(visit.leaves + timedelta(seconds=rng.randrange(60)))
    return [
        f"ci-{number}",
        f"{person.first_name} {person.last_name}",
        typed_email(person, careless),
        "Équipe" if person.number % STAFF_EVERY == 0 else PLANS[person.number % len(PLANS)],
        cobot_moment(arrives),
        leaves if checks_out else "",
        leaves if checks_out else cobot_moment(pass_ends),
        WORDS_OF_GENDER[person.gender],
        person.home,
        WORDS_OF_STATUS[person.status],
        person.works_in,
        comment(rng),
    ]


def typed_email(person: Person, careless: str) -> str:
    """Some members typed their address with capitals, one with spaces around it."""
    if person.email == careless:
        return f"{person.email.upper()} "
    return person.email.capitalize() if person.number % 13 == 0 else person.email


def cobot_moment(moment: datetime) -> str:
    return f"{moment.replace(tzinfo=PARIS).astimezone(UTC):%Y/%m/%d %H:%M:%S +0000}"
