"""The small settings of an account, which all have the same verbs.

Chatwoot wraps their bodies and answers each in its own way, automation rules even by verb. `wrapper` is
the key around the body of a write; the three `at` are the keys around the answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Generic, TypeVar

from nextnest.adapters.chatwoot.connection import Connection
from nextnest.adapters.chatwoot.models import Answer

A = TypeVar("A", bound=Answer)
Keys = tuple[str, ...]


class Collection(Generic[A]):
    """Writes need an administrator's token."""

    def __init__(
        self,
        connection: Connection,
        path: str,
        answer: type[A],
        *,
        wrapper: str | None = None,
        list_at: Keys = (),
        created_at: Keys = (),
        updated_at: Keys = (),
    ) -> None:
        self._connection = connection
        self._path = path
        self._answer = answer
        self._wrapper = wrapper
        self._list_at = list_at
        self._created_at = created_at
        self._updated_at = updated_at

    async def all(self, **params: Any) -> list[A]:
        """Everything: Chatwoot does not page these."""
        many = list[self._answer]  # type: ignore[name-defined]
        return await self._connection.read(many, self._path, params=params or None, at=self._list_at)

    async def create(self, fields: Mapping[str, Any]) -> A:
        """Raises Conflict when the name, key or URL is taken, Refused naming the fields that are wrong."""
        body = self._body(fields)
        return await self._connection.write(self._answer, "POST", self._path, body, at=self._created_at)

    async def update(self, item_id: int, fields: Mapping[str, Any]) -> A:
        path, body = f"{self._path}/{item_id}", self._body(fields)
        return await self._connection.write(self._answer, "PATCH", path, body, at=self._updated_at)

    async def delete(self, item_id: int) -> None:
        await self._connection.order("DELETE", f"{self._path}/{item_id}")

    def _body(self, fields: Mapping[str, Any]) -> Mapping[str, Any]:
        return {self._wrapper: dict(fields)} if self._wrapper else fields
