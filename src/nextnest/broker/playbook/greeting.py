"""The first message: who writes, who pays, that a person can be had, one true fact, one useful question."""

from __future__ import annotations

from nextnest.broker.brief import Brief
from nextnest.broker.evidence import of_lead
from nextnest.broker.playbook.compose import asking
from nextnest.broker.playbook.questions import field_of
from nextnest.broker.playbook.situation import Situation, situation
from nextnest.domain.lead import Lead
from nextnest.domain.persona import Persona
from nextnest.domain.reply import Evidence, Reply
from nextnest.mortgage import CannotCompute, InvalidInput, calculate
from nextnest.mortgage.rounding import sgd

COMMISSION = "{brokerage} is paid a commission by the bank when a loan is taken up."
_OPENINGS = {
    Persona.AGGRESSIVE: "Hi{name}, I am the AI assistant of {brokerage}.",
    Persona.BALANCED: "Hello{name}, I am the AI assistant of {brokerage}.",
    Persona.CONSERVATIVE: "Hello{name}, thank you for writing. I am the AI assistant of {brokerage}.",
}
_TYPES = {
    "hdb": "an HDB flat",
    "ec": "an executive condo",
    "condo": "a condo",
    "landed": "a landed house",
    "commercial": "a commercial property",
}


def greeting(brief: Brief) -> Reply:
    """The greeting in persona. Pure."""
    found = situation(brief)
    name = f" {brief.lead.display_name}" if brief.lead is not None and brief.lead.display_name else ""
    opening = _OPENINGS[brief.persona].format(name=name, brokerage=brief.brokerage)
    commission = COMMISSION.format(brokerage=brief.brokerage)
    lines = [f"{opening} {_sentence(commission)} You can have a person here any time: just ask."]
    fact, evidence = _true_fact(brief.lead)
    field = first_missing(found)
    refinance = brief.lead is not None and brief.lead.purpose == "refinance"
    question = asking(field or ("offer_refinance" if refinance else "offer_capacity"), brief.persona)
    lines.append(f"{fact} {question}" if fact else question)
    return Reply(text="\n\n".join(lines), intent="greeting", evidence=evidence, asks_for=field)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _true_fact(lead: Lead | None) -> tuple[str, tuple[Evidence, ...]]:
    """One fact of the form, said back."""
    if lead is None:
        return "", ()
    home = _TYPES.get(str(lead.property_type), "a property") if lead.property_type else None
    if lead.purpose == "refinance" and lead.outstanding_loan is not None:
        figure = of_lead("outstanding_loan", lead.outstanding_loan)
        return f"You asked about refinancing an outstanding loan of {sgd(lead.outstanding_loan)}.", (figure,)
    if lead.purpose == "refinance":
        return "You asked about refinancing.", ()
    if home and lead.property_price is not None:
        figure = of_lead("property_price", lead.property_price)
        return f"You asked about {home} at a price of {sgd(lead.property_price)}.", (figure,)
    if lead.loan_amount is not None:
        return f"You asked about a loan of {sgd(lead.loan_amount)}.", (
            of_lead("loan_amount", lead.loan_amount),
        )
    return (f"You asked about {home}.", ()) if home else ("", ())


def first_missing(found: Situation) -> str | None:
    """The fact that helps most now: the first one the lead's own question cannot be answered without."""
    lead = found.lead
    if lead.purpose is None and lead.property_type is None:
        return "purpose"
    if lead.purpose == "refinance":
        wanted = ("outstanding_loan", "remaining_months", "current_rate")
        return next((name for name in wanted if getattr(lead, name) is None), None)
    try:
        calculate("affordability", found.purchase())
    except CannotCompute as missing:
        field = next((f for need in missing.needs if (f := field_of(need)) is not None), None)
        own = field == "applicants.0.fixed_monthly_income" and lead.monthly_income is not None
        return "income_is_own" if own else field
    except InvalidInput:
        return None
    return None
