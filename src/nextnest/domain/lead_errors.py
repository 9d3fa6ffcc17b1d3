"""What is wrong with a lead, field by field, in words a person understands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

_MOST_HINTS = 50
_LONGEST_KEY = 60  # characters shown of a key that is not ours

_WORDS = {
    "missing": "this is needed",
    "bool_type": "answer true or false",
    "bool_parsing": "answer true or false",
    "string_type": "write this as text",
    "string_unicode": "this has characters that are not text",
    "string_pattern_mismatch": "write up to 50 letters, digits, dots and hyphens",
    "tuple_type": "send a list",
    "model_type": "send an object",
    "model_attributes_type": "send an object",
    "dict_type": "send an object",
    "invalid_key": "write the name of the field as text",
    "too_long": "send at most {max_length} of them",
}


class LeadErrors(ValueError):  # noqa: N818  one error that holds several problems
    """The lead cannot be taken: `problems` has a sentence for each field.

    A field is named as the client spelled it; parts are joined by dots ("applicants.0.age").
    """

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__("; ".join(f"{field}: {words}" for field, words in self.problems.items()))


def problems_of(error: ValidationError, data: Mapping[Any, Any], names: Iterable[str]) -> dict[str, str]:
    """The problems in pydantic's error, by field as spelled in `data`.

    `names` are all field names, in snake_case, for hints about an unknown one.
    """
    known = sorted(names)
    problems: dict[str, str] = {}
    details = error.errors(include_url=False, include_input=False)
    if len(details) > _MOST_HINTS:
        known = []  # a heap of strange keys is no slip of the finger, and hints are slow to find
    for detail in details:
        if detail["type"] == "lead":
            problems |= {_spelled((field,), data): words for field, words in detail["ctx"].items()}
        else:
            problems.setdefault(_spelled(detail["loc"], data), _words(detail, known))
    return problems


def camel_case(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _words(detail: ErrorDetails, known: list[str]) -> str:
    if detail["type"] == "extra_forbidden":
        return _unknown(str(detail["loc"][-1]), known)
    words = _WORDS.get(detail["type"])
    return words.format(**detail.get("ctx", {})) if words else detail["msg"]


def _unknown(field: str, known: list[str]) -> str:
    for name in known:
        if field == camel_case(name):
            return f"this was also sent as {name}, with another value; send one of them"
    near = get_close_matches(field[:_LONGEST_KEY].lower(), known, n=1, cutoff=0.75)
    return "a lead has no such field" + (f"; did you mean {near[0]}?" if near else "")


def _spelled(loc: Iterable[int | str], data: Any) -> str:
    """The path with each field in the client's own spelling."""
    parts: list[str] = []
    for part in loc:
        key: Any = part
        if isinstance(data, Mapping) and part not in data and camel_case(str(part)) in data:
            key = camel_case(str(part))
        data = data.get(key) if isinstance(data, Mapping) else _item(data, part)
        parts.append(str(key)[:_LONGEST_KEY].encode(errors="replace").decode())
    return ".".join(parts) or "lead"


def _item(data: Any, index: int | str) -> Any:
    if isinstance(data, list | tuple) and isinstance(index, int) and index < len(data):
        return data[index]
    return None
