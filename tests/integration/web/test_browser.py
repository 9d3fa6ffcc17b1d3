"""The pages in a real browser: on a phone of 360 px, by keyboard alone, off line and back."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from playwright.async_api import BrowserContext, Page, async_playwright, expect
from playwright.async_api import Route as PageRoute
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from nextnest.web.tokens import panel_url
from tests.integration.serving import serving
from tests.integration.web.conftest import API_KEY, LEAD, House, settings_for_tests
from tests.integration.web.twins import Unlimited, failure, panel_view

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PHONE = {"width": 360, "height": 740}

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]


@asynccontextmanager
async def _browser() -> AsyncIterator[BrowserContext]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        try:
            yield await browser.new_context(viewport=PHONE, locale="en-SG")  # type: ignore[arg-type]
        finally:
            await browser.close()


@pytest.fixture
async def site(house: House) -> AsyncIterator[str]:
    house.limits = Unlimited()
    house.settings = settings_for_tests("http://127.0.0.1:8080")
    app = house.app()
    async with serving(app) as address:
        house.settings = settings_for_tests(address)
        yield address
        app.state.closing.set()


@pytest.fixture
async def page(site: str) -> AsyncIterator[Page]:
    """A phone's page that fails the test on any script error and anything the policy refuses."""
    async with _browser() as context:
        opened = await context.new_page()
        wrong: list[str] = []
        opened.on("pageerror", lambda error: wrong.append(str(error)))
        opened.on(
            "console", lambda said: wrong.append(said.text) if "Content Security" in said.text else None
        )
        yield opened
        assert not wrong


async def _assert_nothing_overflows(page: Page) -> None:
    wider = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0


async def _choose(page: Page, value: str) -> None:
    """By keyboard: go to the group and press space on the choice."""
    radio = page.locator(f"input[value={value}]:visible, input[value={value}]").first
    await radio.focus()
    await page.keyboard.press("Space")


async def test_the_form_by_keyboard_on_a_phone(page: Page, site: str, house: House) -> None:
    await page.goto(site)
    await page.get_by_role("button", name="Continue").press("Enter")
    await expect(page.get_by_text("Choose what the loan is for")).to_be_visible()
    await _choose(page, "new_purchase")
    await page.keyboard.press("Enter")  # Enter goes on to the next step, it does not send

    await expect(page.get_by_role("heading", name="The property")).to_be_focused()
    await _assert_nothing_overflows(page)
    await _choose(page, "condo")
    await page.get_by_label("Price, or your budget").fill("1200000")
    await page.keyboard.press("Enter")

    await expect(page.get_by_role("heading", name="Income and commitments")).to_be_focused()
    await page.get_by_label("Age", exact=True).first.fill("38")
    await page.get_by_label("Fixed income").first.fill("12000")
    await _choose(page, "employed")
    await page.get_by_label("Other debts a month").fill("0")
    await page.get_by_label("Housing loans you have now").fill("0")
    await expect(page.locator("#figure .amount")).to_have_text("S$900,000")  # 75% of the price
    await _assert_nothing_overflows(page)
    await page.keyboard.press("Enter")

    await page.get_by_role("textbox", name="Name").fill("陳 Wei Ling")
    await page.get_by_role("textbox", name="Phone").fill("123")
    await page.get_by_label("I agree that").press("Space")
    await page.get_by_role("button", name="Open my chat").press("Enter")
    await expect(page.locator("#f-phone-error")).to_contain_text("phone number")
    await expect(page.get_by_role("textbox", name="Phone")).to_be_focused()
    await _assert_nothing_overflows(page)

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
    await _choose(page, "new_purchase")
    await page.get_by_role("button", name="Continue").click()
    await page.get_by_label("Price, or your budget").fill("850k")
    await page.reload()
    await expect(page.get_by_label("Price, or your budget")).to_have_value("850k")
    await page.get_by_role("button", name="Back").click()
    await _choose(page, "refinance")
    await page.get_by_role("button", name="Continue").click()
    await expect(page.locator("[name=property_price]")).to_be_disabled()
    await page.get_by_label("Still owed on the present loan").fill("500000")
    await page.get_by_label("Present rate").fill("3.5")
    await page.get_by_label("Years left on the loan").fill("25")
    await expect(page.locator("#figure .amount")).to_have_text("S$2,503.12")


