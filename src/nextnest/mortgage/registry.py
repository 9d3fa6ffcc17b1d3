"""One decorated function is one calculator: its signature and docstring give everything else.

    @calculator(monthly=CENTS)
    def instalment(principal: Money, rate_pct: Rate, months: Months) -> Outcome:
        \"\"\"Monthly instalment of a loan. ...\"\"\"

The keyword arguments of the decorator name the outputs and how each is rounded when shown. The command
line, the model's tool schema, the documentation and the evidence are read from here.
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any, TypeVar, get_type_hints

from pydantic import BaseModel, ConfigDict, ValidationError, create_model
from pydantic_core import ErrorDetails

from nextnest.mortgage.evidence import Calculation, CannotCompute, InvalidInput, Outcome
from nextnest.mortgage.quantities import Day
from nextnest.mortgage.rounding import Rounding, exact_arithmetic
from nextnest.mortgage.tables import RULES_CHECKED

Function = TypeVar("Function", bound=Callable[..., Outcome])


@dataclass(frozen=True)
class CalculatorSpec:
    """A calculator as others see it."""

    name: str
    summary: str
    doc: str
    inputs_model: type[BaseModel]
    outputs: Mapping[str, Rounding]
    function: Callable[..., Outcome]

    @property
    def json_schema(self) -> dict[str, Any]:
        """JSON schema of the inputs, for a model's tool."""
        return self.inputs_model.model_json_schema()

    @cached_property
    def parameters(self) -> Mapping[str, inspect.Parameter]:
        return inspect.signature(self.function).parameters

    @cached_property
    def _takes_model(self) -> bool:
        return _whole_model(get_type_hints(self.function)) is not None

    def run(self, inputs: BaseModel) -> Outcome:
        """Call the function with its inputs."""
        if self._takes_model:
            return self.function(inputs)
        return self.function(**{name: getattr(inputs, name) for name in self.parameters})


_registered: dict[str, CalculatorSpec] = {}
CALCULATORS: Mapping[str, CalculatorSpec] = MappingProxyType(_registered)
"""Every calculator by its name."""


def calculator(**outputs: Rounding) -> Callable[[Function], Function]:
    """Register a function as a calculator with these outputs; the function itself is returned unchanged."""

    def register(function: Function) -> Function:
        name, doc = function.__name__, inspect.getdoc(function)
        if not doc:
            raise TypeError(f"calculator {name} has no docstring")
        summary = doc.splitlines()[0]
        model = _inputs_model(name, function)
        _registered[name] = CalculatorSpec(name, summary, doc, model, MappingProxyType(outputs), function)
        return function

    return register


def _inputs_model(name: str, function: Callable[..., Outcome]) -> type[BaseModel]:
    hints = get_type_hints(function, include_extras=True)
    if (whole := _whole_model(hints)) is not None:
        return whole
    fields: dict[str, Any] = {}
    for parameter in inspect.signature(function).parameters.values():
        default = ... if parameter.default is parameter.empty else parameter.default
        fields[parameter.name] = (hints[parameter.name], default)
    # Every calculation may be dated; where no rule depends on the date it is only recorded.
    fields.setdefault("as_of", (Day | None, None))
    return create_model(f"{name}_inputs", __config__=ConfigDict(extra="forbid", frozen=True), **fields)


def _whole_model(hints: Mapping[str, Any]) -> type[BaseModel] | None:
    """The inputs model of a function that takes all its inputs as one model."""
    inputs = [hint for name, hint in hints.items() if name != "return"]
    alone = len(inputs) == 1 and isinstance(inputs[0], type) and issubclass(inputs[0], BaseModel)
    return inputs[0] if alone else None


def calculate(name: str, inputs: Mapping[str, Any]) -> Calculation:
    """Run a calculator by name on untrusted inputs.

    Numbers may be int, str or Decimal (a float is taken by its shortest decimal form), dates ISO strings;
    None stands for a fact that is not known. Raises CannotCompute when facts are missing and InvalidInput
    when a name or a value cannot be meant; nothing else.
    """
    spec = CALCULATORS.get(name) if isinstance(name, str) else None
    if spec is None:
        raise InvalidInput(_unknown_calculator(name))
    if not isinstance(inputs, Mapping):
        raise InvalidInput("inputs must be a set of named values")
    parsed = _parse(spec, inputs)
    try:
        with exact_arithmetic():
            outcome = spec.run(parsed)
    except ArithmeticError as error:  # inputs are bounded; this is the last net, not a path we know of
        raise InvalidInput(f"these numbers cannot be computed with ({type(error).__name__})") from error
    return _calculation(spec, parsed, outcome)


