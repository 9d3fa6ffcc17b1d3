"""Chromium, for the tests of pages. What needs it is left out where it is not installed."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from playwright.async_api import Browser, Page, Route, async_playwright, expect

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

expect.set_options(timeout=30_000)  # milliseconds; machines that test are slow at times

needs_browser = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        try:
            yield browser
        finally:
            await browser.close()


async def intercept(page: Page) -> Page:
    """Have the browser ask us about each request from the start: begun later, it misses some for a moment."""
    await page.route("**/asked/by/nobody", lambda route: route.abort())
    return page


class Held:
    """Requests of a page that the test lets go on, when and how it likes: `page.route(url, held.put)`."""

    def __init__(self, *, method: str | None = None) -> None:
        self._method = method
        self._let_go = False
        self._routes: asyncio.Queue[Route] = asyncio.Queue()

    async def put(self, route: Route) -> None:
        if self._let_go or self._method not in (None, route.request.method):
            await route.continue_()
        else:
            await self._routes.put(route)

    async def next(self) -> Route:
        async with asyncio.timeout(30):
            return await self._routes.get()

    async def let_go(self) -> None:
        """Nothing is held any more."""
        self._let_go = True
        while not self._routes.empty():
            await self._routes.get_nowait().continue_()


async def at_rest(page: Page) -> None:
    """Returns when the page has dealt with what it got so far."""
    await page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
