"""A country in a box: a warehouse of N places over M months, invented by SQL, the same by its seed.

    python -m tests.bench.country FOLDER 30000000 --places 300 --months 24 --seed 1 --shuffled

A few places are busy and most are small; there are weekdays, summers and growth; a few people come
often and most seldom; one visit in a hundred lasts past midnight. Records lie as nights brought
them, day by day and place by place, or shuffled: the same records either way. Of all that a night
writes, records, pseudonyms and proven days are there; `deliver` brings more, through the intake.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import polars as pl

from flows.intake.pseudonym import pseudonymiser
from flows.places import WEEKDAYS, Place
from flows.reference import communes
from flows.settings import TIME_ZONE, Settings, months_before
from flows.stages.collect import collect_place
from flows.stages.place_keys import known_key
from flows.stages.request import Request
from flows.warehouse.database import open_warehouse, transaction
from schemas.codes import AgeBand, Service, SocialStatus
from tests.bench.invented import CODES, DAY_WEIGHTS, DRAW, PLACE_OF, RECORDS, TRAITS, VISITS

AS_OF = datetime(2026, 11, 2, 3, 30, tzinfo=ZoneInfo(TIME_ZONE))
VISITS_OF_A_PERSON = 25
ADDRESS = "personne{}@exemple.test"
AT_ONCE = 1_300_000
"""Visits that are made in memory before they are written."""
NO_ROWS = (
    "unchanged", "superseded", "duplicates", "tombstoned", "quarantined", "ignored", "removed",
    "not_records", "not_asked",
)  # fmt: skip
COLUMNS = {
    "record_id": "id", "checked_in_at": "arrivee", "checked_out_at": "depart",
    "space_code": "espace", "activity_id": "activite", "gender": "genre",
}  # fmt: skip


@dataclass(frozen=True)
class Country:
    """How much there is of it, and where it lies."""

    folder: Path
    visits: int
    places: int = 300
    months: int = 24
    seed: int = 1
    is_shuffled: bool = False

    @property
    def settings(self) -> Settings:
        return Settings(
            home=self.folder / "home", places=self.folder / "places", keys=self.folder / "keys"
        )

    @property
    def first_day(self) -> date:
        return months_before(AS_OF.date(), self.months)

    @property
    def last_day(self) -> date:
        return AS_OF.date() - timedelta(1)


def declared(country: Country) -> list[Place]:
    """Places over the communes of the country, each with one tool a feed; all are invented."""
    table = communes().filter(communes()["type"] == "commune")
    codes = table["commune_code"].gather_every(len(table) // country.places).to_list()
    hours = {day: ["09:00-18:00"] for day in WEEKDAYS[:6]}
    shape = {"connector": "file", "rhythm": "daily", "coverage": "span"}
    return [
        Place.model_validate({
            "id": f"p{n}", "name": f"Lieu {n}", "commune_code": codes[n], "is_synthetic": True,
            "opened_on": "2020-01-01", "time_zone": TIME_ZONE, "services": Service.values(),
            "seats": 20, "opening_hours": hours, "catchment_communes": codes[n : n + 2],
            "folder": country.settings.places,
            "sources": [
                {**shape, "id": f"p{n}-{feed}".replace("_", "-"), "feed": feed,
                 "path": f"p{n}-{feed}-*.csv", "identity": {"email": "courriel"},
                 "columns": COLUMNS if feed == "attendance" else {}}
                for feed in RECORDS
            ],
        })
        for n in range(country.places)
    ]  # fmt: skip


def busy(country: Country) -> pl.DataFrame:
    """The places, and how many people each of them has: the busier, the more."""
    shares = [((n + 1) ** 0.5 - n**0.5) / country.places**0.5 for n in range(country.places)]
    counts = [max(int(s * country.visits / VISITS_OF_A_PERSON), 10) for s in shares]
    firsts = [sum(counts[:n]) for n in range(country.places)]
    return pl.DataFrame(
        {"place": range(country.places), "share": shares, "first": firsts, "persons": counts}
    )


def write_people(warehouse: duckdb.DuckDBPyConnection, country: Country) -> None:
    """`person`: everybody's pseudonym, as the intake makes it, and what else each of them is."""
    warehouse.execute("CREATE TEMP TABLE person (person BIGINT, person_key VARCHAR)")
    counts = busy(country).select("first", "persons").rows()
    for place, (first, count) in zip(declared(country), counts, strict=True):
        pseudonym = pseudonymiser(known_key(warehouse, place, country.settings))
        numbers = range(first, first + count)
        keys = [pseudonym(f"email|{ADDRESS.format(number)}") for number in numbers]
        made = pl.DataFrame({"person": numbers, "person_key": keys})
        warehouse.register("invented", made.to_arrow())
        warehouse.execute("INSERT INTO person FROM invented")


