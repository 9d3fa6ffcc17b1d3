"""From a reply to what must be written in Chatwoot: the intents of one turn, in their order."""

from __future__ import annotations

from nextnest.broker.policy import routing
from nextnest.domain.handoff import HandoffReason
from nextnest.domain.reply import Reply
from nextnest.domain.thread import Status
from nextnest.service.records import Guard, Kind, NewIntent, Outcome

TEAM = "mortgage brokers"  # Chatwoot keeps team names in lower case


def planned(reply: Reply, *, drafted: bool) -> tuple[Outcome, str | None]:
    """What the turn ends in once everything it intends is done."""
    if drafted:
        return Outcome.DRAFTED, None
    return (Outcome.REPLIED, None) if reply.handoff is None else (Outcome.HANDED_OFF, reply.handoff)


def intents_of(turn_id: str, reply: Reply, parts: list[str], *, summary: str, after: int) -> list[NewIntent]:
    """A reply is its parts; a hand-off adds note, team, priority, labels, and `open` as the very last."""
    first = Guard.REPLY if reply.handoff is None else Guard.OURS

    def guard(number: int, kind: Kind) -> Guard:
        if number == 0:
            return first
        return Guard.OURS if kind is Kind.MESSAGE else Guard.NONE

    steps: list[tuple[str, Kind, dict[str, object]]] = [
        (f"reply-{number}", Kind.MESSAGE, {"text": part}) for number, part in enumerate(parts)
    ]
    if reply.handoff is not None:
        steps += _hand_over(reply.handoff, summary)
    return [
        NewIntent(f"{turn_id}:{name}", kind, payload, guard(n, kind), turn_id, after)
        for n, (name, kind, payload) in enumerate(steps)
    ]


def _hand_over(reason: HandoffReason, summary: str) -> list[tuple[str, Kind, dict[str, object]]]:
    way = routing(reason)
    return [
        ("note", Kind.NOTE, {"text": summary}),
        ("team", Kind.TEAM, {"team": TEAM}),
        ("priority", Kind.PRIORITY, {"priority": way.priority}),
        ("labels", Kind.LABELS, {"labels": list(way.labels)}),
        ("open", Kind.STATUS, {"status": Status.OPEN, "from": [Status.PENDING]}),
    ]
