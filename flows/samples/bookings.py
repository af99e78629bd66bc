"""Fab-manager: machines and trainings booked by members, as its API answers."""

import random
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flows.samples.crowd import Visit
from flows.samples.faults import Planter, comment
from flows.samples.people import Person
from flows.samples.site import Site
from flows.samples.tables import Export, Row, Table, nested, pages

PARIS = ZoneInfo("Europe/Paris")
HOUR = timedelta(hours=1)
HEADER = [
    "id", "user_id", "reservable_id", "reservable_type", "created_at", "updated_at",
    "slot.canceled_at", "slot.availability_id", "slot.start_at", "slot.end_at",
    "user.id", "user.email", "user.full_name", "user.gender",
    "user.group.id", "user.group.name", "user.group.slug",
    "reservable.id", "reservable.name", "reservable.slug", "comment",
]  # fmt: skip
PER_PAGE = 100
MACHINES = (
    (7, "Découpe laser", "decoupe-laser"),
    (8, "Imprimante 3D", "imprimante-3d"),
    (9, "Fraiseuse numérique", "fraiseuse-numerique"),
    (10, "Brodeuse numérique", "brodeuse-numerique"),
    (11, "Découpe vinyle", "decoupe-vinyle"),
)
TRAININGS = (
    (21, "Habilitation découpe laser", "habilitation-decoupe-laser"),
    (22, "Prise en main imprimante 3D", "prise-en-main-imprimante-3d"),
)
GROUPS = {"scolarise": (2, "réduit", "reduit"), "sans_emploi": (2, "réduit", "reduit")}
USUAL_GROUP = (1, "standard", "standard")
GENDERS = {"feminin": "woman", "masculin": "man", "": None}
"""The system itself would say `woman` of who did not say: here they stay without."""
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
    table.rows.sort(key=lambda row: (str(row[4]), str(row[8]), str(row[10])))
    for number, row in enumerate(table.rows, start=20_411):
        row[0] = number
    table.rows.reverse()  # the API shows the latest first
    plant(site, table)
    return answers(path, table)


def answers(path: str, table: Table) -> Export:
    """Pages of a hundred reservations, each with a slot for each hour of its row."""
    records = [nested(table.header, row) for row in table.rows]
    for record in records:
        record["reserved_slots"] = hours_of(record.pop("slot"))
    asked = [
        ("open_api/v1/reservations", {"reservations": records[first : first + PER_PAGE]})
        for first in range(0, len(records), PER_PAGE)
    ]
    return pages(path, table, asked)


def hours_of(slot: dict[str, Any]) -> list[dict[str, Any]]:
    """A machine is booked by the hour; a slot that was spoilt on purpose stays as it is."""
    try:
        start, end = (datetime.fromisoformat(slot[name]) for name in ("start_at", "end_at"))
    except ValueError:
        return [slot]
    count = round((end - start) / HOUR)
    if count < 2:
        return [slot]
    ends = [(start + hours * HOUR).isoformat(timespec="milliseconds") for hours in range(1, count)]
    starts = [slot["start_at"], *ends]
    return [
        {**slot, "start_at": begins, "end_at": until}
        for begins, until in zip(starts, [*ends, slot["end_at"]], strict=True)
    ]


def reservation(
    rng: random.Random, person: Person, start: datetime, hours: int, careless: str
) -> Row:
    """One reserved slot; a favourite machine, sometimes a training, sometimes cancelled."""
    is_training = rng.random() < TRAINING_SHARE
    choices = TRAININGS if is_training else MACHINES
    favourite = person.number + (1 if rng.random() < 0.25 else 0)
    thing, name, slug = choices[favourite % len(choices)]
    created = start - timedelta(
        minutes=rng.randint(2 * 60, 14 * 24 * 60), seconds=rng.randrange(60)
    )
    is_cancelled = rng.random() < CANCELLED_SHARE
    cancelled = created + (start - created) * rng.random() if is_cancelled else created
    stamp = rails_moment(created, rng.randrange(1000))
    cancelled_at = rails_moment(cancelled, rng.randrange(1000))
    group = GROUPS.get(person.status, USUAL_GROUP)
    email = f" {person.email}" if person.email == careless else person.email
    return [
        0, person.number, thing, "Training" if is_training else "Machine", stamp, stamp,
        cancelled_at if is_cancelled else None,
        1000 * (start - datetime(2024, 1, 1)).days + thing,
        rails_moment(start), rails_moment(start + timedelta(hours=hours)),
        person.number, email, f"{person.first_name} {person.last_name}", GENDERS[person.gender],
        *group, thing, name, slug, comment(rng),
    ]  # fmt: skip


def rails_moment(moment: datetime, milliseconds: int = 0) -> str:
    """ISO 8601 with milliseconds and the offset that Paris has at that moment."""
    local = moment.replace(microsecond=milliseconds * 1000, tzinfo=PARIS)
    return local.isoformat(timespec="milliseconds")


def plant(site: Site, table: Table) -> None:
    planter = Planter(site.chance("fab-manager faults"), table)
    planter.duplicate(1200)
    planter.write(1700, "unknown code", "reservable_type", "Vehicle")
    planter.write(2600, "unreadable date", "slot.start_at", "2025-02-31T10:00:00.000+01:00")
    planter.swap(2200, "slot.start_at", "slot.end_at")
