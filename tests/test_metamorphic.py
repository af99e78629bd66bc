"""What must not move the figures does not, and one more visit moves what it should, alone."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from flows.places import Place
from flows.settings import Settings
from flows.stages.build import build_warehouse
from flows.stages.collect import collect_place
from flows.stages.request import Request
from flows.warehouse.database import open_warehouse

AS_OF = datetime(2026, 4, 2, 3, 30, tzinfo=ZoneInfo("Europe/Paris"))
FIRST, LAST = date(2025, 1, 1), date(2026, 3, 31)
COMMUNES = ["02676", "02720", "80021", "02173"]
HEADERS = {
    "attendance": [
        "record_id", "checked_in_at", "checked_out_at", "space_code", "activity_id", "role",
        "evidence", "headcount", "usual_work_commune",
    ],
    "service_usage": [
        "record_id", "occurred_at", "duration_minutes", "service_code", "operator_code", "mode",
        "autonomy", "outcome", "quantity", "unit", "amount_eur_cents", "headcount", "evidence",
        "enrolled_from", "enrolled_to",
    ],
    "employment": [
        "record_id", "relation", "contract_type", "started_on", "ended_on", "weekly_minutes",
        "is_insertion", "exit_reason",
    ],
}  # fmt: skip
SAID_OF_PEOPLE = ["age_band", "gender", "social_status", "home_commune"]
"""Contracts say no status."""
Row = dict[str, str]
History = dict[tuple[str, str], list[Row]]
"""Place and feed → rows."""
Figures = dict[tuple[str, ...], tuple[Any, ...]]
"""Indicator, scope, period, breakdown, category → what is said of it."""
AGES = ["douze_dix_huit", "vingt_cinq_trente_neuf", "quarante_cinquante_neuf"]
GENDERS, STATUSES = ["feminin", "masculin"], ["scolarise", "sans_emploi", "en_emploi", "retraite"]


def person(number: int) -> Row:
    """Somebody of the invented network, always described in the same way."""
    return {
        "mail": f"personne-{number}@exemple.fr",
        "age_band": AGES[number % 3],
        "gender": GENDERS[number % 2],
        "social_status": STATUSES[number % 4],
        "home_commune": COMMUNES[number % 3],
    }


def a_moment(rng: random.Random) -> datetime:
    day = FIRST + timedelta(rng.randrange((LAST - FIRST).days))
    return datetime(day.year, day.month, day.day, rng.randrange(9, 17), rng.choice([0, 15, 45]))


def history(seed: int) -> History:
    """Fifteen months of two places, in which every feed has something."""
    rng = random.Random(seed)
    rows: History = {}
    for place in ("un-lieu", "autre-lieu"):
        rows[place, "attendance"] = [a_visit(rng, number) for number in range(160)]
        rows[place, "service_usage"] = [a_use(rng, number) for number in range(120)]
        rows[place, "employment"] = [a_contract(rng, number) for number in range(12)]
    return rows


def a_visit(rng: random.Random, number: int) -> Row:
    start = a_moment(rng)
    who = person(rng.randrange(18)) if rng.random() < 0.85 else {}
    return {
        "record_id": f"v{number}", "checked_in_at": f"{start:%d/%m/%Y %H:%M}",
        "checked_out_at": f"{start + timedelta(hours=3):%d/%m/%Y %H:%M}",
        "space_code": rng.choice(["coworking", "fablab", "campus_connecte", ""]),
        "activity_id": "", "usual_work_commune": "80021" if who else "",
        "role": rng.choice(["usager"] * 6 + ["benevole", "intervenant"]),
        "evidence": rng.choice(["seen", "booked"]), "headcount": "1" if who else "7", **who,
    }  # fmt: skip


def a_use(rng: random.Random, number: int) -> Row:
    who = person(rng.randrange(18)) if rng.random() < 0.85 else {}
    service, outcome, unit = rng.choice([
        ("france_services", "resolu_sur_place", ""), ("mediation_numerique", "a_poursuivre", ""),
        ("incubation", "entreprise_creee", ""), ("fablab", "", "heure"), ("formation", "", ""),
        ("campus_connecte", "annee_validee", ""), ("salle", "", "heure"),
    ])  # fmt: skip
    return {
        "record_id": f"u{number}", "occurred_at": f"{a_moment(rng):%d/%m/%Y %H:%M}",
        "duration_minutes": "45", "service_code": service, "operator_code": "",
        "mode": rng.choice(["individuel", "collectif"]),
        "autonomy": rng.choice(["partiellement_autonome", "autonome"]) if who else "",
        "outcome": outcome, "quantity": "1,5" if unit else "", "unit": unit,
        "amount_eur_cents": rng.choice(["", "12,50"]), "headcount": "1" if who else "4",
        "evidence": rng.choice(["seen", "declared"]),
        "enrolled_from": "01/09/2025" if service == "campus_connecte" else "",
        "enrolled_to": "30/06/2026" if service == "campus_connecte" else "", **who,
    }  # fmt: skip


def a_contract(rng: random.Random, number: int) -> Row:
    starts = FIRST + timedelta(rng.randrange(200))
    is_insertion = number % 3 == 0
    return {
        "record_id": f"c{number}", "relation": rng.choice(["equipe", "structure_hebergee"]),
        "contract_type": "CDDI" if is_insertion else rng.choice(["CDI", "CDD"]),
        "started_on": f"{starts:%d/%m/%Y}", "ended_on": f"{starts + timedelta(150):%d/%m/%Y}",
        "weekly_minutes": "26", "is_insertion": "oui" if is_insertion else "non",
        "exit_reason": "formation" if is_insertion else "", **person(number),
    }  # fmt: skip


class Network:
    """A home of its own, the keys of all, and two places that deliver files into one folder."""

    def __init__(self, folder: Path, keys: Path, more: Iterable[dict[str, Any]] = ()) -> None:
        folder.mkdir()
        self.folder = folder
        self.settings = Settings(home=folder / "home", places=folder / "places", keys=keys)
        self.places = [declared(name, folder) for name in ("un-lieu", "autre-lieu")]
        self.places += [Place.model_validate(place | {"folder": folder}) for place in more]

    def deliver(self, rows: History, name: str = "a") -> None:
        """Each feed of each place in one more file, collected at once."""
        for (place, feed), lines in rows.items():
            (self.folder / f"{place}-{feed}-{name}.csv").write_text(table(feed, lines), "utf-8")
        for place in self.places:
            for report in collect_place(place, self.settings, Request(as_of=AS_OF)):
                assert (report.failed, report.refused, report.quarantined) == ([], [], 0)

    def figures(self) -> Figures:
        """What the released figures stand on, to the last digit: no order of sums may move it."""
        build_warehouse(self.places, self.settings, AS_OF, force=True)
        with open_warehouse(self.settings, read_only=True) as warehouse:
            rows = warehouse.execute(
                "SELECT indicator_id, scope_id, period_id, breakdown, category, status, "
                "completeness, persons, numerator, denominator, value, observed_share, "
                "identified_share "
                "FROM indicator.value"
            ).fetchall()
        return {row[:5]: row[5:] for row in rows}


def declared(name: str, folder: Path) -> Place:
    return Place.model_validate({
        "id": name, "name": name, "opened_on": "2020-01-01", "folder": folder,
        "commune_code": "02676" if name == "un-lieu" else "80021",
        "services": ["coworking", "fablab", "campus_connecte", "france_services", "formation",
                     "mediation_numerique", "incubation", "salle"],
        "catchment_communes": COMMUNES[:2], "seats": 6,
        "opening_hours": {day: ["09:00-18:00"] for day in ("monday", "tuesday", "friday")},
        "sources": [
            {"id": feed.replace("_", "-"), "feed": feed, "connector": "file", "rhythm": "yearly",
             "path": f"{name}-{feed}-*.csv", "coverage": "months",
             "columns": {column: column for column in columns_of(feed)},
             "identity": {"email": "mail"}}
            for feed in HEADERS
        ],
    })  # fmt: skip


def columns_of(feed: str) -> list[str]:
    said = [name for name in SAID_OF_PEOPLE if feed != "employment" or name != "social_status"]
    return [*HEADERS[feed], *said]


def table(feed: str, rows: list[Row]) -> str:
    target = io.StringIO()
    headers = [*columns_of(feed), "mail"]
    writer = csv.DictWriter(target, headers, "", "ignore", delimiter=";", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return target.getvalue()


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Network]:
    """Networks that share nothing but the keys."""
    folder = tmp_path_factory.mktemp("networks")
    return lambda name, *more: Network(folder / name, folder / "keys", more)


@pytest.fixture(scope="module")
def plain(network: Callable[..., Network]) -> Figures:
    one = network("plain")
    one.deliver(history(7))
    figures = one.figures()
    with_value = {key[0] for key, said in figures.items() if said[5] is not None}
    assert len(with_value) > 12, sorted(with_value)
    return figures


def moved(before: Figures, after: Figures) -> dict[tuple[str, ...], tuple[Any, Any]]:
    return {
        key: (before.get(key), after.get(key))
        for key in sorted(before.keys() | after.keys())
        if before.get(key) != after.get(key)
    }


def moved_apart_from_identified_share(before: Figures, after: Figures) -> dict[Any, Any]:
    """One more identified head is one more in the share of those, beside every figure."""
    return moved(
        {key: said[:-1] for key, said in before.items()},
        {key: said[:-1] for key, said in after.items()},
    )


def test_the_order_of_rows_moves_nothing(network, plain: Figures) -> None:
    rng = random.Random(1)
    shuffled = {key: rng.sample(rows, len(rows)) for key, rows in history(7).items()}
    one = network("shuffled")
    one.deliver(shuffled)
    assert moved(plain, one.figures()) == {}


def test_a_batch_in_two_parts_the_later_first_and_once_more_moves_nothing(network, plain) -> None:
    rows = history(7)
    one = network("in-parts")
    one.deliver({key: lines[len(lines) // 3 :] for key, lines in rows.items()}, "late")
    one.deliver({key: lines[: len(lines) // 2] for key, lines in rows.items()}, "early")
    one.deliver(rows, "again")
    assert moved(plain, one.figures()) == {}


def test_other_names_for_the_same_people_move_nothing(network, plain: Figures) -> None:
    renamed = {
        key: [row | {"mail": row.get("mail", "").replace("personne", "quelqu-un")} for row in rows]
        for key, rows in history(7).items()
    }
    one = network("renamed")
    one.deliver(renamed)
    assert moved(plain, one.figures()) == {}


def test_an_empty_place_moves_no_figure_of_others_nor_of_the_network(network, plain) -> None:
    not_open = {"id": "pas-encore", "name": "Pas encore", "commune_code": "59350"}
    silent = not_open | {"id": "muet", "name": "Muet", "opened_on": "2021-01-01"}
    one = network("with-empty-places", not_open, silent)
    one.deliver(history(7))
    after = one.figures()
    assert {key: after.get(key) for key in plain} == plain
    new = {key[1] for key in after.keys() - plain.keys()}
    assert {"pas-encore", "muet", "departement:59"} <= new
    assert {said[0] for key, said in after.items() if key[1] in new} <= {
        "not_open", "not_applicable"
    }  # fmt: skip


def test_one_more_visit_on_a_day_moves_the_visits_alone_and_by_one(network, plain) -> None:
    rows = history(7)
    visits = rows["un-lieu", "attendance"]
    known = next(
        row for row in visits if row["role"] == "usager" and row.get("mail") and row["space_code"]
    )
    visits.append(known | {"record_id": "v9999", "space_code": "", "checked_out_at": ""})
    one = network("one-visit-more")
    one.deliver(rows)
    change = moved_apart_from_identified_share(plain, one.figures())
    day = datetime.strptime(known["checked_in_at"], "%d/%m/%Y %H:%M")
    assert {key[0] for key in change} == {"visits"}
    scopes = {"un-lieu", "epci:240200576", "departement:02", "network"}
    periods = {f"{day:%Y-%m}", f"{day:%Y}-T{(day.month + 2) // 3}", f"{day:%Y}"}
    totals = {key[1:3] for key in change if key[3] == "all"}
    assert totals == {(scope, period) for scope in scopes for period in periods}
    for key, (before, after) in change.items():
        if after[3] != before[3]:  # a breakdown's other categories keep theirs
            assert after[3] == before[3] + 1, key


def test_one_more_day_of_a_known_person_leaves_what_counts_people_once(network, plain) -> None:
    rows = history(7)
    visits = rows["un-lieu", "attendance"]
    known = next(
        row for row in visits if row["role"] == "usager" and row.get("mail") and row["space_code"]
    )
    start = datetime.strptime(known["checked_in_at"], "%d/%m/%Y %H:%M")
    other = start.replace(day=15 if start.day != 15 else 16)
    visits.append(
        known | {"record_id": "v9999", "checked_out_at": "", "space_code": "coworking",
                 "checked_in_at": f"{other:%d/%m/%Y %H:%M}"}
    )  # fmt: skip
    one = network("one-day-more")
    one.deliver(rows)
    change = moved_apart_from_identified_share(plain, one.figures())
    assert {"visits", "coworking_days"} <= {key[0] for key in change}
    assert not {key[0] for key in change} & {
        "persons_reached", "women_share", "age_mix_index", "status_mix_index", "reach_per_1000",
        "returning_share", "accompaniments", "direct_fte", "recurring_ties_per_100",
        "coworking_occupancy_rate", "machine_hours", "multi_service_share",
    }  # fmt: skip
