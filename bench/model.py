"""The scripted model: an OpenAI-compatible endpoint with delays, run as a process of its own."""

from __future__ import annotations

import asyncio
import json
import random
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

TRACE_SECONDS = 0.03
ANSWERS = (
    {"text": "Thank you, noted. How soon would you like to decide?", "next_question": "timeline"},
    {"text": "I can look into that. Are you buying alone or together?", "next_question": "applicants"},
    {"text": "Good question. I will keep it in mind. Is the home for your own stay?"},
    {"text": "Understood. Would you rather have a fixed or a floating package?"},
)


class ScriptedModel:
    """Answers after a delay drawn from `slowest` seconds down to nothing; some calls fail with 500.

    `/pace` (POST {"slowest": s, "failing": p}) changes both while it runs; `slowest` below zero means that
    every call takes exactly that many seconds.
    """

    def __init__(self, seed: int, *, slowest: float, failing: float) -> None:
        self._random = random.Random(f"model {seed}")
        self._slowest = slowest
        self._failing = failing
        self.app = Starlette(
            routes=[
                Route("/v1/chat/completions", self._complete, methods=["POST"]),
                Route("/pace", self._pace, methods=["POST"]),
                Route("/trace", self._trace, methods=["POST"]),
                Route("/", self._alive),
            ]
        )

    async def _alive(self, request: Request) -> Response:
        del request
        return JSONResponse({"ok": True})

    async def _pace(self, request: Request) -> Response:
        body = await request.json()
        self._slowest, self._failing = float(body["slowest"]), float(body.get("failing", 0.0))
        return JSONResponse({"ok": True})

    async def _trace(self, request: Request) -> Response:
        """A trace is taken: what an ingestion endpoint some milliseconds away answers."""
        await request.body()
        await asyncio.sleep(TRACE_SECONDS)
        return JSONResponse({}, 207)

    async def _complete(self, request: Request) -> Response:
        await request.body()
        slowest = self._slowest
        await asyncio.sleep(-slowest if slowest < 0 else slowest * self._random.random() ** 2)
        if self._random.random() < self._failing:
            return JSONResponse({"error": {"message": "overloaded", "type": "server_error"}}, 500)
        return JSONResponse(_completion(self._random.choice(ANSWERS)))


def _completion(answer: dict[str, str]) -> dict[str, Any]:
    message = {"role": "assistant", "content": json.dumps(answer)}
    return {
        "id": "chatcmpl-bench",
        "object": "chat.completion",
        "created": 1_795_334_400,
        "model": "scripted",
        "choices": [{"index": 0, "finish_reason": "stop", "message": message}],
        "usage": {"prompt_tokens": 1_000, "completion_tokens": 20, "total_tokens": 1_020},
    }


def serve(port: int, seed: int, slowest: float, failing: float) -> None:
    """Run it until it is told to stop."""
    model = ScriptedModel(seed, slowest=slowest, failing=failing)
    uvicorn.run(model.app, host="127.0.0.1", port=port, log_level="warning", access_log=False)
