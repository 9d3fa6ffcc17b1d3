"""The form and the operator's page in a real browser: on a phone of 360 px, by keyboard alone."""

from __future__ import annotations

import re

import pytest
from playwright.async_api import Page, Route, expect

from tests.integration.browser import Held, at_rest, chromium, needs_browser
from tests.integration.web.conftest import API_KEY, LEAD, House
from tests.integration.web.pages import PHONE, assert_nothing_overflows, choose, install_clock
from tests.integration.web.twins import failure

pytestmark = needs_browser


async def fill_in(page: Page) -> None:
    """The least that makes a lead, up to the last button."""
    await choose(page, "refinance")
    for _ in range(3):
        await page.get_by_role("button", name="Continue").click()
    await page.get_by_role("textbox", name="Name").fill("Tan")
    await page.get_by_role("textbox", name="E-mail").fill("tan@example.com")
    await page.get_by_label("I agree that").check()


async def test_the_form_by_keyboard_on_a_phone(page: Page, site: str, house: House) -> None:
    await page.goto(site)
    await page.get_by_role("button", name="Continue").press("Enter")
    await expect(page.get_by_text("Choose what the loan is for")).to_be_visible()
    await choose(page, "new_purchase")
    await page.keyboard.press("Enter")  # Enter goes on to the next step, it does not send

    await expect(page.get_by_role("heading", name="The property")).to_be_focused()
    await assert_nothing_overflows(page)
    await choose(page, "condo")
    await page.get_by_label("Price, or your budget").fill("1200000")
    await page.keyboard.press("Enter")

    await expect(page.get_by_role("heading", name="Income and commitments")).to_be_focused()
    await page.get_by_label("Age", exact=True).first.fill("38")
    await page.get_by_label("Fixed income").first.fill("12000")
    await choose(page, "employed")
    await page.get_by_label("Other debts a month").fill("0")
    await page.get_by_label("Housing loans you have now").fill("0")
    await expect(page.locator("#figure .amount")).to_have_text("S$900,000")  # 75% of the price
    await assert_nothing_overflows(page)
    await page.keyboard.press("Enter")

    await page.get_by_role("textbox", name="Name").fill("陳 Wei Ling")
    await page.get_by_role("textbox", name="Phone").fill("123")
    await page.get_by_label("I agree that").press("Space")
    await page.get_by_role("button", name="Open my chat").press("Enter")
    await expect(page.locator("#f-phone-error")).to_contain_text("phone number")
    await expect(page.get_by_role("textbox", name="Phone")).to_be_focused()
    await assert_nothing_overflows(page)

    house.chat.add("ld_1", "assistant", "Hello! I am the AI assistant.")
    await page.get_by_role("textbox", name="Phone").fill("91234567")
    await page.keyboard.press("Enter")
    await page.wait_for_url(re.compile("/chat/"))
    lead = house.intake.leads["ld_1"]
    assert lead.name == "陳 Wei Ling"
    assert lead.phone == "+6591234567"
    assert lead.property_price == 1_200_000
    assert lead.current_bank is None  # fields of other purposes were not sent


async def test_a_draft_outlives_a_reload_and_a_change_of_mind_sends_no_old_answers(
    page: Page, site: str, house: House
) -> None:
    await page.goto(site)
    await choose(page, "new_purchase")
    await page.get_by_role("button", name="Continue").click()
    await page.get_by_label("Price, or your budget").fill("850k")
    await page.reload()
    await expect(page.get_by_label("Price, or your budget")).to_have_value("850k")
    await page.get_by_role("button", name="Back").click()
    await choose(page, "refinance")
    await page.get_by_role("button", name="Continue").click()
    await expect(page.locator("[name=property_price]")).to_be_disabled()
    await page.get_by_label("Still owed on the present loan").fill("500000")
    await page.get_by_label("Present rate").fill("3.5")
    await page.get_by_label("Years left on the loan").fill("25")
    await expect(page.locator("#figure .amount")).to_have_text("S$2,503.12")


async def test_a_lost_answer_does_not_make_a_second_lead(page: Page, site: str, house: House) -> None:
    lost = 0

    async def lose_the_first_answer(route: Route) -> None:
        nonlocal lost
        if route.request.method == "POST" and lost == 0:
            lost += 1
            await route.fetch()  # it reached the server; the answer never came back
            await route.abort()
        else:
            await route.continue_()

    house.chat.add("ld_1", "assistant", "Hello!")
    await page.goto(site)
    await fill_in(page)
    await page.route(f"{site}/", lose_the_first_answer)
    await page.get_by_role("button", name="Open my chat").click()
    await page.wait_for_url(re.compile("/chat/"))
    assert lost == 1
    assert len(house.intake.leads) == 1  # pain 12


async def test_a_form_whose_request_hangs_is_sent_again(page: Page, site: str, house: House) -> None:
    """A phone's line can die without a word: neither an answer nor an error ever comes."""
    house.chat.add("ld_1", "assistant", "Hello!")
    await install_clock(page)
    await page.goto(site)
    await fill_in(page)
    held = Held()
    await page.route(f"{site}/", held.put)
    await page.get_by_role("button", name="Open my chat").click()
    await held.next()  # and no more of it
    await page.clock.fast_forward(16_000)
    await (await held.next()).continue_()
    await page.wait_for_url(re.compile("/chat/"))
    assert len(house.intake.leads) == 1


