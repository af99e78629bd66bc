"""The pages of the demonstration, read as files: every number and every sign against the release."""

from __future__ import annotations

import hashlib
import json
import re
import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.errors import ConfigurationError, ImpactError
from flows.runs.report import RunReport
from flows.site.make import make_site
from flows.stages.site import renew_site
from tests.conftest import AS_OF
from tests.end_to_end.conftest import Network

MONTHS = [
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
    "octobre", "novembre", "décembre",
]  # fmt: skip
INSTEAD = {
    "partial": "incomplet", "missing": "absent", "too_early": "trop tôt", "not_open": "pas ouvert",
    "closed": "fermé", "not_applicable": "sans objet",
}  # fmt: skip
"""Status → the word where there is no value; what is left is told by how it is diffused."""


@pytest.fixture(scope="module")
def site(published: Network) -> Path:
    """As the run has made it, beside the release."""
    return published.settings.site


@pytest.fixture(scope="module")
def release(
    published: Network, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A copy, so that the file itself can be opened otherwise meanwhile."""
    copy = tmp_path_factory.mktemp("release") / "current.duckdb"
    shutil.copyfile(published.settings.current_release.resolve(), copy)
    with duckdb.connect(str(copy), read_only=True) as file:
        yield file


def sums(folder: Path) -> dict[str, str]:
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.rglob("*")
        if file.is_file()
    }


class Reader(HTMLParser):
    """The text of a page without its code, and the cells of its tables by their caption."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.text: list[str] = []
        self.tables: dict[str, list[list[str]]] = {}
        self.named: list[tuple[str, list[list[str]]]] = []
        self.inside: list[str] = []
        self.caption = ""
        self.rows: list[list[str]] = []
        self.feed(page.read_text("utf-8"))

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "link", "path", "br"):
            self.inside.append(tag)
        if tag == "table":
            self.caption, self.rows = "", []
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        if tag == "i" and self.rows and self.rows[-1]:
            self.text.append(" ")

    def headed(self, header: str, columns: int = 2) -> list[list[str]]:
        """The rows of the table whose first column is called so, and that has so many."""
        [table] = [
            rows for _caption, rows in self.named if rows[0][0] == header and len(rows[0]) == columns
        ]  # fmt: skip
        return table[1:]

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        """A path, and no more: it has no text."""

    def handle_endtag(self, tag: str) -> None:
        while self.inside and self.inside.pop() != tag:
            pass
        if tag == "table":
            self.tables[self.caption] = self.rows
            self.named.append((self.caption, self.rows))

    def handle_data(self, data: str) -> None:
        if {"code", "pre", "style"} & {*self.inside}:
            return
        self.text.append(data + " ")
        if "caption" in self.inside:
            self.caption += data
        elif {"td", "th"} & {*self.inside}:
            if "b" in self.inside:  # the word of a sign beside a number: heard, and not seen
                return
            self.rows[-1][-1] += data


def as_written(shown: str) -> str:
    """How a number of the release is written in French."""
    shown = re.sub(
        r"(?<![,\d])\d{4,}", lambda found: f"{int(found[0]):,}".replace(",", "\u202f"), shown
    )
    return shown.replace(" %", "\u00a0%")


def expected(shown: str | None, diffusion: str, status: str) -> str:
    if shown is not None:
        return as_written(shown)
    said = {"non_diffuse": "non diffusé", "a_venir": "à venir"}
    return INSTEAD.get(status) or said.get(diffusion, "non défini")


def test_the_run_made_the_pages_of_what_it_published(
    site: Path, release: duckdb.DuckDBPyConnection
) -> None:
    [(current,)] = release.execute("SELECT publication_id FROM publication").fetchall()
    assert json.loads((site / "site.json").read_text())["publication_id"] == current


def test_the_same_release_gives_the_same_bytes_without_anything_else(
    published: Network, site: Path, tmp_path: Path
) -> None:
    alone = tmp_path / "elsewhere" / "current.duckdb"
    alone.parent.mkdir()
    shutil.copyfile(published.settings.current_release.resolve(), alone)
    folder = tmp_path / "site"
    folder.mkdir()
    make_site(alone, folder)
    assert sums(folder) == sums(site)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["elsewhere", "site"]


