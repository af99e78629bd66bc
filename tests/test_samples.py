"""Synthetic exports are repeatable, marked, faulty where they say so, and readable by the product."""

from __future__ import annotations

import csv
import os
import random
import re
import subprocess
import sys
import tomllib
import unicodedata
import zipfile
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from flows.connectors import connector, fetch
from flows.connectors._journal import answers
from flows.errors import BatchRefused
from flows.intake.mapping import map_rows
from flows.intake.pseudonym import pseudonymiser
from flows.intake.validate import broken_rejects, judge_rows
from flows.network.place_files import read_places
from flows.payroll import refuse_payroll, refuse_payroll_file
from flows.places import Place
from flows.records import Pull
from flows.samples import (
    CANARIES,
    FIRST_DAY,
    LAST_DAY,
    PLANTED_FAULTS,
    SAMPLES_AS_OF,
    SHARED_EMAIL,
    TITLE,
    write_network,
    write_samples,
)
from flows.samples.contracts import ASSOCIATION_TEAM, PUBLIC_TEAM, Post
from flows.samples.declaration import place_toml
from flows.samples.network import declaration, standing
from flows.samples.payroll import ASSOCIATION, declared
from flows.settings import PROJECT

KEY = bytes(range(32))
RESERVATIONS = "la-machinerie/fab-manager-2026-10-31.pages"
REGISTER = "le-faitout-connecte/registre-services-2026-10-31.pages"
CHECK_INS = "la-machinerie/cobot-checkins-2026-10-31.csv"
DESK = "le-faitout-connecte/registre-accueil-2026-10-31.csv"
DEMANDS = "le-faitout-connecte/france-services-2026.csv"
COSTS_A_CELL = {"departure before arrival", "unknown commune", "unknown operator"}
"""Accidents of an optional cell: it is left out, and its row goes on."""
STILL_GOOD = COSTS_A_CELL | {
    "duplicate",
    "corrected later",
    "corrected in the next file",
    "time that was twice",
}
"""Accidents that the product mends or counts without refusing the row."""


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("samples")
    write_samples(folder)
    return folder


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("network")
    write_network(folder, places=6)
    return folder


def files_of(folder: Path) -> dict[str, bytes]:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def text_of(path: Path) -> str:
    content = path.read_bytes()
    if path.suffix in (".xlsx", ".ods"):
        with zipfile.ZipFile(path) as archive:
            return "".join(archive.read(name).decode("utf-8") for name in archive.namelist())
    if content[:2] == b"\xff\xfe":
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252")


def bodies_of(path: Path) -> list[dict[str, Any]]:
    """The answers of a system, as they were recorded."""
    with path.open("rb") as stream:
        return [answer.json() for answer in answers(stream)]


def reservations(samples: Path) -> list[dict[str, Any]]:
    return [r for body in bodies_of(samples / RESERVATIONS) for r in body["reservations"]]


def register(samples: Path) -> list[dict[str, Any]]:
    _columns, records = bodies_of(samples / REGISTER)
    return list(records["records"])


def cells_of(path: Path, separator: str) -> list[dict[str, str]]:
    """Rows of a delimited file that have no quote and as many cells as the header."""
    _, header, *lines = text_of(path).splitlines()
    names = header.split(separator)
    rows = [line.split(separator) for line in lines if '"' not in line]
    return [dict(zip(names, row, strict=True)) for row in rows if len(row) == len(names)]


def planted_faults(folder: Path) -> list[tuple[str, int, str]]:
    lines = (folder / PLANTED_FAULTS).read_text(encoding="utf-8").splitlines()[2:]
    return [(file, int(line), kind) for file, line, kind in (row.split(";") for row in lines)]


def place_of(place_id: str) -> Place:
    return read_places(PROJECT / "data" / "places")[place_id]


