"""score, calc: figures, with their working."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from nextnest.commands.terminal import json_in, out, stop

if TYPE_CHECKING:
    from nextnest.mortgage import CalculatorSpec

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
    inputs: Annotated[
        list[str] | None, typer.Argument(help="key=value, as plain text or JSON; none to see what it takes.")
    ] = None,
    batch: Annotated[Path | None, typer.Option(help="JSON list of {id, kind, inputs} to answer.")] = None,
) -> None:
    """Compute a figure, with its working and its sources.

    For example: nextnest calc bsd price=1.2m as_of=2026-11-22

    A batch is answered with one JSON list of {id, result} or {id, error}.
    """
    from nextnest.mortgage import CALCULATORS

    if batch is not None:
        if name is not None:
            stop("--batch takes its calculators from the file: give one or the other")
        _answer_batch(batch)
    elif name is None:
        _list_calculators()
    elif name in CALCULATORS and not inputs:
        _describe(CALCULATORS[name])
    else:
        _calculate(name, inputs or [])


def _answer_batch(path: Path) -> None:
    from nextnest.mortgage import run_batch

    items = json_in(path)
    if not isinstance(items, list):
        stop(f"{path}: must hold a list of objects with id, kind and inputs")
    print(json.dumps(run_batch(items), indent=1, default=float))


def _list_calculators() -> None:
    from nextnest.mortgage import CALCULATORS

    table = Table(box=None)
    table.add_column("calculator", style="bold")
    table.add_column("what it gives")
    for name, spec in sorted(CALCULATORS.items()):
        table.add_row(name, spec.summary)
    out.print(table)


def _describe(spec: CalculatorSpec) -> None:
    """What a calculator gives and takes."""
    out.print(spec.doc, highlight=False, markup=False, soft_wrap=True)
    table = Table(box=None)
    for heading in ("input", "", "what it is"):
        table.add_column(heading)
    properties, needed = spec.json_schema["properties"], spec.json_schema.get("required", [])
    for name, described in properties.items():
        known = {**described.get("anyOf", [{}])[0], **described}
        what = [known.get("description", ""), " | ".join(str(each) for each in known.get("enum", []))]
        if (usual := known.get("default")) not in (None, []):
            what.append(f"{usual} where left out".lower())
        table.add_row(name, "needed" if name in needed else "", escape("; ".join(filter(None, what))))
    out.print()
    out.print(table)


def _calculate(name: str, inputs: list[str]) -> None:
    from nextnest.mortgage import CannotCompute, InvalidInput, calculate

    try:
        found = calculate(name, _named(name, inputs))
    except CannotCompute as error:
        stop(f"{error}; `nextnest calc {name}` tells of its inputs", code=1)
    except InvalidInput as error:
        stop("; ".join(error.problems))
    table = Table(box=None, show_header=False)
    for key in found.values:
        table.add_row(key.replace("_", " "), escape(found.text(key)), style="bold")
    out.print(table)
    sources = [
        f"{rule.table}: {rule.row}{f', from {rule.effective}' if rule.effective else ''} "
        f"({rule.source}; confidence {rule.confidence})"
        for rule in found.rules
    ]
    shown = {"Working": found.working, "Assumptions": found.assumptions, "Sources": sources}
    for heading, lines in shown.items():
        if lines:
            out.print(f"\n[bold]{heading}[/bold]")
            for line in lines:
                out.print(f"  {line}", highlight=False, markup=False, soft_wrap=True)


def _named(name: str, inputs: list[str]) -> dict[str, Any]:
    """key=value words as named values. Of a calculator that is not there too: that is said elsewhere."""
    from nextnest.mortgage import CALCULATORS

    properties = CALCULATORS[name].json_schema["properties"] if name in CALCULATORS else {}
    named: dict[str, Any] = {}
    for word in inputs:
        key, is_named, text = word.partition("=")
        if not (key and is_named) and properties:
            stop(f"{word!r} is not key=value; {name} takes {', '.join(properties)}")
        if key in named:
            stop(f"{key} is given twice")
        named[key] = _value(text, listed=properties.get(key, {}).get("type") == "array")
    return named


def _value(text: str, *, listed: bool) -> Any:
    """JSON, or plain text; for a list also its parts with commas between them."""
    try:
        value = json.loads(text, parse_float=str)
    except (ValueError, RecursionError):
        value = [part.strip() for part in text.split(",")] if listed and text else text
    return [value] if listed and isinstance(value, int) else value
