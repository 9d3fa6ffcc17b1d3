"""Right figure, right quantity, and still wrong: another bank's, the old one's, a limit, per year."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from nextnest.broker.attribution import Said
from nextnest.broker.banks import banks_in
from nextnest.broker.grounds import Ground
from nextnest.broker.patterns import patterns
from nextnest.domain.reply import EvidenceKind, Unit

_MONTHLY = frozenset({"instalment", "income", "debts", "saving"})
_LUMP = frozenset(
    {"loan", "balance", "price", "valuation", "bsd", "absd", "ssd", "duties", "downpayment", "cash_or_cpf"}
    | {"penalty", "fees", "legal_fee", "valuation_fee", "grant", "levy", "total_repayment", "interest_paid"}
)
_HIGHEST_RATE = 15  # % a year; no home loan costs more
_COMPONENT = re.compile(r"(?:^|_)(ltv|tdsr|msr)(?:_|$)")
_COMPONENT_NAME = re.compile(r"\b(ltv|tdsr|msr)\b")


def objection(said: Said, ground: Ground, grounds: Sequence[Ground]) -> str | None:
    """Why a figure of the right value and quantity is still not what the text says it is; None when it is."""
    for each in _CHECKS:
        problem = each(said, ground)
        if problem:
            return problem
    return next((why for each in _AMONG if (why := each(said, ground, grounds))), None)


def _has(key: str, text: str) -> bool:
    return bool(patterns("qualifiers")[key].search(text))


def _period(said: Said, ground: Ground) -> str | None:
    per = said.numeral.per
    if not per or Unit.PERCENT in {said.numeral.unit, ground.figure.unit}:
        return None
    if ground.per:
        return None if ground.per == per else f"the customer said it per {ground.per}"
    if ground.kind is EvidenceKind.CUSTOMER:
        return None
    annual = _has("annual_label", ground.label)
    if per == "month":
        lump = ground.names & _LUMP and not ground.names & _MONTHLY
        lump = lump or _has("lump_label", ground.label)
        return f"{ground.label} is not a sum per month" if lump or annual else None
    return None if annual or per in ground.label else f"{ground.label} is not a sum per {per}"


def _bank(said: Said, ground: Ground) -> str | None:
    """One bank's rate said of another."""
    shared = len(said.banks) > 1 and _has("shared", said.before) and not _has("listed_next", said.after)
    if not ground.bank or not said.banks or (ground.bank in said.banks and not shared):
        return None
    return f"this is from {ground.bank}, not from {' and '.join(sorted(said.banks))}"


def _offered_rate(said: Said, ground: Ground) -> str | None:
    """A bank's rate must come from a rate sheet, not from a rule, a calculation or what a customer heard."""
    if said.numeral.unit is not Unit.PERCENT or ground.kind is EvidenceKind.RATE:
        return None
    if said.numeral.value > _HIGHEST_RATE or (
        said.of and said.certain and not said.of.names & {"rate", "spread"}
    ):
        return None
    near = said.before + said.after
    offered = any(True for _ in banks_in(near)) or _has("offer", near)
    offered = offered or (ground.kind is EvidenceKind.CUSTOMER and _has("rate", said.sentence))
    if not offered or _has("not_offer", said.sentence):
        return None
    return "a bank's rate may be said from a dated rate sheet only"


def _package_part(said: Said, ground: Ground) -> str | None:
    """Headline against thereafter, fixed against floating, within one package."""
    if ground.kind is not EvidenceKind.RATE or said.numeral.unit is not Unit.PERCENT:
        return None
    later = _has("thereafter", said.lead_in) or _has("thereafter_next", said.after.split(",")[0])
    if later != ("thereafter" in ground.label):
        return "this is not the thereafter rate" if later else "this is the thereafter rate; say so"
    near = said.before + re.split("[,:;]", said.after[:25])[0]
    fixed, floating = _has("fixed", near), _has("floating", near)
    if "fixed" in ground.label and floating and not fixed:
        return "this is a fixed rate"
    if "spread" in ground.label and not later and fixed and not floating:
        return "this is a spread over SORA, not a fixed rate"
    if "spread" in ground.label and not floating and not _has("spread", near):
        return "this is a spread over SORA, not the whole rate"
    return None


