"""The customer's chat in a real browser: off line and back, and no word lost or read out twice."""

from __future__ import annotations

import asyncio
import re

import pytest
from playwright.async_api import Page, Response, Route, expect

from nextnest.web import stream
from tests.integration.browser import Held, at_rest, needs_browser
from tests.integration.web.conftest import LEAD, House
from tests.integration.web.pages import assert_nothing_overflows, install_clock

pytestmark = needs_browser

READ_OUT = """() => {  // what a screen reader is given: all that is added to the log
  window.readOut = [];
  const words = (node) => node.querySelector(".words")?.textContent ?? node.textContent;
  const note = (changes) => readOut.push(...changes.flatMap((change) => [...change.addedNodes].map(words)));
  new MutationObserver(note).observe(document.getElementById("log"), { childList: true });
}"""


async def open_chat(page: Page, site: str, house: House, messages: int = 1) -> None:
    """A chat in which the assistant has said so much."""
    for number in range(messages):
        house.chat.add(LEAD, "assistant", "Hello!" if messages == 1 else f"Line {number}")
    await page.goto(site + house.chat_path())
    await expect(page.locator(".message")).to_have_count(messages)


async def write(page: Page, words: str) -> None:
    await page.get_by_label("Your message").fill(words)
    await page.keyboard.press("Enter")


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
    await assert_nothing_overflows(page)

    await page.reload()
    await expect(page.locator(".message")).to_have_count(3)


async def test_what_reaches_the_thread_before_its_own_confirmation_stands_there_once(
    page: Page, site: str, house: House
) -> None:
    """The answer to the page's request may come after the news that the message is in the thread."""
    house.chat.add(LEAD, "assistant", "Hello!")
    held = asyncio.Event()

    async def answer_late(route: Route) -> None:
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

    async def answer_late(route: Route) -> None:
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


async def test_words_whose_request_hangs_are_sent_again(page: Page, site: str, house: House) -> None:
    """A phone's line can die without a word: neither an answer nor an error ever comes."""
    await install_clock(page)
    await open_chat(page, site, house)
    held = Held()
    await page.route("**/messages", held.put)
    await write(page, "one")
    await held.next()  # and no more of it
    await write(page, "two")
    await page.clock.fast_forward(16_000)
    await expect(page.get_by_text("Waiting for a connection")).to_be_visible()
    await held.let_go()
    await page.clock.fast_forward(2_000)
    async with asyncio.timeout(30):
        await house.chat.said(2)
    assert [kept.text for kept in house.chat.pending] == ["one", "two"]


@pytest.mark.parametrize(
    ("status", "kind", "body"),
    [
        pytest.param(403, "text/html", "<h1>403 Forbidden</h1>", id="a firewall that took it for an attack"),
        pytest.param(408, "text/html", "<h1>408</h1>", id="a proxy that waited too long for a slow phone"),
        pytest.param(404, "application/json", '{"message": "no route"}', id="a gateway that lost its way"),
        pytest.param(503, "text/html", "<h1>503</h1>", id="a proxy while the server starts again"),
    ],
)
async def test_words_that_something_on_the_way_refused_are_sent_again(
    page: Page, site: str, house: House, status: int, kind: str, body: str
) -> None:
    await open_chat(page, site, house)
    held = Held()
    await page.route("**/messages", held.put)
    await write(page, "one")
    await (await held.next()).fulfill(status=status, content_type=kind, body=body)
    await (await held.next()).continue_()
    async with asyncio.timeout(30):
        await house.chat.said()
    assert [kept.text for kept in house.chat.pending] == ["one"]


async def test_words_that_the_server_refused_come_back_to_be_changed(
    page: Page, site: str, house: House
) -> None:
    await open_chat(page, site, house)
    await write(page, "one\0")
    await expect(page.get_by_text("characters that are not text")).to_be_visible()
    await expect(page.locator(".customer")).to_have_count(0)
    await expect(page.get_by_label("Your message")).to_have_value("one\0")
    assert not house.chat.pending