async def test_a_lost_answer_does_not_make_a_second_lead(page: Page, site: str, house: House) -> None:
    lost = 0

    async def lose_the_first_answer(route, request) -> None:  # type: ignore[no-untyped-def]
        nonlocal lost
        if request.method == "POST" and lost == 0:
            lost += 1
            await route.fetch()  # it reached the server; the answer never came back
            await route.abort()
        else:
            await route.continue_()

    house.chat.add("ld_1", "assistant", "Hello!")
    await page.goto(site)
    await _choose(page, "refinance")
    for _ in range(3):
        await page.get_by_role("button", name="Continue").click()
    await page.get_by_role("textbox", name="Name").fill("Tan")
    await page.get_by_role("textbox", name="E-mail").fill("tan@example.com")
    await page.get_by_label("I agree that").check()
    await page.route(f"{site}/", lose_the_first_answer)
    await page.get_by_role("button", name="Open my chat").click()
    await page.wait_for_url(re.compile("/chat/"))
    assert lost == 1
    assert len(house.intake.leads) == 1  # pain 12


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
    await _choose(page, "refinance")
    for _ in range(3):
        await page.get_by_role("button", name="Continue").click()
    await page.get_by_role("textbox", name="Name").fill("Tan")
    await page.get_by_role("textbox", name="E-mail").fill("tan@example.com")
    await page.get_by_label("I agree that").check()
    await page.get_by_role("button", name="Open my chat").click()
    await page.wait_for_url(re.compile("/chat/"))
    await expect(page.locator(".assistant")).to_have_count(1)
    assert len(house.intake.leads) == 1


async def test_the_form_works_without_scripts(site: str, house: House) -> None:
    house.chat.add("ld_1", "assistant", "Hello!")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
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
        await browser.close()
    assert house.intake.leads["ld_1"].email == "tan@example.com"


async def test_the_chat_live_and_by_keyboard(page: Page, site: str, house: House) -> None:
    house.chat.add(
        LEAD, "assistant", "Hello! LTV is **75%**.\n\n- one\n- two\n\n<img src=x onerror=alert(1)>"
    )
    await page.goto(site + house.chat_path())
    await expect(page.locator(".assistant strong")).to_have_text("75%")
    await expect(page.locator(".assistant li")).to_have_text(["one", "two"])
    await expect(page.locator(".assistant img")).to_have_count(0)
    await expect(page.get_by_text("<img src=x onerror=alert(1)>")).to_be_visible()

    await page.get_by_label("Your message").fill("How much can I borrow?")
    await page.keyboard.press("Enter")
    await expect(page.locator(".customer .when")).to_have_text("Sending…")
    await house.chat.said()
    house.chat.typing = True
    await house.chat.relay(LEAD)
    await expect(page.locator(".customer")).to_have_count(1)
    await expect(page.locator(".customer .when")).not_to_have_text("Sending…")
    await expect(page.get_by_text("The assistant is writing…")).to_be_visible()

    house.chat.typing, house.chat.holder = False, "person"
    house.chat.add(LEAD, "person", "Hi, this is Jun Jie.", name="Lim Jun Jie")
    await house.chat.tell()
    await expect(page.get_by_text("Lim Jun Jie has joined the chat")).to_be_visible()
    await expect(page.locator("#holder")).to_have_text("Lim Jun Jie is with you")
    await expect(page.get_by_text("The assistant is writing…")).to_be_hidden()
    await _assert_nothing_overflows(page)

    await page.reload()
    await expect(page.locator(".message")).to_have_count(3)