def canonical_name(row: dict[str, str]) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFKD", f"{row['Nom']} {row['Prénom']}".casefold())
    letters = "".join(c for c in plain if c.isalpha() or c == " ")
    return (*sorted(letters.split()), row["Né(e) le"])


def test_the_same_seed_gives_the_same_bytes_whatever_the_hash_seed(
    samples: Path, tmp_path: Path
) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    answer = subprocess.run(
        [sys.executable, "-m", "flows.samples", str(tmp_path)],
        cwd=PROJECT,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    assert files_of(tmp_path) == files_of(samples)
    assert len(answer.stdout.splitlines()) == len(files_of(samples))


def test_another_seed_gives_other_people(samples: Path, tmp_path: Path) -> None:
    write_samples(tmp_path, seed=7)
    ours, others = files_of(samples), files_of(tmp_path)
    assert ours.keys() == others.keys()
    assert all(ours[name] != others[name] for name in ours)


def test_every_file_says_that_it_is_synthetic(samples: Path, network: Path) -> None:
    for folder in (samples, network):
        for path in folder.rglob("*.*"):
            text = text_of(path)
            if path.suffix == ".pages":
                assert {body["synthetic"] for body in bodies_of(path)} == {TITLE}
            elif path.suffix == ".ics":
                assert f"X-WR-CALDESC:{TITLE}" in text.splitlines()
            elif path.name.startswith("emplois-"):
                assert "-DEMONSTRATION-" in path.name  # its bytes are those of `impact dsn`
            elif path.suffix in (".xlsx", ".ods"):
                assert text.count(TITLE) >= 2  # in the sheet and in the properties
            else:
                assert text.splitlines()[0].endswith(TITLE)


def test_there_are_as_many_rows_as_a_demonstration_needs(samples: Path) -> None:
    rows = sum(len(text_of(path).splitlines()) for path in samples.rglob("*.csv"))
    rows += len(reservations(samples)) + len(register(samples))
    assert 35_000 < rows < 46_000


def test_the_whole_period_is_covered_and_nothing_is_later(samples: Path) -> None:
    arrivals = [
        datetime.strptime(row["Arrivée"], "%d/%m/%Y %H:%M").date()
        for row in cells_of(samples / DESK, ";")
        if row["N°"].startswith("ACC-0") and not row["Arrivée"].startswith("31/02")
    ]
    assert (min(arrivals) - FIRST_DAY).days <= 3
    assert (LAST_DAY - max(arrivals)).days <= 1
    assert len({(day.year, day.month) for day in arrivals}) == 26


def test_nobody_comes_on_a_day_on_which_the_place_is_closed(samples: Path) -> None:
    expected = set(place_of("la-machinerie").expected_days(FIRST_DAY, LAST_DAY))
    seen = {
        date.fromisoformat(row["Checked in at"][:10].replace("/", "-"))
        for row in cells_of(samples / CHECK_INS, ",")
        if row["Checked in at"][:1] == "2" and row["Checked in at"][:10] != "2025/02/31"
    }
    assert seen <= expected
    assert len(seen) > 500


@pytest.mark.parametrize(
    ("place_id", "plan", "people"),
    [("la-machinerie", ASSOCIATION_TEAM, 7), ("le-faitout-connecte", PUBLIC_TEAM, 11)],
)
def test_the_payroll_sheet_tells_the_contracts_of_the_team_and_nobody(
    samples: Path, place_id: str, plan: tuple[Post, ...], people: int
) -> None:
    [sheet] = (samples / place_id).glob("emplois-*-2024-09-01-2026-10-31.csv")
    text = sheet.read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(text.splitlines(), delimiter=";"))
    codes = {
        "CDI": "CDI", "CDD": "CDD", "Contrat d'apprentissage": "APPRENTISSAGE", "Stage": "STAGE",
        "PEC": "PEC", "Fonctionnaire": "FONCTIONNAIRE", "Contractuel": "CONTRACTUEL_PUBLIC",
    }  # fmt: skip
    expected = sorted(
        (codes[post.contract], f"{post.starts}", f"{post.ends}" if has_ended(post) else "",
         f"{int(post.hours)}h{int(post.hours % 1 * 60):02}")
        for post in plan
        if post.contract in codes
    )  # fmt: skip
    headers = ("Nature du contrat", "Début", "Fin", "Durée hebdomadaire")
    assert sorted(tuple(row[h] for h in headers) for row in rows) == expected
    assert len({row["Matricule"] for row in rows}) == people
    assert not re.search(r"NOM|E0|\d1375999", text)
    assert {row["Fin déduite"] for row in rows} == {""}
    assert all(re.fullmatch(r"\d{5}", row["Commune de résidence"]) for row in rows)


