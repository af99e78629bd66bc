"""May a figure be believed: from docs/adr/0005-no-figure-without-proof.md and docs/places.md."""

import tomllib
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, cached_property, reduce
from pathlib import Path
from typing import Any

from tests.second_opinion.ground import Ground, Period
from tests.second_opinion.opinion_loss import Loss, Lost

INDICATORS = Path(__file__).parents[2] / "sql" / "indicators"
EVERY_PERIOD = ("month", "quarter", "year", "convention")
EVERY_SCOPE = ("place", "epci", "departement", "portfolio", "network")
QUOTIENTS = ("share", "per_mille", "per_hundred", "index", "ratio", "median_days")
VISITS, USES, CONTRACTS = "attendance", "service_usage", "employment"
FEEDS: dict[tuple[str, ...], tuple[str, ...]] = {
    (VISITS,): (
        "visits", "returning_share", "newcomer_return_90d", "visit_days_median",
        "recurring_ties_per_100", "no_tie_share", "coworking_days", "coworking_occupancy_rate",
        "partner_sessions", "volunteer_hours", "co2_avoided_kg",
    ),
    (USES,): (
        "accompaniments", "on_site_resolution_rate", "multi_service_share", "collective_share",
        "autonomy_gain_rate", "campus_success_rate", "project_holders", "machine_hours",
        "training_hours", "service_uses", "creation_rate_12m", "own_income_share",
    ),
    (VISITS, USES): (
        "persons_reached", "reach_per_1000", "frr_resident_share", "women_share", "age_mix_index",
        "status_mix_index", "bridging_ratio", "campus_attendance_rate",
    ),
    (CONTRACTS,): (
        "direct_fte", "direct_jobs_eop", "hosted_jobs_eop", "stable_contract_share",
        "women_job_share", "local_job_share", "service_civique_volunteers", "jobs_started",
        "dynamic_exit_rate",
    ),
    (CONTRACTS, USES): ("structures_hosted",),
}  # fmt: skip
"""What must have arrived, unless the header says otherwise."""


JOBS = frozenset({
    "CDI", "CDD", "INTERIM", "APPRENTISSAGE", "PROFESSIONNALISATION", "PEC", "CIE", "CDDI",
    "FONCTIONNAIRE", "CONTRACTUEL_PUBLIC", "INDEPENDANT", "DIRIGEANT",
})  # fmt: skip
JOB, TEAM = ("contract_type", JOBS), ("relation", frozenset({"equipe"}))
HOSTED = ("relation", frozenset({"structure_hebergee"}))
OF_WHOM: dict[str, tuple[tuple[str, frozenset[str]], ...]] = {
    "volunteer_hours": (("role", frozenset({"benevole"})),),
    "partner_sessions": (("role", frozenset({"intervenant"})),),
    **dict.fromkeys(
        ("direct_fte", "direct_jobs_eop", "stable_contract_share", "women_job_share"), (JOB, TEAM)
    ),
    "hosted_jobs_eop": (JOB, HOSTED),
    "structures_hosted": (HOSTED,),
    "service_civique_volunteers": (("contract_type", frozenset({"SERVICE_CIVIQUE"})),),
    "dynamic_exit_rate": (JOB, ("is_insertion", frozenset({"oui"}))),
    "jobs_started": (JOB,),
    "local_job_share": (JOB,),
}
"""Of whom a record has to speak; of visits, it is people who use the place."""
USUAL = {"role": "usager", "relation": "equipe", "is_insertion": "non"}
"""What holds where a source does not say it."""


@dataclass(frozen=True)
class Needs:
    """What has to have arrived for a figure: indicators that need the same have the same status."""

    feeds: frozenset[str]
    of_whom: tuple[tuple[str, frozenset[str]], ...]
    services: frozenset[str]
    counts_people: bool
    back: int
    back_from: str
    ahead: int


OF_FEED = {"role": VISITS, "space_code": VISITS, "service_code": USES}
"""Where a column stands; the others are of contracts."""


