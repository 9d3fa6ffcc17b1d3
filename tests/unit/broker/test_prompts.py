"""The model's instructions."""

from __future__ import annotations

import re

import pytest

from nextnest.broker.prompts import PromptFiles, local_prompt, prompt_name
from nextnest.domain.persona import Persona


@pytest.mark.parametrize("persona", list(Persona))
async def test_each_persona_has_a_prompt_with_a_name_and_a_version(persona: Persona) -> None:
    prompt = await PromptFiles().prompt(persona)
    assert prompt.name == f"nextnest-broker-{persona}" == prompt_name(persona)
    assert re.fullmatch(r"\d+\.\d+", prompt.version)
    assert not prompt.managed


def test_personas_share_the_rules_and_differ_in_tone_alone() -> None:
    texts = [local_prompt(persona).text for persona in Persona]
    rules = {text.rsplit("\n\nTone: ", 1)[0] for text in texts}
    tones = {text.rsplit("\n\nTone: ", 1)[1] for text in texts}
    assert len(rules) == 1
    assert len(tones) == len(Persona)


@pytest.mark.parametrize("persona", list(Persona))
def test_nothing_is_filled_into_a_prompt(persona: Persona) -> None:
    """A placeholder would be a way for a customer's words to become an instruction."""
    assert not re.search(r"\{\{|\}\}|\{[a-z_]*\}|<<|%\(", local_prompt(persona).text)


@pytest.mark.parametrize("persona", list(Persona))
def test_a_prompt_stays_small(persona: Persona) -> None:
    """About 4 characters are a token; every turn pays for every one of them."""
    assert len(local_prompt(persona).text) < 4 * 1_000


def test_front_matter_is_not_sent() -> None:
    assert "version:" not in local_prompt(Persona.BALANCED).text
