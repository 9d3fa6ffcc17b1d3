"""A stand-in for Langfuse 4.16 as far as nextnest speaks to it, with the answers observed of the real one."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

PUBLIC_KEY, SECRET_KEY = "pk-lf-example", "sk-lf-example"
MOST_SCORE_BYTES = 1_000_000
WRONG_KEYS = "Invalid credentials. Confirm that you've configured the correct host."
_NO_PAGE = "<!DOCTYPE html><html><body>404</body></html>"


@dataclass
class LangfuseDouble:
    """What arrived, and how the server is to behave."""

    spans: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)  # by trace and span id
    scores: dict[str, dict[str, Any]] = field(default_factory=dict)
    prompts: dict[str, dict[str, Any]] = field(default_factory=dict)
    datasets: dict[str, dict[str, Any]] = field(default_factory=dict)
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    run_items: list[dict[str, Any]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    failures: list[Response] = field(default_factory=list)  # answered first, one a call
    hanging: bool = False
    events_only: bool = False
    most_export_bytes: int | None = None  # of a proxy before it

    def app(self) -> FastAPI:
        app = FastAPI(openapi_url=None)

        @app.middleware("http")
        async def misbehave(request: Request, call_next: Any) -> Response:
            self.calls.append(f"{request.method} {request.url.path}")
            self.headers.append(dict(request.headers))
            if self.hanging:
                await asyncio.Event().wait()
            if self.failures:
                return self.failures.pop(0)
            refusal = _unauthorized(request)
            return refusal or await call_next(request)

        app.post("/api/public/otel/v1/traces")(self._traces)
        app.post("/api/public/scores")(self._scores)
        app.get("/api/public/projects")(self._projects)
        app.get("/api/public/v2/prompts/{name}")(self._prompt)
        app.post("/api/public/v2/datasets")(self._dataset)
        app.post("/api/public/dataset-items")(self._item)
        app.post("/api/public/dataset-run-items")(self._run_item)

        @app.exception_handler(404)
        async def unknown(request: Request, error: Exception) -> Response:
            return HTMLResponse(_NO_PAGE, 404)

        return app

    async def _traces(self, request: Request) -> Response:
        if "application/json" not in request.headers.get("content-type", ""):
            return JSONResponse({"error": "Invalid content type"}, 400)
        version = request.headers.get("x-langfuse-ingestion-version", "1")
        if not version.isdigit() or int(version) > 4:
            return JSONResponse({"error": f'Unsupported x-langfuse-ingestion-version: "{version}"'}, 400)
        content = await request.body()
        if request.headers.get("content-encoding") == "gzip":
            content = gzip.decompress(content)
        if self.most_export_bytes is not None and len(content) > self.most_export_bytes:
            return PlainTextResponse("Request Entity Too Large", 413)
        try:
            resources = json.loads(content).get("resourceSpans") or []
        except ValueError:
            return JSONResponse({"error": "Failed to parse OTel JSON Trace"}, 400)
        if not resources:
            return JSONResponse({})
        spans = [s for r in resources for scope in r["scopeSpans"] for s in scope["spans"]]
        broken = [
            s for s in spans if not (isinstance(s.get("traceId"), str) and isinstance(s.get("spanId"), str))
        ]
        if broken:
            said = f"{len(broken)} of {len(spans)} span(s) cannot be processed (traceId:absent)"
            message = f"Invalid OTLP trace export: {said}. The entire export was rejected"
            return JSONResponse({"error": message}, 400)
        for span in spans:
            self.spans[span["traceId"], span["spanId"]] = span
        return JSONResponse({"id": "job-1"})

    async def _scores(self, request: Request) -> Response:
        content = await request.body()
        if len(content) > MOST_SCORE_BYTES:
            return PlainTextResponse("Body exceeded 1mb limit", 413)
        body = json.loads(content)
        if not isinstance(body, dict):
            return _invalid([], "Invalid input: expected object, received array")
        if "name" not in body or "value" not in body:
            return _invalid(["name"], "Invalid input")
        if sum(key in body for key in ("traceId", "sessionId", "datasetRunId")) != 1:
            return _invalid(["traceId"], "exactly one of traceId, sessionId, datasetRunId")
        wanted = str if body.get("dataType") in {"CATEGORICAL", "TEXT"} else (int, float)
        if not isinstance(body["value"], wanted) or isinstance(body["value"], bool):
            return _invalid(["value"], "Invalid input")
        self.scores[body["id"]] = body
        return JSONResponse({"id": body["id"]})

    async def _projects(self) -> Response:
        project = {
            "id": "p1",
            "name": "nextnest",
            "organization": {"id": "o1", "name": "org"},
            "metadata": {},
        }
        return JSONResponse({"data": [project]})

    async def _prompt(self, name: str, label: str = "production") -> Response:
        if name not in self.prompts:
            message = f"Prompt not found: '{name}' with label '{label}'"
            return JSONResponse({"message": message, "error": "LangfuseNotFoundError"}, 404)
        return JSONResponse({"name": name, "labels": [label], "type": "text", **self.prompts[name]})

    async def _dataset(self, request: Request) -> Response:
        body = await request.json()
        dataset = self.datasets.setdefault(body["name"], {"id": f"ds-{len(self.datasets) + 1}", **body})
        return JSONResponse(dataset)

    async def _item(self, request: Request) -> Response:
        body = await request.json()
        if body["datasetName"] not in self.datasets:
            return JSONResponse({"message": "Dataset not found", "error": "LangfuseNotFoundError"}, 404)
        self.items[body["id"]] = body
        return JSONResponse(body)

    async def _run_item(self, request: Request) -> Response:
        if self.events_only:
            message = "This endpoint is not available on deployments running in Langfuse v4 events_only mode."
            return JSONResponse({"message": message}, 404)
        body = await request.json()
        self.run_items.append(body)
        return JSONResponse({"id": "run-item-1", **body})


def _unauthorized(request: Request) -> Response | None:
    given = request.headers.get("authorization")
    if given is None:
        return JSONResponse({"message": "No authorization header"}, 401)
    right = base64.b64encode(f"{PUBLIC_KEY}:{SECRET_KEY}".encode()).decode()
    return None if given == f"Basic {right}" else JSONResponse({"message": WRONG_KEYS}, 401)


def _invalid(path: list[str], message: str) -> Response:
    error = [{"path": path, "message": message}]
    return JSONResponse({"message": "Invalid request data", "error": error}, 400)
