"""What the desk and our database hold at the end of a run, read whole."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx2
import psycopg
from psycopg.rows import dict_row

from bench.site import Site

Row = dict[str, Any]

OPEN_WORK = """
SELECT 'intent ' || key || ' ' || state || ' ' || coalesce(error, '') AS what, conversation_id
FROM outbox WHERE state IN ('intended', 'unknown')
UNION ALL SELECT 'turn ' || id || ' has not ended', conversation_id FROM turns WHERE outcome IS NULL
UNION ALL SELECT 'conversation is still due', id FROM conversations WHERE due_at IS NOT NULL
UNION ALL SELECT 'lead ' || id || ' is ' || sync || ' ' || coalesce(sync_error, ''), conversation_id
FROM leads WHERE sync <> 'synced'
UNION ALL SELECT 'job ' || id || ' ' || lock || ' ' || status, NULL FROM procrastinate_jobs
WHERE scheduled_at IS NULL OR scheduled_at < now() - interval '5 seconds'
"""


@dataclass(frozen=True)
class Message:
    """A message as the desk holds it; `at` is wall-clock seconds, exact to the millisecond."""

    id: int
    conversation_id: int
    kind: str  # incoming | outgoing | activity | template
    text: str
    private: bool
    sender: str | None  # User | AgentBot | Contact
    turn: str | None
    part: str | None
    at: float

    @property
    def public_of_bot(self) -> bool:
        return self.kind == "outgoing" and not self.private and self.turn is not None


@dataclass(frozen=True)
class Account:
    messages: dict[int, list[Message]]
    status: dict[int, str]
    contact: dict[int, str]  # a conversation's lead
    turns: dict[int, list[Row]]
    outbox: list[Row]
    open_work: list[Row]

    def all_messages(self) -> list[Message]:
        return [message for thread in self.messages.values() for message in thread]


def read(site: Site) -> Account:
    dump = httpx2.get(
        f"{site.desk_url}/desk/dump", headers={"Api-Access-Token": site.admin_token}, timeout=60.0
    ).json()
    with psycopg.connect(site.postgres.url, row_factory=dict_row) as connection:
        turns: dict[int, list[Row]] = defaultdict(list)
        for row in connection.execute("SELECT * FROM turns ORDER BY started_at"):
            turns[row["conversation_id"]].append(row)
        outbox = connection.execute("SELECT * FROM outbox ORDER BY id").fetchall()
        open_work = connection.execute(OPEN_WORK).fetchall()
    conversations = dump["conversations"]
    return Account(
        messages={c["id"]: [_message(c["id"], m) for m in c["messages"]] for c in conversations},
        status={c["id"]: c["status"] for c in conversations},
        contact={c["id"]: c["contact"]["identifier"] for c in conversations},
        turns=turns,
        outbox=outbox,
        open_work=open_work,
    )


def _message(conversation_id: int, row: Row) -> Message:
    mark = (row["content_attributes"] or {}).get("nextnest") or {}
    return Message(
        id=row["id"],
        conversation_id=conversation_id,
        kind=row["message_type"],
        text=row["content"] or "",
        private=row["private"],
        sender=row["sender_type"],
        turn=mark.get("turn"),
        part=mark.get("part"),
        at=datetime.fromisoformat(row["created_at"]).timestamp(),
    )
