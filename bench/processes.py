"""Real processes for the benches: the very commands that people run, started fast and counted.

A fork server imports everything once, so that a killed process is back in a tenth of a second and a kill
costs little; each child then runs the command line of `nextnest` from its first line.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import httpx2

HEAVY = (
    "nextnest.cli",
    "nextnest.bootstrap.processes",
    "nextnest.bootstrap.logs",
    "nextnest.broker.model",
    "holidays.countries",
    "bench.processes",
)

_context = multiprocessing.get_context("forkserver")


def preload(*more: str) -> None:
    """Name what the fork server imports; before the first process starts."""
    _context.set_forkserver_preload([*HEAVY, *more])


class Process:
    """One process of ours. `target` runs in it with `arguments`; both must be picklable."""

    def __init__(
        self,
        name: str,
        target: Callable[..., None],
        arguments: Sequence[object],
        *,
        env: Mapping[str, str],
        log: Path,
    ) -> None:
        self.name = name
        self.started_at = time.time()
        self._process: ForkServerProcess = _context.Process(
            target=_child, args=(dict(env), str(log), target, tuple(arguments)), name=name, daemon=True
        )
        self._process.start()

    @property
    def pid(self) -> int:
        return self._process.pid or 0

    @property
    def exit_code(self) -> int | None:
        """None while it lives; negative: the signal that ended it."""
        return self._process.exitcode

    def kill(self) -> None:
        self._process.kill()

    def stop(self, seconds: float = 20.0) -> None:
        """SIGTERM, and SIGKILL for what does not end in time."""
        self._process.terminate()
        self._process.join(seconds)
        if self._process.exitcode is None:
            self._process.kill()
            self._process.join()


class Command:
    """`nextnest LINE` as people start it, from nothing: its memory is all its own."""

    def __init__(self, *line: str, env: Mapping[str, str], log: Path) -> None:
        with log.open("ab") as file:
            code = "from nextnest.cli import main; main()"
            self._process = subprocess.Popen(
                [sys.executable, "-c", code, *line], env=dict(env), stdout=file, stderr=file
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def stop(self, seconds: float = 20.0) -> None:
        """SIGTERM, and SIGKILL for what does not end in time."""
        self._process.terminate()
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def resident_mb(pid: int) -> float:
    """Resident memory of a process, MB of 10^6 bytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def cpu_seconds(pid: int) -> float:
    """Processor time that a process has used so far, in user and system mode."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def family_cpu_seconds(pid: int) -> float:
    """The same of a process and all its children, those that have ended included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ended = (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")
    total = cpu_seconds(pid) + ended
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        with suppress(FileNotFoundError):
            total += cpu_seconds(int(child))
    return total


def _child(env: dict[str, str], log: str, target: Callable[..., None], arguments: tuple[object, ...]) -> None:
    os.environ.clear()
    os.environ.update(env)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the bench's; it stops its children
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(file, 1)
    os.dup2(file, 2)
    target(*arguments)


def command(*line: str) -> None:
    """`nextnest LINE`, in this process."""
    from nextnest.cli import app

    sys.argv = ["nextnest", *line]
    app(list(line))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_answers(url: str, seconds: float = 30.0) -> None:
    """Raises TimeoutError when nothing answers there in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            httpx2.get(url, timeout=2.0)
        except httpx2.HTTPError:
            time.sleep(0.05)
        else:
            return
    raise TimeoutError(f"nothing answers at {url}")
