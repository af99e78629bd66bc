"""The file that funders open."""

import re
from datetime import date

import duckdb
import pytest

from flows.settings import PROJECT


@pytest.fixture(scope="module")
def release(published):
    with duckdb.connect(str(published.settings.current_release.resolve()), read_only=True) as file:
        yield file


TABLES = {
    "LISEZMOI", "publication", "lieux", "indicateurs", "valeurs", "fraicheur", "qualite", "lots",
    "provenance",
    "ruptures", "portefeuilles", "financements", "suivi_objectifs", "colonnes", "libelles",
    "calendrier", "visites_mois", "personnes_annee", "emplois_annee", "changements",
    "revisions", "couverture",
}  # fmt: skip
VALUE_COLUMNS = {
    "indicateur_id", "niveau", "territoire_id", "periode", "debut", "fin", "ventilation",
    "modalite", "valeur", "valeur_min", "valeur_max", "affichage", "diffusion", "etat", "completude", "publication_id", "lot_id", "motif",
    "rupture_de_serie", "publiee_le", "revision", "regle", "lieux_contributeurs", "lieux_attendus",
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
            "EXCEPT SELECT objet, colonne FROM colonnes"
        ).fetchall()
        == []
    )


def test_it_opens_on_a_screen_that_names_each_table_once(release):
    named = release.execute("SELECT objet FROM LISEZMOI").fetchall()
    assert sorted(name for (name,) in named) == sorted(TABLES)
    assert len(named) < 24


def test_every_question_that_it_proposes_has_an_answer(release):
    asked = release.execute("SELECT exemple FROM LISEZMOI WHERE exemple <> ''").fetchall()
    without = [sql for (sql,) in asked if not release.execute(sql).fetchall()]
    assert len(asked) >= 7
    # nobody is late, and there was no release before
    later = "retard_jours > 0|FROM changements|FROM revisions"
    assert [sql for sql in without if not re.search(later, sql)] == []


def test_the_seven_questions_of_the_page_for_funders_have_answers(release):
    page = (PROJECT / "docs" / "fr" / "financeurs.md").read_text(encoding="utf-8")
    [block] = re.findall(r"```sql\n(.*?)```", page, re.DOTALL)
    questions = [part for part in block.split(";") if part.strip()]
    assert len(questions) == 7
    without = [sql for sql in questions if not release.execute(sql).fetchall()]
    assert [sql for sql in without if "FROM changements" not in sql] == []


def test_the_first_release_has_no_changes_and_says_that_there_is_none_before(release):
    assert release.execute("SELECT count(*) FROM changements").fetchone() == (0,)
    [(said,)] = release.execute(
        "SELECT description FROM LISEZMOI WHERE objet = 'changements'"
    ).fetchall()
    assert "Vide tant que la première publication" in said


def test_every_code_has_one_label_and_loses_no_row_when_it_is_joined(release):
    """Written down from the columns whose codes a reader sees."""
    for column, table in {
        "ventilation": "valeurs", "niveau": "valeurs", "granularite": "valeurs",
        "statut": "valeurs", "diffusion": "valeurs", "etat": "valeurs",
        "unite": "indicateurs", "domaine": "indicateurs", "sens": "indicateurs",
        "flux": "fraicheur", "rythme": "fraicheur", "decompte": "suivi_objectifs",
        "portee": "suivi_objectifs",
    }.items():  # fmt: skip
        assert (
            release.execute(
                f"SELECT DISTINCT {column} FROM {table} "
                f"EXCEPT SELECT code FROM libelles WHERE liste = '{column}'"
            ).fetchall()
            == []
        )
    assert release.execute(
        """SELECT count(*) = (SELECT count(*) FROM valeurs) FROM valeurs AS v
           JOIN libelles AS m ON m.liste = v.ventilation AND m.code = v.modalite"""
    ).fetchone() == (True,)


def test_the_catalogue_names_what_the_figures_have(release):
    for listed, column in (("ventilations", "ventilation"), ("periodes", "granularite")):
        assert (
            release.execute(
                f"""SELECT DISTINCT v.{column} FROM valeurs AS v JOIN indicateurs AS i USING (indicateur_id)
                WHERE v.{column} <> 'ensemble'
                AND NOT list_contains(string_split(i.{listed}, ', '), v.{column})"""
            ).fetchall()
            == []
        )


