"""`/contacts/filter` and `/conversations/filter`: conditions over attributes (`filter_keys.yml`)."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from nextnest.desk.errors import Crash, Unprocessable
from nextnest.desk.models import AttributeDefinition, Json
from nextnest.desk.times import parse
from nextnest.desk.work import Work

_EQUAL = ("equal_to", "not_equal_to")
_TEXT = (*_EQUAL, "contains", "does_not_contain")
_PRESENT = (*_EQUAL, "is_present", "is_not_present")
_DATE = ("is_greater_than", "is_less_than", "days_before")

CONTACT_KEYS: dict[str, tuple[str, ...]] = {
    "name": _TEXT,
    "phone_number": (*_TEXT, "starts_with"),
    "email": _TEXT,
    "identifier": _EQUAL,
    "country_code": _EQUAL,
    "city": _TEXT,
    "company_name": _TEXT,
    "labels": _PRESENT,
    "created_at": _DATE,
    "last_activity_at": _DATE,
    "blocked": _EQUAL,
}
CONVERSATION_KEYS: dict[str, tuple[str, ...]] = {
    "status": _EQUAL,
    "assignee_id": _PRESENT,
    "inbox_id": _PRESENT,
    "team_id": _PRESENT,
    "contact_id": _PRESENT,
    "priority": _EQUAL,
    "display_id": _TEXT,
    "campaign_id": _PRESENT,
    "labels": _PRESENT,
    "browser_language": _EQUAL,
    "conversation_language": _EQUAL,
    "referer": _TEXT,
    "created_at": _DATE,
    "last_activity_at": _DATE,
    "mail_subject": _TEXT,
}
_CUSTOM = (*_PRESENT, "contains", "does_not_contain", *_DATE)

ValueOf = Callable[[str], Any]


def conditions(work: Work, params: Json, keys: dict[str, tuple[str, ...]], model: str) -> list[Json]:
    """The checked conditions of a request. Raises Unprocessable in Chatwoot's words, Crash without any."""
    given = params.get("payload")
    if not isinstance(given, list):
        raise Crash
    defined = {d.attribute_key for d in work.store.all(AttributeDefinition) if d.attribute_model == model}
    for condition in given:
        key = str(condition.get("attribute_key"))
        operators = keys.get(key) or (_CUSTOM if key in defined else None)
        if operators is None:
            raise Unprocessable(
                f"Invalid attribute key - [{key}]. The key should be one of [{','.join(keys)}] "
                "or a custom attribute defined in the account."
            )
        if condition.get("filter_operator") not in operators:
            allowed = ",".join(operators)
            raise Unprocessable(f"Invalid operator. The allowed operators for {key} are [{allowed}].")
    return given


def matches(conditions: list[Json], value_of: ValueOf) -> bool:
    """Conditions joined from the left by their own `query_operator`; none means everything."""
    result = True
    join = "AND"
    for condition in conditions:
        key = str(condition["attribute_key"])
        one = _holds(key, str(condition["filter_operator"]), condition.get("values"), value_of(key))
        result = (result or one) if join == "OR" else (result and one)
        join = str(condition.get("query_operator") or "AND").upper()
    return result


def _holds(key: str, operator: str, values: Any, value: Any) -> bool:
    have = [_plain(v) for v in (value if isinstance(value, list) else [value]) if v is not None]
    if operator == "is_present":
        return bool(have)
    if operator == "is_not_present":
        return not have
    if not isinstance(values, list):
        return False
    if operator in _DATE:
        return _compare_times(operator, values, value)
    wanted = [_plain(v) for v in values]
    if key == "phone_number" and operator in _EQUAL:
        wanted = ["+" + w.lstrip("+") for w in wanted]
    if key == "status" and "all" in wanted:
        return True
    match operator:
        case "equal_to":
            return any(h in wanted for h in have)
        case "not_equal_to":
            return not any(h in wanted for h in have)
        case "contains":
            return any(w in h for h in have for w in wanted)
        case "starts_with":
            return any(h.startswith(w) for h in have for w in wanted)
        case _:
            return not any(w in h for h in have for w in wanted)


def _compare_times(operator: str, values: list[Any], value: Any) -> bool:
    have = parse(value)
    if have is None or not values:
        return False
    if operator == "days_before":
        return have < time.time() - float(values[0]) * 86400
    wanted = parse(values[0])
    if wanted is None:
        return False
    return have > wanted if operator == "is_greater_than" else have < wanted


def _plain(value: Any) -> str:
    return str(value).lower()
