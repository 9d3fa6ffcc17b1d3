"""One plain reading of a text, whatever dress it wears, with the way back to the original.

Full-width and other scripts' digits, look-alike letters, accents, invisible characters and fancy dashes are
all read as the plain characters that a person sees, so that the rules which read a text need one spelling.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

# Cyrillic and Greek letters that look like Latin ones; such a letter in our texts is never meant as itself.
_LOOKALIKES = dict(
    zip(
        "абвгԁеѕіјкӏмнорстухѵԝһαβεικνορτυχ" + "АВЕЅІЈКМНОРСТУХΑΒΕΖΗΙΚΜΝΟΡΤΥΧɡıłøđ",
        "a6brdesijklmhopctyxvwhabeikvoptux" + "abesijkmhopctyxabezhikmnoptyxgilod",
        strict=True,
    )
)
_PUNCTUATION = dict(
    zip(
        "‐‑‒–—―−－﹣‘’‚‛ʼ´`“”„«»「」⁄∕٪٫٬。·・、～〜，：；！？",
        "-" * 9 + "'" * 7 + '"' * 7 + "//%.,...,~~,:;!?",
        strict=True,
    )
)
# Traditional characters used by the rules' Chinese words, read as simplified ones.
_SIMPLIFIED = dict(
    zip(
        "萬億兩幾點額證會獲過貸這個滿機腦稅買別說讓戶優價漲產無當經銀對險資評準開後時間鐘內樣應該請電話轉員訴師離"
        "顧問規避單雙費還給進為現總條件參壞氣聯繫絡專業寫遺產發題幫種們從馬動續約償揭債養託託訊認識講聽視頻陰陽風",
        "万亿两几点额证会获过贷这个满机脑税买别说让户优价涨产无当经银对险资评准开后时间钟内样应该请电话转员诉师离"
        "顾问规避单双费还给进为现总条件参坏气联系络专业写遗产发题帮种们从马动续约偿揭债养托托讯认识讲听视频阴阳风",
        strict=True,
    )
)
_PLAIN = {**_LOOKALIKES, **_PUNCTUATION, **_SIMPLIFIED}


@dataclass(frozen=True)
class Folded:
    """A plain reading of `source`; `origin[i]` is the position in it of `text[i]`."""

    text: str
    origin: tuple[int, ...]
    source: str

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where in the source the characters `start` to `end` of the reading come from."""
        if start >= end:
            return (0, 0)
        return self.origin[start], self.origin[end - 1] + 1

    def excerpt(self, start: int, end: int) -> str:
        first, last = self.span(start, end)
        return self.source[first:last]

    def replaced(self, pattern: re.Pattern[str], replacement: Callable[[re.Match[str]], str]) -> Folded:
        """The reading with every match rewritten; what is new points to the start of what it replaced."""
        chars: list[str] = []
        origin: list[int] = []
        last = 0
        for match in pattern.finditer(self.text):
            chars.append(self.text[last : match.start()])
            origin.extend(self.origin[last : match.start()])
            new = replacement(match)
            chars.append(new)
            if len(new) == len(match[0]):
                origin.extend(self.origin[match.start() : match.end()])
            elif new:
                spread = [*self.origin[match.start() : match.end()]][: len(new)]
                spread += [self.origin[match.end() - 1]] * (len(new) - len(spread))
                spread[-1] = self.origin[match.end() - 1]
                origin.extend(spread)
            last = match.end()
        chars.append(self.text[last:])
        origin.extend(self.origin[last:])
        return Folded("".join(chars), tuple(origin), self.source)

    def only(self, spans: Sequence[tuple[int, int]]) -> Folded:
        """The reading of some parts, in order, one after the other."""
        text = "".join(self.text[a:b] for a, b in spans)
        return Folded(text, tuple(o for a, b in spans for o in self.origin[a:b]), self.source)


def fold(source: str) -> Folded:
    """The plain, lower-case reading of a text."""
    chars: list[str] = []
    origin: list[int] = []
    for position, char in enumerate(source):
        for plain in _plain(char, chars[-1] if chars else ""):
            chars.append(plain)
            origin.append(position)
    return Folded("".join(chars), tuple(origin), source)


def _plain(char: str, before: str) -> str:
    if char.isascii():
        return char.lower()
    if char in _PLAIN:
        return _PLAIN[char]
    category = unicodedata.category(char)
    if category in {"Cf", "Me"} or "\ufe00" <= char <= "\ufe0f" or "\u0300" <= char <= "\u036f":
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if category in {"Zs", "Zl", "Zp"}:
        return " " if category == "Zs" else "\n"
    compatible = unicodedata.normalize("NFKC", char)
    if unicodedata.decomposition(char).startswith("<fraction>") and before.isdigit():
        compatible = " " + compatible  # "2½" is two and a half, not twenty-one halves
    return "".join(_letter(c) for c in compatible)


def _letter(char: str) -> str:
    if char in _PLAIN:
        return _PLAIN[char]
    if char < "\u0250" or "\u1e00" <= char <= "\u1eff":
        char = unicodedata.normalize("NFD", char)[0]
    return char.casefold()


_SPELLED = re.compile(r"(?<![a-z0-9])[a-z0-9@$](?:([ .\-_*'|/])[a-z0-9@$]){2,}(?![a-z0-9])")
_SPACES = re.compile(r" {2,}")
_INSIDE_WORD = re.compile(r"(?<=[a-z])(?:[\-_.*|~]+|'(?!(?:t|s|d|m|re|ve|ll)(?![a-z])))(?=[a-z])")
_LEET_WORD = re.compile(
    r"(?<![a-z0-9@$])(?!s?\$\d|\d+(?:k|m|mil|yrs?|mths?|st|nd|rd|th|am|pm)?(?![a-z0-9]))(?=[a-z0-9@$!]*[a-z])(?=[a-z0-9@$!]*[0-9@$!])[a-z0-9@$!]{2,}[a-z0-9@$](?![a-z0-9@$])"
)
_LEET = str.maketrans("013457@$!", "oieastasi")


_SENTENCE = re.compile(r"[^.!?\n]*[.!?\n]*")


def disguises(plain: Folded) -> tuple[Folded, ...]:
    """Further readings in which spelled-apart, dotted and digit-for-letter words are plain words.

    Each has only the sentences in which it differs from the readings before it.
    """
    joined = plain.replaced(_SPELLED, lambda m: re.sub(r"[ .\-_*'|/]", "", m[0]))
    joined = joined.replaced(_SPACES, lambda _: " ")
    bare = joined.replaced(_INSIDE_WORD, lambda _: "")
    leet = joined.replaced(_LEET_WORD, lambda m: m[0].translate(_LEET))
    both = leet.replaced(_INSIDE_WORD, lambda _: "")
    seen = {match[0].strip() for match in _SENTENCE.finditer(plain.text)}
    readings = []
    for reading in (joined, bare, leet, both):
        spans = [m.span() for m in _SENTENCE.finditer(reading.text) if m[0].strip() not in seen]
        seen.update(reading.text[a:b].strip() for a, b in spans)
        if spans:
            readings.append(reading.only(spans))
    return tuple(readings)
