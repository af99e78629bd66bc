"""Habits: who comes for which service, on which weekdays, how often, with whom, until when."""

import bisect
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flows.samples.people import AgeWeights, People, Person
from flows.samples.seasons import FIRST_DAY, LAST_DAY, OpenDay, months, pull

EVERY_DAY = tuple(range(7))
FAITHFULNESS = 0.82
"""Chance that a member of a circle joins the others on a day when they come."""
ONCE_SHARE, TRIAL_SHARE = 0.45, 0.25
"""Newcomers who come a single time, and who try for some weeks; the others stay for months."""
OLD_HANDS_TENURE = 2.2
"""How much longer those stay who were there before the period."""
ONCE_WINDOW_DAYS = 14
SHORTEST_STAY_MINUTES = 10


@dataclass(frozen=True)
class Profile:
    """How one service of one place is used. Hours and stays are in minutes."""

    service: str
    ages: AgeWeights
    regulars: int
    monthly_newcomers: float
    rate: float
    weekdays: tuple[int, int]
    hours: tuple[int, ...]
    stay: tuple[int, int]
    circle_share: float = 0.3
    women: float = 0.5
    tenure_days: int = 420


@dataclass(frozen=True)
class Member:
    """A person of a circle, and between which days they come."""

    person: Person
    first: date
    last: date


@dataclass
class Circle:
    """People who come together; somebody who comes alone is a circle of one."""

    service: str
    members: list[Member]
    weekdays: tuple[int, ...]
    rate: float
    minute: int
    stay: tuple[int, int]
    comes_once: bool = False


@dataclass(frozen=True)
class Visit:
    """Somebody came for a service. Times are the place's own, without an offset."""

    person: Person
    service: str
    arrives: datetime
    leaves: datetime

    @property
    def minutes(self) -> int:
        return int((self.leaves - self.arrives).total_seconds()) // 60


def draw_circles(rng: random.Random, people: People, profile: Profile) -> list[Circle]:
    """Those who came before the period, then month after month the newcomers."""
    circles: list[Circle] = []
    attached_days = profile.tenure_days * OLD_HANDS_TENURE
    before = [
        Member(
            people.draw(profile.ages, profile.women),
            FIRST_DAY,
            leaving(rng, attached_days, FIRST_DAY),
        )
        for _ in range(profile.regulars)
    ]
    friends = before[: round(len(before) * profile.circle_share)]
    while friends:
        size = rng.randint(3, 5)
        circles.append(circle(rng, profile, friends[:size]))
        friends = friends[size:]
    gatherings = list(circles)
    alone = before[round(len(before) * profile.circle_share) :]
    circles += [circle(rng, profile, [member]) for member in alone]
    for month in months():
        expected = profile.monthly_newcomers * rng.uniform(0.75, 1.25) * pull(month)
        for _ in range(round(expected)):
            welcome(
                rng, people.draw(profile.ages, profile.women), profile, month, circles, gatherings
            )
    return circles


def welcome(
    rng: random.Random,
    person: Person,
    profile: Profile,
    month: date,
    circles: list[Circle],
    gatherings: Sequence[Circle],
) -> None:
    """A newcomer comes once, tries for some weeks, joins a circle of friends or stays alone."""
    first = month + timedelta(days=rng.randrange(28))
    roll = rng.random()
    if roll < ONCE_SHARE:
        last = first + timedelta(days=ONCE_WINDOW_DAYS)
        lone = circle(rng, profile, [Member(person, first, last)])
        lone.weekdays, lone.rate, lone.comes_once = EVERY_DAY, 0.8, True
        circles.append(lone)
    elif roll < ONCE_SHARE + TRIAL_SHARE:
        last = first + timedelta(days=rng.randint(20, 75))
        circles.append(circle(rng, profile, [Member(person, first, last)]))
    else:
        member = Member(person, first, leaving(rng, profile.tenure_days, first))
        if gatherings and rng.random() < profile.circle_share:
            rng.choice(gatherings).members.append(member)
        else:
            circles.append(circle(rng, profile, [member]))


def leaving(rng: random.Random, tenure_days: float, first: date) -> date:
    return first + timedelta(days=30 + int(rng.expovariate(1 / tenure_days)))


def circle(rng: random.Random, profile: Profile, members: list[Member]) -> Circle:
    """A circle with its own weekdays, hour and eagerness."""
    days = sorted(rng.sample(range(5), rng.randint(*profile.weekdays)))
    if rng.random() < 0.12:
        days.append(5)
    return Circle(
        service=profile.service,
        members=members,
        weekdays=tuple(days),
        rate=profile.rate * rng.uniform(0.7, 1.3),
        minute=rng.choice(profile.hours) + rng.randrange(-10, 20, 5),
        stay=profile.stay,
    )


def second_habits(
    rng: random.Random, circles: Iterable[Circle], profile: Profile, share: float
) -> list[Circle]:
    """Some of those who stay also use another service."""
    return [
        circle(rng, profile, [member])
        for gathering in circles
        for member in gathering.members
        if (member.last - member.first).days > 100 and rng.random() < share
    ]


def draw_visits(
    rng: random.Random, circles: Iterable[Circle], days: Sequence[OpenDay]
) -> list[Visit]:
    """What the habits gave on the days on which the place was open, in order of arrival."""
    calendar = [open_day.day for open_day in days]
    visits = [
        visit
        for gathering in circles
        for visit in visits_of(
            rng,
            gathering,
            days[
                bisect.bisect_left(calendar, min(m.first for m in gathering.members)) :
                bisect.bisect_right(calendar, max(m.last for m in gathering.members))
            ],
        )
    ]  # fmt: skip
    return sorted(visits, key=lambda v: (v.arrives, v.person.number, v.service))


def visits_of(rng: random.Random, gathering: Circle, days: Sequence[OpenDay]) -> list[Visit]:
    visits: list[Visit] = []
    for open_day in days:
        if open_day.day.weekday() not in gathering.weekdays:
            continue
        if rng.random() >= gathering.rate * open_day.pull:
            continue
        for member in gathering.members:
            comes = len(gathering.members) == 1 or rng.random() < FAITHFULNESS
            if comes and member.first <= open_day.day <= member.last:
                visits.append(draw_visit(rng, gathering, member.person, open_day))
        if gathering.comes_once and visits:
            break
    return visits


def draw_visit(rng: random.Random, gathering: Circle, person: Person, open_day: OpenDay) -> Visit:
    """Arrival around the usual hour, inside opening hours; departure by closing time."""
    wished = gathering.minute + round(rng.gauss(0, 9))
    opens, closes = min(
        open_day.hours, key=lambda hours: max(hours[0] - wished, wished - hours[1] + 30, 0)
    )
    arrives = min(max(wished, opens + rng.randrange(6)), closes - 30)
    closing = max(close for _, close in open_day.hours) if gathering.stay[1] > 240 else closes
    stays = max(SHORTEST_STAY_MINUTES, round(rng.triangular(*gathering.stay)))
    midnight = datetime.combine(open_day.day, time())
    return Visit(
        person,
        gathering.service,
        midnight + timedelta(minutes=arrives),
        midnight + timedelta(minutes=min(arrives + stays, closing)),
    )


def until_the_end(person: Person) -> Member:
    """Somebody who comes during the whole period."""
    return Member(person, FIRST_DAY, LAST_DAY)
