"""OTLP/JSON, as much of it as a trace needs: spans, attributes, one export."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

OtlpPayload = dict[str, Any]
"""An OTLP ExportTraceServiceRequest in its JSON form."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_INTERNAL = 1  # SpanKind
_ERROR = 2  # StatusCode


@dataclass(frozen=True)
class Span:
    """`trace_id` is 32 and `span_id` 16 hex digits; attributes that are None are left out."""

    name: str
    trace_id: str
    span_id: str
    parent_id: str | None
    start: datetime
    end: datetime
    attributes: Mapping[str, Any]
    failed: bool = False


def export(spans: Sequence[Span], *, service: str, version: str) -> OtlpPayload:
    """One export request with these spans."""
    resource = {"service.name": service, "service.version": version or None}
    scope = {"name": service, "version": version}
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": _attributes(resource)},
                "scopeSpans": [{"scope": scope, "spans": [_encoded(span) for span in spans]}],
            }
        ]
    }


def merged(payloads: Sequence[OtlpPayload]) -> OtlpPayload:
    """Several exports as one."""
    return {"resourceSpans": [part for payload in payloads for part in payload["resourceSpans"]]}


def _encoded(span: Span) -> dict[str, Any]:
    encoded: dict[str, Any] = {
        "traceId": span.trace_id,
        "spanId": span.span_id,
        "name": span.name,
        "kind": _INTERNAL,
        "startTimeUnixNano": _nanoseconds(span.start),
        "endTimeUnixNano": _nanoseconds(max(span.start, span.end)),  # clocks step back
        "attributes": _attributes(span.attributes),
    }
    if span.parent_id is not None:
        encoded["parentSpanId"] = span.parent_id
    if span.failed:
        encoded["status"] = {"code": _ERROR}
    return encoded


def _nanoseconds(at: datetime) -> str:
    since = at - _EPOCH
    return str(((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) * 1_000)


def _attributes(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": _value(value)} for key, value in values.items() if value is not None]


def _value(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}  # 64-bit numbers are strings in OTLP/JSON
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, list | tuple):
        return {"arrayValue": {"values": [_value(item) for item in value]}}
    return {"stringValue": str(value)}