def test_every_link_leads_to_a_file_of_the_site_and_nothing_is_loaded_from_elsewhere(
    site: Path,
) -> None:
    pages = [*site.rglob("*.html")]
    assert len(pages) > 100
    for page in pages:
        text = page.read_text("utf-8")
        for address in re.findall(r'(?:href|src)="([^"#]*)"', text):
            target = (page.parent / address).resolve()
            assert address == "" or target.is_file(), (page, address)
        assert "<script" not in text and "://" not in re.sub(
            r"<pre>.*?</pre>", "", text, flags=re.S
        )
    loaded = re.findall(r'url\("?([^)]{0,40})', (site / "style.css").read_text("utf-8"))
    assert loaded and all(address.startswith("data:image/svg+xml,") for address in loaded)


def test_a_place_page_has_every_year_of_the_release_and_the_sign_of_every_reason(
    site: Path, release: duckdb.DuckDBPyConnection
) -> None:
    seen = set()
    for place, name in release.execute("SELECT lieu_id, nom FROM lieux").fetchall():
        page = Reader(site / "lieux" / f"{place}.html")
        [table] = [rows for caption, rows in page.tables.items() if caption == name] or [[["", ""]]]
        for row in table[1:]:
            for year, cell in zip(table[0][1:], row[1:], strict=True):
                found = release.execute(
                    "SELECT affichage, diffusion, statut FROM valeurs AS v "
                    "JOIN indicateurs AS i USING (indicateur_id) "
                    "LEFT JOIN libelles AS u ON u.liste = 'unite' AND u.code = i.unite "
                    "WHERE territoire_id = ? AND niveau = 'lieu' AND ventilation = 'ensemble' "
                    "AND periode = ? AND ? IN (i.libelle || ' ' || u.libelle, i.libelle || ' part')",
                    [place, year, row[0]],
                ).fetchall()  # fmt: skip
                assert cell.strip() == expected(*found[0]), (name, row[0], year)
                seen.add(expected(*found[0]) if found[0][0] is None else "shown")
    assert seen >= {"shown", "non défini", "non diffusé", "trop tôt", "pas ouvert"}


def test_the_months_under_a_chart_are_those_of_the_release(
    site: Path, release: duckdb.DuckDBPyConnection
) -> None:
    page = Reader(site / "lieux" / "la-machinerie.html")
    table = page.tables["Passages par mois"]
    cells = {
        (int(year), MONTHS.index(row[0]) + 1): cell.strip()
        for row in table[1:] for year, cell in zip(table[0][1:], row[1:], strict=True) if cell
    }  # fmt: skip
    rows = release.execute(
        "SELECT year(debut), month(debut), affichage, diffusion, statut FROM valeurs "
        "WHERE territoire_id = 'la-machinerie' AND indicateur_id = 'visits' "
        "AND granularite = 'mois' AND ventilation = 'ensemble'"
    ).fetchall()
    assert cells == {(year, month): expected(*shown) for year, month, *shown in rows}


def test_a_grant_is_called_by_its_name_wherever_its_period_is_told(site: Path) -> None:
    for name in ("index.html", "changements.html"):
        text = "".join(Reader(site / name).text)
        assert "Conseillers numériques (ANCT, 2024–2026)" in text, name
        assert not re.search("conseillers-2024|fabrique-2024", text), name
    assert Reader(site / "index.html").headed("Période")[-1][0] == (
        "Fabriques de territoire (ANCT, 2024–2027)"
    )


def test_a_département_has_a_page_with_its_places_and_says_why_it_has_no_figure(
    site: Path, release: duckdb.DuckDBPyConnection
) -> None:
    index = (site / "index.html").read_text("utf-8")
    for code, count in release.execute(
        "SELECT departement_code, count(*) FROM lieux GROUP BY ALL"
    ).fetchall():
        assert f'<a href="departements/{code}.html">Département {code}</a> ({count})' in index
        page = site / "departements" / f"{code}.html"
        named = re.findall(r'href="../lieux/([^"]+)\.html"', page.read_text("utf-8"))
        places = "SELECT lieu_id FROM lieux WHERE departement_code = ? ORDER BY nom, lieu_id"
        assert named == [place for (place,) in release.execute(places, [code]).fetchall()]
        said = "Un département a des chiffres là où assez de ses lieux y contribuent."
        assert said in page.read_text("utf-8")  # two places, and one


