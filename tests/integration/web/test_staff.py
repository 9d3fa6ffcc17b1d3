"""The panel, the operator's page, health and metrics: staff alone, real data alone."""

from __future__ import annotations

import re

import httpx2
import pytest

from nextnest.service.operations import Readiness
from nextnest.web.tokens import panel_url
from tests.integration.web.conftest import API_KEY, House
from tests.integration.web.twins import failure, panel_view

KEY = {"authorization": f"Bearer {API_KEY}"}


def _session_in(page: str) -> str:
    found = re.search(r'(?:data-session="|name="session" value=")([^"]+)"', page)
    assert found
    return found[1]


@pytest.fixture
def panel(house: House) -> House:
    house.panel.views[7] = panel_view()
    return house


async def test_the_signed_link_opens_the_panel_and_its_data(web: httpx2.AsyncClient, panel: House) -> None:
    page = await web.get(panel_url(panel.settings))
    assert page.status_code == 200
    session = {"authorization": f"Bearer {_session_in(page.text)}"}
    data = await web.get("/panel/data/7", headers=session)
    assert data.json()["score"] == 61
    assert (await web.get("/panel/data/8", headers=session)).status_code == 404


async def test_the_panel_is_framed_by_chatwoot_alone(web: httpx2.AsyncClient, panel: House) -> None:
    wrong_key = await web.post("/panel/login", data={"api_key": "guess"})
    pages = [await web.get(panel_url(panel.settings)), await web.get("/panel"), wrong_key]
    for page in pages:
        policy = page.headers["content-security-policy"]
        assert policy.endswith("frame-ancestors https://chat.example.com")


async def test_without_link_or_login_the_panel_shows_a_login(web: httpx2.AsyncClient, panel: House) -> None:
    for url in ("/panel", "/panel?link=forged.link", panel_url(panel.settings)[:-1]):
        page = await web.get(url)
        assert "data-session" not in page.text
        assert "API key" in page.text


async def test_the_key_logs_in_and_a_wrong_one_does_not(web: httpx2.AsyncClient, panel: House) -> None:
    wrong = await web.post("/panel/login", data={"api_key": "guess"})
    assert wrong.status_code == 401
    assert "set-cookie" not in wrong.headers
    right = await web.post("/panel/login", data={"api_key": API_KEY})
    assert right.status_code == 303
    assert "data-session" in (await web.get("/panel")).text


async def test_guessing_keys_is_slowed_down(web: httpx2.AsyncClient) -> None:
    responses = [await web.post("/ops/login", data={"api_key": f"guess {number}"}) for number in range(12)]
    assert responses[-1].status_code == 429


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("GET", "/panel/data/7"),
        ("POST", "/panel/conversations/7/give-back"),
        ("POST", "/panel/conversations/7/rescore"),
        ("POST", "/panel/conversations/7/wrong"),
        ("POST", "/panel/drafts/turn-32/approve"),
        ("POST", "/panel/drafts/turn-32/discard"),
        ("GET", "/ops/data"),
        ("GET", "/metrics"),
    ],
)
async def test_a_cookie_alone_does_nothing(
    web: httpx2.AsyncClient, panel: House, method: str, url: str
) -> None:
    """The browser sends a cookie for whatever page asks it to; the header only our own page sends."""
    await web.post("/panel/login", data={"api_key": API_KEY})
    await web.post("/ops/login", data={"api_key": API_KEY})
    for headers in ({}, {"authorization": "Bearer forged.token"}):
        response = await web.request(method, url, headers=headers, json={"field": "monthly_debts"})
        assert response.status_code == 401
    assert not panel.panel.done


async def test_the_buttons_do_what_they_say(web: httpx2.AsyncClient, panel: House) -> None:
    for url, body in (
        ("conversations/7/give-back", {}),
        ("conversations/7/rescore", {}),
        ("conversations/7/wrong", {"field": "monthly_debts"}),
        ("drafts/turn-32/approve", {"text": "Better so."}),
    ):
        response = await web.post(f"/panel/{url}", json=body, headers=KEY)
        assert response.json() == {"ok": True}
    assert panel.panel.done == [
        ("give_back", 7),
        ("rescore", 7),
        ("wrong", 7, "monthly_debts"),
        ("approve", "turn-32", "Better so."),
    ]
    assert "monthly_debts" not in panel.panel.views[7].facts


async def test_a_draft_is_sent_as_it_stands_or_dropped(web: httpx2.AsyncClient, panel: House) -> None:
    await web.post("/panel/drafts/turn-32/approve", json={"text": None}, headers=KEY)
    gone = await web.post("/panel/drafts/turn-32/discard", json={}, headers=KEY)
    assert panel.panel.done == [("approve", "turn-32", None)]
    assert gone.status_code == 404


@pytest.mark.parametrize(
    ("url", "body", "status"),
    [
        ("conversations/8/rescore", {}, 404),
        ("conversations/0/rescore", {}, 422),
        ("conversations/99999999999999999999/rescore", {}, 422),  # beyond what the database holds
        ("conversations/x/rescore", {}, 422),
        ("conversations/7/explode", {}, 404),
        ("conversations/7/wrong", {"field": "shoe_size"}, 404),
        ("conversations/7/wrong", {"field": 7}, 422),
        ("conversations/7/wrong", {"field": "name"}, 409),  # a lead cannot be without one
        ("drafts/turn-32/approve", {"text": "x" * 30_000}, 422),
    ],
)
async def test_buttons_that_do_not_fit_are_refused(
    web: httpx2.AsyncClient, panel: House, url: str, body: dict[str, object], status: int
) -> None:
    assert (await web.post(f"/panel/{url}", json=body, headers=KEY)).status_code == status
    assert not panel.panel.done


