"""Scripted customers run through the whole broker, and judged.

suites = load_suites()                       # every suite that ships with nextnest
evaluation = await evaluate(suites)          # by the playbook; or by `model=`
evaluation.passed_share, evaluation.failures
page(evaluation)                             # one HTML file, self-contained
"""

from nextnest.broker.evaluation.measures import Evaluation
from nextnest.broker.evaluation.runner import evaluate
from nextnest.broker.evaluation.scenario import Scenario
from nextnest.broker.evaluation.suites import ScenarioErrors, Suite, load_suites, named

__all__ = ["Evaluation", "Scenario", "ScenarioErrors", "Suite", "evaluate", "load_suites", "named"]
