"""An OpenAI-compatible server that answers by a script, for tests over a real socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

Answer = Callable[[], Response] | None
HANG = None


@dataclass
class ModelServer:
    """Plays `answers` in order; None hangs for ever. `requests` are the bodies it was sent."""

    answers: list[Answer] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def app(self) -> FastAPI:
        app = FastAPI(openapi_url=None)

        @app.post("/v1/chat/completions")
        async def complete(request: Request) -> Response:
            self.requests.append(await request.json())
            self.keys.append(request.headers.get("authorization", ""))
            answer = self.answers.pop(0)
            if answer is HANG:
                await asyncio.Event().wait()
            assert answer is not None
            return answer()

        return app

    @property
    def told(self) -> str:
        """All that the last request said, as one text."""
        return json.dumps(self.requests[-1], ensure_ascii=False)


def says(content: dict[str, Any] | str) -> Answer:
    """An answer of the model: structured, or as bare text."""
    text = content if isinstance(content, str) else json.dumps(content)
    return lambda: JSONResponse(_completion({"role": "assistant", "content": text}, "stop"))


def calls(tool: str, **inputs: Any) -> Answer:
    """A tool call of the model."""
    function = {"name": tool, "arguments": json.dumps(inputs)}
    message = {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "call_1", "type": "function", "function": function}],
    }
    return lambda: JSONResponse(_completion(message, "tool_calls"))


def refuses(status: int, message: str = "no", **headers: str) -> Answer:
    body = {"error": {"message": message, "type": "server_error"}}
    return lambda: JSONResponse(body, status, headers=headers)


def garbage() -> Answer:
    return lambda: Response("<html>502 Bad Gateway", 200, media_type="text/html")


def _completion(message: dict[str, Any], finish: str) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_795_334_400,
        "model": "gpt-4o-mini",
        "choices": [{"index": 0, "finish_reason": finish, "message": message}],
        "usage": {"prompt_tokens": 1_000_000, "completion_tokens": 100_000, "total_tokens": 1_100_000},
    }
