"""Published once: the tables whose turn has come, and what stands of those before.

A table is one indicator at one territory, of one period and one characteristic. The first night on
which it may be published, it is drawn; from then on the ledger has its rows, and every release
shows these. What the ledger takes down is what readers see, read from the release itself.
"""

from pathlib import Path

import duckdb
import polars as pl

from flows.errors import ImpactError
from flows.language import _
from flows.sql_files import read_sql_file

TABLE = ("indicateur_id", "niveau", "territoire_id", "periode", "ventilation")
"""What names a table, as the release calls it."""


def same(other: str) -> str:
    """The SQL that finds the table of a row of `v` in `other`."""
    return " AND ".join(f"{other}.{name} = v.{name}" for name in TABLE)


NEW = "CREATE TEMP TABLE new_value AS SELECT * FROM ledger.published_value LIMIT 0"
TAKE = """
    INSERT INTO new_value BY NAME
    SELECT d.* EXCLUDE (is_shown, is_small, is_sure, exact, is_due) FROM due_value AS d
"""
NOT_JUDGED_GOOD = """
    UPDATE drawn_figure SET is_due = FALSE
    WHERE EXISTS (
        SELECT 1
        FROM ledger.promise AS p
        INNER JOIN registry.publication AS n ON n.publication_id = p.release_id
        WHERE p.severity = 'critical' AND NOT p.is_kept
    )
"""
"""Of figures that the audit refused nothing is published: a value may be withdrawn all the same."""
SEEN = f"""
    INSERT INTO ledger.published_value BY NAME
    SELECT v.*, p.empreinte_secret AS secret_fingerprint,
           CASE WHEN r.nature <> 'definition' THEN r.raison END AS reason, r.forcee AS is_forced
    FROM seen.valeurs AS v
    INNER JOIN (SELECT publication_id, empreinte_secret FROM seen.publication) AS p
        ON p.publication_id = v.publication_id
    LEFT JOIN seen.revisions AS r
        ON {same("r")} AND r.modalite = v.modalite AND r.version = v.version
        AND r.revision = v.revision AND r.publication_id = v.publication_id
    ANTI JOIN ledger.published_value AS l
        ON {same("l")} AND l.modalite = v.modalite AND l.version = v.version
        AND l.revision = v.revision
    WHERE v.publiee_le IS NOT NULL
"""
LOST = f"""
    SELECT v.indicateur_id, v.territoire_id, v.periode, count(*) OVER () AS lost
    FROM seen.valeurs AS v
    ANTI JOIN ledger.published_value AS l
        ON {same("l")} AND l.modalite = v.modalite AND l.version = v.version
        AND l.revision = v.revision AND l.publication_id = v.publication_id
        AND l.valeur IS NOT DISTINCT FROM v.valeur
        AND l.valeur_min IS NOT DISTINCT FROM v.valeur_min
        AND l.valeur_max IS NOT DISTINCT FROM v.valeur_max
        AND l.diffusion = v.diffusion
    WHERE v.publiee_le IS NOT NULL
    ORDER BY ALL LIMIT 1
"""
NOT_THERE = f"""
    SELECT v.indicateur_id, v.territoire_id, v.periode, count(*) OVER () AS gone
    FROM standing_value AS v
    ANTI JOIN {{there}} AS l
        ON {same("l")} AND l.modalite = v.modalite AND l.version = v.version
        AND l.revision = v.revision AND l.publication_id = v.publication_id
    ORDER BY v.publiee_le, v.indicateur_id, v.territoire_id, v.periode LIMIT 1
"""
OTHER_RULE = """
    SELECT s.indicateur_id, min(s.regle) AS was, count(*) AS published
    FROM standing_value AS s
    INNER JOIN (SELECT DISTINCT indicator_id, rule FROM registry.published_table) AS t
        ON t.indicator_id = s.indicateur_id
    WHERE s.regle <> t.rule AND s.diffusion <> 'retiree'
    GROUP BY s.indicateur_id ORDER BY s.indicateur_id LIMIT 1
"""


def let_publish(
    connection: duckdb.DuckDBPyConnection, sql: Path, revised: pl.DataFrame | None = None
) -> None:
    """Let SQL on this connection read `drawn_figure` and `new_value`; it can round already.

    `new_value` is what this release publishes for the first time, and what was revised.
    """
    draw_figures(connection, sql)
    connection.execute(NOT_JUDGED_GOOD)
    connection.execute(f"CREATE TEMP TABLE due_value AS {select(sql, 'once/due_value')}")
    let_stand(connection, sql)
    connection.execute(TAKE)
    if revised is not None:
        connection.register("revised", revised.to_arrow())
        connection.execute("INSERT INTO new_value BY NAME FROM revised")
        connection.unregister("revised")


def let_stand(connection: duckdb.DuckDBPyConnection, sql: Path) -> None:
    """Let SQL on this connection read `standing_value`, with nothing new yet in `new_value`."""
    connection.execute(NEW)
    connection.execute(f"CREATE TEMP VIEW standing_value AS {select(sql, 'once/standing_value')}")


def draw_figures(connection: duckdb.DuckDBPyConnection, sql: Path) -> None:
    """Draw once what several tables ask for."""
    connection.execute(f"CREATE TEMP TABLE drawn_figure AS {select(sql, 'rounding/drawn_figure')}")


def select(sql: Path, name: str) -> str:
    return read_sql_file(sql / f"{name}.sql").select


def knows_dates(connection: duckdb.DuckDBPyConnection) -> bool:
    """Was the release `seen` made by a program that publishes once?"""
    columns = connection.execute("DESCRIBE seen.valeurs").fetchall()
    return "publiee_le" in {column[0] for column in columns}


def take_down(connection: duckdb.DuckDBPyConnection) -> None:
    """Write into the ledger what the release `seen`, which readers see, shows for the first time.

    The caller holds the transaction.
    """
    if knows_dates(connection):
        connection.execute(SEEN)


def not_in(connection: duckdb.DuckDBPyConnection) -> tuple[str, str, str, int] | None:
    """Indicator, territory and period of the first value that stands and is not in the release
    `seen`, and how many there are.
    """
    there = "seen.valeurs" if knows_dates(connection) else "(FROM standing_value LIMIT 0)"
    return next(iter(connection.execute(NOT_THERE.format(there=there)).fetchall()), None)


def refuse_lost(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    """Raises ImpactError where readers see a value that the ledger does not have so."""
    if not knows_dates(connection):
        return
    lost = connection.execute(LOST).fetchone()
    if lost is not None:
        indicator_id, territory_id, period, count = lost
        raise ImpactError(
            _(
                "{count} published values are not in the ledger as readers see them, the first: "
                "{indicator}, {territory}, {period}; nothing is published"
            ).format(count=count, indicator=indicator_id, territory=territory_id, period=period),
            where=str(file),
            remedy=_("restore the newest backup: what was published is not drawn a second time"),
        )


def refuse_other_rules(connection: duckdb.DuckDBPyConnection, policy: Path) -> None:
    """Raises ImpactError where the policy is another than that of values of `standing_value`."""
    other = connection.execute(OTHER_RULE).fetchone()
    if other is not None:
        indicator_id, rule, count = other
        raise ImpactError(
            _(
                "the policy changed under {count} published values of {indicator}, which "
                "follow {rule}; nothing is published"
            ).format(count=count, indicator=indicator_id, rule=rule),
            where=str(policy),
            remedy=_("put its rules and the line of this indicator back as they were"),
        )
