"""The tables for people: what was measured, the goal it has, and the naive handler beside it."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

# figure of ours: (what it is, goal, whether the goal is a least, the naive handler's figure)
GOALS: dict[str, tuple[str, float | None, bool, str | None]] = {
    "acks_per_s": ("acks/s at 32 connections, worker elsewhere", 1500, True, "naive_acks_per_s"),
    "acks_with_worker_per_s": ("acks/s at 32 connections, worker beside", None, True, None),
    "acks_stalled_p50_ms": ("ack p50 at 100/s, model stalled, ms", None, False, "naive_acks_stalled_p50_ms"),
    "acks_stalled_p99_ms": ("ack p99 at 100/s, model stalled, ms", 15, False, "naive_acks_stalled_p99_ms"),
    "disk_p50_ms": ("the disk alone meanwhile, one safe write, p50 ms", None, False, None),
    "disk_p99_ms": ("the disk alone meanwhile, one safe write, p99 ms", None, False, None),
    "acks_stalled_share": ("acknowledged within 5 s, model stalled", 1, True, "naive_acks_stalled_share"),
    "acks_web_cpu_ms": ("processor time of an ack, web, ms", None, False, None),
    "acks_postgres_cpu_ms": ("processor time of an ack, PostgreSQL, ms", None, False, None),
    "acks_load_cpu_ms": ("processor time of an ack, the load itself, ms", None, False, None),
    "acks_at_32_lost": ("acks at 32 connections, not stored", 0, False, None),
    "acks_stalled_lost": ("acks at 100/s, not stored", 0, False, None),
    "turns_per_s": ("turns/s with an instant model", 100, True, None),
    "turn_worker_cpu_ms": ("processor time of a turn, worker, ms", None, False, None),
    "turn_web_cpu_ms": ("processor time of a turn, web, ms", None, False, None),
    "turn_postgres_cpu_ms": ("processor time of a turn, PostgreSQL, ms", None, False, None),
    "turn_desk_cpu_ms": ("processor time of a turn, desk, ms", None, False, None),
    "window_p50_ms": ("from the last look to the send, p50 ms", None, False, None),
    "window_p99_ms": ("from the last look to the send, p99 ms", None, False, None),
    "reply_p50_ms_at_5": ("message to answer at 5/s, p50 ms", 40, False, "naive_reply_p50_ms_at_5"),
    "reply_p99_ms_at_5": ("message to answer at 5/s, p99 ms", 150, False, "naive_reply_p99_ms_at_5"),
    "reply_p50_ms_at_20": ("message to answer at 20/s, p50 ms", 40, False, "naive_reply_p50_ms_at_20"),
    "reply_p99_ms_at_20": ("message to answer at 20/s, p99 ms", 150, False, "naive_reply_p99_ms_at_20"),
    "web_idle_mb": ("web, idle, MB", None, False, "naive_idle_mb"),
    "worker_idle_mb": ("worker, idle, MB", None, False, None),
    "web_loaded_mb": ("web, loaded, MB", None, False, "naive_loaded_mb"),
    "worker_loaded_mb": ("worker, loaded, MB", None, False, None),
    "model_worker_loaded_mb": ("worker with a model, loaded, MB", None, False, None),
}


def show(console: Console, found: dict[str, Any]) -> None:
    table = Table(title=f"bench.load at {found['version']}, load average {found['load_average']} before")
    for column in ("", "nextnest", "goal", "naive"):
        table.add_column(column, justify="left" if not column else "right")
    for name, (what, goal, least, naive) in GOALS.items():
        value = found[name]
        missed = goal is not None and value is not None and (value < goal if least else value > goal)
        wanted = "" if goal is None else f"{'>=' if least else '<='} {goal:g}"
        shown = f"[red]{value}[/red]" if missed else str(value)
        table.add_row(what, shown, wanted, str(found[naive]) if naive else "")
    console.print(table)
    grown = Table(title="growth")
    for column in found["growth"][0]:
        grown.add_column(column.replace("_", " "), justify="right")
    for row in found["growth"]:
        grown.add_row(*(str(value) for value in row.values()))
    console.print(grown)
