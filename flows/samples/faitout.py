"""The exports of a public hybrid place: France services, campus, makerspace and much else."""

from collections.abc import Collection, Mapping, Sequence

from flows.samples.agenda import agenda_of_the_register
from flows.samples.contracts import PUBLIC_TEAM, agents, by_payroll, hired
from flows.samples.crowd import Circle, Member, Profile, draw_circles, draw_visits, second_habits
from flows.samples.demands import france_services
from flows.samples.desk import accueil
from flows.samples.machinerie import scaled
from flows.samples.payroll import COMMUNITY, payroll_sheet
from flows.samples.people import People, Person, Region
from flows.samples.register import campus_term, registre_services
from flows.samples.site import Site
from flows.samples.tables import Export

REGION = Region(
    homes=(
        ("02676", 60), ("02720", 55), ("02360", 45), ("02430", 30), ("02498", 24), ("02457", 12),
        ("02399", 16), ("02218", 14), ("02472", 12), ("02346", 16), ("02013", 12), ("02454", 12),
        ("02613", 8), ("02656", 7), ("02408", 14), ("51454", 4),
    ),
)  # fmt: skip
COUNTER = Profile(
    service="france_services",
    ages=((18, 25, 6), (26, 39, 15), (40, 54, 22), (55, 69, 33), (70, 90, 24)),
    regulars=200, monthly_newcomers=78, rate=0.11, weekdays=(1, 2),
    hours=(550, 585, 625, 660, 825, 870, 930, 985), stay=(12, 55), circle_share=0.0, women=0.56,
    tenure_days=420,
)  # fmt: skip
MEDIATION = Profile(
    service="mediation_numerique", ages=((18, 39, 14), (40, 59, 30), (60, 74, 38), (75, 88, 18)),
    regulars=20, monthly_newcomers=9, rate=0.22, weekdays=(1, 1), hours=(570, 630, 840, 900),
    stay=(40, 95), circle_share=0.4, women=0.6, tenure_days=260,
)  # fmt: skip
MAKERSPACE = Profile(
    service="makerspace", ages=((10, 17, 20), (18, 39, 30), (40, 59, 28), (60, 78, 22)),
    regulars=18, monthly_newcomers=5, rate=0.4, weekdays=(1, 1), hours=(840, 900, 930),
    stay=(50, 170), circle_share=0.6, women=0.42, tenure_days=360,
)  # fmt: skip
STUDENT_AGES = ((18, 21, 60), (22, 29, 25), (30, 48, 15))
STUDENTS_A_YEAR = 13
CAMPUS_STAY = (200, 430)
MULTI_SERVICE_SHARE = 0.1


def faitout_exports(site: Site, folder: str, tools: Collection[str]) -> list[Export]:
    """The files of the named tools, in a stable order."""
    rng = site.chance("people")
    people = People(rng, site.region)
    circles = draw_circles(rng, people, scaled(COUNTER, site))
    circles += second_habits(rng, circles, MEDIATION, MULTI_SERVICE_SHARE)
    for profile in (MEDIATION, MAKERSPACE):
        circles += draw_circles(rng, people, scaled(profile, site))
    cohorts: dict[int, list[Person]] = {}
    if site.is_showcase:
        cohorts = {
            year: [people.draw(STUDENT_AGES, women=0.66) for _ in range(STUDENTS_A_YEAR)]
            for year in (2024, 2025, 2026)
        }
    circles += campus_circles(cohorts)
    visits = draw_visits(site.chance("visits"), circles, site.days)
    exports = []
    if "france-services" in tools:
        demands = [visit for visit in visits if visit.service == "france_services"]
        exports += france_services(site, demands, folder)
    if "accueil" in tools:
        exports.append(accueil(site, visits, f"{folder}/registre-accueil-2026-10-31.csv"))
    if "permanences" in tools:
        exports.append(agenda_of_the_register(site, f"{folder}/agenda-2024-09-01-2026-10-31.ics"))
    if "registre-services" in tools:
        path = f"{folder}/registre-services-2026-10-31.pages"
        exports.append(registre_services(site, visits, cohorts, path))
    if "agents" in tools:
        team = hired(site, people, PUBLIC_TEAM)
        paid, listed = by_payroll(team, tools)
        if paid:
            exports.append(payroll_sheet(site, COMMUNITY, paid, folder))
        exports.append(agents(site, listed, f"{folder}/agents-2026-10-31.ods"))
    return exports


def campus_circles(cohorts: Mapping[int, Sequence[Person]]) -> list[Circle]:
    """Students of a year in small groups that keep the same days."""
    circles = []
    for year, students in cohorts.items():
        first, last = campus_term(year)
        for number in range(0, len(students), 4):
            circles.append(
                Circle(
                    service="campus_connecte",
                    members=[Member(person, first, last) for person in students[number:][:4]],
                    weekdays=(0, 1, 3) if number % 8 else (1, 2, 3, 4),
                    rate=0.9,
                    minute=545,
                    stay=CAMPUS_STAY,
                )
            )
    return circles
