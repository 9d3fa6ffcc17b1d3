"""A scripted customer: who they are, what they write, and what must and must not come of it.

docs/evaluation.md describes every key. What is not known is refused, so that a slip of the pen cannot pass as
an expectation.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, Self, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from nextnest.domain.handoff import HandoffReason
from nextnest.domain.lead import Lead
from nextnest.domain.persona import Persona
from nextnest.domain.reply import Unit
from nextnest.mortgage import CALCULATORS, CannotCompute, InvalidInput, calculate

TODAY = date(2026, 11, 22)  # of a scenario that names no day
LONGEST = 1_200  # characters of a reply, where a scenario does not say

Language: TypeAlias = Literal["en", "zh", "ms", "ta"]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _listed(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else (value,)


def _compiles(patterns: tuple[str, ...]) -> tuple[str, ...]:
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"{pattern!r} is no regular expression ({error})") from None
    return patterns


Lines: TypeAlias = Annotated[tuple[str, ...], BeforeValidator(_listed)]
Patterns: TypeAlias = Annotated[tuple[str, ...], BeforeValidator(_listed), AfterValidator(_compiles)]
"""Regular expressions, looked for without regard to case."""


class ExpectedFigure(_Strict):
    """A figure that the reply must say, with evidence for it.

    Either an output of a calculator on explicit inputs, or a `value` with the `source` it was read from.
    """

    calc: str | None = None
    inputs: dict[str, Any] = {}
    key: str | None = None
    value: Decimal | None = None
    unit: Unit | None = None
    source: str | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        by_calculator = self.calc is not None and self.key is not None
        by_hand = self.value is not None and self.unit is not None and self.source is not None
        if by_calculator == by_hand:
            raise ValueError("a figure needs calc, inputs and key, or value, unit and source")
        if self.calc is not None and self.calc not in CALCULATORS:
            raise ValueError(f"there is no calculator {self.calc!r}")
        if self.calc is not None and self.key not in CALCULATORS[self.calc].outputs:
            raise ValueError(f"{self.calc} has no output {self.key!r}")
        return self

    @property
    def name(self) -> str:
        return f"{self.calc}.{self.key}" if self.calc else f"{self.value} {self.unit}"

    def on(self, today: date) -> tuple[Decimal, Unit]:
        """The figure as a person is shown it, and its unit.

        Raises:
            ValueError, TypeError: the scenario's own inputs do not give it.
        """
        if self.calc is None or self.key is None:
            assert self.value is not None and self.unit is not None  # noqa: S101, PT018  seen to by `_one_way`
            return self.value, self.unit
        inputs = {"as_of": today.isoformat(), **self.inputs}
        try:
            calculation = calculate(self.calc, inputs)
        except (CannotCompute, InvalidInput) as error:
            raise ValueError(f"{self.name}: {error}") from error
        shown = calculation.shown(self.key)
        if not isinstance(shown, Decimal):
            raise TypeError(f"{self.name} is not a number")
        return shown, _UNITS.get(calculation.rounding[self.key].split(" ")[0], Unit.COUNT)


_UNITS = {"S$": Unit.MONEY, "%": Unit.PERCENT, "years": Unit.YEARS, "months": Unit.MONTHS}


class Turn(_Strict):
    """One event of the conversation and what is expected of the broker then.

    Exactly one of `says` (the customer's messages, read together), `answers` (the customer answers what the
    broker asks from what they know, at most so many times), `sends` (a file), `person` (somebody of the
    brokerage writes) and `hand_back` (the conversation is given back to the broker). What is expected after
    `answers` is expected of the last reply.
    """

    says: Lines = ()
    answers: int = 0
    sends: str | None = None
    person: str | None = None
    hand_back: bool = False

    intent: str | None = None  # what the playbook must understand first
    asks: Lines = ()  # the field that must be asked for, or one of these; "nothing": none may be
    hands_over: Annotated[tuple[HandoffReason | Literal["no"], ...], BeforeValidator(_listed)] = ("no",)
    silent: bool = False
    figures: tuple[ExpectedFigure, ...] = ()
    contains: Patterns = ()
    never: Patterns = ()
    learns: dict[str, Any] | None = None  # {}: nothing may be learned
    language: Language = "en"
    longest: int = LONGEST

    @model_validator(mode="after")
    def _one_event(self) -> Self:
        events = [
            bool(self.says),
            self.answers > 0,
            self.sends is not None,
            self.person is not None,
            self.hand_back,
        ]
        if sum(events) != 1:
            raise ValueError("a turn is exactly one of says, answers, sends, person and hand_back")
        return self

    @property
    def by_customer(self) -> bool:
        return bool(self.says) or self.answers > 0 or self.sends is not None


class Scenario(_Strict):
    """One scripted customer. `lead` is what the form was filled in with; None: they wrote without it."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    customer: str = Field(min_length=3)  # who writes, in a few words
    suite: str
    lead: Lead | None = None
    knows: dict[str, str] = {}  # what they answer when they are asked for a field
    persona: Persona | None = None  # None: by the lead's score
    today: date = TODAY
    rates: Literal["none", "current", "expired"] = "none"
    high_value_from: Decimal | None = None  # S$
    people_back: str | None = None
    turns: tuple[Turn, ...] = Field(min_length=1)
    never: Patterns = ()
    lead_ends: dict[str, Any] = {}  # facts of the lead after the last turn

    @property
    def multi_turn(self) -> bool:
        return sum(turn.by_customer for turn in self.turns) > 1
