"""The model's instructions: one file of rules, one of tone for each persona, each with a version.

Nothing is ever filled in: what is known of lead and thread travels as data in the user's part, so no
customer's words can become an instruction here.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Protocol

from nextnest.domain.persona import Persona

_FENCE = "---"


@dataclass(frozen=True)
class Prompt:
    """Instructions for the model. `managed` says that the version is one of Langfuse's."""

    name: str
    version: str
    text: str
    managed: bool = False


class Prompts(Protocol):
    """Where instructions come from."""

    async def prompt(self, persona: Persona) -> Prompt: ...


class PromptFiles:
    """The instructions of this release."""

    async def prompt(self, persona: Persona) -> Prompt:
        return local_prompt(persona)


def prompt_name(persona: Persona) -> str:
    """The name under which Langfuse manages the prompt of this persona."""
    return f"nextnest-broker-{persona}"


@cache
def local_prompt(persona: Persona) -> Prompt:
    """The prompt from the files; its version is "RULES.TONE", such as "1.2"."""
    rules_version, rules = _read("rules.md")
    tone_version, tone = _read(f"{persona}.md")
    return Prompt(prompt_name(persona), f"{rules_version}.{tone_version}", f"{rules}\n\n{tone}")


def _read(name: str) -> tuple[str, str]:
    _, head, text = files(__package__).joinpath(name).read_text(encoding="utf-8").split(f"{_FENCE}\n", 2)
    facts = dict(line.split(": ", 1) for line in head.splitlines())
    return facts["version"], text.strip()
