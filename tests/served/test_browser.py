"""A person in front of the web page: the form of a rerun."""

from __future__ import annotations

import os
import shutil
import time
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from flows.settings import PROJECT
from tests.served.browser import Browser, browser
from tests.served.person import RECOMPUTE, kind, rehearse
from tests.served.service import Served

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PICTURES = PROJECT / "build" / "screenshots"


@pytest.fixture(scope="module")
def signed_in(figures: Served) -> Iterator[Browser]:
    """A browser on the pages of the service; without Chromium, said loudly, and refused in CI."""
    if CHROMIUM is None:
        assert not os.environ.get("CI"), "Chromium is needed: apt-get install chromium"
        warnings.warn("Chromium is not there: the web pages are NOT tested", stacklevel=1)
        pytest.skip("no Chromium: apt-get install chromium")
    address = figures.api.removesuffix("/api")
    with browser(address, Path(PICTURES), CHROMIUM) as shown:
        shown.sign_in(":".join(figures.password))
        yield shown


@pytest.fixture
def person(signed_in: Browser) -> Iterator[Browser]:
    """Somebody who begins on an empty page, and ends there."""
    yield signed_in
    signed_in.picture(f"as-it-was-left-{time.time():.0f}")
    signed_in.leave()


def deployment_page(served: Served) -> str:
    return "/deployments" + served.path("refaire-rerun").replace("deployments", "deployment")


def asked_now(served: Served) -> str:
    """The rerun that was asked for last; its id."""
    return str(served.until(lambda: served.runs("refaire-rerun"))[0]["id"])


def test_the_form_runs_what_is_chosen_in_it(figures: Served, person: Browser) -> None:
    page = deployment_page(figures)
    person.open(f"{page}?tab=Description")
    person.page.get_by_text("Preview and fiche show it").first.wait_for()
    person.open(f"{page}/run")
    person.choose("Que refaire", "relire les fichiers")
    person.choose("Que refaire", "interroger la source")
    person.choose("Lieux / Places", "le-lieu")
    person.choose("Flux / Feeds", "attendance")
    person.day("Premier jour", 1)
    person.day("Dernier jour", 28)
    person.write("Raison", "essai depuis le navigateur")
    person.field("À blanc").locator(".p-toggle__control").click()
    person.picture("1-form")

    def submit() -> str:
        person.submit_until("scheduled to start now")
        person.leave()
        return asked_now(figures)

    seen = rehearse(figures, submit)
    ended = seen.run
    assert ended["state_type"] == "COMPLETED", ended["state"]
    chosen = ended["parameters"]["request"]
    assert chosen["places"] == ["le-lieu"]
    assert chosen["feeds"] == ["attendance"]
    assert (chosen["first_day"][-2:], chosen["last_day"][-2:]) == ("01", "28")
    assert chosen["dry_run"] is True
    assert seen.after.published == seen.before.published
    person.open_artifacts(ended["id"])
    expect(person.page.get_by_text("What each source brought").first).to_be_visible()
    person.picture("3-artifacts")


def test_the_form_as_it_opens_recomputes_and_a_choice_that_does_nothing_is_told(
    figures: Served, person: Browser
) -> None:
    def submit(place: str) -> str:
        person.open(f"{deployment_page(figures)}/run")
        person.choose("Que refaire", "recalculer")
        if place:
            person.choose("Lieux / Places", place)
        person.write("Raison", f"recalculer {place or 'tout'}")
        person.field("À blanc").locator(".p-toggle__control").click()
        person.submit_until("scheduled to start now")
        person.leave()
        return asked_now(figures)

    whole = rehearse(figures, lambda: submit(""))
    figures.seen[kind(RECOMPUTE)] = whole
    narrowed = rehearse(figures, lambda: submit("le-lieu"))
    figures.seen[kind(RECOMPUTE, places=["le-lieu"])] = narrowed
    ends = [seen.run for seen in (whole, narrowed)]
    assert [end["state_type"] for end in ends] == ["COMPLETED", "FAILED"], ends
    person.open(f"/runs/flow-run/{ends[1]['id']}")
    person.page.get_by_text("all figures are computed again").first.wait_for()
    person.picture("3-does-nothing")
