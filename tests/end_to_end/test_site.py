"""The pages of the demonstration: made by the command, read as files and in a real browser."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import Page, sync_playwright

from flows.errors import ConfigurationError
from flows.site.make import make_site
from tests.end_to_end.conftest import Network

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="module")
def site(published: Network, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As the command makes it, from the release alone."""
    folder = tmp_path_factory.mktemp("pages") / "site"
    done = published.impact("site", str(folder))
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def browser(site: Path) -> Iterator[Page]:
    """Chromium without JavaScript; where it is missing, said loudly, and refused in CI."""
    if CHROMIUM is None:
        assert not os.environ.get("CI"), "Chromium is needed: apt-get install chromium"
        warnings.warn("Chromium is not there: the pages are NOT looked at", stacklevel=1)
        pytest.skip("no Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        program = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield program.new_context(java_script_enabled=False).new_page()
        program.close()


def sums(folder: Path) -> dict[str, str]:
    return {
        file.relative_to(folder).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in folder.rglob("*")
        if file.is_file()
    }


def test_the_same_release_gives_the_same_bytes_and_replaces_a_former_site(
    published: Network, site: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "site"
    release = published.settings.current_release.resolve()
    make_site(release, folder)
    (folder / "left.html").write_text("of a release before")
    make_site(release, folder)
    assert sums(folder) == sums(site)
    assert [*tmp_path.iterdir()] == [folder]


def test_every_link_of_every_page_leads_to_a_file_of_the_site(site: Path) -> None:
    for page in site.rglob("*.html"):
        for address in re.findall(r'(?:href|src)="([^"#]*)"', page.read_text("utf-8")):
            target = (page.parent / address).resolve()
            assert ":" not in address and target.is_relative_to(site), (page, address)
            assert target.is_file(), (page, address)


def test_a_folder_that_holds_something_else_is_left_alone(
    published: Network, tmp_path: Path
) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"x")
    with pytest.raises(ConfigurationError, match="not empty, and no site"):
        make_site(published.settings.current_release.resolve(), tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == ["photo.jpg"]


@pytest.mark.parametrize("version", ["3", "99"])
def test_a_release_of_another_structure_is_refused_in_words(
    published: Network, tmp_path: Path, version: str
) -> None:
    other = tmp_path / "other.duckdb"
    shutil.copyfile(published.settings.current_release.resolve(), other)
    with duckdb.connect(str(other)) as changed:
        changed.execute("UPDATE publication SET version_schema = ?", [version])
    with pytest.raises(ConfigurationError, match=f"its structure is {version}"):
        make_site(other, tmp_path / "site")
    assert not (tmp_path / "site").exists()


def test_a_place_is_found_by_its_name_from_the_page_of_the_network(
    browser: Page, site: Path
) -> None:
    browser.goto((site / "index.html").as_uri())
    browser.get_by_role("link", name="La Machinerie").first.click()
    assert browser.locator("h1").inner_text() == "La Machinerie"
    tile = browser.locator(".tile", has_text="Passages").first
    assert "7\u202f925 passages" in tile.inner_text()
