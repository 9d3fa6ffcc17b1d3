"""Which digits and number words of a text state no figure: dates, clock times, numbering, names, turns of phrase.

An exemption is a hole in the wall, so each is as narrow as its form: "3-month SORA" is a name, "3-month" is not.
"""

from __future__ import annotations

import re

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?|januari|februari|mac|jun|julai|ogos|oktober|disember)\.?(?![a-z])"
)
_YEAR = r"(?:19|20)\d\d"
_DAY = r"(?:[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?"
_NOT_MORE = r"(?![\d%]|[.,]\d| ?(?:%|per ?cent|k\b|m\b|mil|thousand|dollars|万|元))"
# "may" is a month only where nothing else can be meant.
_MAY = rf"(?:(?<=on )|(?<=by )|(?<=dated )|(?<=until )){_DAY} may(?= *[.,;)]|$)|{_DAY} may,? {_YEAR}|may (?:{_DAY},? )?{_YEAR}"

DATES = re.compile(
    rf"(?<![\d.,$-]){_YEAR}-\d\d-\d\d(?!\d)"
    rf"|(?<![\d.,$/]){_DAY}[/.-](?:1[0-2]|0?[1-9])[/.-](?:{_YEAR}|\d\d)(?![\d/%])"
    rf"|(?<![\d.,$])(?:{_DAY} ?(?:-|to|and) ?)?{_DAY}(?: of)?[ -]{_MONTH}(?:,?[ -](?:{_YEAR}|'\d\d))?(?![\d])"
    rf"|(?<![a-z]){_MONTH} {_DAY}(?:,? {_YEAR})?{_NOT_MORE}|(?<![a-z]){_MONTH},?[ -](?:{_YEAR}|'\d\d){_NOT_MORE}"
    rf"|(?<![\d.,$])(?:{_MAY}){_NOT_MORE}"
    rf"|\bq[1-4](?: (?:of )?{_YEAR})?\b|(?<!\d){_YEAR}年(?:\d{{1,2}}月(?:\d{{1,2}}[日号])?)?|(?<!\d)\d{{1,2}}月\d{{1,2}}[日号]"
    rf"|\b(?:in|since|from|by|until|till|before|after|during|early|late|mid|end|of|and|to|year|for|sejak|pada|tahun)"
    rf"[ -](?:the year )?{_YEAR}(?!\d|[.,]\d| ?(?:%|per ?cent|k\b|m\b|mil|thousand|dollars|sgd|months?|years?|mth|yr|万|元|a month))"
)

_OTHER = re.compile(
    # clock times and office hours
    r"(?<![\d.,$%])(?:1[0-2]|0?[1-9])(?:[:.][0-5]\d)?(?: ?(?:-|to) ?(?:1[0-2]|0?[1-9])(?:[:.][0-5]\d)?)? ?(?:am|pm|a\.m\.|p\.m\.)(?![a-z])"
    r"|(?<![\d.,$:])(?:[01]?\d|2[0-3]):[0-5]\d(?![\d%:])(?: ?hrs?)?"
    # products, forms and addresses
    r"|(?<![\d.,$])[1-5] ?-? ?room(?:s|ers?)?\b|\b(?:two|three|four|five)[ -]room(?:s|ers?)?\b"
    r"|(?<![\d.,$])[1-6][ -]?(?:bed(?:room|der)?s?|br)\b|(?<![\d.])[1-5]房式?"
    r"|(?<![\d.,$a-z])(?:1|3|6|12|one|three|six)[ -]?(?:m|mths?|months?|个月)?[ -]?(?:compounded )?(?:sora|sibor)\b"
    r"|\bsora[ -]?(?:1|3|6)m\b|\b(?:1|3|6)-(?:bulan|மாத) sora\b"
    r"|\b(?:form|notice|section|art(?:icle)?|s|circular|guidelines?|mas) \d{1,4}[a-z]?\b(?![.,]\d|%| ?per ?cent)"
    r"|\b(?:block|blk|district|#) ?\d{1,4}[a-z]?\b(?:-\d+)?|#\d\d-\d+|\bsingapore \d{6}\b|\bd(?:[1-9]|1\d|2[0-8])\b"
    r"|(?:99|九十九)[比对](?:1|一)(?!\d)|\b99[ -](?:to|for)[ -]1\b|\b99 ?[:/] ?1\b|(?<!\d)24[/x-]7\b|\b(?:1|one)[ -](?:to|on)[ -](?:1|one)\b|\b2fa\b|\bcovid-19\b"
    r"|\b(?:option|stage|step|part|point|question|scenario|phase|example|no\.|number) (?:[1-9]|one|two|three|four)\b(?![.,]\d|%| ?(?:%|per|k\b|m\b|mil))"
    r"|\b100% (?:sure|certain|clear|accurate|honest|confident)\b"
    # phone numbers, where something says that it is one
    r"|(?:\b(?:call|phone|ring|whatsapp|tel|hotline|reach (?:us|me|you|them) (?:at|on)|number is|mobile|contact number)\W{1,3}"
    r"(?:(?:me|us|you|them|at|on|is|hdb|cpf|iras|mas)\W{1,2}){0,3})(?:\+?65[ -]?)?(?:[3689]\d{3}[ -]?\d{4}|1800[ -]?\d{3}[ -]?\d{4})\b"
    r"|samaritans of singapore at 1767\b|\b995 in an emergency\b"
    r"|\+65[ -]?[3689]\d{3}[ -]?\d{4}\b"
)

