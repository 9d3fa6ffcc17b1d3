"""For whom and when a figure holds: a foreigner's duty, a second loan's LTV, one person's income."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set

from nextnest.broker.attribution import Said
from nextnest.broker.grounds import Ground
from nextnest.broker.patterns import has
from nextnest.domain.reply import EvidenceKind, Unit

_HOMES = frozenset({"private", "hdb"})
_BUYERS = frozenset({"foreigner", "pr", "citizen"})
_ORDINALS = frozenset({"first", "second", "third"})
_LOANS = frozenset({"loans_0", "loans_1", "loans_2"})


def for_whom(said: Said, ground: Ground) -> str | None:
    """A rule for foreigners, or for a second home, said of others."""
    if ground.kind is not EvidenceKind.RULE:
        return None
    of_rule = _classes(f"{ground.label} {ground.ref.casefold()}")
    homes = of_rule & _HOMES
    if homes and _differs(homes, _named(_HOMES, said.sentence)):
        return f"this rule holds for {' or '.join(sorted(homes))} homes"
    near = said.before + said.after
    buyers, named = of_rule & _BUYERS, _named(_BUYERS, said.sentence)
    if len(named) > 1:
        named = _named(_BUYERS, near)
    to_all = buyers == {"citizen"} or not (
        has("qualifiers", "own", said.sentence) or "you" in said.sentence.split()
    )
    if buyers and not buyers & named and (named or not to_all):
        return f"this rule holds for a {' or '.join(sorted(buyers))}; say so"
    ordinals = of_rule & _ORDINALS
    if ordinals and _differs(ordinals, _named(_ORDINALS, near)):
        return f"this rule holds for the {' or '.join(sorted(ordinals))}"
    return None


def contradicted(said: Said, ground: Ground, grounds: Sequence[Ground]) -> str | None:
    """A computed duty said of buyers for whom a rule has another: "citizens pay 5% on a second home"."""
    if ground.kind is not EvidenceKind.CALCULATION or said.numeral.unit is not Unit.PERCENT:
        return None
    named = _named(_BUYERS | _ORDINALS, said.before + said.after)
    rules = [g for g in grounds if g.kind is EvidenceKind.RULE and g.names & ground.names]
    rules = [g for g in rules if g.figure.unit is Unit.PERCENT and _is_for(g, named)]
    if not rules or any(g.figure.value == ground.figure.value for g in rules):
        return None
    return f"the rule for {' '.join(sorted(named))} has another figure"


def _is_for(rule: Ground, named: Set[str]) -> bool:
    """Whether a rule holds for the kind of buyer that is named; and for the home, where one is named."""
    classes = _classes(rule.label)
    return bool(classes & named & _BUYERS) and (not named & _ORDINALS or bool(classes & named & _ORDINALS))


def _classes(label: str) -> set[str]:
    return set(re.split(r"[^a-z]+", label))


def _named(classes: Set[str], text: str) -> set[str]:
    """Those of the classes that a text names."""
    return {each for each in classes if has("qualifiers", f"class_{each}", text)}


def _differs(own: Set[str], named: Set[str]) -> bool:
    return bool(named) and not own & named


def hdb_loan(said: Said, ground: Ground, grounds: Sequence[Ground]) -> str | None:
    """A bank loan's longest tenure said of HDB's own loan."""
    if ground.figure.unit is not Unit.YEARS or not has("qualifiers", "hdb_loan", said.before):
        return None
    of_hdb = [
        g
        for g in grounds
        if g.kind is EvidenceKind.RULE and has("qualifiers", "hdb_loan_ref", g.ref.casefold())
    ]
    of_hdb = [g for g in of_hdb if g.figure.unit is Unit.YEARS and g.names & ground.names]
    if (
        not of_hdb
        or ground.kind is not EvidenceKind.RULE
        or any(g.figure.value == ground.figure.value for g in of_hdb)
    ):
        return None
    return "HDB's own loan has another limit"


def by_loans_held(said: Said, ground: Ground) -> str | None:
    """The LTV of a first housing loan said of a second, or the other way round."""
    source = re.sub(r"[^a-z0-9]+", "_", f"{ground.label} {ground.ref}".casefold())
    held = {row for row in _LOANS if has("qualifiers", f"{row}_label", source)}
    places = (said.after.split(",")[0], said.before, said.after)
    named = next(
        (rows for near in places if (rows := {row for row in _LOANS if has("qualifiers", row, near)})), set()
    )
    if "ltv" not in ground.names or not held or held & named:
        return None
    if not named and (held == {"loans_0"} or has("qualifiers", "loans_held", said.sentence)):
        return None
    return "this LTV holds for another number of housing loans"


def whose_income(said: Said, ground: Ground) -> str | None:
    """What a household earns, said of one of its people or of each."""
    if "income" not in ground.names or ground.kind is EvidenceKind.CUSTOMER or _is_one_persons(ground):
        return None
    one = has("qualifiers", "each_one", said.before + said.after) or has(
        "qualifiers", "one_alone", said.before
    )
    if said.numeral.unit is not Unit.MONEY or not one:
        return None
    return "this is the income of all together"


def _is_one_persons(ground: Ground) -> bool:
    return "applicant" in ground.ref or not has("qualifiers", "together_label", ground.label)


def with_interest(said: Said, ground: Ground) -> str | None:
    """What was taken out, said as what goes back with its interest."""
    if not has("qualifiers", "without_interest_label", ground.label):
        return None
    return "this is without interest" if has("qualifiers", "with_interest", said.after) else None


def counted_income(said: Said, ground: Ground, grounds: Sequence[Ground]) -> str | None:
    """An income said to be what a bank counts, where what it counts was computed."""
    if said.numeral.unit is not Unit.MONEY or not has("qualifiers", "counts_it", said.before):
        return None
    counted = [g for g in grounds if g.kind is EvidenceKind.CALCULATION and "income" in g.names]
    counted = [g for g in counted if has("qualifiers", "counted_label", g.label)]
    if not counted or any(g.figure.value == ground.figure.value for g in counted):
        return None
    income = said.of is None or "income" in said.of.names
    same = income and any(ground.ref == g.ref or ground.kind is EvidenceKind.CUSTOMER for g in counted)
    return "this is not what is counted of the income" if same else None
