"""An address that several people have is nobody's own, from the delivery on that shows it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.cli.terminal import remarks
from flows.publication.release import release_file, write_release
from flows.stages.build import build_warehouse
from flows.stages.source_report import SourceReport
from tests.conftest import AS_OF

HEADER = "N°;Arrivée;Courriel;Nom;Né(e) le;Compte;Séance"
SOURCE = {
    "columns": {"record_id": "N°", "checked_in_at": "Arrivée", "activity_id": "Séance"},
    "identity": {"email": "Courriel", "last_name": "Nom", "birth_date": "Né(e) le",
                 "source_id": "Compte"},
    "path": "registre-*.csv",
}  # fmt: skip
KEYS = "SELECT record_id, person_key, CAST(identity_kind AS VARCHAR) FROM record.attendance"
DESK = [
    "1;05/10/2026 09:00;guichet@example.org;Abel;01/03/1951;;",
    "2;06/10/2026 09:00;Guichet <GUICHET@example.org>;Bart;02/03/1952;;",
    "3;07/10/2026 09:00;guichet@example.org;Carl;03/03/1953;;",
    "4;08/10/2026 09:00;guichet@example.org;Mme Abel;01/03/51;;",
    "5;08/10/2026 10:00;guichet@example.org;;;;",
    "6;08/10/2026 11:00;guichet@example.org;;;u-6;",
]
Load = Callable[..., SourceReport]


@pytest.fixture
def load(tmp_path: Path, settings, make_place, collect) -> Load:
    """Deliver a register, once more."""

    def deliver(name: str, lines: list[str], **place: Any) -> SourceReport:
        files = {f"registre-{name}.csv": "\n".join([HEADER, *lines])}
        [report] = collect(make_place(tmp_path, files, place=place, **SOURCE), settings)
        assert (report.refused, report.failed, report.quarantined) == ([], [], 0)
        return report

    return deliver


@pytest.fixture
def who(settings, read) -> Callable[[], dict[str, tuple[str | None, str | None]]]:
    """Record → its pseudonym and what that was made from."""
    return lambda: {number: (key, kind) for number, key, kind in read(settings, KEYS)}


def test_under_the_address_of_a_desk_everybody_is_who_their_name_says(load, who) -> None:
    report = load("1", DESK)
    known = who()
    assert [known[str(n)][1] for n in range(1, 7)] == [*["name_birth"] * 4, None, "source_id"]
    keys = [key for key, _ in known.values() if key]
    assert known["1"] == known["4"] and len(set(keys)) == 4
    assert report.received == report.loaded == 6
    assert any("several people's: 1;" in line for line in remarks(report))


def test_an_address_is_of_one_person_as_long_as_nothing_shows_more(load, who) -> None:
    load("1", [
        "1;05/10/2026 09:00;a@example.org;Abel;01/03/1951;;",
        "2;06/10/2026 09:00;a@example.org;Abell;01/03/1951;;",  # one birth date, three names
        "3;07/10/2026 09:00;a@example.org;Habel;01/03/1951;;",
        "4;05/10/2026 09:00;b@example.org;Bart;02/03/1952;;",  # one name, three birth dates
        "5;06/10/2026 09:00;b@example.org;Bart;03/02/1952;;",
        "6;07/10/2026 09:00;b@example.org;Bart;02/03/1925;;",
        "7;05/10/2026 09:00;c@example.org;Carl;03/03/1953;;",  # two people, perhaps
        "8;06/10/2026 09:00;c@example.org;Cora;04/04/1954;;",
        "9;05/10/2026 14:00;d@example.org;Dora;05/05/1955;u1;S-1",  # an account, twice
        "10;05/10/2026 14:00;d@example.org;Dora D;05/05/1955;u1;S-1",
        "11;05/10/2026;e@example.org;Edna;05/05/1955;;",  # a day without an hour is no appointment
        "12;05/10/2026;e@example.org;Ezra;06/06/1956;;",
        *(f"{n};05/10/2026 09:00;f@example.org;;;;" for n in range(13, 18)),
    ])  # fmt: skip
    known = who()
    assert {n: kind for n, (_, kind) in known.items() if kind != "email"} == {}
    assert len({key for key, _ in known.values()}) == 6


def test_two_people_of_one_appointment_with_one_address_are_two(load, who) -> None:
    load("1", [
        "1;05/10/2026 14:00;a@example.org;Abel;01/03/1951;;",
        "2;05/10/2026 14:00;a@example.org;Anna;07/09/2014;;",
        "3;06/10/2026 14:00;b@example.org;Bart;02/03/1952;;S-1",
        "4;06/10/2026 14:00;b@example.org;Bea;02/03/1952;;S-1",  # twins
        "5;07/10/2026;c@example.org;;;u1;S-2",
        "6;07/10/2026 09:05;c@example.org;;;u2;S-2",
        "7;09/10/2026 14:00;a@example.org;Anna;07/09/2014;;",
    ])  # fmt: skip
    known = who()
    assert [known[str(n)][1] for n in range(1, 8)] == [
        *["name_birth"] * 4, *["source_id"] * 2, "name_birth"
    ]  # fmt: skip
    assert len({key for key, _ in known.values()}) == 6 and known["2"] == known["7"]


def test_what_one_delivery_shows_holds_for_later_ones_and_is_a_break_until_all_is_read_anew(
    load, who, settings, collect, make_place, tmp_path, read
) -> None:
    load("1", ["90;07/09/2026 09:00;guichet@example.org;Carl;03/03/1953;;",
               "91;07/09/2026 09:00;other@example.org;Dora;03/03/1953;;"])  # fmt: skip
    load("2", DESK)
    load("3", ["92;20/10/2026 09:00;guichet@example.org;Carl;03/03/1953;;"])
    known = who()
    assert known["90"][1] == known["91"][1] == "email"
    assert known["92"] == known["3"]
    assert breaks(settings, make_place(tmp_path, {}, **SOURCE)) == [
        (date(2026, 10, 5), "registre", "registre")
    ]
    collect(make_place(tmp_path, {}, **SOURCE), settings, again="landed")
    known = who()
    assert known["90"] == known["92"] and known["91"][1] == "email"
    assert breaks(settings, make_place(tmp_path, {}, **SOURCE)) == []
    kept = read(settings, "SELECT place_id, person_key FROM ledger.shared_address")
    assert len(kept) == 1 and "guichet" not in str(kept)


def test_a_tool_that_knows_the_address_alone_knows_nobody_by_it(
    settings, collect, make_place, tmp_path, read
) -> None:
    files = {"registre-1.csv": "\n".join([HEADER, *DESK]),
             "tickets.csv": f"{HEADER}\n1;09/10/2026 09:00;guichet@example.org;;;;\n"
                            "2;09/10/2026 09:00;other@example.org;;;;"}  # fmt: skip
    alone = {"id": "tickets", "path": "tickets.csv", "identity": {"email": "Courriel"}}
    collect(make_place(tmp_path, files, sources=[SOURCE, SOURCE | alone]), settings)
    sql = "SELECT person_key IS NULL FROM record.attendance WHERE source_id = 'tickets' ORDER BY 1"
    assert read(settings, sql) == [(False,), (True,)]


def breaks(settings, place) -> list[tuple[date, str, str]]:
    build_warehouse([place], settings, AS_OF, force=True)
    write_release(settings, "r")
    with duckdb.connect(str(release_file(settings, "r")), read_only=True) as file:
        rows = file.execute(
            "SELECT rupture_le, ancienne_source, nouvelle_source, motif FROM ruptures"
        ).fetchall()
    assert all("commune à plusieurs personnes" in why for *_, why in rows)
    return [(day, old, new) for day, old, new, _ in rows]


def test_what_a_place_knows_of_an_address_is_nothing_to_another(load, who, settings, read) -> None:
    load("1", DESK)
    load("2", DESK[:1], id="autre-lieu")
    there = (
        "SELECT CAST(identity_kind AS VARCHAR) FROM record.attendance WHERE place_id <> 'le-lieu'"
    )
    assert {kind for (kind,) in read(settings, there)} >= {"name_birth"}