def test_the_categories_of_a_year_have_their_labels(
    site: Path, release: duckdb.DuckDBPyConnection
) -> None:
    page = Reader(site / "lieux" / "la-machinerie.html")
    for header, breakdown, indicator in (
        ("Tranche d'âge", "tranche_age", "persons_reached"),
        ("Service", "service", "service_uses"),
    ):
        rows = [
            (label, as_written(shown)) for label, shown in release.execute(
                "SELECT l.libelle, v.affichage FROM valeurs AS v "
                "JOIN libelles AS l ON l.liste = v.ventilation AND l.code = v.modalite "
                "WHERE v.territoire_id = 'la-machinerie' AND v.periode = '2025' "
                "AND v.indicateur_id = ? AND v.ventilation = ?", [indicator, breakdown],
            ).fetchall()
        ]  # fmt: skip
        found = {
            label: cells[1].strip()
            for cells in page.headed(header) for label in cells[0].split(", ")
        }  # fmt: skip
        assert found == dict(rows)


def numbers(text: str) -> set[str]:
    text = re.sub(r"(?<=\d)\u202f(?=\d)", "", text)
    return {found.strip(",.") for found in re.findall(r"\d[\d,.]*", text)}


def numbers_of(release: duckdb.DuckDBPyConnection) -> set[str]:
    """Every number that the release shows, as French people write it."""
    found: set[str] = set()
    tables = release.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    for (table,) in tables:
        columns = release.execute(f"DESCRIBE {table}").fetchall()
        for name, kind, *_rest in columns:
            cells = release.execute(
                f'SELECT DISTINCT "{name}" FROM {table} WHERE "{name}" IS NOT NULL'
            ).fetchall()
            for (cell,) in cells:
                found |= numbers_in(kind, cell)
    return found


def numbers_in(kind: str, cell: Any) -> set[str]:
    if kind.startswith(("DATE", "TIMESTAMP")):
        return {f"{cell:%d}", f"{cell:%m}", f"{cell:%Y}", f"{cell:%y}"}
    if kind == "VARCHAR":
        return numbers(cell) | {part for one in numbers(cell) for part in re.split(r"[,.]", one)}
    if kind == "BOOLEAN":
        return set()
    text = f"{cell:.3f}".rstrip("0").rstrip(".")
    share = f"{100 * float(cell):.6g}" if 0 <= cell <= 2 else text
    return {text.replace(".", ","), share.replace(".", ",")}


def test_every_number_of_every_page_stands_in_the_release(
    site: Path, release: duckdb.DuckDBPyConnection
) -> None:
    """The page of the data is left out: its sizes, digests and sums have a test of their own."""
    known = numbers_of(release) | {"0"}
    for page in site.rglob("*.html"):
        if page.name == "donnees.html" or "en" in page.relative_to(site).parts:
            continue
        text = "".join(Reader(page).text).replace("WCAG 2.1", "").replace("SHA-256", "")
        assert numbers(text) <= known, (page, numbers(text) - known)


def test_no_code_stands_where_people_read(site: Path, release: duckdb.DuckDBPyConnection) -> None:
    """In no text, and in no title or description of a drawing; recipes and SQL have them, and the
    limits of an indicator name a status of the release."""
    sql = "SELECT code FROM libelles WHERE contains(code, '_') AND liste <> 'statut'"
    codes = {code for (code,) in release.execute(sql).fetchall()}
    for page in site.rglob("*.html"):
        if page.name != "donnees.html":
            words = {*re.findall(r"\w+", "".join(Reader(page).text))}
            assert not codes & words, page


def test_the_files_have_the_size_and_the_digest_that_the_page_tells(site: Path) -> None:
    page = (site / "donnees.html").read_text("utf-8")
    files = [*(site / "donnees").iterdir()]
    assert len(files) == 8
    for file in files:
        assert hashlib.sha256(file.read_bytes()).hexdigest() in page
        size = as_written(str(file.stat().st_size))
        assert re.search(rf">{file.name}<.*?<td>{size}</td>", page), file.name


def test_the_answers_are_those_of_the_questions(
    site: Path, release: duckdb.DuckDBPyConnection
) -> None:
    tables = Reader(site / "donnees.html").text
    text = "".join(tables)
    for (question,) in release.execute(
        "SELECT exemple FROM LISEZMOI WHERE exemple <> '' AND objet <> 'LISEZMOI'"
    ).fetchall():
        for row in release.execute(question).fetchmany(10):
            for cell in row:
                if isinstance(cell, str):
                    assert cell.split()[0] in text
    [(visits,)] = release.execute(
        "SELECT sum(visites) FROM visites_mois WHERE lieu = 'La Machinerie' AND year(mois) = 2025"
    ).fetchall()
    table = {
        tuple(row[:2]): row[2]
        for rows in Reader(site / "donnees.html").named
        for row in rows[1]
        if len(row) > 2
    }
    assert table["La Machinerie", "2025"] == as_written(f"{visits:.0f}")


