"""eval: scripted customers through the whole broker, and the labelled replies through the checks."""

from __future__ import annotations

import asyncio
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from nextnest.commands.terminal import out, stop

app = typer.Typer()


@app.command("eval")
def evaluation(
    suite: Annotated[
        str | None,
        typer.Argument(help="A suite or one scenario; `checks`: the labelled replies; none: every scenario."),
    ] = None,
    *,
    model: Annotated[str | None, typer.Option(help="Model to ask; without one the playbook answers.")] = None,
    repeats: Annotated[int, typer.Option(min=1, max=100, help="Runs of each scenario, for pass^k.")] = 1,
    parallel: Annotated[int, typer.Option(min=1, max=200, help="Conversations at the same time.")] = 8,
    report: Annotated[Path | None, typer.Option(help="Write an HTML page of it here.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the measures as JSON.")] = False,
) -> None:
    """Run scripted customers through the whole broker; exit code 1 when fewer than 95 % pass."""
    if suite == "checks":
        _checks(as_json=as_json)
        return
    from nextnest.bootstrap.evaluating import settings_for, to_langfuse
    from nextnest.broker.evaluation import page
    from nextnest.settings import SettingsError

    try:
        settings = settings_for(os.environ, model)
        found = _run(suite, settings, by_model=model is not None, repeats=repeats, parallel=parallel)
    except SettingsError as error:
        stop("; ".join(error.problems))
    now = datetime.now(UTC)
    if report is not None:
        _write(report, page(found, when=now))
    said = asyncio.run(to_langfuse(settings, found, run=f"{found.author} {now:%Y-%m-%d %H:%M:%S}"))
    if as_json:
        print(json.dumps(found.to_json(), indent=1, ensure_ascii=False))
    else:
        _show(found, report, said)
    if not found.ok:
        raise typer.Exit(1)


def _run(suite: str | None, settings: Any, *, by_model: bool, repeats: int, parallel: int) -> Any:
    """All scenarios, or those asked for, behind a progress bar."""
    from nextnest.bootstrap.evaluating import evaluated
    from nextnest.broker.evaluation import ScenarioErrors, load_suites, named

    try:
        suites = load_suites()
    except ScenarioErrors as error:
        stop("; ".join(error.problems))
    if suite is not None:
        chosen = named(suites, suite)
        if not chosen:
            names = ", ".join(each.name for each in suites)
            stop(f"no suite or scenario {suite!r}; the suites are {names}, and checks")
        suites = chosen
    total = repeats * sum(len(each.scenarios) for each in suites)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    screen = Console(stderr=True)
    with Progress(*columns, console=screen, transient=True, disable=not screen.is_terminal) as progress:
        task = progress.add_task("scenarios", total=total)
        return asyncio.run(
            evaluated(
                settings,
                suites,
                by_model=by_model,
                repeats=repeats,
                parallel=parallel,
                on_done=lambda _: progress.advance(task),
            )
        )


def _write(report: Path, text: str) -> None:
    try:
        report.write_text(text, encoding="utf-8")
    except OSError as error:
        stop(f"{report}: cannot be written ({error.strerror})")


def _show(found: Any, report: Path | None, langfuse: str | None) -> None:
    for run in found.failed:
        out.print(f"[red]{run.scenario.suite}/{run.scenario.id}[/red]", highlight=False)
        for line in run.failures():
            out.print(f"  {line}", highlight=False, markup=False, soft_wrap=True)
    table = Table(box=None)
    table.add_column("suite")
    table.add_column("passed", justify="right")
    for name, share in found.by_suite().items():
        table.add_row(name, f"{share.part} of {share.whole}")
    out.print(table)
    measures = {
        "scenarios passed": found.passed,
        f"pass^{found.repeats}": found.pass_hat_k,
        "expected figures said": found.figures_right,
        "figure precision": found.figure_precision,
        "hand-over precision": found.handoff_precision,
        "hand-over recall": found.handoff_recall,
        "replies refused": found.forbidden_claims,
        "reply time": f"{found.latency_ms(50):.0f} ms, p99 {found.latency_ms(99):.0f} ms",
        "cost": f"US${found.cost_usd:.2f}, {found.tokens:,} tokens",
        "report": report,
    }
    for name, value in measures.items():
        if value is not None:
            out.print(f"{name}: [bold]{value}[/bold]", highlight=False)
    if langfuse is not None:
        out.print(langfuse, highlight=False, markup=False)


def _checks(*, as_json: bool) -> None:
    from nextnest.broker.check_sets import run

    found = run()
    if as_json:
        counts = {
            "bad": found.bad,
            "passed": len(found.passed),
            "good": found.good,
            "stopped": len(found.stopped),
        }
        print(json.dumps({"ok": found.ok, **counts}))
    else:
        for heading, cases in (("bad, let through", found.passed), ("good, stopped", found.stopped)):
            for case in cases:
                out.print(f"{heading}: {case.about}: {case.reply.text}", highlight=False, markup=False)
        print(found.summary())
    if not found.ok:
        raise typer.Exit(1)
