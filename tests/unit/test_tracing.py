"""A turn's trace and scores, as plain data."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from nextnest.adapters.tracing import MOST_CHARACTERS, Origin, pseudonym, trace_id, turn_scores, turn_trace
from nextnest.domain.handoff import HandoffReason
from nextnest.domain.persona import Persona
from nextnest.domain.reply import Evidence, EvidenceKind, ModelUse, Reply
from nextnest.domain.trace import Level, Step, StepKind, TurnTrace

START = datetime(2026, 11, 22, 8, 0, 0, 123456, tzinfo=UTC)
ORIGIN = Origin(salt=b"salt", environment="production", release="0.1.0")


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


MODEL_STEP = Step(
    "model",
    StepKind.MODEL,
    at(0.1),
    at(1.1),
    detail={"prompt": "nextnest-broker-balanced", "prompt_version": "7", "prompt_managed": True},
)
REPLY = Reply(
    text="You could borrow about S$900,000.",
    intent="capacity",
    author="model",
    evidence=(Evidence(kind=EvidenceKind.CALCULATION, ref="affordability"),),
    model_use=ModelUse(
        model="gpt-example", input_tokens=900, output_tokens=80, cost_usd=Decimal("0.0021"), calls=2
    ),
    notes=("model",),
)
TURN = TurnTrace(
    turn_id="turn-1",
    conversation_id=42,
    contact_key="tan@example.com",
    started_at=START,
    ended_at=at(2),
    inputs=("How much can I borrow?",),
    outcome="replied",
    reply=REPLY,
    persona=Persona.BALANCED,
    lead_score=62,
    property_type="condo",
    rule_version="2026-11-22",
    steps=(
        MODEL_STEP,
        Step("calculate", StepKind.TOOL, at(0.3), at(0.31), input={"name": "capacity"}, output={"loan": 1}),
        Step("check", StepKind.CHECK, at(1.1), at(1.11), output=[], level=Level.WARNING),
        Step("send", StepKind.SEND, at(1.2), at(1.5), detail={"window_ms": 12.5}),
    ),
)


def spans(turn: TurnTrace = TURN, **extra: Any) -> dict[str, dict[str, Any]]:
    """The spans by name, attributes as a plain dict beside them."""
    found = {}
    for resource in turn_trace(turn, ORIGIN, **extra)["resourceSpans"]:
        for scope in resource["scopeSpans"]:
            for span in scope["spans"]:
                attributes = {item["key"]: _value(item["value"]) for item in span["attributes"]}
                found[span["name"]] = {**span, "attributes": attributes}
    return found


def _value(value: dict[str, Any]) -> Any:
    ((kind, inner),) = value.items()
    if kind == "arrayValue":
        return [_value(item) for item in inner["values"]]
    return int(inner) if kind == "intValue" else inner


def generation(turn: TurnTrace = TURN) -> dict[str, Any]:
    attributes: dict[str, Any] = spans(turn)["broker-response"]["attributes"]
    return attributes


def metadata(turn: TurnTrace = TURN) -> dict[str, Any]:
    prefix = "langfuse.observation.metadata."
    return {k.removeprefix(prefix): v for k, v in generation(turn).items() if k.startswith(prefix)}


def test_the_same_turn_gives_the_same_bytes() -> None:
    assert json.dumps(turn_trace(TURN, ORIGIN)) == json.dumps(turn_trace(dataclasses.replace(TURN), ORIGIN))


def test_the_trace_id_is_the_hash_of_the_turn_id() -> None:
    expected = hashlib.sha256(b"nextnest:turn:turn-1").hexdigest()[:32]
    assert {span["traceId"] for span in spans().values()} == {expected}


def test_span_ids_differ_within_a_turn_and_between_turns() -> None:
    twice = dataclasses.replace(TURN, steps=(*TURN.steps, *TURN.steps))
    other = dataclasses.replace(TURN, turn_id="turn-2")
    ids = [
        span["spanId"]
        for turn in (twice, other)
        for scope in turn_trace(turn, ORIGIN)["resourceSpans"][0]["scopeSpans"]
        for span in scope["spans"]
    ]
    assert len(set(ids)) == len(ids)
    assert all(len(span_id) == 16 and int(span_id, 16) >= 0 for span_id in ids)


def test_a_later_step_leaves_the_ids_of_earlier_steps_as_they_were() -> None:
    longer = dataclasses.replace(TURN, steps=(*TURN.steps, Step("read", StepKind.READ, at(1), at(1.1))))
    assert spans(longer)["check"]["spanId"] == spans()["check"]["spanId"]


def test_every_span_hangs_on_the_root_and_carries_session_and_user() -> None:
    by_name = spans()
    root = by_name.pop("turn")
    assert "parentSpanId" not in root
    assert {span["parentSpanId"] for span in by_name.values()} == {root["spanId"]}
    for span in (root, *by_name.values()):
        assert span["attributes"]["langfuse.session.id"] == "conversation-42"
        assert span["attributes"]["langfuse.user.id"] == pseudonym("tan@example.com", b"salt")
        assert span["attributes"]["langfuse.environment"] == "production"


def test_nothing_of_the_contact_leaves_but_a_salted_hash() -> None:
    assert "tan@example" not in json.dumps(turn_trace(TURN, ORIGIN))
    assert pseudonym("tan@example.com", b"salt") != pseudonym("tan@example.com", b"other salt")
    assert hashlib.sha256(b"tan@example.com").hexdigest()[:24] not in pseudonym("tan@example.com", b"salt")


def test_the_generation_has_what_was_asked_said_and_used() -> None:
    attributes = generation()
    assert attributes["langfuse.observation.type"] == "generation"
    assert json.loads(attributes["langfuse.observation.input"]) == ["How much can I borrow?"]
    assert json.loads(attributes["langfuse.observation.output"]) == REPLY.text
    assert attributes["langfuse.observation.model.name"] == "gpt-example"
    usage = json.loads(attributes["langfuse.observation.usage_details"])
    assert usage == {"input": 900, "output": 80, "total": 980}
    assert json.loads(attributes["langfuse.observation.cost_details"]) == {"total": 0.0021}


def test_the_generation_says_score_persona_property_outcome_and_rules() -> None:
    said = metadata()
    assert said["lead_score"] == 62
    assert said["broker_persona"] == "balanced"
    assert said["property_type"] == "condo"
    assert said["outcome"] == "replied"
    assert said["rule_version"] == "2026-11-22"
    assert json.loads(said["evidence"]) == ["calculation:affordability"]
    assert json.loads(said["notes"]) == ["model"]


def test_a_managed_prompt_is_linked_with_its_number() -> None:
    attributes = generation()
    assert attributes["langfuse.observation.prompt.name"] == "nextnest-broker-balanced"
    assert attributes["langfuse.observation.prompt.version"] == 7


def test_a_prompt_of_the_release_is_named_but_not_linked() -> None:
    local = dataclasses.replace(
        MODEL_STEP,
        detail={"prompt": "nextnest-broker-balanced", "prompt_version": "1.1", "prompt_managed": False},
    )
    turn = dataclasses.replace(TURN, steps=(local,))
    assert "langfuse.observation.prompt.name" not in generation(turn)
    assert metadata(turn)["prompt_version"] == "1.1"


def test_the_generation_lasts_as_long_as_the_composing() -> None:
    span = spans()["broker-response"]
    assert span["startTimeUnixNano"] == "1795334400223456000"  # START + 0.1 s, by hand
    assert int(span["endTimeUnixNano"]) - int(span["startTimeUnixNano"]) == 1_010_000_000


def test_a_clock_that_steps_back_gives_no_negative_time() -> None:
    turn = dataclasses.replace(TURN, ended_at=at(-5))
    root = spans(turn)["turn"]
    assert root["endTimeUnixNano"] == root["startTimeUnixNano"]


def test_steps_have_their_kind_level_and_measures() -> None:
    by_name = {name: span["attributes"] for name, span in spans().items()}
    assert by_name["calculate"]["langfuse.observation.type"] == "tool"
    assert by_name["check"]["langfuse.observation.type"] == "guardrail"
    assert by_name["check"]["langfuse.observation.level"] == "WARNING"
    assert by_name["send"]["langfuse.observation.metadata.window_ms"] == 12.5


def test_the_playbook_costs_nothing_and_says_so() -> None:
    turn = dataclasses.replace(TURN, reply=Reply(text="Hello", intent="greeting"), steps=())
    attributes = generation(turn)
    assert attributes["langfuse.observation.model.name"] == "playbook"
    assert json.loads(attributes["langfuse.observation.usage_details"])["total"] == 0
    assert json.loads(attributes["langfuse.observation.cost_details"]) == {"total": 0.0}


def test_a_model_whose_words_were_not_used_is_paid_for_on_its_own_span_once() -> None:
    reply = REPLY.model_copy(update={"author": "playbook"})
    turn = dataclasses.replace(TURN, reply=reply, steps=(MODEL_STEP, MODEL_STEP))
    payload = turn_trace(turn, ORIGIN)["resourceSpans"][0]["scopeSpans"][0]["spans"]
    costs = [
        (span["name"], json.loads(item["value"]["stringValue"])["total"])
        for span in payload
        for item in span["attributes"]
        if item["key"] == "langfuse.observation.cost_details"
    ]
    assert costs == [("broker-response", 0.0), ("model", 0.0021)]


def test_tokens_without_a_known_price_leave_the_price_to_langfuse() -> None:
    free = ModelUse(model="local", input_tokens=10, output_tokens=5, calls=1)
    attributes = generation(dataclasses.replace(TURN, reply=REPLY.model_copy(update={"model_use": free})))
    assert "langfuse.observation.cost_details" not in attributes


def test_a_failed_turn_is_an_error_with_its_reason() -> None:
    turn = dataclasses.replace(TURN, outcome="failed", reason="chatwoot_refused", reply=None)
    for name in ("turn", "broker-response"):
        span = spans(turn)[name]
        assert span["status"] == {"code": 2}
        assert span["attributes"]["langfuse.observation.level"] == "ERROR"
        assert span["attributes"]["langfuse.observation.status_message"] == "chatwoot_refused"


def test_a_silent_turn_has_no_generation() -> None:
    silent = dataclasses.replace(TURN, outcome="silent", reason="human_owns", reply=None, steps=())
    assert set(spans(silent)) == {"turn"}


def test_secrets_are_masked_wherever_they_stand() -> None:
    nric = "S1234567D"  # check letter D by the published modulus-11 scheme
    steps = (
        Step("check", StepKind.CHECK, at(0), at(1), input={"deep": [nric]}, message=f"saw {nric}"),
        Step("send", StepKind.SEND, at(0), at(1), detail={"note": nric}),
    )
    reply = Reply(text=f"Your NRIC {nric}", intent="unknown", notes=(f"cited {nric}",))
    turn = dataclasses.replace(TURN, inputs=(f"I am {nric}",), reply=reply, steps=steps)
    text = json.dumps(turn_trace(turn, ORIGIN))
    assert nric not in text
    assert text.count("[NRIC masked]") >= 8  # twice each: what was asked and said, of trace and generation


def test_a_text_of_any_length_is_cut_and_says_how_much() -> None:
    long = dataclasses.replace(TURN, inputs=("x" * (MOST_CHARACTERS + 5),))
    assert "[5 characters cut]" in generation(long)["langfuse.observation.input"]


def test_what_is_unknown_is_left_out_and_not_zero() -> None:
    unknown = dataclasses.replace(TURN, lead_score=None, persona=None, property_type=None)
    assert "lead_score" not in metadata(unknown)
    assert [score["name"] for score in turn_scores(unknown, ORIGIN)] == ["outcome"]


def test_scores_are_single_objects_with_ids_that_follow_from_the_turn() -> None:
    outcome, lead_score = turn_scores(TURN, ORIGIN)
    assert outcome == {
        "id": f"{trace_id('turn-1')}-outcome",
        "traceId": trace_id("turn-1"),
        "name": "outcome",
        "value": "replied",
        "dataType": "CATEGORICAL",
        "environment": "production",
    }
    assert (lead_score["name"], lead_score["value"], lead_score["dataType"]) == ("lead_score", 62, "NUMERIC")


def test_extra_attributes_stand_on_every_span() -> None:
    found = spans(extra={"langfuse.experiment.name": "nightly"})
    assert {span["attributes"]["langfuse.experiment.name"] for span in found.values()} == {"nightly"}


def test_numbers_are_encoded_as_otlp_json_wants_them() -> None:
    attributes = turn_trace(TURN, ORIGIN)["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["attributes"]
    by_key = {item["key"]: item["value"] for item in attributes}
    assert by_key["langfuse.trace.metadata.lead_score"] == {"intValue": "62"}
    tags = by_key["langfuse.trace.tags"]
    assert tags == {"arrayValue": {"values": [{"stringValue": "replied"}, {"stringValue": "balanced"}]}}


@pytest.mark.parametrize("step", [*TURN.steps, dataclasses.replace(MODEL_STEP, message="slow")])
def test_a_step_survives_its_row(step: Step) -> None:
    assert Step.from_json(json.loads(json.dumps(step.to_json()))) == step


def test_a_handoff_is_named() -> None:
    reply = REPLY.model_copy(update={"handoff": HandoffReason.UNPROVEN})
    assert metadata(dataclasses.replace(TURN, reply=reply))["handoff"] == "unproven"
