"""Evaluation runs in Langfuse: a dataset of scenarios, and each run as an experiment on it.

From version 4 on a run is what its traces say (`experiment_attributes`); earlier servers want each item
linked to its trace by a call of its own, which a version 4 server in its events-only mode may not have.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from nextnest.adapters.langfuse.client import Answer, Langfuse, Verdict

_NOT_FOUND = 404


class DatasetError(RuntimeError):
    """Langfuse did not take a part of the evaluation run; the message says which and why."""


async def ensure_dataset(langfuse: Langfuse, name: str, *, description: str = "") -> str:
    """Make the dataset, or find it; its id.

    Raises:
        DatasetError: the server did not take it.
    """
    body = {"name": name, "description": description}
    return _id(await langfuse.call("POST", "/api/public/v2/datasets", body=body), f"dataset {name}")


async def put_item(
    langfuse: Langfuse, dataset: str, key: str, *, given: Any, expected: Any, metadata: Mapping[str, Any]
) -> str:
    """Write a scenario as an item of the dataset, over the one of the same key; its id.

    Raises:
        DatasetError: the server did not take it.
    """
    body = {
        "id": hashlib.sha256(f"{dataset}:{key}".encode()).hexdigest()[:32],  # ids are unique in a project
        "datasetName": dataset,
        "input": given,
        "expectedOutput": expected,
        "metadata": {"key": key, **metadata},
    }
    return _id(await langfuse.call("POST", "/api/public/dataset-items", body=body), f"item {key}")


async def link_item(langfuse: Langfuse, run: str, item_id: str, trace_id: str) -> str | None:
    """Tie an item to its trace for servers before version 4; None when done, else why it was not."""
    body = {"runName": run, "datasetItemId": item_id, "traceId": trace_id}
    answer = await langfuse.call("POST", "/api/public/dataset-run-items", body=body)
    if answer.verdict is Verdict.TAKEN:
        return None
    if answer.status == _NOT_FOUND:
        return "this server has no dataset run items (events-only mode): the run is shown from its traces"
    return answer.reason


def experiment_attributes(
    *, dataset_id: str, run: str, item_id: str, root_span_id: str, expected: Any
) -> dict[str, str]:
    """What makes a trace an item of the experiment `run`; for `turn_trace(extra=…)`."""
    return {
        "langfuse.experiment.id": hashlib.sha256(f"{dataset_id}:{run}".encode()).hexdigest()[:32],
        "langfuse.experiment.name": run,
        "langfuse.experiment.dataset.id": dataset_id,
        "langfuse.experiment.item.id": item_id,
        "langfuse.experiment.item.root_observation_id": root_span_id,
        "langfuse.experiment.item.expected_output": json.dumps(expected, ensure_ascii=False),
    }


def _id(answer: Answer, what: str) -> str:
    if answer.verdict is not Verdict.TAKEN or not isinstance(answer.body, dict) or "id" not in answer.body:
        raise DatasetError(f"{what}: {answer.reason or 'the answer has no id'}")
    return str(answer.body["id"])