def can_tell(source: dict[str, Any], needs: Needs) -> bool:
    """Can it speak of them? A source whose every row is of others proves nothing of them."""
    of_services = [(name, needs.services) for name in ("space_code", "service_code")]
    for column, codes in (*needs.of_whom, *(of_services if needs.services else ())):
        if OF_FEED.get(column, CONTRACTS) != source["feed"]:
            continue
        said = source["constants"].get(column, USUAL.get(column))
        if column not in source["columns"] and said not in codes:
            return False
    return True


@dataclass(frozen=True)
class Traits:
    """What a definition says beside its formula."""

    needs: Needs
    is_quotient: bool
    periods: tuple[str, ...]
    scopes: tuple[str, ...]


def traits(indicator_id: str) -> Traits:
    """From the header, which is the definition; the query below it is not read."""
    text = (INDICATORS / f"{indicator_id}.sql").read_text(encoding="utf-8")
    header = tomllib.loads(text.split("/*", 1)[1].split("*/", 1)[0])
    usual = next(feeds for feeds, ids in FEEDS.items() if indicator_id in ids)
    needs = Needs(
        feeds=frozenset(header.get("feeds") or usual),
        of_whom=OF_WHOM.get(indicator_id, (("role", frozenset({"usager"})),)),
        services=frozenset(header.get("services", [])),
        counts_people=header["counts_people"],
        back=header["looks_back_days"],
        back_from=header.get("looks_back_from", "start"),
        ahead=header["looks_ahead_days"],
    )
    return Traits(
        needs=needs,
        is_quotient=header["unit"] in QUOTIENTS,
        periods=tuple(header.get("periods", EVERY_PERIOD)),
        scopes=tuple(header.get("scopes", EVERY_SCOPE)),
    )


