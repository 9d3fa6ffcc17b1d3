"""Bytes and times as Rails makes them."""

from __future__ import annotations

import pytest

from nextnest.desk.times import iso, parse, whole
from nextnest.desk.version import Version
from nextnest.desk.wire import sign, to_json


def test_signs_the_known_vector() -> None:
    """Second source: the vector that came with the contract, computed by Chatwoot's own code."""
    signature = sign("9mXrJ3p7Qw2LkV8sYt5BnC4d", 1785235885, '{"event":"message_created","id":5501}')

    assert signature == "sha256=f100acf7ed0f9a73ce4a2360f15b80ffafc84f1173a7f8781f21fd7b79034571"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": "<b> & c"}, '{"a":"\\u003cb\\u003e \\u0026 c"}'),  # what could end a script element
        ("\u2028\u2029", '"\\u2028\\u2029"'),  # what ends a line in JavaScript
        ("中文 😀", '"中文 😀"'),  # everything else as it is
        ([1, None, True, 1.5], "[1,null,true,1.5]"),  # no spaces
    ],
)
def test_writes_json_as_rails_does(value: object, text: str) -> None:
    assert to_json(value) == text


def test_writes_times_in_rails_forms() -> None:
    moment = 1795361772.3549  # recorded: 2026-11-22T15:36:12.354Z is 1795361772

    assert iso(moment) == "2026-11-22T15:36:12.354Z"
    assert whole(moment) == 1795361772
    assert (iso(None), whole(None)) == (None, 0)


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        (1795448237, 1795448237.0),
        ("1795448237", 1795448237.0),
        ("2026-11-23T15:37:17.000Z", 1795448237.0),  # the recorded answer to the first
        ("2020-01-01", 1577836800.0),  # a day begins in UTC
        ("soon", None),
        (None, None),
        (True, None),  # not one second after 1970
    ],
)
def test_reads_times_of_requests(given: object, seconds: float | None) -> None:
    assert parse(given) == seconds


@pytest.mark.parametrize(
    ("number", "owns", "moves"),
    [
        ("4.14.2", False, False),
        ("4.16.1", False, False),
        ("4.16.2", True, False),  # #14875
        ("4.17", True, True),  # #14870
        ("4.18.0", True, True),
    ],
)
def test_versions_differ_where_chatwoot_did(number: str, owns: bool, moves: bool) -> None:
    version = Version(number)

    assert version.bot_owns_new_conversations is owns
    assert version.assignment_moves_status is moves


@pytest.mark.parametrize("wrong", ["4", "v4.14.2", "latest", "4.14.2-ce", ""])
def test_what_is_no_version_is_refused_by_name(wrong: str) -> None:
    with pytest.raises(ValueError, match="no version of Chatwoot"):
        Version(wrong)