async def test_operations_show_what_failed_and_try_it_again(web: httpx2.AsyncClient, house: House) -> None:
    house.operations.failures.append(failure())
    assert "API key" in (await web.get("/ops")).text
    await web.post("/ops/login", data={"api_key": API_KEY})
    page = (await web.get("/ops")).text
    assert "Chatwoot refused it: 422 Content is too long" in page
    form = {"session": _session_in(page), "failure": "outbox:12"}
    assert (await web.post("/ops/retry", data=form)).headers["location"] == "/ops?note=again"
    assert house.operations.retried == ["outbox:12"]
    gone = await web.post("/ops/retry", data={**form, "failure": "outbox:13"})
    assert gone.headers["location"] == "/ops?note=gone"


async def test_a_retry_from_elsewhere_does_nothing(web: httpx2.AsyncClient, house: House) -> None:
    house.operations.failures.append(failure())
    await web.post("/ops/login", data={"api_key": API_KEY})
    await web.post("/ops/retry", data={"session": "forged", "failure": "outbox:12"})
    assert not house.operations.retried


async def test_what_is_not_known_is_called_no_data(web: httpx2.AsyncClient, house: House) -> None:
    await web.post("/ops/login", data={"api_key": API_KEY})
    assert "no data" in (await web.get("/ops")).text  # the window was never measured: pain 76
    house.operations.broken = OSError("no database")
    page = await web.get("/ops")
    assert page.status_code == 200
    assert "No data: the database could not be read." in page.text


async def test_logging_out_ends_it(web: httpx2.AsyncClient) -> None:
    await web.post("/ops/login", data={"api_key": API_KEY})
    await web.post("/ops/logout")
    assert "API key" in (await web.get("/ops")).text


async def test_readiness_tells_the_truth_with_reasons(web: httpx2.AsyncClient, house: House) -> None:
    assert (await web.get("/readyz")).status_code == 200
    house.operations.readiness = Readiness(ok=False, checks={"worker": "no heartbeat for 40 s"})
    response = await web.get("/readyz")
    assert response.status_code == 503
    assert response.json()["checks"] == {"worker": "no heartbeat for 40 s"}
    assert (await web.get("/healthz")).status_code == 200  # alive all the same


async def test_metrics_count_what_the_web_did(web: httpx2.AsyncClient) -> None:
    await web.post("/api/leads", json={})
    await web.post("/webhooks/chatwoot/bot", content=b"{}")
    text = (await web.get("/metrics", headers=KEY)).text
    assert 'nextnest_leads_total{outcome="refused",way="api"} 1.0' in text
    assert 'nextnest_webhooks_total{outcome="refused_401",source="agent_bot"} 1.0' in text


async def test_errors_are_pages_for_people_and_json_for_programs(
    web: httpx2.AsyncClient, house: House
) -> None:
    page = await web.get("/nothing", headers={"accept": "text/html"})
    assert page.status_code == 404
    assert "There is nothing here" in page.text
    assert (await web.get("/api/nothing")).json()["error"] == "Not Found"
    assert (await web.delete("/api/leads")).status_code == 405


async def test_a_fault_of_ours_is_a_calm_answer_without_a_traceback(
    web: httpx2.AsyncClient, house: House
) -> None:
    house.chat.broken = OSError("password=hunter2")
    page = await web.get(f"{house.chat_path()}/messages", headers={"accept": "text/html"})
    assert page.status_code == 500
    assert "That did not work" in page.text
    answer = await web.get(f"{house.chat_path()}/messages")
    assert answer.json() == {"success": False, "error": "Internal Server Error"}
    assert "hunter2" not in page.text + answer.text


async def test_every_answer_has_the_security_headers(web: httpx2.AsyncClient) -> None:
    for url in ("/", "/nothing", "/static/nextnest.css", "/api/docs", "/healthz", "/panel", "/ops"):
        headers = (await web.get(url)).headers
        assert "default-src 'none'" in headers["content-security-policy"], url
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["strict-transport-security"]  # served over https
        assert "cache-control" in headers


async def test_static_files_are_asked_for_again_and_answered_shortly(web: httpx2.AsyncClient) -> None:
    first = await web.get("/static/nextnest.css")
    again = await web.get("/static/nextnest.css", headers={"if-none-match": first.headers["etag"]})
    assert (first.status_code, again.status_code) == (200, 304)
    assert (await web.get("/static/../app.py")).status_code == 404
    assert (await web.get("/static/%2e%2e/app.py")).status_code == 404


async def test_the_api_is_described_for_people_and_machines(web: httpx2.AsyncClient) -> None:
    described = (await web.get("/api/openapi.json")).json()
    assert "/api/leads" in described["paths"]
    assert not [path for path in described["paths"] if path.startswith(("/ops", "/panel", "/chat"))]
    page = (await web.get("/api/docs")).text
    for field in described["components"]["schemas"]["Lead"]["properties"]:
        assert f"<code>{field}</code>" in page
