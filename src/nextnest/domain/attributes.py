"""The custom attributes that Chatwoot shows of a lead: the one list of them, and their values.

They are a view: the lead in our store is the truth. Definitions come from `ATTRIBUTES`; a conversation's
values are always the full document, because Chatwoot replaces the whole set.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, TypeAlias

from nextnest.domain.applicant import Applicant
from nextnest.domain.choices import IpaStatus, PropertyStage, PropertyType, Purpose, Timeline
from nextnest.domain.lead import Lead, in_words
from nextnest.domain.ownership import Owner
from nextnest.domain.persona import Persona
from nextnest.domain.score import Score
from nextnest.mortgage.rounding import sgd

AttributeValue: TypeAlias = str | int | float | bool

LONGEST_TEXT = 1_500  # characters that Chatwoot takes
_CUT = "… [cut; the whole is in the lead]"


class Kind(StrEnum):
    """How Chatwoot shows a value."""

    TEXT = "text"
    NUMBER = "number"
    CURRENCY = "currency"
    PERCENT = "percent"
    DATE = "date"
    LIST = "list"
    CHECKBOX = "checkbox"


@dataclass(frozen=True)
class Attribute:
    """A definition in Chatwoot, of a conversation or of a contact."""

    key: str
    title: str
    kind: Kind
    description: str
    values: tuple[str, ...] = ()  # of a list
    model: Literal["conversation", "contact"] = "conversation"


def _fact(field: str, kind: Kind, values: type[StrEnum] | None = None) -> Attribute:
    """A fact of the lead, titled and described as in the lead's schema."""
    title = in_words(field)
    description = Lead.model_fields[field].description or title
    return Attribute(field, title[0].upper() + title[1:], kind, description, tuple(values or ()))


ATTRIBUTES: tuple[Attribute, ...] = (
    Attribute("lead_score", "Lead score", Kind.NUMBER, "0 to 100 points; internal"),
    Attribute(
        "broker_persona", "Broker persona", Kind.LIST, "Tone of the AI broker; internal", tuple(Persona)
    ),
    Attribute("held_by", "Held by", Kind.LIST, "Who answers: bot or person", tuple(Owner)),
    Attribute("lead_id", "Lead", Kind.TEXT, "Identifier of the lead in nextnest"),
    _fact("purpose", Kind.LIST, Purpose),
    _fact("property_type", Kind.LIST, PropertyType),
    _fact("property_stage", Kind.LIST, PropertyStage),
    _fact("property_price", Kind.CURRENCY),
    _fact("property_value", Kind.CURRENCY),
    _fact("loan_amount", Kind.CURRENCY),
    _fact("monthly_income", Kind.CURRENCY),
    _fact("applicants", Kind.TEXT),
    _fact("monthly_debts", Kind.CURRENCY),
    _fact("outstanding_housing_loans", Kind.NUMBER),
    _fact("timeline", Kind.LIST, Timeline),
    _fact("ipa_status", Kind.LIST, IpaStatus),
    _fact("current_bank", Kind.TEXT),
    _fact("current_rate", Kind.PERCENT),
    _fact("outstanding_loan", Kind.CURRENCY),
    _fact("remaining_months", Kind.NUMBER),
    _fact("lock_in_ends", Kind.DATE),
    _fact("cpf_available", Kind.CURRENCY),
    _fact("cash_available", Kind.CURRENCY),
    _fact("notes", Kind.TEXT),
    _fact("language", Kind.TEXT),
    _fact("source", Kind.TEXT),
    Attribute("consent_contact", "May be contacted", Kind.CHECKBOX, "About this enquiry"),
    Attribute("consent_text_version", "Consent text", Kind.TEXT, "Version of the text agreed to"),
    Attribute(
        "consent_marketing", "May be sent marketing", Kind.CHECKBOX, "As the person agreed", model="contact"
    ),
)
"""All of them, in the order in which people should see them."""


def attributes_of(lead: Lead, score: Score, *, lead_id: str, owner: Owner) -> dict[str, AttributeValue]:
    """The conversation's full document: known facts alone, sums as plain S$, long text cut with a mark."""
    values: dict[str, Any] = {
        **{name: value for name, value in lead if name in _FACTS},
        "lead_score": score.points,
        "broker_persona": score.persona,
        "held_by": owner,
        "lead_id": lead_id,
        "monthly_income": lead.household_income,
        "applicants": "; ".join(_applicant(applicant) for applicant in lead.applicants) or None,
    }
    if lead.consent:
        values["consent_contact"] = lead.consent.contact
        values["consent_text_version"] = lead.consent.text_version
    return {
        attribute.key: _value(values[attribute.key])
        for attribute in ATTRIBUTES
        if values.get(attribute.key) is not None
    }


def contact_attributes_of(lead: Lead) -> dict[str, AttributeValue]:
    """What belongs to the person and not to this enquiry."""
    return {"consent_marketing": lead.consent.marketing} if lead.consent else {}


_FACTS = {attribute.key for attribute in ATTRIBUTES} & set(Lead.model_fields)


def _applicant(applicant: Applicant) -> str:
    """ "35 years, sc, employed, S$8,000 a month"; "unknown" when nothing is known."""
    income = applicant.monthly_income
    parts = (
        f"{applicant.age} years" if applicant.age is not None else None,
        applicant.residency,
        applicant.employment,
        f"{sgd(income)} a month" if income is not None else None,
    )
    return ", ".join(part for part in parts if part) or "unknown"


def _value(value: Any) -> AttributeValue:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bool | int):
        return value
    text = value.value if isinstance(value, StrEnum) else str(value)  # a date is written in ISO
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - len(_CUT)] + _CUT
