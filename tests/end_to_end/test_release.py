"""The file that funders open."""

import duckdb
import pytest


@pytest.fixture(scope="module")
def release(published):
    with duckdb.connect(str(published.settings.current_release.resolve()), read_only=True) as file:
        yield file


TABLES = {
    "LISEZMOI", "publication", "lieux", "indicateurs", "valeurs", "fraicheur", "qualite", "lots",
    "ruptures",
}  # fmt: skip
VALUE_COLUMNS = {
    "indicateur_id", "niveau", "territoire_id", "periode", "debut", "fin", "ventilation",
    "modalite", "valeur", "diffusion", "etat", "completude", "publication_id", "lot_id", "motif",
    "rupture_de_serie",
}  # fmt: skip


def test_it_has_the_promised_tables(release):
    assert {name for (name,) in release.execute("SHOW TABLES").fetchall()} == TABLES


def test_valeurs_has_the_columns_of_the_published_schema(release):
    assert {row[0] for row in release.execute("DESCRIBE valeurs").fetchall()} >= VALUE_COLUMNS


def test_every_table_and_column_has_a_comment(release):
    assert (
        release.execute(
            "SELECT table_name FROM duckdb_tables() WHERE comment IS NULL OR comment = '' "
            "UNION ALL SELECT table_name || '.' || column_name FROM duckdb_columns() "
            "WHERE NOT internal AND (comment IS NULL OR comment = '')"
        ).fetchall()
        == []
    )


def test_lisezmoi_describes_every_column(release):
    assert (
        release.execute(
            "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal "
            "AND table_name <> 'LISEZMOI' EXCEPT SELECT objet, colonne FROM LISEZMOI"
        ).fetchall()
        == []
    )


def test_every_missing_value_says_why(release):
    assert (
        release.execute(
            "SELECT * FROM valeurs WHERE valeur IS NULL AND motif IS NULL "
            "OR valeur IS NOT NULL AND motif NOT LIKE 'Prudence%'"
        ).fetchall()
        == []
    )


def test_only_ended_periods_are_published(release):
    assert release.execute("SELECT max(fin) FROM valeurs").fetchone()[0].isoformat() == "2026-10-31"
    assert release.execute("SELECT count(*) FROM valeurs WHERE periode = '2026'").fetchone() == (0,)
    assert release.execute("SELECT count(*) > 0 FROM valeurs WHERE periode = '2025'").fetchone()[0]


def test_small_counts_of_people_are_hidden(release):
    people = "SELECT indicateur_id FROM indicateurs WHERE unite IN ('persons', 'jobs')"
    assert release.execute(
        f"SELECT count(*) FROM valeurs WHERE indicateur_id IN ({people}) AND valeur < 11"
    ).fetchone() == (0,)
    assert release.execute(
        "SELECT count(*) > 0 FROM valeurs WHERE diffusion = 'non_diffuse' AND valeur IS NULL"
    ).fetchone()[0]


def test_shares_of_fewer_than_eleven_are_hidden(published, release):
    with duckdb.connect(str(published.settings.warehouse), read_only=True) as warehouse:
        small = warehouse.execute(
            "SELECT indicator_id, scope_id, period_id FROM indicator.value JOIN registry.indicator "
            "USING (indicator_id) WHERE unit = 'share' AND denominator < 11 "
            "AND scope_type = 'place' AND is_ended AND value IS NOT NULL AND breakdown = 'all'"
        ).fetchall()
    for key in small:
        assert release.execute(
            "SELECT valeur FROM valeurs WHERE indicateur_id = ? AND territoire_id = ? "
            "AND periode = ? AND ventilation = 'ensemble'", list(key),
        ).fetchall() == [(None,)]  # fmt: skip


def test_no_category_can_be_found_by_taking_the_others_from_the_total(release):
    """Categories of distinct people add up to their total: one alone would be what is left."""
    alone = release.execute(
        """SELECT indicateur_id, territoire_id, periode, ventilation FROM valeurs
           WHERE ventilation IN ('tranche_age', 'genre', 'statut_social')
           GROUP BY ALL HAVING count(*) FILTER (diffusion = 'non_diffuse') = 1 AND count(*) > 1"""
    ).fetchall()
    assert alone == []


def test_all_four_levels_and_three_periods_are_there(release):
    assert {row[0] for row in release.execute("SELECT DISTINCT niveau FROM valeurs").fetchall()} == {
        "lieu", "epci", "departement", "reseau",
    }  # fmt: skip
    lengths = release.execute("SELECT DISTINCT length(periode) FROM valeurs").fetchall()
    assert {length for (length,) in lengths} == {4, 7}


def test_no_pseudonym_is_in_any_byte_of_the_release(published):
    content = published.settings.current_release.resolve().read_bytes()
    with duckdb.connect(str(published.settings.warehouse), read_only=True) as warehouse:
        keys = warehouse.execute(
            "SELECT DISTINCT person_key FROM record.attendance WHERE person_key IS NOT NULL LIMIT 500"
        ).fetchall()
    assert len(keys) == 500
    assert not [key for (key,) in keys if key.encode() in content]


def test_it_says_that_the_data_are_synthetic(release):
    assert release.execute("SELECT synthetique FROM publication").fetchone() == (True,)
    assert (
        release.execute("SELECT avertissement FROM publication")
        .fetchone()[0]
        .startswith("Données synthétiques")
    )


def test_the_preview_has_the_running_period_and_is_private(published):
    file = published.settings.preview
    assert file.stat().st_mode & 0o077 == 0
    with duckdb.connect(str(file), read_only=True) as preview:
        assert preview.execute(
            "SELECT count(*) > 0 FROM valeurs WHERE NOT terminee AND periode = '2026-11'"
        ).fetchone()[0]


def test_the_storage_is_that_of_duckdb_1_0(published):
    with duckdb.connect() as any_version:
        any_version.execute(
            f"ATTACH '{published.settings.current_release.resolve()}' AS r (READ_ONLY)"
        )
        tags = any_version.execute(
            "SELECT tags FROM duckdb_databases() WHERE database_name = 'r'"
        ).fetchone()[0]
    assert tags["storage_version"].startswith("v1.0")
