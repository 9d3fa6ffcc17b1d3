"""Telephone numbers: any usual spelling in, E.164 out."""

from __future__ import annotations

import re

import phonenumbers

_HOME = "SG"
_LONGEST = 40  # characters; the longest real spelling has fewer
_DOUBLED_CODE = re.compile(r"^(\+\d{1,3})\s*\+")  # "+65+6591234567": autofill after a fixed prefix
_SINGAPORE = re.compile(r"^\+65[3689]\d{7}$")


def parse_phone(text: str) -> str:
    """The number in E.164 ("+6591234567"). Without a country code it is read as a Singapore number.

    Raises:
        ValueError: no telephone number can be read.
    """
    spelling = text.strip()
    if len(spelling) <= _LONGEST:
        spelling = _DOUBLED_CODE.sub("+", spelling)
        international = "+" + spelling[2:] if spelling.startswith("00") else spelling
        for candidate in (international, spelling):
            if number := _read(candidate):
                return number
    raise ValueError("this does not look like a phone number; write it as +65 9123 4567 or 91234567")


def _read(spelling: str) -> str | None:
    try:
        number = phonenumbers.parse(spelling, _HOME)
    except phonenumbers.NumberParseException:
        return None
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    # New ranges are given out before the library's tables know them: at home the shape is enough.
    return e164 if phonenumbers.is_valid_number(number) or _SINGAPORE.match(e164) else None
