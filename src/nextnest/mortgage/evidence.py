"""What a calculation is: its values with everything needed to believe them.

Errors:

    ValueError
    +-- CannotCompute   a fact is missing; ask for it, never assume it
    +-- InvalidInput    a fact was given that cannot be meant
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Literal, TypeAlias

from nextnest.mortgage.rounding import ROUNDINGS, Rounding, plain

Confidence: TypeAlias = Literal["H", "M", "L"]
"""H: official text or statute read. M: official rule known through others. L: practice, not a rule."""

Value: TypeAlias = "Decimal | bool | str | Sequence[str] | Sequence[Mapping[str, Value]] | None"
"""Numbers are exact Decimals; dates are ISO strings; None means "there is none"."""


class CannotCompute(ValueError):  # noqa: N818  it is an answer, not a fault
    """cannot compute: a fact is missing. `needs` names each one, in the words of the inputs."""

    def __init__(self, *needs: str) -> None:
        self.needs = needs
        super().__init__(f"cannot compute: needs {', '.join(needs)}")


class InvalidInput(ValueError):  # noqa: N818
    """An input cannot be meant. `problems` has one plain sentence for each."""

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("; ".join(problems))


@dataclass(frozen=True)
class RuleRef:
    """The row of a rule table that a figure rests on. `effective` is None where the source prints no date."""

    table: str
    row: str
    effective: date | None
    source: str
    confidence: Confidence

    def to_json(self) -> dict[str, Any]:
        return {
            "table": self.table,
            "row": self.row,
            "effective": self.effective and self.effective.isoformat(),
            "source": self.source,
            "confidence": self.confidence,
        }


@dataclass(frozen=True)
class Outcome:
    """What a calculator function returns: exact values, the rule rows used, the steps in plain English."""

    values: Mapping[str, Value]
    working: Sequence[str]
    rules: Sequence[RuleRef] = ()
    assumptions: Sequence[str] = ()

    def number(self, key: str) -> Decimal:
        """One of the values that is known to be a number."""
        value = self.values[key]
        if not isinstance(value, Decimal):
            raise TypeError(f"{key} is not a number")
        return value


@dataclass(frozen=True)
class Calculation:
    """A finished calculation with its evidence.

    `values` are exact; `shown(key)` rounds once, by the rule named in `rounding[key]`. `working` is for a
    person; `assumptions` are labelled and include every practice (confidence L) that was used.
    """

    calculator: str
    inputs: Mapping[str, Any]
    values: Mapping[str, Value]
    rules: tuple[RuleRef, ...]
    as_of: date | None
    rounding: Mapping[str, str]
    working: tuple[str, ...]
    assumptions: tuple[str, ...] = field(default=())

    def _rule(self, key: str) -> Rounding:
        return ROUNDINGS[self.rounding[key]]

    def shown(self, key: str) -> Value:
        """The value rounded once, as a person is shown it."""
        value = self.values[key]
        return self._rule(key).shown(value) if isinstance(value, Decimal) else value

    def text(self, key: str) -> str:
        """The shown value in words: "S$3,120.33", "57.29%", "yes"; of a finding what it says."""
        value = self.values[key]
        if isinstance(value, Decimal):
            return self._rule(key).text(value)
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, str) or value is None:
            return value or "none"
        said = [str(item["said"]) if isinstance(item, Mapping) else item for item in value]
        return "; ".join(said) or "none"

    def stated(self, key: str) -> Any:
        """The value for a machine, JSON-safe: an int, or a plain decimal string, at most to the cent."""
        value = self.values[key]
        return _plain_json(self._rule(key).to_state(value) if isinstance(value, Decimal) else value)

    def to_json(self) -> dict[str, Any]:
        """All of it, JSON-safe; decimals are strings, exact in `values` and rounded in `shown`."""
        return {
            "calculator": self.calculator,
            "as_of": self.as_of and self.as_of.isoformat(),
            "inputs": _json(self.inputs),
            "values": _json(self.values),
            "shown": {key: _json(self.shown(key)) for key in self.values},
            "rounding": dict(self.rounding),
            "rules": [rule.to_json() for rule in self.rules],
            "working": list(self.working),
            "assumptions": list(self.assumptions),
        }


def _json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: _json(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_json(inner) for inner in value]
    return value


def _plain_json(value: Any) -> Any:
    """Like `_json`, but a whole number is an int."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else plain(value)
    if isinstance(value, Mapping):
        return {key: _plain_json(inner) for key, inner in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain_json(inner) for inner in value]
    return value
