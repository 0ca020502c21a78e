"""The one door to the language model: an OpenAI-compatible API behind a deadline and a breaker."""

import threading
import time
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import httpx
import openai

from sidecar.errors import (
    DeadlineExceeded,
    TooManyRequests,
    Unavailable,
    UpstreamError,
    UpstreamRefused,
)
from sidecar.outbound.breaker import FAILURES, PAUSE, Breaker, CircuitOpen
from sidecar.settings import Settings

_MESSAGE_KEYS = frozenset({"role", "content", "name", "tool_calls", "tool_call_id", "refusal"})


class _TooSlow(Unavailable):
    """Counts for the breaker; told as DeadlineExceeded."""


@dataclass(slots=True)
class Budget:
    """What one crew run may spend. Shared by all calls of the run; thread-safe.

    deadline: `time.monotonic()` after which no call is started.
    calls:    LLM calls that are left. tokens: how many the run may spend, None = no limit.
    """

    deadline: float
    calls: int
    tokens: int | None = None
    input_tokens: int = 0
    output_tokens: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @classmethod
    def for_run(cls, settings: Settings) -> "Budget":
        return cls(
            time.monotonic() + settings.turn_timeout,
            settings.turn_max_llm_calls,
            settings.turn_max_tokens,
        )

    def start_call(self) -> float:
        """Book one call; seconds left for it. DeadlineExceeded when time or calls ran out."""
        with self._lock:
            left = self.deadline - time.monotonic()
            spent = self.input_tokens + self.output_tokens
            if left <= 0 or self.calls <= 0 or (self.tokens is not None and spent >= self.tokens):
                raise DeadlineExceeded(
                    "The answer took more time, model calls or tokens than allowed."
                )
            self.calls -= 1
            return left

    def spend(self, input_tokens: int, output_tokens: int) -> None:
        """Add the tokens the API billed for a call."""
        with self._lock:
            self.input_tokens += input_tokens
            self.output_tokens += output_tokens


class LlmGateway:
    """Chat completions of one API and model. Safe to share between threads.

    http: the client to send with, where a tenant chose the address (`outbound.transport`).
    second: the model of the same API that answers where this one fails, or "".
    """

    def __init__(
        self,
        base_url: str,
        api_key: str,
        model: str,
        timeout: float,
        max_tokens: int,
        http: httpx.Client | None = None,
        second: str = "",
        failures: int = FAILURES,
        pause: float = PAUSE,
    ):
        self.model = model
        self.timeout = timeout
        self.max_tokens = max_tokens
        self.second = (
            LlmGateway(
                base_url, api_key, second, timeout, max_tokens, http, failures=failures, pause=pause
            )
            if second and second != model
            else None
        )
        self._client = openai.OpenAI(
            base_url=base_url or None,
            api_key=api_key,
            max_retries=0,
            timeout=timeout,
            http_client=http,
        )
        # it guards without a lock: calls of one model run side by side
        self._breaker = Breaker(failures, pause, "The language model")

    def __repr__(self) -> str:
        return f"<LlmGateway of {self.model}>"

    def complete(
        self,
        messages: list[dict[str, Any]],
        budget: Budget,
        tools: list[dict[str, Any]] | None = None,
        response_format: dict[str, Any] | None = None,
        max_tokens: int | None = None,
    ) -> Any:
        """One chat completion's message (openai's `ChatCompletionMessage`).

        messages: OpenAI's chat format. max_tokens: in place of the gateway's.
        Raises DeadlineExceeded, TooManyRequests (429), UpstreamRefused (401/403),
        Unavailable (no connection, 5xx, open breaker), UpstreamError.
        """
        left = budget.start_call()
        options: dict[str, Any] = {}
        if tools:
            options["tools"] = tools
        if response_format:
            options["response_format"] = response_format
        options["timeout"] = min(left, self.timeout)
        options["max_tokens"] = max_tokens or self.max_tokens
        try:
            answer = self._breaker.call(lambda: self._create(messages, options))
        except _TooSlow as error:
            raise DeadlineExceeded(error.message) from None
        except CircuitOpen:
            raise Unavailable(
                "The language model failed repeatedly and is left alone for a moment."
            ) from None
        if answer.usage:
            budget.spend(answer.usage.prompt_tokens, answer.usage.completion_tokens)
        if not answer.choices:
            raise UpstreamError("The language model answered without a choice.")
        return answer.choices[0].message

    def _create(self, messages: list[dict[str, Any]], options: dict[str, Any]) -> Any:
        try:
            return self._client.chat.completions.create(
                model=self.model,
                messages=[_plain(message) for message in messages],
                temperature=0,
                **options,
            )
        except openai.APITimeoutError as error:
            raise _TooSlow(str(_translated(error))) from None
        except openai.OpenAIError as error:
            raise _translated(error) from None  # some APIs repeat the key in their texts

    def check(self) -> None:
        """Ask for the list of models, to see that address and key are right. Raises as above."""
        try:
            self._client.models.list(timeout=10)
        except openai.OpenAIError as error:
            raise _translated(error) from None


@lru_cache(maxsize=4)
def gateway_from_settings(settings: Settings) -> LlmGateway | None:
    """The process's gateway, or None where no key is set (the extractive writer works then)."""
    key = settings.llm_api_key.get_secret_value()
    if not key:
        return None
    return LlmGateway(
        settings.llm_base_url,
        key,
        settings.chat_model,
        settings.llm_timeout,
        settings.llm_max_output_tokens,
        second=settings.fallback_chat_model,
        failures=settings.breaker_failures,
        pause=settings.breaker_pause,
    )


def _plain(message: dict[str, Any]) -> dict[str, Any]:
    # CrewAI marks messages for its own caches; an API refuses what it does not know
    return {key: value for key, value in message.items() if key in _MESSAGE_KEYS}


def _translated(error: Exception) -> Exception:
    if isinstance(error, openai.APITimeoutError):
        return DeadlineExceeded("The language model did not answer in time.")
    if isinstance(error, openai.AuthenticationError | openai.PermissionDeniedError):
        return UpstreamRefused("The language model's API refused the key; check the LLM settings.")
    if isinstance(error, openai.RateLimitError):
        return TooManyRequests("The language model's API limits our rate or quota.")
    if isinstance(error, openai.APIConnectionError | openai.InternalServerError):
        return Unavailable("The language model's API cannot be reached.")
    return UpstreamError("The language model's API refused the request.")
