"""The lead: one typed schema for the form, the API, the store and Chatwoot's attributes.

Every fact may be unknown (None or empty) and unknown is never zero. Sums are S$ as Decimal.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError

from nextnest.domain.applicant import Applicant, Consent, Facts
from nextnest.domain.choices import (
    Employment,
    IpaStatus,
    PropertyStage,
    PropertyType,
    Purpose,
    Residency,
    Timeline,
)
from nextnest.domain.fields import (
    Day,
    Email,
    Language,
    Line,
    Money,
    Name,
    Note,
    Percent,
    Phone,
    choice,
    whole,
)
from nextnest.domain.lead_errors import LeadErrors, camel_case, problems_of

__all__ = [
    "Applicant",
    "Consent",
    "Employment",
    "IpaStatus",
    "Lead",
    "LeadErrors",
    "PropertyStage",
    "PropertyType",
    "Purpose",
    "Residency",
    "Timeline",
    "in_words",
    "parse_lead",
    "with_fact",
]

_ACRONYMS = {"ipa": "IPA", "cpf": "CPF"}

LONG_NOTE = 20_000  # characters; a longer note is kept and flagged


class Lead(Facts):
    """A mortgage enquiry. Needed: a name, and an e-mail address or a phone number.

    Blank text means unknown. Keys may also be written in camelCase (`loanAmount`).
    Sums may be numbers or text such as "1,200,000", "S$1.2m" or "800k".
    """

    purpose: Annotated[Purpose | None, choice(Purpose)] = Field(
        None, description="What the loan is for", examples=["new_purchase"]
    )
    name: Name = Field(None, description="Full name as typed, in any script", examples=["李小龍"])
    first_name: Name = Field(None, description="First name, when `name` is not sent", examples=["Wei Ling"])
    last_name: Name = Field(None, description="Last name, when `name` is not sent", examples=["Or"])
    email: Email = Field(None, description="E-mail address", examples=["wei.ling@example.com"])
    phone: Phone = Field(
        None,
        description="Phone number in any usual Singapore or international spelling; stored as E.164",
        examples=["+65 9123 4567", "91234567"],
    )
    property_type: Annotated[PropertyType | None, choice(PropertyType)] = Field(
        None, description="HDB flat, executive condominium, private home or commercial", examples=["condo"]
    )
    property_stage: Annotated[PropertyStage | None, choice(PropertyStage)] = Field(
        None, description="Resale, new launch, or HDB's build-to-order", examples=["resale"]
    )
    property_price: Money = Field(None, description="Price to pay, S$", examples=[1200000, "1.2m"])
    property_value: Money = Field(None, description="Valuation or market value, S$", examples=[1180000])
    loan_amount: Money = Field(None, description="Loan wanted, S$", examples=[800000, "800k"])
    applicants: tuple[Applicant, ...] = Field((), max_length=4, description="The borrowers, at most 4")
    monthly_income: Money = Field(
        None, description="Gross income of the household, S$ a month (short form)", examples=[12000]
    )
    monthly_debts: Money = Field(
        None, description="Repayments of other debts, S$ a month; 0 means none", examples=[500]
    )
    outstanding_housing_loans: Annotated[int | None, whole(0, 20)] = Field(
        None, description="Housing loans not yet repaid, without the one applied for", examples=[0]
    )
    timeline: Annotated[Timeline | None, choice(Timeline)] = Field(
        None, description="When the customer wants to act", examples=["next_3_months"]
    )
    ipa_status: Annotated[IpaStatus | None, choice(IpaStatus)] = Field(
        None, description="In-principle approval of a bank", examples=["not_yet"]
    )
    current_bank: Line = Field(None, description="Bank of the loan to refinance", examples=["DBS"])
    current_rate: Percent = Field(None, description="Present rate, % a year", examples=[3.85])
    outstanding_loan: Money = Field(None, description="Balance to refinance, S$", examples=[640000])
    remaining_months: Annotated[int | None, whole(1, 480)] = Field(
        None, description="Months left on the loan to refinance", examples=[264]
    )
    lock_in_ends: Day = Field(None, description="Last day of the lock-in, ISO date", examples=["2027-03-31"])
    cpf_available: Money = Field(None, description="CPF OA savings to use, S$", examples=[150000])
    cash_available: Money = Field(None, description="Cash to use, S$", examples=[100000])
    notes: Note = Field(None, description="Anything else; a long note is kept", examples=["Moving in June"])
    language: Language = Field(None, description="Language code of the customer", examples=["en"])
    consent: Consent | None = Field(None, description="The customer's consent")
    source: Line = Field(None, description="Where the lead came from", examples=["web form"])

    @field_validator("applicants", mode="before")
    @classmethod
    def _no_applicants_is_unknown(cls, value: Any) -> Any:
        return () if value is None else value

    @model_validator(mode="after")
    def _fits_together(self) -> Lead:
        problems = _missing(lambda field: getattr(self, field) is not None) | _contradictions(self)
        if problems:
            raise PydanticCustomError("lead", "the facts do not fit together", problems)
        return self

    @property
    def display_name(self) -> str:
        return self.name or " ".join(part for part in (self.first_name, self.last_name) if part)

    @property
    def household_income(self) -> Decimal | None:
        """Gross S$ a month: the applicants' sum when each is known, else `monthly_income`."""
        known = [each.monthly_income for each in self.applicants if each.monthly_income is not None]
        if not known or len(known) < len(self.applicants):
            return self.monthly_income
        # Applicants who do not work and name no figure do not contradict an income given for the household.
        if self.monthly_income is not None and not any(each.names_income for each in self.applicants):
            return self.monthly_income
        return sum(known, Decimal(0))

    @property
    def price(self) -> Decimal | None:
        """S$: the price to pay, else the valuation."""
        return self.property_value if self.property_price is None else self.property_price

    @property
    def flags(self) -> tuple[str, ...]:
        """What a person should look at; a flag never refuses a lead."""
        return ("long_note",) if self.notes and len(self.notes) > LONG_NOTE else ()

    def facts(self) -> dict[str, Any]:
        """The known facts alone, as JSON: sums as numbers, dates as ISO text, enums as their values."""
        return {name: _json(value) for name, value in self if value is not None and value != ()}


