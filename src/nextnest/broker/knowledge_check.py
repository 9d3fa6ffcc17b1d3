"""What is wrong with the knowledge: entries that are broken, past their review, or at odds with the rules."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from nextnest.broker import numerals
from nextnest.broker.knowledge import ANY_REFERENCE, EntryError, Front, parts, read_entry, typed_figures
from nextnest.broker.units import figures_in, unit_of
from nextnest.domain.reply import Unit
from nextnest.mortgage.tables import Row, table

# The tables that a sentence with these words is about.
_RULED = (
    (r"TDSR", ("tdsr_limit",)),
    (r"MSR", ("msr_limit",)),
    (r"LTV|loan-to-value", ("ltv", "hdb_loan_ltv")),
    (r"\bBSD|buyer'?s stamp duty", ("bsd", "absd")),
    (r"ABSD", ("absd",)),
    (r"SSD|seller'?s (?:stamp )?duty", ("ssd",)),
    (r"floor rate|stress|tested at", ("assessment_floor", "hdb_assessment_floor")),
    (r"income ceiling|ceiling of .{0,20}income", ("income_ceiling",)),
    (r"minimum cash|in cash", ("ltv",)),
    (r"accrued interest|CPF savings rate", ("cpf_oa_rate",)),
    (r"Enhanced (?:CPF )?Housing Grant|\bEHG", ("ehg",)),
    (r"Family Grant", ("family_grant",)),
    (r"resale levy", ("resale_levy",)),
    (r"option fee", ("hdb_option_fee",)),
    (r"guarant", ("guarantor_share",)),
    (r"at TOP|at CSC|at the option|at signing", ("progressive_payment",)),
    (r"wait-out|waits?\b", ("waitout",)),
    (r"tenure|loan (?:may )?runs?", ("tenure_limit", "refinancing_tenure", "hdb_loan_tenure")),
)
_TABLES = tuple((re.compile(words, re.IGNORECASE), tables) for words, tables in _RULED)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")


@dataclass(frozen=True)
class Problem:
    """What is wrong with an entry. `kind`: broken, stale, figure (of no source), or contradiction."""

    entry: str
    kind: str
    what: str

    def __str__(self) -> str:
        return f"{self.entry}: {self.kind}: {self.what}"


def check_knowledge(entries: Sequence[tuple[str, str]], today: date) -> list[Problem]:
    """Every problem of the entries (name and text)."""
    problems: list[Problem] = []
    seen: dict[str, str] = {}
    for name, text in entries:
        try:
            entry = read_entry(name, text, today)
            front, body = parts(name, text)
        except EntryError as error:
            problems.append(Problem(name, "broken", str(error).removeprefix(f"{name}: ")))
            continue
        if entry.id in seen:
            problems.append(Problem(name, "broken", f"{seen[entry.id]} has the id {entry.id} already"))
        seen.setdefault(entry.id, name)
        if not entry.current(today):
            problems.append(Problem(name, "stale", f"its review was due on {entry.review_by.isoformat()}"))
        problems += [Problem(name, kind, what) for kind, what in _figures(front, body, today)]
    return problems


def _figures(front: Front, body: str, today: date) -> Iterator[tuple[str, str]]:
    """Figures of the text that are neither references nor typed, or typed where a rule has its own."""
    for sentence in _SENTENCE.split(body):
        bare = ANY_REFERENCE.sub("", sentence)
        for phrase in front.typed:
            if phrase in bare:
                yield from _beside_rules(phrase, sentence, today)
            bare = bare.replace(phrase, "")
        for numeral in numerals.find(bare):
            where = sentence.strip()[:80]
            yield "figure", f"{numeral.value} in {where!r} is neither a reference nor under typed"


def _beside_rules(phrase: str, sentence: str, today: date) -> Iterator[tuple[str, str]]:
    about = {name for words, tables in _TABLES if words.search(sentence) for name in tables}
    ruled = {name: _numbers(name, today) for name in sorted(about)}
    for figure in typed_figures(phrase):
        rivals = {name: [n for n, unit in numbers if unit is figure.unit] for name, numbers in ruled.items()}
        tables = [name for name, numbers in rivals.items() if numbers]
        if any(figure.value in numbers for numbers in rivals.values()):
            yield "figure", f"{phrase!r} is a number of {' or '.join(tables)}: write it as a reference"
        elif tables:
            yield "contradiction", f"{phrase!r} is at odds with {' and '.join(tables)}"


def _numbers(name: str, today: date) -> list[tuple[Decimal, Unit]]:
    """The numbers of a table's rows in force, with their units."""
    newest: dict[frozenset[tuple[str, object]], Row] = {}
    for row in table(name):  # oldest first
        if row.ref.effective is None or row.ref.effective <= today:
            newest[frozenset((k, v) for k, v in row.data.items() if _chooses(k, v))] = row
    said = ({k: v for k, v in row.data.items() if not _chooses(k, v)} for row in newest.values())
    return [(figure.value, figure.unit) for data in said for figure in figures_in(data)]


def _chooses(key: str, value: object) -> bool:
    """Whether this value says which case a row is for, and is not what the row says."""
    return isinstance(value, str | bool) or (isinstance(value, int) and unit_of(key, value) is Unit.COUNT)
