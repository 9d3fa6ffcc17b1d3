"""The web application with twins behind it, called in process or served on a real port."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest
from fastapi import FastAPI
from playwright.async_api import Page
from pydantic import SecretStr

from nextnest.settings import ChatwootSettings, Settings
from nextnest.web.app import create_app
from nextnest.web.limits import RateLimiter, TokenBuckets
from nextnest.web.services import Services
from nextnest.web.tokens import chat_signer
from tests.integration.browser import chromium, intercept
from tests.integration.serving import serving
from tests.integration.web import twins
from tests.integration.web.pages import PHONE

API_KEY = "test-api-key"
WEBHOOK_SECRET = "test-webhook-secret"
LEAD = "ld_1"


@dataclass
class House:
    """Everything behind the web, at hand for a test."""

    settings: Settings
    intake: twins.Intake = field(default_factory=twins.Intake)
    receive: twins.Receive = field(default_factory=twins.Receive)
    chat: twins.Chat = field(default_factory=twins.Chat)
    panel: twins.Panel = field(default_factory=twins.Panel)
    operations: twins.Operations = field(default_factory=twins.Operations)
    limits: RateLimiter = field(default_factory=TokenBuckets)

    def app(self) -> FastAPI:
        services = Services(
            intake=self.intake,
            receive=self.receive,
            chat=self.chat,
            panel=self.panel,
            operations=self.operations,
            limits=self.limits,
        )
        return create_app(services, self.settings)

    def chat_path(self, lead_id: str = LEAD) -> str:
        return f"/chat/{chat_signer(self.settings).sign(lead_id)}"


def settings_for_tests(public_url: str, *, chatwoot: str = "https://chat.example.com") -> Settings:
    return Settings(
        home=Path("home-of-tests"),
        public_url=public_url,
        api_key=SecretStr(API_KEY),
        secret_key=SecretStr("test-secret-key"),
        brokerage="Marina Mortgage",
        chatwoot=ChatwootSettings(
            base_url=chatwoot,
            account_id=1,
            api_key=SecretStr("a-token"),
            webhook_secrets=(SecretStr("the-old-secret"), SecretStr(WEBHOOK_SECRET)),
        ),
    )


@pytest.fixture
def house() -> House:
    return House(settings_for_tests("https://nextnest.example.com"))


@pytest.fixture
async def web(house: House) -> AsyncIterator[httpx2.AsyncClient]:
    """A browser or program outside, without the API key."""
    transport = httpx2.ASGITransport(app=house.app(), raise_app_exceptions=False)
    async with httpx2.AsyncClient(transport=transport, base_url=house.settings.public_url) as client:
        yield client


@pytest.fixture
async def site(house: House) -> AsyncIterator[str]:
    house.limits = twins.Unlimited()
    house.settings = settings_for_tests("http://127.0.0.1:8080")
    app = house.app()
    async with serving(app) as address:
        house.settings = settings_for_tests(address)
        yield address
        app.state.closing.set()


@pytest.fixture
async def page(site: str) -> AsyncIterator[Page]:
    """A phone's page that fails the test on any script error and anything the policy refuses."""
    async with chromium() as browser:
        opened = await intercept(await browser.new_page(viewport=PHONE, locale="en-SG"))  # type: ignore[arg-type]
        wrong: list[str] = []
        opened.on("pageerror", lambda error: wrong.append(str(error)))
        opened.on(
            "console", lambda said: wrong.append(said.text) if "Content Security" in said.text else None
        )
        yield opened
        assert not wrong
