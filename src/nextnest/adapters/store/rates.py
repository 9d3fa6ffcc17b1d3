"""Rate sheets, versioned; the newest that is valid is the one that may be quoted."""

from __future__ import annotations

from datetime import date

from nextnest.adapters.store.connection import Connection, one
from nextnest.broker.rates import RateSheet, parse_csv


class RateRows:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def current(self, today: date) -> RateSheet | None:
        row = await one(
            self._connection,
            """SELECT content FROM rate_sheets WHERE as_of <= %(today)s AND valid_until >= %(today)s
               ORDER BY version DESC LIMIT 1""",
            {"today": today},
        )
        return parse_csv(row["content"]) if row else None
