"""The check between any author, model or playbook, and the customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from nextnest.broker.claims import forbidden
from nextnest.broker.figures import unsupported
from nextnest.broker.finding import Finding
from nextnest.broker.rate_quotes import expired
from nextnest.domain.reply import Reply

__all__ = ["Finding", "Verdict", "check"]

LONGEST = 4000  # characters; nobody wants to read more, and reading it takes time


@dataclass(frozen=True)
class Verdict:
    """Whether a reply may be sent, and if not, every reason why not."""

    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        return not self.findings

    def reasons(self) -> str:
        """The findings in words that a model understands, one a line."""
        return "\n".join(f"- {finding.why}" for finding in self.findings)


def check(reply: Reply, customer_words: Sequence[str] = (), *, today: date | None = None) -> Verdict:
    """Judge a reply before it is sent.

    `customer_words` are the customer's messages, whose figures may be repeated. With `today` (Singapore date)
    a rate from an expired sheet is refused too.
    """
    if len(reply.text) > LONGEST:
        why = f"a reply has at most {LONGEST} characters; say it shorter"
        return Verdict((Finding("too_long", reply.text[:80], 0, len(reply.text), why),))
    findings = [
        *unsupported(reply.text, reply.evidence, customer_words),
        *forbidden(reply.text, evidence=reply.evidence),
        *(expired(reply.evidence, today) if today else ()),
    ]
    return Verdict(tuple(findings))
