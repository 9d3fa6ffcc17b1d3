"""Many calculations at once, from untrusted JSON, never raising."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nextnest.mortgage.evidence import CannotCompute, InvalidInput
from nextnest.mortgage.registry import calculate


def run_batch(items: Any) -> list[dict[str, Any]]:
    """Answer [{id, kind, inputs}] with [{id, result}] or [{id, error}], in the same order.

    Results are JSON-safe: whole numbers are ints, others plain decimal strings rounded once (money to the
    cent, percentages to two decimals). An error is one plain sentence.
    """
    if not isinstance(items, list):
        return [{"id": None, "error": "a batch is a list of {id, kind, inputs}"}]
    return [_answer(item) for item in items]


def _answer(item: Any) -> dict[str, Any]:
    if not isinstance(item, Mapping):
        return {"id": None, "error": "each item is {id, kind, inputs}"}
    identity = item.get("id")
    if "kind" not in item:
        return {"id": identity, "error": "cannot compute: needs kind"}
    try:
        done = calculate(item["kind"], item.get("inputs", {}))
    except (CannotCompute, InvalidInput) as error:
        return {"id": identity, "error": str(error)}
    except Exception as error:  # one defect of ours must not cost the other answers of the batch
        return {"id": identity, "error": f"internal error ({type(error).__name__})"}
    return {"id": identity, "result": {key: done.stated(key) for key in done.values}}