def parse_lead(data: Mapping[str, Any]) -> Lead:
    """The lead in a JSON object as a client sent it.

    Raises:
        LeadErrors: every problem by field, in the client's own spelling.
    """
    if not isinstance(data, Mapping):
        raise LeadErrors({"lead": "send one JSON object with the lead's fields"})
    try:
        return Lead.model_validate(data)
    except ValidationError as error:
        problems = problems_of(error, data, _NAMES)
        blank = _missing(lambda field: _sent(data, field))
        raise LeadErrors(blank | problems) from None


def with_fact(lead: Lead, field: str, value: Any) -> Lead:
    """The lead with one fact changed; None makes it unknown again.

    `field` is a path such as "monthly_debts" or "applicants.0.age"; the next free applicant may be named.

    Raises:
        LeadErrors: there is no such field, or the value does not fit.
    """
    facts = lead.model_dump()
    place: Any = facts
    *path, last = field.split(".")
    if path[:1] == ["applicants"] and len(path) == 2 and path[1].isdecimal():
        applicants = facts["applicants"] = list(facts["applicants"])
        if int(path[1]) == len(applicants):
            applicants.append({})
        place = applicants[int(path[1])] if int(path[1]) < len(applicants) else None
    elif path == ["consent"]:
        place = facts["consent"] = facts["consent"] or {}
    elif path:
        place = None
    if place is None:
        raise LeadErrors({field: "a lead has no such field"})
    place[last] = value
    return parse_lead(facts)


def in_words(field: str) -> str:
    """A field as a person reads it: "monthly debts", "age of each applicant"."""
    group, _, name = field.rpartition(".")
    words = " ".join(_ACRONYMS.get(word, word) for word in name.split("_"))
    if group.startswith("applicants"):
        return f"{words} of each applicant"
    return "consent to contact" if field == "consent.contact" else words


def _missing(known: Callable[[str], bool]) -> dict[str, str]:
    """What nobody can be answered without."""
    problems = {}
    if not (known("name") or known("first_name") or known("last_name")):
        problems["name"] = "write a name"
    if not (known("email") or known("phone")):
        problems["email"] = "give an e-mail address or a phone number"
    return problems


def _contradictions(lead: Lead) -> dict[str, str]:
    home = lead.property_type not in {None, PropertyType.COMMERCIAL}
    if lead.purpose is Purpose.COMMERCIAL and home:
        return {"property_type": "a commercial loan is for a commercial property; change this or the purpose"}
    if lead.property_stage is PropertyStage.BTO and lead.property_type not in {None, PropertyType.HDB}:
        return {"property_stage": "only HDB flats are built to order; change this or the property type"}
    return {}


def _sent(data: Mapping[str, Any], field: str) -> bool:
    value = data.get(field, data.get(camel_case(field)))
    return bool(value.strip()) if isinstance(value, str) else value is not None


def _json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, tuple):
        return [_json(item) for item in value]
    if isinstance(value, Facts):
        return {name: _json(fact) for name, fact in value if fact is not None}
    if isinstance(value, StrEnum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value


_NAMES = frozenset(name for model in (Lead, Applicant, Consent) for name in model.model_fields)
