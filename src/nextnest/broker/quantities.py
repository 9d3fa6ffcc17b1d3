"""Names of quantities in texts and in evidence: "monthly payment" and `contract_instalment` are one thing."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from nextnest.broker.patterns import is_latin
from nextnest.domain.reply import Unit

_GENERIC = re.compile(
    r"^(?:value|amount|total|result|pct|rate_pct|rate|monthly|months|years|sum|figure|answer|limit_pct|limit)$"
)

_TAXED = frozenset({"bsd", "absd", "ssd"})  # have a "rate" too
_PAID_SO = frozenset({"bsd", "absd", "duties"})  # may be said as what cash or CPF has to pay


@dataclass(frozen=True)
class Mention:
    """Where a text names a quantity; `names` has more than one member where the words leave it open."""

    start: int
    end: int
    names: frozenset[str]
    units: frozenset[Unit]


@dataclass(frozen=True)
class _Quantity:
    name: str
    units: frozenset[Unit]
    said: re.Pattern[str]
    said_in_latin: re.Pattern[str]
    label: re.Pattern[str]


@cache
def _lexicon() -> tuple[_Quantity, ...]:
    data = tomllib.loads((files(__package__) / "quantities.toml").read_text("utf-8"))
    return tuple(
        _Quantity(
            name,
            frozenset(Unit(unit) for unit in entry["units"]),
            re.compile("|".join(_bounded(p) for p in entry["said"])),
            re.compile("|".join(_bounded(p) for p in entry["said"] if is_latin(p))),
            re.compile("|".join(f"(?:{p})" for p in entry["label"])),
        )
        for name, entry in data.items()
    )


def _bounded(pattern: str) -> str:
    """Latin words end at word boundaries; Han and Tamil have none that a pattern could use."""
    return rf"(?<![a-z])(?:{pattern})(?![a-z])" if re.search("[a-z]", pattern) else f"(?:{pattern})"


def mentions(text: str) -> tuple[Mention, ...]:
    """The quantities that a folded text names, in order; of overlapping names the longest."""
    found: list[Mention] = []
    latin = text.isascii()
    hits = [
        (m.start(), m.end(), q)
        for q in _lexicon()
        for m in (q.said_in_latin if latin else q.said).finditer(text)
    ]
    for start, end, quantity in sorted(hits, key=lambda h: (h[0] - h[1], h[0])):
        same = next((m for m in found if (m.start, m.end) == (start, end)), None)
        if same:
            found[found.index(same)] = Mention(
                start, end, same.names | {quantity.name}, same.units | quantity.units
            )
        elif all(end <= m.start or m.end <= start for m in found):
            found.append(Mention(start, end, frozenset({quantity.name}), quantity.units))
    return tuple(sorted(found, key=lambda m: m.start))


@cache
def names_of_label(label: str, ref: str) -> frozenset[str]:
    """Quantities that a figure of evidence may be called; empty when the label says nothing that we know.

    A label such as "total" or "rate_pct" says little: then the name of the source, such as "bsd", counts too.
    """
    plain = re.sub(r"[^a-z0-9]+", "_", label.casefold()).strip("_")
    names = _named(plain)
    if _GENERIC.match(plain) or ref.startswith("cpf_"):
        source = _named(re.sub(r"[^a-z0-9]+", "_", ref.casefold()).strip("_"))
        return names & source or names | source
    return names


def _named(plain: str) -> frozenset[str]:
    return frozenset(q.name for q in _lexicon() if q.label.search(plain))


def suits(mention: Mention, names: frozenset[str]) -> bool:
    """Whether a figure that is called `names` may be said of what the text mentions."""
    if not names or mention.names & names:
        return True
    is_bare_rate = mention.names == {"rate"} and mention.end - mention.start <= len("rates")
    return bool(is_bare_rate and names & _TAXED) or bool("cash_or_cpf" in mention.names and names & _PAID_SO)


def of_unit(found: Sequence[Mention], unit: Unit | None) -> tuple[Mention, ...]:
    """The mentions that a number of this unit can belong to; a bare number can belong to any."""
    return tuple(m for m in found if unit is None or unit in m.units)
