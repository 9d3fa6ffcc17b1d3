"""Answers on what a purchase costs beside the loan: downpayment, duties, fees, CPF, grants."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from nextnest.broker import words
from nextnest.broker.playbook.answer import Answer
from nextnest.broker.playbook.loan import valued_at_price
from nextnest.mortgage import Calculation
from nextnest.mortgage.rounding import percent, sgd

_PROFILES = {"sc": "SC", "pr": "PR", "foreigner": "FR"}
_WORDS = {"sc": "a citizen", "pr": "a permanent resident", "foreigner": "a foreigner"}
_ABOVE_VALUATION = re.compile(r"\bcov\b|\b(?:over|above)(?: the)? valuation\b", re.IGNORECASE)
_BACK = re.compile(r"\b(?:back|refund\w*|remi\w+|claim)\b", re.IGNORECASE)
_CEILING = re.compile("ceiling", re.IGNORECASE)
_SELLING = re.compile(r"\b(?:sell|selling|sold|upgrad\w*)\b", re.IGNORECASE)


def down_payment(answer: Answer) -> None:
    """How much cash and CPF do I need?"""
    if answer.situation.says(_ABOVE_VALUATION):
        answer.knows("valuation")
        return
    price = answer.take("amount", "property_price", "property_value")
    if price is None:
        _shares(answer)
        answer.ask("property_price")
        return
    if answer.situation.case.property_type == "commercial":
        answer.knows("commercial")
        return
    loans = answer.take("outstanding_housing_loans")
    if loans is None:
        _shares(answer)
        answer.ask("outstanding_housing_loans")
        return
    found = answer.affordability(Decimal(price))
    answer.say(
        f"For a price of {sgd(Decimal(price))} with a bank loan of {found.text('loan')}"
        f"{valued_at_price(found)}:"
    )
    if "upfront_total" not in found.values:
        paid = answer.compute("purchase_funding", **_funding(found, price))
        answer.say(
            f"at the full loan-to-value share the downpayment is {paid.text('downpayment')}, of it at least "
            f"{paid.text('min_cash')} in cash. Stamp duties come on top."
        )
        answer.ask("owned_homes")
        return
    answer.say(
        f"downpayment {found.text('downpayment')}, stamp duties {found.text('duties')}, "
        f"together {found.text('upfront_total')} upfront."
    )
    answer.say(
        f"At least {found.text('min_cash')} must be cash; {found.text('cash_or_cpf')} may be cash or CPF."
    )


def _funding(found: Calculation, price: Decimal) -> dict[str, Any]:
    shares = {name: found.values[name] for name in ("ltv_pct", "min_cash_pct")}
    return {"price": price, "valuation": found.inputs.get("valuation") or price, **shares}


def _shares(answer: Answer) -> None:
    """The shares by rule, when no sum can be said yet."""
    row = answer.rule("ltv", borrower="individual", outstanding=0)
    answer.say(
        f"With no other housing loan the loan-to-value limit is {percent(row.number('ltv_pct'))}, and the "
        f"minimum cash is {percent(row.number('min_cash_pct'))} of the price; CPF may pay the rest."
    )


def stamp_duty(answer: Answer) -> None:
    """BSD and ABSD."""
    situation = answer.situation
    commercial = situation.case.property_type == "commercial" or situation.case.purpose == "commercial"
    price = answer.take("amount", "property_price", "property_value")
    if price is None:
        answer.knows("commercial" if commercial else "stamp-duties")
        answer.ask("property_price")
        return
    use = "non_residential" if commercial else "residential"
    duty = answer.compute("bsd", price=price, use=use)
    answer.say(f"On a price of {sgd(Decimal(price))} the BSD is {duty.text('bsd')}.")
    if commercial:
        answer.say("Commercial property has no ABSD; GST may come on top.")
        return
    _absd(answer, Decimal(price))
    if situation.says(_BACK):
        answer.knows("absd-relief")
    elif situation.says(_SELLING):
        answer.knows("selling-first")
    answer.say("It is due within the time IRAS sets after signing; CPF can pay it back later.")


def _absd(answer: Answer, price: Decimal) -> None:
    buyers = answer.situation.case.applicants
    if any(person.residency is None for person in buyers) or not buyers:
        number = next((i for i, person in enumerate(buyers) if person.residency is None), 0)
        answer.say("ABSD depends on who buys, and on how many homes they own.")
        answer.ask(f"applicants.{number}.residency")
        return
    kinds = [str(person.residency) for person in buyers]
    owned = 0 if set(kinds) == {"foreigner"} else answer.take("owned_homes")
    if owned is None:
        answer.say("ABSD depends on how many homes the buyers own.")
        answer.ask("owned_homes")
        return
    if len(set(kinds)) > 1 and owned:
        answer.say(
            "Where buyers of different status own homes, ABSD goes by each one's count: one for a colleague."
        )
        answer.ask("offer_person")
        return
    found = answer.compute(
        "absd_joint", price=price, buyers=[{"profile": _PROFILES[kind], "owned": owned} for kind in kinds]
    )
    who = words.listed([_WORDS[kind] for kind in dict.fromkeys(kinds)])
    if not found.values["rate_pct"]:
        answer.say(f"For {who} with no home yet there is no ABSD.")
        return
    answer.say(f"For {who}, ABSD is {found.text('rate_pct')}: {found.text('absd')}.")
    _relief(answer, kinds, owned)


def _relief(answer: Answer, kinds: list[str], owned: int) -> None:
    case = answer.situation.case
    if "sc" not in kinds:
        return
    if case.property_type in ("hdb", "ec"):
        answer.rule("absd_remission", case="public_housing")
        answer.say(
            "With a citizen among the buyers it is remitted for an HDB flat or a new EC, on conditions."
        )
    elif len(kinds) == 2 and not owned:
        answer.rule("absd_remission", case="couple_first_home")
        answer.say(
            "A married couple with a citizen who buys a first home in both names pays none, on conditions."
        )
    elif len(kinds) == 2:
        answer.say(
            "A married couple with a citizen can get it back if the first home is sold in time; IRAS decides."
        )


def seller_duty(answer: Answer) -> None:
    """SSD."""
    use = "residential"
    row = answer.rule("ssd", use=use)
    shares = [percent(share) for share in row.numbers("pct")]
    since = row.ref.effective
    answer.say(
        f"SSD on a home bought since {words.day(since) if since else 'then'}: {shares[0]} if sold within "
        f"a year, then {words.listed(shares[1:])} for each further year, then none."
    )
    answer.say("Homes bought earlier follow the scale of their own date.")


def costs(answer: Answer) -> None:
    """Fees beside the price."""
    answer.knows("fees")
    loan = answer.take("loan_amount", "outstanding_loan")
    if loan is not None:
        duty = answer.compute("mortgage_duty", loan=loan)
        answer.say(f"Stamp duty on a mortgage of {sgd(loan)} is {duty.text('duty')}.")


def cpf(answer: Answer) -> None:
    """CPF for a home."""
    if answer.situation.case.property_type == "commercial":
        answer.say("CPF cannot be used for commercial property.")
        return
    answer.knows("cpf")
    price = answer.take("amount", "property_price", "property_value")
    if price is not None:
        limits = answer.compute("cpf_limits", price=price, valuation=price)
        answer.say(
            f"If the valuation matches the price of {sgd(Decimal(price))}, the CPF valuation limit is "
            f"{limits.text('vl')} and the CPF withdrawal limit {limits.text('wl')}."
        )


def grants(answer: Answer) -> None:
    """HDB grants, and the incomes up to which HDB sells and lends."""
    if answer.situation.says(_CEILING):
        answer.knows("income-ceilings")
        return
    case = answer.situation.case
    if case.property_type not in (None, "hdb", "ec"):
        answer.say("Housing grants are for HDB flats and new ECs only.")
        return
    if any(person.residency == "foreigner" for person in case.applicants) and not any(
        person.residency == "sc" for person in case.applicants
    ):
        answer.say("Housing grants need a citizen among the buyers.")
        return
    answer.knows("grants")
    income = case.household_income
    if income is None or case.property_type != "hdb":
        return
    answer.take("monthly_income", "applicants.0.fixed_monthly_income")
    if len(case.applicants) == 2:
        found = answer.compute("ehg_family", avg_monthly_income=income)
        who = f"For first-timers with an average household income of {sgd(income)}"
        if found.values["ehg"]:
            answer.say(f"{who}, the Enhanced Housing Grant is {found.text('ehg')}.")
        else:
            answer.say(f"{who} there is no Enhanced Housing Grant.")