def _calculation(spec: CalculatorSpec, parsed: BaseModel, outcome: Outcome) -> Calculation:
    as_of = getattr(parsed, "as_of", None)
    rules = tuple(dict.fromkeys(outcome.rules))
    assumptions = [*outcome.assumptions, *_not_given(spec, parsed)]
    assumptions += [f"An assumption, not a rule: {rule.source}." for rule in rules if rule.confidence == "L"]
    if as_of is not None and as_of > RULES_CHECKED:
        assumptions.append(f"Rules as last checked on {RULES_CHECKED:%-d %b %Y}.")
    return Calculation(
        calculator=spec.name,
        inputs=parsed.model_dump(exclude_none=True),
        values=dict(outcome.values),
        rules=rules,
        as_of=as_of,
        rounding={key: spec.outputs[key].label for key in outcome.values},
        working=tuple(outcome.working),
        assumptions=tuple(dict.fromkeys(assumptions)),
    )


def _not_given(spec: CalculatorSpec, parsed: BaseModel) -> list[str]:
    """What a calculator takes where nothing was said; it is never taken in silence."""
    said = [
        f"{parameter.name.replace('_', ' ')}: {_in_words(parameter.default)}"
        for parameter in spec.parameters.values()
        if parameter.default not in (parameter.empty, None) and parameter.name not in parsed.model_fields_set
    ]
    return [f"Not given, so taken as: {'; '.join(said)}."] if said else []


def _in_words(default: Any) -> str:
    if isinstance(default, bool):
        return "yes" if default else "no"
    return "none" if default == 0 else str(default).replace("_", " ")


def _unknown_calculator(name: object) -> str:
    if not isinstance(name, str):
        return "the name of a calculator is text"
    near = difflib.get_close_matches(name[:60], CALCULATORS, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    return f"there is no calculator named {name[:60]!r}{hint}"


def _parse(spec: CalculatorSpec, inputs: Mapping[str, Any]) -> BaseModel:
    try:
        return spec.inputs_model.model_validate(_known(inputs))
    except ValidationError as error:
        known = list(spec.inputs_model.model_fields)
        problems = [
            f"{_place(fault['loc'])}: {_plain_words(fault['type'], fault['msg'])}{_meant(fault, known)}"
            for fault in error.errors(include_url=False, include_input=False)
            if fault["type"] != "missing"
        ]
        if problems:
            raise InvalidInput(*problems) from None
        raise CannotCompute(*[_place(fault["loc"]) for fault in error.errors()]) from None
    except RecursionError:
        raise InvalidInput("inputs are nested too deeply") from None


def _known(value: Any) -> Any:
    """Without the facts that are not known (None, "", "unknown"): the same as not given."""
    if isinstance(value, Mapping):
        return {key: _known(inner) for key, inner in value.items() if not _unknown(inner)}
    if isinstance(value, list | tuple):
        return [_known(inner) for inner in value]
    return value


def _unknown(value: Any) -> bool:
    return value is None or (isinstance(value, str) and value.strip().lower() in {"", "unknown"})


def _place(location: tuple[int | str, ...]) -> str:
    """("borrowers", 0, "age") as "borrowers[1].age", counted as people count."""
    text = ""
    for step in location:
        if isinstance(step, int):
            text += f"[{step + 1}]"
        else:
            text += f".{step}" if text else str(step)[:60]
    return text or "inputs"


def _meant(fault: ErrorDetails, known: Sequence[str]) -> str:
    """The input that a name may have meant."""
    if fault["type"] != "extra_forbidden" or len(fault["loc"]) > 1:
        return ""
    near = difflib.get_close_matches(str(fault["loc"][0])[:60], known, n=1)
    return f"; did you mean {near[0]}?" if near else ""


_SHAPES = {
    "extra_forbidden": "is not an input of this calculator",
    "list_type": "should be a list, such as [35, 40]",
    "model_type": 'should be named values, such as {"age": 35}',
}


def _plain_words(kind: str, message: str) -> str:
    if kind in _SHAPES:
        return _SHAPES[kind]
    message = message.removeprefix("Value error, ").removeprefix("Input ")
    return message[:1].lower() + message[1:]
