"""Plays the recording against a fresh desk, request by request, and keeps what differed."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import uvicorn

from nextnest.desk import Desk, People
from nextnest.desk.models import AgentBot, Inbox, Webhook
from tests.integration.desk.comparison import LEFT_OUT, TIMES, Names, differences, time_shape
from tests.integration.desk.recording import ADDRESS, RECEIVER, Exchange, Hook, exchanges

PEOPLE = People(
    account_name="Acme Inc",
    admin_name="Admin One",
    admin_email="admin@acme.test",
    agent_name="Agent Two",
    agent_email="agent@acme.test",
)
# Exchanges that are not compared, with the reason.
SKIPPED = {
    "platform_user_create": "the platform API is not served",
    "platform_user_show": "the platform API is not served",
    "platform_account_user_create": "the platform API is not served",
    "platform_user_login": "the platform API is not served",
    "platform_user_not_permissible": "the platform API is not served",
    "platform_agent_bot_create": "the platform API is not served",
    "platform_with_user_token": "the platform API is not served",
}
# The part of an exchange that is not compared, with the reason.
NOT_COMPARED = {
    # the recorded account was older than the recording
    "account_show": ".created_at",
    # its job had written the activity message before the answer was rendered
    "conversation_update_priority": ".messages[0]",
    # its dispatcher read the conversation before the request had set waiting_since
    "b_message_after_resolved_locked": "conversation_status_changed waiting_since",
}
# Here the recorded server waited seconds between its tries at the bot, and the desk does not.
WAITED = {"bot_webhook_500", "bot_webhook_500_after", "bot_webhook_500_messages_after", "set_pending_2"}
# The hash that the recorder computed with the recorded server's hmac_token for this identifier.
HMAC_OF = "visitor-2"
# In the payloads of account and API-inbox webhooks these depend on how far the other jobs are: Chatwoot
# reads the rows when its job runs. There each must be what some webhook of the same cause had.
RACY = {
    "status", "waiting_since", "first_reply_created_at", "unread_count", "messages", "priority", "labels",
    "last_activity_at", "timestamp", "updated_at", "snoozed_until", "content_attributes",
    "assignee", "assignee_type",
}  # fmt: skip


@dataclass
class Outcome:
    """What differed, in the answer and in the webhooks; and how many webhooks were compared."""

    answer: list[str] = field(default_factory=list)
    hooks: list[str] = field(default_factory=list)
    hooks_compared: int = 0


@dataclass
class Clock:
    """The recorder's time: each look at it is a millisecond later."""

    moment: float = 0.0

    def __call__(self) -> float:
        self.moment += 0.001
        return self.moment


class Receiver:
    """A real HTTP server that keeps what it gets and answers as the recorder's did."""

    def __init__(self) -> None:
        self.hooks: list[Hook] = []
        self.replies: dict[tuple[str, str], int] = {}
        self.hold: asyncio.Event | None = None  # answers wait for it
        self.port = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body = b""
        while True:
            part = await receive()
            body += part.get("body", b"")
            if not part.get("more_body"):
                break
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        event = json.loads(body)["event"]
        status = self.replies.get((scope["path"], event), 200)
        self.hooks.append(Hook(scope["path"], headers, body.decode(), status))
        if self.hold:
            await self.hold.wait()
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b""})


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    server = uvicorn.Server(uvicorn.Config(receiver, port=0, log_level="error", lifespan="off"))
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  # uvicorn has no event for it
        await asyncio.sleep(0.005)
    receiver.port = server.servers[0].sockets[0].getsockname()[1]
    yield receiver
    server.should_exit = True
    await task


def new_desk(folder: Path, **options: Any) -> Desk:
    return Desk(folder, base_url=ADDRESS, people=PEOPLE, retry_seconds=0.01, **options)


async def play(folder: Path) -> dict[str, Outcome]:
    """The whole recording; the desk is restarted where the recorded server was."""
    outcomes: dict[str, Outcome] = {}
    async with receiving() as receiver:
        names = Names({RECEIVER: f"127.0.0.1:{receiver.port}"})
        clock = Clock()
        player = Player(names, receiver, clock)
        desk = new_desk(folder, clock=clock)
        await desk.start()
        for exchange in exchanges():
            if exchange.section == "inbox_events_enabled" and not desk.site.inbox_events:
                await desk.stop()
                desk = new_desk(folder, clock=clock, inbox_events=True)
                await desk.start()
            if exchange.name not in SKIPPED:
                outcomes[exchange.name] = await player.play(desk, exchange)
        await desk.stop()
    return outcomes


