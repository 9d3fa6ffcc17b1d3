"""The desk: a small, honest stand-in for Chatwoot that speaks its API and sends its webhooks.

It imports nothing of nextnest, and nextnest reaches it over HTTP only, as it reaches Chatwoot.
"""

from nextnest.desk.app import Desk, People, serve
from nextnest.desk.chaos import Chaos

__all__ = ["Chaos", "Desk", "People", "serve"]