_DISCOURSE = (
    r"(?:things?|ways?|options?|questions?|steps?|points?|choices?|parts?|reasons?|kinds?|types?|routes?|limits?|caps?"
    r"|details?|facts?|sides?|paths?|scenarios?|cases?|examples?|ratios?|rules?|pieces?|items?|tests?|checks?|topics?"
    r"|ideas?|lines?|bits?|words?|messages?|sentences?|main|borrowers?|applicants?|buyers?|owners?|incomes?|salaries"
    r"|names?|figures?|numbers?|factors?|stages?|documents? types?|sets?|loans? types?|conditions?|layers?|buckets?"
    r"|schedules?|structures?|situations?|moving parts)"
)
_ADJECTIVE = (
    r"(?:[ -](?:quick|more|main|simple|short|other|different|last|small|key|big|common|basic|important|practical|separate"
    r"|further|extra|good|useful|possible|usual|broad|joint|combined|following|great|honest|brief|final))?"
)
_SMALL = r"(?:one|two|three|four|five|six|seven|[1-9])"
_PHRASES = re.compile(
    rf"(?<![\d.,$a-z]){_SMALL}{_ADJECTIVE}[ -]{_DISCOURSE}\b|(?<![\d.,$a-z]){_SMALL} or {_SMALL}{_ADJECTIVE} {_DISCOURSE}\b"
    r"|\b(?:one|two|three|four|[1-4]) or more\b|\b(?:two|three|four) of (?:you|us|them|these|those)\b|\b(?:you|us|the|these|those|all|any|of|your|other) (?:two|three|four)\b"
    r"(?![ -](?:years?|months?|mths?|yrs?|weeks?|days?|hundred|thousand|million|point|per ?cent|%|and a half|hours?|minutes?))"
    r"|\b(?:one|two|three|four)-(?:time|off|way|step|stage|part|tier|generation|pronged)\b|\bone by one\b|\bboth\b"
    r"|(?:一|两|二|三|四|五|2|3|4)(?:种|个(?:问题|方法|选择|步骤|方面|条件|部分|因素|情况|限制|数字|比率|要点|办法|原因|例子))"
    r"|\b(?:dua|tiga|empat|2|3) (?:cara|pilihan|soalan|perkara|langkah|jenis|faktor|had|sebab)\b"
)
_LISTED = re.compile(
    r"(?m)(?:^[ \t>*_#-]*|(?<=[\s:;,]))\(?(\d{1,2})[.)](?:\*\*)?(?=[ \t])|^[ \t]*\(?(\d{1,2})[.)、](?=\D)"
)


def non_figures(text: str) -> list[tuple[int, int]]:
    """Spans of a folded text in which digits and number words state no figure."""
    spans = [m.span() for pattern in (DATES, _OTHER, _PHRASES) for m in pattern.finditer(text)]
    return spans + _numbering(text)


def _numbering(text: str) -> list[tuple[int, int]]:
    """The numbers of a list "1. … 2. …": they must count up from one, so that no figure can hide among them."""
    spans: list[tuple[int, int]] = []
    run: list[tuple[int, int]] = []
    for match in [*_LISTED.finditer(text), None]:
        number = int(match[1] or match[2]) if match else 0
        if match and number == len(run) + 1:
            run.append(match.span())
            continue
        if len(run) > 1:
            spans += run
        run = [match.span()] if match and number == 1 else []
    return spans
