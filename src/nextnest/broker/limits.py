"""What the customer can borrow, and by which limit: the least of the loans by LTV, TDSR and MSR."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from nextnest.broker.attribution import Said
from nextnest.broker.grounds import Ground
from nextnest.broker.negation import is_denied
from nextnest.broker.patterns import has, patterns
from nextnest.domain.reply import Evidence, EvidenceKind, Unit

_COMPONENT = re.compile(r"(?:^|_)(ltv|tdsr|msr)(?:_|$)")
_FINAL = frozenset({"loan", "max_loan"})
_COMPONENT_NAME = re.compile(r"\b(ltv|tdsr|msr)\b")


def own_or_limit(said: Said, ground: Ground, grounds: Sequence[Ground]) -> str | None:
    """What was computed for the customer against a limit that holds for everybody."""
    names = (said.of.names if said.of else ground.names & {"tenure"}) & {"tdsr", "msr", "ltv", "tenure"}
    ratio = names & {"tdsr", "msr"}
    if not names:
        return None
    is_limit = has("qualifiers", "limit_label", ground.label) or ground.kind in {
        EvidenceKind.RULE,
        EvidenceKind.KNOWLEDGE,
    }
    computed = any(
        g.kind is EvidenceKind.CALCULATION and g.names & names and _alike(g, ground) for g in grounds
    )
    own = has("qualifiers", "own", said.before)
    personal = own if ratio else computed and not has("qualifiers", "general", said.sentence)
    if (
        is_limit
        and own
        and not ratio
        and has("qualifiers", "up_to", said.before)
        and any(_is_less(g, ground) for g in grounds if g.names & names)
    ):
        return "this limit holds for everybody; the customer's own is less"
    if (
        is_limit
        and personal
        and not (has("qualifiers", "limit", said.before) or has("qualifiers", "limit", _clause(said.after)))
    ):
        return "this is a limit for everybody, not the customer's own figure"
    strictly = has("qualifiers", "limit_is", said.before) or has("qualifiers", "limit_next", said.after)
    if ratio and strictly and not is_limit:
        return "this is the customer's own ratio, not the limit"
    return None


def _names_part(said: Said, ground: Ground) -> bool:
    """Whether the sentence says that it speaks of the loan by this one limit."""
    part = _COMPONENT.search(ground.label)
    named = set(_COMPONENT_NAME.findall(said.sentence))
    if has("qualifiers", "without_limit", said.before):
        return True
    if part and named and part[1] not in named and not has("qualifiers", "alone", said.sentence):
        return False
    return has("qualifiers", "component", said.sentence)


def _clause(after: str) -> str:
    return re.split("[,，;]", after)[0]


def _alike(one: Ground, other: Ground) -> bool:
    return one.figure.unit is other.figure.unit


def _is_less(one: Ground, other: Ground) -> bool:
    return (
        one.kind is EvidenceKind.CALCULATION and _alike(one, other) and one.figure.value < other.figure.value
    )


def one_limit_alone(said: Said, ground: Ground, grounds: Sequence[Ground]) -> str | None:
    """The loan by LTV, TDSR or MSR alone is not the loan, unless the text says which limit it means."""
    if not said.of or "loan" not in said.of.names & ground.names or _names_part(said, ground):
        return None
    final = [g for g in grounds if g.label in _FINAL and g.ref == ground.ref]
    if has("qualifiers", "component_label", ground.label) and any(
        g.figure.value < ground.figure.value for g in final
    ):
        return "this is the loan by one limit alone; say which, or say the final loan"
    return None


def other_limit(said: Said, ground: Ground) -> str | None:
    """The loan by TDSR said as the loan by LTV."""
    part = _COMPONENT.search(ground.label)
    if part and said.numeral.unit is Unit.PERCENT:
        ratios = set(_COMPONENT_NAME.findall(said.before + said.after)) - {"ltv"}
        other = ratios and part[1] != "ltv" and part[1] not in ratios
        return (
            f"this is of {part[1].upper()}, not of {' or '.join(sorted(ratios)).upper()}" if other else None
        )
    named = (
        set(_COMPONENT_NAME.findall(said.before))
        if not has("qualifiers", "without_limit", said.before)
        else set()
    )
    if not part or not named or part[1] in named:
        return None
    return f"this is the loan by {part[1].upper()}, not by {' or '.join(sorted(named)).upper()}"


def held_by_other(said: Said, ground: Ground, grounds: Sequence[Ground]) -> str | None:
    """ "TDSR holds the loan at S$295,545" where the loan by TDSR is another."""
    holder = patterns("qualifiers")["holder"].search(said.before)
    if "loan" not in ground.names or ground.figure.unit is not Unit.MONEY or not holder:
        return None
    limit = holder["limit"] or holder["under"]
    by_it = [g.figure.value for g in grounds if g.label == f"loan_by_{limit}"]
    return f"the loan by {limit.upper()} is another" if by_it and by_it[0] > ground.figure.value else None


def own_said_as_rule(said: Said, ground: Ground) -> str | None:
    """The customer's own tenure or age said as a limit for everybody."""
    if ground.kind is not EvidenceKind.CALCULATION or not has("qualifiers", "own_label", ground.label):
        return None
    ruled = has("qualifiers", "ruled", said.before) or has("qualifiers", "limit_of", said.before)
    return "this is the customer's own figure, not a limit for everybody" if ruled else None


def capacity(said: Said, ground: Ground) -> str | None:
    """What the customer can borrow must have been computed as that."""
    if said.numeral.unit not in {Unit.MONEY, None} or said.numeral.per or said.numeral.year_index:
        return None
    claim = patterns("qualifiers")["capacity"].search(said.before)
    claims = (claim and "," not in said.before[claim.end() :]) or has(
        "qualifiers", "capacity_after", said.after
    )
    if not claims or (said.of and not said.of.names & {"loan", "balance", "price"}):
        return None
    if has("qualifiers", "hypothetical", said.before) or said.sentence.rstrip().endswith("?"):
        return None
    computed = ground.kind is EvidenceKind.CALCULATION and not has("qualifiers", "wanted_label", ground.label)
    if not computed or (
        "loan" in ground.names and has("qualifiers", "not_capacity_ref", ground.ref.casefold())
    ):
        return "what the customer can borrow must come from a calculation of it"
    sayable = {"loan"} | ({"price"} & said.of.names if said.of else set())
    if ground.names and not ground.names & sayable:
        return "this is not what can be borrowed"
    if (
        "loan" in ground.names
        and has("qualifiers", "component_label", ground.label)
        and not _names_part(said, ground)
    ):
        return "this is the loan by one limit alone; say which, or say the final loan"
    return None


def other_binding(text: str, evidence: Sequence[Evidence]) -> Iterator[tuple[int, int, str]]:
    """Where a text calls a limit the decisive one while another gives a lower loan, and why not."""
    figures = [figure for each in evidence for figure in each.figures if figure.label.startswith("loan_by_")]
    loans = {figure.label.removeprefix("loan_by_"): figure.value for figure in figures}
    for match in patterns("qualifiers")["binding"].finditer(text):
        named = match[match.lastgroup or 0]
        if loans.get(named, 0) > min(loans.values(), default=0) and not is_denied(text, *match.span()):
            yield (
                *match.span(),
                f"the least loan is that by {min(loans, key=lambda limit: loans[limit]).upper()}",
            )
