"""Security headers for every answer, and who may use what staff use."""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nextnest.settings import Settings

_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
}


def content_security_policy(frame_ancestors: tuple[str, ...] = ()) -> str:
    """No inline script or style, nothing from elsewhere; framed by nobody but `frame_ancestors`."""
    rules = {**_POLICY, "frame-ancestors": " ".join(frame_ancestors) or "'none'"}
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def chatwoot_origins(settings: Settings) -> tuple[str, ...]:
    """Where the panel may be framed: the origin of Chatwoot (or of the desk, under its two local names)."""
    if settings.chatwoot is None:
        return ()
    parts = urlsplit(settings.chatwoot.base_url)
    port = f":{parts.port}" if parts.port else ""
    hosts = ("127.0.0.1", "localhost") if settings.chatwoot.hosted_nearby else (parts.hostname or "",)
    return tuple(f"{parts.scheme}://{host}{port}" for host in hosts)


class SecurityHeaders:
    """Adds to each answer the headers that it does not set itself."""

    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        headers = {
            "content-security-policy": content_security_policy(),
            "x-content-type-options": "nosniff",
            # Chat links are secrets: their address never leaves this site.
            "referrer-policy": "same-origin",
            "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
            "cache-control": "no-store",
        }
        if https:
            headers["strict-transport-security"] = "max-age=31536000"
        self._headers = [(name.encode(), value.encode()) for name, value in headers.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name for name, _ in message["headers"]}
                missing = [each for each in self._headers if each[0] not in present]
                message = {**message, "headers": [*message["headers"], *missing]}
            await send(message)

        await self._app(scope, receive, send_with_headers)


def bearer(headers: Headers) -> str | None:
    """The token of `Authorization: Bearer …`; "" for any other use of that header, None without it."""
    value = headers.get("authorization")
    if value is None:
        return None
    scheme, _, token = value.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def is_api_key(candidate: str, settings: Settings) -> bool:
    """Compared in constant time."""
    return hmac.compare_digest(candidate.encode(), settings.api_key.get_secret_value().encode())
