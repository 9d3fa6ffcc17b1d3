"""The model-driven broker: one conversation with a language model for each turn, within its limits.

Import this only where a model is set: the model library takes about two seconds to load.
"""

from __future__ import annotations

import asyncio
import os
import time
import warnings
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from decimal import Decimal
from types import TracebackType
from typing import Self

import structlog
from pydantic_ai import Agent, NativeOutput
from pydantic_ai.exceptions import UsageLimitUnavailableWarning, UserError
from pydantic_ai.messages import ModelMessage
from pydantic_ai.models import Model, infer_model
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.output import OutputSpec
from pydantic_ai.providers.openai_compatible import OpenAICompatibleProvider
from pydantic_ai.settings import ModelSettings
from pydantic_ai.toolsets import FunctionToolset
from pydantic_ai.usage import RunUsage, UsageLimits

from nextnest.broker.brief import Brief
from nextnest.broker.budget import Limits
from nextnest.broker.context import document
from nextnest.broker.finding import Finding
from nextnest.broker.leaks import leaks
from nextnest.broker.learned import learned
from nextnest.broker.model_answer import ModelAnswer
from nextnest.broker.model_failure import reason_of, variable_of
from nextnest.broker.ports import ModelFailed
from nextnest.broker.prompts import Prompt, PromptFiles, Prompts
from nextnest.broker.provenance import given
from nextnest.broker.tools import TOOLS, Toolbox
from nextnest.domain.reply import ModelUse, Reply
from nextnest.domain.trace import Level, Record, Step, StepKind, discard

log = structlog.get_logger(__name__)

_MOST_REASONS = 8
_PROBE_SECONDS = 15.0
_PROBE_REQUESTS = 3
_PLACEHOLDER_KEY = "not-needed"  # a local server asks for none, its client library wants one


class ModelBroker:
    """A model and its fallbacks with their prompts and limits. Close it, or use it as a context.

    The answer's shape is asked for as a tool call, which every large provider speaks well, or with
    `enforce_schema` as a JSON schema for the server to keep to, which small local models need.
    """

    def __init__(
        self,
        *models: Model,
        prompts: Prompts | None = None,
        limits: Limits | None = None,
        enforce_schema: bool = False,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.models = models
        self.prompts = prompts or PromptFiles()
        self.limits = limits or Limits()
        self.clock = clock
        self._open = AsyncExitStack()
        output: OutputSpec[ModelAnswer] = NativeOutput(ModelAnswer) if enforce_schema else ModelAnswer
        self.agent = Agent(
            models[0],
            deps_type=Toolbox,
            output_type=output,
            retries={"tools": 2, "output": 1},
            model_settings=ModelSettings(max_tokens=self.limits.turn_output_tokens, max_retries=0),
        )

    @property
    def name(self) -> str:
        return ", ".join(model.model_name for model in self.models)

    async def __aenter__(self) -> Self:
        for model in self.models:
            await self._open.enter_async_context(model)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    async def problem(self) -> str | None:
        """What is wrong with the models, naming the variable to change; None when all of them answer.

        They are asked as in a turn, with a tool and for an answer's shape: servers differ in what they take.
        """
        problems = [await self._problem(model) for model in self.models]
        return "; ".join(filter(None, problems)) or None

    async def _problem(self, model: Model) -> str | None:
        try:
            async with asyncio.timeout(_PROBE_SECONDS):
                await self.agent.run(
                    "Say OK.",
                    model=model,
                    toolsets=[FunctionToolset([_ping])],
                    usage_limits=UsageLimits(request_limit=_PROBE_REQUESTS),
                )
        except Exception as error:
            reason = reason_of(error)
            return f"{variable_of(reason)}: {model.model_name} gives no answer that can be used ({reason})"
        return None

    def start(self, brief: Brief, *, record: Record = discard) -> ModelTurn:
        """A turn's conversation with the model; its time begins now."""
        return ModelTurn(self, brief, record)


class _TurnLimits(UsageLimits):
    """Limits where the use is known: a local model has no price, and some servers count no tokens."""

    def check_tokens(self, usage: RunUsage) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UsageLimitUnavailableWarning)
            super().check_tokens(usage)

    def check_cost(self, usage: RunUsage, *, warn_if_cost_unavailable: bool = True) -> None:  # noqa: ARG002
        super().check_cost(usage, warn_if_cost_unavailable=False)  # "cost_unknown" is noted on the reply


