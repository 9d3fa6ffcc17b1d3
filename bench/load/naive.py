"""The handler that people write first, under the same load: same desk, same model, same machine, same run."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bench.load.chats import Chat, Chats
from bench.load.phases import NEVER, Figures, Volume, capacity, overhead, stalled
from bench.load.wire import Event, requests
from bench.processes import free_port, resident_mb, wait_until_answers
from bench.site import Site

SOURCE = Path(__file__).parent.parent / "naive.mjs"


@contextmanager
def _running(site: Site, model_url: str) -> Iterator[tuple[str, int]]:
    """Its address and its process id."""
    port = free_port()
    token = site.chatwoot.bot_token
    env = {
        "PATH": os.environ["PATH"],
        "PORT": str(port),
        "MODEL_URL": f"{model_url}/v1/chat/completions",
        "TRACE_URL": f"{model_url}/trace",
        "DESK_URL": site.desk_url,
        "BOT_TOKEN": token.get_secret_value() if token else "",
    }
    with site.log("naive").open("ab") as log:
        process = subprocess.Popen(["node", str(SOURCE)], env=env, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        wait_until_answers(url)
        yield url, process.pid
    finally:
        process.kill()
        process.wait()


class _Naive:
    """Deliveries for a handler that checks no signature and keeps nothing."""

    def __init__(self, url: str, event: Event, each: list[Chat]) -> None:
        self.url = url
        self._event = event
        self._conversations = [chat.conversation_id for chat in each]

    def make(self, count: int) -> list[bytes]:
        ids = self._conversations
        return requests(self.url, self._event, secret="none", conversations=ids, first_id=NEVER, count=count)

    def lost(self, acknowledged: Sequence[int]) -> None:
        del acknowledged


async def naive(
    site: Site, chats: Chats, each: list[Chat], event: Event, model_url: str, volume: Volume
) -> Figures:
    with _running(site, model_url) as (url, pid):
        kept = site.web_url + "/webhooks/chatwoot/bot"
        found: Figures = {"naive_idle_mb": round(resident_mb(pid), 1)}
        await chats.pace(model_url, slowest=0.0)
        await chats.bot(outgoing_url=url)
        try:
            found |= await overhead(site, chats, each, volume, who="naive_")
        finally:
            await chats.bot(outgoing_url=kept)
        found["naive_loaded_mb"] = round(resident_mb(pid), 1)

        few = Volume(**{**vars(volume), "shots": volume.shots // 20, "stalled_seconds": 5.0})
        receiver = _Naive(url, event, each)
        found |= await capacity(receiver, few, "naive_acks")
        await chats.pace(model_url, slowest=-60.0)
        return found | await stalled(receiver, few, "naive_acks")
