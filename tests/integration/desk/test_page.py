"""The agent's page: who gets in, and how."""

from __future__ import annotations

import asyncio

import httpx2
import pytest
from starlette.types import Message, Receive, Scope, Send

from tests.integration.desk.conftest import ACCOUNT, MakeOffice, Office


async def browser(office: Office) -> httpx2.AsyncClient:
    """A browser of its own, without any token."""
    transport = httpx2.ASGITransport(office.desk.app)
    return httpx2.AsyncClient(transport=transport, base_url="http://desk.test")


async def test_a_one_time_link_works_once_and_leaves_no_token_in_the_address(open_office: MakeOffice) -> None:
    office = await open_office()
    link = office.desk.login_link()
    async with await browser(office) as client:
        first = await client.get(link)
        second = await client.get(link)

    assert (first.status_code, first.headers["location"]) == (303, "/")
    cookie = first.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert second.status_code == 401


@pytest.mark.parametrize(
    ("token", "status"),
    [("admin", 303), ("agent", 303), ("bot", 401), ("", 401), ("nonsense", 401)],
)
async def test_signing_in_takes_a_persons_token(open_office: MakeOffice, token: str, status: int) -> None:
    office = await open_office()
    desk = office.desk
    tokens = {"admin": desk.admin_token, "agent": desk.agent_token, "bot": office.bot_token}
    async with await browser(office) as client:
        answer = await client.post("/desk/login", data={"token": tokens.get(token, token)})

    assert answer.status_code == status


async def test_what_is_typed_on_the_page_is_said_by_the_human_colleague(open_office: MakeOffice) -> None:
    office = await open_office()
    async with await browser(office) as client:
        await client.post("/desk/login", data={"token": office.desk.admin_token})
        path = f"{ACCOUNT}/conversations/1/messages"
        said = await client.post(path, json={"content": "hi"}, headers={"X-Desk-Page": "1"})

    assert (said.json()["sender"]["name"], said.json()["sender"]["type"]) == ("Mei Lin Tan", "user")


async def test_the_cookie_alone_does_nothing(open_office: MakeOffice) -> None:
    """A form on another site could send the cookie; it cannot send the header."""
    office = await open_office()
    async with await browser(office) as client:
        await client.post("/desk/login", data={"token": office.desk.admin_token})
        answer = await client.post(f"{ACCOUNT}/conversations/1/toggle_status", json={"status": "open"})

    assert answer.status_code == 401
    assert (await office.conversation())["status"] == "pending"


async def test_signing_out_ends_the_session(open_office: MakeOffice) -> None:
    office = await open_office()
    async with await browser(office) as client:
        await client.post("/desk/login", data={"token": office.desk.admin_token})
        cookie = dict(client.cookies)
        await client.post("/desk/logout")
        client.cookies.update(cookie)
        answer = await client.get("/desk/events")

    assert answer.status_code == 401


async def test_what_changes_while_a_page_is_told_is_told_next(open_office: MakeOffice) -> None:
    office = await open_office()
    desk = office.desk
    told: list[bytes] = []

    async def slow_line(scope: Scope, receive: Receive, send: Send) -> None:
        async def write(message: Message) -> None:
            if line := message.get("body"):
                told.append(line)
                desk.page.pulse() if len(told) == 1 else desk.page.close()
            await send(message)

        await desk.app(scope, receive, write)

    async with await browser(office) as client:
        await client.post("/desk/login", data={"token": desk.admin_token})
        cookies = dict(client.cookies)
    line = httpx2.ASGITransport(slow_line)
    async with (
        httpx2.AsyncClient(transport=line, base_url="http://desk.test", cookies=cookies) as client,
        asyncio.timeout(5),  # a page hears of nothing for ten seconds
    ):
        await client.get("/desk/events")

    assert told == [b"data: changed\n\n"] * 2


async def test_the_page_allows_no_foreign_script_and_no_framing(open_office: MakeOffice) -> None:
    office = await open_office()
    async with await browser(office) as client:
        policy = (await client.get("/")).headers["content-security-policy"]

    assert "script-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("name", ["../app.py", "desk.html", "nothing.js", "..%2f..%2fdesk.sqlite3"])
async def test_only_the_pages_own_files_are_given_out(open_office: MakeOffice, name: str) -> None:
    office = await open_office()
    async with await browser(office) as client:
        assert (await client.get(f"/desk/static/{name}")).status_code == 404


async def test_an_upload_keeps_to_its_folder_and_comes_back_as_a_download(open_office: MakeOffice) -> None:
    office = await open_office()
    headers = {"Api-Access-Token": office.desk.admin_token}
    files = {"attachments[]": ("../../evil.html", b"<script>alert(1)</script>", "text/html")}
    path = f"{ACCOUNT}/conversations/1/messages"
    answer = await office.client.post(path, data={"content": "x"}, files=files, headers=headers)

    address = answer.json()["attachments"][0]["data_url"]
    assert address.endswith("/evil.html")
    back = await office.client.get(address)
    assert back.headers["content-type"] == "application/octet-stream"
    assert "attachment" in back.headers["content-disposition"]
    stored = [file.name for file in (office.desk.site.data_dir / "files").iterdir()]
    assert stored == ["1-1"]
