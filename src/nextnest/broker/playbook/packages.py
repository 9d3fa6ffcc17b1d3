"""Answers on rates and packages: today's sheet, fixed or floating, refinancing, lock-in, cash from a home."""

from __future__ import annotations

from decimal import Decimal

from nextnest.broker import words
from nextnest.broker.playbook.answer import Answer, number
from nextnest.broker.playbook.limits import REFINANCING
from nextnest.broker.rates import RateKind, RateRow
from nextnest.mortgage.rounding import sgd

WINDOW = 24  # months over which a saving is shown when the new rate has no fixed years
MOST_ROWS = 2  # packages in a chat message
SUBJECT_TO = "All subject to the bank's approval; packages change without notice."
NO_SHEET = "I have no current rate sheet, so I will not quote a rate: an old one would mislead you."


def valid_rows(answer: Answer) -> list[RateRow]:
    """Packages that may be quoted today and fit the property, fixed ones first, as on the sheet."""
    brief, kind = answer.situation.brief, answer.situation.case.property_type
    rows = brief.rates.valid_on(brief.today) if brief.rates else ()
    fitting = [row for row in rows if kind is None or kind in row.property_types]
    loan = answer.situation.case.loan_amount or answer.situation.case.outstanding_loan
    return [row for row in fitting if loan is None or loan >= row.minimum_loan]


def rates(answer: Answer) -> None:
    """What are the rates today?"""
    brief = answer.situation.brief
    if brief.rates is None or not brief.rates.valid_on(brief.today):
        answer.say(NO_SHEET)
        answer.say("A colleague can get you the banks' current packages.")
        answer.ask("offer_person")
        return
    rows = valid_rows(answer)
    if not rows:
        answer.say("The current sheet has no package for this kind of property and loan.")
        answer.ask("offer_person")
        return
    for row in rows[:MOST_ROWS]:
        answer.quote(row)
    answer.say(SUBJECT_TO)
    if answer.situation.case.property_type is None:
        answer.ask("property_type")


def fixed_or_floating(answer: Answer) -> None:
    """Which kind of rate?"""
    answer.knows("fixed-or-floating")
    if len(answer.situation.readings) > 1:
        return  # several questions at once: each is answered briefly
    for kind in RateKind:
        row = next((row for row in valid_rows(answer) if row.kind is kind), None)
        if row is not None:
            answer.quote(row)
    if valid_rows(answer):
        answer.say(SUBJECT_TO)


def refinance(answer: Answer) -> None:
    """What would refinancing save, and when?"""
    asked = " ".join(reading.clause.casefold() for reading in answer.situation.readings)
    if "tdsr" in asked or "msr" in asked:
        answer.say(REFINANCING)
    balance = answer.take("outstanding_loan", "loan_amount", "amount")
    months = answer.take("remaining_months", "tenure_months")
    old = answer.take("current_rate")
    for value, field in ((balance, "outstanding_loan"), (months, "remaining_months"), (old, "current_rate")):
        if value is None:
            if answer.situation.answered is None:
                answer.knows("refinancing")
                _say_lock_in(answer)
            answer.ask(field)
            return
    row = next((row for row in valid_rows(answer) if row.fixed_rate_pct is not None), None)
    new = answer.take("rate_pct")
    if new is not None:
        _say_saving(answer, balance, old=old, new=new, months=months, window=min(months, WINDOW))
    elif row is not None and row.fixed_rate_pct is not None and row.fixed_years is not None:
        answer.quote(row)
        _say_saving(
            answer,
            balance,
            old=old,
            new=row.fixed_rate_pct,
            months=months,
            window=min(months, row.fixed_years * 12),
        )
        answer.say(SUBJECT_TO)
    else:
        answer.say("I have no package on a current sheet to compare with.")
        answer.ask("rate_pct")
    _say_lock_in(answer)


def _say_saving(
    answer: Answer, balance: Decimal, *, old: Decimal, new: Decimal, months: int, window: int
) -> None:
    found = answer.compute(
        "refi_saving", balance=balance, old_pct=old, new_pct=new, months_left=months, window_months=window
    )
    if number(found, "instalment_cut") <= 0:
        answer.say(
            f"At {words.rate(new)} against the {words.rate(old)} you pay now, the instalment would not fall."
        )
        return
    answer.say(
        f"On {sgd(balance)} from {words.rate(old)} to {words.rate(new)}: the instalment goes from "
        f"{found.text('old_instalment')} to {found.text('new_instalment')} a month."
    )
    answer.say(
        f"Interest saving over {words.years(window)}: {found.text('interest_saving')}, before legal "
        "and valuation costs and any penalty."
    )


def _say_lock_in(answer: Answer) -> None:
    ends = answer.take("lock_in_ends")
    if ends is None:
        return
    today = answer.situation.brief.today
    if ends > today:
        answer.say(f"Your lock-in ends on {words.day(ends)}; switching before that usually costs a penalty.")
    else:
        answer.say(f"Your lock-in ended on {words.day(ends)}, so a switch should be free of its penalty.")


def lock_in(answer: Answer) -> None:
    """Lock-in and penalties."""
    answer.knows("lock-in")
    _say_lock_in(answer)


def equity(answer: Answer) -> None:
    """Cash from a home."""
    if answer.situation.case.property_type == "hdb":
        answer.say("Banks do not give cash-out loans on HDB flats.")
        return
    answer.knows("equity-loan")
    answer.ask("offer_person")
