"""Outgoing text that Chatwoot will not execute. Pure.

Chatwoot renders the content of every outgoing message, private notes too, and the parameters of templates
with Liquid before it stores them: `{{contact.email}}` written by a model becomes the address. Liquid
starts at `{{` and `{%` and nowhere else, so a space inside those two is enough, and a customer who was
shown braces still sees them.

Text inside backticks is broken as well: Chatwoot protects it by writing `{% raw %}` around it, and an `{%
endraw %}` inside would lift that.
"""

from __future__ import annotations

import re
from typing import Any

_OPENING = re.compile(r"\{(?=[{%])")


def inert(text: str) -> str:
    """`text` with `{{` as `{ {` and `{%` as `{ %`; doing it twice changes nothing more."""
    return _OPENING.sub("{ ", text)


def inert_values(value: Any) -> Any:
    """The same for every text inside a JSON value."""
    if isinstance(value, str):
        return inert(value)
    if isinstance(value, dict):
        return {key: inert_values(each) for key, each in value.items()}
    if isinstance(value, list):
        return [inert_values(each) for each in value]
    return value
