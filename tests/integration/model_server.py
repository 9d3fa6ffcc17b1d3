"""An OpenAI-compatible server that answers by a script, for tests over a real socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse

Answer = Callable[[], Response] | None
HANG = None


@dataclass
class ModelServer:
    """Plays `answers` in order, then always the model's own; None hangs for ever. `requests` are the bodies
    that it was sent.
    """

    answers: list[Answer] = field(default_factory=list)
    always: Answer = HANG
    by_model: dict[str, Answer] = field(default_factory=dict)
    requests: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)

    def app(self) -> FastAPI:
        app = FastAPI(openapi_url=None)

        @app.post("/v1/chat/completions")
        async def complete(request: Request) -> Response:
            self.requests.append(await request.json())
            self.keys.append(request.headers.get("authorization", ""))
            answer = self._next(self.requests[-1]["model"])
            if answer is HANG:
                await asyncio.Event().wait()
            assert answer is not None
            return answer()

        return app

    def _next(self, model: str) -> Answer:
        return self.answers.pop(0) if self.answers else self.by_model.get(model, self.always)

    def asked(self, model: str) -> int:
        """How often a model was asked."""
        return sum(1 for request in self.requests if request["model"] == model)

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
    return calls_with(tool, json.dumps(inputs))


def calls_with(tool: str, arguments: str, times: int = 1) -> Answer:
    """Tool calls at once, whatever their arguments are."""
    function = {"name": tool, "arguments": arguments}
    made = [{"id": f"call_{n}", "type": "function", "function": function} for n in range(times)]
    message = {"role": "assistant", "content": None, "tool_calls": made}
    return lambda: JSONResponse(_completion(message, "tool_calls"))


def completes(**changes: Any) -> Answer:
    """A completion with these fields in place of its own."""
    message = {"role": "assistant", "content": json.dumps({"text": "Hello."})}
    return lambda: JSONResponse(_completion(message, "stop") | changes)


def streams(*lines: str, for_ever: bool = False) -> Answer:
    """A stream, which nobody asked for."""

    async def body() -> AsyncIterator[str]:
        for line in lines:
            yield line
        while for_ever:
            await asyncio.sleep(0.01)
            yield " "

    return lambda: StreamingResponse(body(), media_type="text/event-stream")


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
        "usage": {"prompt_tokens": 1_000, "completion_tokens": 100, "total_tokens": 1_100},
    }
