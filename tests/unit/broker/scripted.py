"""Models that do what a script says: each entry is what the model does next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic_ai.messages import ModelMessage, ModelRequest, ModelResponse, TextPart, ToolCallPart
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.usage import RequestUsage

Move = Callable[[list[ModelMessage], AgentInfo], ModelResponse] | Exception | dict[str, Any]


class Script:
    """A model that plays its moves in order and keeps what it was shown."""

    def __init__(self, *moves: Move) -> None:
        self.moves = list(moves)
        self.shown: list[list[ModelMessage]] = []
        self.instructions: list[str | None] = []
        self.model = FunctionModel(self._play, model_name="scripted")

    async def _play(self, messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        self.shown.append(list(messages))
        self.instructions.append(info.instructions)
        if not self.moves:
            raise AssertionError("the model was asked more often than its script says")
        move = self.moves.pop(0)
        if isinstance(move, Exception):
            raise move
        if isinstance(move, dict):
            return _answer(move, info)
        return move(messages, info)

    def last_words(self) -> str:
        """The user's part of the last request."""
        request = next(m for m in reversed(self.shown[-1]) if isinstance(m, ModelRequest))
        return "\n".join(str(part.content) for part in request.parts if part.part_kind == "user-prompt")

    def tool_results(self) -> list[Any]:
        parts = (part for message in self.shown[-1] for part in message.parts)
        return [part.content for part in parts if part.part_kind == "tool-return"]


def answer(text: str, **fields: Any) -> dict[str, Any]:
    """A structured answer of the model."""
    return {"text": text, **fields}


def call(tool: str, **inputs: Any) -> Move:
    """A call of one of the tools."""

    def play(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        return ModelResponse(parts=[ToolCallPart(tool, inputs)], usage=_USAGE)

    return play


def prose(text: str) -> Move:
    """An answer that keeps to no shape."""

    def play(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        return ModelResponse(parts=[TextPart(text)], usage=_USAGE)

    return play


_USAGE = RequestUsage(input_tokens=1_000, output_tokens=100)


def _answer(fields: dict[str, Any], info: AgentInfo) -> ModelResponse:
    return ModelResponse(parts=[ToolCallPart(info.output_tools[0].name, fields)], usage=_USAGE)
