"""Two questions in one message, each with its own numbers: "duty on 1.3m, and monthly for 800k"."""

from __future__ import annotations

import re
from dataclasses import replace

from nextnest.broker import intents
from nextnest.broker.playbook.hearing import with_told
from nextnest.broker.playbook.situation import Situation
from nextnest.broker.told import Told, tell

_PARTS = re.compile(r"[?;\n]+|,(?!\d)|\.(?=\s|$)|\b(?:and|also|plus|then)\b", re.IGNORECASE)


def of_question(found: Situation, intent: str) -> Situation:
    """The situation for one of several questions: what the part of the message that asks it supposes.

    Where no part asks it alone, or its part supposes nothing, what the whole message supposes stands.
    """
    told = [one for one in _told_beside(found, intent) if one.supposed]
    if not told:
        return found
    kept = {name: one for name, one in found.told.items() if not one.supposed}
    case = with_told(found.lead, [*kept.values(), *told])
    return replace(found, told=kept | {one.field: one for one in told}, case=case)


def _told_beside(found: Situation, intent: str) -> list[Told]:
    for message in found.brief.inputs:
        for part in _PARTS.split(message.text):
            if [reading.intent for reading in intents.read(part)] == [intent]:
                return list(tell(part, message.id, found.lead))
    return []
