"""The private note that goes with a hand-off: what the person who takes over needs, and nothing else."""

from __future__ import annotations

from nextnest.broker.brief import Brief
from nextnest.domain.lead import Applicant
from nextnest.domain.reply import Reply
from nextnest.domain.thread import Author
from nextnest.service.records import LeadRecord

RECENT = 6  # messages quoted
LONGEST = 240  # characters quoted of each


def summary_of(brief: Brief, reply: Reply, record: LeadRecord | None) -> str:
    """Reason, who it is, what is known, what was said last. Markdown, for agents' eyes only."""
    reason = str(reply.handoff).replace("_", " ")
    lines = [f"**Hand-off: {reason}**"]
    if record is not None:
        lead = record.lead
        lines.append(f"{lead.display_name}, {str(lead.purpose).replace('_', ' ')}; score {record.score}.")
        people = [f"applicant {n}: {_applicant(a)}" for n, a in enumerate(lead.applicants, start=1)]
        known = people + [
            f"{key.replace('_', ' ')}: {value}"
            for key, value in sorted(lead.facts().items())
            if _short(value)
        ]
        lines += ["", "**Facts**", *(f"- {fact}" for fact in known)]
    lines += ["", "**Last said**"]
    spoken = [m for m in brief.thread.messages if m.author in (Author.CUSTOMER, Author.BOT) and not m.private]
    for message in spoken[-RECENT:]:
        who = "Customer" if message.author is Author.CUSTOMER else "Assistant"
        text = " ".join(message.text.split())
        lines.append(f"- {who}: {text[:LONGEST]}{'…' if len(text) > LONGEST else ''}")
    return "\n".join(lines)


def _applicant(applicant: Applicant) -> str:
    known = applicant.model_dump(mode="json", exclude_none=True)
    return ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in known.items())


def _short(value: object) -> bool:
    return isinstance(value, str | int | float) and len(str(value)) <= LONGEST
