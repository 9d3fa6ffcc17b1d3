"""The model path against a real language model on a real server: shapes, never wording.

The model is far too small to be a broker; that makes it a good witness that nothing depends on that.
`scripts/small-model install` puts it there.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from nextnest.broker.broker import Broker
from nextnest.broker.budget import Limits
from nextnest.broker.checks import check
from nextnest.broker.model import ModelBroker, open_model
from nextnest.broker.ports import ModelFailed
from nextnest.domain.reply import EvidenceKind, Reply
from tests.unit.broker.briefs import brief

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(
    not (ROOT / ".cache" / "small-model" / "bin" / "python").exists(), reason="scripts/small-model install"
)
# 200 tokens take about three seconds on an idle core.
LIMITS = Limits(turn_seconds=30, turn_output_tokens=200, turn_requests=3)

# A model of this size may lose the thread, and a busy machine may be slow; nothing else may happen.
EXPECTED = {"malformed", "turn_limit", "timeout"}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    script = ROOT / "scripts" / "small-model"
    with subprocess.Popen([script, "serve"], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.terminate()


async def test_a_real_model_gives_replies_or_named_failures(address: str) -> None:
    """Its words are drawn by chance, and every second answer runs on past the limit: it is asked until
    there was a reply to each line, twenty times at most.
    """
    async with open_model("smollm2", base_url=address, limits=LIMITS) as model:
        for said in ("How much can I borrow?", "我可以借多少?", "my car loan is 900 a month"):
            for _ in range(20):
                if await _replies(model, said):
                    break
            else:
                pytest.fail(f"twenty times no reply to {said!r}")


async def _replies(model: ModelBroker, said: str) -> bool:
    turn = model.start(brief(said))
    reason = None
    try:
        reply = await turn.answer()
    except ModelFailed as failed:
        reason = failed.reason
        assert reason in EXPECTED
    else:
        _has_the_shape_of_a_reply(reply, said)
    assert turn.use.model == "smollm2" or turn.use.model.endswith(".gguf")
    assert turn.use.input_tokens > 0 or reason == "timeout"
    return reason is None


def _has_the_shape_of_a_reply(reply: Reply, said: str) -> None:
    assert 0 < len(reply.text) <= 2_000
    assert reply.author == "model"
    assert reply.model_use is not None
    assert reply.model_use.output_tokens > 0
    assert {evidence.kind for evidence in reply.evidence} <= set(EvidenceKind)
    assert all(fact.quote in said for fact in reply.facts)


async def test_whatever_it_says_the_customer_gets_a_proven_answer(address: str) -> None:
    asked = brief("Monthly for a loan of 800k at 3% over 25 years?")
    async with open_model("smollm2", base_url=address, limits=LIMITS) as model:
        reply = await Broker(model).compose(asked)
    assert reply.text
    assert reply.handoff is None or reply.author == "model"  # its wish for a person is its to have
    assert check(reply, [message.text for message in asked.inputs], today=asked.today).findings == ()
    assert reply.model_use is not None


async def test_its_time_is_limited(address: str) -> None:
    limits = Limits(turn_seconds=0.05, turn_output_tokens=120)
    async with open_model("smollm2", base_url=address, limits=limits) as model:
        with pytest.raises(ModelFailed, match="timeout"):
            await model.start(brief("hi")).answer()
