"""The exports of an association with a FabLab and a coworking space."""

import dataclasses
import random
from collections.abc import Collection

from flows.samples.agenda import agenda
from flows.samples.bookings import fab_manager
from flows.samples.checkins import cobot
from flows.samples.contracts import ASSOCIATION_TEAM, by_payroll, hired, rh
from flows.samples.crowd import (
    Circle,
    Profile,
    draw_circles,
    draw_visits,
    second_habits,
    until_the_end,
)
from flows.samples.names import MAIL_DOMAIN
from flows.samples.payroll import ASSOCIATION, payroll_sheet
from flows.samples.people import People, Person, Region
from flows.samples.seasons import FIRST_DAY, LAST_DAY
from flows.samples.site import Site
from flows.samples.support import suivi_accompagnement
from flows.samples.tables import Export
from flows.samples.till import caisse

REGION = Region(
    homes=(
        ("80021", 100), ("80489", 12), ("80674", 10), ("80164", 9), ("80131", 7), ("80725", 9),
        ("80632", 6), ("80724", 5), ("80261", 4), ("80256", 3), ("80016", 4), ("80001", 3),
        ("80131", 2), ("60057", 2),
    ),
    works=(("80021", 45), ("75056", 25), ("59350", 15), ("60057", 8), ("62041", 7)),
)  # fmt: skip
COWORKING = Profile(
    service="coworking", ages=((20, 29, 30), (30, 44, 48), (45, 63, 22)),
    regulars=46, monthly_newcomers=13, rate=0.66, weekdays=(1, 4),
    hours=(540, 545, 555, 570, 600, 840), stay=(150, 520), circle_share=0.35, women=0.5,
    tenure_days=300,
)  # fmt: skip
FABLAB = Profile(
    service="fablab", ages=((12, 17, 8), (18, 29, 30), (30, 49, 38), (50, 75, 24)),
    regulars=72, monthly_newcomers=25, rate=0.45, weekdays=(1, 2),
    hours=(600, 660, 840, 900, 960, 1020), stay=(45, 200), circle_share=0.4, women=0.36,
    tenure_days=330,
)  # fmt: skip
MEDIATION = Profile(
    service="mediation_numerique", ages=((18, 34, 14), (35, 54, 24), (55, 69, 34), (70, 88, 28)),
    regulars=18, monthly_newcomers=15, rate=0.2, weekdays=(1, 2), hours=(570, 630, 840, 900),
    stay=(30, 75), circle_share=0.0, women=0.58, tenure_days=150,
)  # fmt: skip
HOLDER_AGES = ((22, 34, 45), (35, 49, 40), (50, 62, 15))
HOLDER_COUNT = 70
HOSTED_COUNT, HOSTED_WHO_COWORK = 22, 2

SHARED_EMAIL = f"oriane.quetchouvel@{MAIL_DOMAIN}"
"""Somebody who books machines and comes to work: the same address, written in two ways."""
SHARED_LAST_NAME = "Quétchouvel"


def machinerie_exports(site: Site, folder: str, tools: Collection[str]) -> list[Export]:
    """The files of the named tools, in a stable order."""
    rng = site.chance("people")
    people = People(rng, site.region)
    work = draw_circles(rng, people, scaled(COWORKING, site))
    make = draw_circles(rng, people, scaled(FABLAB, site))
    learn = draw_circles(rng, people, scaled(MEDIATION, site))
    make += second_habits(rng, work, FABLAB, 0.06)
    careless = ""
    if site.is_showcase:
        shared = dataclasses.replace(
            people.draw(HOLDER_AGES, women=1.0),
            first_name="Oriane", last_name=SHARED_LAST_NAME, email=SHARED_EMAIL, home="80021",
        )  # fmt: skip
        careless = shared.email
        work.append(faithful(shared, COWORKING, (0, 1, 3)))
        make.append(faithful(shared, FABLAB, (1, 3)))
    holders = project_holders(rng, people, site, lasting(work) + lasting(make))
    exports = []
    if "fab-manager" in tools:
        visits = draw_visits(site.chance("fablab"), make, site.days)
        path = f"{folder}/fab-manager-2026-10-31.pages"
        exports.append(fab_manager(site, visits, path, careless))
    if "cobot" in tools:
        visits = draw_visits(site.chance("coworking"), work, site.days)
        exports.append(cobot(site, visits, f"{folder}/cobot-checkins-2026-10-31.csv", careless))
    if "suivi-accompagnement" in tools:
        visits = draw_visits(site.chance("mediation"), learn, site.days)
        path = f"{folder}/suivi-accompagnement-2026-10-31.xlsx"
        exports.append(suivi_accompagnement(site, visits, holders, path))
    if "caisse" in tools:
        exports.append(caisse(site, f"{folder}/caisse-2026-10-31.csv"))
    if "permanences" in tools:
        exports.append(agenda(site, f"{folder}/agenda-2026-10-31.ics"))
    if "rh" in tools:
        team = hired(site, people, ASSOCIATION_TEAM)
        paid, listed = by_payroll(team, tools)
        if paid:
            exports.append(payroll_sheet(site, ASSOCIATION, paid, folder))
        coworkers = lasting(work)[:HOSTED_WHO_COWORK]
        hosted = max(HOSTED_WHO_COWORK, int(site.scaled(HOSTED_COUNT)))
        path = f"{folder}/rh-2026-10-31.xlsx"
        exports.append(rh(site, people, listed, coworkers, hosted, path))
    return exports


def project_holders(
    rng: random.Random, people: People, site: Site, insiders: list[Person]
) -> list[Person]:
    """Most holders come for the programme alone; some already work or make things here."""
    count = int(site.scaled(HOLDER_COUNT))
    known = rng.sample(insiders, min(len(insiders), count // 4))
    holders = [people.draw(HOLDER_AGES, women=0.52) for _ in range(count - len(known))]
    return rng.sample(holders + known, count)


def scaled(profile: Profile, site: Site) -> Profile:
    """The same habits, with as many people as the place is big."""
    return dataclasses.replace(
        profile,
        regulars=round(site.scaled(profile.regulars)),
        monthly_newcomers=site.scaled(profile.monthly_newcomers),
    )


def faithful(person: Person, profile: Profile, weekdays: tuple[int, ...]) -> Circle:
    """Somebody who hardly ever misses their days."""
    return Circle(
        service=profile.service,
        members=[until_the_end(person)],
        weekdays=weekdays,
        rate=0.97,
        minute=profile.hours[1] if profile is COWORKING else 17 * 60,
        stay=(120, 300) if profile is COWORKING else profile.stay,
    )


def lasting(circles: list[Circle]) -> list[Person]:
    """Adults who come from the first day to the last, those who come alone and those in circles."""
    return [
        member.person
        for gathering in circles
        for member in gathering.members
        if (member.first, member.last >= LAST_DAY) == (FIRST_DAY, True)
        and member.person.born.year < 2004
    ]
