"""From the parts of an answer to one short chat message in the persona's tone.

Personas differ in tone and tempo only: the figures, the question and the disclosure are the same.
"""

from __future__ import annotations

from nextnest.broker import words
from nextnest.broker.brief import Brief
from nextnest.broker.playbook.questions import QUESTIONS
from nextnest.domain.persona import Persona
from nextnest.domain.thread import Author
from nextnest.mortgage.tables import RULES_CHECKED

DISCLOSURE = (
    "This is a computer-generated estimate, not an offer of credit; the bank's own assessment decides. "
    f"Rules as of {words.day(RULES_CHECKED)}."
)
DISCLOSURE_SHORT = "(Estimate; the bank decides.)"
LAST_MESSAGES = 8  # of ours: when the full disclosure is among them, the short one does


def asking(field: str, persona: Persona, *, explain: bool = True) -> str:
    """The question for a fact, in the persona's tempo."""
    question = QUESTIONS[field]
    if persona is Persona.AGGRESSIVE:
        return f"Next: {question.text}" if not field.startswith("offer_") else question.text
    if persona is Persona.CONSERVATIVE and question.why and explain:
        return f"When you are ready: {question.text} {question.why}"
    return question.text


def disclosure(brief: Brief) -> str:
    """The fixed text under figures: in full, or short when it was said a moment ago."""
    ours = [m.text for m in brief.thread.messages if m.author is Author.BOT and not m.private]
    return DISCLOSURE_SHORT if any(DISCLOSURE in text for text in ours[-LAST_MESSAGES:]) else DISCLOSURE


def closing(persona: Persona) -> str | None:
    """How an answer ends that asks for nothing."""
    if persona is Persona.AGGRESSIVE:
        return None
    if persona is Persona.CONSERVATIVE:
        return "Take your time with this, and ask me about any part of it."
    return None
