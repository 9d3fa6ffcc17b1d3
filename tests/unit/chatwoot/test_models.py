"""The least that each answer may hold, across the versions from 4.11 to 4.18."""

from __future__ import annotations

from typing import Any

import pytest

from nextnest.adapters.chatwoot import models
from nextnest.adapters.chatwoot.models import Answer

LEAST: list[tuple[type[Answer], dict[str, Any]]] = [
    (models.Inbox, {"id": 1, "name": "a", "channel_type": "Channel::Api"}),  # to an agent, no secrets
    (models.AgentBot, {"id": 1, "name": "a"}),  # to an agent, and before 4.13
    (models.Webhook, {"id": 1, "url": "https://a.example"}),  # before 4.8: no name; 4.11.2: no secret
    (models.Conversation, {"id": 1, "inbox_id": 1, "status": "open", "meta": {}}),
    (models.Message, {"id": 1, "message_type": 2, "created_at": 1, "conversation_id": 1}),
    (models.Contact, {"id": 1}),
    (models.Profile, {"id": 1}),
    (models.StatusChange, {"current_status": "open"}),
    (models.ConversationCounts, {"mine_count": 0, "unassigned_count": 0, "all_count": 0}),
]


@pytest.mark.parametrize(("model", "least"), LEAST, ids=lambda value: getattr(value, "__name__", ""))
def test_the_least_is_enough_and_more_is_ignored(model: type[Answer], least: dict[str, Any]) -> None:
    parsed = model.model_validate(least | {"key_of_4_19": [1]})
    assert "key_of_4_19" not in parsed.model_dump()


@pytest.mark.parametrize(("model", "least"), LEAST, ids=lambda value: getattr(value, "__name__", ""))
def test_less_than_that_names_the_key(model: type[Answer], least: dict[str, Any]) -> None:
    for key in least:
        with pytest.raises(ValueError, match=key):
            model.model_validate({other: value for other, value in least.items() if other != key})
