"""A number taken back: "sorry 9k not 8k" says again what was said before, and only which number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from nextnest.broker.cues import SUM
from nextnest.broker.spoken import in_digits
from nextnest.broker.told import Told
from nextnest.domain.lead import Lead
from nextnest.domain.numbers import parse_money

_TAKES_BACK = re.compile(
    r"\b(?:sorry|srry|oops|i mean|i meant|meant|correction|typo|wrong|wait|actually|should be)\b"
)
_DENIED = re.compile(rf"\b(?:not|instead of|rather than)\s(?P<sum>{SUM})(?![\w%])")
_NUMBER = re.compile(rf"(?<![\w.])(?P<sum>{SUM})(?![\w%])")
_BARE = re.compile(r"(?<![\w.,$])\d{1,2}(?:\.\d{1,2})?(?![\w%.]|,\d)")
_VARIED = frozenset({"tenure_months", "rate_pct"})
_MOST_WORDS = 8
_MOST_TIMES = 3


def corrected(text: str, message_id: int, told: Sequence[Told], lead: Lead) -> Told | None:
    """What a bare correction changes; None where it is none, or where it is not clear which number it means.

    `told` is what the customer told before, the newest last. "9k not 8k" means the fact that was 8k; a
    correction that denies no number means the last one near it of those told last.
    """
    plain = in_digits(text.casefold())
    denied = _DENIED.search(plain)
    if "?" in plain or len(plain.split()) > _MOST_WORDS or not (denied or _TAKES_BACK.search(plain)):
        return None
    fresh = [match["sum"] for match in _NUMBER.finditer(_DENIED.sub(" ", plain))]
    if len(fresh) != 1:
        return None
    numbers = [one for one in told if _is_number(one.value)]
    value = _money(fresh[0])
    if denied is None:
        latest = [one for one in numbers if one.message_id == numbers[-1].message_id]
        changed = [one for one in latest if value is not None and _is_near(value, one.value)][-1:]
    else:
        old = _money(denied["sum"])
        changed = [one for one in numbers if one.value == old][-1:]
        changed = changed or [
            Told(path, known, "", 0) for path, known in _facts(lead.facts(), "") if known in (old, value)
        ]  # the new number too: the lead may have it since
    if len(changed) != 1 or value is None:
        return None
    kept = int(value) if isinstance(changed[0].value, int) else value
    return Told(changed[0].field, kept, text.strip(), message_id, changed[0].supposed)


def varied(text: str, message_id: int, told: Sequence[Told]) -> Told | None:
    """A bare number asked after another: "too high. 25?" after 20 years supposes 25 years."""
    plain = in_digits(text.casefold())
    numbers = _BARE.findall(plain)
    last = next((one for one in reversed(told) if one.supposed and one.field in _VARIED), None)
    if last is None or len(numbers) != 1 or "?" not in plain or len(plain.split()) > _MOST_WORDS:
        return None
    value = Decimal(numbers[0]) * (12 if last.field == "tenure_months" else 1)
    if isinstance(last.value, int) and value != int(value):
        return None
    if not _is_near(value, last.value):
        return None
    kept = int(value) if isinstance(last.value, int) else value
    return Told(last.field, kept, text.strip(), message_id, supposed=True)


def _is_near(value: Decimal, old: Any) -> bool:
    """A slip changes a number, but not out of all proportion: else it is about something else."""
    return Decimal(str(old)) / _MOST_TIMES <= value <= Decimal(str(old)) * _MOST_TIMES


def _money(written: str) -> Decimal | None:
    try:
        return parse_money(written.strip())
    except ValueError:
        return None


def _facts(facts: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every number of the lead by its path."""
    if isinstance(facts, dict | list):
        for name, value in facts.items() if isinstance(facts, dict) else enumerate(facts):
            yield from _facts(value, f"{path}.{name}" if path else str(name))
    elif _is_number(facts):
        yield path, facts


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)
