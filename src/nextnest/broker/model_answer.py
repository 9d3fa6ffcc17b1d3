"""The shape of a model's answer; its descriptions are read by the model."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from nextnest.domain.handoff import HandoffReason

Wish = Literal[
    HandoffReason.ASKED_FOR_PERSON,
    HandoffReason.COMPLAINT,
    HandoffReason.DISTRESS,
    HandoffReason.LEGAL_THREAT,
    HandoffReason.BEREAVEMENT,
    HandoffReason.DIVORCE,
    HandoffReason.OTHER_PROFESSION,
    HandoffReason.READY_TO_APPLY,
    HandoffReason.NOT_UNDERSTOOD,
]
"""The hand-overs that a model may wish for; the others are for us to decide."""


class ModelFact(BaseModel):
    """A fact the customer stated in an unanswered message."""

    model_config = ConfigDict(extra="ignore")

    field: str = Field(description="the lead's field, such as monthly_debts or applicants.1.age")
    value: str | int | float | bool
    message_id: int = Field(description="message_id of the unanswered message")
    quote: str = Field(description="copied letter for letter from that message")


class ModelAnswer(BaseModel):
    """The broker's answer to the customer."""

    model_config = ConfigDict(extra="ignore")

    text: str = Field(min_length=1, max_length=2_000, description="what the customer reads")
    evidence_used: list[str] = Field(default=[], description="the ref of each tool result used")
    facts_learned: list[ModelFact] = Field(default=[], max_length=12)
    next_question: str | None = Field(default=None, description="the lead's field asked for, or null")
    handoff: Wish | None = Field(default=None, description="why a person should take over, or null")