class ModelTurn:
    """Asks the model once, and again with what was wrong, on one account of time and tokens."""

    def __init__(self, broker: ModelBroker, brief: Brief, record: Record) -> None:
        self._broker = broker
        self._brief = brief
        self._record = record
        self._tools = Toolbox(brief, record=record, clock=broker.clock)
        self._usage = RunUsage()
        self._models = broker.models  # without those that have failed in this turn
        self._answered_by = self._models[0].model_name
        self._instructions = ""
        self._history: list[ModelMessage] = []
        self._deadline = time.monotonic() + broker.limits.turn_seconds

    @property
    def use(self) -> ModelUse:
        """What this turn has used so far, whether or not an answer came of it."""
        return ModelUse(
            model=self._answered_by,
            input_tokens=self._usage.input_tokens,
            output_tokens=self._usage.output_tokens,
            cost_usd=self._usage.cost or Decimal(0),
            calls=self._usage.requests,
        )

    def leaks(self, text: str) -> tuple[Finding, ...]:
        """Where a text repeats the instructions of this turn."""
        return leaks(text, self._instructions)

    async def answer(self) -> Reply:
        """The model's reply to the brief, unchecked. Raises ModelFailed."""
        return await self._ask(document(self._brief))

    async def answer_again(self, findings: Sequence[Finding]) -> Reply:
        """The reply written again after a check refused it. Raises ModelFailed."""
        reasons = "\n".join(f"- {finding.why}" for finding in findings[:_MOST_REASONS])
        return await self._ask(
            "Your answer was not sent. Write it again without these faults; "
            f"use the tools for every figure, or leave the figure out.\n{reasons}"
        )

    async def _ask(self, words: str) -> Reply:
        prompt = await self._broker.prompts.prompt(self._brief.persona)
        self._instructions = prompt.text
        while True:
            started = self._broker.clock()
            self._answered_by = self._models[0].model_name
            try:
                answer = await self._run(self._models[0], prompt, words)
            except ModelFailed as failed:
                self._step(prompt, started, None, failed.reason)
                if failed.reason == "turn_limit" or len(self._models) == 1:
                    raise
                self._models = self._models[1:]
            else:
                self._step(prompt, started, answer, None)
                return self._reply(answer)

    async def _run(self, model: Model, prompt: Prompt, words: str) -> ModelAnswer:
        limits = self._broker.limits
        left = max(0.0, self._deadline - time.monotonic())
        try:
            async with asyncio.timeout(left / len(self._models)):  # one that hangs leaves time for the next
                result = await self._broker.agent.run(
                    words,
                    model=model,
                    instructions=prompt.text,
                    message_history=self._history,
                    deps=self._tools,
                    toolsets=[TOOLS],
                    usage=self._usage,
                    usage_limits=_TurnLimits(
                        request_limit=limits.turn_requests,
                        tool_calls_limit=limits.turn_tool_calls,
                        total_tokens_limit=limits.turn_tokens,
                        cost_limit=limits.turn_usd,
                    ),
                )
        except Exception as error:
            reason = reason_of(error)
            # The type alone: messages of errors may hold what the customer wrote.
            log.warning("model_failed", reason=reason, error=type(error).__name__, model=model.model_name)
            raise ModelFailed(reason) from error
        self._history = result.all_messages()
        self._answered_by = _plain_name(result.response.model_name) or self._answered_by
        return result.output

    def _reply(self, answer: ModelAnswer) -> Reply:
        facts, notes = learned(answer.facts_learned, self._brief.lead, self._brief.inputs)
        returned = {evidence.ref for evidence in self._tools.evidence}
        notes += tuple(f"cited_unknown:{ref[:60]}" for ref in answer.evidence_used if ref not in returned)
        if self._usage.cost is None:
            notes += ("cost_unknown",)
        return Reply(
            text=answer.text.strip(),
            intent="model",
            author="model",
            evidence=(*given(self._brief.lead), *self._tools.evidence),
            facts=facts,
            asks_for=answer.next_question,
            handoff=answer.handoff,
            model_use=self.use,
            notes=notes,
        )

    def _step(
        self, prompt: Prompt, started: datetime, answer: ModelAnswer | None, failed: str | None
    ) -> None:
        self._record(
            Step(
                name="model",
                kind=StepKind.MODEL,
                started_at=started,
                ended_at=self._broker.clock(),
                output=answer.model_dump(mode="json") if answer else None,
                level=Level.ERROR if failed else Level.DEFAULT,
                message=failed,
                detail={
                    "model": self._answered_by,
                    "prompt": prompt.name,
                    "prompt_version": prompt.version,
                    "prompt_managed": prompt.managed,
                },
            )
        )


def open_model(
    names: str, *, base_url: str | None = None, prompts: Prompts | None = None, limits: Limits | None = None
) -> ModelBroker:
    """The broker for NEXTNEST_MODEL: one name, or several with commas, each the fallback of those before it.

    With `base_url` every name is a model of that OpenAI-compatible server; its key is OPENAI_API_KEY if set.

    Raises:
        ValueError: a name is not known, or its provider's key or library is missing; fit to be shown.
    """
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    if not wanted:
        raise ValueError("names no model")
    try:
        models = [_served_at(base_url, name) if base_url else infer_model(name) for name in wanted]
    except (UserError, ImportError, ValueError) as error:
        raise ValueError(str(error).splitlines()[0]) from error
    return ModelBroker(*models, prompts=prompts, limits=limits, enforce_schema=base_url is not None)


def _served_at(base_url: str, name: str) -> Model:
    key = os.environ.get("OPENAI_API_KEY") or _PLACEHOLDER_KEY
    provider = OpenAICompatibleProvider("openai-compatible", base_url=base_url, api_key=key)
    return OpenAIChatModel(name.removeprefix("openai:"), provider=provider)


def _plain_name(name: str | None) -> str | None:
    """A local server may call its model by the path of its file, which is nobody's business."""
    return name.rsplit("/", 1)[-1] if name and name.startswith("/") else name


async def _ping() -> str:
    """Nothing that is needed."""
    return "pong"
