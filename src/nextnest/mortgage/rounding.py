"""How each kind of figure is rounded: once, at the end, and only for showing.

Values stay exact inside. `quantum` and `mode` are what a person is shown; `stated` is the finer step a
machine is given (batch results), so that a loan shown as S$661,274 is stated as 661274.33.
"""

from __future__ import annotations

import decimal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

PRECISION = 50
"""Significant digits of every calculation: far beyond a cent, after 1,200 compoundings of a billion."""


_EXACT = decimal.Context(
    prec=PRECISION,
    rounding=decimal.ROUND_HALF_EVEN,
    traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow],
)
_STEADY = decimal.Context(prec=PRECISION - 10)


@contextmanager
def exact_arithmetic() -> Iterator[None]:
    """Do decimal arithmetic at our own precision, whatever the caller's context is."""
    with decimal.localcontext(_EXACT):
        yield


@dataclass(frozen=True)
class Rounding:
    """A rule of rounding with its unit; `quantum` None leaves the value as it is."""

    name: str
    unit: str = ""
    quantum: Decimal | None = None
    mode: str = ROUND_HALF_UP
    stated: Decimal | None = None

    @property
    def label(self) -> str:
        """Unit and rule in one line, as stored with the evidence."""
        return f"{self.unit} {self.name}".strip()

    def shown(self, value: Decimal) -> Decimal:
        """The value as a person is shown it."""
        return value if self.quantum is None else _quantized(value, self.quantum, self.mode)

    def to_state(self, value: Decimal) -> Decimal:
        """The value as a machine is given it."""
        return value if self.stated is None else _quantized(value, self.stated, ROUND_HALF_UP)

    def text(self, value: Decimal) -> str:
        """The shown value with its unit: "S$3,120.33", "57.29%", "28 years"."""
        shown = self.shown(value)
        if self.unit == "S$":
            return sgd(shown)
        number = plain(shown)
        if self.unit == "%":
            return f"{number}%"
        return f"{number} {self.unit}" if self.unit else number


def steady(value: Decimal) -> Decimal:
    """Without the last digits, where divisions leave their noise: 1272.12499...9 is 1272.125 again.

    For use before rounding alone; what is computed with keeps all its digits.
    """
    return _STEADY.plus(value)


def _quantized(value: Decimal, quantum: Decimal, mode: str) -> Decimal:
    return steady(value).quantize(quantum, mode, _EXACT)


def plain(value: Decimal) -> str:
    """A decimal without exponent or needless zeros: "2.6", "30", "0"."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def sgd(value: Decimal) -> str:
    """Singapore dollars for a person: "S$1,200,000", "-S$12.50"; cents only where there are any."""
    cents = _quantized(value, Decimal("0.01"), ROUND_HALF_UP)
    whole = cents == cents.to_integral_value()
    sign = "-" if cents < 0 else ""
    return f"{sign}S${abs(cents):,.0f}" if whole else f"{sign}S${abs(cents):,.2f}"


def percent(value: Decimal) -> str:
    """A percentage for a person, at most 4 decimals: "57.29%", "4%"."""
    return f"{plain(_quantized(value, Decimal('0.0001'), ROUND_HALF_UP))}%"


_ONE, _CENT, _PLACES_4 = Decimal(1), Decimal("0.01"), Decimal("0.0001")

CENTS = Rounding("to the nearest cent", "S$", _CENT, ROUND_HALF_UP, _CENT)
LOAN = Rounding("down to the dollar", "S$", _ONE, ROUND_FLOOR, _CENT)
CASH = Rounding("up to the dollar", "S$", _ONE, ROUND_CEILING, _CENT)
DUTY = Rounding("down to the dollar, as the law says", "S$", _ONE, ROUND_FLOOR, _ONE)
AMOUNT = Rounding("as printed in the table", "S$", _CENT, ROUND_HALF_UP, _CENT)
PERCENT = Rounding("to two decimals", "%", _CENT, ROUND_HALF_UP, _CENT)
RATE = Rounding("as it is", "%")
AGE = Rounding("to two decimals; exact inside", "years", _CENT, ROUND_HALF_UP, _PLACES_4)
YEARS = Rounding("to two decimals", "years", _CENT, ROUND_HALF_UP, _PLACES_4)
WHOLE_YEARS = Rounding("whole years", "years", _ONE, ROUND_CEILING, _ONE)
MONTHS = Rounding("whole months", "months", _ONE, ROUND_CEILING, _ONE)
AS_IS = Rounding("as it is")
"""Words, dates, yes and no, and lists of findings."""

ROUNDINGS = {
    rule.label: rule
    for rule in (CENTS, LOAN, CASH, DUTY, AMOUNT, PERCENT, RATE, AGE, YEARS, WHOLE_YEARS, MONTHS, AS_IS)
}
