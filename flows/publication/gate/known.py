"""What everybody may know of the indicators, by their definitions: the one table of it.

A figure that is published has a line here, or a test fails. What is not sure by the definition is
not here: the gate loses no world that is possible.
"""

from typing import Literal, NamedTuple

OverTime = Literal["sum", "union", "rise", "last", "mean", ""]
"""A period is the sum of its parts; of different people, at least the largest and at most the sum;
at least the largest; as on its last day; the mean of its days."""
OverPlaces = Literal["sum", "union", "people", "people_apart", ""]
"""Of people: a sum where each place has a key of its own. Where they have one for all, what is
counted once is at least the largest and at most the sum; `people_apart`: nothing is sure then."""

PEOPLE, FEW = 5, 3
"""So many values must stay possible to an outsider: of people and acts; of jobs and organisations,
and of anything to a place that knows its own records."""


class Quantity(NamedTuple):
    """How a count, or a part of a share, adds up."""

    over_time: OverTime
    over_places: OverPlaces
    union_by: tuple[str, ...] = ()
    """Characteristics of which one person can have two: the categories are no sum."""
    grain: float = 1
    """Values so far apart are two; hours and the like are no whole numbers."""
    is_whole: bool = True
    limit: int = PEOPLE


ACTS = Quantity("sum", "sum")
HOURS = Quantity("sum", "sum", is_whole=False)
JOBS = Quantity("last", "union", ("type_contrat",), limit=FEW)
PERSONS = Quantity("union", "people")
PERSONS_SO_FAR = Quantity("", "people")
"""Who is among them depends on where the period begins."""
PERSONS_BY_PROFILE = Quantity("", "people_apart")
"""What is known of somebody is what was known last in the period, and at any place."""
ALONE = Quantity("", "")
FEW_ALONE = Quantity("", "", limit=FEW)

COUNTS: dict[str, Quantity] = {
    "accompaniments": ACTS,
    "co2_avoided_kg": Quantity("", "sum", grain=10, is_whole=False),
    "coworking_days": ACTS,
    "direct_fte": Quantity("mean", "sum", grain=0.25, is_whole=False, limit=FEW),
    "direct_jobs_eop": JOBS,
    "hosted_jobs_eop": JOBS,
    "jobs_started": Quantity("sum", "sum", limit=FEW),
    "machine_hours": HOURS,
    "partner_sessions": ACTS,
    "persons_reached": PERSONS,
    "project_holders": Quantity("union", "people", limit=FEW),
    "service_civique_volunteers": Quantity("union", "union", limit=FEW),
    "service_uses": ACTS,
    "structures_hosted": Quantity("union", "union", limit=FEW),
    "training_hours": HOURS,
    "visits": ACTS,
    "volunteer_hours": HOURS,
}

QUOTIENTS: dict[str, tuple[Quantity, Quantity]] = {
    "autonomy_gain_rate": (ALONE, ALONE),
    "campus_attendance_rate": (ALONE, ALONE),
    "campus_success_rate": (ALONE, ALONE),
    "collective_share": (ACTS, ACTS),
    "creation_rate_12m": (FEW_ALONE, FEW_ALONE),
    "dynamic_exit_rate": (FEW_ALONE, FEW_ALONE),
    "frr_resident_share": (PERSONS_BY_PROFILE, PERSONS_BY_PROFILE),
    "local_job_share": (FEW_ALONE, FEW_ALONE),
    "multi_service_share": (Quantity("rise", "people_apart"), PERSONS),
    "newcomer_return_90d": (PERSONS_SO_FAR, PERSONS_SO_FAR),
    "no_tie_share": (ALONE, ALONE),
    "on_site_resolution_rate": (ACTS, ACTS),
    "recurring_ties_per_100": (ALONE, PERSONS),
    "returning_share": (PERSONS_SO_FAR, PERSONS),
    "stable_contract_share": (FEW_ALONE, FEW_ALONE),
    "women_job_share": (FEW_ALONE, FEW_ALONE),
    "women_share": (PERSONS_BY_PROFILE, PERSONS_BY_PROFILE),
}
"""Numerator and denominator of what is a share of cases."""

OF_KNOWN_BASE: dict[str, tuple[Quantity, float]] = {
    "coworking_occupancy_rate": (HOURS, 60.0),
    "reach_per_1000": (ALONE, 1000.0),
}
"""What is divided by something that everybody can find out, seats or inhabitants: the quantity
itself, and by what its numerator is larger in the private tables."""

TIES = {"recurring_ties_per_100": 100.0}
"""So many of the numerator are one: it is not among the denominator."""

INDICES: dict[str, tuple[str, str]] = {
    "age_mix_index": ("tranche_age", "logarithm"),
    "status_mix_index": ("statut_social", "square"),
}
"""Of persons_reached, of known characteristic: how evenly they spread."""