async def test_what_reaches_the_thread_before_its_own_confirmation_stands_there_once(
    page: Page, site: str, house: House
) -> None:
    """The answer to the page's request may come after the news that the message is in the thread."""
    house.chat.add(LEAD, "assistant", "Hello!")
    held = asyncio.Event()

    async def answer_late(route: PageRoute) -> None:
        answer = await route.fetch()
        await held.wait()
        await route.fulfill(response=answer)

    await page.goto(site + house.chat_path())
    await expect(page.locator(".message")).to_have_count(1)
    await page.route("**/messages", answer_late)
    await page.get_by_label("Your message").fill("How much can I borrow?")
    await page.keyboard.press("Enter")
    await expect(page.locator(".customer .when")).to_have_text("Sending…")
    await house.chat.said()
    await house.chat.relay(LEAD)
    await expect(page.locator(".customer .when")).not_to_have_text("Sending…")
    async with page.expect_response("**/messages"):
        held.set()
    await page.get_by_label("Your message").fill("And for how long?")
    await page.keyboard.press("Enter")
    await expect(page.locator(".customer .words")).to_have_text(
        ["How much can I borrow?", "And for how long?"]
    )


async def test_a_line_written_while_another_is_on_its_way_is_sent_too(
    page: Page, site: str, house: House
) -> None:
    house.chat.add(LEAD, "assistant", "Hello!")
    held = asyncio.Event()

    async def answer_late(route: PageRoute) -> None:
        await held.wait()
        await route.continue_()

    await page.goto(site + house.chat_path())
    await expect(page.locator(".message")).to_have_count(1)
    await page.route("**/messages", answer_late)
    for line in ("one", "two", "three"):
        await page.get_by_label("Your message").fill(line)
        await page.keyboard.press("Enter")
    await expect(page.locator(".customer")).to_have_count(3)
    held.set()
    await expect(page.locator(".customer .words")).to_have_text(["one", "two", "three"])
    async with asyncio.timeout(10):
        await house.chat.said(3)
    assert [each.text for each in house.chat.pending] == ["one", "two", "three"]


async def test_a_chat_that_was_deleted_says_so(page: Page, site: str, house: House) -> None:
    await page.goto(site + house.chat_path("ld_erased"))
    await expect(page.get_by_text("This chat was deleted.")).to_be_visible()
    await expect(page.get_by_label("Your message")).to_be_disabled()


async def test_a_person_is_one_touch_away(page: Page, site: str, house: House) -> None:
    house.chat.add(LEAD, "assistant", "Hello!")
    await page.goto(site + house.chat_path())
    await page.get_by_role("button", name="Talk to a person").click()
    await expect(page.locator(".customer .words")).to_have_text("I would like to talk to a person, please.")


async def test_words_written_off_line_are_sent_once_when_the_line_is_back(
    page: Page, site: str, house: House
) -> None:
    house.chat.add(LEAD, "assistant", "Hello!")
    await page.goto(site + house.chat_path())
    await expect(page.locator(".message")).to_have_count(1)
    await page.context.set_offline(True)
    await page.get_by_label("Your message").fill("Are you there?")
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("Waiting for a connection")).to_be_visible()
    await expect(page.get_by_text("You are offline.")).to_be_visible()
    assert not house.chat.pending
    await page.context.set_offline(False)
    await expect(page.get_by_text("You are offline.")).to_be_hidden()
    await house.chat.said()
    await house.chat.relay(LEAD)
    await expect(page.locator(".customer")).to_have_count(1)
    assert [each.text for each in house.chat.threads[LEAD]] == ["Hello!", "Are you there?"]


async def test_the_panel_follows_the_conversation_that_chatwoot_names(page: Page, house: House) -> None:
    """Framed by a page that speaks as Chatwoot does, on the one origin that is allowed to."""
    house.panel.views[7] = panel_view()
    house.panel.views[8] = replace(panel_view(), conversation_id=8, name="Kumar", owner="bot", drafts=())
    frame = {"link": ""}

    async def chatwoot(request: Request) -> Response:
        return HTMLResponse(
            f"<!doctype html><iframe src='{frame['link']}' width='360' height='700'></iframe>"
        )

    async with serving(Starlette(routes=[Route("/app", chatwoot)])) as desk:
        house.settings = settings_for_tests("http://127.0.0.1:8080", chatwoot=desk)
        async with serving(house.app()) as address:
            frame["link"] = panel_url(settings_for_tests(address))
            await page.goto(f"{desk}/app")
            await _use_the_panel(page, house)


