"""Who gets a conversation: the round among the people who are online."""

from __future__ import annotations

from nextnest.desk.models import Conversation, User
from nextnest.desk.work import Work


def next_agent(work: Work, allowed: list[int]) -> User | None:
    """The online person of these with the fewest open conversations; None when nobody is there."""
    people = [user for number in allowed if (user := work.store.get(User, number))]
    online = [user for user in people if work.site.is_online(user)]
    if not online:
        return None
    load = {user.id: 0 for user in online}
    for conversation in work.store.all(Conversation):
        if conversation.status == "open" and conversation.assignee_id in load:
            load[conversation.assignee_id] += 1
    return min(online, key=lambda user: (load[user.id], user.id))
