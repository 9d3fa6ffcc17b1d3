"""A desk that is killed at any moment keeps what it has answered."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

import httpx2

PROGRAM = """
import asyncio, sys
from pathlib import Path
from nextnest.desk import Desk, serve
desk = Desk(Path(sys.argv[1]), base_url="http://127.0.0.1:" + sys.argv[2])
print(desk.admin_token, flush=True)
asyncio.run(serve(desk, port=int(sys.argv[2])))
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def start(folder: Path, port: int) -> tuple[Process, str]:
    arguments = ("-c", PROGRAM, str(folder), str(port))
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=PIPE)
    assert process.stdout
    token = (await process.stdout.readline()).decode().strip()
    return process, token


async def until_answers(client: httpx2.AsyncClient) -> None:
    while True:
        try:
            await client.get("/health")
        except httpx2.TransportError:
            await asyncio.sleep(0.02)
        else:
            return


async def test_every_message_that_was_answered_survives_kill_9(tmp_path: Path) -> None:
    port = free_port()
    process, token = await start(tmp_path, port)
    headers = {"Api-Access-Token": token}
    address = f"http://127.0.0.1:{port}/api/v1/accounts/1"
    answered: list[int] = []
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers) as client:
        await until_answers(client)
        await client.post(f"{address}/inboxes", json={"name": "I", "channel": {"type": "api"}})
        await client.post(f"{address}/contacts", json={"name": "Jane", "inbox_id": 1, "source_id": "s"})
        await client.post(f"{address}/conversations", json={"source_id": "s"})

        async def write() -> None:
            while True:
                answer = await client.post(f"{address}/conversations/1/messages", json={"content": "x"})
                answered.append(answer.json()["id"])

        writers = [asyncio.create_task(write()) for _ in range(4)]
        while len(answered) < 100:  # noqa: ASYNC110  # then the writers are well under way
            await asyncio.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
        await asyncio.gather(*writers, return_exceptions=True)
        await process.wait()

    process, same_token = await start(tmp_path, port)
    async with httpx2.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers) as client:
        await until_answers(client)
        dump = (await client.get("/desk/dump")).json()
    process.terminate()
    await process.wait()

    kept = {message["id"] for message in dump["conversations"][0]["messages"]}
    assert same_token == token
    assert set(answered) <= kept
