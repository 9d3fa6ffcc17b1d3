"""The broker without a model: deterministic, from the lead's own figures, asking for one missing fact at a time."""

from nextnest.broker.playbook.greeting import greeting
from nextnest.broker.playbook.turn import playbook

__all__ = ["greeting", "playbook"]
