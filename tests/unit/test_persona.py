"""Personas: one total function from score to persona."""

from __future__ import annotations

import pytest

from nextnest.domain.persona import Persona, persona_for


def test_every_score_has_its_persona() -> None:
    personas = [persona_for(score) for score in range(101)]

    # The bands as the product promises them: 0-44, 45-74, 75-100.
    assert personas == [Persona.CONSERVATIVE] * 45 + [Persona.BALANCED] * 30 + [Persona.AGGRESSIVE] * 26


@pytest.mark.parametrize("score", [-1, 101, 1_000])
def test_what_is_no_score_has_no_persona(score: int) -> None:
    with pytest.raises(ValueError, match="0 to 100"):
        persona_for(score)


def test_the_names_are_those_of_the_attribute() -> None:
    assert [str(persona) for persona in Persona] == ["aggressive", "balanced", "conservative"]
