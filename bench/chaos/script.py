"""What the customers and the brokerage's people of a run will do: drawn from the seed, nothing else."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["reply", "assign", "open"]

SAID = (
    "Hi, what do I need to get started?",
    "What documents do you need from me?",
    "How long does it take to refinance?",
    "My monthly income is $9,500",
    "I also have a car loan of 900 a month",
    "ok",
    "yes",
    "Is a fixed package better than floating?",
    "Can I use my CPF for the down payment?",
    "What is TDSR?",
    "sorry, one more thing",
    "we are buying together, my wife joined the conversation",
    "how much can I borrow",
    "我想问一下贷款的事情",
    "thanks!",
)
ASKING_FOR_A_PERSON = "I would like to talk to a real person please"


@dataclass(frozen=True)
class Line:
    """Said `pause` seconds after the line before it."""

    pause: float
    text: str


@dataclass(frozen=True)
class Person:
    """Somebody of the brokerage, who acts `wait` seconds after the customer's line number `line`."""

    kind: Kind
    line: int
    wait: float
    give_back_after: float | None


@dataclass(frozen=True)
class Customer:
    """`by_page`: writes on our chat page, else into the desk. `hasty`: does not wait for the thread."""

    number: int
    lead: dict[str, Any]
    by_page: bool
    hasty: bool
    twice: bool  # the browser sends the form twice at once
    lines: tuple[Line, ...]
    person: Person | None


def customer(seed: int, number: int, run: str) -> Customer:
    """The customer of this number. Every text carries a mark of its own, by which it is found again."""
    draw = random.Random(f"{seed} customer {number}")
    lines = []
    for index in range(draw.choice((1, 2, 2, 3, 4))):
        burst = index > 0 and draw.random() < 0.4
        pause = draw.uniform(0.02, 0.6) if burst else draw.uniform(0.2, 9.0)
        words = ASKING_FOR_A_PERSON if draw.random() < 0.07 else draw.choice(SAID)
        lines.append(Line(pause, f"{words} [{run}{number}.{index}]"))
    person = None
    if draw.random() < 0.35:
        person = Person(
            kind=draw.choice(("reply", "assign", "open")),
            line=draw.randrange(len(lines)),
            wait=draw.uniform(0.0, 2.5),
            give_back_after=draw.uniform(1.0, 8.0) if draw.random() < 0.4 else None,
        )
    by_page = draw.random() < 0.5
    return Customer(
        number=number,
        lead=_lead(draw, number),
        by_page=by_page,
        hasty=by_page and draw.random() < 0.5,
        twice=draw.random() < 0.15,
        lines=tuple(lines),
        person=person,
    )


def _lead(draw: random.Random, number: int) -> dict[str, Any]:
    return {
        "purpose": draw.choice(("new_purchase", "refinance")),
        "name": draw.choice(("Tan Wei Ming", "Siti Nurhaliza", "Or Wei Ling", "José Ortega", "陈美玲")),
        "email": f"customer{number}@example.com",
        "phone": f"+65 8{number:07d}",
        "property_type": draw.choice(("hdb", "condo", "landed")),
        "property_price": draw.randrange(400_000, 3_000_000, 10_000),
        "monthly_income": draw.randrange(3_000, 30_000, 500),
        "timeline": draw.choice(("this_month", "next_3_months")),
    }