class Player:
    def __init__(self, names: Names, receiver: Receiver, clock: Clock) -> None:
        self.names = names
        self.receiver = receiver
        self.clock = clock

    async def play(self, desk: Desk, exchange: Exchange) -> Outcome:
        self.receiver.hooks.clear()
        self.receiver.replies = {(h.path, h.event): h.replied for h in exchange.hooks if h.replied != 200}
        outcome = Outcome()
        self.clock.moment = exchange.at
        self.names.slack = 20.0 if exchange.name in WAITED else 2.0
        response = await self._send(desk, exchange)
        await desk.deliverer.idle()
        raced = NOT_COMPARED.get(exchange.name)
        answer = self._compare_answers(exchange, response)
        hooks = self._compare_hooks(desk, exchange.hooks, list(self.receiver.hooks))
        outcome.answer = [line for line in answer if raced is None or raced not in line]
        outcome.hooks = [line for line in hooks if raced is None or raced not in line]
        outcome.hooks_compared = len(exchange.hooks)
        self._learn_hmac(desk)
        return outcome

    async def _send(self, desk: Desk, exchange: Exchange) -> httpx2.Response:
        wanted = ("accept", "content-type", "api_access_token")
        headers = {name: exchange.headers[name] for name in wanted if name in exchange.headers}
        self.names.known.setdefault("CWADMINTOKEN000000000001", desk.admin_token)
        if exchange.auth == "agent":
            headers["api_access_token"] = desk.agent_token
        elif "api_access_token" in headers:
            headers["api_access_token"] = self.names.translate(headers["api_access_token"])
        body = self.names.translate(exchange.body) if exchange.body is not None else None
        transport = httpx2.ASGITransport(desk.app)
        async with httpx2.AsyncClient(transport=transport, base_url=ADDRESS) as client:
            return await client.request(
                exchange.method,
                self.names.translate(exchange.target),
                headers=headers,
                content=body.encode() if body is not None else None,
            )

    def _compare_answers(self, exchange: Exchange, response: httpx2.Response) -> list[str]:
        if response.status_code != exchange.status:
            return [f"status: {exchange.status} recorded, {response.status_code} ours: {response.text[:200]}"]
        if not exchange.answer or not response.text:
            return (
                [] if exchange.answer == response.text else [f"body: {exchange.answer!r} / {response.text!r}"]
            )
        found = differences(json.loads(exchange.answer), json.loads(response.text), self.names)
        return found

    def _learn_hmac(self, desk: Desk) -> None:
        recorded = "566fef1b18a13736751ef4b3aa303e42b45c6c88652c1dc4da125fa597aac8bf"
        for ours in desk.store.all(Inbox):
            key = ours.channel["hmac_token"].encode()
            digest = hmac.new(key, HMAC_OF.encode(), hashlib.sha256).hexdigest()
            self.names.known.setdefault(recorded, digest)

    # -- webhooks

    def _compare_hooks(self, desk: Desk, recorded: list[Hook], ours: list[Hook]) -> list[str]:
        found = [d for hook in ours for d in self._check_signature(desk, hook)]
        groups: dict[tuple[str, str], tuple[list[Hook], list[Hook]]] = defaultdict(lambda: ([], []))
        for side, hooks in enumerate((recorded, ours)):
            for hook in hooks:
                groups[hook.path, hook.event][side].append(hook)
        seen = (_values(recorded), _values(ours))
        for (path, event), (theirs, mine) in groups.items():
            if len(theirs) != len(mine):
                found.append(f"{path} {event}: {len(theirs)} recorded, {len(mine)} ours")
                continue
            exact = path.endswith("/bot")
            pairs = zip(self._in_order(theirs, exact), self._in_order(mine, exact), strict=True)
            for a, b in pairs:
                found += self._compare_pair(a, b, exact, seen)
        return found

    def _compare_pair(
        self, recorded: Hook, ours: Hook, exact: bool, seen: tuple[dict[str, list[Any]], dict[str, list[Any]]]
    ) -> list[str]:
        where = f"{recorded.path} {recorded.event}"
        found = _compare_headers(recorded, ours, where)
        theirs, mine = recorded.payload, ours.payload
        if not exact:
            for key in RACY:
                for value in _take_out(theirs, key):
                    if not any(self._same(key, value, v) for v in seen[1][key]):
                        found.append(f"{where} {key}: {value!r} is in none of our webhooks")
                for value in _take_out(mine, key):
                    if not any(self._same(key, v, value) for v in seen[0][key]):
                        found.append(f"{where} {key}: {value!r} is in none of the recorded webhooks")
        return found + differences(theirs, mine, self.names, where)

    def _same(self, key: str, recorded: Any, ours: Any) -> bool:
        """Tried on a copy: what does not fit must teach nothing."""
        names = Names(dict(self.names.known), slack=float("inf"))
        return not differences({key: recorded}, {key: ours}, names)

    def _in_order(self, hooks: list[Hook], exact: bool) -> list[Hook]:
        """Parallel deliveries have no order: by content, without what differs between servers."""

        def key(hook: Hook) -> str:
            payload = json.loads(self.names.translate(hook.body))
            if not exact:
                for racy in RACY:
                    _take_out(payload, racy)
            return json.dumps(_plain(payload), sort_keys=True)

        return sorted(hooks, key=key)

    def _check_signature(self, desk: Desk, hook: Hook) -> list[str]:
        """By hand, over `timestamp.body`, with the secret of the receiver."""
        secret = _secret_for(desk, hook.path)
        if secret is None:
            return []
        signed = f"{hook.headers['x-chatwoot-timestamp']}.{hook.body}".encode()
        right = "sha256=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
        return [] if hook.headers["x-chatwoot-signature"] == right else [f"{hook.path}: wrong signature"]