def prepare(connection: duckdb.DuckDBPyConnection, country: Country) -> dict[str, object]:
    """What the SQL of `invented` reads; the values that it leaves open."""
    known: dict[str, object] = {
        "seed": country.seed, "places": country.places, "services": Service.values(),
        "ages": AgeBand.values(), "statuses": SocialStatus.values(),
        "communes": communes()["commune_code"].gather_every(400).to_list(),
        "first": country.first_day,
    }  # fmt: skip
    connection.execute(DRAW.format(**known))
    connection.register("invented", busy(country).to_arrow())
    connection.execute("CREATE TEMP TABLE busy AS FROM invented")
    return {**known, "traits": TRAITS.format(**known)}


def days(warehouse: duckdb.DuckDBPyConnection, country: Country) -> None:
    """`of_day`: the numbers of the visits of each day."""
    weights = DAY_WEIGHTS.format(first=country.first_day, last=country.last_day)
    warehouse.execute(f"""
        CREATE TEMP TABLE of_day AS
        SELECT day, CAST(coalesce(lag(share) OVER (ORDER BY day), 0) * {country.visits} AS BIGINT)
            AS first, CAST(share * {country.visits} AS BIGINT) AS next
        FROM (
            SELECT day, sum(weight) OVER (ORDER BY day) / sum(weight) OVER () AS share
            FROM ({weights})
        )
    """)


