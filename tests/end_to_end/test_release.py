"""The file that funders open."""

import duckdb
import pytest


@pytest.fixture(scope="module")
def release(published):
    with duckdb.connect(str(published.settings.current_release.resolve()), read_only=True) as file:
        yield file


TABLES = {
    "LISEZMOI", "publication", "lieux", "indicateurs", "valeurs", "fraicheur", "qualite", "lots",
    "ruptures", "portefeuilles", "financements", "suivi_objectifs",
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
            "SELECT indicator_id, scope_id, replace(period_id, 'convention:', '') "
            "FROM indicator.value JOIN registry.indicator "
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


def test_every_level_and_every_kind_of_period_is_there(release):
    assert {row[0] for row in release.execute("SELECT DISTINCT niveau FROM valeurs").fetchall()} == {
        "lieu", "epci", "departement", "portefeuille", "reseau",
    }  # fmt: skip
    kinds = release.execute(
        "SELECT DISTINCT regexp_replace(periode, '^[0-9]{4}', 'AAAA') FROM valeurs"
    ).fetchall()
    months = {f"AAAA-{month:02}" for month in range(1, 13)}
    quarters = {f"AAAA-T{quarter}" for quarter in range(1, 5)}
    assert {kind for (kind,) in kinds} == {*months, *quarters, "AAAA", "conseillers-2024"}


def test_a_convention_that_runs_is_declared_but_has_no_figure_yet(release):
    assert release.execute(
        "SELECT financement_id, lieu_id, montant_eur, periode FROM financements "
        "WHERE financement_id = 'fabrique-2024'"
    ).fetchall() == [("fabrique-2024", "la-machinerie", 150000, "fabrique-2024")]


def test_each_target_says_where_it_is_and_its_value_is_that_of_valeurs(release):
    assert release.execute(
        "SELECT objectif_id, statut, valeur IS NOT NULL FROM suivi_objectifs ORDER BY ALL"
    ).fetchall() == [
        ("anct-personnes-2025", "non_atteint", True),
        ("conseillers-accompagnements", "atteint", True),
        ("fabrique-passages", "en_cours", True),
    ]
    assert release.execute(
        """SELECT s.valeur = sum(v.valeur) FROM suivi_objectifs AS s INNER JOIN valeurs AS v
           USING (indicateur_id, niveau, territoire_id) WHERE s.objectif_id = 'fabrique-passages'
           AND v.periode SIMILAR TO '[0-9]{4}-[0-9]{2}' AND v.debut >= s.debut AND v.ventilation = 'ensemble'
           GROUP BY s.valeur"""
    ).fetchall() == [(True,)]


def test_people_of_a_portfolio_are_those_of_its_places_and_the_two_are_named(release):
    assert release.execute("SELECT lieu_id FROM portefeuilles ORDER BY ALL").fetchall() == [
        ("la-machinerie",), ("le-faitout-connecte",),
    ]  # fmt: skip


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
