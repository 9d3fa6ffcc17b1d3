"""Answers on the limits of a loan: how long it may run, and TDSR, MSR and LTV, also the customer's own."""

from __future__ import annotations

from collections.abc import Sequence

from nextnest.broker import words
from nextnest.broker.playbook.answer import Answer
from nextnest.mortgage import Calculation
from nextnest.mortgage.rounding import percent

REFINANCING = "TDSR and MSR do not apply to refinancing a home you live in; TDSR does for an investment home."


def ratios_of(found: Calculation, names: Sequence[str]) -> list[str]:
    """ "TDSR 45.34%", for those that the calculation has."""
    return [f"{name.upper()} {found.text(f'{name}_pct')}" for name in names if f"{name}_pct" in found.values]


def tenure(answer: Answer) -> None:
    """How long may a loan run?"""
    kind = answer.situation.case.property_type
    if kind == "commercial":
        answer.knows("commercial")
        return
    for name, said in (("hdb", "HDB flat"), ("private", "Condo or landed house")):
        if kind is None or (kind == "hdb") == (name == "hdb"):
            row = answer.rule("tenure_limit", property=name)
            answer.say(f"{said}: a bank loan may run up to {words.plural(row.number('max_tenure'), 'year')}.")
    row = answer.rule("tenure_limit", property="hdb" if kind == "hdb" else "private")
    answer.say(
        f"Above {words.plural(row.number('long_tenure'), 'year')}, or past age {row.number('age_limit')}, "
        "banks may lend a smaller share."
    )
    age = answer.take("applicants.0.age")
    if age is None:
        answer.ask("applicants.0.age")
    elif len(answer.situation.case.applicants) == 1:
        left = answer.compute("tenure_from_iwaa", iwaa=age)
        answer.say(f"At {age}, age {row.number('age_limit')} comes in {left.text('tenure_to_65')}.")


def ratios(answer: Answer) -> None:
    """What are TDSR, MSR and LTV, and mine?"""
    asked = " ".join(reading.clause.casefold() for reading in answer.situation.readings)
    named = [name for name in ("tdsr", "msr", "ltv") if name in asked] or _spelt_out(asked)
    if ("stress" in asked or "floor" in asked) and not named:
        _stress(answer)
        return
    for name in named or ("tdsr", "msr", "ltv"):
        _EXPLAIN[name](answer)
    if answer.situation.case.purpose == "refinance":
        answer.say(REFINANCING)
        return
    found = answer.affordability()
    mine = ratios_of(found, named or ("tdsr", "msr"))
    if mine:
        answer.say(f"Yours, at the largest loan of {found.text('loan')}: {words.listed(mine)}.")


def _stress(answer: Answer) -> None:
    use = "non_residential" if answer.situation.case.property_type == "commercial" else "residential"
    floor = answer.rule("assessment_floor", use=use).number("floor_pct")
    answer.say(
        f"Banks test the instalment at {percent(floor)} or more, whatever the package "
        f"(test rate {percent(floor)})."
    )


def _spelt_out(asked: str) -> list[str]:
    phrases = {"tdsr": "total debt", "msr": "mortgage servicing", "ltv": "loan value"}
    return [name for name, phrase in phrases.items() if phrase in asked.replace(" to ", " ")]


def _tdsr(answer: Answer) -> None:
    limit = answer.rule("tdsr_limit").number("limit_pct")
    answer.say(
        f"TDSR: all monthly debts, the new instalment too, may take at most {percent(limit)} of gross income."
    )


def _msr(answer: Answer) -> None:
    limit = answer.rule("msr_limit", property="hdb").number("limit_pct")
    answer.say(
        f"MSR (HDB flats, new ECs): property instalments may take at most {percent(limit)} of gross income."
    )


def _ltv(answer: Answer) -> None:
    row = answer.rule("ltv", borrower="individual", outstanding=0)
    answer.say(
        f"LTV: with no other housing loan a bank may lend up to {percent(row.number('ltv_pct'))} "
        "of the lower of price and valuation."
    )
    row = answer.rule("ltv", borrower="individual", outstanding=1)
    answer.say(f"With one housing loan running, the LTV limit is {percent(row.number('ltv_pct'))}.")


_EXPLAIN = {"tdsr": _tdsr, "msr": _msr, "ltv": _ltv}
