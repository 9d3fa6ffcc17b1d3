"""The lead score: 0 to 100 points that read like a receipt; never shown to a customer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from pydantic import BaseModel, ConfigDict

from nextnest.domain.lead import Lead, in_words
from nextnest.domain.persona import Persona, persona_for
from nextnest.domain.scorecard import current_scorecard
from nextnest.domain.signals import READINGS, Case, Needs


class Line(BaseModel):
    """One line of the receipt: `points` of at most `of`, and why in one plain sentence."""

    model_config = ConfigDict(frozen=True)

    signal: str
    points: int
    of: int
    why: str


class Score(BaseModel):
    """A lead's score. `points` is the sum of the lines.

    `unknown` has a sentence for each signal that could not be read (it earns nothing until it can);
    `needs` names the fields that would let them be read, the most valuable first.
    """

    model_config = ConfigDict(frozen=True)

    points: int
    persona: Persona
    lines: tuple[Line, ...]
    unknown: tuple[str, ...]
    scorecard: str
    needs: tuple[str, ...] = ()

    def receipt_text(self) -> str:
        """The receipt for a person of the brokerage: Markdown that reads well as plain text too."""
        head = f"**Lead score {self.points} of 100, persona {self.persona.value}**"
        return "\n".join(
            [
                f"{head} (scorecard {self.scorecard}; internal, never shown to the customer)",
                "",
                *(f"- `{line.points:>2} of {line.of:>2}` {line.signal}: {line.why}" for line in self.lines),
                *_unknown_text(self.unknown),
            ]
        )


def score(lead: Lead, *, today: date) -> Score:
    """The score of a lead on a day (Singapore date). The same lead on the same day scores the same."""
    card = current_scorecard()
    case = Case(lead, today, card)
    lines: list[Line] = []
    unknown: list[str] = []
    needs: list[tuple[int, str]] = []
    for name, signal in card.signals.items():
        reading = READINGS[name](signal, case)
        if isinstance(reading, Needs):
            unknown.append(f"{signal.title} (up to {signal.of} points): needs {_joined(reading.fields)}")
            needs += [(signal.of, field) for field in reading.fields]
        else:
            lines.append(Line(signal=signal.title, points=reading.points, of=signal.of, why=reading.why))
    points = sum(line.points for line in lines)
    return Score(
        points=points,
        persona=persona_for(points),
        lines=tuple(lines),
        unknown=tuple(unknown),
        scorecard=card.version,
        needs=tuple(dict.fromkeys(field for _, field in sorted(needs, key=lambda need: -need[0]))),
    )


def _joined(fields: Iterable[str]) -> str:
    *rest, last = [in_words(field) for field in fields]
    return f"{', '.join(rest)} and {last}" if rest else last


def _unknown_text(unknown: tuple[str, ...]) -> list[str]:
    if not unknown:
        return []
    return ["", "Not known yet, so not counted (unknown is not zero):", *(f"- {line}" for line in unknown)]