def parts(country: Country) -> Iterator[tuple[str, str]]:
    """The numbers and days of visits that are made at once, and the order in which they lie."""
    if country.is_shuffled:
        count = -(-country.visits // AT_ONCE)
        for part in range(count):
            numbers = "range(first, next)"
            yield (
                f"SELECT * FROM (SELECT unnest({numbers}) AS i, day FROM of_day)"
                f" WHERE hash([i, {country.seed}]) % {count} = {part}",
                f"hash([i, {country.seed}, 99])",
            )
        return
    size = max(1, country.months * AT_ONCE // max(country.visits, 1))
    for month in range(0, country.months, size):
        starts = months_before(AS_OF.date(), country.months - month)
        ends = months_before(AS_OF.date(), max(country.months - month - size, -1))
        yield (
            "SELECT unnest(range(first, next)) AS i, day FROM of_day"
            f" WHERE day >= DATE '{starts}' AND day < DATE '{ends}'",
            "day, place, i",
        )


def fill(country: Country) -> None:
    """Make the warehouse; a column that is not told is NULL, or what the contract has most."""
    with open_warehouse(country.settings) as warehouse:
        warehouse.execute("SET preserve_insertion_order = true")
        warehouse.execute("SET memory_limit = '2GB'")
        values = prepare(warehouse, country)
        write_people(warehouse, country)
        days(warehouse, country)
        prepare_lots(warehouse, country)
        for numbers, order in parts(country):
            place = PLACE_OF.format(**values)
            visits = VISITS.format(numbers=numbers, place=place)
            warehouse.execute(
                "CREATE OR REPLACE TEMP TABLE visit AS SELECT *, draw(coalesce(person, -i), 8, 1000000007) AS "
                f"trait FROM ({visits}) LEFT JOIN person USING (person) ORDER BY {order}"
            )
            for feed in ("attendance", "service_usage"):
                write(warehouse, feed, values)
        write(warehouse, "employment", values)
        write_ledger(warehouse, country)


def write(warehouse: duckdb.DuckDBPyConnection, feed: str, values: dict[str, object]) -> None:
    select = RECORDS[feed].format(**values)
    warehouse.execute(
        f"INSERT INTO record.{feed} BY NAME SELECT r.*, l.attempt_id, false AS deleted "
        f"FROM ({select}) AS r INNER JOIN lot AS l USING (source_id)"
    )


def prepare_lots(warehouse: duckdb.DuckDBPyConnection, country: Country) -> None:
    """`lot`: all records of a source came in one batch, which proves every day."""
    warehouse.execute(f"""
        CREATE TEMP TABLE lot AS
        SELECT 'p' || p AS place_id, feed, 'p' || p || '-' || replace(feed, '_', '-') AS source_id,
            md5('batch/' || source_id) AS batch_id, CAST(md5(source_id) AS UUID) AS attempt_id
        FROM range({country.places}) AS a (p), unnest({list(RECORDS)}) AS b (feed)
    """)


def write_ledger(warehouse: duckdb.DuckDBPyConnection, country: Country) -> None:
    """What the intake would have written of the lots."""
    at = f"TIMESTAMPTZ '{AS_OF.isoformat()}' - INTERVAL 1 DAY"
    rows = " UNION ALL ".join(f"SELECT attempt_id FROM record.{feed}" for feed in RECORDS)
    zeros = ", ".join(f"0 AS {name}" for name in NO_ROWS)
    with transaction(warehouse):
        warehouse.execute(f"""
            INSERT INTO ledger.batch BY NAME
            SELECT batch_id, place_id, feed, source_id, 'file' AS connector,
                source_id || '.csv' AS file_name, sha256(source_id) AS content_sha256,
                1 AS size_bytes, {at} AS received_at, CAST({at} AS DATE) AS received_on
            FROM lot
        """)
        warehouse.execute(f"""
            INSERT INTO ledger.attempt BY NAME
            SELECT attempt_id, batch_id, {at} AS attempted_at, {at} AS as_of,
                'accepted' AS outcome, n AS rows_in, n AS loaded,
                {zeros}
            FROM lot INNER JOIN (SELECT attempt_id, count(*) AS n FROM ({rows}) GROUP BY ALL)
                USING (attempt_id)
        """)
        warehouse.execute(f"""
            INSERT INTO ledger.proof BY NAME
            SELECT batch_id, place_id, feed, source_id, CAST(d AS DATE) AS day, true AS is_recorded
            FROM lot, range(DATE '{country.first_day}', DATE '{country.last_day}' + 1,
                INTERVAL 1 DAY) AS r (d)
        """)


def deliver(
    country: Country, number: int, days: dict[int, tuple[date, int]], as_of: datetime
) -> int:
    """Bring one file a place, of `count` days from a first one on, as its tool would; the rows that
    were loaded. Its visits are others than those that are there, of the same people.

    `number` tells one delivery from another; `days` are first day and count of each place.
    """
    country.settings.places.mkdir(parents=True, exist_ok=True)
    places = declared(country)
    for place, (first, count) in days.items():
        rows = visits_of(country, number, place, first, count)
        name = f"p{place}-attendance-{number}.csv"
        rows.write_csv(country.settings.places / name)
    loaded = 0
    for place in days:
        for report in collect_place(
            places[place], country.settings, Request(as_of, feeds=("attendance",))
        ):
            if report.failed or report.refused:
                raise SystemExit(str(report))
            loaded += report.loaded
    return loaded


def visits_of(country: Country, number: int, place: int, first: date, count: int) -> pl.DataFrame:
    """What a tool of the place exports of those days."""
    share = busy(country)["share"][place]
    rows = max(int(share * country.visits / country.months / 26 * count), 2)
    base = country.visits + number * 10_000_019
    numbers = (
        f"SELECT {base} + i AS i, DATE '{first}' + CAST(i % {count} AS INTEGER) AS day "
        f"FROM range({rows}) AS r (i)"
    )
    with duckdb.connect(":memory:") as made:
        made.execute(f"SET TimeZone = '{TIME_ZONE}'")
        prepare(made, country)
        visits = VISITS.format(numbers=numbers, place=place)
        return made.sql(f"""
            SELECT 'n' || i AS id, 'personne' || person || '@exemple.test' AS courriel,
                strftime(starts_at, '%Y-%m-%d %H:%M:%S') AS arrivee,
                strftime(starts_at + to_minutes(45 + chance % 300), '%Y-%m-%d %H:%M:%S') AS depart,
                {CODES["space_code"]} AS espace, {CODES["activity_id"]} AS activite,
                {CODES["gender"]} AS genre
            FROM (SELECT *, draw(coalesce(person, -i), 8, 1000000007) AS trait FROM ({visits}))
            ORDER BY starts_at, i
        """).pl()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.country")
    parser.add_argument("folder", type=Path)
    parser.add_argument("visits", type=int)
    parser.add_argument("--places", type=int, default=300)
    parser.add_argument("--months", type=int, default=24)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--shuffled", action="store_true", dest="is_shuffled")
    fill(Country(**vars(parser.parse_args())))


if __name__ == "__main__":
    main()
