"""The agent's page in a real browser."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator

import pytest
import uvicorn
from playwright.async_api import Browser, Page, Route, async_playwright

from tests.integration.desk.conftest import MakeOffice, Office

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no browser on this machine"),
]

NASTY = "<img src=x onerror=\"document.title='owned'\"> <b>bold</b> {{x}}"


@pytest.fixture(scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        await browser.close()


async def open_page(office: Office, chromium: Browser, width: int = 1280) -> tuple[Page, list[str]]:
    """Signed in; and the list that errors of the page end up in."""
    page = await chromium.new_page(viewport={"width": width, "height": 800})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    await page.goto(office.desk.login_link())
    return page, errors


@pytest.fixture
async def office(open_office: MakeOffice) -> AsyncIterator[Office]:
    """The office, and its desk on a real port."""
    made = await open_office()
    server = uvicorn.Server(uvicorn.Config(made.desk.app, port=0, log_level="error", lifespan="off"))
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  # uvicorn has no event for it
        await asyncio.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    made.desk.site.base_url = f"http://127.0.0.1:{port}"
    yield made
    made.desk.page.close()
    server.should_exit = True
    await task


async def test_a_colleague_reads_answers_and_hands_back(office: Office, chromium: Browser) -> None:
    await office.hear("Can I talk to a person?")
    await office.post("/conversations/1/toggle_status", {"status": "open"}, token=office.bot_token)
    page, errors = await open_page(office, chromium)

    await page.click("button.row")
    await page.fill("#reply", "Hello, I am a person")
    await page.keyboard.press("Enter")
    await page.wait_for_selector(".message.human >> text=Hello, I am a person")
    await page.check("#private")
    await page.fill("#reply", "call at three")
    await page.click("text=Add note")
    await page.wait_for_selector(".message.note >> text=call at three")
    await page.click("text=Give to bot")
    await page.wait_for_selector(".thread-head >> text=With the bot")
    await office.hear("thank you")  # shown without anybody pressing anything
    await page.wait_for_selector(".message.customer >> text=thank you")

    dump = (await office.ask("GET", "/desk/dump")).json()["conversations"][0]
    said = {m["content"]: (m["sender_name"], m["private"]) for m in dump["messages"]}
    assert said["Hello, I am a person"] == ("Mei Lin Tan", False)
    assert said["call at three"] == ("Mei Lin Tan", True)
    assert dump["status"] == "pending"
    assert errors == []
    await page.close()


async def test_the_conversation_opened_last_is_shown_whichever_answer_comes_last(
    office: Office, chromium: Browser
) -> None:
    contact = {"name": "Kumar", "email": "kumar@example.com", "inbox_id": 1, "source_id": "lead-2"}
    await office.post("/contacts", contact)
    await office.post("/conversations", {"contact_id": 2, "inbox_id": 1, "source_id": "lead-2"})
    page, errors = await open_page(office, chromium)
    held = asyncio.Event()

    async def answer_late(route: Route) -> None:
        await held.wait()
        await route.continue_()

    await page.route("**/conversations/1/messages", answer_late)
    await page.click("#row-1")
    await page.click("#row-2")
    await page.wait_for_selector(".thread-head >> text=Kumar")
    async with page.expect_response("**/conversations/1/messages"):
        held.set()
    await page.evaluate("new Promise(requestAnimationFrame)")
    assert await page.inner_text(".thread-head h2") == "Kumar"
    assert errors == []
    await page.close()


async def test_nothing_that_a_customer_writes_has_power(office: Office, chromium: Browser) -> None:
    await office.ask("PATCH", "/contacts/1", {"name": NASTY, "custom_attributes": {NASTY: NASTY}})
    await office.hear(NASTY)
    await office.post("/conversations/1/custom_attributes", {"custom_attributes": {NASTY: NASTY}})
    page, errors = await open_page(office, chromium)

    await page.click("text=Bot")
    await page.click("button.row")
    await page.wait_for_selector(".message.customer")

    assert await page.inner_text(".message.customer .said") == NASTY
    assert await page.title() == "Desk"
    assert await page.query_selector("img, b") is None
    assert errors == []
    await page.close()


@pytest.mark.parametrize("width", [360, 390, 768, 1280])
async def test_nothing_is_cut_off_at_any_width(office: Office, chromium: Browser, width: int) -> None:
    long = "Averyveryverylongwordwithoutanyspaces" * 8
    await office.ask("PATCH", "/contacts/1", {"name": long[:255]})
    await office.hear(long)
    page, errors = await open_page(office, chromium, width)
    await page.click("text=Bot")
    await page.wait_for_selector("button.row")
    too_wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"

    assert await page.evaluate(too_wide) is False
    await page.click("button.row")
    await page.wait_for_selector(".message")
    assert await page.evaluate(too_wide) is False
    assert await page.is_visible("#reply")
    assert errors == []
    await page.close()
