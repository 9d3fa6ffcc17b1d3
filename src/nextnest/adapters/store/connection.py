"""The kind of connection that every query here runs on."""

from __future__ import annotations

from typing import Any

import psycopg

Row = dict[str, Any]
Connection = psycopg.AsyncConnection[Row]


async def one(connection: Connection, query: str, arguments: dict[str, Any]) -> Row | None:
    return await (await connection.execute(query, arguments)).fetchone()