def has_ended(post: Post) -> bool:
    return post.ends is not None and post.ends <= LAST_DAY


def test_no_payroll_declaration_is_left_among_the_samples(samples: Path) -> None:
    for path in samples.rglob("*.*"):
        refuse_payroll_file(path, path.name)
    text = declared(ASSOCIATION, [], FIRST_DAY)
    with pytest.raises(BatchRefused):
        refuse_payroll(text.encode(), "2024-09.dsn")


def test_august_and_christmas_are_quiet(samples: Path) -> None:
    months = Counter(row["Date"][3:] for row in cells_of(samples / DEMANDS, ";"))
    assert months["08/2026"] < 0.7 * months["06/2026"]


def test_one_person_is_in_two_tools_under_one_address_written_in_two_ways(samples: Path) -> None:
    booked = {
        made["user"]["email"]
        for made in reservations(samples)
        if made["reserved_slots"][0]["start_at"].startswith("2026-10")
    }
    came = {
        row["Email"]
        for row in cells_of(samples / CHECK_INS, ",")
        if row["Checked in at"].startswith("2026/10")
    }
    in_bookings = {email for email in booked if email.strip().lower() == SHARED_EMAIL}
    in_check_ins = {email for email in came if email.strip().lower() == SHARED_EMAIL}
    assert len(in_bookings) == len(in_check_ins) == 1
    assert in_bookings != in_check_ins


def test_people_of_the_desk_are_found_at_the_counter_under_another_spelling(samples: Path) -> None:
    desk = {canonical_name(row): row["Nom"] for row in cells_of(samples / DESK, ";")}
    counter = {canonical_name(row): row["Nom"] for row in cells_of(samples / DEMANDS, ";")}
    common = desk.keys() & counter.keys()
    assert len(common) > 300
    assert all(desk[who] != counter[who] for who in common if len(who) == 3)


def test_every_canary_is_in_some_export(samples: Path) -> None:
    texts = [text_of(path) for path in samples.rglob("*.*")]
    for canary in CANARIES:
        assert any(canary in text for text in texts), canary


def test_canaries_stay_in_columns_that_no_place_maps_except_who_people_are() -> None:
    for place_id in ("la-machinerie", "le-faitout-connecte"):
        for source in place_of(place_id).sources:
            mapped = {*source.columns, *source.wanted_headers()}
            assert not mapped & {"Commentaire", "Observations", "comment"}


def test_every_kind_of_accident_is_planted_and_the_share_stays_small(samples: Path) -> None:
    faults = planted_faults(samples)
    kinds = {kind for _, _, kind in faults}
    assert kinds >= STILL_GOOD | {
        "ragged line",
        "repeated header",
        "time in the spring gap",
        "totals row",
        "unclosed quote",
        "unknown code",
        "unreadable date",
        "unreadable number",
    }
    assert len(faults) < 0.01 * 35_000


