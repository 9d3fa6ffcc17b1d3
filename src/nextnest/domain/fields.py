"""The kinds of field a lead is made of: how each is read, and how the API describes it.

Each reads blank text as unknown (None) and refuses what it cannot read with a sentence for the person.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from nextnest.domain.numbers import parse_money, parse_percent, parse_whole
from nextnest.domain.phone import parse_phone

LONGEST_NOTE = 100_000  # characters; what is beyond is cut, a long note never costs a lead

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")  # PostgreSQL stores no NUL; nobody types the rest
_BREAKS = re.compile(r"[\t\r\n]+")
_EMAIL = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+\.[^@\s<>,;\".]+")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8}){0,3}", re.IGNORECASE)


class Reads:
    """Annotation of a field: how its value is read, and its JSON schema beside null.

    Blank is unknown. The words of a ValueError from `read` reach the person as they are.
    """

    def __init__(self, read: Callable[[Any], Any], *kinds: dict[str, Any]) -> None:
        self._read = read
        self._kinds = kinds

    def _known(self, value: Any) -> Any:
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        try:
            return self._read(value)
        except ValueError as error:
            raise PydanticCustomError("field", "{words}", {"words": str(error)}) from None

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._known, handler(source))

    def __get_pydantic_json_schema__(self, _: CoreSchema, __: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"anyOf": [*self._kinds, {"type": "null"}]}


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("write this as text")  # noqa: TRY004  pydantic takes no TypeError
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError("this has characters that are not text") from None
    return _CONTROL.sub("", value).strip()


def _line(longest: int) -> Callable[[Any], str | None]:
    def read(value: Any) -> str | None:
        line = _BREAKS.sub(" ", _text(value))
        if len(line) > longest:
            raise ValueError(f"write at most {longest} characters")
        return line or None

    return read


def _note(value: Any) -> str | None:
    return _text(value)[:LONGEST_NOTE] or None


def _email(value: Any) -> str:
    """Lower case, as Chatwoot stores it: one person, one spelling."""
    address = _text(value).lower()
    if len(address) > 254 or not _EMAIL.fullmatch(address):
        raise ValueError("this does not look like an e-mail address; write it as name@example.com")
    return address


def _phone(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 10**15:
        value = str(value)
    return parse_phone(_text(value))


def _language(value: Any) -> str:
    code = _text(value)
    if not _LANGUAGE.fullmatch(code):
        raise ValueError("write a language code such as en, zh or ms-SG")
    return code


def _date(value: Any) -> date:
    if type(value) is date:
        return value
    try:
        day = date.fromisoformat(_text(value))
    except ValueError:
        day = date.min
    if not 2000 <= day.year <= 2100:
        raise ValueError("write a date as year-month-day, such as 2027-03-31")
    return day


def choice(choices: type[StrEnum]) -> Reads:
    """Only these values; capitals, spaces and hyphens do not matter ("Not-working")."""
    wrong = "choose one of: " + ", ".join(choices)

    def read(value: Any) -> StrEnum:
        spelled = re.sub(r"[\s_-]+", "_", value.strip().lower()) if isinstance(value, str) else ""
        if spelled not in set(choices):
            raise ValueError(wrong)
        return choices(spelled)

    return Reads(read, {"type": "string", "enum": list(choices)})


def whole(low: int, high: int) -> Reads:
    """A whole number from `low` to `high`."""
    return Reads(
        lambda value: parse_whole(value, low, high),
        {"type": "integer", "minimum": low, "maximum": high},
        {"type": "string", "pattern": r"^\d+$"},
    )


def _string(**limits: Any) -> dict[str, Any]:
    return {"type": "string", **limits}


def _number(high: int) -> dict[str, Any]:
    return {"type": "number", "minimum": 0, "maximum": high}


Money = Annotated[Decimal | None, Reads(parse_money, _number(1_000_000_000), _string(maxLength=40))]
Percent = Annotated[Decimal | None, Reads(parse_percent, _number(20), _string(maxLength=40))]
Name = Annotated[str | None, Reads(_line(200), _string(maxLength=200))]
Line = Annotated[str | None, Reads(_line(100), _string(maxLength=100))]
Note = Annotated[str | None, Reads(_note, _string())]
Email = Annotated[str | None, Reads(_email, _string(maxLength=254))]
Phone = Annotated[str | None, Reads(_phone, _string(maxLength=40))]
Language = Annotated[str | None, Reads(_language, _string(maxLength=35))]
Day = Annotated[date | None, Reads(_date, _string(format="date"))]