def _secret_for(desk: Desk, path: str) -> str | None:
    targets = [(bot.outgoing_url, bot.secret) for bot in desk.store.all(AgentBot)]
    targets += [(hook.url, hook.secret) for hook in desk.store.all(Webhook)]
    targets += [
        (inbox.channel.get("webhook_url"), inbox.channel["secret"]) for inbox in desk.store.all(Inbox)
    ]
    return next((secret for url, secret in targets if url and url.endswith(path)), None)


def _compare_headers(recorded: Hook, ours: Hook, where: str) -> list[str]:
    """The same names, and the same values where they are not made anew each time."""
    transport = {"host", "accept-encoding", "content-length", "connection"}
    theirs, mine = set(recorded.headers) - transport, set(ours.headers) - transport
    found = [f"{where}: header {name} missing" for name in theirs - mine]
    found += [f"{where}: header {name} too much" for name in mine - theirs]
    for name in ("content-type", "accept", "user-agent"):
        if recorded.headers[name] != ours.headers.get(name):
            found.append(
                f"{where}: {name} {recorded.headers[name]!r} recorded, {ours.headers.get(name)!r} ours"
            )
    return found


def _conversation(payload: dict[str, Any]) -> dict[str, Any]:
    return payload.get("conversation") or payload


def _take_out(payload: dict[str, Any], key: str) -> list[Any]:
    """Removes a racy key of the conversation (and of its meta), and answers what it was."""
    conversation = _conversation(payload)
    if "meta" not in conversation:
        return []
    places = [conversation, conversation["meta"], payload]
    return [place.pop(key) for place in places if key in place]


def _values(hooks: list[Hook]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for hook in hooks:
        payload = hook.payload
        for key in RACY:
            found[key] += _take_out(payload, key)
    return found


def _plain(value: Any, key: str = "") -> Any:
    """A value without what differs between servers."""
    if isinstance(value, dict):
        return {
            k: _plain(v, key if k in ("previous_value", "current_value") else k)
            for k, v in value.items()
            if k not in LEFT_OUT
        }
    if isinstance(value, list):
        return [_plain(v, key) for v in value]
    return time_shape(value) if key in TIMES else value
