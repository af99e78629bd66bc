"""After any sequence of what can happen, the warehouse is row for row what a full build makes."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from flows.intake.forgotten import Person
from flows.intake.old_records import drop_old_records
from flows.places import Place
from flows.publication.preview import write_preview
from flows.settings import PROJECT, PersonKey, Settings
from flows.stages.build import Build, build_warehouse
from flows.stages.collect import collect_place
from flows.stages.forget import forget
from flows.stages.request import Request
from flows.warehouse.database import open_warehouse, transaction
from flows.warehouse.models import CoreHeader, needed, read_core
from tests.test_metamorphic import (
    AS_OF,
    FIRST,
    History,
    Row,
    a_contract,
    a_use,
    a_visit,
    declared,
    table,
)

WHERE = {"un-lieu": "02676", "son-voisin": "02720", "autre-lieu": "80021", "au-loin": "59350"}
DAY = timedelta(1)


@dataclass
class Network:
    """Four places, two of them neighbours, whose deliveries a seed invents."""

    folder: Path
    rng: random.Random
    person_key: PersonKey = "place"
    as_of: datetime = AS_OF
    number: int = 0
    here: str = ""
    """Where something happens; empty: anywhere."""
    seats: dict[str, int] = field(default_factory=dict)
    sent: dict[tuple[str, str], list[Row]] = field(default_factory=dict)
    """Place and feed → the rows that came last."""

    @property
    def settings(self) -> Settings:
        return self.settings_of("home")

    def settings_of(self, home: str) -> Settings:
        return Settings(
            home=self.folder / home, places=self.folder, keys=self.folder / "keys",
            person_key=self.person_key,
        )  # fmt: skip

    @property
    def places(self) -> list[Place]:
        return [
            declared(name, self.folder).model_copy(
                update={"commune_code": commune, "seats": self.seats.get(name, 6)}
            )
            for name, commune in WHERE.items()
        ]

    def anyone(self) -> str:
        return self.here or self.rng.choice(sorted(WHERE))

    def take(self, rows: History, *, is_right: bool = True) -> None:
        """One more file of each feed, collected at once."""
        self.number += 1
        for (place_id, feed), lines in rows.items():
            name = f"{place_id}-{feed}-{self.number:03}.csv"
            (self.folder / name).write_text(table(feed, lines), "utf-8")
            self.sent[place_id, feed] = lines
        for place in self.places:
            if place.id in {place_id for place_id, _feed in rows}:
                for report in collect_place(place, self.settings, Request(as_of=self.as_of)):
                    assert (report.failed, report.refused) == ([], [])
                    assert not is_right or report.quarantined == 0

    def build(self) -> Build:
        return build_warehouse(self.places, self.settings, self.as_of, force=False)

    def other_tables(self) -> list[tuple[str, int, int]]:
        """Tables of warehouse and preview that a full build of a copy makes otherwise: rows too
        many, and rows missing.
        """
        full = self.settings_of("full")
        shutil.rmtree(full.home, ignore_errors=True)
        full.home.mkdir()
        shutil.copy(self.settings.warehouse, full.warehouse)
        build_warehouse(self.places, full, self.as_of, force=True)
        write_preview(full)
        found = different(self.settings.warehouse, full.warehouse)
        return found + different(write_preview(self.settings), full.preview)


def different(mine: Path, anew: Path) -> list[tuple[str, int, int]]:
    """Tables of two files of which a row is not as often in both."""
    with closing(duckdb.connect()) as both:
        both.execute(f"ATTACH '{mine}' AS mine (READ_ONLY); ATTACH '{anew}' AS anew (READ_ONLY)")
        names = both.execute(
            "SELECT DISTINCT schema_name || '.' || table_name FROM duckdb_tables() "
            "WHERE schema_name IN ('main', 'registry', 'core', 'indicator') "
            "AND table_name <> 'computed_after' ORDER BY 1"
        ).fetchall()
        assert {("core.place_status",), ("indicator.figure",)} <= {*names} or (
            "main.valeurs",
        ) in names
        return [
            (name, *counts)
            for (name,) in names
            for counts in both.execute(
                f"SELECT (SELECT count(*) FROM (FROM mine.{name} EXCEPT ALL FROM anew.{name})),"
                f"(SELECT count(*) FROM (FROM anew.{name} EXCEPT ALL FROM mine.{name}))"
            ).fetchall()
            if any(counts)
        ]


def begin(one: Network) -> None:
    makers = {
        "attendance": (a_visit, 60),
        "service_usage": (a_use, 50),
        "employment": (a_contract, 8),
    }
    one.take({
        (place_id, feed): [make(one.rng, number) for number in range(count)]
        for place_id in WHERE for feed, (make, count) in makers.items()
    })  # fmt: skip


def more(one: Network, feed: str, make: Callable[..., Row], **said: str) -> None:
    """A few more rows of one place, of any day of the last fifteen months."""
    rows = [make(one.rng, 1000 * one.number + number) | said for number in range(3)]
    one.take({(one.anyone(), feed): rows})


def visits(one: Network) -> None:
    more(one, "attendance", a_visit)


def uses(one: Network) -> None:
    more(one, "service_usage", a_use)


def contracts(one: Network) -> None:
    more(one, "employment", a_contract)


def correction(one: Network) -> None:
    """Rows that came before, of somebody else, and on another day."""
    (place_id, feed), rows = one.rng.choice(
        sorted(known for known in one.sent.items() if known[0][0] == (one.here or known[0][0]))
    )
    make = {"attendance": a_visit, "service_usage": a_use, "employment": a_contract}[feed]
    one.take(
        {(place_id, feed): [make(one.rng, 3) | {"record_id": r["record_id"]} for r in rows[:4]]}
    )


def late(one: Network) -> None:
    """A visit of the first day of all, which makes somebody a newcomer of long ago."""
    rows = [a_visit(one.rng, 1000 * one.number + n) for n in range(2)]
    moved = [
        row | {"checked_in_at": f"{FIRST:%d/%m/%Y} 09:00", "checked_out_at": f"{FIRST:%d/%m/%Y} 12:00"}
        for row in rows
    ]  # fmt: skip
    one.take({(one.anyone(), "attendance"): moved})


def refused(one: Network) -> None:
    row = a_visit(one.rng, 9000) | {"checked_in_at": "31/02/2026 09:00"}
    one.take({("un-lieu", "attendance"): [row, a_visit(one.rng, 9001)]}, is_right=False)


def put_right(one: Network) -> None:
    one.take({("un-lieu", "attendance"): [a_visit(one.rng, 9000)]})


def erasure(one: Network) -> None:
    place_id = one.anyone()
    [place] = [place for place in one.places if place.id == place_id]
    who = Person(email=f"personne-{one.rng.randrange(18)}@exemple.fr")
    forget(place, one.settings, who, one.as_of)


def retention(one: Network) -> None:
    with open_warehouse(one.settings) as warehouse, transaction(warehouse):
        drop_old_records(warehouse, (FIRST + 20 * DAY))


def nothing(one: Network) -> None:
    """No more than before."""


def other_declaration(one: Network) -> None:
    one.seats[one.anyone()] = one.rng.randrange(2, 30)


def next_day(one: Network) -> None:
    one.as_of += DAY


def next_month(one: Network) -> None:
    one.as_of += 31 * DAY


Step = Callable[[Network], None]
BY_SLICE: tuple[Step, ...] = (visits, uses, contracts, correction, late, erasure)
"""What one place alone is touched by."""
BY_ALL: tuple[Step, ...] = (other_declaration, next_day, next_month)


def walk(one: Network, builds: Iterable[tuple[Step, ...]]) -> list[bool]:
    """Take some steps, build, compare, and so on; which builds were of slices."""
    begin(one)
    one.build()
    write_preview(one.settings)
    done = []
    for steps in builds:
        one.here = one.rng.choice(sorted(WHERE))
        for step in steps:
            step(one)
        built = one.build()
        assert one.other_tables() == [], (steps, built)
        done.append(built.why_all is None)
    return done


def test_a_kept_table_that_records_are_in_says_of_which_place_a_row_is() -> None:
    core = read_core(PROJECT / "sql")
    stays = {
        name for name, model in core.items()
        if isinstance(model.header, CoreHeader) and model.header.kept
        and model.header.kind == "table" and not model.header.key
    }  # fmt: skip
    assert stays == {"core.scope", "core.period", "core.indicator_reader"}
    read = {name.partition(".")[0] for one in stays for name in needed(core[one], core)}
    assert read == {"registry"}


def test_what_a_place_sends_is_computed_by_slices_and_all_equals_a_full_build(
    tmp_path: Path,
) -> None:
    slices = [(visits, uses, contracts, correction), (late, erasure)]
    # what is said of every place depends on whether a row was lost anywhere
    builds = [*slices, (refused,), (visits, nothing), (put_right, next_month)]
    one = Network(tmp_path, random.Random(11))
    done = walk(one, [*builds, (retention, other_declaration)])
    assert done == [True, True, False, True, False, False]


@pytest.mark.long
@pytest.mark.parametrize("person_key", ["place", "network"])
@pytest.mark.parametrize("seed", range(5))
def test_any_sequence_equals_a_full_build(tmp_path: Path, seed: int, person_key: PersonKey) -> None:
    one = Network(tmp_path, random.Random(seed), person_key)
    every = (*BY_SLICE, *BY_ALL, refused, put_right, retention, nothing)
    walk(one, [(one.rng.choice(every),) for _ in range(25)])