def test_a_line_has_a_point_for_every_value_from_zero_and_a_cross_for_every_gap(
    site: Path, release: duckdb.DuckDBPyConnection
) -> None:
    page = (site / "lieux" / "la-machinerie.html").read_text("utf-8")
    svg = page[page.index('<svg class="wide"') :].partition("</svg>")[0]
    axis = float(re.search(r'class="a" d="M\S+ (\S+?)H', svg)[1])
    [guide] = [float(y) for y in re.findall(r'class="g" d="M\S+ (\S+?)H', svg)]
    values = [value for (value,) in release.execute(
        "SELECT valeur FROM valeurs WHERE territoire_id = 'la-machinerie' AND granularite = 'mois' "
        "AND indicateur_id = 'visits' AND ventilation = 'ensemble' ORDER BY debut").fetchall()]  # fmt: skip
    drawn = {point for kind in ("l", "l p") for point in points(svg, kind)}
    heights = [y for _x, y in sorted(drawn)]
    assert len(heights) == len([value for value in values if value is not None])
    scale = (axis - guide) / max(value for value in values if value is not None)
    for y, value in zip(heights, (v for v in values if v is not None), strict=True):
        assert abs(axis - y - value * scale) <= 1


def points(svg: str, kind: str) -> list[tuple[int, int]]:
    """Where the points of a path lie."""
    found: list[tuple[int, int]] = []
    for path in re.findall(rf'class="{kind}" d="([^"]*)"', svg):
        for part in path.split("M")[1:]:
            first, _l, rest = part.partition("l")
            x, y = (round(float(one)) for one in re.findall(r"-?\d+", first)[:2])
            found.append((x, y))
            steps = [int(one) for one in re.findall(r"-?\d+", rest)]
            for dx, dy in zip(steps[::2], steps[1::2], strict=True):
                x, y = x + dx, y + dy
                found.append((x, y))
    return found


def test_each_family_of_reasons_has_a_word_and_a_shape_of_its_own(site: Path) -> None:
    page = (site / "methode.html").read_text("utf-8")
    rules = dict(re.findall(r"^\.s-(\w+)::before\{(.*)\}$", (site / "style.css").read_text(), re.M))
    signs = re.findall(r'<i class="s-(\w+)">(.*?)</i>', page)
    assert len(signs) == 20
    assert len({word for _name, word in signs}) == len(signs)
    assert len({rules[name] for name, _word in signs}) == len(signs)
    used = {
        name for file in site.rglob("*.html")
        for name in re.findall(r'class="s-(\w+)', file.read_text("utf-8"))
    }  # fmt: skip
    assert used <= rules.keys()


def test_a_place_page_is_light(site: Path) -> None:
    assert max(page.stat().st_size for page in site.rglob("lieux/*.html")) <= 40_000


