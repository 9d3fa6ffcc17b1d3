"""The form as plain HTML, and as a script sends it."""

from __future__ import annotations

import re

import httpx2
import pytest

from nextnest.web.consent import TEXT_VERSION
from tests.integration.web.conftest import House

FILLED = {
    "purpose": "new_purchase",
    "property_type": "condo",
    "property_price": "1,200,000",
    "applicants.0.age": "38",
    "applicants.0.residency": "sc",
    "applicants.0.employment": "employed",
    "applicants.0.fixed_monthly_income": "12,000",
    "monthly_debts": "0",
    "outstanding_housing_loans": "0",
    "name": "Tan Wei Ling",
    "phone": "+65 9123 4567",
    "consent.contact": "yes",
}


async def _opened(web: httpx2.AsyncClient) -> dict[str, str]:
    page = (await web.get("/")).text
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))


async def test_a_form_without_script_leads_to_the_chat(web: httpx2.AsyncClient, house: House) -> None:
    response = await web.post("/", data={**await _opened(web), **FILLED})
    assert response.status_code == 303
    assert response.headers["location"] == house.chat_path("ld_1")
    lead = house.intake.leads["ld_1"]
    assert lead.consent is not None
    assert lead.consent.text_version == TEXT_VERSION
    assert lead.consent.marketing is False  # pain 75: off unless ticked


async def test_a_form_sent_twice_is_one_lead(web: httpx2.AsyncClient, house: House) -> None:
    form = {**await _opened(web), **FILLED}
    for _ in range(2):
        await web.post("/", data=form)
    assert len(house.intake.leads) == 1


async def test_a_script_gets_json_and_its_own_key_counts(web: httpx2.AsyncClient, house: House) -> None:
    headers = {"accept": "application/json", "idempotency-key": "made-by-the-browser"}
    first = await web.post("/", data=FILLED, headers=headers)
    again = await web.post("/", data={**FILLED, "submission": "another"}, headers=headers)
    assert first.status_code == 201
    assert set(first.json()) == {"lead_id", "chatUrl"}
    assert again.json() == first.json()


async def test_problems_stand_beside_their_fields_and_nothing_typed_is_lost(
    web: httpx2.AsyncClient, house: House
) -> None:
    response = await web.post("/", data={**FILLED, "phone": "123", "name": '<b>"Tan"</b>'})
    assert response.status_code == 422
    page = response.text
    found = re.search(r'id="f-phone-error">([^<]+)<', page)
    assert found
    assert "phone number" in found[1]
    assert 'value="&lt;b&gt;&#34;Tan&#34;&lt;/b&gt;"' in page  # escaped at output, kept as typed
    assert 'value="1,200,000"' in page
    assert 'aria-invalid="true"' in page
    assert not house.intake.leads


async def test_problems_for_a_script_are_named_by_field(web: httpx2.AsyncClient) -> None:
    response = await web.post(
        "/", data={**FILLED, "applicants.0.age": "7"}, headers={"accept": "application/json"}
    )
    assert response.status_code == 422
    assert set(response.json()["errors"]) == {"applicants.0.age"}


async def test_values_of_hidden_fields_do_not_count(web: httpx2.AsyncClient, house: House) -> None:
    await web.post("/", data={**FILLED, "purpose": "refinance", "outstanding_loan": "500k"})
    lead = house.intake.leads["ld_1"]
    assert lead.property_price is None  # pain 64
    assert lead.outstanding_loan == 500_000


@pytest.mark.parametrize(
    ("changes", "flags"),
    [
        ({"company_website": "https://spam.example.com"}, ("spam_trap", "filled_in_too_fast")),
        ({}, ("filled_in_too_fast",)),  # opened and sent within the same second
        ({"opened": "forged"}, ("filled_in_too_fast",)),
    ],
)
async def test_the_spam_trap_flags_and_never_loses_a_lead(
    web: httpx2.AsyncClient, house: House, changes: dict[str, str], flags: tuple[str, ...]
) -> None:
    response = await web.post("/", data={**await _opened(web), **FILLED, **changes})
    assert response.status_code == 303
    assert house.intake.flags["ld_1"] == flags


async def test_the_chat_that_a_browser_still_holds_proves_whose_lead_it_is(
    web: httpx2.AsyncClient, house: House
) -> None:
    token = house.chat_path("ld_77").rpartition("/")[2]
    await web.post("/", data={**FILLED, "chat": token})
    await web.post("/", data={**FILLED, "chat": "forged.token"})
    assert [call["proven_lead_id"] for call in house.intake.calls] == ["ld_77", None]


async def test_every_field_has_a_label_and_a_place_for_its_problem(web: httpx2.AsyncClient) -> None:
    page = (await web.get("/")).text
    for field in re.findall(r'<input id="([^"]+)"', page):
        assert f'<label for="{field}">' in page
        assert f'id="{field}-error"' in page


@pytest.mark.parametrize(
    "content",
    [
        b"%",
        b"=",
        b"&&&",
        b"purpose=%00&name=%ff%fe",
        b"a=" + b"b" * 500_000,
        "&".join(f"f{number}=x" for number in range(5_000)).encode(),
    ],
)
async def test_a_broken_form_is_refused_and_breaks_nothing(web: httpx2.AsyncClient, content: bytes) -> None:
    response = await web.post(
        "/", content=content, headers={"content-type": "application/x-www-form-urlencoded"}
    )
    assert response.status_code in {400, 413, 422}


async def test_a_flood_gets_a_page_that_says_so(web: httpx2.AsyncClient) -> None:
    responses = [await web.post("/", data={}) for _ in range(25)]
    assert responses[0].status_code == 422
    assert responses[-1].status_code == 429
    assert "One moment" in responses[-1].text


async def test_the_preview_answers_facts_so_far(web: httpx2.AsyncClient) -> None:
    response = await web.post("/api/preview", json=FILLED)
    assert response.json()["amount"] == "S$900,000"  # 75% of the price
    missing = await web.post("/api/preview", json={"purpose": "new_purchase", "property_price": ["x"]})
    assert missing.json()["amount"] is None
    assert missing.json()["needs"]
