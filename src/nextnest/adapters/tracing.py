"""A turn as Langfuse wants it: one trace and its scores, pure, with ids that follow from the turn.

Built here and not by an SDK, because a trace has to be the same each time it is sent: it waits in our
database until the server has taken it, so a repeat must overwrite and not add.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import count
from typing import Any

from nextnest.adapters.langfuse.otlp import OtlpPayload, Span, export
from nextnest.domain.masking import mask
from nextnest.domain.reply import ModelUse, Reply
from nextnest.domain.trace import Level, Step, StepKind, TurnTrace

Score = dict[str, Any]
"""The body of one POST /api/public/scores."""

GENERATION = "broker-response"
MOST_CHARACTERS = 20_000  # of one text; a message in Chatwoot is at most 150,000
_TYPES = {
    StepKind.POLICY: "guardrail",
    StepKind.MODEL: "span",  # a generation only where its tokens count nowhere else: _spent_in_vain
    StepKind.TOOL: "tool",
    StepKind.PLAYBOOK: "chain",
    StepKind.CHECK: "guardrail",
    StepKind.READ: "span",
    StepKind.SEND: "span",
}
_AROUND_COMPOSING = {StepKind.READ, StepKind.SEND}


@dataclass(frozen=True)
class Origin:
    """Where traces come from. `salt` keys the hash that stands for a contact and must stay the same."""

    salt: bytes
    environment: str = "default"
    release: str = ""


def trace_id(turn_id: str) -> str:
    """32 hex digits, always the same for a turn."""
    return hashlib.sha256(f"nextnest:turn:{turn_id}".encode()).hexdigest()[:32]


def span_id(turn_id: str, step: str) -> str:
    """16 hex digits, always the same for a step of a turn."""
    return hashlib.sha256(f"nextnest:step:{turn_id}:{step}".encode()).hexdigest()[:16]


def session_id(conversation_id: int) -> str:
    return f"conversation-{conversation_id}"


def pseudonym(contact_key: str, salt: bytes) -> str:
    """A stable name for a contact from which nobody without the salt finds the contact."""
    return "contact-" + hmac.new(salt, contact_key.encode(), hashlib.sha256).hexdigest()[:24]


def turn_trace(turn: TurnTrace, origin: Origin, *, extra: Mapping[str, str] | None = None) -> OtlpPayload:
    """The trace of one turn: a root span, the generation `broker-response`, a child for each step.

    `extra` attributes go on every span: `langfuse.datasets.experiment_attributes` for a run of an evaluation.
    """
    shared = _shared(turn, origin) | dict(extra or {})
    spans = [_span(turn, "turn", (turn.started_at, turn.ended_at), shared | _whole(turn), key="root")]
    if turn.reply is not None or turn.failed:
        spans.append(_span(turn, GENERATION, _composing(turn), shared | _generation(turn), key=GENERATION))
    spans += _step_spans(turn, shared)
    return export(spans, service="nextnest", version=origin.release)


def turn_scores(turn: TurnTrace, origin: Origin) -> list[Score]:
    """The turn's scores; each is to be posted as an object of its own, 4.16 refuses an array."""
    scores = [_score(turn, origin, "outcome", turn.outcome, "CATEGORICAL")]
    if turn.lead_score is not None:
        scores.append(_score(turn, origin, "lead_score", turn.lead_score, "NUMERIC"))
    return scores


def _score(turn: TurnTrace, origin: Origin, name: str, value: str | int, data_type: str) -> Score:
    trace = trace_id(turn.turn_id)
    return {
        "id": f"{trace}-{name}",
        "traceId": trace,
        "name": name,
        "value": value,
        "dataType": data_type,
        "environment": origin.environment,
    }


def _shared(turn: TurnTrace, origin: Origin) -> dict[str, Any]:
    """On every span: Langfuse 4 adds up by observation, so what only the root has is not counted."""
    return {
        "langfuse.trace.name": "turn",
        "langfuse.session.id": session_id(turn.conversation_id),
        "langfuse.user.id": pseudonym(turn.contact_key, origin.salt),
        "langfuse.environment": origin.environment,
        "langfuse.release": origin.release or None,
        "langfuse.trace.tags": [tag for tag in (turn.outcome, turn.persona, turn.reason) if tag],
    }


def _facts(turn: TurnTrace) -> dict[str, Any]:
    return {
        "lead_score": turn.lead_score,
        "broker_persona": turn.persona,
        "property_type": turn.property_type,
        "outcome": turn.outcome,
        "reason": turn.reason,
        "rule_version": turn.rule_version,
        "attempts": turn.attempts,
    }


def _said(turn: TurnTrace) -> dict[str, Any]:
    said = {
        "langfuse.observation.input": _json(turn.inputs),
        "langfuse.observation.output": _json(turn.reply.text if turn.reply else None),
    }
    if turn.failed:
        said["langfuse.observation.level"] = Level.ERROR
        said["langfuse.observation.status_message"] = turn.reason or turn.outcome
    return said


def _whole(turn: TurnTrace) -> dict[str, Any]:
    said = _said(turn)
    return {
        **said,
        "langfuse.observation.type": "agent",
        "langfuse.trace.input": said["langfuse.observation.input"],
        "langfuse.trace.output": said["langfuse.observation.output"],
        "langfuse.trace.metadata.turn_id": turn.turn_id,
        **_metadata("langfuse.trace.metadata", _facts(turn)),
    }