def test_the_months_of_a_year_add_up_to_its_own_figure_within_the_margin_that_they_state(release):
    """One granularity at a time: the sum of all rows of a year would be nine times the truth."""
    years = release.execute(
        """SELECT sum(m.visites_min), sum(m.visites_max), any_value(v.valeur_min), any_value(v.valeur_max)
        FROM visites_mois AS m JOIN valeurs AS v
            ON v.territoire_id = m.lieu_id AND v.periode = CAST(year(m.mois) AS VARCHAR)
        WHERE v.indicateur_id = 'visits' AND v.ventilation = 'ensemble'
        GROUP BY m.lieu_id, v.periode HAVING count(m.visites) = 12 AND count(v.valeur) = 12"""
    ).fetchall()
    assert len(years) >= 2
    assert all(least <= last and first <= most for least, most, first, last in years)


def test_the_short_tables_say_what_valeurs_says(release):
    assert release.execute(
        """SELECT count(*), sum(personnes) FROM personnes_annee EXCEPT SELECT count(*), sum(valeur)
           FROM valeurs WHERE granularite = 'annee' AND indicateur_id = 'persons_reached'"""
    ).fetchall() == []  # fmt: skip
    assert release.execute(
        """SELECT count(*), sum(emplois) FROM emplois_annee EXCEPT SELECT count(*), sum(valeur)
           FROM valeurs WHERE granularite = 'annee'
           AND ventilation IN ('ensemble', 'type_contrat')
           AND indicateur_id IN ('direct_jobs_eop', 'hosted_jobs_eop')"""
    ).fetchall() == []  # fmt: skip


def test_it_says_when_the_running_month_is_due(release):
    assert release.execute(
        "SELECT publiee_des FROM calendrier WHERE periode = '2026-11'"
    ).fetchall() == [(date(2027, 1, 15),)]


def test_a_tool_knows_it_by_the_same_name_every_night(published):
    """DuckDB names a database after the file behind the link."""
    with duckdb.connect(str(published.settings.current_release), read_only=True) as file:
        assert file.execute("SELECT current_database()").fetchone() == ("current",)
    with duckdb.connect(str(published.settings.current_release.resolve()), read_only=True) as file:
        assert file.execute("SELECT current_database()").fetchone() == ("current",)


def test_it_has_only_types_that_need_no_extension(release):
    """An instant with a zone needs ICU, which small readers would fetch."""
    types = {
        row[0]
        for row in release.execute(
            "SELECT data_type FROM duckdb_columns() WHERE NOT internal"
        ).fetchall()
    }
    assert {kind.split("(")[0] for kind in types} <= {
        "VARCHAR", "BIGINT", "INTEGER", "DOUBLE", "DECIMAL", "DATE", "TIMESTAMP", "BOOLEAN",
    }  # fmt: skip


def test_every_missing_value_says_why(release):
    assert (
        release.execute(
            "SELECT * FROM valeurs WHERE valeur IS NULL AND motif IS NULL "
            "OR valeur IS NOT NULL AND motif NOT LIKE 'Prudence%'"
        ).fetchall()
        == []
    )


def test_what_is_shown_has_bounds_and_is_written_out(release):
    assert (
        release.execute(
            "SELECT * FROM valeurs WHERE (diffusion IN ('arrondi', 'tranche', 'exact')) "
            "<> (valeur_min IS NOT NULL AND affichage IS NOT NULL)"
        ).fetchall()
        == []
    )
    written = {row[0] for row in release.execute("SELECT affichage FROM valeurs").fetchall()}
    assert {"0–4", "≤ 5 %", "35 %", "5–9", "20 et plus", "300"} <= written


def test_only_ended_periods_are_published(release):
    assert release.execute("SELECT max(fin) FROM valeurs").fetchone()[0].isoformat() == "2026-10-31"
    assert release.execute("SELECT count(*) FROM valeurs WHERE periode = '2026'").fetchone() == (0,)
    assert release.execute("SELECT count(*) > 0 FROM valeurs WHERE periode = '2025'").fetchone()[0]


