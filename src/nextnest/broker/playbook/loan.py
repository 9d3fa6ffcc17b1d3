"""Answers on the loan itself: how much, for which price, and what it costs a month."""

from __future__ import annotations

from decimal import Decimal

from nextnest.broker import words
from nextnest.broker.playbook.answer import Answer, number
from nextnest.broker.playbook.limits import REFINANCING, ratios_of
from nextnest.broker.playbook.packages import equity
from nextnest.mortgage import Calculation
from nextnest.mortgage.rounding import LOAN, percent, sgd

_LIMITED_BY = {
    "ltv": "the bank's loan-to-value limit",
    "tdsr": "the TDSR limit on all debts",
    "msr": "the MSR limit for HDB flats and new ECs",
}


def capacity(answer: Answer) -> None:
    """How much can I borrow?"""
    purpose = answer.situation.lead.purpose
    if purpose == "refinance":
        _capacity_of_refinance(answer)
        return
    if purpose == "equity_loan":
        equity(answer)
        return
    found = answer.affordability(_asked_price(answer))
    _say_loan(answer, found)
    if "max_price" in found.values and number(found, "loan") > 0:
        answer.say(f"With it the price could reach {found.text('max_price')}, if your own funds do too.")
    _say_change(answer, found)


def _capacity_of_refinance(answer: Answer) -> None:
    balance = answer.take("outstanding_loan")
    if balance is None:
        answer.ask("outstanding_loan")
        return
    answer.say(
        f"Refinancing replaces your outstanding loan of {sgd(balance)}; the bank looks at income again."
    )
    answer.say(REFINANCING)
    answer.ask("offer_refinance")


def _asked_price(answer: Answer) -> Decimal | None:
    """A price in the question itself; a sum beside "borrow" is the loan wanted, not the price."""
    told = answer.situation.told.get("property_price")
    return Decimal(told.value) if told is not None else None


def _say_loan(answer: Answer, found: Calculation) -> None:
    if number(found, "loan") <= 0:
        answer.say("By the limits no bank loan fits beside your present debts and income.")
        return
    by = _LIMITED_BY[str(found.values["limited_by"])]
    answer.say(
        f"From a bank you could borrow up to {found.text('loan')} over {found.text('tenure_years')}"
        f"{valued_at_price(found)}; what sets it is {by}."
    )
    shares = ratios_of(found, ("tdsr", "msr"))
    answer.say(
        f"Banks test it at {found.text('assessment_rate_pct')}: an instalment of "
        f"{found.text('assessed_instalment')} a month, {words.listed(shares)}."
    )


def valued_at_price(found: Calculation) -> str:
    """Says so where the valuation is not known and the price stands for it."""
    return ", if the valuation matches the price" if found.inputs.get("valuation_at_price") else ""


def _say_change(answer: Answer, found: Calculation) -> None:
    """The one change that helps most, for those who want detail."""
    changes = found.values.get("what_would_change_it")
    if not isinstance(changes, list | tuple) or found.values["limited_by"] == "ltv":
        return
    # A tenure beyond the usual lowers the loan-to-value share and reaches into old age: a person advises it.
    best = next((change for change in changes if change["change"] != "longer_tenure"), None)
    if best is not None:
        answer.say(f"What would raise it: {_lowered(str(best['said']))}")


def _lowered(text: str) -> str:
    return text[:1].lower() + text[1:] if not text.startswith("S$") else text


def afford(answer: Answer) -> None:
    """Can I afford this price, or which price can I afford?"""
    price = answer.take("amount", "property_price", "property_value")
    found = answer.affordability(None if price is None else Decimal(price))
    if price is None:
        _say_loan(answer, found)
        if "max_price" in found.values:
            answer.say(f"That points to a price of up to {found.text('max_price')}.")
        return
    loan, wanted = number(found, "loan"), number(found, "loan_by_ltv")
    if loan <= 0:
        _say_loan(answer, found)
        return
    answer.say(
        f"For a price of {sgd(Decimal(price))} you could borrow up to {found.text('loan')} from a bank"
        f"{valued_at_price(found)}."
    )
    if loan < wanted:
        answer.say(
            f"The price would allow a loan of {found.text('loan_by_ltv')}, but your income carries less."
        )
    else:
        answer.say("Your income carries the full loan that the limits allow at this price.")
    _say_own_funds(answer, found)


def _say_own_funds(answer: Answer, found: Calculation) -> None:
    if "upfront_total" not in found.values:
        answer.ask("owned_homes")
        return
    answer.say(
        f"Upfront: downpayment {found.text('downpayment')}, stamp duties {found.text('duties')}, together "
        f"{found.text('upfront_total')}, of which at least {found.text('min_cash')} in cash."
    )
    missing = next((name for name in ("cash_available", "cpf_available") if answer.take(name) is None), None)
    if missing is not None:
        answer.ask(missing)
    elif found.values.get("shortfall"):
        answer.say(f"So not yet: the cash and CPF you gave fall short by {found.text('shortfall')}.")
    else:
        answer.say("The cash and CPF you gave cover that, so on these figures the price is within reach.")


def instalment(answer: Answer) -> None:
    """What does it cost each month?"""
    case = answer.situation.case
    loan = answer.take("loan_amount", "amount") if "loan_amount" in answer.situation.told else None
    loan = loan if loan is not None else answer.take("amount", "loan_amount", "outstanding_loan")
    months = answer.take("tenure_months", "remaining_months")
    if case.purpose == "refinance" and (loan is None or months is None):
        answer.ask("outstanding_loan" if loan is None else "remaining_months")
        return
    if months is None and loan is not None and not case.applicants:
        answer.ask("tenure_months")
        return
    if loan is None or months is None:
        found = answer.affordability()
        if loan is None and number(found, "loan") <= 0:
            _say_loan(answer, found)
            return
        if loan is None:
            answer.say(f"The largest loan that the limits allow you is {found.text('loan')}.")
            loan = LOAN.shown(number(found, "loan"))
        months = months or int(number(found, "tenure_years")) * 12
    rate = answer.take("rate_pct", "current_rate")
    if rate is not None:
        _say_monthly(answer, loan, rate, months)
        return
    _at_test_rate(answer, loan, months)


def _say_monthly(answer: Answer, loan: Decimal, rate: Decimal, months: int) -> None:
    monthly = answer.compute("instalment", principal=loan, rate_pct=rate, months=months)
    answer.say(
        f"A loan of {sgd(loan)} at {words.rate(rate)} over {words.years(months)}: "
        f"an instalment of {monthly.text('monthly')} a month."
    )
    answer.say("If the rate changes, so does the instalment.")
    asked = " ".join(reading.clause.casefold() for reading in answer.situation.readings)
    if "interest" in asked:
        steps = [{"rate_pct": rate, "months": months}]
        whole = answer.compute("total_repayment", principal=loan, months=months, steps=steps)
        answer.say(f"At that rate throughout, the interest comes to {whole.text('interest')} in total.")


def _at_test_rate(answer: Answer, loan: Decimal, months: int) -> None:
    """No rate was named: what banks test is a rule; what is paid depends on the package."""
    use = "non_residential" if answer.situation.case.property_type == "commercial" else "residential"
    floor = answer.rule("assessment_floor", use=use).number("floor_pct")
    monthly = answer.compute("instalment", principal=loan, rate_pct=floor, months=months)
    answer.say(
        f"For a loan of {sgd(loan)} over {words.years(months)}, banks test an instalment of "
        f"{monthly.text('monthly')} a month (test rate {percent(floor)})."
    )
    answer.say("What you would pay depends on the package; I can work it out at any rate you were offered.")
    answer.ask("rate_pct")
