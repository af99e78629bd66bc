"""Invented places: where they are, what they offer, which tools they use, which days they prove."""

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

Row = dict[str, Any]
Proof = tuple[str, str, str, date, bool]
"""Place, feed, source, day, is_recorded."""
FEEDS = ("attendance", "employment", "service_usage")
SERVICES = (
    "coworking", "fablab", "makerspace", "atelier_partage", "salle", "formation",
    "mediation_numerique", "france_services", "campus_connecte", "incubation", "restauration",
    "petite_enfance", "telemedecine", "velo_electrique", "autostop", "evenement",
)  # fmt: skip
ROLES = {
    "attendance": {
        "role": ("usager", "benevole", "intervenant", "equipe"),
        "space_code": ("coworking", "campus_connecte", "fablab"),
    },
    "service_usage": {"service_code": ("fablab", "france_services", "incubation", "formation")},
    "employment": {
        "relation": ("equipe", "structure_hebergee"),
        "contract_type": ("CDI", "SERVICE_CIVIQUE", "STAGE", "INDEPENDANT"),
        "is_insertion": ("oui", "non"),
    },
}
"""What says of whom a record speaks, in each feed, and what a source may say of all of them."""
NEEDED = ("contract_type", "service_code")
"""What has no default in the contract: a source says it of each row, or of all."""
COMMUNES = ("02676", "80021", "02173", "02720", "75101", "22016")
"""A town and its neighbours, an arrondissement, and an island that is in no EPCI."""
HOURS: tuple[dict[str, list[str]], ...] = (
    {},
    {day: ["09:00-17:00"] for day in ("monday", "tuesday", "wednesday", "thursday", "friday")},
    {"saturday": ["08:30-12:00", "14:00-23:59"], "sunday": ["00:00-10:15"]},
)
CATCHMENTS: tuple[list[str], ...] = (
    [], ["02676", "02720"], ["80021"], ["75101", "75102"], ["75056", "75101"],
    ["01091", "01018", "01033"], ["02173", "02676"],
)  # fmt: skip
OFFERS: tuple[list[str], ...] = (
    list(SERVICES), ["coworking", "fablab"], ["france_services", "campus_connecte"], [],
    ["incubation", "formation", "mediation_numerique"],
)  # fmt: skip


@st.composite
def place(draw: st.DrawFn, place_id: str, first: date, today: date, is_calm: bool) -> Row:
    """A calm place has always been open, offers everything and has one tool for each feed."""
    usual = st.sampled_from
    opened = "long ago"
    if not is_calm:
        opened = draw(usual(("long ago",) * 5 + ("inside", "tomorrow", "never")))
    opened_on = {
        "long ago": date(2019, 1, 1), "inside": first + (today - first) // 2,
        "tomorrow": today + timedelta(40), "never": None,
    }[opened]  # fmt: skip
    declared: Row = {
        "id": place_id,
        "name": place_id,
        "commune_code": draw(usual(COMMUNES)),
        "services": OFFERS[0] if is_calm else draw(usual(OFFERS)),
        "catchment_communes": draw(usual(CATCHMENTS)),
        "opening_hours": draw(usual(HOURS)),
        "sources": [s for feed in FEEDS for s in draw(sources(feed, first, today, is_calm))],
    }
    if opened_on:
        declared["opened_on"] = opened_on
    if opened_on == date(2019, 1, 1) and not is_calm:
        if draw(usual((False, False, False, True))):
            declared["closed_on"] = today - timedelta(draw(st.integers(1, 60)))
        elif draw(st.booleans()):
            month = (today - timedelta(draw(usual((35, 70))))).replace(day=1)
            last = (month + timedelta(32)).replace(day=1) - timedelta(1)
            declared["closures"] = [{"first_day": month, "last_day": last}]
    if draw(usual((False, False, False, True))):
        declared["time_zone"] = draw(usual(("Indian/Reunion", "America/Guadeloupe")))
    declared["tolerated_quarantine_share"] = draw(usual((0.02, 0.0, 0.1, 1.0)))
    if draw(st.booleans()):
        declared["seats"] = draw(st.integers(1, 3))
    if draw(usual((False, False, True))):
        declared["campus_weekly_hours"] = draw(usual((0.5, 1.0, 4.0)))
    return declared


