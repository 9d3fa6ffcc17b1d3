"""One unit of work: everything that one request changes, and what it sets off.

Chatwoot does the first part of a request in the web process and hands the rest (activity messages,
automations, webhooks of accounts and API inboxes) to jobs that read the rows as they are by then. Here
too: `later` and `announce` put such jobs off, the end of the `with` runs them, and all of it is one commit.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Self

from nextnest.desk.installation import Installation
from nextnest.desk.models import AgentBot, AutomationRule, Contact, Conversation, Delivery, Message, User
from nextnest.desk.store import Store

Job = Callable[[], None]


class Work:
    """Who acts, what is to follow, and what is to be delivered."""

    def __init__(self, site: Installation, actor: User | AgentBot | Contact | None = None) -> None:
        self.site = site
        self.store: Store = site.store
        self.actor = actor
        self.rule: AutomationRule | None = None  # the automation that acts, instead of somebody
        self.outbox: list[Delivery] = []
        self.changed = False  # has anything been written?
        self.created: set[int] = set()  # conversations whose display_id this request has just learned
        self.labels_read: set[int] = set()  # conversations whose label cache the next save will write
        self._jobs: deque[Job] = deque()
        self._announced: deque[tuple[str, Conversation, Message | None]] = deque()
        self._webhooks: list[Job] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        """What went well is finished; of anything else nothing is left."""
        try:
            if kind is None:
                self._finish()
                return
        except BaseException:
            self._undo()
            raise
        self._undo()

    def _undo(self) -> None:
        self.store.rollback()
        self.outbox.clear()

    def now(self) -> float:
        """Seconds since 1970."""
        return self.site.clock()

    @property
    def actor_name(self) -> str | None:
        """Whom an activity message names; customers act without a name."""
        if self.rule:
            return "Automation System"
        return self.actor.name if isinstance(self.actor, User | AgentBot) else None

    def later(self, job: Job) -> None:
        """A job of Chatwoot's: runs when the request itself is done."""
        self._jobs.append(job)

    def at_the_end(self, job: Job) -> None:
        """A webhook's payload, built when everything else is done."""
        self._webhooks.append(job)

    def announce(self, event: str, conversation: Conversation, message: Message | None = None) -> None:
        """Tells the installation's listeners, after the jobs that were put off before."""
        self._announced.append((event, conversation, message))

    def run_jobs(self) -> None:
        while self._jobs:
            self._jobs.popleft()()

    def _run_listeners(self) -> None:
        while self._announced:
            event, conversation, message = self._announced.popleft()
            for listen in self.site.listeners:
                # A job loads its rows afresh: it knows nothing of what the request had in memory.
                self.created.clear()
                self.labels_read.clear()
                listen(self, event, conversation, message)
                self.run_jobs()

    def _finish(self) -> None:
        """Runs what was put off and commits; then `outbox` may be delivered."""
        self.run_jobs()
        self._run_listeners()
        for build in self._webhooks:
            build()
        for delivery in self.outbox:
            if delivery.receiver == "agent_bot_webhook":
                self.store.add(delivery, self.now())
        self.changed = self.store.changed
        self.store.commit()
