"""The panel in a real browser: what is so now, and no word of a person lost."""

from __future__ import annotations

from dataclasses import replace

from playwright.async_api import Locator, Page, expect
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from nextnest.service.panel import Draft
from nextnest.web.tokens import panel_url
from tests.integration.browser import Held, at_rest, needs_browser
from tests.integration.serving import serving
from tests.integration.web.conftest import House, settings_for_tests
from tests.integration.web.twins import NOON, panel_view

pytestmark = needs_browser

MINE = "My own long words."


async def open_panel(page: Page, site: str) -> None:
    await page.goto(panel_url(settings_for_tests(site)) + "&conversation=7")


async def edit_the_draft(page: Page, site: str) -> Locator:
    await open_panel(page, site)
    await page.get_by_label("Draft").fill(MINE)
    return page.get_by_label("Draft")


async def name_conversation(page: Page, number: int) -> None:
    """As Chatwoot does when an agent opens another one."""
    await page.evaluate(
        """id => dispatchEvent(new MessageEvent("message", {
             origin: "https://chat.example.com",
             data: {event: "appContext", data: {conversation: {id}}},
           }))""",
        number,
    )


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
    await open_panel(page, site)
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
    held = Held()
    await page.route("**/panel/data/7", held.put)
    await open_panel(page, site)
    await name_conversation(page, 8)
    await expect(page.get_by_role("heading", name="Kumar")).to_be_visible()
    async with page.expect_response("**/panel/data/7"):
        await (await held.next()).continue_()
    await at_rest(page)
    await expect(page.get_by_role("heading", name="Kumar")).to_be_visible()


async def test_an_edited_draft_outlives_the_other_buttons(page: Page, site: str, house: House) -> None:
    house.panel.views[7] = panel_view()
    draft = await edit_the_draft(page, site)
    await page.get_by_role("button", name="Mark monthly debts as wrong").click()
    await expect(page.get_by_role("button", name="Mark monthly debts as wrong")).to_have_count(0)
    await expect(draft).to_have_value(MINE)


async def test_an_edited_draft_outlives_an_answer_that_was_on_its_way(
    page: Page, site: str, house: House
) -> None:
    """Asked for before the first key was pressed, it comes in the middle of a sentence."""
    house.panel.views[7] = panel_view()
    await page.clock.install()
    await open_panel(page, site)
    await expect(page.get_by_label("Draft")).to_be_visible()
    held = Held()
    await page.route("**/panel/data/7", held.put)
    await page.clock.fast_forward(11_000)
    late = await held.next()
    await page.get_by_label("Draft").fill(MINE)
    house.panel.views[7] = panel_view(owner="bot")
    await late.continue_()
    await expect(page.get_by_text("the bot has it")).to_be_visible()
    await page.keyboard.type(" And more.")
    await expect(page.get_by_label("Draft")).to_have_value(f"{MINE} And more.")


async def test_words_for_a_draft_that_lapsed_are_shown_until_they_are_let_go(
    page: Page, site: str, house: House
) -> None:
    house.panel.views[7] = panel_view()
    await edit_the_draft(page, site)
    newer = (Draft("turn-33", "A newer draft.", NOON),)
    house.panel.views[7] = panel_view(owner="bot", drafts=newer)
    await page.get_by_role("button", name="Send it").click()
    await expect(page.get_by_text("There is no such")).to_be_visible()
    await expect(page.get_by_text("the bot has it")).to_be_visible()
    lapsed = page.locator("section", has=page.get_by_role("heading", name="Your words, not sent"))
    await expect(lapsed.get_by_label("Your words, not sent")).to_have_value(MINE)
    await lapsed.get_by_role("button", name="Let them go").click()
    await expect(lapsed).to_have_count(0)
    await expect(page.get_by_label("Draft")).to_have_value("A newer draft.")
    assert house.panel.done == []


async def test_a_slow_answer_is_shown_unless_a_later_one_was(page: Page, site: str, house: House) -> None:
    """Each answer takes longer than the time between two looks."""
    house.panel.views[7] = panel_view()
    held = Held()
    await page.route("**/panel/data/7", held.put)
    await page.clock.install()
    await open_panel(page, site)
    looks = [await held.next()]
    for _ in range(2):
        await page.clock.fast_forward(11_000)
        looks.append(await held.next())
    slowest = await looks[0].fetch()
    house.panel.views[7] = panel_view(owner="bot")
    await looks[1].continue_()  # and the third is on its way
    await expect(page.get_by_text("the bot has it")).to_be_visible()
    async with page.expect_response("**/panel/data/7"):
        await looks[0].fulfill(response=slowest)
    await at_rest(page)
    await expect(page.get_by_text("the bot has it")).to_be_visible()


async def test_another_conversation_is_shown_while_a_draft_of_the_first_is_edited(
    page: Page, site: str, house: House
) -> None:
    house.panel.views[7] = panel_view()
    house.panel.views[8] = panel_view(conversation_id=8, name="Kumar", drafts=())
    await page.clock.install()
    await edit_the_draft(page, site)
    held = Held()
    await page.route("**/panel/data/8", held.put)
    await name_conversation(page, 8)
    await (await held.next()).abort()
    await expect(page.locator("#status")).to_be_visible()
    await page.clock.fast_forward(11_000)
    await (await held.next()).continue_()
    await expect(page.get_by_role("heading", name="Kumar")).to_be_visible()
    await name_conversation(page, 7)
    await expect(page.get_by_label("Draft")).to_have_value(MINE)


async def test_a_fact_that_a_lead_needs_stays_and_the_panel_says_why(
    page: Page, site: str, house: House
) -> None:
    house.panel.views[7] = panel_view()
    await open_panel(page, site)
    await page.get_by_role("button", name="Mark name as wrong").click()
    await expect(page.get_by_text("A lead cannot be without this.")).to_be_visible()
    await expect(page.get_by_role("button", name="Mark name as wrong")).to_be_enabled()
