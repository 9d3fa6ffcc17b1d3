"""The broker without a model: deterministic, on the lead's own figures, one question at a time."""

from nextnest.broker.playbook.greeting import greeting
from nextnest.broker.playbook.turn import playbook

__all__ = ["greeting", "playbook"]
