"""What the panel shows of a conversation, read in a few queries."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from nextnest.adapters.store.connection import Row
from nextnest.adapters.store.database import Database
from nextnest.adapters.tracing import session_id
from nextnest.broker.evidence import affordability_inputs, has_the_home
from nextnest.domain.lead import Lead
from nextnest.domain.reply import Reply
from nextnest.domain.score import Score
from nextnest.mortgage import Calculation, CannotCompute, InvalidInput, calculate
from nextnest.service.panel import Draft, LastReply, PanelView
from nextnest.settings import Settings

_CONVERSATION = """
SELECT c.id, c.owner::text AS owner, c.persona, l.id AS lead_id, l.data, l.score, l.receipt,
  (SELECT reason FROM handoffs h WHERE h.conversation_id = c.id AND h.state <> 'returned'
    ORDER BY h.id DESC LIMIT 1) AS handoff_reason
FROM conversations c LEFT JOIN leads l ON l.id = c.lead_id WHERE c.id = %(id)s
"""
_LAST_TURN = """
SELECT t.id, t.reply, t.outcome::text AS outcome, t.ended_at, d.final_text
FROM turns t LEFT JOIN drafts d ON d.turn_id = t.id AND d.state = 'approved'
WHERE t.conversation_id = %(id)s AND (t.outcome IN ('replied', 'handed_off') OR d.turn_id IS NOT NULL)
ORDER BY t.started_at DESC LIMIT 1
"""
_DRAFTS = "SELECT turn_id, text, created_at FROM drafts WHERE conversation_id = %(id)s AND state = 'waiting'"
_LEARNED = """
SELECT data FROM lead_events WHERE lead_id = %(lead)s AND kind = 'fact_learned' ORDER BY id DESC LIMIT 20
"""


class PanelRows:
    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings

    async def read(self, conversation_id: int) -> PanelView | None:
        rows = await self._database.fetch(_CONVERSATION, {"id": conversation_id})
        if not rows:
            return None
        row = rows[0]
        lead = Lead.model_validate(row["data"]) if row["data"] else None
        last = await self._database.fetch(_LAST_TURN, {"id": conversation_id})
        learned = await self._database.fetch(_LEARNED, {"lead": row["lead_id"]})
        drafts = await self._database.fetch(_DRAFTS, {"id": conversation_id})
        found = _affordability(lead) if lead else ()
        return PanelView(
            conversation_id=conversation_id,
            lead_id=row["lead_id"],
            name=lead.display_name if lead else None,
            owner=row["owner"],
            persona=row["persona"],
            score=row["score"],
            receipt=row["receipt"],
            facts=lead.facts() if lead else {},
            learned=tuple(each["data"] for each in learned),
            open_questions=Score.model_validate(row["receipt"]).unknown if lead else (),
            affordability=found.to_json() if isinstance(found, Calculation) else None,
            affordability_needs=() if isinstance(found, Calculation) else found,
            last_reply=_last_reply(last[0]) if last else None,
            handoff_reason=row["handoff_reason"],
            drafts=tuple(Draft(each["turn_id"], each["text"], each["created_at"]) for each in drafts),
            langfuse_url=self._langfuse_url(conversation_id),
        )

    def _langfuse_url(self, conversation_id: int) -> str | None:
        langfuse = self._settings.langfuse
        return f"{langfuse.base_url}/sessions/{session_id(conversation_id)}" if langfuse else None


def _affordability(lead: Lead) -> Calculation | tuple[str, ...]:
    """The calculation, or what is missing for it; nothing of either where nothing is bought."""
    if has_the_home(lead):
        return ()
    today = datetime.now(ZoneInfo("Asia/Singapore")).date()
    try:
        return calculate("affordability", affordability_inputs(lead, today))
    except CannotCompute as error:
        return error.needs
    except InvalidInput as error:
        return error.problems


def _last_reply(row: Row) -> LastReply:
    reply = Reply.model_validate(row["reply"])
    evidence: list[dict[str, Any]] = [each.model_dump(mode="json") for each in reply.evidence]
    return LastReply(
        turn_id=row["id"],
        text=row["final_text"] or reply.text,
        author=reply.author,
        at=row["ended_at"],
        outcome=row["outcome"],
        evidence=tuple(evidence),
        notes=reply.notes,
    )
