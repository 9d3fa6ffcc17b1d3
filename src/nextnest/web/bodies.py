"""Request bodies with a limit, read as they came or as JSON. What cannot be read is Refused in words."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

from starlette.requests import Request

from nextnest.web.problems import Refused


async def read_body(request: Request, limit: int) -> bytes:
    """The raw body of at most `limit` bytes; a longer one is refused (413) before it is read to its end."""
    too_large = Refused(413, f"The request is too large; the limit is {limit // 1024} KB.")
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise too_large
    chunks: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise too_large
        chunks.append(chunk)
    return b"".join(chunks)


async def read_json(request: Request, limit: int) -> dict[str, Any]:
    """The body as a JSON object; numbers with a fraction come as Decimal, exactly as written.

    Refused with 415 (another content type), 413 (too large) or 400 (not one JSON object).
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Refused(415, "Send JSON, with the header Content-Type: application/json.")
    return parse_json(await read_body(request, limit))


def parse_json(raw: bytes) -> dict[str, Any]:
    try:
        value = json.loads(raw.decode("utf-8"), parse_float=Decimal, parse_constant=_refuse_constant)
    except UnicodeDecodeError:
        raise Refused(400, "The request is not UTF-8.") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Refused(400, f"The request is not valid JSON: {error.msg.lower()} at {where}.") from None
    except (ValueError, RecursionError):  # NaN; a number of more than 4,300 digits; brackets without end
        raise Refused(400, "The request is not JSON that can be read.") from None
    if not isinstance(value, dict):
        raise Refused(400, "The request must be one JSON object.")
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(name)
