"""How long the disk alone takes to make a small write safe: no ack of a stored event can be faster."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

PAUSE = 0.1
PAGE = b"\0" * 8192  # what PostgreSQL writes of its log at the least


@contextmanager
def disk_probe(folder: Path) -> Iterator[list[float]]:
    """Milliseconds of ten writes a second, each made safe, beside whatever else is done meanwhile."""
    took: list[float] = []
    done = Event()

    def probe() -> None:
        file = os.open(folder / "probe", os.O_CREAT | os.O_WRONLY)
        try:
            while not done.wait(PAUSE):
                began = time.perf_counter()
                os.pwrite(file, PAGE, 0)
                os.fdatasync(file)
                took.append((time.perf_counter() - began) * 1000)
        finally:
            os.close(file)

    thread = Thread(target=probe)
    thread.start()
    try:
        yield took
    finally:
        done.set()
        thread.join()
