"""The public API, described for machines (OpenAPI 3.1) and for people (/api/docs).

Written by hand around the lead's own schema, because the routes read bodies themselves; the fuzzing test
holds it true.
"""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import JSONResponse, Response

from nextnest.domain.lead import Lead
from nextnest.web.leads import MAX_KEY
from nextnest.web.pages import Pages

Schema = dict[str, Any]


def docs_router(pages: Pages) -> APIRouter:
    router = APIRouter(prefix="/api")
    described = document()

    @router.get("/openapi.json")
    async def machine() -> Response:
        return JSONResponse(described)

    @router.get("/docs")
    async def person() -> Response:
        return pages.render("api.html", api=described)

    return router


def document() -> Schema:
    lead = Lead.model_json_schema(ref_template="#/components/schemas/{model}")
    parts = lead.pop("$defs", {})
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "nextnest",
            "version": "1",
            "description": "Send mortgage enquiries; receive Chatwoot's webhooks.",
        },
        "paths": {
            "/api/leads": {"post": _post_lead()},
            **{
                f"/webhooks/chatwoot/{source}": {"post": _webhook(source)}
                for source in ("bot", "account", "inbox")
            },
        },
        "components": {
            "schemas": {**parts, "Lead": lead, **_ANSWERS},
            "securitySchemes": {"api_key": {"type": "http", "scheme": "bearer"}},
        },
    }


def _post_lead() -> Schema:
    return {
        "operationId": "post_lead",
        "summary": "Send a lead",
        "description": (
            "With the API key the answer holds score, persona and the conversation's address; without it, "
            "only what a customer may know. Answers 201 when the conversation was there within 3 s, else 202."
        ),
        "security": [{"api_key": []}, {}],
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "description": "Made once for each submission: a repeat returns the same lead",
                "schema": {"type": "string", "minLength": 1, "maxLength": MAX_KEY, "pattern": "^[!-~]+$"},
            }
        ],
        "requestBody": _json_body("Lead"),
        "responses": {
            "201": _answer("The lead is kept and its conversation is there", "Taken", "TakenForStaff"),
            "202": _answer("The lead is kept; the conversation follows", "Taken", "TakenForStaff"),
            "400": _answer("Not JSON, or no usable Idempotency-Key", "Problem"),
            "401": _answer("The API key is not known", "Problem"),
            "413": _answer("More than 256 KB", "Problem"),
            "415": _answer("The Content-Type is not application/json", "Problem"),
            "422": _answer("Fields need a change; each is named", "Problem"),
            "429": {**_answer("Too many from one address or contact", "Problem"), "headers": _RETRY_AFTER},
        },
    }


def _webhook(source: str) -> Schema:
    return {
        "operationId": f"webhook_{source}",
        "summary": f"Chatwoot's webhook: {source}",
        "parameters": [
            {"name": name, "in": "header", "required": required, "schema": {"type": "string"}}
            for name, required in (
                ("X-Chatwoot-Timestamp", True),
                ("X-Chatwoot-Signature", True),
                ("X-Chatwoot-Delivery", False),
            )
        ],
        "requestBody": _json_body("Event"),
        "responses": {
            "200": _answer("Stored, or nothing new", "Stored"),
            "401": _answer("Not signed as agreed", "Problem"),
            "413": _answer("Larger than any event of Chatwoot's", "Problem"),
            "422": _answer("No event", "Problem"),
            "500": _answer("Could not be stored; send it again", "NotStored"),
        },
    }


def _json_body(schema: str) -> Schema:
    return {"required": True, "content": {"application/json": {"schema": _ref(schema)}}}


def _answer(description: str, *schemas: str) -> Schema:
    refs = [_ref(schema) for schema in schemas]
    schema = refs[0] if len(refs) == 1 else {"oneOf": refs}
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(**properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


_TEXT: Schema = {"type": "string"}
_TAKEN = {"lead_id": _TEXT, "chatUrl": {"type": "string", "format": "uri"}}
_RETRY_AFTER = {"Retry-After": {"description": "Seconds", "schema": {"type": "integer", "minimum": 1}}}
_ANSWERS: Schema = {
    "Taken": _object(**_TAKEN),
    "TakenForStaff": _object(
        **_TAKEN,
        success={"const": True},
        leadScore={"type": "integer", "minimum": 0, "maximum": 100},
        brokerPersona={"enum": ["aggressive", "balanced", "conservative"]},
        conversationUrl={"type": ["string", "null"], "format": "uri"},
    ),
    "Problem": _object(
        success={"const": False},
        error={"type": "string", "description": "One sentence for a person"},
        errors={"type": "object", "additionalProperties": _TEXT, "description": "Field: sentence"},
    ),
    "Event": {"type": "object", "properties": {"event": _TEXT}, "required": ["event"]},
    "Stored": _object(ok={"const": True}),
    "NotStored": _object(ok={"const": False}),
}