async def test_the_panel_shows_what_is_so_now_and_leaves_an_edited_draft_alone(
    page: Page, site: str, house: House
) -> None:
    first = panel_view()
    house.panel.views[7] = replace(first, drafts=())
    await page.clock.install()
    await page.goto(panel_url(settings_for_tests(site)) + "&conversation=7")
    await expect(page.get_by_role("heading", name="Tan Wei Ling")).to_be_visible()
    house.panel.views[7] = first
    await page.clock.fast_forward(11_000)
    await page.get_by_label("Draft").fill("Better so.")
    house.panel.views[7] = replace(first, owner="bot")
    await page.clock.fast_forward(11_000)
    await page.get_by_role("button", name="Send it").click()
    await expect(page.get_by_label("Draft")).to_have_count(0)
    await expect(page.get_by_text("the bot has it")).to_be_visible()
    assert house.panel.done == [("approve", "turn-32", "Better so.")]


async def test_the_panel_shows_the_conversation_chosen_last_whichever_answer_comes_last(
    page: Page, site: str, house: House
) -> None:
    house.panel.views[7] = panel_view()
    house.panel.views[8] = replace(panel_view(), conversation_id=8, name="Kumar", drafts=())
    held = asyncio.Event()

    async def answer_late(route: PageRoute) -> None:
        await held.wait()
        await route.continue_()

    await page.route("**/panel/data/7", answer_late)
    await page.goto(panel_url(settings_for_tests(site)) + "&conversation=7")
    await page.evaluate(
        """dispatchEvent(new MessageEvent("message", {
             origin: "https://chat.example.com",
             data: {event: "appContext", data: {conversation: {id: 8}}},
           }))"""
    )
    await expect(page.get_by_role("heading", name="Kumar")).to_be_visible()
    async with page.expect_response("**/panel/data/7"):
        held.set()
    await page.evaluate("new Promise(requestAnimationFrame)")
    await expect(page.get_by_role("heading", name="Kumar")).to_be_visible()


async def _use_the_panel(page: Page, house: House) -> None:
    panel = page.frame_locator("iframe")
    await expect(panel.get_by_text("Waiting for a conversation…")).to_be_visible()

    async def name(number: int) -> None:
        event = {"event": "appContext", "data": {"conversation": {"id": number}}}
        await page.evaluate("e => frames[0].postMessage(JSON.stringify(e), '*')", event)

    await name(7)
    await expect(panel.get_by_role("heading", name="Tan Wei Ling")).to_be_visible()
    await panel.get_by_role("button", name="Mark monthly debts as wrong").click()
    await expect(panel.get_by_role("button", name="Mark monthly debts as wrong")).to_have_count(0)
    await expect(panel.get_by_text("S$900,000", exact=True)).to_be_visible()
    await panel.get_by_label("Draft").fill("Better so.")
    await panel.get_by_role("button", name="Send it").click()
    await expect(panel.get_by_label("Draft")).to_have_count(0)
    await panel.get_by_role("button", name="Give back to the bot").click()
    await expect(panel.get_by_text("the bot has it")).to_be_visible()
    assert house.panel.done == [
        ("wrong", 7, "monthly_debts"),
        ("approve", "turn-32", "Better so."),
        ("give_back", 7),
    ]
    await name(8)
    await expect(panel.get_by_role("heading", name="Kumar")).to_be_visible()


async def test_operations_on_a_phone(page: Page, site: str, house: House) -> None:
    house.operations.failures.append(failure())
    await page.goto(f"{site}/ops")
    await page.get_by_label("API key").fill(API_KEY)
    await page.keyboard.press("Enter")
    await page.get_by_role("button", name="Try again: note").click()
    await expect(page.get_by_text("It is being tried again.")).to_be_visible()
    await _assert_nothing_overflows(page)
    assert house.operations.retried == ["outbox:12"]


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
