"""Custom attributes as Chatwoot can store them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_LONGEST_TEXT = 1500  # characters; longer is 422 (app/models/jsonb_attributes_length_validator.rb)
_LARGEST_INTEGER = 9_999_999_999  # larger is 422; floats and nested values are not checked
_CUT = "… [cut]"


def storable(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The same attributes within Chatwoot's limits.

    None is left out (Chatwoot answers it with 500), a long text is cut with a mark (the whole stays in our
    store), an integer that is too large is sent as text.
    """
    return {key: _storable(value) for key, value in attributes.items() if value is not None}


def _storable(value: Any) -> Any:
    if isinstance(value, str):
        text = value.replace("\0", "")  # PostgreSQL refuses it, Chatwoot answers 500
        return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - len(_CUT)] + _CUT
    if isinstance(value, int) and value > _LARGEST_INTEGER:
        return str(value)
    return value
