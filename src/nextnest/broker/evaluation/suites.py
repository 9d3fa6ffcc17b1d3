"""Suites of scenarios, as they are read from YAML files.

A suite is a file: `about`, `leads` by name (in the schema of the API), and `scenarios`. `inputs` is a place
for YAML anchors, and is not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Literal

import yaml
from pydantic import ValidationError

from nextnest.broker.evaluation.scenario import Scenario
from nextnest.broker.rates import RateSheet, parse_csv
from nextnest.domain.lead import Lead, LeadErrors, parse_lead

FOLDER = files("nextnest.broker") / "evaluation"


@dataclass(frozen=True)
class Suite:
    name: str
    about: str
    scenarios: tuple[Scenario, ...]


class ScenarioErrors(ValueError):  # noqa: N818  it is all of them
    """Scenarios cannot be read; `problems` says which, and why."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


def load_suites(folder: Traversable = FOLDER / "scenarios") -> tuple[Suite, ...]:
    """Every suite of a folder, by name.

    Raises:
        ScenarioErrors: every problem at once.
    """
    problems: list[str] = []
    sources = sorted((f for f in folder.iterdir() if f.name.endswith(".yaml")), key=lambda f: f.name)
    suites = tuple(_suite(f.name.removesuffix(".yaml"), f.read_text("utf-8"), problems) for f in sources)
    ids = [scenario.id for suite in suites for scenario in suite.scenarios]
    problems += [
        f"{id_}: there is another scenario of this id" for id_ in sorted({i for i in ids if ids.count(i) > 1})
    ]
    if problems:
        raise ScenarioErrors(problems)
    return suites


_KEYS = {"about", "leads", "inputs", "scenarios"}


def _suite(name: str, text: str, problems: list[str]) -> Suite:
    try:
        data = yaml.load(text, Loader=_loader())  # noqa: S506  both are safe loaders
    except yaml.YAMLError as error:
        problems.append(f"{name}: is not YAML ({error})")
        return Suite(name, "", ())
    if strange := data.keys() - _KEYS:
        problems.append(f"{name}: a suite has no {', '.join(sorted(strange))}")
    leads: dict[str, Any] = data.get("leads", {})
    scenarios: list[Scenario] = []
    for number, entry in enumerate(data["scenarios"], start=1):
        where = f"{name}, scenario {entry.get('id') or number}"
        try:
            scenarios.append(Scenario(**{**entry, "suite": name, "lead": _lead(entry.get("lead"), leads)}))
        except ValidationError as error:
            faults = error.errors(include_url=False, include_input=False)
            problems += [f"{where}: {'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in faults]
        except LeadErrors as error:
            problems += [f"{where}: lead: {field}: {what}" for field, what in error.problems.items()]
        except KeyError as error:
            problems.append(f"{where}: lead: no lead is named {error}")
    return Suite(name, data["about"], tuple(scenarios))


def _lead(given: str | dict[str, Any] | None, leads: dict[str, Any]) -> Lead | None:
    """A lead by its name, by its facts, or by a name in `from` with other facts beside it."""
    if given is None:
        return None
    facts = {"from": given} if isinstance(given, str) else given
    base = leads[facts["from"]] if "from" in facts else {}
    contact = {"name": "Tan Mei Ling", "email": "mei.ling@example.com"}
    own = {key: value for key, value in facts.items() if key != "from"}
    merged = {**contact, **base, **own}
    return parse_lead({key: value for key, value in merged.items() if value is not None})


def _loader() -> type[Any]:
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def named(suites: Sequence[Suite], name: str) -> tuple[Suite, ...]:
    """The suite of this name, or the suite with the one scenario of this id; empty when there is neither."""
    found = [suite for suite in suites if suite.name == name]
    for suite in suites:
        one = tuple(scenario for scenario in suite.scenarios if scenario.id == name)
        found += [Suite(suite.name, suite.about, one)] if one else []
    return tuple(found)


@cache
def rate_sheet(name: Literal["current", "expired"]) -> RateSheet:
    """The rate sheets of the scenarios; their banks do not exist."""
    return parse_csv((FOLDER / "rates" / f"{name}.csv").read_text("utf-8"))
