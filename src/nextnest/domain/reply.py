"""A reply with the evidence of every figure and claim in it."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from nextnest.domain.handoff import HandoffReason


class Unit(StrEnum):
    MONEY = "money"  # S$
    PERCENT = "percent"  # 4.0 means 4.0 %
    MONTHS = "months"
    YEARS = "years"
    COUNT = "count"  # points, people, documents, working days


class Figure(BaseModel):
    """A number that may be said.

    `tolerance` is absolute, in the same unit: what the figure's rounding allows. A text may say the
    figure more coarsely ("about S$1.2m") only within the rounding that its own digits imply.
    """

    model_config = ConfigDict(frozen=True)

    value: Decimal
    unit: Unit
    label: str  # what it is, in field terms: "loan", "tdsr_pct", "bsd"
    tolerance: Decimal = Decimal(0)


class EvidenceKind(StrEnum):
    CALCULATION = "calculation"
    RULE = "rule"  # a row of a rule table said as such: "the TDSR limit is 55%"
    RATE = "rate"  # a dated row of a rate sheet
    KNOWLEDGE = "knowledge"  # an entry of knowledge/
    LEAD = "lead"  # a fact of the lead, as the customer gave it
    CUSTOMER = "customer"  # the customer's own words


class Evidence(BaseModel):
    """Where figures and claims of a reply come from.

    `ref` names the source: a calculator, a rate row, a knowledge entry, a lead field, a message id.
    `detail` is JSON: for a calculation its inputs, values, rule rows, date, rounding and working.
    """

    model_config = ConfigDict(frozen=True)

    kind: EvidenceKind
    ref: str
    figures: tuple[Figure, ...] = ()
    detail: dict[str, Any] = {}


class LearnedFact(BaseModel):
    """A fact the customer told in the chat; `field` is a path into the lead, such as `monthly_debts`."""

    model_config = ConfigDict(frozen=True)

    field: str
    value: Any
    message_id: int
    quote: str


class ModelUse(BaseModel):
    """What one turn cost at the model: tokens, S$ nothing; cost is in US$."""

    model_config = ConfigDict(frozen=True)

    model: str
    input_tokens: int = 0
    output_tokens: int = 0
    cost_usd: Decimal = Decimal(0)
    calls: int = 0


class Reply(BaseModel):
    """What the broker wants to say, before or after the checks.

    `handoff` set means: say `text` (it may be empty), then hand over for that reason.
    `intent` is what was understood ("capacity", "stamp_duty", "unknown", …).
    """

    model_config = ConfigDict(frozen=True)

    text: str
    intent: str
    author: Literal["playbook", "model", "policy"] = "playbook"
    evidence: tuple[Evidence, ...] = ()
    facts: tuple[LearnedFact, ...] = ()
    asks_for: str | None = None  # the lead field that the reply asks for
    handoff: HandoffReason | None = None
    model_use: ModelUse | None = None
    notes: tuple[str, ...] = ()  # what the checks found on the way, for trace and panel
