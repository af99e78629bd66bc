"""The pages of Prefect as a person uses them; the names of its parts are those of its page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Locator, Page, expect, sync_playwright
from playwright.sync_api import TimeoutError as TooSlow

SLOW = 120_000
"""Milliseconds; see PATIENCE."""
TRIES = 8


@dataclass
class Browser:
    """One page in Chromium, and where its pictures go."""

    page: Page
    address: str
    pictures: Path

    def picture(self, name: str) -> None:
        self.page.screenshot(path=self.pictures / f"{name}.png")

    def open(self, path: str) -> None:
        self.page.goto(f"{self.address}{path}", timeout=SLOW)

    def leave(self) -> None:
        """A page that nobody looks at is drawn all the same: it takes a quarter of a core."""
        self.page.goto("about:blank")

    def sign_in(self, password: str) -> None:
        """The page asks once; the browser keeps what it was told."""
        self.open("/")
        self.page.locator("input[type=password]").fill(password)
        self.page.get_by_role("button", name="Login").click()
        self.page.wait_for_url("**/dashboard**", timeout=SLOW)

    def open_artifacts(self, run_id: str) -> None:
        """The page of a run begins with its log, whatever its address says."""
        self.open(f"/runs/flow-run/{run_id}")
        self.page.locator(".p-tab", has_text="Artifacts").first.click()

    def field(self, label: str) -> Locator:
        """One line of a form, by its title."""
        title = self.page.locator("> .p-label__header .schema-form-property__label", has_text=label)
        return self.page.locator(".schema-form-property", has=title).last

    def choose(self, label: str, option: str) -> None:
        """Take an option of a select, or one of several; a list opens with the space bar."""
        wanted = self.page.locator(".p-select-option", has_text=option).first
        self.field(label).wait_for(timeout=SLOW)
        for _try in range(TRIES):
            self.field(label).locator(".p-select-button__control").focus()
            self.page.keyboard.press("Space")
            try:
                wanted.wait_for(timeout=3000)
                break
            except TooSlow:
                continue
        wanted.click()
        self.close_list(wanted)

    def close_list(self, shown: Locator) -> None:
        for _try in range(TRIES):
            self.page.wait_for_timeout(300)
            if not shown.is_visible():
                return
            self.page.mouse.click(700, 15)
        raise AssertionError("the list stays open")

    def day(self, label: str, day: int) -> None:
        """Switch a date on, and take a day of this month."""
        field = self.field(label)
        field.locator(".p-button-group__button", has_text="date").click()
        picker = self.page.locator(".p-date-picker")
        for _try in range(TRIES):
            field.locator(".p-date-button__control").focus()
            self.page.keyboard.press("Space")
            try:
                picker.wait_for(timeout=3000)
                break
            except TooSlow:
                continue
        days = picker.locator("button.p-calendar-date-picker__date--in-month")
        days.get_by_text(str(day), exact=True).click()
        self.page.get_by_role("button", name="Apply").click()
        self.close_list(picker)

    def write(self, label: str, text: str) -> None:
        self.field(label).locator("textarea, input").first.fill(text)

    def close_notices(self) -> None:
        """A box over the button tells what was refused; it goes by itself, but not under the mouse."""
        self.page.mouse.move(0, 0)
        for close in self.page.locator(".p-toast__close-btn").all():
            with suppress(TooSlow):
                close.dispatch_event("click", timeout=2000)

    def submit_until(self, said: str) -> None:
        """Press Submit of a dialog; a list that was still closing may have taken the first click."""
        button = self.page.get_by_role("button", name="Submit").last
        for _try in range(TRIES):
            self.close_notices()
            try:
                button.click(timeout=10_000)
                self.page.get_by_text(said).first.wait_for(timeout=10_000)
                return
            except TooSlow:
                continue
        raise AssertionError(f"the page does not say {said!r}")


@contextmanager
def browser(address: str, pictures: Path, chromium: str) -> Iterator[Browser]:
    pictures.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        program = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = program.new_page(viewport={"width": 1400, "height": 1800})
        page.set_default_timeout(SLOW)
        expect.set_options(timeout=SLOW)
        shown = Browser(page, address, pictures)
        try:
            yield shown
        finally:
            program.close()
