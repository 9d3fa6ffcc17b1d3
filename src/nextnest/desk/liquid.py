"""Just enough Liquid to be dangerous: Chatwoot renders outgoing text before it saves it.

`{{ contact.email }}` gives the address away, `{{ unknown }}` vanishes, `{% if %}` is executed. Text in
backticks is protected; a syntax error leaves the whole text as it is (`concerns/liquidable.rb`). A product
that does not make its text inert shows it here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

_TOKENS = re.compile(r"(\{\{.*?\}\}|\{%.*?%\})", re.DOTALL)
_BACKTICKS = re.compile(r"`(.*?)`", re.DOTALL)
_TAG = re.compile(r"\{%-?\s*(\w+)\s*(.*?)\s*-?%\}", re.DOTALL)
_STRING = re.compile(r"""^(["'])(.*)\1$""", re.DOTALL)

_FILTERS: dict[str, Callable[[Any, list[Any]], Any]] = {
    "upcase": lambda value, _: _text(value).upper(),
    "downcase": lambda value, _: _text(value).lower(),
    "capitalize": lambda value, _: _text(value).capitalize(),
    "strip": lambda value, _: _text(value).strip(),
    "size": lambda value, _: len(value) if value is not None else 0,
    "default": lambda value, args: value if value not in (None, "", False) else (args or [""])[0],
    "append": lambda value, args: _text(value) + _text(args[0] if args else ""),
    "prepend": lambda value, args: _text(args[0] if args else "") + _text(value),
}

Drops = Mapping[str, Any]


class _SyntaxError(ValueError):
    """Liquid would refuse to parse this."""


def render(text: str, drops: Drops) -> str:
    """The text with its Liquid executed; the text itself where that is not possible."""
    parts: list[str] = []
    position = 0
    try:
        for match in _BACKTICKS.finditer(text):
            parts += [text[position : match.start()], match.group()]
            position = match.end()
        parts.append(text[position:])
        return "".join(part if number % 2 else _render(part, drops) for number, part in enumerate(parts))
    except _SyntaxError:
        return text


def _render(text: str, drops: Drops) -> str:
    out: list[str] = []
    shown = [True]  # one entry a block that is open: is its text shown?
    for token in _TOKENS.split(text):
        if token.startswith("{{"):
            if all(shown):
                out.append(_text(_value(token[2:-2].strip("- \n\t"), drops)))
        elif tag := _TAG.fullmatch(token):
            _open_or_close(tag.group(1), tag.group(2), shown, drops)
        elif "{{" in token or "{%" in token:
            raise _SyntaxError(token)
        elif all(shown):
            out.append(token)
    if len(shown) > 1:
        raise _SyntaxError("a block is not closed")
    return "".join(out)


def _open_or_close(name: str, argument: str, shown: list[bool], drops: Drops) -> None:
    match name:
        case "if":
            shown.append(_holds(argument, drops))
        case "unless":
            shown.append(not _holds(argument, drops))
        case "else" if len(shown) > 1:
            shown[-1] = not shown[-1]
        case "comment":
            shown.append(False)
        case "endif" | "endunless" | "endcomment" if len(shown) > 1:
            shown.pop()
        case _:
            raise _SyntaxError(name)


def _holds(argument: str, drops: Drops) -> bool:
    for operator in ("==", "!="):
        left, found, right = argument.partition(operator)
        if found:
            equal = _value(left.strip(), drops) == _value(right.strip(), drops)
            return equal is (operator == "==")
    return _value(argument, drops) not in (None, False)


def _value(expression: str, drops: Drops) -> Any:
    first, *filters = (part.strip() for part in expression.split("|"))
    value = _lookup(first, drops)
    for call in filters:
        name, _, arguments = call.partition(":")
        function = _FILTERS.get(name.strip())
        if function:
            given = [_lookup(a.strip(), drops) for a in arguments.split(",")] if arguments.strip() else []
            value = function(value, given)
    return value


def _lookup(name: str, drops: Drops) -> Any:
    if quoted := _STRING.match(name):
        return quoted.group(2)
    if re.fullmatch(r"-?\d+", name):
        return int(name)
    if name in ("true", "false", "nil", "blank", "empty", ""):
        return {"true": True, "false": False}.get(name)
    value: Any = drops
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _text(value: Any) -> str:
    if value is None or isinstance(value, Mapping):
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
