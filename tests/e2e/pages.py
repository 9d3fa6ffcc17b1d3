"""A customer and a colleague at their browsers: what they press, and what they wait to see."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
MOST_TABS = 80  # presses of Tab from one field of the form to any other


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def screen(
    browser: Browser, width: int, height: int, *, scheme: Literal["light", "dark"] = "light", scale: float = 1
) -> BrowserContext:
    """Under 600 px it is a telephone: it is touched, not pointed at."""
    return browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=scale,
        has_touch=width < 600,
        is_mobile=width < 600,
        color_scheme=scheme,
        locale="en-SG",
        timezone_id="Asia/Singapore",
    )


class Customer:
    """Fills in the form and chats, with nothing but a keyboard."""

    def __init__(self, page: Page, name: str, email: str) -> None:
        self.page = page
        self.name = name
        self.email = email

    def open_form(self, address: str) -> None:
        self.page.goto(address)

    def choose_purpose(self) -> None:
        self._choose("purpose", "new_purchase")
        self._press("Enter")

    def describe_property(self) -> None:
        expect(self.page.get_by_role("heading", name="The property")).to_be_focused()
        self._choose("property_type", "condo")
        self._choose("property_stage", "resale")
        self._write("property_price", "1.2m")
        self._write("loan_amount", "800000")
        self._choose("timeline", "this_month")

    def describe_income(self) -> None:
        self._press("Enter")
        expect(self.page.get_by_role("heading", name="Income and commitments")).to_be_focused()
        self._write("applicants.0.age", "35")
        self._choose("applicants.0.residency", "sc")
        self._write("applicants.0.fixed_monthly_income", "12000")
        self._choose("applicants.0.employment", "employed")
        self._write("monthly_debts", "500")
        self._write("outstanding_housing_loans", "0")

    def leave_contact(self) -> None:
        self._press("Enter")
        expect(self.page.get_by_role("heading", name="Where may we answer?")).to_be_focused()
        self._write("name", self.name)
        self._write("email", self.email)
        self._tab_to("[name='consent.contact']")
        self._press("Space")

    def send_form(self) -> None:
        self._tab_to("#send")
        self._press("Enter")
        self.page.wait_for_url(re.compile("/chat/"))

    def fill_in(self, address: str) -> None:
        self.open_form(address)
        self.choose_purpose()
        self.describe_property()
        self.describe_income()
        self.leave_contact()
        self.send_form()

    @property
    def answers(self) -> Locator:
        return self.page.locator(".message.assistant .words")

    def ask(self, text: str) -> Locator:
        """Say it; the bot's next line."""
        already = self.answers.count()
        self.say(text)
        answer = self.answers.nth(already)
        answer.wait_for()
        return answer

    def say(self, text: str) -> None:
        self._tab_to("#text")
        self.page.keyboard.type(text)
        self._tab_to("#send")  # on a telephone Enter starts a new line
        self._press("Enter")

    def _write(self, name: str, text: str) -> None:
        self._tab_to(f"[name='{name}']")
        self.page.keyboard.type(text)

    def _choose(self, name: str, value: str) -> None:
        """Tab goes into a group of choices, Space takes the first one, arrows the others."""
        self._tab_to(f"[name='{name}']")
        self._press("Space")
        wanted = self.page.locator(f"[name='{name}'][value='{value}']")
        for _ in range(10):
            if wanted.is_checked():
                return
            self._press("ArrowRight")
        raise AssertionError(f"{name} has no choice {value}")

    def _tab_to(self, selector: str) -> None:
        for _ in range(MOST_TABS):
            if self.page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
                return
            self._press("Tab")
        raise AssertionError(f"{selector} is not reached by keyboard")

    def _press(self, key: str) -> None:
        self.page.keyboard.press(key)


class Colleague:
    """The human broker at the desk."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def sign_in(self, desk: str, token: str) -> None:
        self.page.goto(desk)
        self.page.get_by_label("API token").fill(token)
        self.page.keyboard.press("Enter")
        expect(self.page.locator("#live")).to_have_text("Live")

    def open_thread_of(self, customer: str) -> None:
        self.page.get_by_role("button", name=re.compile("^All")).click()
        self.page.locator("button.row", has_text=customer).click()
        expect(self.page.locator("#thread-head")).to_contain_text(customer)

    def reply(self, text: str) -> None:
        self.page.locator("#reply").fill(text)
        self.page.keyboard.press("Enter")
        expect(self.page.locator(".message.human").last).to_contain_text(text)


def overflow(page: Page) -> int:
    """How many px the page is wider than its window."""
    width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    return int(page.evaluate(width))
