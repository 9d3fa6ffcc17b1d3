"""Judges what the broker said in one turn: by the scenario's own expectations, and by what always holds."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from nextnest.broker.checks import check
from nextnest.broker.evaluation import second_opinion
from nextnest.broker.evaluation.conversation import Said
from nextnest.broker.evaluation.scenario import ExpectedFigure, Language, Scenario, Turn
from nextnest.domain.lead import Lead
from nextnest.domain.reply import Evidence, EvidenceKind, Reply
from nextnest.domain.thread import Author

ESTIMATE = (
    "computer-generated estimate",
    "not an offer of credit",
    "bank's own assessment decides",
    "rules as of",
)
"""The fixed words under the first figures of a conversation."""
_INTRODUCTION = {
    "an AI": r"\bAI\b",
    "who pays": r"\bcommission\b|banks? pays?\b",
    "a person": r"\b(?:person|colleague|human)\b",
}
_HAN, _TAMIL = re.compile(r"[\u3400-\u9fff]"), re.compile(r"[\u0b80-\u0bff]")
_MALAY = re.compile(r"\b(?:anda|saya|yang|dalam|boleh|dan|untuk|rakan)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Verdict:
    """One check of one turn. `detail` says what was found, where the check did not pass."""

    check: str
    passed: bool
    detail: str = ""

    def __post_init__(self) -> None:
        if self.passed:
            object.__setattr__(self, "detail", "")


def judged(turn: Turn, said: Said, scenario: Scenario) -> Iterator[Verdict]:
    """Everything that is checked of a turn."""
    reply = said.reply
    silent = turn.silent or turn.person is not None
    if silent or reply is None:
        wanted, got = ("nothing" if silent else "a reply"), ("nothing" if reply is None else repr(reply.text))
        yield Verdict("silent" if silent else "answers", silent == (reply is None), _differs(wanted, got))
        return
    yield from _understood(turn, reply)
    yield from _written(turn, reply, scenario)
    yield from always(said)


def greeting_judged(said: Said, scenario: Scenario) -> Iterator[Verdict]:
    """What holds for a greeting."""
    if said.reply is not None:
        yield from _absent(scenario.never, said.reply.text)
        yield from always(said)


def _understood(turn: Turn, reply: Reply) -> Iterator[Verdict]:
    if turn.intent is not None and reply.author != "model":
        yield Verdict("intent", reply.intent == turn.intent, _differs(turn.intent, reply.intent))
    if turn.asks:
        asked = reply.asks_for or "nothing"
        yield Verdict("asks", asked in turn.asks, f"wanted {' or '.join(turn.asks)}, got {asked}")
    handed = reply.handoff.value if reply.handoff else "no"
    wanted = " or ".join(turn.hands_over)
    why = f" ({', '.join(reply.notes)})" if reply.handoff else ""
    yield Verdict("hand-over", handed in turn.hands_over, f"wanted {wanted}, got {handed}{why}")
    if turn.learns is not None:
        yield _learned(turn.learns, {fact.field: fact.value for fact in reply.facts})


def _learned(wanted: Mapping[str, Any], got: Mapping[str, Any]) -> Verdict:
    right = all(field in got and same(got[field], value) for field, value in wanted.items())
    return Verdict("learns", right if wanted else not got, _differs(_json(wanted), _json(got)))


def _written(turn: Turn, reply: Reply, scenario: Scenario) -> Iterator[Verdict]:
    for figure in turn.figures:
        yield _figure(figure, reply, scenario)
    for pattern in turn.contains:
        yield Verdict("contains", bool(re.search(pattern, reply.text, re.IGNORECASE)), f"no {pattern!r}")
    yield from _absent((*turn.never, *scenario.never), reply.text)
    yield Verdict("language", _is_in(turn.language, reply.text), f"not in {turn.language}")
    yield Verdict(
        "length", len(reply.text) <= turn.longest, f"{len(reply.text)} characters, at most {turn.longest}"
    )


def _figure(figure: ExpectedFigure, reply: Reply, scenario: Scenario) -> Verdict:
    value, unit = figure.on(scenario.today)
    text = second_opinion.says(reply.text, value, unit)
    evidence = second_opinion.has_evidence(reply.evidence, value, unit)
    missing = "the text" if not text else "the evidence"
    return Verdict("figure", text and evidence, f"{missing} has no {figure.name}: {value} {unit}")


def _absent(patterns: tuple[str, ...], text: str) -> Iterator[Verdict]:
    for pattern in patterns:
        found = re.search(pattern, text, re.IGNORECASE)
        yield Verdict("never", found is None, f"has {found[0]!r}" if found else "")


def always(said: Said) -> Iterator[Verdict]:
    """What holds for every reply, whatever the scenario: proven, honest, disclosed."""
    reply, brief = said.reply, said.brief
    if reply is None:
        return
    customer = [m.text for m in brief.thread.messages if m.author is Author.CUSTOMER]
    findings = check(reply, customer, today=brief.today).findings
    yield Verdict("proven", not findings, "; ".join(finding.why for finding in findings))
    claims = second_opinion.forbidden(reply.text)
    yield Verdict("claims", not claims, "; ".join(claims))
    _, unsupported = figures_said(said)
    yield Verdict("supported", not unsupported, f"nothing bears out {', '.join(unsupported)}")
    before = [m.text for m in brief.thread.messages if m.author is Author.BOT]
    if any(_is_calculation(evidence) for evidence in reply.evidence) and reply.handoff is None:
        told = any(all(words in text.lower() for words in ESTIMATE) for text in before)
        wanted = ("estimate",) if told else ESTIMATE
        missing = [words for words in wanted if words not in reply.text.lower()]
        yield Verdict("disclosure", not missing, f"figures without {', '.join(missing)}")
    if not before and reply.handoff is None:
        unsaid = [name for name, pattern in _INTRODUCTION.items() if not re.search(pattern, reply.text)]
        yield Verdict("introduction", not unsaid, f"the first words do not name {', '.join(unsaid)}")


def figures_said(said: Said) -> tuple[int, tuple[str, ...]]:
    """How many sums and percentages a reply says, and those that nothing bears out."""
    if said.reply is None:
        return 0, ()
    known = [m.text for m in said.brief.thread.messages if m.author is Author.CUSTOMER]
    return second_opinion.figures_said(said.reply.text, said.reply.evidence, known)


def lead_judged(scenario: Scenario, lead: Lead | None) -> Iterator[Verdict]:
    """The facts that the lead must have after the conversation."""
    facts = lead.facts() if lead else {}
    for path, value in scenario.lead_ends.items():
        got = _at(facts, path)
        yield Verdict("lead", same(got, value), f"{path}: {_differs(value, got)}")


def same(got: Any, wanted: Any) -> bool:
    """Equal, numbers by value."""
    numeric = (int, float, Decimal)
    if isinstance(got, numeric) and isinstance(wanted, numeric):
        return Decimal(str(got)) == Decimal(str(wanted))
    return bool(str(got) == str(wanted)) if got is not None and wanted is not None else got is wanted


def _at(facts: Any, path: str) -> Any:
    for step in path.split("."):
        if isinstance(facts, list):
            facts = facts[int(step)] if int(step) < len(facts) else None
        else:
            facts = facts.get(step) if isinstance(facts, dict) else None
    return facts


def _is_calculation(evidence: Evidence) -> bool:
    return evidence.kind is EvidenceKind.CALCULATION


def _is_in(language: Language, text: str) -> bool:
    letters = max(1, sum(character.isalpha() for character in text))
    han, tamil = len(_HAN.findall(text)) / letters, len(_TAMIL.findall(text)) / letters
    match language:
        case "zh":
            return han > 0.5
        case "ta":
            return tamil > 0.3
        case "ms":
            return len(_MALAY.findall(text)) >= 3
        case "en":
            return han == tamil == 0 and len(_MALAY.findall(text)) < 3


def _differs(wanted: object, got: object) -> str:
    return "" if wanted == got else f"wanted {wanted}, got {got}"


def _json(value: Any) -> str:
    return json.dumps(value, default=str, ensure_ascii=False)
