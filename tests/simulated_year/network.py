"""Twelve places whose year has everything: openings, closures, gaps, and all ways to deliver."""

from __future__ import annotations

import random
from datetime import date

from tests.simulated_year.truth import (
    MONTHS,
    STYLES,
    YEAR,
    SimulatedPlace,
    Tool,
    add_months,
    invent,
    invent_contracts,
)

BEFORE = [add_months(date(YEAR - 1, 1, 1), n) for n in range(12)]
AUGUST = (date(YEAR, 8, 1), date(YEAR, 8, 31))
STAFF = "dated dump"


def tool(
    feed: str,
    style: str,
    *,
    each: int = 1,
    without: tuple[int, ...] = (),
    first: int = 1,
    until: int = 12,
    identity: str = "email",
    sent_until: date = date.max,
) -> Tool:
    """One tool that sends the months from `first` to `until`, but for those that it never does."""
    ends = range(first + each - 1, until + 1, each)
    months = [date(YEAR, month, 1) for month in ends if month not in without]
    names = {"attendance": "registre", "service_usage": "services", "employment": "emplois"}
    return Tool(names[feed], feed, STYLES[style], identity, [], months, each, sent_until=sent_until)


def twelve_places(seed: int, a_month: int) -> list[SimulatedPlace]:
    """The network of the year, with `a_month` records a month and tool."""
    visits, uses, jobs = "attendance", "service_usage", "employment"
    france, digital, project = "france_services", "mediation_numerique", "incubation"
    two_days = ("tuesday", "friday")
    places = [
        # everything arrives, and a year before it: figures that look back are there
        SimulatedPlace("avec-passe", "80021", services=(france, project), tools=[
            tool(visits, "log of changes"), tool(uses, "dated sheet", each=3),
            tool(jobs, STAFF, each=2)]),
        SimulatedPlace("par-photos", "02381", services=(france, digital), tools=[
            tool(visits, "dated dump"), tool(uses, "dump without numbers", each=2)]),
        SimulatedPlace("sans-numeros", "80561", services=(digital, project), tools=[
            tool(visits, "monthly sheet"), tool(uses, "log without numbers", each=3)]),
        # opens in May; its register never sends June
        SimulatedPlace("ouvre-en-mai", "62268", date(YEAR, 5, 12), services=(france,), tools=[
            tool(visits, "dated sheet", first=5, without=(6,)),
            tool(uses, "monthly sheet", first=5, each=2),
            tool(jobs, STAFF, first=5, each=4)]),
        # closes for good in October
        SimulatedPlace("ferme-en-octobre", "60471", closed_on=date(YEAR, 10, 17),
            services=(france, digital), tools=[
                tool(visits, "numbered log", until=10), tool(uses, "dated dump", until=10, each=2)]),
        SimulatedPlace("ferme-en-aout", "59249", closures=[AUGUST], services=(digital,), tools=[
            tool(visits, "log of changes", without=(8,)),
            tool(uses, "log without numbers", without=(8,))]),
        # stops sending: one tool after August, the other in the middle of November
        SimulatedPlace("se-tait", "02361", services=(france, project), tools=[
            tool(visits, "dump without numbers", until=8, each=2),
            tool(uses, "numbered log", until=11, sent_until=date(YEAR, 11, 14))]),
        # counts heads, knows nobody; does not offer what the indicators of services are about
        SimulatedPlace("compte-des-tetes", "80410", services=("coworking",), tools=[
            tool(visits, "monthly sheet", identity="", without=(3, 4)),
            tool(uses, "dated sheet", identity="", each=3)]),
        # its only tool knows people by a number of its own
        SimulatedPlace("par-matricules", "62080", weekdays=two_days, tools=[
            tool(visits, "daily log", identity="source_id", each=2)]),
        # is there on paper
        SimulatedPlace("pas-encore", "60286", None, services=(france,)),
        SimulatedPlace("du-kit", "59136", weekdays=two_days, services=(france,), tools=[
            tool(visits, "kit", without=(10,)), tool(jobs, STAFF, until=9, each=3)]),
        # only staff is declared, and sent until November
        SimulatedPlace("que-des-emplois", "80253", services=(france, digital), tools=[
            tool(jobs, STAFF, until=11)]),
    ]  # fmt: skip
    for place in places:
        for number, one in enumerate(place.tools):
            rng = random.Random(f"{seed}/{place.id}/{number}")
            if one.feed == jobs:
                invent_contracts(rng, one)
            else:
                one.sends_past = place.id == "avec-passe" and one.feed == visits
                before = BEFORE if one.sends_past else []
                invent(rng, place, one, [*before, *MONTHS], a_month)
    return places
