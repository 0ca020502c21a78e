"""The two minds of an agent, as CrewAI models: the gateway's, and the extractive writer's."""

from collections.abc import Callable
from typing import Any

from pydantic import PrivateAttr

from sidecar.crews.quiet import BaseLLM
from sidecar.llm.gateway import Budget, LlmGateway

_CONTEXT_WINDOW = 128_000


class GatewayLLM(BaseLLM):
    """A model behind our gateway: its deadline, its breaker, its metering. One per crew run."""

    _gateway: LlmGateway = PrivateAttr()
    _budget: Budget = PrivateAttr()
    _response_format: dict[str, Any] | None = PrivateAttr(default=None)

    @classmethod
    def of(
        cls, gateway: LlmGateway, budget: Budget, response_format: dict[str, Any] | None = None
    ) -> "GatewayLLM":
        """A model for one run that spends `budget`."""
        llm = cls(model=gateway.model)
        llm._gateway, llm._budget, llm._response_format = gateway, budget, response_format
        return llm

    def call(self, messages: Any, tools: Any = None, *_args: Any, **_more: Any) -> Any:
        """Text, or the tool calls the model asks for. Raises sidecar errors."""
        if isinstance(messages, str):
            messages = [{"role": "user", "content": messages}]
        message = self._gateway.complete(messages, self._budget, tools, self._response_format)
        return list(message.tool_calls) if message.tool_calls else (message.content or "")

    def supports_function_calling(self) -> bool:
        return True

    def get_context_window_size(self) -> int:
        return _CONTEXT_WINDOW


class ExtractiveLLM(BaseLLM):
    """The writer without a model: composes the answer from the turn's evidence only."""

    _compose: Callable[[], str] = PrivateAttr()

    @classmethod
    def of(cls, compose: Callable[[], str]) -> "ExtractiveLLM":
        """A model that answers with what `compose` writes."""
        llm = cls(model="extractive")
        llm._compose = compose
        return llm

    def call(self, messages: Any, tools: Any = None, *_args: Any, **_more: Any) -> str:
        """The composed text, whatever is asked."""
        return self._compose()

    def get_context_window_size(self) -> int:
        return _CONTEXT_WINDOW
