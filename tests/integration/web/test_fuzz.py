"""The public API fuzzed from its own description: no 5xx, no status or shape that is not described."""

from __future__ import annotations

from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.integration.web.conftest import API_KEY, House, settings_for_tests
from tests.integration.web.twins import Unlimited

load_all_checks()
_HOUSE = House(settings_for_tests("http://127.0.0.1:8080"), limits=Unlimited())
schema = schemathesis.openapi.from_asgi("/api/openapi.json", _HOUSE.app())


@schema.parametrize()
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_description_is_true(case: Case[Any]) -> None:
    case.call_and_validate(
        # What fits field by field need not fit together (a BTO that is no HDB flat), nor be a real number.
        excluded_checks=[positive_data_acceptance]
    )


@schema.include(path="/api/leads").parametrize()
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_description_is_true_for_staff(case: Case[Any]) -> None:
    case.headers["Authorization"] = f"Bearer {API_KEY}"
    case.call_and_validate(excluded_checks=[positive_data_acceptance])
