"""Fab-manager: machines and trainings booked by members, one line for each reserved slot."""

import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flows.samples.crowd import Visit
from flows.samples.faults import UNKNOWN_COMMUNE, Planter, comment
from flows.samples.people import Person
from flows.samples.site import WORDS_OF_STATUS, Site
from flows.samples.tables import Cell, Export, Row, Table, json_lines

PARIS = ZoneInfo("Europe/Paris")
HEADER = [
    "id", "user_id", "reservable_id", "reservable_type", "created_at", "updated_at", "state",
    "canceled", "start_at", "end_at", "duration", "hours", "price",
    "user.id", "user.email", "user.full_name", "user.gender", "user.birthday",
    "user.group.id", "user.group.name", "user.group.slug",
    "user.custom_fields.commune_insee", "user.custom_fields.situation",
    "reservable.id", "reservable.name", "reservable.slug", "comment",
]  # fmt: skip
MACHINES = (
    (7, "Découpe laser", "decoupe-laser", 24.0),
    (8, "Imprimante 3D", "imprimante-3d", 6.0),
    (9, "Fraiseuse numérique", "fraiseuse-numerique", 18.0),
    (10, "Brodeuse numérique", "brodeuse-numerique", 9.0),
    (11, "Découpe vinyle", "decoupe-vinyle", 6.0),
)
TRAININGS = (
    (21, "Habilitation découpe laser", "habilitation-decoupe-laser", 15.0),
    (22, "Prise en main imprimante 3D", "prise-en-main-imprimante-3d", 10.0),
)
GROUPS = {"scolarise": (2, "réduit", "reduit"), "sans_emploi": (2, "réduit", "reduit")}
USUAL_GROUP = (1, "standard", "standard")
GENDERS = {"feminin": "woman", "masculin": "man", "": None}
TRAINING_SHARE, CANCELLED_SHARE, SECOND_SLOT_SHARE = 0.08, 0.07, 0.12


def fab_manager(site: Site, visits: Iterable[Visit], path: str, careless: str = "") -> Export:
    """Reservations of the period; `careless` is the e-mail that its owner types oddly."""
    rng = site.chance("fab-manager")
    table = Table(HEADER, [])
    for visit in visits:
        start = visit.arrives.replace(minute=0)
        hours = max(1, min(3, round(visit.minutes / 60)))
        table.rows.append(reservation(rng, visit.person, start, hours, careless))
        if rng.random() < SECOND_SLOT_SHARE:
            second = start + timedelta(hours=hours)
            table.rows.append(reservation(rng, visit.person, second, 1, careless))
    table.rows.sort(key=lambda row: (str(row[4]), str(row[8]), str(row[13])))
    for number, row in enumerate(table.rows, start=20_411):
        row[0] = number
    plant(site, table)
    return json_lines(path, table)


def reservation(
    rng: random.Random, person: Person, start: datetime, hours: int, careless: str
) -> Row:
    """One reserved slot; a favourite machine, sometimes a training, sometimes cancelled."""
    is_training = rng.random() < TRAINING_SHARE
    choices = TRAININGS if is_training else MACHINES
    favourite = person.number + (1 if rng.random() < 0.25 else 0)
    thing, name, slug, price = choices[favourite % len(choices)]
    created = start - timedelta(
        minutes=rng.randint(2 * 60, 14 * 24 * 60), seconds=rng.randrange(60)
    )
    is_cancelled = rng.random() < CANCELLED_SHARE
    updated = created + (start - created) * rng.random() if is_cancelled else created
    group = GROUPS.get(person.status, USUAL_GROUP)
    email = f" {person.email}" if person.email == careless else person.email
    slot: Row = [
        0, person.number, thing, "Training" if is_training else "Machine",
        rails_moment(created, rng.randrange(1000)), rails_moment(updated, rng.randrange(1000)),
        "canceled" if is_cancelled else "reserved", is_cancelled,
        rails_moment(start), rails_moment(start + timedelta(hours=hours)),
        hours * 60, float(hours), price * hours,
    ]  # fmt: skip
    member: Row = [
        person.number, email, f"{person.first_name} {person.last_name}", GENDERS[person.gender],
        person.born.isoformat(), *group, person.home, WORDS_OF_STATUS[person.status] or None,
    ]  # fmt: skip
    return [*slot, *member, thing, name, slug, comment(rng)]


def rails_moment(moment: datetime, milliseconds: int = 0) -> str:
    """ISO 8601 with milliseconds and the offset that Paris has at that moment."""
    local = moment.replace(microsecond=milliseconds * 1000, tzinfo=PARIS)
    return local.isoformat(timespec="milliseconds")


def a_day_later(cell: Cell) -> str:
    """The same clock time one day later."""
    moment = datetime.fromisoformat(str(cell)) + timedelta(days=1)
    return moment.isoformat(timespec="milliseconds")


def plant(site: Site, table: Table) -> None:
    planter = Planter(site.chance("fab-manager faults"), table)
    planter.duplicate(1200)
    cancelled: dict[str, Cell] = {"state": "canceled", "canceled": True}
    planter.correct(1500, cancelled, "updated_at", a_day_later)
    planter.write(1700, "unknown code", "state", "waiting")
    planter.write(2000, "unknown commune", "user.custom_fields.commune_insee", UNKNOWN_COMMUNE)
    planter.write(2600, "unreadable date", "start_at", "2025-02-31T10:00:00.000+01:00")
    planter.swap(2200, "start_at", "end_at")
