"""Every required calculator on cases worked by hand from the rules, each row with its reason.

All values are read as text, as a command line gives them.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pytest
import yaml

from nextnest.mortgage import CALCULATORS, run_batch

TABLE: dict[str, list[tuple[dict[str, Any], dict[str, str], str]]] = yaml.load(
    (Path(__file__).parents[2] / "data" / "mortgage" / "hand_worked.yaml").read_text("utf-8"),
    Loader=yaml.BaseLoader,
)
ROWS = [
    pytest.param(kind, inputs, expected, id=f"{kind}: {why}")
    for kind, rows in TABLE.items()
    for inputs, expected, why in rows
]
WORDS = {"true": True, "false": False}


def same(got: Any, expected: str) -> bool:
    if expected in WORDS:
        return got is WORDS[expected]
    try:
        return Decimal(str(got)) == Decimal(expected)
    except InvalidOperation:
        return bool(got == expected)


@pytest.mark.parametrize(("kind", "inputs", "expected"), ROWS)
def test_worked_by_hand(kind: str, inputs: dict[str, Any], expected: dict[str, str]) -> None:
    answer = run_batch([{"id": 1, "kind": kind, "inputs": inputs}])[0]
    if "needs" in expected:
        assert answer["error"] == f"cannot compute: needs {expected['needs']}"
    elif "refuses" in expected:
        refused = answer["error"]
        assert not refused.startswith("cannot compute")
        assert refused.startswith(expected["refuses"])
    else:
        result = answer["result"]
        for key, value in expected.items():
            assert key not in result if value == "absent" else same(result[key], value), (key, result)


REQUIRED = """
instalment instalment_step total_repayment max_loan capacity assessment_rate hdb_assessment_rate
serviceability ratio income_required income_recognised income_from_noa avg_household_income
efa_income efa_required iwaa tenure_from_iwaa hdb_tenure refi_tenure_cap ltv hdb_ltv_loan
purchase_funding max_price_from_loan max_price_funds guarantor_obligation card_obligation bsd
bsd_mixed absd absd_joint stamp_total ssd ssd_holding mortgage_duty cpf_accrued cpf_accrued_years
cpf_limits cpf_prorate sale_proceeds refi_saving breakeven penalty package_rate pps_stage ehg_family
ehg_single family_grant singles_grant ec_grant
"""


def test_every_required_calculator_has_six_rows_or_more() -> None:
    assert set(REQUIRED.split()) | {"affordability"} <= set(CALCULATORS)
    assert [name for name in REQUIRED.split() if len(TABLE.get(name, [])) < 6] == []