async def test_no_old_figure_stands_beside_new_facts(page: Page, site: str, house: House) -> None:
    await page.clock.install()
    await page.goto(site)
    await choose(page, "refinance")
    await page.get_by_role("button", name="Continue").click()
    await page.get_by_label("Still owed on the present loan").fill("500000")
    await page.get_by_label("Present rate").fill("3.5")
    await page.get_by_label("Years left on the loan").fill("25")
    await expect(page.locator("#figure .amount")).to_have_text("S$2,503.12")
    held = Held()
    await page.route("**/api/preview", held.put)
    await page.get_by_label("Still owed on the present loan").fill("900000")
    await (await held.next()).fulfill(status=429, body="{}")
    await at_rest(page)
    await page.clock.fast_forward(3000)
    await (await held.next()).continue_()
    await expect(page.locator("#figure .amount")).to_have_text("S$4,505.61")  # 9 / 5 of the first


async def test_who_comes_back_to_a_sent_form_finds_a_new_one(page: Page, site: str) -> None:
    """Browsers that keep a page as it was left would show "Opening your chat…" for ever."""
    await page.goto(site)
    sent = await page.locator("[name=submission]").get_attribute("value")
    async with page.expect_navigation():
        await page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))")
    assert await page.locator("[name=submission]").get_attribute("value") != sent


async def test_the_form_works_where_a_browser_keeps_nothing(page: Page, site: str, house: House) -> None:
    """As in a frame of another site, or with all cookies blocked."""
    house.chat.add("ld_1", "assistant", "Hello!")
    await page.add_init_script(
        """for (const name of ["localStorage", "sessionStorage"])
             Object.defineProperty(window, name, { get() { throw new DOMException(); } });"""
    )
    await page.goto(site)
    await fill_in(page)
    await page.get_by_role("button", name="Open my chat").click()
    await page.wait_for_url(re.compile("/chat/"))
    await expect(page.locator(".assistant")).to_have_count(1)
    assert len(house.intake.leads) == 1


async def test_the_form_works_without_scripts(site: str, house: House) -> None:
    house.chat.add("ld_1", "assistant", "Hello!")
    async with chromium() as browser:
        page = await browser.new_page(java_script_enabled=False, viewport=PHONE)  # type: ignore[arg-type]
        await page.goto(site)
        await page.locator("input[value=refinance]").check(force=True)
        await expect(page.get_by_label("Still owed on the present loan")).to_be_visible()
        await expect(page.get_by_label("Price, or your budget")).to_be_hidden()
        await page.get_by_role("textbox", name="Name").fill("Tan")
        await page.get_by_role("textbox", name="E-mail").fill("tan@example.com")
        await page.get_by_label("I agree that").check()
        await page.get_by_role("button", name="Open my chat").click()
        await page.wait_for_url(re.compile("/chat/"))
    assert house.intake.leads["ld_1"].email == "tan@example.com"


async def test_operations_on_a_phone(page: Page, site: str, house: House) -> None:
    house.operations.failures.append(failure())
    await page.goto(f"{site}/ops")
    await page.get_by_label("API key").fill(API_KEY)
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Try again: note").click()
    await expect(page.get_by_text("It is being tried again.")).to_be_visible()
    await assert_nothing_overflows(page)
    assert house.operations.retried == ["outbox:12"]


async def test_operations_outlive_the_error_page_of_a_proxy(page: Page, site: str, house: House) -> None:
    """While the server starts again, a proxy answers in its place with a page of its own."""
    await page.clock.install()
    await page.goto(f"{site}/ops")
    await page.get_by_label("API key").fill(API_KEY)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Operations")).to_be_visible()
    pages_of_the_proxy = ["<h1>502 Bad Gateway</h1>"] * 2

    async def proxy(route: Route) -> None:
        if pages_of_the_proxy:
            await route.fulfill(status=502, body=pages_of_the_proxy.pop(), content_type="text/html")
        else:
            await route.continue_()

    await page.route("**/ops", proxy)
    house.operations.failures.append(failure())
    for _ in range(3):
        async with page.expect_response("**/ops"):
            await page.clock.fast_forward(11_000)
    await expect(page.get_by_role("button", name="Try again: note")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_text_stands_out_from_its_ground(page: Page, site: str, house: House, scheme: str) -> None:
    """WCAG AA, 4.5 to 1, for every piece of text on form and chat, measured in the page."""
    house.chat.add(LEAD, "assistant", "Hello, see https://example.com")
    house.chat.add(LEAD, "customer", "Hi")
    house.chat.add(LEAD, "person", "I am here.", name="Jun Jie")
    await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for path in ("/", house.chat_path(), "/ops"):
        await page.goto(site + path)
        await page.wait_for_load_state("networkidle") if path in ("/", "/ops") else await expect(
            page.locator(".person")
        ).to_be_visible()
        assert await page.evaluate(_LOW_CONTRAST) == []


_LOW_CONTRAST = """() => {
  const channel = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
  const parse = (c) => c.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const ground = (e) => {
    for (; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c.length === 3 || c[3] === 1) return c;
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!own || !e.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    if (e.matches(':disabled')) continue;  // WCAG asks nothing of what cannot be used
    const [a, b] = [light(parse(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) found.push(`${e.tagName} ${e.textContent.trim().slice(0, 30)} ${ratio.toFixed(2)}`);
  }
  return found;
}"""
