"""The pages in a real Chromium, opened as files: read, walked through, printed, judged by axe-core."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, sync_playwright

from flows.samples import SAMPLES_AS_OF, write_network
from flows.settings import PROJECT
from tests.end_to_end.conftest import Network

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
KINDS = (
    "index.html", "lieux/la-machinerie.html", "conseil/la-machinerie.html",
    "indicateurs/visits.html", "portefeuilles/programmes-anct.html",
    "conventions/fabrique-2024.html", "changements.html", "qualite.html", "donnees.html",
    "methode.html",
)  # fmt: skip
RULES = "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']})"
EXPLAINED = {"elmPartiallyObscured", "shortTextContent"}
"""Why axe cannot tell a contrast: what is scrolled out of its box, and a single digit; both have the
colours of the text beside them."""
WATCH = """() => {
    const stops = [...document.querySelectorAll('*')].filter(
        it => it.tabIndex >= 0 && it.checkVisibility())
    window.walked = []
    addEventListener('focusin', ({target}) => {
        const [box] = target.getClientRects(), style = getComputedStyle(target)
        const around = target.parentElement.closest('.scroll')?.getBoundingClientRect()
        walked.push({
            stop: stops.indexOf(target), html: target.outerHTML.slice(0, 90),
            outline: `${style.outlineStyle} ${style.outlineWidth}`,
            in_sight: box.right > 0 && box.left < innerWidth && box.bottom > 0 && box.top < innerHeight,
            uncut: !around || box.left - 5 >= around.left,
        })
    })
    return stops.length
}"""
"""Writes down each place that the focus comes to; how many there are."""
IS_WIDER = "it => it.scrollWidth > it.clientWidth + 1"
OUTSIDE = """() => [...document.querySelectorAll('svg text')].filter(text => {
    const box = text.getBBox(), view = text.ownerSVGElement.viewBox.baseVal
    return box.width && (box.x < -0.5 || box.y < -0.5 || box.x + box.width > view.width + 0.5 ||
        box.y + box.height > view.height + 0.5)
}).map(text => text.textContent)"""


@pytest.fixture(scope="module")
def site(published: Network) -> Path:
    return published.settings.site


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Where it is missing, said loudly, and refused in CI."""
    if CHROMIUM is None:
        assert not os.environ.get("CI"), "Chromium is needed: apt-get install chromium"
        warnings.warn("Chromium is not there: the pages are NOT looked at", stacklevel=1)
        pytest.skip("no Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        program = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield program
        program.close()


@pytest.fixture
def reader(chromium: Browser, site: Path) -> Iterator[Page]:
    """Somebody without JavaScript on the first page, as a double click opens it."""
    page = chromium.new_context(java_script_enabled=False).new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((site / "index.html").as_uri())
    yield page
    page.close()
    assert all(url.startswith(("file://", "data:")) for url in asked), asked


def judge(chromium: Browser, site: Path, pages: tuple[str, ...], width: int) -> None:
    page = chromium.new_context(viewport={"width": width, "height": 900}).new_page()
    for name in pages:
        page.goto((site / name).as_uri())
        page.evaluate(AXE_SCRIPT)
        found = page.evaluate(RULES)
        assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == [], name
        unsure = [
            (one["id"], node["html"]) for one in found["incomplete"] for node in one["nodes"]
            # a label of a drawing is ink on the white page, which axe takes for an image
            if not node["html"].startswith("<text ")
            and node["any"][0]["data"]["messageKey"] not in EXPLAINED
        ]  # fmt: skip
        assert unsure == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert page.evaluate(OUTSIDE) == [], name
    page.close()


def test_every_kind_of_page_is_accessible_and_fits_a_phone(chromium: Browser, site: Path) -> None:
    judge(chromium, site, KINDS, 380)


@pytest.mark.long
def test_every_kind_of_page_is_accessible_on_a_desk_and_in_english(
    chromium: Browser, site: Path
) -> None:
    judge(chromium, site, KINDS, 1280)
    judge(chromium, site, tuple(f"en/{name}" for name in KINDS), 380)


def print_for_boards(chromium: Browser, site: Path, pages: str) -> None:
    page = chromium.new_page()
    names = sorted(site.glob(pages))
    for name in names:
        page.goto(name.as_uri())
        paper = page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1, name
        [_x, _y, width, height] = re.search(rb"/MediaBox\s*\[([\d. ]+)\]", paper)[1].split()
        assert (round(float(width)), round(float(height))) == (595, 842)
    page.close()
    assert names


def test_the_page_for_a_board_is_one_sheet_of_paper(chromium: Browser, site: Path) -> None:
    print_for_boards(chromium, site, "conseil/*.html")


def test_a_printed_page_has_the_table_of_every_chart_and_no_menu(
    chromium: Browser, site: Path
) -> None:
    page = chromium.new_page()
    page.goto((site / "lieux/la-machinerie.html").as_uri())
    page.emulate_media(media="print")
    assert not page.locator("header nav").is_visible()
    pairs = page.locator(".pair")
    assert pairs.count() == 7
    for number in range(pairs.count()):
        assert pairs.nth(number).locator("svg.wide").is_visible()
        assert pairs.nth(number).locator("table").is_visible()
    page.close()


def test_five_questions_of_a_funder_are_answered_within_three_clicks(reader: Page) -> None:
    def row(name: str) -> str:
        return reader.get_by_role("row", name=name).first.inner_text()

    assert "7\u202f925" in row("La Machinerie")  # visits of a place in a year: no click
    target = reader.locator(".target", has_text="La Machinerie")
    assert "En cours" in target.inner_text()  # is the target of a convention met
    assert "sur 25\u202f000 visés" in target.inner_text()
    assert re.search(r"\d\d/\d\d/202[67]", row("novembre 2026"))  # when a month comes
    assert "pas ouvert" in row("Le Quai Numérique")  # why a cell is empty
    reader.get_by_role("link", name="La Machinerie").first.click()
    assert row("40 à 59 ans").split()[-1] == "70"  # who comes
    reader.get_by_role("link", name="La page du conseil : une feuille à imprimer").click()
    assert reader.locator("h1").inner_text() == "La Machinerie"
    reader.get_by_role("link", name="Qualité").click()
    assert "31/10/2026" in row("La Machinerie, caisse")  # what is late
    reader.get_by_role("link", name="Indicateurs").click()
    reader.get_by_role("link", name="Passages", exact=True).click()
    assert "Nombre de fois où un usager est venu" in reader.locator("dl").first.inner_text()


def test_the_keyboard_reaches_all_of_every_kind_of_page_and_shows_where_it_is(
    chromium: Browser, site: Path
) -> None:
    page = chromium.new_context(viewport={"width": 380, "height": 900}).new_page()
    for name in KINDS:
        page.goto((site / name).as_uri())
        stops = page.evaluate(WATCH)
        for _stop in range(stops + 1):
            page.keyboard.press("Tab")
        walked = page.evaluate("walked")
        order = [one.pop("stop") for one in walked]
        assert order[:stops] == [*range(stops)], name  # in the order of the page, each once
        assert order[stops:] in ([], [0]), name  # and out of it again
        seen = {"outline": "solid 3px", "in_sight": True, "uncut": True}
        assert [one for one in walked if {**one, **seen} != one] == [], name
        for region in page.locator(".scroll").all():
            if region.evaluate(IS_WIDER):
                region.focus()
                page.keyboard.press("ArrowRight")
                page.wait_for_function("document.activeElement.scrollLeft > 0")
        skip = page.locator(".skip")
        skip.focus()
        assert skip.bounding_box()["x"] >= 0
        page.keyboard.press("Enter")
        assert page.locator(":focus").get_attribute("id") == "main", name
        page.keyboard.press("Tab")
        first = "document.querySelector('main').querySelector('a, [tabindex]')"
        assert page.evaluate(f"document.activeElement === {first}"), name
    page.close()


@pytest.fixture(scope="module")
def twelve(tmp_path_factory: pytest.TempPathFactory) -> Network:
    """A network of twelve invented places, whose territories have figures."""
    network = Network(tmp_path_factory.mktemp("twelve"))
    write_network(network.folder, 12)
    done = network.process("run", "--as-of", SAMPLES_AS_OF)
    assert done.returncode == 0, done.stdout + done.stderr
    return network


@pytest.mark.long
def test_a_network_of_twelve_places_is_shown_as_well(chromium: Browser, twelve: Network) -> None:
    site = twelve.settings.site
    places = sorted(path.relative_to(site).as_posix() for path in site.glob("lieux/*.html"))
    assert len(places) == 12
    assert max((site / place).stat().st_size for place in places) <= 40_000
    kinds = ("index.html", "qualite.html", "donnees.html", "changements.html",
             "indicateurs/persons_reached.html", "departements/02.html")  # fmt: skip
    for width in (380, 1280):
        judge(chromium, site, (*kinds, *places[:4]), width)
    print_for_boards(chromium, site, "**/conseil/*.html")


GROWN = {
    "lieux": "lieu_id", "fraicheur": "lieu_id", "couverture": "lieu_id", "lots": "lieu_id", "qualite": "lieu_id",
    "visites_mois": "lieu_id", "valeurs": "territoire_id", "personnes_annee": "territoire_id",
    "emplois_annee": "territoire_id",
}  # fmt: skip
"""Table → the column by which a row is of a place."""


def grown(release: Path, target: Path, times: int) -> None:
    """A release with so many times as many places."""
    shutil.copyfile(release, target)
    with duckdb.connect(str(target)) as copy:
        for table, place in GROWN.items():
            copy.execute(
                f"CREATE TABLE more AS SELECT * FROM {table} UNION ALL BY NAME "
                f"SELECT t.* REPLACE (t.{place} || '-' || n AS {place}) FROM {table} AS t, "
                f"range(1, {times}) AS r(n) WHERE t.{place} IN (SELECT lieu_id FROM lieux)"
            )
            copy.execute(f"ALTER TABLE {table} RENAME TO before_{table}")
            copy.execute(f"ALTER TABLE more RENAME TO {table}")


@pytest.mark.long
def test_three_hundred_places_cost_little(twelve: Network, tmp_path: Path) -> None:
    grown(twelve.settings.current_release.resolve(), tmp_path / "grown.duckdb", 25)
    code = (
        "import resource, sys; from pathlib import Path; from flows.site.make import make_site; "
        "make_site(Path(sys.argv[1]), Path(sys.argv[2])); "
        "used = resource.getrusage(resource.RUSAGE_SELF); "
        "print(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)"
    )
    arguments = [sys.executable, "-c", code, str(tmp_path / "grown.duckdb"), str(tmp_path / "site")]
    done = subprocess.run(arguments, capture_output=True, text=True, cwd=PROJECT, check=True)
    seconds, mebibytes = (float(one) for one in done.stdout.split())
    assert len([*(tmp_path / "site" / "lieux").iterdir()]) == 300
    assert seconds <= 15 and mebibytes <= 400, done.stdout
    assert (tmp_path / "site" / "index.html").stat().st_size <= 200_000
