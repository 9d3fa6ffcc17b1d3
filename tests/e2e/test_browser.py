"""The main job as people do it, in a real Chromium: a customer's keyboard, and a colleague at the desk."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from nextnest.mortgage import Calculation, calculate
from tests.e2e.pages import CHROMIUM, Colleague, Customer, chromium, overflow, screen
from tests.e2e.running import Up, up

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.browser,
    pytest.mark.timeout(180),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]
OpenPage = Callable[[int, int], Page]


@pytest.fixture(scope="module")
def nextnest() -> Iterator[Up]:
    with tempfile.TemporaryDirectory(prefix="nextnest-browser-") as folder:
        Path(folder).chmod(0o755)
        with up(Path(folder) / "home") as started:
            yield started


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def open_page(browser: Browser) -> Iterator[OpenPage]:
    """Pages that fail the test on any script error and on whatever the pages' own policy refuses."""
    screens: list[BrowserContext] = []
    wrong: list[str] = []

    def opened(width: int, height: int) -> Page:
        screens.append(screen(browser, width, height))
        page = screens[-1].new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
        return page

    yield opened
    for each in screens:
        each.close()
    assert not wrong


def affordable() -> Calculation:
    """What the customer's own answers come to; see `Customer`."""
    return calculate(
        "affordability",
        {
            "price": 1_200_000,
            "valuation_at_price": True,
            "property_type": "condo",
            "applicants": [
                {"age": 35, "residency": "sc", "employment": "employed", "fixed_monthly_income": 12_000}
            ],
            "monthly_debts": 500,
            "outstanding_housing_loans": 0,
            "as_of": datetime.now(ZoneInfo("Asia/Singapore")).date().isoformat(),
        },
    )


@pytest.mark.parametrize(
    ("name", "width", "height"),
    [
        ("Goh Jia Hui", 360, 740),  # a small telephone
        ("Nur Aisyah", 390, 844),  # a usual one
        ("陳美玲", 1280, 900),  # a desk, and a name in another script
    ],
)
def test_from_the_form_to_the_right_figure_to_a_person(
    nextnest: Up, open_page: OpenPage, tmp_path: Path, name: str, width: int, height: int
) -> None:
    page = open_page(width, height)
    customer = Customer(page, name, f"customer{width}@example.com")

    def look(what: str) -> None:
        page.screenshot(path=tmp_path / f"{width}-{what}.png")
        assert overflow(page) <= 0, f"{what} is wider than the screen"

    _fills_in_the_form(customer, nextnest, look)
    _hears_the_right_figure(customer, look)
    _keeps_the_thread(customer)
    colleague = Colleague(open_page(1280, 800))
    colleague.sign_in(nextnest.ready["desk"], nextnest.ready["desk_token"])
    colleague.open_thread_of(name)
    colleague.reply("Good afternoon, this is Mei Lin. I have your figures here.")
    colleague.page.screenshot(path=tmp_path / f"{width}-desk.png")
    expect(page.locator(".joined")).to_have_text("Mei Lin Tan has joined the chat")
    expect(page.locator("#holder")).to_have_text("Mei Lin Tan is with you")
    expect(page.locator(".message.person .words")).to_contain_text("this is Mei Lin")
    look("person")


def _fills_in_the_form(customer: Customer, nextnest: Up, look: Callable[[str], None]) -> None:
    customer.open_form(nextnest.ready["form"])
    look("purpose")
    customer.choose_purpose()
    customer.describe_property()
    look("property")
    customer.describe_income()
    expect(customer.page.locator("#figure .amount")).to_have_text(affordable().text("loan"))
    look("income")
    customer.leave_contact()
    look("contact")
    customer.send_form()


def _hears_the_right_figure(customer: Customer, look: Callable[[str], None]) -> None:
    greeting = customer.answers.first
    expect(greeting).to_contain_text(customer.name)
    expect(greeting).to_contain_text("AI assistant")
    expect(greeting).to_contain_text("S$1,200,000")
    look("greeting")
    answer = customer.ask("How much can I borrow?")
    for figure in ("loan", "assessed_instalment", "tdsr_pct"):
        expect(answer).to_contain_text(affordable().text(figure))
    look("figure")


def _keeps_the_thread(customer: Customer) -> None:
    said = customer.page.locator(".message .words")
    before = said.all_text_contents()
    customer.page.reload()
    expect(said).to_have_text(before)


def test_the_link_that_is_printed_signs_in_at_the_desk_once(nextnest: Up, open_page: OpenPage) -> None:
    colleague = open_page(1280, 800)
    colleague.goto(nextnest.ready["desk_login"])
    expect(colleague.locator("#me")).to_have_text("Mei Lin Tan")
    stranger = open_page(390, 844)
    stranger.goto(nextnest.ready["desk"])
    expect(stranger.get_by_label("API token")).to_be_visible()


def test_the_telephone_shows_the_desk_without_scrolling_sideways(nextnest: Up, open_page: OpenPage) -> None:
    nextnest.submit(email="desk-phone@example.com", name="Ravi Kumar")
    page = open_page(360, 740)
    colleague = Colleague(page)
    colleague.sign_in(nextnest.ready["desk"], nextnest.ready["desk_token"])
    assert overflow(page) <= 0
    colleague.open_thread_of("Ravi Kumar")
    assert overflow(page) <= 0
