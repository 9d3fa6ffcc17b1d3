"""`nextnest calc`: what a person may type, and what a program may send; never a traceback."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from nextnest.cli import app
from nextnest.mortgage import CALCULATORS

ON = "as_of=2026-11-22"
JOINT = 'buyers=[{"profile": "SC", "owned": 1}, {"profile": "PR", "owned": 0}]'


def calc(*arguments: str) -> Result:
    result = CliRunner().invoke(app, ["calc", *arguments], env={"COLUMNS": "200"})
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        # IRAS: 24,600 on the first million and 4% of 200,000
        (["bsd", "price=1200000", ON], "S$32,600"),
        (["bsd", "price=1,200,000", ON], "S$32,600"),
        (["bsd", "price=S$1.2m", ON], "S$32,600"),
        (["bsd", "price=1.2 million", ON], "S$32,600"),
        (["bsd", "price=1200k", ON], "S$32,600"),
        (["bsd", "price=1.2e6", ON], "S$32,600"),
        (["bsd", 'price="1200000"', ON], "S$32,600"),  # JSON text
        # 500,000 over 25 years at the bank's floor
        (["instalment", "principal=500k", "rate_pct=4%", "months=300"], "S$2,639.18"),
        (["instalment", "principal=500k", "rate_pct=4% p.a.", "months=300 months"], "S$2,639.18"),
        # the average age of 50 and 40 leaves 20 years to 65
        (["hdb_tenure", "ages=50,40", "remaining_lease=70"], "20 years"),
        (["hdb_tenure", "ages=[50, 40]", "remaining_lease=70 years"], "20 years"),
        (["hdb_tenure", "ages=45", "remaining_lease=70"], "20 years"),
        (["absd_joint", "price=1m", JOINT, ON], "20%"),
        (["ehg_family", "avg_monthly_income=3000", "first_timer=no"], "S$0"),
        (["breakeven", "costs=100", "monthly_saving=0"], "none"),
    ],
)
def test_a_figure_as_a_person_asks_for_it(arguments: list[str], shown: str) -> None:
    result = calc(*arguments)
    assert result.exit_code == 0, result.output
    assert shown in result.stdout
    assert "None" not in result.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["bdsd", "price=1"], 2, ["'bdsd'", "did you mean bsd?"]),
        (["bsd", "prise=1m", ON], 2, ["prise", "did you mean price?"]),
        (["bsd", "price=1m", "price=2m", ON], 2, ["price is given twice"]),
        (["bsd", "1m"], 2, ["'1m' is not key=value", "market_value"]),
        (["bsd", "=1m"], 2, ["'=1m' is not key=value"]),
        (["bsd", "price=5%", ON], 2, ["price: should be a sum in S$, such as 800000, 800,000 or 1.2m"]),
        (["bsd", "price=true", ON], 2, ["price: should be a number, not yes or no"]),
        (["bsd", "price=NaN", ON], 2, ["price"]),
        (["bsd", f"price={'[' * 100_000}", ON], 2, ["price"]),  # deep enough to break a parser
        (["bsd", "price=1m", "as_of=22/11/2026"], 2, ['as_of: should be a date like "2026-11-22"']),
        (["bsd", "price=1m", "as_of=2026-02-30"], 2, ["as_of"]),
        (["bsd", "price=1m", ON, "use=boat"], 2, ["use: should be 'residential' or 'non_residential'"]),
        (["iwaa", "borrowers=35"], 2, ['borrowers[1]: should be named values, such as {"age": 35}']),
        (["bsd", "price=1m"], 1, ["cannot compute: needs as_of", "`nextnest calc bsd`"]),
        (["bsd", "price=", ON], 1, ["cannot compute: needs price"]),
        (["bsd", "price=unknown", ON], 1, ["cannot compute: needs price"]),
        (["--batch", "/no/such/file"], 2, ["No such file"]),
        (["bsd", "--batch", "/no/such/file"], 2, ["one or the other"]),
    ],
)
def test_why_there_is_no_figure_in_one_line(arguments: list[str], code: int, words: list[str]) -> None:
    result = calc(*arguments)
    assert result.exit_code == code
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 1
    assert all(word in lines[0] for word in words), lines


def test_without_a_name_every_calculator_is_listed() -> None:
    shown = calc().stdout
    assert all(name in shown for name in CALCULATORS)


@pytest.mark.parametrize("name", sorted(CALCULATORS))
def test_a_name_alone_tells_what_it_takes(name: str) -> None:
    result = calc(name)
    assert result.exit_code == 0
    assert CALCULATORS[name].summary in result.stdout
    assert all(key in result.stdout for key in CALCULATORS[name].inputs_model.model_fields)


def test_findings_are_said_in_words() -> None:
    applicant = '[{"age":35,"employment":"employed","fixed_monthly_income":"10k"}]'
    facts = ["property_type=condo", "monthly_debts=2500", "outstanding_housing_loans=0", ON]
    result = calc("affordability", f"applicants={applicant}", *facts)
    assert result.exit_code == 0, result.output
    assert "Decimal" not in result.stdout
    assert "{" not in result.stdout
    assert "cash_available, cpf_available" in result.stdout  # what is still needed


def batch(tmp_path: Path, content: bytes | str) -> Result:
    path = tmp_path / "batch.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return calc("--batch", str(path))


def test_a_batch_is_answered_with_one_list_in_its_order(tmp_path: Path) -> None:
    duty = {"price": 1_200_000, "as_of": "2026-11-22"}
    items: list[Any] = [{"id": number, "kind": "bsd", "inputs": duty} for number in range(10_000)]
    result = batch(tmp_path, json.dumps(items))
    assert result.exit_code == 0
    assert json.loads(result.stdout) == [
        {"id": number, "result": {"bsd": 32_600}} for number in range(10_000)
    ]


@pytest.mark.parametrize(
    ("content", "answers"),
    [
        ("[]", []),
        (b"\xef\xbb\xbf[]", []),  # with the mark that some editors put first
        (
            '[{"id": 1.5, "kind": "penalty", "inputs": {"outstanding": 100.10, "pct": 1.5}}]',
            [{"id": 1.5, "result": {"penalty": "1.5"}}],
        ),
        (
            '[{"id": {"a": [1]}, "kind": "bsd"}]',
            [{"id": {"a": [1]}, "error": "cannot compute: needs price, as_of"}],
        ),
        (
            '[7, {"id": "x", "kind": "bsd", "inputs": null}]',
            [
                {"id": None, "error": "each item is {id, kind, inputs}"},
                {"id": "x", "error": "inputs must be a set of named values"},
            ],
        ),
    ],
)
def test_a_batch_of_any_shape_is_answered(tmp_path: Path, content: bytes | str, answers: list[Any]) -> None:
    result = batch(tmp_path, content)
    assert result.exit_code == 0
    assert json.loads(result.stdout) == answers


@pytest.mark.parametrize(
    ("content", "word"),
    [
        ("", "is not JSON"),
        ("[{", "is not JSON"),
        ('[{"id": NaN, "kind": "bsd", "inputs": {}}]', "is not JSON"),  # nor is NaN
        ("[" * 100_000, "is not JSON"),
        (b"\xff\xfe[\x00", "is not JSON"),
        ("{}", "must hold a list"),
        ("null", "must hold a list"),
    ],
)
def test_what_is_no_batch_is_refused_in_one_line(tmp_path: Path, content: bytes | str, word: str) -> None:
    result = batch(tmp_path, content)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert len(result.stderr.splitlines()) == 1
    assert word in result.stderr
