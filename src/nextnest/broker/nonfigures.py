"""Which digits and number words state no figure: dates, clock times, numbering, names, turns of phrase."""

from __future__ import annotations

import re
from functools import cache

from nextnest.broker.patterns import either, table

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?|januari|februari|mac|jun|julai|ogos|oktober|disember)\.?(?![a-z])"
)
_YEAR = r"(?:19|20)\d\d"
_DAY = r"(?:[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?"
_NOT_MORE = r"(?![\d%]|[.,]\d| ?(?:%|per ?cent|k\b|m\b|mil|thousand|dollars|万|元))"
# "may" is a month only where nothing else can be meant.
_MAY = (
    rf"(?:(?<=on )|(?<=by )|(?<=dated )|(?<=until )){_DAY} may(?= *[.,;)]|$)"
    rf"|{_DAY} may,? {_YEAR}|may (?:{_DAY},? )?{_YEAR}"
)
_BEFORE_YEAR = (
    r"(?:in|since|from|by|until|till|before|after|during|early|late|mid|end|of|and|to|year|for|sejak"
    r"|pada|tahun)"
)
_AFTER_YEAR = (
    r"(?!\d|[.,-]\d| ?(?:%|per ?cent|k\b|m\b|mil|thousand|dollars|sgd|months?|years?|mth|yr|万|元|a month))"
)
_DATE_FORMS = (
    rf"(?<![\d.,$-]){_YEAR}-\d\d-\d\d(?!\d)",
    rf"(?<![\d.,$/]){_DAY}[/.-](?:1[0-2]|0?[1-9])[/.-](?:{_YEAR}|\d\d)(?![\d/%])",
    rf"(?<![\d.,$])(?:{_DAY} ?(?:-|to|and) ?)?{_DAY}(?: of)?[ -]{_MONTH}(?:,?[ -](?:{_YEAR}|'\d\d))?(?![\d])",
    rf"(?<![a-z]){_MONTH} {_DAY}(?:,? {_YEAR})?{_NOT_MORE}",
    rf"(?<![a-z]){_MONTH},?[ -](?:{_YEAR}|'\d\d){_NOT_MORE}",
    rf"(?<![\d.,$])(?:{_MAY}){_NOT_MORE}",
    rf"\bq[1-4](?: (?:of )?{_YEAR})?\b",
    rf"(?<!\d){_YEAR}年(?:\d{{1,2}}月(?:\d{{1,2}}[日号])?)?|(?<!\d)\d{{1,2}}月\d{{1,2}}[日号]",
    rf"\b{_BEFORE_YEAR}[ -](?:the year )?{_YEAR}{_AFTER_YEAR}",
)
_DATES = re.compile("|".join(_DATE_FORMS))

_LOCAL_NUMBER = r"(?:[3689]\d{3}[ -]?\d{4}|1800[ -]?\d{3}[ -]?\d{4})"
# A phone number counts as one only where something says so; whether it may be given is for figures.py.
PHONE = re.compile(
    r"\b(?:call|phone|ring|whatsapp|tel|hotline|reach (?:us|me|you|them) (?:at|on)|number is|mobile"
    r"|contact number)"
    r"\W{1,3}(?:(?:me|us|you|them|at|on|is|hdb|cpf|iras|mas)\W{1,2}){0,3}"
    rf"(?P<said>(?:\+?65[ -]?)?{_LOCAL_NUMBER})\b"
    r"|(?P<plus>\+65[ -]?[3689]\d{3}[ -]?\d{4})\b"
)
_LISTED = re.compile(
    r"(?m)(?:^[ \t>*_#-]*|(?<=[\s:;,]))\(?(\d{1,2})[.)](?:\*\*)?(?=[ \t])|^[ \t]*\(?(\d{1,2})[.)、](?=\D)"
    r"|(?:^|(?<=[.!?:;] ))(one|two|three|four|five)(?=[,:] )"
)
_WORDS = {word: n for n, word in enumerate(("one", "two", "three", "four", "five"), 1)}


@cache
def _turns() -> tuple[re.Pattern[str], ...]:
    """Names and turns of phrase, and small numbers that only count what is talked about."""
    words = table("nonfigures")
    small = r"(?<![\d.,$a-z])(?:one|two|three|four|five|six|seven|[1-9])"
    things = rf"(?:[ -](?:{'|'.join(words['adjectives'])}))?[ -](?:{'|'.join(words['counted'])})\b"
    return (
        re.compile(either(words["names"])),
        re.compile(either(words["phrases"])),
        re.compile(rf"{small}(?: or (?:two|three|four|five|[2-5]))?{things}"),
    )


def non_figures(text: str) -> list[tuple[int, int]]:
    """Spans of a folded text in which digits and number words state no figure."""
    spans = [m.span() for pattern in (_DATES, PHONE, *_turns()) for m in pattern.finditer(text)]
    return spans + _numbering(text)


def _numbering(text: str) -> list[tuple[int, int]]:
    """The numbers of a list "1. … 2. …": they must count up from one, so that no figure can hide there."""
    spans: list[tuple[int, int]] = []
    run: list[tuple[int, int]] = []
    for match in [*_LISTED.finditer(text), None]:
        number = (_WORDS.get(match[3]) or int(match[1] or match[2])) if match else 0
        if match and number == len(run) + 1:
            run.append(match.span())
            continue
        if len(run) > 1:
            spans += run
        run = [match.span()] if match and number == 1 else []
    return spans
