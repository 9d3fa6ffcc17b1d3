"""One brief on its way to a reply: what happened, what the checks said, the fixed words that belong to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from enum import StrEnum

from nextnest.broker import policy
from nextnest.broker.brief import Brief
from nextnest.broker.checks import check
from nextnest.broker.finding import Finding
from nextnest.broker.playbook import languages
from nextnest.broker.playbook.compose import disclosure
from nextnest.broker.playbook.greeting import COMMISSION
from nextnest.domain.handoff import HandoffReason
from nextnest.domain.reply import EvidenceKind, ModelUse, Reply
from nextnest.domain.thread import Author
from nextnest.domain.trace import Level, Record, Step, StepKind


class BrokerEvent(StrEnum):
    """What happened on the way to a reply; for the metrics."""

    POLICY_HANDOFF = "policy_handoff"
    MODEL_PASSED = "model_passed"
    MODEL_REFUSED = "model_refused"  # by the checks, and asked again
    MODEL_UNPROVEN = "model_unproven"  # refused twice
    MODEL_FAILED = "model_failed"
    MODEL_RESTING = "model_resting"  # failed too often just now and was not asked
    MODEL_OVER_LIMIT = "model_over_limit"  # of the conversation or the day
    PLAYBOOK_PASSED = "playbook_passed"
    PLAYBOOK_UNPROVEN = "playbook_unproven"
    NOBODY_KNOWS = "nobody_knows"  # neither the playbook nor the model that was set


class Composition:
    """What happened to one brief on its way to a reply: notes, steps, what the model cost."""

    def __init__(
        self,
        brief: Brief,
        record: Record,
        clock: Callable[[], datetime],
        on_event: Callable[[BrokerEvent], None],
    ) -> None:
        self.brief = brief
        self.record = record
        self.use: ModelUse | None = None
        self.model_failure: HandoffReason | None = None  # how a person would be told of it
        self.notes: tuple[str, ...] = ()
        self._clock = clock
        self._on_event = on_event
        waiting = {message.id for message in brief.inputs}
        heard = (m for m in brief.thread.messages if m.author is Author.CUSTOMER and not m.private)
        self.earlier = tuple(m for m in heard if m.id not in waiting)
        name = (brief.lead.display_name,) if brief.lead else ()  # it may hold a number ("Ali 2nd")
        self._customer_words = (*name, *(m.text for m in (*self.earlier, *brief.inputs)))

    def happened(self, event: BrokerEvent, detail: str = "") -> None:
        self.notes += (f"{event}:{detail}" if detail else str(event),)
        self._on_event(event)

    def with_fixed_words(self, reply: Reply) -> Reply:
        """A model's reply with what is not its to word: a hand-over, what a figure is worth, who writes."""
        if reply.handoff is not None:
            said = policy.wording(reply.handoff, self.brief.persona, people_back=self.brief.people_back)
            return reply.model_copy(update={"text": said, "evidence": ()})
        computed = any(evidence.kind is EvidenceKind.CALCULATION for evidence in reply.evidence)
        if computed:
            reply = reply.model_copy(
                update={"text": f"{reply.text}\n\n{disclosure(self.brief, reply.evidence)}"}
            )
        return self.introduced(reply)

    def introduced(self, reply: Reply) -> Reply:
        """The first words in a conversation say who writes and who pays; elsewhere than on our form no
        greeting was sent before."""
        spoken = any(m.author is Author.BOT and not m.private for m in self.brief.thread.messages)
        said = COMMISSION.format(brokerage=self.brief.brokerage) in reply.text
        if spoken or said or reply.handoff is not None:
            return reply
        return reply.model_copy(update={"text": f"{introduction(self.brief.brokerage)}\n\n{reply.text}"})

    def check(self, reply: Reply, more: tuple[Finding, ...] = ()) -> tuple[Finding, ...]:
        """What the checks have against a reply, and what was found against it before; recorded."""
        started = self._clock()
        findings = (*check(reply, self._customer_words, today=self.brief.today).findings, *more)
        self.notes += tuple(f"{reply.author}:{finding.rule}" for finding in findings)
        self.record(
            Step(
                name="check",
                kind=StepKind.CHECK,
                started_at=started,
                ended_at=self._clock(),
                input={"author": reply.author, "text": reply.text},
                output=[{"rule": f.rule, "excerpt": f.excerpt, "why": f.why} for f in findings],
                level=Level.WARNING if findings else Level.DEFAULT,
            )
        )
        return findings

    def hand_over(self, reason: HandoffReason) -> Reply:
        back = self.brief.people_back
        language = next(filter(None, (languages.foreign(m.text) for m in reversed(self.brief.inputs))), None)
        if language is None:
            said = policy.wording(reason, self.brief.persona, people_back=back)
        else:
            said = languages.said(language, back)
        return self.finished(Reply(text=said, intent=reason, author="policy", handoff=reason))

    def finished(self, reply: Reply) -> Reply:
        """The reply with all that happened before it."""
        notes = tuple(dict.fromkeys((*self.notes, *reply.notes)))
        return reply.model_copy(update={"notes": notes, "model_use": self.use})


def introduction(brokerage: str) -> str:
    """Who writes, who pays, and that a person can be had."""
    commission = COMMISSION.format(brokerage=brokerage)
    return (
        f"I am the AI assistant of {brokerage}. {commission} You can have a person here any time: just ask."
    )
