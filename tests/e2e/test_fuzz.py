"""The public API of a running process, fuzzed from its own description, with everything real behind it.

tests/integration/web/test_fuzz.py asks far more often, with twins behind the web; what only a real database
and a real queue can refuse is found here.
"""

from __future__ import annotations

import copy
import gzip
import hashlib
import hmac
import json
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from requests import PreparedRequest
from requests.auth import AuthBase
from schemathesis import Case
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi.checks import positive_data_acceptance

from nextnest.web.openapi import document
from tests.e2e.running import LEAD, Up, conversation_of, up

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(180)]
RECORDED = Path(__file__).parents[1] / "data" / "chatwoot" / "recorded.jsonl.gz"
LIMITS = settings(
    deadline=None,
    derandomize=True,  # the same requests in every run: what is found is found again
    suppress_health_check=list(HealthCheck),
)

load_all_checks()
schema = schemathesis.openapi.from_dict(document())


@pytest.fixture(scope="module")
def nextnest() -> Iterator[Up]:
    with tempfile.TemporaryDirectory(prefix="nextnest-fuzz-") as folder:
        Path(folder).chmod(0o755)
        with up(Path(folder) / "home", NEXTNEST_TRUSTED_PROXIES="127.0.0.1") as started:
            yield started
            _assert_works(started)
        assert LEAD["name"] not in (Path(folder) / "up.log").read_text(), "a customer's name in the log"


def _assert_works(nextnest: Up) -> None:
    """After all that, a customer is greeted as before, and nothing waits for an operator."""
    lead = nextnest.submit(email="after@example.com")
    assert "AI assistant" in nextnest.greeted(conversation_of(lead))
    assert httpx2.get(f"{nextnest.api}/readyz").json()["ok"] is True


@pytest.fixture(scope="module")
def secret(nextnest: Up) -> str:
    """What the desk signs the bot's webhooks with."""
    return str(nextnest.desk("GET", "/agent_bots")[0]["secret"])


class Signed(AuthBase):
    """Signs as Chatwoot does, over the bytes that are sent."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        body = request.body or b""
        assert isinstance(body, str | bytes)
        request.headers.update(self.headers(body.encode() if isinstance(body, str) else body))
        return request

    def headers(self, body: bytes) -> dict[str, str]:
        now = str(int(time.time()))
        digest = hmac.new(self._secret, f"{now}.".encode() + body, hashlib.sha256).hexdigest()
        return {"X-Chatwoot-Timestamp": now, "X-Chatwoot-Signature": f"sha256={digest}"}


@schema.include(path="/api/leads").parametrize()
@settings(LIMITS, max_examples=40)
def test_leads_of_strangers_are_answered_as_described(case: Case[Any], nextnest: Up) -> None:
    neighbour = ".".join(str(random.Random(repr(case.body)).randrange(256)) for _ in range(4))
    case.headers["X-Forwarded-For"] = neighbour  # each from elsewhere, or the flood guard answers them all
    case.call_and_validate(base_url=nextnest.api, excluded_checks=[positive_data_acceptance])


@schema.include(path="/api/leads").parametrize()
@settings(LIMITS, max_examples=40)
def test_leads_of_the_brokerage_are_answered_as_described(case: Case[Any], nextnest: Up) -> None:
    case.headers["Authorization"] = f"Bearer {nextnest.ready['api_key']}"
    case.call_and_validate(base_url=nextnest.api, excluded_checks=[positive_data_acceptance])


@schema.include(path_regex="/webhooks/").parametrize()
@settings(LIMITS, max_examples=25)
def test_webhooks_of_strangers_are_answered_as_described(case: Case[Any], nextnest: Up) -> None:
    response = case.call_and_validate(base_url=nextnest.api, excluded_checks=[positive_data_acceptance])
    assert response.status_code in {401, 405, 413}, "nothing unsigned is stored"


@schema.include(path="/webhooks/chatwoot/bot").parametrize()
@settings(LIMITS, max_examples=25)
def test_signed_webhooks_are_answered_as_described(case: Case[Any], nextnest: Up, secret: str) -> None:
    response = case.call(base_url=nextnest.api, auth=Signed(secret))
    assert response.status_code in {200, 405, 413, 422}, response.text


@pytest.fixture(scope="module")
def recorded() -> list[dict[str, Any]]:
    """One recorded event of each name, type of message, and privacy."""
    with gzip.open(RECORDED, "rt", encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    events = [json.loads(line["request"]["body"]) for line in lines if line["kind"] == "webhook"]
    return list({(e["event"], e.get("message_type"), e.get("private")): e for e in events}.values())


ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.sampled_from(
        [0, -1, 2**31, 2**63, 10**30, 1.5, "", "\0", "\ud83d", "9" * 400, [], {}, [None], {"id": 1}]
    ),
    st.text(max_size=20),
)


@given(data=st.data())
@settings(LIMITS, max_examples=60)
def test_a_lead_with_one_odd_value_is_kept_or_refused_in_words(data: st.DataObject, nextnest: Up) -> None:
    lead = copy.deepcopy(LEAD) | {"email": f"lead{time.time_ns()}@example.com", "phone": None}
    _make_odd(lead, data)
    body = json.dumps(lead).encode()
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {nextnest.ready['api_key']}"}
    answer = httpx2.post(f"{nextnest.api}/api/leads", content=body, headers=headers)
    assert answer.status_code in {201, 202, 400, 422}, answer.text
    assert answer.is_success or answer.json()["error"]


@given(data=st.data())
@settings(LIMITS, max_examples=200)
def test_a_signed_event_with_one_odd_value_never_breaks_the_store(
    data: st.DataObject, nextnest: Up, secret: str, recorded: list[dict[str, Any]]
) -> None:
    event = copy.deepcopy(data.draw(st.sampled_from(recorded)))
    _make_odd(event, data)
    body = json.dumps(event).encode()
    headers = {"Content-Type": "application/json", **Signed(secret).headers(body)}
    answer = httpx2.post(f"{nextnest.api}/webhooks/chatwoot/bot", content=body, headers=headers)
    assert answer.status_code in {200, 422}, answer.text


def _make_odd(value: Any, data: st.DataObject) -> None:
    place, key = data.draw(st.sampled_from(list(_places(value))))
    place[key] = data.draw(ODD)


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every value in it: what holds it, and under which key."""
    inside = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in list(inside):
        yield value, key
        if isinstance(inner, dict | list):
            yield from _places(inner)
