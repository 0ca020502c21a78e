"""The two minds of an agent, as CrewAI models: the gateway's, and the extractive writer's."""

from collections.abc import Callable
from typing import Any

import structlog
from pydantic import PrivateAttr

from sidecar.crews.quiet import BaseLLM
from sidecar.errors import SidecarError, TooManyRequests, Unavailable, UpstreamError
from sidecar.llm.gateway import Budget, LlmGateway
from sidecar.llm.prices import cost_of
from sidecar.observability.tracing import Trace
from sidecar.settings import Settings

log = structlog.get_logger(__name__)

_CONTEXT_WINDOW = 128_000
_WORTH_A_RETRY = (Unavailable, TooManyRequests, UpstreamError)


class GatewayLLM(BaseLLM):
    """A model behind our gateway: its deadline, its breaker, its metering. One per crew run.

    A call that fails is tried again once, then by the second model, where there is one.
    """

    _gateway: LlmGateway = PrivateAttr()
    _budget: Budget = PrivateAttr()
    _response_format: dict[str, Any] | None = PrivateAttr(default=None)
    _second: LlmGateway | None = PrivateAttr(default=None)
    _schemas: list[dict[str, Any]] | None = PrivateAttr(default=None)
    _trace: Trace | None = PrivateAttr(default=None)
    _settings: Settings | None = PrivateAttr(default=None)

    @classmethod
    def of(
        cls, gateway: LlmGateway, budget: Budget, response_format: dict[str, Any] | None = None
    ) -> "GatewayLLM":
        """A model for one run that spends `budget`."""
        llm = cls(model=gateway.model)
        llm._gateway, llm._budget, llm._response_format = gateway, budget, response_format
        return llm

    @classmethod
    def traced(
        cls,
        gateway: LlmGateway,
        budget: Budget,
        trace: Trace,
        settings: Settings,
        schemas: list[dict[str, Any]] | None = None,
    ) -> "GatewayLLM":
        """As `of`, with a second try and a second model; each call is a step of `trace`.

        schemas: of the tools, in place of those CrewAI makes: shorter, and without its own rules.
        """
        llm = cls.of(gateway, budget)
        llm._trace, llm._settings, llm._schemas = trace, settings, schemas
        llm._second = gateway.second
        return llm

    def call(self, messages: Any, tools: Any = None, *_args: Any, **_more: Any) -> Any:
        """Text, or the tool calls the model asks for. Raises sidecar errors."""
        if isinstance(messages, str):
            messages = [{"role": "user", "content": messages}]
        message = self._asked(messages, (self._schemas or tools) if tools else None)
        return list(message.tool_calls) if message.tool_calls else (message.content or "")

    def supports_function_calling(self) -> bool:
        return True

    def get_context_window_size(self) -> int:
        return _CONTEXT_WINDOW

    def _asked(self, messages: list[dict[str, Any]], tools: Any) -> Any:
        if self._trace is None:
            return self._complete(self._gateway, messages, tools)
        try:
            return self._complete(self._gateway, messages, tools)
        except _WORTH_A_RETRY as error:
            log.info("llm.retried", code=error.code)
        except SidecarError as error:
            return self._by_second(messages, tools, error)
        try:
            return self._complete(self._gateway, messages, tools)
        except SidecarError as error:
            return self._by_second(messages, tools, error)

    def _by_second(self, messages: list[dict[str, Any]], tools: Any, error: SidecarError) -> Any:
        """The second model's answer; `error` where there is none."""
        if self._second is None:
            raise error
        return self._complete(self._second, messages, tools)

    def _complete(self, gateway: LlmGateway, messages: list[dict[str, Any]], tools: Any) -> Any:
        if self._trace is None or self._settings is None:
            return gateway.complete(messages, self._budget, tools, self._response_format)
        before = (self._budget.input_tokens, self._budget.output_tokens)
        with self._trace.timed("llm", gateway.model) as step:
            message = gateway.complete(messages, self._budget, tools, self._response_format)
            spent_in = self._budget.input_tokens - before[0]
            spent_out = self._budget.output_tokens - before[1]
            cost = cost_of(self._settings, gateway.model, spent_in, spent_out).amount
            self._trace.spent(gateway.model, spent_in, spent_out, cost)
            step.told = f"{spent_in} + {spent_out} tokens"
        return message


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
