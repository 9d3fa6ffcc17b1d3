"""The table for people and the line for machines."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from bench.chaos.diary import Diary
from bench.chaos.judge import Verdict
from bench.chaos.killer import ANYWHERE, Killer
from bench.chaos.people import Record
from bench.chaos.weather import Weather
from bench.site import git_version

SHOWN = 12  # cases of a kind that are printed


def figures(
    verdict: Verdict, record: Record, diary: Diary, killer: Killer, weather: Weather, *, seconds: float
) -> dict[str, Any]:
    """Times are seconds, windows milliseconds."""
    recoveries = diary.recoveries()
    taken = [r.taken for r in recoveries if r.taken is not None]
    again = [r.again for r in recoveries if r.again is not None]
    finished = [r.finished for r in recoveries if r.finished is not None]
    return {
        "points": killer.total,
        "customers": len({said.customer for said in record.said}),
        "messages": len(record.said),
        "lost": len(verdict.lost),
        "doubled": len(verdict.doubled),
        "over_human": len(verdict.over_human),
        "stuck": len(verdict.stuck),
        "max_recovery_s": round(max(taken, default=0.0), 1),
        "recovery_p50_s": round(quantile(taken, 0.5), 1),
        "max_again_s": round(max(again, default=0.0), 1),
        "max_finished_s": round(max(finished, default=0.0), 1),
        "in_flight": len(recoveries),
        "takeovers": len(record.takeovers),
        "in_window": len(verdict.in_window),
        "max_overtaken_ms": round(max(verdict.in_window, default=0.0), 1),
        "window_p50_ms": round(quantile(verdict.windows, 0.5), 1),
        "window_p99_ms": round(quantile(verdict.windows, 0.99), 1),
        "answer_p50_s": round(quantile(verdict.answer_seconds, 0.5), 1),
        "answer_max_s": round(max(verdict.answer_seconds, default=0.0), 1),
        "ends": dict(verdict.ends),
        "different_points": len(set(killer.kills) - {ANYWHERE}),
        "anywhere": killer.kills[ANYWHERE],
        "exits": len(killer.exits),
        "weather": dict(weather.counts),
        "seconds": round(seconds, 1),
        "version": git_version(),
    }


def quantile(values: list[float], q: float) -> float:
    """The value that a share `q` of all does not exceed; 0 when there is none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(q * len(ordered)))] if ordered else 0.0


def show(console: Console, verdict: Verdict, found: dict[str, Any]) -> None:
    table = Table(title="bench.chaos", show_header=False)
    for name, value in found.items():
        bad = name in ("lost", "doubled", "over_human", "stuck") and value
        table.add_row(name.replace("_", " "), f"[red]{value}[/red]" if bad else str(value))
    console.print(table)
    for name in ("lost", "doubled", "over_human", "stuck"):
        for case in getattr(verdict, name)[:SHOWN]:
            console.print(f"{name}: {case}", style="red", markup=False, highlight=False)