def test_a_folder_that_holds_something_else_is_left_alone(
    published: Network, tmp_path: Path
) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"x")
    with pytest.raises(ConfigurationError, match="not empty, and no site"):
        make_site(published.settings.current_release.resolve(), tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["photo.jpg"]


@contextmanager
def full(size: int) -> Iterator[None]:
    """No file grows beyond so many bytes: the disk is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_on_a_full_disk_the_former_site_stands(published: Network, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "site.json").write_text("{}")
    (folder / "index.html").write_text("former")
    with full(100_000), pytest.raises(ConfigurationError, match="File too large"):
        make_site(published.settings.current_release.resolve(), folder)
    assert (folder / "index.html").read_text() == "former"
    assert [*tmp_path.iterdir()] == [folder]


@pytest.fixture
def other(published: Network, tmp_path: Path) -> Path:
    """A release to be changed."""
    file = tmp_path / "other.duckdb"
    shutil.copyfile(published.settings.current_release.resolve(), file)
    return file


@pytest.mark.parametrize("version", ["3", "99"])
def test_a_release_of_another_structure_is_refused_in_words(other: Path, version: str) -> None:
    with duckdb.connect(str(other)) as changed:
        changed.execute("UPDATE publication SET version_schema = ?", [version])
    with pytest.raises(ConfigurationError, match=f"its structure is {version}"):
        make_site(other, other.parent / "site")
    assert not (other.parent / "site").exists()


def test_a_database_that_is_no_release_and_a_file_that_is_no_database_are_refused(
    tmp_path: Path,
) -> None:
    with duckdb.connect(str(tmp_path / "a.duckdb")) as own:
        own.execute("CREATE TABLE publication AS SELECT 1 AS x")
    (tmp_path / "b.duckdb").write_text("hello")
    for name, said in (("a.duckdb", "this is no release"), ("b.duckdb", "damaged")):
        with pytest.raises(ImpactError, match=said):
            make_site(tmp_path / name, tmp_path / "site")
    assert not (tmp_path / "site").exists()


def test_what_a_release_says_is_text_and_its_names_lead_nowhere_else(other: Path) -> None:
    with duckdb.connect(str(other)) as changed:
        changed.execute("UPDATE lieux SET nom = '<script>alert(1)</script>'")
        changed.execute("UPDATE valeurs SET motif = '<b onclick=x>' WHERE motif IS NOT NULL")
    make_site(other, other.parent / "site")
    for page in (other.parent / "site").rglob("*.html"):
        assert not re.search(r"<script|<b onclick", page.read_text("utf-8"))
    with duckdb.connect(str(other)) as changed:
        changed.execute("UPDATE lieux SET lieu_id = '../' || lieu_id")
    with pytest.raises(ConfigurationError, match="cannot be the name of a page"):
        make_site(other, other.parent / "outside")


def test_pages_that_cannot_be_made_leave_the_publication_and_the_run_says_why(
    published: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    (home / "published" / "site").mkdir(parents=True)
    (home / "published" / "site" / "photo.jpg").write_bytes(b"x")
    settings = replace(published.settings, home=home)
    shutil.copyfile(published.settings.current_release.resolve(), settings.current_release)
    said = renew_site(settings)
    assert said.startswith("the pages are those of an earlier release: ")
    assert "is not empty" in said and str(settings.site) in said
    report = RunReport(AS_OF, is_published=True, pages_fault=said)
    assert report.exit_code == 1
    shutil.rmtree(settings.site)
    with monkeypatch.context() as broken:
        broken.setattr("flows.site.pages.network_page", lambda *given: 1 / 0)
        assert "unexpected fault ZeroDivisionError" in renew_site(settings)
    assert renew_site(settings) == "" and (settings.site / "index.html").is_file()


def test_what_was_another_figure_before_is_told_with_its_reason(other: Path) -> None:
    visits = (
        "territoire_id = 'la-machinerie' AND indicateur_id = 'visits' AND ventilation = 'ensemble'"
    )
    with duckdb.connect(str(other)) as changed:
        changed.execute("DELETE FROM changements")
        changed.execute("ALTER TABLE valeurs ADD COLUMN IF NOT EXISTS revision BIGINT")
        changed.execute(f"UPDATE valeurs SET revision = 1 WHERE {visits} AND periode = '2026-06'")
        changed.execute(
            f"UPDATE valeurs SET diffusion = 'retiree', affichage = NULL, valeur = NULL, motif = 'Faux.' "
            f"WHERE {visits} AND periode = '2026-05'"
        )
        changed.execute(
            f"UPDATE valeurs SET diffusion = 'a_venir', affichage = NULL, valeur = NULL, "
            f"motif = 'Pas encore publié.' WHERE {visits} AND periode = '2026-10'"
        )
        changed.execute(
            "INSERT INTO changements BY NAME SELECT 'gone' AS indicateur_id, 'lieu' AS niveau, "
            "'ancien-lieu' AS territoire_id, '2024' AS periode, 'annee' AS granularite, "
            "DATE '2024-01-01' AS debut, 'ensemble' AS ventilation, 'ensemble' AS modalite, "
            "'disparu' AS changement, '5' AS affichage_avant, 'Le lieu est parti.' AS raison"
        )
        changed.execute("ALTER TABLE calendrier DROP COLUMN IF EXISTS definitive_le")
        changed.execute("UPDATE LISEZMOI SET exemple = NULL WHERE objet = 'calendrier'")
        changed.execute("DROP TABLE IF EXISTS revisions")
        changed.execute(
            "CREATE TABLE revisions AS SELECT indicateur_id, niveau, territoire_id, periode, ventilation, "
            "modalite, '860' AS avant, affichage AS apres, DATE '2026-11-02' AS revisee_le, "
            f"'Des lignes ont été corrigées.' AS raison FROM valeurs WHERE {visits} AND periode = '2026-06'"
        )
        changed.execute(
            "INSERT INTO changements BY NAME SELECT indicateur_id, niveau, territoire_id, periode, "
            "granularite, debut, fin, ventilation, modalite, 'modifie' AS changement, "
            "'715' AS affichage_avant, affichage, 'Des données sont arrivées.' AS raison "
            f"FROM valeurs WHERE {visits} AND periode = '2026-04'"
        )
    make_site(other, other.parent / "site")
    page = Reader(other.parent / "site" / "changements.html")
    [[what, before, now, day, why]] = page.headed("Chiffre", 5)
    assert what == "Passages, La Machinerie, juin 2026"
    assert (before, now, day, why) == ("860", "870", "02/11/2026", "Des lignes ont été corrigées.")
    [[what, before, now, why], gone] = page.headed("Chiffre", 4)
    assert what == "Passages, La Machinerie, avril 2026"
    assert (before, now, why) == ("715", "790", "Des données sont arrivées.")
    assert gone == ["gone, ancien-lieu, 2024", "5", "–", "Le lieu est parti."]
    start = Reader(other.parent / "site" / "index.html")
    assert all(len(row) == 2 for row in start.headed("Période"))
    place = (other.parent / "site" / "lieux" / "la-machinerie.html").read_text("utf-8")
    assert '870 <i class="s-revised"><b>révisé</b></i>' in place
    assert '<i class="s-withdrawn">retiré</i>' in place and "Faux." in place
    assert '<i class="s-due">à venir</i>' in place and "Pas encore publié." in place


def test_each_month_of_each_source_has_the_sign_and_the_share_of_the_release(other: Path) -> None:
    """Every status there is, written into the thirteen months of one source."""
    shares = {"ok": 1, "partial": 0.85, "missing": 0, "not_due": 0.4}
    signs = {
        "ok": "yes", "partial": "partial", "missing": "missing", "not_due": "not_due",
        "not_open": "not_open", "closed": "closed", "no_open_day": "closed", "not_used": "not_used",
    }  # fmt: skip
    caisse = "lieu_id = 'la-machinerie' AND source = 'caisse'"
    with duckdb.connect(str(other)) as changed:
        changed.execute("UPDATE couverture SET statut = 'ok', completude = 1, part_refusee = 0")
        for number, status in enumerate(signs, start=1):
            changed.execute(
                f"UPDATE couverture SET statut = ?, completude = ? WHERE {caisse} "
                "AND mois = make_date(2026, ?, 1)", [status, shares.get(status), number],
            )  # fmt: skip
        changed.execute(
            f"UPDATE couverture SET part_refusee = 0.15 WHERE {caisse} AND mois = '2026-10-01'"
        )
    make_site(other, other.parent / "site")
    page = (other.parent / "site" / "qualite.html").read_text("utf-8")
    [row] = re.findall(r'<tr><th scope="row">caisse <.*?</tr>', page)[:1]
    cells = re.findall(r"<td>(.*?)</td>", row)
    told = [(re.findall(r'class="s-(\w+)"', c), re.sub(r"<i.*?</i>", "", c).strip()) for c in cells]
    beside = {"partial": "85\u00a0%", "not_due": "40\u00a0%"}
    assert told[:3] == [(["yes"], "")] * 3  # 2025
    assert told[3:11] == [([sign], beside.get(status, "")) for status, sign in signs.items()]
    assert told[11:] == [(["yes"], ""), (["yes", "refused"], "15\u00a0%")]
    legend = page[page.index('class="legend"') :]
    assert {*re.findall(r'class="s-(\w+)"', legend)} == {*signs.values(), "refused"} - {"yes"}
    assert "Le Quai Numérique</a> (pas encore ouvert)" in page


def test_a_network_without_one_published_value_says_so(other: Path) -> None:
    with duckdb.connect(str(other)) as changed:
        changed.execute(
            "UPDATE valeurs SET valeur = NULL, valeur_min = NULL, valeur_max = NULL, "
            "affichage = NULL, diffusion = 'non_disponible', statut = 'missing', "
            "motif = 'Aucune donnée n''a été reçue pour cette période.'"
        )
        changed.execute("UPDATE suivi_objectifs SET valeur = NULL, statut = 'non_disponible'")
    make_site(other, other.parent / "site")
    page = "".join(Reader(other.parent / "site" / "index.html").text)
    assert "Le réseau dans son ensemble n'a pas de chiffre à montrer." in page
    assert "Aucune donnée n'a été reçue pour cette période." in page