def _old_or_new(said: Said, ground: Ground) -> str | None:
    old, new = _has("old_label", ground.label), _has("new_label", ground.label)
    if old == new or ground.kind in {EvidenceKind.LEAD, EvidenceKind.CUSTOMER}:
        return None
    says_old = _has("old", said.before) or _has("old_after", said.after)
    says_new = _has("new", said.before) or _has("new_after", said.after)
    if _has("from", said.before) and _has("to", said.after):
        says_old, says_new = True, False
    elif _has("just_to", said.before):
        says_old, says_new = False, True
    if old and says_new and not says_old:
        return "this is the old figure, not the new one"
    return "this is the new figure, not the old one" if new and says_old and not says_new else None


def _tested(said: Said, ground: Ground) -> str | None:
    if ground.kind is not EvidenceKind.CALCULATION or ground.figure.unit is not Unit.MONEY:
        return None
    if not _has("tested_label", ground.label) or _has("tested", said.sentence):
        return None
    return "this is the instalment at the assessment rate, not the one to pay; say so"


def _untested(said: Said, ground: Ground) -> str | None:
    """The instalment to pay, said as that at the assessment rate."""
    if ground.kind is not EvidenceKind.CALCULATION or "instalment" not in ground.names:
        return None
    if _has("tested_label", ground.label) or not _has("at_test_rate", said.before + said.after):
        return None
    return "this is the instalment to pay, not the one at the assessment rate"


def _over_time(said: Said, ground: Ground) -> str | None:
    """What is saved a month, said of years."""
    if (
        said.numeral.per
        or not _has("monthly_saving_label", ground.label)
        or not _has("over_time", said.after)
    ):
        return None
    return "this is a sum per month; say so"


def _needed(said: Said, ground: Ground) -> str | None:
    """What the customer has against what is needed."""
    if not said.of or not said.of.names & {"cash", "cpf", "cash_or_cpf", "downpayment"}:
        return None
    near = said.before + said.after[:20]
    needs, has = _has("needed", near), _has("have", near)
    if _has("available_label", ground.label) and needs and not has:
        return "this is what the customer has, not what is needed"
    if _has("needed_label", ground.label) and _has("you_have", near) and not needs:
        return "this is what is needed, not what the customer has"
    return None


def _change(said: Said, ground: Ground) -> str | None:
    """What would be possible if something changed is not what is."""
    if not ground.label.startswith("what_would_change") or _has("if_changed", said.sentence):
        return None
    return "this holds only if something changes; say what"


def _for_whom(said: Said, ground: Ground) -> str | None:
    """A rule for foreigners, or for a second home, said of others."""
    if ground.kind is not EvidenceKind.RULE:
        return None
    parts = set(re.split(r"[^a-z]+", f"{ground.label} {ground.ref.casefold()}"))
    kind, kinds = (
        parts & {"private", "hdb"},
        {one for one in ("private", "hdb") if _has(f"class_{one}", said.sentence)},
    )
    if kind and kinds and not kind & kinds:
        return f"this rule holds for {' or '.join(sorted(kind))} homes"
    who, which = parts & {"foreigner", "pr", "citizen"}, parts & {"first", "second", "third"}
    named = {one for one in ("foreigner", "pr", "citizen") if _has(f"class_{one}", said.sentence)}
    if len(named) > 1:
        named = {one for one in named if _has(f"class_{one}", said.before + said.after)}
    to_all = who == {"citizen"} or not (_has("own", said.sentence) or "you" in said.sentence.split())
    if who and not who & named and (named or not to_all):
        return f"this rule holds for a {' or '.join(sorted(who))}; say so"
    near = said.before + said.after
    ordinals = {one for one in ("first", "second", "third") if _has(f"class_{one}", near)}
    if which and ordinals and not which & ordinals:
        return f"this rule holds for the {' or '.join(sorted(which))}"
    return None


def _proceeds(said: Said, ground: Ground) -> str | None:
    """What somebody gets from a sale or a loan has to be computed."""
    if said.numeral.unit is not Unit.MONEY or not _has("proceeds", said.before[-60:]):
        return None
    told = ground.kind in {EvidenceKind.CUSTOMER, EvidenceKind.LEAD} or ground.names & {"price", "valuation"}
    return "what the customer gets must come from a calculation of it" if told else None


def _rough(said: Said, ground: Ground) -> str | None:
    if not _has("rough_label", ground.label) or _has("rough", said.sentence):
        return None
    return "this is the simple calculation, which says too much; say the true saving"


