"""Whoever changes or leaves their account in a tool stays the one person that they were.

Where no record goes from one account to another (`Declares.accounts_stay`), two pseudonyms of one
record are one person, in all records of the source. The later one counts: an address was changed,
or two accounts were made one. But what says less than was known, such as the number of an account
that is gone, is who it was.
"""

from collections.abc import Sequence

import duckdb

from flows.intake.ledger import Attempt, one_row
from flows.intake.mapping import PERSONAL_COLUMNS
from flows.intake.shared_addresses import is_not_shared
from schemas import CONTRACTS
from schemas.codes import SENSITIVE_SERVICES
from schemas.record import stored_columns

WHO = ("person_key", "identity_kind")
SERVICE_COLUMNS = ("service_code", "space_code")


def follow_people(
    connection: duckdb.DuckDBPyConnection, attempt: Attempt, identities: Sequence[str]
) -> None:
    """Give the rows of a batch, and all that is known of its source, one pseudonym a person.

    `identities` are the kinds of a pseudonym, the strongest first. To be called before versions are
    settled: what was known stands beside what is new then. A version that says less of its own
    record is left as it is: `keep_people` gives it all that was known of who it is.
    """
    find_pairs(connection, attempt, identities)
    if not one_row(connection, "SELECT count(*) FROM pair")[0]:
        return
    find_links(connection, attempt)
    connection.execute(
        f"""
        UPDATE record.{attempt.batch.feed} AS t
        SET person_key = k.to_key, identity_kind = k.to_kind
        FROM link AS k
        WHERE t.place_id = ? AND t.source_id = ? AND t.person_key = k.from_key
          AND t.rowid NOT IN (SELECT later FROM pair WHERE says_less)
        """,
        [attempt.batch.place_id, attempt.batch.source_id],
    )


def find_pairs(
    connection: duckdb.DuckDBPyConnection, attempt: Attempt, identities: Sequence[str]
) -> None:
    """Two versions of one record that name another person, the earlier and the later of each."""
    batch = attempt.batch
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE pair AS
        WITH version AS (
            SELECT t.rowid AS position, t.record_id, t.attempt_id, t.version_at, t.person_key,
                   t.identity_kind,
                   list_position($identities, CAST(t.identity_kind AS VARCHAR)) AS rank,
                   t.attempt_id = $attempt AS is_new
            FROM record.{batch.feed} AS t
            WHERE t.place_id = $place AND t.source_id = $source AND NOT t.deleted
              AND list_contains($identities, CAST(t.identity_kind AS VARCHAR))
              AND {is_not_sensitive(batch.feed, "t")}
              AND {is_not_shared("t.person_key")}
        )
        SELECT e.person_key AS earlier_key, e.identity_kind AS earlier_kind,
               l.person_key AS later_key, l.identity_kind AS later_kind,
               l.position AS later, l.attempt_id AS shown_by, l.rank > e.rank AS says_less
        FROM version AS e
        INNER JOIN version AS l ON l.record_id = e.record_id AND l.is_new <> e.is_new
            AND (l.version_at > e.version_at OR (l.is_new AND l.version_at = e.version_at))
        WHERE e.person_key <> l.person_key
        """,
        {
            "place": batch.place_id, "source": batch.source_id, "attempt": attempt.attempt_id,
            "identities": [*identities],
        },
    )  # fmt: skip


def find_links(connection: duckdb.DuckDBPyConnection, attempt: Attempt) -> None:
    """Which pseudonym is replaced by which; none that could mean two people.

    A former one that the same delivery still gives to another record is somebody's own.
    """
    batch = attempt.batch
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE link AS
        WITH shown AS (
            SELECT later_key AS from_key, earlier_key AS to_key, earlier_kind AS to_kind
            FROM pair WHERE says_less
            UNION
            SELECT p.earlier_key, p.later_key, p.later_kind
            FROM pair AS p
            WHERE NOT p.says_less AND NOT EXISTS (
                SELECT 1 FROM record.{batch.feed} AS t
                WHERE t.place_id = $place AND t.source_id = $source AND NOT t.deleted
                  AND t.attempt_id = p.shown_by AND t.person_key = p.earlier_key
            )
        ),
        one AS (
            SELECT from_key, any_value(to_key) AS to_key, any_value(to_kind) AS to_kind
            FROM shown GROUP BY from_key HAVING count(DISTINCT to_key) = 1
        )
        SELECT a.from_key, coalesce(b.to_key, a.to_key) AS to_key,
               coalesce(b.to_kind, a.to_kind) AS to_kind
        FROM one AS a LEFT JOIN one AS b ON b.from_key = a.to_key
        """,
        {"place": batch.place_id, "source": batch.source_id},
    )


def keep_people(
    connection: duckdb.DuckDBPyConnection, attempt: Attempt, identities: Sequence[str]
) -> None:
    """Each contested record is of the person whom its strongest identity named, in any version.

    Whoever deletes an account at the source is not known there any more, or by a number alone. That
    must make nobody fewer, and nobody two. A deleted record is of nobody, and a group of no one.
    """
    batch = attempt.batch
    columns = stored_columns(CONTRACTS[batch.feed])
    told = [name for name in PERSONAL_COLUMNS if name in columns and name not in WHO]
    fields = ", ".join(f"{name} := {name}" for name in (*WHO, *told))
    of_one = "AND t.headcount = 1" if "headcount" in columns else ""
    connection.execute(
        f"""
        UPDATE record.{batch.feed} AS t
        SET {", ".join(f"{name} = k.known.{name}" for name in WHO)},
            {", ".join(f"{name} = coalesce(t.{name}, k.known.{name})" for name in told)}
        FROM (
            SELECT record_id,
                   min(list_position($identities, identity_kind)) AS rank,
                   max_by(
                       struct_pack({fields}),
                       (-list_position($identities, identity_kind), version_at, person_key)
                   ) AS known
            FROM record.{batch.feed}
            WHERE place_id = $place AND source_id = $source AND NOT deleted
              AND list_contains($identities, CAST(identity_kind AS VARCHAR))
              AND {is_not_shared("person_key")}
              AND record_id IN (SELECT record_id FROM contested)
            GROUP BY record_id
        ) AS k
        WHERE t.place_id = $place AND t.source_id = $source AND t.record_id = k.record_id
          AND NOT t.deleted {of_one} AND {is_not_sensitive(batch.feed, "t")}
          AND coalesce(list_position($identities, t.identity_kind), k.rank + 1) > k.rank
        """,
        {"identities": [*identities], "place": batch.place_id, "source": batch.source_id},
    )


def is_not_sensitive(feed: str, table: str) -> str:
    """Whether a row may be of somebody, as SQL: those of some services are of nobody."""
    column = next((name for name in SERVICE_COLUMNS if name in stored_columns(CONTRACTS[feed])), "")
    codes = ", ".join(f"'{code}'" for code in SENSITIVE_SERVICES)
    return f"coalesce({table}.{column} NOT IN ({codes}), true)" if column else "true"
