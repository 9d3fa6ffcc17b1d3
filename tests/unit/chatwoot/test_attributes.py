from __future__ import annotations

from typing import Any

import pytest

from nextnest.adapters.chatwoot.attributes import storable


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ("x" * 1500, "x" * 1500),  # the longest that Chatwoot takes
        ("x" * 1501, "x" * 1493 + "… [cut]"),  # 1,500 with the mark
        ("好" * 1501, "好" * 1493 + "… [cut]"),  # characters, not bytes
        (9_999_999_999, 9_999_999_999),  # the largest
        (10_000_000_000, "10000000000"),  # as text
        (-10_000_000_000, -10_000_000_000),  # only large ones are checked
        (12_345_678_901.5, 12_345_678_901.5),  # floats are not checked
        (True, True),
        (0, 0),  # zero is a value
        ("", ""),
        ("a\0b", "ab"),
        (["x" * 2000], ["x" * 2000]),  # nested values are not checked
    ],
    ids=lambda value: repr(value)[:20],
)
def test_values_are_brought_within_chatwoots_limits(value: Any, stored: Any) -> None:
    assert storable({"key": value}) == {"key": stored}


def test_null_is_never_sent() -> None:
    assert storable({"income": None, "debts": 0}) == {"debts": 0}