class Coverage:
    """Which days were expected of each source of a world, and which arrived."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.proven: dict[tuple[str, str], dict[date, bool]] = defaultdict(dict)
        for place, _feed, source, day, is_recorded in ground.world.proofs:
            first, last = ground.sources[place, source]
            if first <= day <= last:
                days = self.proven[place, source]
                days[day] = days.get(day, False) or is_recorded
        self.open = {id: ground.open_days(id) for id in ground.places}
        self.per_source = ground.known_by_one_tool()
        self.loss = Loss(ground)

    @cached_property
    def expected(self) -> dict[tuple[str, str], list[date]]:
        """A register of meetings is expected on the days of its meetings alone."""
        found = {}
        for id, place in self.ground.places.items():
            for source in place["sources"]:
                first, last = self.ground.sources[id, source["id"]]
                found[id, source["id"]] = (
                    sorted(self.proven[id, source["id"]])
                    if source["coverage"] == "days_with_presence"
                    else [day for day in self.open[id] if first <= day <= last]
                )
        return found

    def recorded(self, place: str, source: str) -> list[date]:
        proven = self.proven[place, source]
        return [day for day in self.expected[place, source] if proven.get(day)]


class Statuses:
    """The statuses in one world of all that needs the same."""

    def __init__(self, coverage: Coverage, of: Needs) -> None:
        self.places = {id: PlaceStatus(coverage, of, id) for id in coverage.ground.places}
        self.status = cache(self.least_sure)
        self.lost = cache(self.pooled)

    def pooled(self, places: frozenset[str], period: Period) -> Lost | None:
        """What the places that count lost together; None where none counts."""
        found = [
            self.places[place].lost(period)
            for place in places
            if self.places[place].status(period) not in ("not_open", "closed", "not_applicable")
        ]
        return reduce(Lost.and_of, found) if found else None

    def least_sure(self, places: frozenset[str], period: Period) -> str:
        """As sure as the least sure of the places that count."""
        every = [self.places[place].status(period) for place in places]
        counted = [s for s in every if s not in ("not_open", "closed", "not_applicable")]
        if not counted:
            if set(every) == {"not_open"}:
                return "not_open"
            return "closed" if set(every) <= {"not_open", "closed"} else "not_applicable"
        if set(counted) == {"missing"}:
            return "missing"
        lost = self.lost(places, period)
        if {"missing", "partial"} & set(counted) or (lost and lost.is_too_much):
            return "partial"
        for status in ("too_early", "identified_per_source"):
            if status in counted:
                return status
        return "ok"


def count(days: list[date], period: Period) -> int:
    """How many of some days in order lie in a period."""
    return bisect_left(days, period.end) - bisect_left(days, period.start)


class PlaceStatus:
    """What needs the same, at one place."""

    def __init__(self, coverage: Coverage, of: Needs, place_id: str) -> None:
        self.status = cache(self.judge)
        self.coverage, self.ground, self.of, self.id = coverage, coverage.ground, of, place_id
        self.place = self.ground.places[place_id]
        self.feeding = [
            s for s in self.place["sources"] if s["feed"] in of.feeds and can_tell(s, of)
        ]
        # where no identity is ever taken down, nobody was counted: that is not zero people
        self.able = [
            s for s in self.feeding
            if not of.counts_people or s["identity"] or s["feed"] == CONTRACTS
        ]  # fmt: skip

    @cached_property
    def expected(self) -> list[date]:
        """Each day of each source, and the open days for which none speaks."""
        days = [d for s in self.feeding for d in self.coverage.expected[self.id, s["id"]]]
        spans = [self.ground.sources[self.id, source["id"]] for source in self.able]
        gaps = [
            day for day in self.coverage.open[self.id]
            if self.able and not any(first <= day <= last for first, last in spans)
        ]  # fmt: skip
        return sorted(days + gaps)

    def untold(self, period: Period) -> int:
        """Days of the period on which the place was open before anybody delivered anything."""
        starts = max(period.start, self.place["opened_on"])
        ends = min(
            self.ground.first, self.place.get("closed_on", date.max - timedelta(1)) + timedelta(1)
        )
        return max(0, (ends - starts).days) if self.has_calendar else 0

    @cached_property
    def has_calendar(self) -> bool:
        return any(source["coverage"] != "days_with_presence" for source in self.able)

    @cached_property
    def recorded(self) -> list[date]:
        return sorted(d for s in self.feeding for d in self.coverage.recorded(self.id, s["id"]))

    @cached_property
    def history_from(self) -> date | None:
        """The first day from which all feeds of the indicator that the place has are there."""
        first: dict[str, date] = {}
        for source in self.feeding:
            days = self.coverage.recorded(self.id, source["id"])
            if days:
                first[source["feed"]] = min(first.get(source["feed"], date.max), min(days))
        return max(first.values(), default=None)

    def lost(self, period: Period) -> Lost:
        """Of the sources that can tell, over all days of which the figure reads something."""
        start = period.end if self.of.back_from == "end" else period.start
        days = Period(
            "", "", min(period.start, start - timedelta(self.of.back)),
            period.end + timedelta(self.of.ahead),
        )  # fmt: skip
        return self.coverage.loss.of_place(self.id, self.able, days)

    def judge(self, period: Period) -> str:
        opened, closed = self.place.get("opened_on"), self.place.get("closed_on")
        if opened is None or opened >= period.end:
            return "not_open"
        if closed is not None and closed < period.start:
            return "closed"
        offers = not self.of.services or self.of.services & set(self.place["services"])
        if not self.able or not offers:
            return "not_applicable"
        expected = count(self.expected, period) + self.untold(period)
        recorded = count(self.recorded, period)
        if expected == 0 and self.has_calendar:
            return "ok"  # closed all through: zero is a true zero
        if recorded == 0:
            return "missing"
        if recorded < expected:
            return "partial"
        if self.is_too_early(period):
            return "too_early"
        feeds = {source["feed"] for source in self.able}
        if self.of.counts_people and any((self.id, f) in self.coverage.per_source for f in feeds):
            return "identified_per_source"
        return "ok"

    def is_too_early(self, period: Period) -> bool:
        """Not enough was seen before, since the last break; or not enough time went by since."""
        if (self.ground.today - period.end).days < self.of.ahead:  # also while it lasts
            return True
        if not self.of.back or self.history_from is None:
            return False
        breaks = [
            s["from"] for s in self.feeding
            if s.get("replaces") and s["from"] <= self.ground.today and s["from"] < period.end
        ]  # fmt: skip
        since = max([self.history_from, *breaks])
        start = period.end if self.of.back_from == "end" else period.start
        return (start - since).days < self.of.back
