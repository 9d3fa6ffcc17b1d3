"""From the parts of an answer to one short chat message in the persona's tone.

Personas differ in tone and tempo only: the figures, the question and the disclosure are the same.
"""

from __future__ import annotations

from collections.abc import Iterable

from nextnest.broker import words
from nextnest.broker.brief import Brief
from nextnest.broker.playbook.questions import QUESTIONS
from nextnest.domain.persona import Persona
from nextnest.domain.reply import Evidence, EvidenceKind
from nextnest.domain.thread import Author
from nextnest.mortgage.tables import RULES_CHECKED

DISCLOSURE = (
    "This is a computer-generated estimate, not an offer of credit; the bank's own assessment decides. "
    f"Rules as of {words.day(RULES_CHECKED)}."
)
DISCLOSURE_SHORT = "(Estimate; the bank decides.)"
DISCLOSURE_OF_DUTY = "(Estimate; IRAS decides on duties.)"
DUTIES = frozenset(
    {"bsd", "bsd_mixed", "absd", "absd_joint", "ssd", "ssd_holding", "stamp_total", "mortgage_duty"}
)
CALM_END = "Take your time with this, and ask me about any part of it."
LAST_MESSAGES = 8  # of ours: when the full disclosure is among them, the short one does


def asking(field: str, persona: Persona) -> str:
    """The question for a fact, in the persona's tempo."""
    question = QUESTIONS[field]
    if persona is Persona.AGGRESSIVE:
        return f"Next: {question.text}" if not field.startswith("offer_") else question.text
    if persona is Persona.CONSERVATIVE and question.why:
        return f"When you are ready: {question.text} {question.why}"
    return question.text


def disclosure(brief: Brief, evidence: Iterable[Evidence]) -> str:
    """The fixed text under figures: in full, or short when it was said a moment ago."""
    if not any(DISCLOSURE in text for text in _ours(brief)):
        return DISCLOSURE
    computed = {one.ref.partition("#")[0] for one in evidence if one.kind is EvidenceKind.CALCULATION}
    return DISCLOSURE_OF_DUTY if computed <= DUTIES else DISCLOSURE_SHORT


def next_step(brief: Brief) -> str | None:
    """The step that a brisk broker offers under figures, unless it was offered a moment ago."""
    offered = QUESTIONS["offer_documents"].text
    if brief.persona is not Persona.AGGRESSIVE or any(offered in text for text in _ours(brief)):
        return None
    return "offer_documents"


def closing(brief: Brief) -> str | None:
    """How a calm broker ends an answer that asks for nothing."""
    return CALM_END if brief.persona is Persona.CONSERVATIVE else None


def _ours(brief: Brief) -> list[str]:
    texts = [m.text for m in brief.thread.messages if m.author is Author.BOT and not m.private]
    return texts[-LAST_MESSAGES:]
