"""What a number in a text may rest on, and whether its value agrees with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from nextnest.broker.attribution import read
from nextnest.broker.banks import bank_of, banks_in
from nextnest.broker.numerals import About, Numeral
from nextnest.broker.quantities import names_of_label
from nextnest.domain.reply import Evidence, EvidenceKind, Figure, Unit

_APPROXIMATE = Decimal(
    "0.03"
)  # "about" may be this far from the figure, and no farther than its digits round
_ROUNDED = Decimal("0.02")  # "S$1.2m" without "about"
_THOUSANDS = Decimal("0.005")  # "S$1,198,000" without "about"
_READ = 4000  # characters of a customer's message that are read for figures
_NOT_LENT = frozenset({"downpayment", "cash_or_cpf"})
_TIMES = ("day", "week", "hour", "minute")


@dataclass(frozen=True)
class Ground:
    """A figure that may be said: from evidence, or from the customer's own words."""

    figure: Figure
    kind: EvidenceKind
    names: frozenset[str]
    ref: str = ""
    bank: str = ""
    per: str = ""
    foreign: bool = False

    @property
    def label(self) -> str:
        return self.figure.label.casefold()


def grounds_of(evidence: Sequence[Evidence], customer_words: Sequence[str]) -> tuple[Ground, ...]:
    return (*_of_evidence(evidence), *(g for words in customer_words for g in _of_customer(words)))


def _of_evidence(evidence: Sequence[Evidence]) -> Iterator[Ground]:
    for each in evidence:
        bank = ""
        if each.kind is EvidenceKind.RATE:
            named = str(each.detail.get("bank") or "") or next(
                (b for _, _, b in banks_in(each.ref.casefold())), ""
            )
            bank = bank_of(named) if named else ""
        for figure in each.figures:
            names = names_of_label(figure.label, each.ref)
            yield Ground(figure, each.kind, names, each.ref, bank)
            if figure.label == "ltv_pct":
                yield Ground(_not_lent(figure), each.kind, _NOT_LENT, each.ref, bank)


def _not_lent(ltv: Figure) -> Figure:
    """The share of the price that the bank does not lend."""
    return ltv.model_copy(update={"value": 100 - ltv.value, "label": "downpayment_pct"})


@lru_cache(maxsize=256)  # the same messages are read again for every draft of a turn
def _of_customer(words: str) -> tuple[Ground, ...]:
    return tuple(_told(words[:_READ]))


def _told(words: str) -> Iterator[Ground]:
    for said in read(words)[1]:
        n = said.numeral
        # A bare number keeps its openness: COUNT stands for "no unit said".
        figure = Figure(value=n.value, unit=n.unit or Unit.COUNT, label="" if n.unit else "bare")
        names = said.of.names if said.of else frozenset()
        yield Ground(figure, EvidenceKind.CUSTOMER, names, "customer", per=said.per, foreign=n.foreign)


def agrees(numeral: Numeral, ground: Ground) -> bool:
    """Whether a number in a text says the value of a ground, in its unit and within its rounding."""
    if numeral.foreign != ground.foreign or not numeral.readable:
        return False
    if numeral.year_index:
        return _is_year_after(numeral, ground.figure)
    in_unit = _in_unit(numeral, ground)
    if in_unit is None:
        return False
    exact = ground.kind is EvidenceKind.RATE or (ground.kind is EvidenceKind.CUSTOMER and not in_unit.about)
    return _within(in_unit, ground.figure, exact=exact, rate="rate" in ground.names)


def _is_year_after(numeral: Numeral, figure: Figure) -> bool:
    """ "From year 4" rests on three years; "in year 3" on three, and the first year on nothing."""
    if numeral.value == 1:
        return True
    years = figure.value / 12 if figure.unit is Unit.MONTHS else figure.value
    return figure.unit in {Unit.YEARS, Unit.MONTHS} and numeral.value in {years, years + 1}


def _in_unit(numeral: Numeral, ground: Ground) -> Numeral | None:
    """The number as a number of the ground's unit, or None where the units do not meet."""
    unit = ground.figure.unit
    bare_customer = ground.kind is EvidenceKind.CUSTOMER and ground.label == "bare"
    if numeral.unit is None or bare_customer or numeral.unit is unit:
        times = [t for t in _TIMES if t in ground.label]
        return None if numeral.noun and times and numeral.noun not in times else numeral
    if numeral.unit is Unit.YEARS and unit is Unit.MONTHS:
        return _times(numeral, Decimal(12))
    if numeral.unit is Unit.MONTHS and unit is Unit.YEARS:
        return _times(numeral, 1 / Decimal(12))
    return None


def _times(numeral: Numeral, factor: Decimal) -> Numeral:
    return replace(
        numeral, value=numeral.value * factor, step=numeral.step * factor, coarse=numeral.coarse * factor
    )


def _within(numeral: Numeral, figure: Figure, *, exact: bool, rate: bool) -> bool:
    said, true = numeral.value, figure.value
    off = abs(said - true)
    if off <= figure.tolerance or off < Decimal("0.000001"):
        return numeral.about in {About.NOTHING, About.AROUND} or off > 0
    if exact or not true:
        return False
    if (numeral.about is About.UNDER and said < true) or (numeral.about is About.OVER and said > true):
        return False
    share = off / abs(true)
    if numeral.about:
        half = 2 if numeral.about is About.AROUND else 1  # "just over S$4,600" may be S$4,690
        return share <= _APPROXIMATE and off <= max(numeral.coarse, numeral.step) / half
    return _rounded(numeral, figure, off, share, rate=rate)


def _rounded(numeral: Numeral, figure: Figure, off: Decimal, share: Decimal, *, rate: bool) -> bool:
    """Whether the writing itself shows that it is rounded: whole dollars, "1.2m", "1,198,000", "41%"."""
    if figure.unit is Unit.MONEY:
        if numeral.scaled:
            return off <= numeral.step / 2 and share <= _ROUNDED
        if numeral.coarse >= 1000:
            return off <= numeral.coarse / 2 and share <= _THOUSANDS
        return off < numeral.step and numeral.step <= 1 and abs(figure.value) >= 100
    if rate:
        return False
    return off <= numeral.step / 2 and (
        numeral.step < 1 or (figure.unit is Unit.PERCENT and figure.value >= 10)
    )
