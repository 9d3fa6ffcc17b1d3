"""POST /api/leads: what is taken, what is refused and in which words, and what nobody may learn."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest

from tests.integration.web.conftest import API_KEY, House

LEAD = {
    "purpose": "new_purchase",
    "name": "Or Wei Ling",
    "phone": "9123 4567",
    "property_price": "1.2m",
    "monthly_income": 12000,
}
STAFF = {"authorization": f"Bearer {API_KEY}"}


async def test_staff_learn_score_persona_and_where_the_conversation_is(
    web: httpx2.AsyncClient, house: House
) -> None:
    response = await web.post("/api/leads", json=LEAD, headers=STAFF)
    assert response.status_code == 201
    body = response.json()
    assert body["success"] is True
    assert 0 <= body["leadScore"] <= 100
    assert body["brokerPersona"] in {"aggressive", "balanced", "conservative"}
    assert body["conversationUrl"] == "https://chat.example.com/app/accounts/1/conversations/7"
    assert body["chatUrl"] == house.settings.public_url + house.chat_path(body["lead_id"])


async def test_a_stranger_learns_the_chat_and_nothing_else(web: httpx2.AsyncClient) -> None:
    response = await web.post("/api/leads", json=LEAD)
    assert response.status_code == 201
    assert set(response.json()) == {"lead_id", "chatUrl"}  # pain 66: never the score


async def test_a_wrong_key_is_no_stranger(web: httpx2.AsyncClient, house: House) -> None:
    for header in ("Bearer nonsense", "Bearer", f"Basic {API_KEY}"):
        response = await web.post("/api/leads", json=LEAD, headers={"authorization": header})
        assert response.status_code == 401
    assert not house.intake.leads


async def test_with_chatwoot_away_the_lead_is_kept_and_the_answer_says_so(
    web: httpx2.AsyncClient, house: House
) -> None:
    house.intake.conversation = None
    response = await web.post("/api/leads", json=LEAD, headers=STAFF)
    assert response.status_code == 202
    assert response.json()["conversationUrl"] is None
    assert len(house.intake.leads) == 1  # pain 43


async def test_a_repeat_with_the_same_key_is_the_same_lead(web: httpx2.AsyncClient, house: House) -> None:
    for headers in (STAFF, {}):
        key = {"idempotency-key": "3f1c2b1e-submission"}
        first = await web.post("/api/leads", json=LEAD, headers={**headers, **key})
        again = await web.post("/api/leads", json=LEAD, headers={**headers, **key})
        assert again.json() == first.json()
    assert len(house.intake.leads) == 2  # one of staff's, one of the stranger's: their keys are apart


async def test_a_guessed_key_opens_nobody_elses_chat(web: httpx2.AsyncClient) -> None:
    key = {"idempotency-key": "1"}
    mine = await web.post("/api/leads", json=LEAD, headers=key)
    theirs = await web.post("/api/leads", json={**LEAD, "phone": "98765432"}, headers=key)
    assert theirs.json()["chatUrl"] != mine.json()["chatUrl"]


async def test_only_the_api_key_is_trusted_with_the_leads_of_others(
    web: httpx2.AsyncClient, house: House
) -> None:
    await web.post("/api/leads", json=LEAD)
    await web.post("/api/leads", json=LEAD, headers=STAFF)
    assert [call["trusted"] for call in house.intake.calls] == [False, True]


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"phone": "123"}, "phone", "phone number"),
        ({"phone": None}, "email", "e-mail address or a phone number"),
        ({"purpose": "castle"}, "purpose", "choose one of"),
        ({"shoe_size": 43}, "shoe_size", "no such field"),
        ({"applicants": [{"age": 7}]}, "applicants.0.age", "18 to 99"),
        ({"propertyType": "igloo"}, "propertyType", "choose one of"),  # named as the client spelled it
    ],
)
async def test_a_problem_is_named_by_its_field_in_words(
    web: httpx2.AsyncClient, changes: dict[str, Any], field: str, words: str
) -> None:
    response = await web.post("/api/leads", json={**LEAD, **changes})
    assert response.status_code == 422
    assert words in response.json()["errors"][field]


async def test_all_problems_are_named_at_once(web: httpx2.AsyncClient, house: House) -> None:
    response = await web.post("/api/leads", json={"phone": "1", "purpose": "x", "monthly_income": "lots"})
    assert set(response.json()["errors"]) == {"name", "phone", "purpose", "monthly_income"}
    assert not house.intake.leads


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"", "application/json", 400),
        (b"[]", "application/json", 400),  # JSON, but no object
        (b'{"name": NaN}', "application/json", 400),
        (b'{"name": ' + b"9" * 5000 + b"}", "application/json", 400),  # more digits than Python reads
        (b"\xff\xfe{}", "application/json", 400),  # no UTF-8
        (b'{"a":' * 100_000, "application/json", 413),
        (b'{"a":' * 20_000, "application/json", 400),  # brackets without end
        (b"{}", "text/plain", 415),
        (b"name=x", "application/x-www-form-urlencoded", 415),
        (b'{"name": "' + b"x" * 300_000 + b'"}', "application/json", 413),
        (b'{"name": "\\ud800", "phone": "91234567"}', "application/json", 422),  # half a character
        (b"{}", "application/json; charset=utf-8", 422),
    ],
)
async def test_bodies_that_cannot_be_read_are_refused_in_words(
    web: httpx2.AsyncClient, content: bytes, kind: str, status: int
) -> None:
    response = await web.post("/api/leads", content=content, headers={"content-type": kind})
    assert response.status_code == status
    assert response.json()["success"] is False
    assert response.json()["error"].endswith(".")


async def test_a_body_of_unknown_length_is_cut_off_at_the_limit(web: httpx2.AsyncClient) -> None:
    sent = 0

    async def endless() -> Any:
        nonlocal sent
        while sent < 50_000_000:
            sent += 65_536
            yield b"x" * 65_536

    response = await web.post("/api/leads", content=endless(), headers={"content-type": "application/json"})
    assert response.status_code == 413


@pytest.mark.parametrize("key", [b"", b"x" * 201, b"with\ttab", "ключ".encode()])
async def test_an_unusable_idempotency_key_is_refused(web: httpx2.AsyncClient, key: bytes) -> None:
    response = await web.post("/api/leads", json=LEAD, headers={b"idempotency-key": key})
    assert response.status_code == 400


async def test_a_flood_from_one_address_is_slowed_down(web: httpx2.AsyncClient, house: House) -> None:
    numbers = [{**LEAD, "phone": f"9{number:07}"} for number in range(1_000_000, 1_000_030)]
    responses = [await web.post("/api/leads", json=lead) for lead in numbers]
    refused = [response for response in responses if response.status_code == 429]
    assert refused
    assert int(refused[0].headers["retry-after"]) >= 1
    assert len(house.intake.leads) == len(responses) - len(refused)


async def test_a_flood_about_one_contact_is_slowed_down_even_with_the_key(web: httpx2.AsyncClient) -> None:
    responses = [await web.post("/api/leads", json=LEAD, headers=STAFF) for _ in range(15)]
    other = await web.post("/api/leads", json={**LEAD, "phone": "98765432"}, headers=STAFF)
    assert responses[-1].status_code == 429
    assert other.status_code == 201  # others are not slowed


async def test_a_very_long_note_never_costs_a_lead(web: httpx2.AsyncClient, house: House) -> None:
    response = await web.post("/api/leads", json={**LEAD, "notes": "long " * 20_000})
    assert response.status_code == 201  # pain 63
    assert len(house.intake.leads) == 1