APART: dict[str, str] = {
    "bridging_ratio": "ties between statuses: neither part is in another figure",
    "own_income_share": "euros",
    "visit_days_median": "a median in whole days, of 30 people or more",
}
"""What is published and tied to no count."""

NOT_ALL_CATEGORIES = ("thematique",)
"""Only those of which the network has enough are shown: together they are at most the whole."""


class Term(NamedTuple):
    """One unknown of a relation between indicators of one territory and period."""

    weight: float
    indicator: str
    part: str = ""
    breakdown: str = "ensemble"
    category: str = "ensemble"


class Related(NamedTuple):
    """`terms` sum up to 0 where `is_equal`, to 0 or less where not."""

    is_equal: bool
    terms: tuple[Term, ...]
    by: tuple[str, ...] = ()
    """The same for every category of these characteristics, that of each term."""
    at_places_alone: bool = False


def part_of(indicator: str, part: str, *wholes: Term, by: tuple[str, ...] = ()) -> Related:
    """They are among others."""
    return Related(False, (Term(1, indicator, part), *wholes), by)


def same(indicator: str, part: str, *others: Term) -> Related:
    return Related(True, (Term(1, indicator, part), *others))


N, D = "numerator", "denominator"
UNKNOWN = "non_communique"
PERSONS_OF = Term(-1, "persons_reached")
PROFILES = ("tranche_age", "genre", "statut_social")
OF_THREE_SERVICES = ("france_services", "mediation_numerique", "incubation")

RELATED: tuple[Related, ...] = (
    same("women_share", N, Term(-1, "persons_reached", "", "genre", "feminin")),
    same(
        "women_share", D,
        Term(-1, "persons_reached", "", "genre", "feminin"),
        Term(-1, "persons_reached", "", "genre", "masculin"),
    ),
    # a characteristic is not there in every period: what is among all is among all the same
    part_of("women_share", D, PERSONS_OF),
    part_of("women_share", D, PERSONS_OF, by=("tranche_age", "statut_social")),
    same("collective_share", N, Term(-1, "accompaniments", "", "mode", "collectif")),
    same(
        "collective_share", D,
        Term(-1, "accompaniments"), Term(1, "accompaniments", "", "mode", UNKNOWN),
    ),
    part_of("collective_share", D, Term(-1, "accompaniments")),
    part_of("returning_share", D, PERSONS_OF),
    part_of("returning_share", D, PERSONS_OF, by=PROFILES),
    part_of("returning_share", D, Term(-1, "visits")),
    part_of("newcomer_return_90d", D, PERSONS_OF),
    part_of("frr_resident_share", D, PERSONS_OF),
    part_of("multi_service_share", D, PERSONS_OF),
    part_of("multi_service_share", D, Term(-1, "service_uses")),
    part_of("recurring_ties_per_100", D, PERSONS_OF),
    part_of("reach_per_1000", N, PERSONS_OF),
    part_of("project_holders", "", PERSONS_OF),
    part_of(
        "on_site_resolution_rate", D,
        Term(-1, "accompaniments", "", "service", "france_services"),
    ),
    part_of("on_site_resolution_rate", D, Term(-1, "accompaniments")),
    part_of("on_site_resolution_rate", D, Term(-1, "accompaniments"), by=("operateur",)),
    part_of("coworking_days", "", Term(-1, "visits")),
    part_of("coworking_days", "", Term(-1, "visits", "", "service", "coworking")),
    part_of("accompaniments", "", Term(-1, "service_uses")),
    part_of(
        "accompaniments", "", Term(-1, "service_uses"), by=("mode", "lieu_realisation", "preuve")
    ),
    *(
        Related(True, (
            Term(1, "accompaniments", "", "service", service),
            Term(-1, "service_uses", "", "service", service),
        ))
        for service in OF_THREE_SERVICES
    ),
    same("women_job_share", N, Term(-1, "direct_jobs_eop", "", "genre", "feminin")),
    same(
        "women_job_share", D,
        Term(-1, "direct_jobs_eop"), Term(1, "direct_jobs_eop", "", "genre", UNKNOWN),
    ),
    part_of("stable_contract_share", D, Term(-1, "direct_jobs_eop")),
    part_of(
        "stable_contract_share", N,
        Term(-1, "direct_jobs_eop", "", "type_contrat", "CDI"),
        Term(-1, "direct_jobs_eop", "", "type_contrat", "FONCTIONNAIRE"),
    ),
    Related(False, (
        Term(1, "direct_jobs_eop", "", "type_contrat", "CDI"), Term(-1, "stable_contract_share", N),
    )),
)  # fmt: skip
