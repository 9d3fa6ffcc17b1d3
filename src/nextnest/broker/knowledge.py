"""Short entries on how home loans work here, with source and review date; what is past review is not quoted.

An entry is a Markdown file under `knowledge/` with front matter. A figure that a rule or a calculator knows
is written as a reference, so that it cannot contradict them:

    {{rule:tdsr_limit.limit_pct}}               a number of the row in force today
    {{rule:ltv.ltv_pct outstanding=0}}          the same, of the row that matches
    {{rule:ssd.pct.0 use=residential}}          the first of a row of numbers
    {{rule:ehg.upto.15 as=income}}              `as` names the quantity where the table does not
    {{calc:bsd.bsd price=1000000}}              an output of a calculator, as of today

Any other figure (bank practice, plain arithmetic) stands in the front matter under `typed`, as the words of
the text and the reason why they may stand there.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib import resources
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nextnest.broker import numerals
from nextnest.broker.units import said, unit_of
from nextnest.domain.reply import Evidence, EvidenceKind, Figure, Unit
from nextnest.mortgage import calculate
from nextnest.mortgage.tables import in_force

_REFERENCE = re.compile(
    r"\{\{(?P<kind>rule|calc):(?P<name>\w+)\.(?P<key>\w+)(?:\.(?P<place>\d+))?(?P<given>(?:\s+\w+=[\w./-]+)*)\s*\}\}"
)
ANY_REFERENCE = re.compile(r"\{\{.*?\}\}")


# How well an entry fits a query. Customers' questions about what an entry says fit it from 0.5 to 10; talk of
# football or pizza rarely fits any above 0.4, and never yet above 0.9.
LIKELY = 0.4  # fit to be read by a model, which may find that it does not answer the question
SURE = 1.2  # fit to be said as the answer


class Front(BaseModel):
    """What stands above an entry."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    title: str = Field(min_length=3)
    source: str = Field(min_length=3)
    dated: date = Field(alias="date")
    review_by: date
    keywords: tuple[str, ...] = Field(min_length=1)
    typed: dict[str, str] = {}


@dataclass(frozen=True)
class Entry:
    """An entry as it may be said on the day it was loaded for. The first paragraph of `text` is chat-size."""

    id: str
    title: str
    source: str
    dated: date
    review_by: date
    keywords: tuple[str, ...]
    text: str
    figures: tuple[Figure, ...]

    @property
    def answer(self) -> str:
        """The first paragraph: short enough for a chat."""
        return self.text.split("\n\n", 1)[0]

    def current(self, today: date) -> bool:
        """May it be quoted? Not when its review is overdue."""
        return today <= self.review_by

    def evidence(self) -> Evidence:
        detail = {"title": self.title, "source": self.source, "date": self.dated.isoformat()}
        return Evidence(kind=EvidenceKind.KNOWLEDGE, ref=self.id, figures=self.figures, detail=detail)


class EntryError(ValueError):
    """The entry cannot be read; the message says why."""


def sources() -> tuple[tuple[str, str], ...]:
    """Name and text of every entry that ships with nextnest, by name."""
    folder = resources.files("nextnest.broker").joinpath("knowledge")
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".md")), key=lambda file: file.name
    )
    return tuple((file.name, file.read_text(encoding="utf-8")) for file in files)


@functools.lru_cache(maxsize=4)
def load(today: date) -> tuple[Entry, ...]:
    """All entries with their figures as of today, those past review too (`Entry.current` tells).

    One that cannot be read, such as for a day before its rules, is left out; `knowledge_check` says why.
    """
    return tuple(_readable(today))


def _readable(today: date) -> Iterator[Entry]:
    for name, text in sources():
        with suppress(EntryError):
            yield read_entry(name, text, today)


def quotable(entry_id: str, today: date) -> Entry | None:
    """The entry of this id; None when there is none, or its review is overdue."""
    return next((e for e in load(today) if e.id == entry_id and e.current(today)), None)


def read_entry(name: str, text: str, today: date) -> Entry:
    """One entry with its references resolved.

    Raises:
        EntryError: front matter or a reference is wrong.
    """
    front, body = parts(name, text)
    figures: list[Figure] = []

    def resolved(match: re.Match[str]) -> str:
        figure, words = _resolve(name, match, today)
        figures.append(figure)
        return words

    said_text = _REFERENCE.sub(resolved, body)
    if left := ANY_REFERENCE.search(said_text):
        raise EntryError(f"{name}: {left.group()} is not a reference")
    figures += [figure for phrase in front.typed for figure in typed_figures(phrase)]
    return Entry(
        id=front.id,
        title=front.title,
        source=front.source,
        dated=front.dated,
        review_by=front.review_by,
        keywords=front.keywords,
        text=said_text,
        figures=tuple(dict.fromkeys(figures)),
    )


def parts(name: str, text: str) -> tuple[Front, str]:
    """Front matter and body of an entry, references unresolved.

    Raises:
        EntryError: the front matter is wrong, or there is no body.
    """
    pieces = text.split("---\n", 2)
    if len(pieces) != 3 or pieces[0].strip():
        raise EntryError(f"{name}: front matter must stand first, between two lines of ---")
    try:
        front = Front.model_validate(yaml.safe_load(pieces[1]) or {})
    except ValidationError as error:
        faults = [
            f"{'.'.join(str(step) for step in fault['loc'])}: {fault['msg']}" for fault in error.errors()
        ]
        raise EntryError(f"{name}: {'; '.join(faults)}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # a day such as 2026-02-30 is a ValueError
        raise EntryError(f"{name}: the front matter is not YAML ({error.__class__.__name__})") from None
    body = re.sub(r"(?<!\n)\n(?!\n|[-*] )", " ", pieces[2].strip())
    if not body:
        raise EntryError(f"{name}: there is no text")
    for phrase in front.typed:
        if phrase not in body:
            raise EntryError(f"{name}: typed {phrase!r} is not in the text")
    return front, body


def _resolve(name: str, match: re.Match[str], today: date) -> tuple[Figure, str]:
    kind, source, key = match["kind"], match["name"], match["key"]
    given: dict[str, Any] = dict(pair.split("=", 1) for pair in match["given"].split())
    label = given.pop("as", f"{source}_{key}")
    try:
        if kind == "calc":
            calculation = calculate(source, {"as_of": today.isoformat(), **given})
            value = calculation.shown(key)
            text = calculation.text(key)
        else:
            match_row: dict[str, Any] = {k: int(v) if v.isdecimal() else v for k, v in given.items()}
            row, place = in_force(source, today, "today", **match_row), match["place"]
            value = row.number(key) if place is None else row.numbers(key)[int(place)]
            text = said(value, unit_of(key, value))
    except (KeyError, IndexError, ArithmeticError, TypeError, ValueError) as error:
        raise EntryError(f"{name}: {match.group()} cannot be resolved ({error})") from None
    if not isinstance(value, Decimal):
        raise EntryError(f"{name}: {match.group()} is not a number")
    return Figure(value=value, unit=unit_of(key, value), label=label), text


def typed_figures(phrase: str) -> Iterator[Figure]:
    """The figures of a phrase that stands under `typed`."""
    for numeral in numerals.find(phrase):
        yield Figure(value=numeral.value, unit=numeral.unit or Unit.COUNT, label="practice")