async def test_words_stand_in_the_thread_while_chatwoot_is_away(page: Page, site: str, house: House) -> None:
    """They were relayed, so they wait no longer; and the thread they stand in cannot be read just now."""
    await open_chat(page, site, house)
    async with page.expect_response("**/messages") as answered:
        await write(page, "one")
    await (await answered.value).finished()
    await at_rest(page)
    [kept] = house.chat.pending
    house.chat.pending.clear()
    house.chat.ready = False
    await house.chat.tell()
    await expect(page.get_by_text("We are connecting you")).to_be_visible()
    await expect(page.locator(".customer .words")).to_have_text(["one"])
    house.chat.ready = True
    house.chat.add(LEAD, "customer", kept.text, client_id=kept.client_id)
    await house.chat.tell()
    await expect(page.get_by_text("We are connecting you")).to_be_hidden()
    await expect(page.locator(".customer .words")).to_have_text(["one"])


async def test_a_line_that_went_dead_is_opened_anew(
    page: Page, site: str, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a phone's sleep: the line looks open for ever and carries nothing."""
    monkeypatch.setattr(stream, "PING_SECONDS", 3600.0)
    await page.clock.install()
    await open_chat(page, site, house)
    house.chat.add(LEAD, "assistant", "The answer.")  # and no `tell`: nothing comes on this line
    async with page.expect_request(lambda request: request.url.endswith("/events?after=1")):
        await page.clock.fast_forward(70_000)
    await expect(page.locator(".assistant .words")).to_have_text(["Hello!", "The answer."])


async def test_only_what_is_new_is_read_out(page: Page, site: str, house: House) -> None:
    house.chat.add(LEAD, "person", "I am here.", name="Jun Jie")
    await page.goto(site + house.chat_path())
    await expect(page.locator(".message")).to_have_count(1)
    await page.evaluate(READ_OUT)
    house.chat.add(LEAD, "person", "What now?", name="Jun Jie")
    await house.chat.tell()
    await expect(page.locator(".message")).to_have_count(2)
    assert await page.evaluate("readOut") == ["What now?"]


async def test_only_what_is_new_is_read_out_after_a_refusal(page: Page, site: str, house: House) -> None:
    """A browser forgets what it heard last when it is refused once."""
    await open_chat(page, site, house, messages=60)
    await page.evaluate(READ_OUT)

    def refused(response: Response) -> bool:
        return bool(re.search(r"/events(\?|$)", response.url)) and response.status == 500

    async with page.expect_response(refused):
        house.chat.broken = OSError("no database")
        await house.chat.tell()  # the stream ends; the page comes back and is refused
    house.chat.broken = None
    house.chat.add(LEAD, "assistant", "Said meanwhile.")
    await expect(page.locator(".message")).to_have_count(61)
    assert await page.evaluate("readOut") == ["Said meanwhile."]


async def test_a_reader_above_stays_there_while_words_wait(page: Page, site: str, house: House) -> None:
    await page.clock.install()
    await open_chat(page, site, house, messages=60)
    held = Held()
    await page.route("**/messages", held.put)
    await write(page, "Are you there?")
    await (await held.next()).fulfill(status=503)
    await expect(page.get_by_text("Waiting for a connection")).to_be_visible()
    await page.evaluate(READ_OUT)
    await page.evaluate("document.getElementById('thread').scrollTop = 0")
    await page.clock.fast_forward(2_000)
    await (await held.next()).fulfill(status=503)
    await held.next()  # the page has dealt with that answer, it asks again
    assert await page.evaluate("document.getElementById('thread').scrollTop") == 0
    assert await page.evaluate("readOut") == []


async def test_a_chat_that_was_deleted_says_so(page: Page, site: str, house: House) -> None:
    await page.goto(site + house.chat_path("ld_erased"))
    await expect(page.get_by_text("This chat was deleted.")).to_be_visible()
    await expect(page.get_by_label("Your message")).to_be_disabled()


async def test_a_person_is_one_touch_away(page: Page, site: str, house: House) -> None:
    await open_chat(page, site, house)
    asking = "I would like to talk to a person, please."
    await page.get_by_role("button", name="Talk to a person").dblclick()  # and asks once all the same
    await expect(page.locator(".customer .words")).to_have_text([asking])
    house.chat.add(LEAD, "assistant", "Of course. Before that: what is it about?")
    await house.chat.tell()
    await expect(page.locator(".assistant")).to_have_count(2)
    await page.get_by_role("button", name="Talk to a person").click()
    async with asyncio.timeout(30):
        await house.chat.said(2)
    assert [kept.text for kept in house.chat.pending] == [asking, asking]


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
