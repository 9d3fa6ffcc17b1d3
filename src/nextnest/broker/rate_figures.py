"""A percentage that is a bank's rate: of which bank it is, and which part of the package."""

from __future__ import annotations

import re

from nextnest.broker.attribution import Said
from nextnest.broker.banks import banks_in
from nextnest.broker.grounds import Ground
from nextnest.broker.patterns import has
from nextnest.domain.reply import EvidenceKind, Unit

_HIGHEST_RATE = 15  # % a year; no home loan costs more


def other_bank(said: Said, ground: Ground) -> str | None:
    """One bank's rate said of another."""
    shared = (
        len(said.banks) > 1
        and has("qualifiers", "shared", said.before)
        and not has("qualifiers", "listed_next", said.after)
    )
    if not ground.bank or not said.banks or (ground.bank in said.banks and not shared):
        return None
    return f"this is from {ground.bank}, not from {' and '.join(sorted(said.banks))}"


def unsheeted_rate(said: Said, ground: Ground) -> str | None:
    """A bank's rate must come from a rate sheet, not from a rule, a calculation or what a customer heard."""
    if said.numeral.unit is not Unit.PERCENT or ground.kind is EvidenceKind.RATE:
        return None
    if said.numeral.value > _HIGHEST_RATE or (
        said.of and said.certain and not said.of.names & {"rate", "spread"}
    ):
        return None
    near = said.before + said.after
    offered = any(True for _ in banks_in(near)) or has("qualifiers", "offer", near)
    offered = offered or (ground.kind is EvidenceKind.CUSTOMER and has("qualifiers", "rate", said.sentence))
    assumed = ground.kind is EvidenceKind.CALCULATION and not has("qualifiers", "given_label", ground.label)
    offered = offered or (assumed and has("qualifiers", "the_rate_is", said.before))
    if not offered or has("qualifiers", "not_offer", said.sentence):
        return None
    return "a bank's rate may be said from a dated rate sheet only"


def other_part(said: Said, ground: Ground) -> str | None:
    """Headline against thereafter, fixed against floating, within one package."""
    if ground.kind is not EvidenceKind.RATE or said.numeral.unit is not Unit.PERCENT:
        return None
    later = has("qualifiers", "thereafter", said.lead_in) or has(
        "qualifiers", "thereafter_next", said.after.split(",")[0]
    )
    if later != ("thereafter" in ground.label):
        return "this is not the thereafter rate" if later else "this is the thereafter rate; say so"
    near = said.before + re.split("[,:;]", said.after[:25])[0]
    fixed, floating = has("qualifiers", "fixed", near), has("qualifiers", "floating", near)
    if "fixed" in ground.label and floating and not fixed:
        return "this is a fixed rate"
    if "spread" in ground.label and not later and fixed and not floating:
        return "this is a spread over SORA, not a fixed rate"
    if "spread" in ground.label and not floating and not has("qualifiers", "spread", near):
        return "this is a spread over SORA, not the whole rate"
    return None