def test_a_zero_is_from_none_to_four(release):
    zeros = release.execute(
        "SELECT DISTINCT valeur_min, valeur_max, affichage FROM valeurs JOIN indicateurs "
        "USING (indicateur_id) WHERE unite IN ('acts', 'persons', 'visits') AND valeur = 0"
    ).fetchall()
    assert zeros == [(0, 4, "0–4")]


def test_every_level_and_every_kind_of_period_is_there(release):
    assert {row[0] for row in release.execute("SELECT DISTINCT niveau FROM valeurs").fetchall()} == {
        "lieu", "portefeuille", "reseau",
    }  # fmt: skip
    kinds = release.execute(
        "SELECT DISTINCT regexp_replace(periode, '^[0-9]{4}', 'AAAA') FROM valeurs"
    ).fetchall()
    months = {f"AAAA-{month:02}" for month in range(1, 13)}
    quarters = {f"AAAA-T{quarter}" for quarter in range(1, 5)}
    assert {kind for (kind,) in kinds} == {*months, *quarters, "AAAA", "conseillers-2024"}


def test_a_territory_of_two_places_says_why_it_has_no_figure(release):
    for level in ("portefeuille", "reseau"):
        assert release.execute(
            "SELECT DISTINCT valeur_min, motif FROM valeurs WHERE niveau = ? AND statut = 'ok' "
            "AND diffusion <> 'a_venir'",
            [level],
        ).fetchall() == [(None, "Moins de 3 lieux y contribuent : voyez chaque lieu.")]


def test_a_convention_that_runs_is_declared_but_has_no_figure_yet(release):
    assert release.execute(
        "SELECT financement_id, lieu_id, montant_eur, periode FROM financements "
        "WHERE financement_id = 'fabrique-2024'"
    ).fetchall() == [("fabrique-2024", "la-machinerie", 150000, "fabrique-2024")]


def test_each_target_says_where_it_is_and_its_value_is_that_of_valeurs(release):
    assert release.execute(
        "SELECT objectif_id, statut, valeur IS NOT NULL FROM suivi_objectifs "
        "WHERE portee = 'ensemble' ORDER BY ALL"
    ).fetchall() == [
        ("anct-personnes-2025", "indecidable", False),
        ("conseillers-accompagnements", "atteint", True),
        ("fabrique-passages", "en_cours", True),
    ]
    assert release.execute(
        """SELECT s.valeur = sum(v.valeur) FROM suivi_objectifs AS s INNER JOIN valeurs AS v
           USING (indicateur_id, niveau, territoire_id) WHERE s.objectif_id = 'fabrique-passages'
           AND s.portee = 'ensemble' AND v.periode SIMILAR TO '[0-9]{4}-[0-9]{2}' AND v.debut >= s.debut AND v.ventilation = 'ensemble'
           GROUP BY s.valeur"""
    ).fetchall() == [(True,)]


def test_each_year_of_a_convention_has_its_row_and_the_running_one_too(release):
    """1 September 2024 to 31 August 2027, seen on 2 November 2026: 62 days of the third year."""
    rows = release.execute(
        "SELECT numero_annee, fin, part_ecoulee, statut FROM suivi_objectifs "
        "WHERE objectif_id = 'fabrique-passages' ORDER BY numero_annee NULLS FIRST"
    ).fetchall()
    assert [(n, str(last), float(share), word) for n, last, share, word in rows] == [
        (None, "2027-08-31", 0.723, "en_cours"), (1, "2025-08-31", 1, "terminee"),
        (2, "2026-08-31", 1, "terminee"), (3, "2027-08-31", 0.17, "en_cours"),
    ]  # fmt: skip
    [(whole, years)] = release.execute(
        "SELECT sum(valeur) FILTER (WHERE numero_annee IS NULL), sum(valeur) FILTER (WHERE numero_annee > 0) "
        "FROM suivi_objectifs WHERE objectif_id = 'fabrique-passages'"
    ).fetchall()
    assert whole == years > 0


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
    assert release.execute("SELECT secret_public FROM publication").fetchone() == (True,)


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
