"""An address that several people have, such as that of a desk or of a family, is nobody's own.

It is one where a delivery shows three people under it, or two in one appointment. The next identity
of the place's order then decides, in this delivery and in all that come after it. What is kept of
such an address is its pseudonym.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import duckdb
import polars as pl

from flows.intake.ledger import Attempt

DIGESTED = {"email": "email", "name": "name_birth", "source_id": "source_id"}
"""What is remembered of a row → where it is known at all."""
ENOUGH_PEOPLE = 3
"""Two names and birth dates under one address may be one person, once written with a slip."""


class AddressIsShared(Exception):
    """Rows of this delivery took an address for a person: it has to be read again."""


@dataclass(frozen=True)
class Events:
    """Of each row of a page, the day of its event, and which appointment it was."""

    days: pl.Series
    appointments: pl.Series | None = None
    """As digests; empty where people who know nothing of each other may have the same."""


@dataclass
class Addresses:
    """The shared addresses that are known of a place, and who a delivery shows under each."""

    known: set[str]
    """Pseudonyms of the shared ones."""
    suspects: set[int] = field(default_factory=set)
    """Digests of those that this delivery showed to be shared when it was read first."""
    new: dict[str, date] = field(default_factory=dict)
    """Pseudonym of what was not known before → the first day on which this delivery has it."""
    seen: list[pl.DataFrame] = field(default_factory=list)
    """Digests of the page that was read last."""

    def take(
        self,
        people: pl.DataFrame,
        who: pl.DataFrame,
        events: Events,
        pseudonym: Callable[[str], str],
    ) -> pl.Series:
        """Which rows of a page have a shared address; the others are remembered as digests.

        `people` has `email`, `name_birth`, `source_id`, `name` and `born` of each row, `who` its
        `person_key` and `identity_kind` as if nobody shared an address.
        """
        self.learn(people["email"], events.days, pseudonym)
        is_shared = self.are_shared(people["email"], who, pseudonym)
        appointment = (
            pl.lit(None, pl.UInt64) if events.appointments is None else events.appointments
        )
        rows = people.with_columns(appointment.alias("appointment")).filter(
            ~is_shared
            & people["email"].is_not_null()
            & (people["name_birth"].is_not_null() | people["source_id"].is_not_null())
        )
        digests = (
            pl.when(pl.col(given).is_not_null()).then(pl.col(name).hash()).alias(name)
            for name, given in DIGESTED.items()
        )
        self.seen.append(rows.select(*digests, "born", "appointment").unique())
        return is_shared

    def learn(self, emails: pl.Series, days: pl.Series, pseudonym: Callable[[str], str]) -> None:
        """Pseudonyms of the suspects among the addresses of one page."""
        if not self.suspects:
            return
        rows = pl.DataFrame({"email": emails, "day": days}).drop_nulls()
        rows = rows.filter(rows["email"].hash().is_in(list(self.suspects)))
        for email, day in rows.group_by("email").agg(pl.col("day").min()).iter_rows():
            key = pseudonym(f"email|{email}")
            if key not in self.known or key in self.new:
                self.new[key] = min(day, self.new.get(key, day))
            self.known.add(key)

    def are_shared(
        self, emails: pl.Series, who: pl.DataFrame, pseudonym: Callable[[str], str]
    ) -> pl.Series:
        """Which rows have an address that is known to be shared."""
        nowhere = pl.Series([False]).new_from_index(0, len(emails))
        if not self.known:
            return nowhere
        has_it_as_key = (who["identity_kind"] == "email").fill_null(False)
        is_known = who["person_key"].is_in(list(self.known)).fill_null(False)
        others = emails.set(has_it_as_key, None)
        shared = [e for e in others.drop_nulls().unique() if pseudonym(f"email|{e}") in self.known]
        return (has_it_as_key & is_known) | others.is_in(shared).fill_null(False)

    def note(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Keep what was seen on disk until the delivery is whole: it would fill the memory."""
        for page in self.seen:
            connection.execute(SEEN)
            connection.register("page_seen", page.to_arrow())
            connection.execute("INSERT INTO address_seen FROM page_seen")
            connection.unregister("page_seen")
        self.seen.clear()

    def settle(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Raises AddressIsShared where an address is shown to be shared and was not known to be."""
        connection.execute(SEEN)
        rows = connection.execute(f"{OF_THREE_PEOPLE} UNION {OF_TWO_AT_ONCE}").fetchall()
        connection.execute("DROP TABLE address_seen")
        found = {digest for (digest,) in rows} - self.suspects
        if found:
            self.suspects |= found
            raise AddressIsShared


SEEN = """CREATE TEMP TABLE IF NOT EXISTS address_seen (
    email UBIGINT, name UBIGINT, source_id UBIGINT, born DATE, appointment UBIGINT
)"""
OF_THREE_PEOPLE = f"""
    SELECT p.email FROM (
        SELECT DISTINCT s.email, s.name, s.born FROM address_seen AS s WHERE s.name IS NOT NULL
    ) AS p
    GROUP BY p.email
    HAVING count(*) >= {ENOUGH_PEOPLE}
        AND least(count(DISTINCT p.name), count(DISTINCT p.born)) >= {ENOUGH_PEOPLE}"""
"""Addresses with three names and three birth dates."""
OF_TWO_AT_ONCE = """
    SELECT p.email FROM (
        SELECT s.email, s.appointment, s.source_id,
               CASE WHEN s.name IS NULL THEN s.source_id ELSE hash(s.name, s.born) END AS person
        FROM address_seen AS s WHERE s.appointment IS NOT NULL
    ) AS p
    GROUP BY p.email, p.appointment
    HAVING min(p.person) <> max(p.person)
        AND (min(p.source_id) <> max(p.source_id) OR count(*) > count(p.source_id))"""
"""Addresses under which two people are at one appointment, and not with one account."""


def known_addresses(connection: duckdb.DuckDBPyConnection, place_id: str) -> Addresses:
    """What is known before a delivery is read."""
    rows = connection.execute(
        "SELECT person_key FROM ledger.shared_address WHERE place_id = ?", [place_id]
    ).fetchall()
    return Addresses({key for (key,) in rows})


def remember(connection: duckdb.DuckDBPyConnection, attempt: Attempt, addresses: Addresses) -> None:
    """Keep what this delivery showed, for all that come after it."""
    batch = attempt.batch
    attempt.shared_addresses = len(addresses.new)
    for key, day in addresses.new.items():
        connection.execute(
            "INSERT INTO ledger.shared_address VALUES (?, ?, ?, ?)",
            [batch.place_id, key, day, batch.batch_id],
        )


def is_not_shared(key: str, place: str = "$place") -> str:
    """Whether a pseudonym is one person's, as SQL."""
    return (
        f"{key} NOT IN (SELECT h.person_key FROM ledger.shared_address AS h "
        f"WHERE h.place_id = {place})"
    )
