"""What tests of several pages do in the browser."""

from __future__ import annotations

from playwright.async_api import Page

PHONE = {"width": 360, "height": 740}

TIMEOUTS_BY_THE_PAGES_CLOCK = """AbortSignal.timeout = (milliseconds) => {
  const given = new AbortController();
  setTimeout(() => given.abort(new DOMException("", "TimeoutError")), milliseconds);
  return given.signal;
}"""


async def install_clock(page: Page) -> None:
    """The page's clock is the test's own, and requests time out by it, not by the real one."""
    await page.clock.install()
    await page.add_init_script(TIMEOUTS_BY_THE_PAGES_CLOCK)


async def assert_nothing_overflows(page: Page) -> None:
    wider = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0


async def choose(page: Page, value: str) -> None:
    """By keyboard: go to the group and press space on the choice."""
    radio = page.locator(f"input[value={value}]:visible, input[value={value}]").first
    await radio.focus()
    await page.keyboard.press("Space")
