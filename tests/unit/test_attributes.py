"""The attributes Chatwoot shows: one list of definitions, and values it can store."""

from __future__ import annotations

import re
from datetime import date

from hypothesis import given, settings

from nextnest.domain.attributes import ATTRIBUTES, Kind, attributes_of, contact_attributes_of
from nextnest.domain.lead import Lead, parse_lead
from nextnest.domain.ownership import Owner
from nextnest.domain.score import score
from tests.unit.leads import TODAY, leads

BY_KEY = {attribute.key: attribute for attribute in ATTRIBUTES}
# What Chatwoot takes as `attribute_display_type`, and the keys it keeps for itself.
DISPLAY_TYPES = {"text", "number", "currency", "percent", "link", "date", "list", "checkbox"}
STANDARD_KEYS = {
    "status", "priority", "assignee_id", "inbox_id", "team_id", "display_id", "campaign_id", "labels",
    "browser_language", "country_code", "referer", "created_at", "last_activity_at", "name", "email",
    "phone_number", "identifier", "city", "blocked",
}  # fmt: skip


def document(lead: Lead) -> dict[str, str | int | float | bool]:
    return attributes_of(lead, score(lead, today=TODAY), lead_id="ld_1", owner=Owner.BOT)


def test_definitions_are_such_as_chatwoot_takes() -> None:
    assert len(BY_KEY) == len(ATTRIBUTES)
    for attribute in ATTRIBUTES:
        assert re.fullmatch(r"[a-z0-9_]+", attribute.key)
        assert attribute.key not in STANDARD_KEYS
        assert attribute.kind.value in DISPLAY_TYPES
        assert bool(attribute.values) == (attribute.kind is Kind.LIST)
        assert attribute.title
        assert attribute.description


def test_every_fact_of_a_lead_has_an_attribute() -> None:
    """pain 57: what is not defined is not seen. Name and ways of contact are the contact's own fields."""
    contact = {"name", "first_name", "last_name", "email", "phone"}

    assert set(Lead.model_fields) - contact - {"consent"} <= set(BY_KEY)
    assert {"lead_score", "broker_persona", "consent_contact", "consent_marketing"} <= set(BY_KEY)


def test_a_lead_as_chatwoot_shows_it() -> None:
    lead = parse_lead(
        {
            "name": "Or Wei Ling",
            "phone": "91234567",
            "purpose": "refinance",
            "property_type": "hdb",
            "loan_amount": "S$400k",
            "current_rate": "2.85",
            "lock_in_ends": "2027-03-31",
            "monthly_debts": 0,
            "applicants": [
                {"age": 35, "residency": "sc", "employment": "employed", "fixed_monthly_income": 5000.5},
                {"employment": "not_working"},
            ],
            "consent": {"text_version": "2026-11", "contact": True},
        }
    )

    assert document(lead) == {
        # Loan 8, phone 7, consent 4; income 12: 400 x 5.2784 = 2,111 of 2,750 (TDSR alone), 77 %;
        # facts: purpose, type, loan, income, debts and the present rate, 6; lock-in within 6 months, 10.
        "lead_score": 47,
        "broker_persona": "balanced",
        "held_by": "bot",
        "lead_id": "ld_1",
        "purpose": "refinance",
        "property_type": "hdb",
        "loan_amount": 400_000,
        "monthly_income": 5000.5,
        "applicants": "35 years, sc, employed, S$5,000.50 a month; not_working, S$0 a month",
        "monthly_debts": 0,
        "current_rate": 2.85,
        "lock_in_ends": "2027-03-31",
        "consent_contact": True,
        "consent_text_version": "2026-11",
    }
    assert contact_attributes_of(lead) == {"consent_marketing": False}


def test_the_unknown_is_left_out() -> None:
    lead = parse_lead({"name": "Tan", "email": "a@b.co"})

    assert set(document(lead)) == {"lead_score", "broker_persona", "held_by", "lead_id"}
    assert contact_attributes_of(lead) == {}


def test_a_long_text_is_cut_with_a_mark() -> None:
    shown = document(parse_lead({"name": "Tan", "email": "a@b.co", "notes": "字" * 3_000}))["notes"]

    assert isinstance(shown, str)
    assert len(shown) == 1_500
    assert shown.startswith("字字字")
    assert shown.endswith("[cut; the whole is in the lead]")


@settings(max_examples=200, deadline=None)
@given(leads)
def test_every_document_can_be_stored_and_fits_its_definitions(lead: Lead) -> None:
    for key, value in document(lead).items():
        attribute = BY_KEY[key]
        assert attribute.model == "conversation"
        match attribute.kind:
            case Kind.LIST:
                assert value in attribute.values
            case Kind.TEXT:
                assert isinstance(value, str)
                assert 0 < len(value) <= 1_500
            case Kind.DATE:
                assert date.fromisoformat(str(value))
            case Kind.CHECKBOX:
                assert isinstance(value, bool)
            case _:
                assert type(value) in {int, float}
                assert 0 <= value <= 9_999_999_999  # type: ignore[operator]
        assert type(value) in {str, int, float, bool}  # plain JSON, no enum and no Decimal
