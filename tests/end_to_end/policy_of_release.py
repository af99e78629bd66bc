"""What a release shows that the policy does not allow, told from the release alone.

Written down from what was decided, not from the file that the program reads.
"""

import duckdb

RULES = {
    "a count that is no multiple of five": """
        SELECT * FROM figure WHERE diffusion = 'arrondi'
        AND unite IN ('persons', 'jobs', 'organisations', 'visits', 'acts', 'sessions', 'hours',
                      'days', 'kg') AND valeur <> 5 * round(valeur / 5)""",
    "a share that is no multiple of five points": """
        SELECT * FROM figure WHERE unite = 'share' AND indicateur_id <> 'coworking_occupancy_rate'
        AND abs(20 * valeur - round(20 * valeur)) > 1e-9""",
    "an index with more than two decimals": """
        SELECT * FROM figure WHERE unite IN ('index', 'ratio') AND abs(100 * valeur - round(100 * valeur)) > 1e-9""",
    "a full-time equivalent that is no half": """
        SELECT * FROM figure WHERE unite = 'fte' AND diffusion <> 'exact' AND 2 * valeur <> round(2 * valeur)""",
    "work by less than a year": """
        SELECT * FROM figure WHERE unite IN ('fte', 'jobs', 'organisations')
        AND granularite NOT IN ('annee', 'convention')""",
    "jobs of a place that are no band": """
        SELECT * FROM figure WHERE niveau = 'lieu' AND unite IN ('jobs', 'organisations')
        AND diffusion NOT IN ('tranche', 'exact', 'non_disponible')""",
    "a characteristic finer than it may be": """
        SELECT * FROM figure WHERE ventilation <> 'ensemble'
        AND (granularite NOT IN ('annee', 'trimestre') OR niveau = 'lieu' AND granularite <> 'annee')""",
    "a territory of too few places": """
        SELECT * FROM figure WHERE valeur_min IS NOT NULL AND (niveau = 'epci' OR niveau = 'departement'
        AND territoire_id NOT IN (SELECT departement_code FROM lieux GROUP BY ALL HAVING count(*) > 2))""",
    "minors in two classes": """
        SELECT * FROM figure WHERE modalite IN ('moins_de_douze', 'douze_dix_huit')""",
    "a category without a row": """
        SELECT * FROM (
            SELECT *, max(there) OVER (PARTITION BY indicateur_id, ventilation) AS all_of_them
            FROM (
                SELECT indicateur_id, ventilation, niveau, territoire_id, periode, count(*) AS there
                FROM figure WHERE ventilation <> 'ensemble' GROUP BY ALL
            )
        ) WHERE there < all_of_them""",
    "a figure outside of its bounds, or without them": """
        SELECT * FROM figure WHERE valeur IS NOT NULL
        AND NOT coalesce(valeur_min <= valeur + 1e-9 AND valeur <= valeur_max + 1e-9, FALSE)""",
    "a reason that tells how few": """
        SELECT * FROM figure WHERE motif LIKE 'Secret%' OR motif LIKE '%voisine%'""",
    "a part that is no multiple of five points": """
        SELECT * FROM figure WHERE 20 * part_observee <> round(20 * part_observee)
        OR 20 * part_refusee <> round(20 * part_refusee) OR 20 * part_identifiee <> round(20 * part_identifiee)""",
}
"""What must not be there → its rows."""


def faults(release: duckdb.DuckDBPyConnection) -> list[str]:
    """Each rule that the tables `valeurs`, `indicateurs` and `lieux` break."""
    release.execute(
        "CREATE OR REPLACE TEMP VIEW figure AS "
        "SELECT v.*, i.unite FROM valeurs AS v JOIN indicateurs AS i USING (indicateur_id)"
    )
    return [rule for rule, rows in RULES.items() if release.execute(rows).fetchone()]