def _other_limit(said: Said, ground: Ground) -> str | None:
    """The loan by TDSR said as the loan by LTV."""
    part = _COMPONENT.search(ground.label)
    named = set(_COMPONENT_NAME.findall(said.before)) if not _has("without_limit", said.before) else set()
    if not part or said.numeral.unit is Unit.PERCENT or not named or part[1] in named:
        return None
    return f"this is the loan by {part[1].upper()}, not by {' or '.join(sorted(named)).upper()}"


def _net(said: Said, ground: Ground, grounds: Sequence[Ground]) -> str | None:
    """A saving before costs said as the saving after them."""
    if (
        "saving" not in ground.names
        or _has("net_label", ground.label)
        or not _has("net", said.before + said.after[:20])
    ):
        return None
    known = any(_has("net_label", g.label) for g in grounds)
    return "this is the saving before costs" if known else None


def _capacity(said: Said, ground: Ground) -> str | None:
    """What the customer can borrow must have been computed as that."""
    if said.numeral.unit not in {Unit.MONEY, None} or said.numeral.per or said.numeral.year_index:
        return None
    claim = patterns("qualifiers")["capacity"].search(said.before)
    claims = (claim and "," not in said.before[claim.end() :]) or _has("capacity_after", said.after)
    if not claims or (said.of and not said.of.names & {"loan", "balance", "price"}):
        return None
    if _has("hypothetical", said.before) or said.sentence.rstrip().endswith("?"):
        return None
    computed = ground.kind is EvidenceKind.CALCULATION and not _has("wanted_label", ground.label)
    if not computed or ("loan" in ground.names and _has("not_capacity_ref", ground.ref.casefold())):
        return "what the customer can borrow must come from a calculation of it"
    sayable = {"loan"} | ({"price"} & said.of.names if said.of else set())
    if ground.names and not ground.names & sayable:
        return "this is not what can be borrowed"
    if (
        "loan" in ground.names
        and _has("component_label", ground.label)
        and not _has("component", said.sentence)
    ):
        return "this is the loan by one limit alone; say which, or say the final loan"
    return None


_CHECKS: tuple[Callable[[Said, Ground], str | None], ...] = (
    _period,
    _bank,
    _offered_rate,
    _package_part,
    _old_or_new,
    _tested,
    _untested,
    _over_time,
    _needed,
    _change,
    _rough,
    _for_whom,
    _proceeds,
    _other_limit,
    _capacity,
)


def _own_or_limit(said: Said, ground: Ground, grounds: Sequence[Ground]) -> str | None:
    """What was computed for the customer against a limit that holds for everybody."""
    names = (said.of.names if said.of else ground.names & {"tenure"}) & {"tdsr", "msr", "ltv", "tenure"}
    ratio = names & {"tdsr", "msr"}
    if not names:
        return None
    is_limit = _has("limit_label", ground.label) or ground.kind in {EvidenceKind.RULE, EvidenceKind.KNOWLEDGE}
    computed = any(
        g.kind is EvidenceKind.CALCULATION and g.names & names and _alike(g, ground) for g in grounds
    )
    own = _has("own", said.before)
    personal = own if ratio else computed and not _has("general", said.sentence)
    if (
        is_limit
        and own
        and not ratio
        and _has("up_to", said.before)
        and any(_is_less(g, ground) for g in grounds if g.names & names)
    ):
        return "this limit holds for everybody; the customer's own is less"
    if is_limit and personal and not (_has("limit", said.before) or _has("limit", said.after)):
        return "this is a limit for everybody, not the customer's own figure"
    strictly = _has("limit_is", said.before) or _has("limit_next", said.after)
    if ratio and strictly and not is_limit:
        return "this is the customer's own ratio, not the limit"
    return None


def _alike(one: Ground, other: Ground) -> bool:
    return one.figure.unit is other.figure.unit


def _is_less(one: Ground, other: Ground) -> bool:
    return (
        one.kind is EvidenceKind.CALCULATION and _alike(one, other) and one.figure.value < other.figure.value
    )


def _one_limit_alone(said: Said, ground: Ground, grounds: Sequence[Ground]) -> str | None:
    """The loan by LTV, TDSR or MSR alone is not the loan, unless the text says which limit it means."""
    if not said.of or "loan" not in said.of.names & ground.names or _has("component", said.sentence):
        return None
    final = [g for g in grounds if g.label in {"loan", "max_loan"} and g.ref == ground.ref]
    if _has("component_label", ground.label) and any(g.figure.value < ground.figure.value for g in final):
        return "this is the loan by one limit alone; say which, or say the final loan"
    return None


_AMONG = (_own_or_limit, _one_limit_alone, _net)  # checks that look at the other figures too