def test_planted_faults_name_the_line_on_which_they_are(samples: Path) -> None:
    impossible = ("31/02/2025", "2025/02/31", "2025-02-31")
    found = 0
    for file, line, kind in planted_faults(samples):
        if kind == "unreadable date" and file.endswith(".pages"):
            found_in = reservations(samples) if file == RESERVATIONS else register(samples)
            assert any(day in str(found_in[line - 1]) for day in impossible)
            found += 1
        elif kind == "unreadable date" and not file.endswith(".xlsx"):
            text = text_of(samples / file).splitlines()[line - 1]
            assert any(day in text for day in impossible)
            found += 1
    assert found > 10


@pytest.mark.parametrize("place_id", ["la-machinerie", "le-faitout-connecte"])
def test_the_product_refuses_the_planted_lines_and_no_other(samples: Path, place_id: str) -> None:
    as_of = datetime.fromisoformat(SAMPLES_AS_OF)
    planted = {(f.split("/")[1], line): kind for f, line, kind in planted_faults(samples)}
    place = place_of(place_id)
    received, refused, left_out = 0, set(), set()
    for source in place.sources:
        here = source.model_copy(update={"path": f"{place_id}/{Path(source.path).name}"})
        reader = connector(source.connector)
        for delivery in fetch(here, Pull(samples, samples)):
            with delivery.path.open("rb") as stream:
                for page in reader.parse(stream, delivery.name, here):
                    judged = judge_rows(
                        map_rows(page.rows, place, here, pseudonymiser(KEY), as_of), here
                    )
                    broken = broken_rejects(page.broken)
                    received += page.records
                    for number in [*judged.rejects["row_number"], *broken["row_number"]]:
                        refused.add((delivery.name, number))
                    left_out |= {(delivery.name, n) for n in judged.doubts["row_number"]}
    files = {file for file, _ in refused}
    expected = {at for at, kind in planted.items() if at[0] in files and kind not in STILL_GOOD}
    doubtful = {at for at, kind in planted.items() if kind in COSTS_A_CELL}
    # what costs a visit its departure costs the use of a machine its length, and that is the use
    assert expected <= refused <= expected | {at for at in doubtful if at[0].endswith(".pages")}
    assert left_out == {at for at in doubtful if at[0] in {file for file, _ in left_out}}
    assert len(left_out) > 5
    assert 0 < len(refused) < 0.01 * received


def test_the_demonstration_places_are_synthetic_and_the_one_not_open_has_no_source() -> None:
    places = read_places(PROJECT / "data" / "places")
    assert places["la-machinerie"].is_synthetic
    assert places["le-faitout-connecte"].is_synthetic
    waiting = places["le-quai-numerique"]
    assert waiting.opened_on is None
    assert waiting.sources == []
    assert not waiting.is_synthetic


def test_a_generated_network_is_accepted_and_its_exports_are_where_it_says(network: Path) -> None:
    places = read_places(network / "places")
    assert len(places) == 6
    for place in places.values():
        assert place.is_synthetic
        assert place.commune_code in place.catchment_communes
        assert 2 <= len(place.sources) <= 3
        for source in place.sources:
            assert fetch(source, Pull(place.folder, place.folder))
    tools = {source.id for place in places.values() for source in place.sources}
    assert len(tools) >= 6


def test_a_network_is_the_same_for_the_same_seed(network: Path, tmp_path: Path) -> None:
    write_network(tmp_path, places=6)
    assert files_of(tmp_path) == files_of(network)


def test_two_hundred_places_stand_in_as_many_communes_of_one_region() -> None:
    codes = standing(200)
    assert len(set(codes)) == 200
    assert {code[:2] for code in codes} == {"02", "59", "60", "62", "80"}
    fiftieth = place_toml(declaration(49, codes[49], random.Random(1)))
    assert Place.model_validate(tomllib.loads(fiftieth)).commune_code == codes[49]


@pytest.mark.parametrize("places", [0, 1000])
def test_a_network_of_an_impossible_size_is_refused(tmp_path: Path, places: int) -> None:
    with pytest.raises(ValueError, match="a network has 1 to"):
        write_network(tmp_path, places=places)
    assert list(tmp_path.iterdir()) == []
