"""What the model has cost so far, where every worker sees it."""

from __future__ import annotations

from nextnest.adapters.store.database import Database
from nextnest.broker.budget import Spent, spent_by
from nextnest.domain.reply import ModelUse

_SUM = "SELECT coalesce(sum(cost_usd), 0) AS usd, coalesce(sum(tokens), 0)::bigint AS tokens FROM model_spend"
_TODAY = _SUM + (
    " WHERE at >= date_trunc('day', now() AT TIME ZONE 'Asia/Singapore') AT TIME ZONE 'Asia/Singapore'"
)


class SpendRows:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def spent_today(self) -> Spent:
        row = (await self._database.fetch(_TODAY))[0]
        return Spent(row["usd"], row["tokens"])

    async def spent_conversation(self, conversation_id: int) -> Spent:
        query = f"{_SUM} WHERE conversation_id = %(id)s"
        row = (await self._database.fetch(query, {"id": conversation_id}))[0]
        return Spent(row["usd"], row["tokens"])

    async def record(self, conversation_id: int, use: ModelUse) -> None:
        await self._database.run(
            """INSERT INTO model_spend (conversation_id, model, tokens, cost_usd)
               VALUES (%(id)s, %(model)s, %(tokens)s, %(usd)s)""",
            {
                "id": conversation_id,
                "model": use.model,
                "tokens": spent_by(use).tokens,
                "usd": use.cost_usd,
            },
        )
