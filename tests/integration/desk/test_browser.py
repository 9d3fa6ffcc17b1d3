"""The agent's page in a real browser."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import uvicorn
from playwright.async_api import Browser, Page, expect

from tests.integration.browser import Held, at_rest, chromium, intercept, needs_browser
from tests.integration.desk.conftest import MakeOffice, Office

pytestmark = needs_browser

MESSAGES = "**/conversations/1/messages"
NASTY = "<img src=x onerror=\"document.title='owned'\"> <b>bold</b> {{x}}"


@pytest.fixture(scope="module", name="chromium")
async def one_chromium() -> AsyncIterator[Browser]:
    async with chromium() as browser:
        yield browser


async def open_page(office: Office, chromium: Browser, width: int = 1280) -> tuple[Page, list[str]]:
    """Signed in; and the list that errors of the page end up in."""
    page = await chromium.new_page(viewport={"width": width, "height": 800})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    await intercept(page)
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
    held = Held()
    await page.route("**/conversations/1/messages", held.put)
    await page.click("#row-1")
    await page.click("#row-2")
    await page.wait_for_selector(".thread-head >> text=Kumar")
    async with page.expect_response("**/conversations/1/messages"):
        await (await held.next()).continue_()
    await at_rest(page)
    assert await page.inner_text(".thread-head h2") == "Kumar"
    assert errors == []
    await page.close()


async def test_enter_pressed_twice_says_it_once(office: Office, chromium: Browser) -> None:
    page, errors = await open_page(office, chromium)
    held = Held(method="POST")
    await page.route(MESSAGES, held.put)
    await page.click("button.row")
    await page.fill("#reply", "Hello")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Enter")
    await (await held.next()).continue_()
    await expect(page.locator(".message.human .said")).to_have_text(["Hello"])
    await expect(page.get_by_role("button", name="Send")).to_be_enabled()
    await page.fill("#reply", "Goodbye")
    await page.keyboard.press("Enter")
    await (await held.next()).continue_()
    await expect(page.locator(".message.human .said")).to_have_text(["Hello", "Goodbye"])
    assert errors == []
    await page.close()


@pytest.mark.parametrize(
    ("refused", "left"),
    [
        pytest.param(False, "and one thing more", id="what was sent is gone from the field"),
        pytest.param(True, "Hello\nand one thing more", id="what could not be sent is back, above"),
    ],
)
async def test_words_written_while_others_are_sent_stay(
    office: Office, chromium: Browser, refused: bool, left: str
) -> None:
    page, _ = await open_page(office, chromium)
    held = Held(method="POST")
    await page.route(MESSAGES, held.put)
    await page.click("button.row")
    await page.fill("#reply", "Hello")
    await page.keyboard.press("Enter")
    await page.fill("#reply", "and one thing more")
    await expect(page.get_by_role("button", name="Send")).to_be_disabled()
    said = await held.next()
    await (said.fulfill(status=500, body="{}") if refused else said.continue_())
    await expect(page.get_by_role("button", name="Send")).to_be_enabled()
    assert await page.input_value("#reply") == left
    await page.close()


async def test_what_was_said_is_not_asked_for_again_when_the_look_after_it_fails(
    office: Office, chromium: Browser
) -> None:
    page, _ = await open_page(office, chromium)
    await page.click("button.row")
    await page.fill("#reply", "Hello")
    await page.route("**/conversations/meta**", lambda route: route.fulfill(status=500, body="{}"))
    await page.keyboard.press("Enter")
    await expect(page.get_by_text("The desk answered 500")).to_be_visible()
    await expect(page.get_by_role("button", name="Send")).to_be_enabled()
    assert await page.input_value("#reply") == ""
    assert (await office.thread())[-1] == "Hello"
    await page.close()


async def test_a_thread_has_no_hole_after_more_than_a_page_came_at_once(
    office: Office, chromium: Browser
) -> None:
    before, meanwhile = [f"early {n}" for n in range(5)], [f"late {n}" for n in range(30)]
    for line in before:
        await office.hear(line)
    page, errors = await open_page(office, chromium)
    await page.click("button.row")
    heard = page.locator(".message.customer .said")
    await expect(heard).to_have_text(before)
    held = Held()
    await page.route(MESSAGES, held.put)
    for line in meanwhile:
        await office.hear(line)
    await held.let_go()
    await expect(heard.last).to_have_text("late 29")
    await page.get_by_text("Show earlier messages").click()
    await expect(heard).to_have_text(before + meanwhile)
    assert errors == []
    await page.close()


async def test_earlier_messages_asked_for_twice_are_shown_once(office: Office, chromium: Browser) -> None:
    lines = [f"line {n}" for n in range(70)]
    for line in lines:
        await office.hear(line)
    page, errors = await open_page(office, chromium)
    await page.click("button.row")
    heard = page.locator(".message.customer .said")
    await expect(heard).to_have_text(lines[-20:])
    held = Held()
    await page.route(f"{MESSAGES}?before=*", held.put)
    await page.get_by_text("Show earlier messages").dblclick()
    for _ in range(2):
        async with page.expect_response(f"{MESSAGES}?before=*") as answered:
            await (await held.next()).continue_()
        await (await answered.value).finished()
    await at_rest(page)
    await expect(heard).to_have_text(lines[-40:])
    assert errors == []
    await page.close()


async def test_an_ended_session_leads_to_the_sign_in(office: Office, chromium: Browser) -> None:
    page, _ = await open_page(office, chromium)
    await expect(page.locator("#live")).to_have_text("Live")
    await page.context.request.post(f"{office.desk.site.base_url}/desk/logout")  # in another tab
    office.desk.page.close()  # the page's line ends, as it does when the desk stops
    await expect(page.locator("input[name=token]")).to_be_visible()
    await page.close()


async def test_a_page_that_was_refused_its_news_asks_again(office: Office, chromium: Browser) -> None:
    page, _ = await open_page(office, chromium)
    await expect(page.locator("#live")).to_have_text("Live")
    held = Held()
    await page.route("**/desk/events", held.put)
    await page.reload()
    await (await held.next()).fulfill(status=502)  # a proxy's, while the desk starts again
    await expect(page.locator("#live")).to_have_text("Reconnecting")
    await held.let_go()
    await expect(page.locator("#live")).to_have_text("Live")
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
