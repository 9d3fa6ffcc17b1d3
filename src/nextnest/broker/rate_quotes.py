"""A rate is said whole: with its date, "subject to the bank's approval", thereafter rate and lock-in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from nextnest.broker.attribution import Said, read
from nextnest.broker.finding import Finding
from nextnest.broker.folding import Folded
from nextnest.broker.grounds import agrees, grounds_of
from nextnest.broker.patterns import patterns
from nextnest.domain.reply import Evidence, EvidenceKind, Unit

_MONTH_NAMES = (
    ("jan",), ("feb",), ("mar", "mac"), ("apr",), ("may", "mei"), ("jun",), ("jul",), ("aug", "ogo"),
    ("sep",), ("oct", "okt"), ("nov",), ("dec", "dis"),
)  # fmt: skip
_MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES, 1) for name in names}
_REFERENCE = re.compile(
    r"(?<![\d.a-z])(\d{1,2}|one|three|six|一|三|六|satu|tiga|enam)[ -]?(?:m|mths?|months?|个月|bulan)"
    r"[ -]?(?:compounded )?(?:sora|sibor)"
)
_PERIODS = {
    "one": "1",
    "three": "3",
    "six": "6",
    "一": "1",
    "三": "3",
    "六": "6",
    "satu": "1",
    "tiga": "3",
    "enam": "6",
}
_NO_LOCK_IN = re.compile(
    r"\b(?:no|zero|without(?: a| any)?) lock(?:ed)?[- ]?in|lock[- ]?in[- ]free|(?:没有|无)锁定|tiada tempoh"
)
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_SLASHED = re.compile(r"(?<!\d)(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d\d)(?!\d)")
_DAY_FIRST = re.compile(r"(?<![\d.,])(\d{1,2})(?:st|nd|rd|th)?(?: of)?[ -]([a-z]{3,9})\.?(?:,?[ -](\d{4}))?")
_TWO_DAYS = re.compile(
    r"(?<![\d.,])(\d{1,2})(?:st|nd|rd|th)? (?:and|&)"
    r" (?=\d{1,2}(?:st|nd|rd|th)? ([a-z]{3,9})\.?(?:,?[ -](\d{4}))?)"
)
_MONTH_FIRST = re.compile(r"(?<![a-z])([a-z]{3,9})\.? (\d{1,2})(?:st|nd|rd|th)?(?!\d)(?:,? (\d{4}))?")
_HAN = re.compile(r"(?:(\d{4})年)?(\d{1,2})月(\d{1,2})[日号]")


def misquoted(text: str, evidence: Sequence[Evidence]) -> Iterator[Finding]:
    """What is missing beside a rate from a sheet."""
    folded, figures = read(text)
    quoted = [e for e in evidence if e.kind is EvidenceKind.RATE and _is_quoted(figures, e)]
    if quoted:
        yield from _unsaid(folded, quoted)


def _unsaid(folded: Folded, quoted: Sequence[Evidence]) -> Iterator[Finding]:
    text, words = folded.text, patterns("rate_quotes")
    for sheet in quoted:
        as_of = _as_of(sheet)
        if not (as_of in dates_in(text) if as_of else dates_in(text)):
            when = f"{as_of:%d %b %Y}" if as_of else "the sheet's date"
            yield _missing(folded, "undated_rate", f"say the rate with its date, as of {when}")
    if not words["approval"].search(text):
        yield _missing(folded, "unqualified_rate", 'add "subject to the bank\'s approval" to the rate')
    yield from _other_reference(folded, quoted)
    if _NO_LOCK_IN.search(text) and all(_is_locked(sheet) for sheet in quoted):
        yield _missing(folded, "wrong_attribution", "every package quoted has a lock-in; say it")
    labels = " ".join(figure.label for sheet in quoted for figure in sheet.figures)
    if "thereafter" in labels and not words["later"].search(text):
        yield _missing(folded, "partial_rate", "say the thereafter rate beside the rate")
    if "lock" in labels and not words["lock_in"].search(text):
        yield _missing(folded, "partial_rate", "say the lock-in beside the rate")


def _is_locked(sheet: Evidence) -> bool:
    return any("lock" in figure.label and figure.value > 0 for figure in sheet.figures)


def _other_reference(folded: Folded, quoted: Sequence[Evidence]) -> Iterator[Finding]:
    """ "1-month SORA" where the sheets that are quoted have 3-month SORA."""
    known = {f.value for sheet in quoted for f in sheet.figures if f.label.endswith("reference_months")}
    for match in _REFERENCE.finditer(folded.text):
        if known and _PERIODS.get(match[1], match[1]) not in map(str, known):
            first, last = folded.span(*match.span())
            why = f'"{match[0]}": the sheet has {" or ".join(f"{n}-month" for n in sorted(known))} SORA'
            yield Finding("wrong_attribution", folded.source[first:last], first, last, why)


def expired(evidence: Sequence[Evidence], today: date) -> Iterator[Finding]:
    """Rate sheets in the evidence that are not valid on a day; they may not be quoted."""
    for sheet in evidence:
        until = _iso(sheet.detail.get("valid_until"))
        if sheet.kind is EvidenceKind.RATE and until and until < today:
            why = f"the rate sheet behind {sheet.ref} was valid until {until:%d %b %Y} only; do not quote it"
            yield Finding("stale_rate", sheet.ref, 0, 0, why)


def _is_quoted(figures: Sequence[Said], sheet: Evidence) -> bool:
    """Whether a percentage of the text comes from this sheet and from nothing else as well."""
    grounds = grounds_of([sheet], ())
    return any(
        (said.numeral.unit is Unit.PERCENT or _is_bare_rate(said))
        and any(agrees(said.numeral, g) for g in grounds)
        for said in figures
    )


def _is_bare_rate(said: Said) -> bool:
    """ "Their rate: two point four five"."""
    return said.numeral.unit is None and said.of is not None and bool(said.of.names & {"rate", "spread"})


def _as_of(sheet: Evidence) -> date | None:
    for key in ("as_of", "as_of_date", "date", "sheet_date"):
        if found := _iso(sheet.detail.get(key)):
            return found
    in_ref = _ISO.search(sheet.ref)
    return _iso(in_ref[0]) if in_ref else None


def _iso(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None


def dates_in(text: str) -> _Days:
    """The days that a folded text names."""
    return _Days(_all_dates(text))


class _Days(frozenset["date | tuple[int, int]"]):
    """Days named in a text; "22 Nov" counts as 22 November of any year."""

    def __contains__(self, day: object) -> bool:
        return super().__contains__(day) or (
            isinstance(day, date) and super().__contains__((day.month, day.day))
        )


def _all_dates(text: str) -> Iterator[date | tuple[int, int]]:
    parts: list[tuple[str | None, int, int]] = []
    parts += [(m[1], int(m[2]), int(m[3])) for m in _ISO.finditer(text)]
    parts += [(m[3], int(m[2]), int(m[1])) for m in _SLASHED.finditer(text)]
    days = [*_DAY_FIRST.finditer(text), *_TWO_DAYS.finditer(text)]
    parts += [(m[3], _MONTHS[m[2][:3]], int(m[1])) for m in days if m[2][:3] in _MONTHS]
    parts += [
        (m[3], _MONTHS[m[1][:3]], int(m[2])) for m in _MONTH_FIRST.finditer(text) if m[1][:3] in _MONTHS
    ]
    parts += [(m[1], int(m[2]), int(m[3])) for m in _HAN.finditer(text)]
    for year, month, day in parts:
        try:
            if year:
                yield date(int(year) + (2000 if len(year) == 2 else 0), month, day)
            else:
                date(2024, month, day)
                yield (month, day)
        except ValueError:
            continue


def _missing(folded: Folded, rule: str, why: str) -> Finding:
    return Finding(rule, "", 0, len(folded.source), why)
