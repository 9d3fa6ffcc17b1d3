"""One request to the API: read, let in, carried out as one unit of work, answered.

Handlers are plain functions of a `Call`; they run between two awaits, so requests never mix.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from starlette.datastructures import UploadFile
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from nextnest.desk.auth import Access, authenticate, authorize
from nextnest.desk.conversations import need_conversation
from nextnest.desk.errors import Forbidden, NotFound, Refused, Unprocessable
from nextnest.desk.installation import ACCOUNT_ID
from nextnest.desk.messages import File
from nextnest.desk.models import AgentBot, Conversation, Json, User
from nextnest.desk.wire import to_json
from nextnest.desk.work import Work


class Empty(Enum):
    """Answers without a body."""

    OK = 200
    NO_CONTENT = 204
    NOT_FOUND = 404


@dataclass
class Call:
    """A request that has been read: what Rails calls `params`, and who asks."""

    work: Work
    path: dict[str, str]
    query: Json
    body: Json
    files: list[File]

    @property
    def params(self) -> Json:
        return {**self.query, **self.body}

    @property
    def user(self) -> User:
        if not isinstance(self.work.actor, User):
            raise Forbidden
        return self.work.actor

    @property
    def speaker(self) -> User | AgentBot:
        assert isinstance(self.work.actor, User | AgentBot)  # noqa: S101  # the route let nobody else in
        return self.work.actor

    @property
    def conversation(self) -> Conversation:
        """The one the path names. Raises NotFound."""
        return need_conversation(self.work, self.path["conversation_id"])

    def wrapped(self, name: str, columns: tuple[str, ...]) -> Json:
        """The parameters under `name`; Rails also wraps what lies flat, if the model has such columns."""
        inner = self.body.get(name)
        if not isinstance(inner, dict) or not inner:
            inner = {key: value for key, value in self.body.items() if key in columns}
        if not inner:
            raise Unprocessable(f"param is missing or the value is empty: {name}")
        return {key: value for key, value in inner.items() if key in columns}


Handler = Callable[[Call], Any]


@dataclass(frozen=True)
class Endpoint:
    """A route: who may use it, and what it does."""

    method: str
    path: str
    handler: Handler
    access: Access = Access.USER


async def read(request: Request) -> tuple[Json, list[File]]:
    """Body and uploads. Raises Refused (400) for broken JSON."""
    kind = request.headers.get("content-type", "")
    if kind.startswith(("multipart/form-data", "application/x-www-form-urlencoded")):
        return await _read_form(request)
    raw = await request.body()
    if not raw.strip():
        return {}, []
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise Refused(400, {"status": 400, "error": "Bad Request"}) from None
    return (body if isinstance(body, dict) else {"_json": body}), []


async def _read_form(request: Request) -> tuple[Json, list[File]]:
    body: Json = {}
    files: list[File] = []
    async with request.form() as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                content_type = value.content_type or "application/octet-stream"
                files.append(File(safe_name(value.filename or "file"), content_type, await value.read()))
            elif name.endswith("[]"):
                body.setdefault(name[:-2], []).append(value)
            elif nested := re.fullmatch(r"(\w+)\[(\w+)\]", name):
                body.setdefault(nested[1], {})[nested[2]] = value
            else:
                body[name] = value
    return body, files


def safe_name(name: str) -> str:
    """A file name that cannot leave its folder or its URL."""
    return re.sub(r"[^\w.\-]", "-", name.rpartition("/")[2].rpartition("\\")[2]).lstrip(".")[:100] or "file"


def query_of(request: Request) -> Json:
    """`a=1&b[]=2` as Rails reads it."""
    query: Json = {}
    for name, value in request.query_params.multi_items():
        if name.endswith("[]"):
            query.setdefault(name[:-2], []).append(value)
        else:
            query[name] = value
    return query


def carry_out(request: Request, endpoint: Endpoint, work: Work, body: Json, files: list[File]) -> Response:
    """Lets in, does, commits. On any refusal nothing is left behind."""
    path = dict(request.path_params)
    try:
        with work:
            if endpoint.access is not Access.PUBLIC:
                work.actor = authenticate(request, work.store)
                authorize(work.actor, endpoint.access)
                check_account(path.get("account_id"))
            answer = endpoint.handler(Call(work, path, query_of(request), body, files))
    except Refused as refusal:
        return json_response(refusal.body, refusal.status)
    if isinstance(answer, Response):
        return answer
    if isinstance(answer, Empty):
        return PlainTextResponse("", status_code=answer.value)
    return json_response(answer)


def check_account(number: str | None) -> None:
    """Raises NotFound: there is one account."""
    if number not in (None, str(ACCOUNT_ID)):
        raise NotFound


def json_response(body: Any, status: int = 200) -> Response:
    return Response(to_json(body), status, media_type="application/json; charset=utf-8")
