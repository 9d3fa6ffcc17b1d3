"""The broker's three personas and the one function that chooses among them."""

from __future__ import annotations

from enum import StrEnum

AGGRESSIVE_FROM = 75
BALANCED_FROM = 45


class Persona(StrEnum):
    """Tone and tempo of the broker. A persona changes neither facts nor pressure."""

    AGGRESSIVE = "aggressive"
    BALANCED = "balanced"
    CONSERVATIVE = "conservative"


def persona_for(score: int) -> Persona:
    """The persona for a lead score of 0 to 100 points.

    Raises:
        ValueError: the score is outside 0 to 100.
    """
    if not 0 <= score <= 100:
        raise ValueError(f"a lead score is 0 to 100, not {score}")
    if score >= AGGRESSIVE_FROM:
        return Persona.AGGRESSIVE
    if score >= BALANCED_FROM:
        return Persona.BALANCED
    return Persona.CONSERVATIVE
