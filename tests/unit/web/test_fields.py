"""From the form's fields to a lead: only what was shown counts."""

from __future__ import annotations

from typing import Any

import pytest

from nextnest.domain.lead import LeadErrors
from nextnest.web.consent import TEXT_VERSION
from nextnest.web.fields import lead_data
from nextnest.web.form import read_lead

CONTACT = {"name": "Tan Wei Ling", "phone": "9123 4567", "consent.contact": "yes"}


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ({}, {}),
        ({"purpose": "refinance"}, {"purpose": "refinance"}),
        # a price typed before the purpose was changed is no fact of a refinancing
        ({"purpose": "refinance", "property_price": "1.2m"}, {"purpose": "refinance"}),
        ({"purpose": "refinance", "monthly_debts": "  "}, {"purpose": "refinance"}),
        (
            {"purpose": "new_purchase", "monthly_debts": "0"},
            {"purpose": "new_purchase", "monthly_debts": "0"},
        ),
        # a commercial purpose says what the property is
        ({"purpose": "commercial"}, {"purpose": "commercial", "property_type": "commercial"}),
        (
            {"purpose": "commercial", "property_type": "hdb"},
            {"purpose": "commercial", "property_type": "commercial"},
        ),
        # years and months are asked for apart
        (
            {"purpose": "refinance", "remaining_years": "25"},
            {"purpose": "refinance", "remaining_months": 300},
        ),
        (
            {"purpose": "refinance", "remaining_years": "1", "remaining_months": "6"},
            {"purpose": "refinance", "remaining_months": 18},
        ),
        ({"purpose": "refinance", "remaining_months": "8"}, {"purpose": "refinance", "remaining_months": 8}),
        # what is no number goes on as typed, so that the lead's own words refuse it
        (
            {"purpose": "refinance", "remaining_years": "many"},
            {"purpose": "refinance", "remaining_months": "many years  months"},
        ),
        # applicants keep their places: the second one's problem must point at the second one
        (
            {"purpose": "new_purchase", "applicants.1.age": "40", "applicants.2.age": " "},
            {"purpose": "new_purchase", "applicants": [{}, {"age": "40"}]},
        ),
        (
            {"purpose": "new_purchase", "applicants.4.age": "40"},
            {"purpose": "new_purchase"},
        ),  # there are four
        # an unknown purpose shows no fields; it is passed on to be refused
        ({"purpose": "castle", "property_price": "1"}, {"purpose": "castle"}),
        # fields nobody asked for are never read
        ({"purpose": "refinance", "lead_score": "100", "source": "x"}, {"purpose": "refinance"}),
    ],
)
def test_only_the_fields_that_the_purpose_shows_are_read(
    form: dict[str, str], expected: dict[str, Any]
) -> None:
    assert lead_data(form) == expected


def test_consent_is_recorded_with_the_version_of_its_text() -> None:
    lead = read_lead({"purpose": "refinance", **CONTACT})
    assert lead.consent is not None
    assert (lead.consent.text_version, lead.consent.contact, lead.consent.marketing) == (
        TEXT_VERSION,
        True,
        False,
    )


def test_marketing_is_its_own_choice() -> None:
    lead = read_lead({"purpose": "refinance", **CONTACT, "consent.marketing": "yes"})
    assert lead.consent is not None
    assert lead.consent.marketing


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"purpose": ""}, {"purpose"}),
        ({"consent.contact": ""}, {"consent.contact"}),
        ({"name": "", "phone": ""}, {"name", "email"}),
        ({"phone": "123", "purpose": "", "consent.contact": ""}, {"phone", "purpose", "consent.contact"}),
        ({"applicants.1.age": "seven"}, {"applicants.1.age"}),
        ({"remaining_years": "99"}, {"remaining_months"}),
    ],
)
def test_every_problem_is_named_by_the_field_that_has_it(changes: dict[str, str], fields: set[str]) -> None:
    with pytest.raises(LeadErrors) as caught:
        read_lead({"purpose": "refinance", **CONTACT, **changes})
    assert set(caught.value.problems) == fields


@pytest.mark.parametrize("name", ["Or Wei Ling", "José Ñandú", "李小龍", "முருகன்", "O'Neil & <b>Söhne</b>"])
def test_names_stay_as_typed(name: str) -> None:
    assert read_lead({"purpose": "refinance", **CONTACT, "name": name}).display_name == name