@st.composite
def sources(draw: st.DrawFn, feed: str, first: date, today: date, is_calm: bool) -> list[Row]:
    kinds = ("one",) * 8 + ("none", "two", "replaced", "bounded", "meetings", "anonymous")
    kind = "one" if is_calm else draw(st.sampled_from(kinds))
    plain: Row = {
        "id": {"attendance": "desk", "employment": "staff"}.get(feed, "uses"), "feed": feed, "connector": "file",
        "path": "none.csv", "rhythm": "daily", "coverage": "span", "identity": {"email": "e"},
        "columns": {name: name for name in ROLES.get(feed, {})}, "constants": {},
    }  # fmt: skip
    middle = first + timedelta(draw(st.integers(0, (today - first).days)))
    if kind == "none":
        return []
    if kind == "two":
        other = {**plain, "id": plain["id"] + "-b", "identity": {"source_id": "n"}}
        return [draw(silent(plain)), draw(silent(other))]
    if kind == "replaced":
        late = {**plain, "id": plain["id"] + "-b", "from": middle, "replaces": plain["id"]}
        return [plain, draw(silent(late))]
    if kind == "bounded":
        return [{**plain, draw(st.sampled_from(("from", "until"))): middle}]
    if kind == "meetings":
        return [{**plain, "coverage": "days_with_presence"}]
    if kind == "anonymous":
        return [{**plain, "identity": {}}]
    return [plain if is_calm else draw(silent(plain))]


@st.composite
def silent(draw: st.DrawFn, source: Row) -> Row:
    """Now and then a source that says one thing of all, or leaves it to the contract."""
    columns, constants = dict(source["columns"]), {}
    for name, words in ROLES.get(source["feed"], {}).items():
        kind = draw(st.sampled_from(("mapped",) * 6 + ("constant", "unsaid")))
        if kind == "mapped" or (kind == "unsaid" and name in NEEDED):
            continue
        del columns[name]
        if kind == "constant":
            constants[name] = draw(st.sampled_from(words))
    return {**source, "columns": columns, "constants": constants}


@st.composite
def proofs(draw: st.DrawFn, declared: Row, first: date, today: date, is_calm: bool) -> list[Proof]:
    """Mostly every day; else a late start, a stop, a hole, or nothing at all."""
    found = []
    for source in declared["sources"]:
        days = [first + timedelta(n) for n in range((today - first).days)]
        kinds = ("all",) * 8 + ("late", "stopped", "hole", "none", "twice")
        kind = "all" if is_calm else draw(st.sampled_from(kinds))
        cut = draw(st.integers(0, len(days)))
        days = {
            "all": days, "late": days[cut:], "stopped": days[:cut],
            "hole": days[:cut] + days[cut + 1 :], "none": [], "twice": days + days[:cut],
        }[kind]  # fmt: skip
        if source["coverage"] == "days_with_presence":
            days = days[:: draw(st.integers(1, 9))]
            is_kept = draw(st.booleans())
            found += [
                (declared["id"], source["feed"], source["id"], day, is_kept or day.day % 7 != 0)
                for day in days
            ]
        else:
            found += [(declared["id"], source["feed"], source["id"], day, True) for day in days]
    return found


@st.composite
def grant(draw: st.DrawFn, places: list[str], first: date, today: date) -> Row:
    starts_on = first + timedelta(draw(st.integers(-60, (today - first).days)))
    return {
        "grant_id": f"g{draw(st.integers(0, 10**6))}",
        "place_id": draw(st.sampled_from([*places, None])),
        "amount_eur_cents": draw(st.integers(0, 10**7)),
        "starts_on": starts_on,
        "ends_before": starts_on + timedelta(draw(st.integers(1, 800))),
    }
