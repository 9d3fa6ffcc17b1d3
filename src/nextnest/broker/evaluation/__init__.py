"""Scripted customers run through the whole broker, and judged.

`load_suites` reads the scenarios that ship with nextnest, `evaluate` runs them by the playbook or by a model,
and `page` shows what came of it as one HTML file. See docs/evaluation.md.
"""

from nextnest.broker.evaluation.measures import Evaluation
from nextnest.broker.evaluation.report import page
from nextnest.broker.evaluation.runner import evaluate
from nextnest.broker.evaluation.scenario import Scenario
from nextnest.broker.evaluation.suites import ScenarioErrors, Suite, load_suites, named

__all__ = ["Evaluation", "Scenario", "ScenarioErrors", "Suite", "evaluate", "load_suites", "named", "page"]
