"""Figures without support: every number in a text must rest on evidence or on the customer's own words.

A number must agree in value and unit, and must be said of the thing that the evidence says it of: S$24,600
of BSD is not S$24,600 of cash, the customer's price is not what can be borrowed, and one bank's rate is not
another's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from nextnest.broker.attribution import Said, read
from nextnest.broker.duty_denials import denied_duties
from nextnest.broker.finding import Finding
from nextnest.broker.folding import Folded
from nextnest.broker.grounds import Ground, agrees, grounds_of
from nextnest.broker.limits import other_binding
from nextnest.broker.negation import is_denied
from nextnest.broker.nonfigures import PHONE
from nextnest.broker.patterns import has
from nextnest.broker.qualifiers import objection
from nextnest.broker.quantities import suits
from nextnest.broker.shares import disagreeing, of_another_whole
from nextnest.domain.reply import Evidence, EvidenceKind, Unit

# A customer's bare number can stand for any of these, but never for something that has to be computed.
_TOLD = frozenset(
    {
        "loan",
        "price",
        "valuation",
        "income",
        "debts",
        "balance",
        "cash",
        "cpf",
        "tenure",
        "age",
        "rate",
        "lock_in",
    }
    | {"downpayment", "instalment", "penalty"}
)
_SMALLEST_SUM = 100  # S$
# "in the low twos"
_VAGUE_RATE = re.compile(
    r"\b(?:(?:low|mid|high|lower|upper)[ -](?:to[ -]\w+ )?|in the |sub-)(?:ones|twos|threes|fours|[1-5]s)\b"
)


def unsupported(
    text: str, evidence: Sequence[Evidence], customer_words: Sequence[str] = ()
) -> tuple[Finding, ...]:
    """The numbers of a text that nothing supports, or that are said of the wrong thing.

    `customer_words` are the customer's messages; a number in them may be repeated, of what it was said of.
    """
    folded, figures = read(text)
    grounds = grounds_of(evidence, customer_words)
    findings = []
    for said in figures:
        problem = _problem(said, grounds)
        if problem:
            findings.append(_finding(folded, said.numeral.start, said.numeral.end, *problem))
    for start, end, why in other_binding(folded.text, evidence):
        findings.append(_finding(folded, start, end, "wrong_attribution", why))
    for start, end, why in denied_duties(folded.text, evidence):
        findings.append(_finding(folded, start, end, "unsupported_figure", why))
    for start, end, why in (
        *disagreeing(folded.text, figures, grounds),
        *of_another_whole(folded.text, figures, grounds),
    ):
        findings.append(_finding(folded, start, end, "wrong_attribution", why))
    for vague in _VAGUE_RATE.finditer(folded.text):
        findings.append(
            _finding(folded, *vague.span(), "unreadable_figure", "say the rate exactly, or leave it out")
        )
    phones = _phones(folded, evidence, customer_words)
    return (*findings, *phones)


def _problem(said: Said, grounds: Sequence[Ground]) -> tuple[str, str] | None:
    """Rule and reason, or None when the number is supported."""
    numeral = said.numeral
    if not numeral.readable:
        return "unreadable_figure", "this number cannot be read; write it plainly, or leave it out"
    agreeing = [g for g in grounds if agrees(numeral, g)]
    if not agreeing:
        return (
            "unsupported_figure",
            "no evidence has this figure; use the figures given, or ask, or say nothing",
        )
    named = [g for g in agreeing if _named_right(said, g, grounds)]
    if not named:
        thing = " or ".join(sorted(said.of.names)) if said.of else "this"
        return "wrong_attribution", f"evidence has this number, but not as {thing} ({_labels(agreeing)})"
    objections = [objection(said, g, grounds) for g in named]
    if all(objections):
        return "wrong_attribution", str(objections[0])
    if (
        numeral.unit is None
        and numeral.value > 10
        and not said.of
        and not any(g.kind is EvidenceKind.CUSTOMER for g in named)
        and len({g.figure.unit for g in named if g.label != "bare"}) > 1
    ):
        return "wrong_attribution", "this bare number could be several things; say its unit"
    return None


def _named_right(said: Said, ground: Ground, grounds: Sequence[Ground]) -> bool:
    """Whether the evidence calls the figure what the text calls it.

    A label that says nothing may be called anything, unless another figure is known to be that very thing.
    """
    if not said.of or _is_denied(said) or _is_too_small(said, ground):
        return True
    if ground.label.startswith("what_would_change"):
        return True  # what it is of is said nowhere; that it holds only on a condition is looked at elsewhere
    if ground.kind is EvidenceKind.CUSTOMER and said.sentence.rstrip().endswith("?"):
        return True  # "is the S$300,000 all cash?" says nothing of it
    if (
        "rate" in said.of.names
        and "stress" in ground.names
        and has("qualifiers", "hypothetical", said.before)
    ):
        return True  # "if rates were 4%"
    if ground.names:
        return suits(said.of, ground.names) or _only_duty(said, ground, grounds)
    if ground.kind is EvidenceKind.CUSTOMER:
        return bool(said.of.names & _TOLD)
    unit = ground.figure.unit
    return not (said.certain and any(g.names & said.of.names and g.figure.unit is unit for g in grounds))


def _is_denied(said: Said) -> bool:
    """ "The bank doesn't test you at 2.6%": this is not said; but "can't go beyond 65" says a limit."""
    return not has("qualifiers", "bound", said.before) and is_denied(
        said.before, len(said.before), len(said.before), open_too=False
    )


def _is_too_small(said: Said, ground: Ground) -> bool:
    """ "Weighted by income (36.8)": a bare number below 100 is no sum of money."""
    small = said.numeral.unit is None and said.numeral.value < _SMALLEST_SUM
    of_money = said.of is not None and said.of.units == {Unit.MONEY}
    return small and of_money and ground.figure.unit is not Unit.MONEY


def _only_duty(said: Said, ground: Ground, grounds: Sequence[Ground]) -> bool:
    """ "Stamp duties" may be said of the one duty there is, where no total was computed."""
    one = said.of is not None and "duties" in said.of.names and ground.names & {"bsd", "absd", "ssd"}
    return bool(one) and not any("duties" in g.names for g in grounds)


def _labels(grounds: Sequence[Ground]) -> str:
    return "it is " + ", ".join(dict.fromkeys(g.label or "something the customer said" for g in grounds))


def _phones(folded: Folded, evidence: Sequence[Evidence], customer_words: Sequence[str]) -> list[Finding]:
    """Phone numbers that neither the customer nor any evidence gave."""
    known = re.sub(r"[^\d\n]", "", "\n".join([*customer_words, *(f"{e.ref}\n{e.detail}" for e in evidence)]))
    return [
        _finding(folded, *match.span(), "foreign_address", "give no phone number but one from the evidence")
        for match in PHONE.finditer(folded.text)
        if re.sub(r"\D", "", match["said"] or match["plus"])[-8:] not in known
    ]


def _finding(folded: Folded, start: int, end: int, rule: str, why: str) -> Finding:
    first, last = folded.span(start, end)
    excerpt = folded.source[first:last]
    return Finding(rule, excerpt, first, last, f'"{excerpt}": {why}')
