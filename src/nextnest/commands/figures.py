"""score, calc: figures, with their working."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from nextnest.commands.terminal import json_in, out, stop

app = typer.Typer()


@app.command()
def score(lead: Annotated[Path, typer.Argument(help="JSON file with a lead, in the API's schema.")]) -> None:
    """Print a lead's score like a receipt: each signal, its points, and why."""
    from nextnest.bootstrap.assembly import today_in_singapore
    from nextnest.domain.lead import LeadErrors, parse_lead
    from nextnest.domain.score import score as scored

    try:
        found = scored(parse_lead(json_in(lead)), today=today_in_singapore())
    except LeadErrors as error:
        stop("; ".join(f"{field}: {problem}" for field, problem in error.problems.items()))
    print(found.receipt_text())


@app.command()
def calc(
    name: Annotated[str | None, typer.Argument(help="Calculator; leave out for the list.")] = None,
    inputs: Annotated[list[str] | None, typer.Argument(help="key=value, values as JSON or plain.")] = None,
    batch: Annotated[Path | None, typer.Option(help="JSON list of {id, kind, inputs}.")] = None,
) -> None:
    """Compute a figure, with its working and its sources.

    For example: nextnest calc bsd price=1200000 as_of=2026-11-22
    """
    from nextnest.mortgage import run_batch

    if batch is not None:
        items = json_in(batch)
        if not isinstance(items, list):
            stop(f"{batch}: must hold a list of objects with id, kind and inputs")
        print(json.dumps(run_batch(items), indent=1, ensure_ascii=False))
    elif name is None:
        _list_calculators()
    else:
        _calculate(name, inputs or [])


def _list_calculators() -> None:
    from nextnest.mortgage import CALCULATORS

    table = Table(box=None)
    table.add_column("calculator", style="bold")
    table.add_column("what it gives")
    for name, spec in sorted(CALCULATORS.items()):
        table.add_row(name, spec.summary)
    out.print(table)


def _calculate(name: str, inputs: list[str]) -> None:
    from nextnest.mortgage import CALCULATORS, CannotCompute, InvalidInput, calculate

    if name not in CALCULATORS:
        stop(f"no calculator {name!r}; `nextnest calc` lists them")
    wrong = [each for each in inputs if "=" not in each]
    if wrong:
        keys = ", ".join(CALCULATORS[name].json_schema["properties"])
        stop(f"{wrong[0]!r} is not key=value; {name} takes {keys}")
    try:
        found = calculate(name, {key: _value(value) for key, _, value in (i.partition("=") for i in inputs)})
    except CannotCompute as error:
        stop(str(error), code=1)
    except InvalidInput as error:
        stop("; ".join(error.problems))
    table = Table(box=None, show_header=False)
    for key in found.values:
        table.add_row(key.replace("_", " "), f"[bold]{found.text(key)}[/bold]")
    out.print(table)
    sources = [f"{r.table}: {r.row}, from {r.effective} ({r.source}; {r.confidence})" for r in found.rules]
    shown = {"Working": found.working, "Assumptions": found.assumptions, "Sources": sources}
    for heading, lines in shown.items():
        if lines:
            out.print(f"\n[bold]{heading}[/bold]")
            for line in lines:
                out.print(f"  {line}", highlight=False, markup=False)


def _value(text: str) -> Any:
    try:
        return json.loads(text, parse_float=str)
    except ValueError:
        return text
