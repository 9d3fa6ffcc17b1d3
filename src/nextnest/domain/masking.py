"""Masks what must never reach a model, a trace or a log: NRIC/FIN, card and bank account numbers, passwords.

Source for the NRIC/FIN check letter: the published modulus-11 scheme of the S, T, F, G and M series.
Phone numbers, postal codes, amounts and loan references are left as they are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

_WEIGHTS = (2, 7, 6, 5, 4, 3, 2)
_LETTERS = {
    "S": "JZIHGFEDCBA",
    "T": "JZIHGFEDCBA",
    "F": "XWUTRQPNMLK",
    "G": "XWUTRQPNMLK",
    "M": "KLJNPQRTUWX",
}
_OFFSET = {"S": 0, "T": 4, "F": 0, "G": 4, "M": 3}

_GAP = r"[\s\-./]{0,2}"  # what people put between the characters of a number
_NRIC = re.compile(rf"(?<![A-Za-z0-9])([STFGM])((?:{_GAP}\d){{7}}){_GAP}([A-Z])(?![A-Za-z0-9])", re.I)
_LABELLED_NRIC = re.compile(
    rf"(?<![A-Za-z])(?:nric|fin|ic|identity card|passport|身份证)(?![A-Za-z])\W{{0,3}}"
    rf"(?:(?:no|number|num|is|号码?)(?![A-Za-z])\W{{0,3}}){{0,2}}"
    rf"([STFGMK](?:{_GAP}[\dX*]){{7}}{_GAP}[A-Z]|[A-Z]{{1,2}}\d{{7}}[A-Z]?)(?![A-Za-z0-9])",
    re.I,
)
_CARD = re.compile(r"(?<![\d+.,$])\d(?:[ \-]?\d){12,18}(?![\d.,]?\d)")
_ACCOUNT = re.compile(
    r"(?<![A-Za-z])(?:account|acct|a/c|acc|giro|户口|账户|账号|akaun)(?![A-Za-z])\W{0,3}"
    r"(?:(?:no|number|num|is|号码?|dbs|posb|ocbc|uob)(?![A-Za-z])\W{0,3}){0,3}(\d(?:[ \-]?\d){6,15})(?!\d)",
    re.I,
)
_PASSWORD = re.compile(
    r"(?<![A-Za-z])(?:password|passcode|passwd|pwd|pin|otp|one[- ]time (?:password|pin|code)"
    r"|cvv2?|cvc|密码|kata laluan)"
    r"(?![A-Za-z])\s*(?:(?:no|number|code|is|was)\b\s*|[:=：是]\s*)*"
    r"(?P<secret>(?=\S*\d)\S{3,64}|(?<=[:=：] )\S{4,64}|(?<=[:=：])\S{4,64})",
    re.I,
)


class Secret(StrEnum):
    """What kind of thing was masked."""

    NRIC = "NRIC"
    CARD = "card"
    ACCOUNT = "account"
    PASSWORD = "password"  # noqa: S105  # the name of a kind, not a secret


@dataclass(frozen=True)
class Masked:
    """A text that may be stored, traced and shown, and which kinds of secret were taken out of it."""

    text: str
    found: tuple[Secret, ...]


def is_nric(candidate: str) -> bool:
    """Whether nine characters are an NRIC or FIN with a right check letter, in any case and spacing."""
    bare = re.sub(r"[^0-9A-Z]", "", unicodedata.normalize("NFKC", candidate).upper())
    if not re.fullmatch(r"[STFGM][0-9]{7}[A-Z]", bare):
        return False
    total = _OFFSET[bare[0]] + sum(w * int(d) for w, d in zip(_WEIGHTS, bare[1:8], strict=True))
    index = total % 11
    if bare[0] == "M":
        index = 10 - index
    return _LETTERS[bare[0]][index] == bare[8]


def is_card_number(candidate: str) -> bool:
    """Whether 13 to 19 digits pass the Luhn check of payment cards."""
    digits = [int(d) for d in candidate if d.isdigit()]
    if not 13 <= len(digits) <= 19 or len(set(digits)) == 1:
        return False
    doubled = [d if i % 2 == 0 else (d * 2 - 9 if d > 4 else d * 2) for i, d in enumerate(reversed(digits))]
    return sum(doubled) % 10 == 0


def mask(text: str) -> Masked:
    """Replace secrets by `[NRIC masked]`, `[card masked]`, `[account masked]` or `[password masked]`.

    Masking a masked text changes nothing.
    """
    out = _readable(text)
    found: list[Secret] = []

    def whole(kind: Secret, test: Callable[[str], bool]) -> Callable[[re.Match[str]], str]:
        def replace(match: re.Match[str]) -> str:
            if not test(match[0]):
                return match[0]
            found.append(kind)
            return f"[{kind} masked]"

        return replace

    def group(kind: Secret, name: int | str) -> Callable[[re.Match[str]], str]:
        def replace(match: re.Match[str]) -> str:
            if "masked]" in match[name] or match[name].startswith("["):
                return match[0]
            found.append(kind)
            start, end = match.start(name) - match.start(), match.end(name) - match.start()
            return f"{match[0][:start]}[{kind} masked]{match[0][end:]}"

        return replace

    out = _NRIC.sub(whole(Secret.NRIC, is_nric), out)
    out = _LABELLED_NRIC.sub(group(Secret.NRIC, 1), out)
    out = _CARD.sub(whole(Secret.CARD, is_card_number), out)
    out = _ACCOUNT.sub(group(Secret.ACCOUNT, 1), out)
    out = _PASSWORD.sub(group(Secret.PASSWORD, "secret"), out)
    return Masked(out, tuple(dict.fromkeys(found))) if found else Masked(text, ())


def _readable(text: str) -> str:
    """Full-width characters and other scripts' digits become ASCII; invisible characters are dropped."""
    out = []
    for char in text:
        if unicodedata.category(char) == "Cf":
            continue
        plain = unicodedata.normalize("NFKC", char)
        is_wide = "\uff01" <= char <= "\uff5e" or unicodedata.category(char) == "Nd"
        if unicodedata.category(char) == "Nd":
            plain = str(unicodedata.decimal(char))
        out.append(plain if is_wide else char)
    return "".join(out)
