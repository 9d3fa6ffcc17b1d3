from __future__ import annotations

import json

import pytest

from nextnest.adapters.chatwoot.signature import Verdict, sign, verify
from tests.unit.chatwoot.recording import examples, exchange, webhooks

SECRET = "9mXrJ3p7Qw2LkV8sYt5BnC4d"
BODY = b'{"event":"message_created","id":5501}'
STAMP = "1785235885"
# Chatwoot's own test vector (payload_examples.json, signature_test_vector)
GOOD = "sha256=f100acf7ed0f9a73ce4a2360f15b80ffafc84f1173a7f8781f21fd7b79034571"
NOW = 1785235885.0


def test_our_signature_equals_chatwoots_test_vector() -> None:
    vector = examples()["signature_test_vector"]
    assert (vector["secret"], vector["raw_body"], vector["X-Chatwoot-Timestamp"]) == (
        SECRET,
        BODY.decode(),
        STAMP,
    )
    assert sign(SECRET, STAMP, BODY) == vector["X-Chatwoot-Signature"] == GOOD


@pytest.mark.parametrize(
    ("secrets", "timestamp", "body", "signature", "now", "expected"),
    [
        ([SECRET], STAMP, BODY, GOOD, NOW, Verdict.OK),
        (["new", SECRET], STAMP, BODY, GOOD, NOW, Verdict.OK),  # rotation: the old secret still signs
        ([SECRET, "new"], STAMP, BODY, GOOD, NOW, Verdict.OK),  # rotation, the other way round
        ([SECRET], STAMP, BODY, GOOD, NOW + 300, Verdict.OK),  # the last second of the window
        ([SECRET], STAMP, BODY, GOOD, NOW + 301, Verdict.STALE),  # a replay
        ([SECRET], STAMP, BODY, GOOD, NOW - 301, Verdict.STALE),  # a clock that is wrong, theirs or ours
        ([SECRET], None, BODY, GOOD, NOW, Verdict.MISSING),  # header stripped on the way
        ([SECRET], STAMP, BODY, None, NOW, Verdict.MISSING),  # Chatwoot before 4.13
        ([SECRET], "", BODY, "", NOW, Verdict.MISSING),  # present but empty
        ([SECRET], STAMP, BODY, GOOD[7:], NOW, Verdict.MALFORMED),  # without the scheme
        ([SECRET], STAMP, BODY, GOOD.upper(), NOW, Verdict.MALFORMED),  # Chatwoot writes lower case
        ([SECRET], STAMP, BODY, GOOD + "0", NOW, Verdict.MALFORMED),  # one digit too many
        ([SECRET], STAMP, BODY, "sha256=" + "é" * 64, NOW, Verdict.MALFORMED),  # not ASCII
        ([SECRET], "17852358.5", BODY, GOOD, NOW, Verdict.MALFORMED),  # a fraction
        ([SECRET], "-1785235885", BODY, GOOD, NOW, Verdict.MALFORMED),  # a sign
        ([SECRET], "٣" * 10, BODY, GOOD, NOW, Verdict.MALFORMED),  # digits, but not ASCII ones
        ([SECRET], "9" * 400, BODY, GOOD, NOW, Verdict.MALFORMED),  # longer than any time
        ([SECRET], STAMP, BODY + b" ", GOOD, NOW, Verdict.MISMATCH),  # the body was touched
        ([SECRET], "1785235886", BODY, GOOD, NOW, Verdict.MISMATCH),  # the timestamp was touched
        (["another"], STAMP, BODY, GOOD, NOW, Verdict.MISMATCH),  # another installation
        ([], STAMP, BODY, GOOD, NOW, Verdict.MISMATCH),  # nothing configured: nothing verifies
        ([""], STAMP, BODY, sign("", STAMP, BODY), NOW, Verdict.MISMATCH),  # an empty secret is no secret
    ],
)
def test_verdict(
    secrets: list[str],
    timestamp: str | None,
    body: bytes,
    signature: str | None,
    now: float,
    expected: Verdict,
) -> None:
    assert verify(secrets, timestamp, body, signature, now=now) is expected


def recorded_secrets() -> dict[str, str]:
    """Which secret signs which of the recorder's three routes, read from Chatwoot's own answers."""

    def answer(name: str) -> dict[str, object]:
        parsed: dict[str, object] = json.loads(exchange(name)["response"]["body"])
        return parsed

    webhook = json.loads(exchange("webhook_create")["response"]["body"])["payload"]["webhook"]
    return {
        "account_webhook": webhook["secret"],
        "agent_bot_webhook": str(answer("agent_bot_create")["secret"]),
        "api_inbox_webhook": str(answer("inbox_create_api")["secret"]),
    }


def test_every_recorded_signature_verifies_with_the_secret_of_its_source_only() -> None:
    secrets = recorded_secrets()
    verified = 0
    for hook in webhooks():
        headers = {name.lower(): value for name, value in hook["request"]["headers"]}
        signature, stamp = headers.get("x-chatwoot-signature"), headers.get("x-chatwoot-timestamp")
        if not (hook["signature_check"] and hook["signature_check"]["valid"]):
            continue  # unsigned (automation), or the second inbox, whose secret was made elsewhere
        assert stamp is not None
        body, now = hook["request"]["body"].encode(), float(stamp) + 1
        right = secrets[hook["target"]]
        others = [secret for target, secret in secrets.items() if target != hook["target"]]
        assert verify([right], stamp, body, signature, now=now) is Verdict.OK
        assert verify([*others, right], stamp, body, signature, now=now) is Verdict.OK
        assert verify(others, stamp, body, signature, now=now) is Verdict.MISMATCH
        verified += 1
    assert verified == 467  # 481 less 13 of the second inbox less 1 unsigned automation


def test_the_second_inbox_signs_with_its_own_secret() -> None:
    secret = json.loads(exchange("inbox_create_api_extra_fields")["response"]["body"])["secret"]
    hooks = [hook for hook in webhooks() if hook["request"]["path"] == "/hooks/inboxB"]
    assert len(hooks) == 13
    for hook in hooks:
        headers = dict(hook["request"]["headers"])
        stamp = headers["X-Chatwoot-Timestamp"]
        verdict = verify(
            [secret],
            stamp,
            hook["request"]["body"].encode(),
            headers["X-Chatwoot-Signature"],
            now=float(stamp),
        )
        assert verdict is Verdict.OK


def test_an_automation_is_not_signed_at_all() -> None:
    (hook,) = [hook for hook in webhooks() if hook["target"] == "automation_rule_webhook"]
    headers = dict(hook["request"]["headers"])
    verdict = verify(
        [SECRET],
        headers.get("X-Chatwoot-Timestamp"),
        hook["request"]["body"].encode(),
        headers.get("X-Chatwoot-Signature"),
        now=NOW,
    )
    assert verdict is Verdict.MISSING
