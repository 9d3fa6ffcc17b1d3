"""Right figure, right quantity, and still wrong: another bank's, the old one's, a limit, per year."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

from nextnest.broker.attribution import Said
from nextnest.broker.conditions import (
    by_loans_held,
    contradicted,
    counted_income,
    for_whom,
    hdb_loan,
    whose_income,
    with_interest,
)
from nextnest.broker.grounds import Ground
from nextnest.broker.limits import (
    capacity,
    held_by_other,
    one_limit_alone,
    other_limit,
    own_or_limit,
    own_said_as_rule,
)
from nextnest.broker.patterns import has, patterns
from nextnest.broker.rate_figures import other_bank, other_part, unsheeted_rate
from nextnest.domain.reply import EvidenceKind, Unit

_LEAST_A_YEAR = 36_000  # S$; below that an income without a period is a month's, as people here say it
_COSTS = frozenset(
    {"bsd", "absd", "ssd", "duties", "penalty", "fees", "legal_fee", "valuation_fee", "downpayment"}
)
_BASES = {
    "price": frozenset({"ltv", "absd", "bsd", "ssd"}),
    "income": frozenset({"tdsr", "msr"}),
    "loan": frozenset({"penalty"}),
}
_MONTHLY = frozenset({"instalment", "income", "debts", "saving"})
_LUMP = frozenset(
    {"loan", "balance", "price", "valuation", "bsd", "absd", "ssd", "duties", "downpayment", "cash_or_cpf"}
    | {"penalty", "fees", "legal_fee", "valuation_fee", "grant", "levy", "total_repayment", "interest_paid"}
)


def objection(said: Said, ground: Ground, grounds: Sequence[Ground]) -> str | None:
    """Why a figure of the right value and quantity is still not what the text says it is; None when it is."""
    for each in CHECKS:
        problem = each(said, ground)
        if problem:
            return problem
    return next((why for each in AMONG if (why := each(said, ground, grounds))), None)


def _period(said: Said, ground: Ground) -> str | None:
    per = said.per
    if not per or Unit.PERCENT in {said.numeral.unit, ground.figure.unit}:
        return None
    if ground.per:
        return None if ground.per == per else f"the customer said it per {ground.per}"
    if ground.kind is EvidenceKind.CUSTOMER:
        low = per == "year" and "income" in ground.names and ground.figure.value < _LEAST_A_YEAR
        return "the customer did not say it per year" if low else None
    annual = has("qualifiers", "annual_label", ground.label)
    if per == "month":
        lump = ground.names & _LUMP and not ground.names & _MONTHLY
        lump = lump or has("qualifiers", "lump_label", ground.label)
        return f"{ground.label} is not a sum per month" if lump or annual else None
    return None if annual or per in ground.label else f"{ground.label} is not a sum per {per}"


def _old_or_new(said: Said, ground: Ground) -> str | None:
    old, new = has("qualifiers", "old_label", ground.label), has("qualifiers", "new_label", ground.label)
    if old == new or ground.kind in {EvidenceKind.LEAD, EvidenceKind.CUSTOMER}:
        return None
    says_old = has("qualifiers", "old", said.before) or has("qualifiers", "old_after", said.after)
    says_new = has("qualifiers", "new", said.before) or has("qualifiers", "new_after", said.after)
    if has("qualifiers", "from", said.before) and has("qualifiers", "to", said.after):
        says_old, says_new = True, False
    elif has("qualifiers", "just_to", said.before):
        says_old, says_new = False, True
    if old and says_new and not says_old:
        return "this is the old figure, not the new one"
    return "this is the new figure, not the old one" if new and says_old and not says_new else None


def _tested(said: Said, ground: Ground) -> str | None:
    if ground.kind is not EvidenceKind.CALCULATION or ground.figure.unit is not Unit.MONEY:
        return None
    if not has("qualifiers", "tested_label", ground.label) or has("qualifiers", "tested", said.sentence):
        return None
    return "this is the instalment at the assessment rate, not the one to pay; say so"


def _untested(said: Said, ground: Ground, grounds: Sequence[Ground]) -> str | None:
    """The instalment to pay, said as the one that the bank tests with."""
    if ground.kind is not EvidenceKind.CALCULATION or "instalment" not in ground.names:
        return None
    if has("qualifiers", "tested_label", ground.label) or not has("qualifiers", "bank_takes", said.before):
        return None
    tests = [g.figure for g in grounds if has("qualifiers", "tested_label", g.label)]
    rates = {g.figure.value for g in grounds if g.ref == ground.ref and g.figure.unit is Unit.PERCENT}
    at_test = rates & {figure.value for figure in tests if figure.unit is Unit.PERCENT}
    other = any(figure.unit is Unit.MONEY for figure in tests) and not at_test
    return (
        "the bank tests with another instalment"
        if other and has("qualifiers", "in_test", said.sentence)
        else None
    )


def _at_rate(said: Said, ground: Ground, grounds: Sequence[Ground]) -> str | None:
    """An instalment said of another rate than the one that it was computed with."""
    if ground.kind is not EvidenceKind.CALCULATION or "instalment" not in ground.names:
        return None
    named = [Decimal(m["rate"]) for m in patterns("qualifiers")["at_rate"].finditer(said.lead_in)]
    own = {g.figure.value for g in grounds if g.ref == ground.ref and g.figure.unit is Unit.PERCENT}
    behind = said.sentence[said.sentence.find(said.after) :] if said.after else ""
    if any(Decimal(m["rate"]) in own for m in patterns("qualifiers")["at_rate"].finditer(behind)):
        return None
    return "this was computed with another rate" if named and own and named[-1] not in own else None


def _told_fact(said: Said, ground: Ground) -> str | None:
    """What the customer is said to have, to pay now or to have asked for is given, not computed."""
    if ground.kind is not EvidenceKind.CALCULATION or not has("qualifiers", "is_so", said.before):
        return None
    given = has("qualifiers", "given_label", ground.label)
    return None if given else "this was computed; the customer has not said it of themselves"


def _received(said: Said, ground: Ground) -> str | None:
    """A cost said as what the customer gets."""
    if said.numeral.unit is not Unit.MONEY or not ground.names & _COSTS:
        return None
    gets = has("qualifiers", "gets", said.before) or has("qualifiers", "gets_after", said.after)
    return "this is to be paid, not received" if gets else None


def _in_total(said: Said, ground: Ground) -> str | None:
    """A monthly instalment said as all that is to be paid."""
    monthly = "instalment" in ground.names and not ground.names & _LUMP
    if not monthly or said.per or not has("qualifiers", "in_total", said.after):
        return None
    return "this is a sum per month; say so"


def _base(said: Said, ground: Ground) -> str | None:
    """A share of the price said of the loan, or of the income."""
    if said.numeral.unit is not Unit.PERCENT:
        return None
    named = [base for base in _BASES if has("qualifiers", f"of_{base}", said.after)]
    own = [base for base, names in _BASES.items() if ground.names & names]
    if not named or not own or set(named) & set(own):
        return None
    return f"this is a share of the {own[0]}"


def _kind_of_pay(said: Said, ground: Ground, grounds: Sequence[Ground]) -> str | None:
    """All income said as the fixed part of it."""
    for kind in ("fixed_pay", "variable_pay"):
        so = has("qualifiers", kind, said.before) or has("qualifiers", f"{kind}_after", said.after)
        if "income" not in ground.names or not so:
            continue
        same = [g for g in grounds if has("qualifiers", f"{kind}_label", g.label)]
        if same and all(g.figure.value != ground.figure.value for g in same):
            return "this is not that part of the income"
    return None


def _cost(said: Said, ground: Ground) -> str | None:
    """A saving said as a cost."""
    saved = has("qualifiers", "saving_label", ground.label) and ground.kind is EvidenceKind.CALCULATION
    return "this is a saving, not a cost" if saved and has("qualifiers", "costs_you", said.before) else None


def _over_time(said: Said, ground: Ground) -> str | None:
    """What is saved a month, said of years."""
    if (
        said.numeral.per
        or not has("qualifiers", "monthly_saving_label", ground.label)
        or not has("qualifiers", "over_time", said.after)
    ):
        return None
    return "this is a sum per month; say so"


def _drop(said: Said, ground: Ground) -> str | None:
    """ "Drops by" is said of a difference, not of what it drops from or to."""
    if ground.kind is not EvidenceKind.CALCULATION or not has("qualifiers", "drop_by", said.before):
        return None
    old_or_new = has("qualifiers", "old_label", ground.label) or has("qualifiers", "new_label", ground.label)
    return "this is the instalment, not the difference" if old_or_new else None


def _needed(said: Said, ground: Ground) -> str | None:
    """What the customer has against what is needed."""
    if "income" in ground.names and has("qualifiers", "needed_income", said.before):
        needed_income = has("qualifiers", "needed_income_label", f"{ground.label} {ground.ref}")
        return None if needed_income else "this is the income they have, not what is needed"
    if said.of and not said.of.names & {"cash", "cpf", "cash_or_cpf", "downpayment"}:
        return None
    near = said.before + said.after[:20]
    needed, owned = has("qualifiers", "needed", near), has("qualifiers", "have", near)
    if has("qualifiers", "available_label", ground.label) and needed and not owned:
        return "this is what the customer has, not what is needed"
    if has("qualifiers", "needed_label", ground.label) and has("qualifiers", "you_have", near) and not needed:
        return "this is what is needed, not what the customer has"
    return None


def _change(said: Said, ground: Ground) -> str | None:
    """What would be possible if something changed is not what is."""
    if not ground.label.startswith("what_would_change") or has("qualifiers", "if_changed", said.sentence):
        return None
    return "this holds only if something changes; say what"


def _proceeds(said: Said, ground: Ground) -> str | None:
    """What somebody gets from a sale or a loan has to be computed."""
    if said.numeral.unit is not Unit.MONEY or not has("qualifiers", "proceeds", said.before[-60:]):
        return None
    told = ground.kind in {EvidenceKind.CUSTOMER, EvidenceKind.LEAD} or ground.names & {"price", "valuation"}
    return "what the customer gets must come from a calculation of it" if told else None


def _own_rest(said: Said, ground: Ground) -> str | None:
    """What is left to the customer, or their age, said with a figure of something else."""
    if ground.names & {"income", "instalment", "downpayment"} and has("qualifiers", "left_with", said.before):
        return "what is left must come from a calculation of it"
    if (
        ground.kind is EvidenceKind.RULE
        and "age" in ground.names
        and has("qualifiers", "you_are", said.before)
    ):
        return "this is an age limit, not the customer's age"
    return None


def _rough(said: Said, ground: Ground) -> str | None:
    if not has("qualifiers", "rough_label", ground.label) or has("qualifiers", "rough", said.sentence):
        return None
    return "this is the simple calculation, which says too much; say the true saving"


def _net(said: Said, ground: Ground, grounds: Sequence[Ground]) -> str | None:
    """A saving before costs said as the saving after them."""
    if (
        "saving" not in ground.names
        or has("qualifiers", "net_label", ground.label)
        or not has("qualifiers", "net", said.before + said.after[:20])
    ):
        return None
    known = any(has("qualifiers", "net_label", g.label) for g in grounds)
    return "this is the saving before costs" if known else None


CHECKS: tuple[Callable[[Said, Ground], str | None], ...] = (
    _period,
    other_bank,
    unsheeted_rate,
    other_part,
    _old_or_new,
    _tested,
    _told_fact,
    _cost,
    _received,
    _in_total,
    _base,
    _over_time,
    _drop,
    _needed,
    _change,
    _own_rest,
    _rough,
    for_whom,
    by_loans_held,
    whose_income,
    with_interest,
    _proceeds,
    other_limit,
    own_said_as_rule,
    capacity,
)

AMONG = (
    own_or_limit,
    one_limit_alone,
    held_by_other,
    hdb_loan,
    contradicted,
    counted_income,
    _untested,
    _at_rate,
    _kind_of_pay,
    _net,
)  # checks that look at the other figures too
