"""Serving ASGI applications: our own sockets, our own signals, a bounded stop."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import uvicorn


class PortTaken(RuntimeError):  # noqa: N818
    """A port cannot be had; the message is one line for a person."""


def bind(host: str, port: int, option: str) -> socket.socket:
    """A bound socket; port 0 takes any free one.

    Raises:
        PortTaken: it is in use or not allowed; `option` is named as the way out.
    """
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        # At once: two may bind one port until one listens, and uvloop does not tell the other of its failure.
        listener.listen()
    except (OSError, OverflowError) as error:
        listener.close()
        reason = getattr(error, "strerror", None) or "not available"
        raise PortTaken(f"port {port} on {host}: {reason.lower()}; choose another with {option}") from error
    listener.set_inheritable(False)
    return listener


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield  # whoever runs us decides what a signal means


@asynccontextmanager
async def serving(app: Any, listener: socket.socket, *, grace_seconds: int) -> AsyncIterator[uvicorn.Server]:
    """Serve while the block runs; afterwards let open requests end for `grace_seconds`."""
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="on",
        timeout_graceful_shutdown=grace_seconds,
        proxy_headers=False,  # whom to believe about addresses is a setting of ours
        server_header=False,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        await _start(server, task)
        if task.done():
            await task
            raise RuntimeError("the server did not start")
        yield server
    finally:
        await _start(server, task)  # stopped in the middle of its start it would leave half of it open
        server.should_exit = True
        await task
        listener.close()


async def _start(server: uvicorn.Server, task: asyncio.Task[None]) -> None:
    while not server.started and not task.done():
        await asyncio.wait({task}, timeout=0.005)


def url_of(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else host  # noqa: S104  shown, not bound
    return f"http://{f'[{shown}]' if ':' in shown else shown}:{port}"