def _composing(turn: TurnTrace) -> tuple[datetime, datetime]:
    steps = [step for step in turn.steps if step.kind not in _AROUND_COMPOSING]
    if not steps:
        return turn.started_at, turn.ended_at
    return min(step.started_at for step in steps), max(step.ended_at for step in steps)


def _generation(turn: TurnTrace) -> dict[str, Any]:
    reply = turn.reply
    facts = _facts(turn)
    attributes: dict[str, Any] = {**_said(turn), "langfuse.observation.type": "generation"}
    if reply is not None:
        facts |= _about(reply)
        by_model = reply.author == "model" and reply.model_use is not None
        use = reply.model_use if by_model and reply.model_use else ModelUse(model=reply.author)
        attributes |= _use(use)
        if by_model:
            attributes |= _prompt(turn)
    return attributes | _metadata("langfuse.observation.metadata", facts)


def _about(reply: Reply) -> dict[str, Any]:
    return {
        "author": reply.author,
        "intent": reply.intent,
        "asks_for": reply.asks_for,
        "handoff": reply.handoff,
        "evidence": [f"{item.kind}:{item.ref}" for item in reply.evidence],
        "facts_learned": [fact.field for fact in reply.facts],
        "notes": list(reply.notes),
    }


def _use(use: ModelUse) -> dict[str, Any]:
    tokens = {"input": use.input_tokens, "output": use.output_tokens}
    tokens["total"] = use.input_tokens + use.output_tokens
    attributes = {
        "langfuse.observation.model.name": use.model,
        "langfuse.observation.usage_details": json.dumps(tokens),
    }
    # Tokens without a known price are left to Langfuse's own table of prices.
    if use.cost_usd or not tokens["total"]:
        attributes["langfuse.observation.cost_details"] = json.dumps({"total": float(use.cost_usd)})
    return attributes


def _prompt(turn: TurnTrace) -> dict[str, Any]:
    """The prompt of the last model step; linked when Langfuse manages it, named in any case."""
    detail = next((s.detail for s in reversed(turn.steps) if "prompt" in s.detail), None)
    if detail is None:
        return {}
    named = {"prompt": detail["prompt"], "prompt_version": detail["prompt_version"]}
    attributes = _metadata("langfuse.observation.metadata", named)
    if detail.get("prompt_managed"):
        attributes["langfuse.observation.prompt.name"] = str(detail["prompt"])
        attributes["langfuse.observation.prompt.version"] = int(detail["prompt_version"])
    return attributes


def _step_spans(turn: TurnTrace, shared: dict[str, Any]) -> list[Span]:
    ordinals: dict[str, count[int]] = {}
    spent = _spent_in_vain(turn.reply)
    spans = []
    for step in turn.steps:
        key = f"{step.name}#{next(ordinals.setdefault(step.name, count()))}"
        attributes = shared | _step(step)
        if step.kind is StepKind.MODEL and spent is not None:
            attributes |= {"langfuse.observation.type": "generation", **_use(spent)}
            spent = None
        spans.append(_span(turn, step.name, (step.started_at, step.ended_at), attributes, key=key))
    return spans


def _spent_in_vain(reply: Reply | None) -> ModelUse | None:
    """What a model cost whose words were not sent: it belongs to the model's step, not to the reply."""
    return reply.model_use if reply is not None and reply.author != "model" else None


def _step(step: Step) -> dict[str, Any]:
    return {
        "langfuse.observation.type": _TYPES[step.kind],
        "langfuse.observation.input": _json(step.input),
        "langfuse.observation.output": _json(step.output),
        "langfuse.observation.level": step.level,
        "langfuse.observation.status_message": _masked(step.message) if step.message else None,
        **_metadata("langfuse.observation.metadata", step.detail),
    }


def _span(
    turn: TurnTrace, name: str, times: tuple[datetime, datetime], attributes: dict[str, Any], *, key: str
) -> Span:
    root = span_id(turn.turn_id, "root")
    return Span(
        name=name,
        trace_id=trace_id(turn.turn_id),
        span_id=span_id(turn.turn_id, key),
        parent_id=None if key == "root" else root,
        start=times[0],
        end=times[1],
        attributes=attributes,
        failed=attributes.get("langfuse.observation.level") == Level.ERROR,
    )


def _metadata(prefix: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    return {f"{prefix}.{key}": _flat(value) for key, value in facts.items()}


def _flat(value: Any) -> Any:
    if isinstance(value, bool | int | float) or value is None:
        return value
    return _masked(value) if isinstance(value, str) else _json(value)


def _json(value: Any) -> str | None:
    """JSON text with every string in it masked."""
    return None if value is None else json.dumps(_plain(value), ensure_ascii=False)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(inner) for inner in value]
    return float(value) if isinstance(value, Decimal) else _masked(str(value))


def _masked(text: str) -> str:
    masked = mask(text).text
    if len(masked) <= MOST_CHARACTERS:
        return masked
    return f"{masked[:MOST_CHARACTERS]}… [{len(masked) - MOST_CHARACTERS} characters cut]"
