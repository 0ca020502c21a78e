"""The gateway to a model: calls side by side, a model that is away is left alone."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from openai.types.chat import ChatCompletionContentPartParam
from pydantic import TypeAdapter

from sidecar.errors import (
    DeadlineExceeded,
    SidecarError,
    TooManyRequests,
    Unavailable,
    UpstreamError,
)
from sidecar.llm.gateway import Budget, LlmGateway
from sidecar.settings import Settings
from tests.doubles.openai_api import OpenAIDouble

SETTINGS = Settings(_env_file=None)
HELLO = [{"role": "user", "content": "oi"}]


@pytest.fixture
def llm() -> Iterator[OpenAIDouble]:
    with OpenAIDouble() as double:
        yield double


def ask(gateway: LlmGateway) -> str:
    return gateway.complete(HELLO, Budget.for_run(SETTINGS)).content


def test_calls_run_side_by_side(llm: OpenAIDouble) -> None:
    together = threading.Barrier(4, timeout=30)

    def brain(_body: dict[str, Any]) -> str:
        together.wait()  # nobody is answered before all four have asked
        return "olá"

    llm.brain = brain
    gateway = LlmGateway(llm.url, llm.key, "gpt-4o-mini", 30, 50)
    with ThreadPoolExecutor(4) as pool:
        assert [*pool.map(lambda _n: ask(gateway), range(4))] == ["olá"] * 4


def test_a_model_that_is_away_is_left_alone_and_found_again(llm: OpenAIDouble) -> None:
    gateway = LlmGateway(llm.url, llm.key, "gpt-4o-mini", 5, 50)
    gateway._breaker.pause = 0.2
    llm.fail(500, count=5)
    for _ in range(5):
        with pytest.raises(Unavailable, match="cannot be reached"):
            ask(gateway)
    with pytest.raises(Unavailable, match="left alone"):
        ask(gateway)
    assert len(llm.requests) == 5
    threading.Event().wait(0.25)
    assert ask(gateway) == "oi"
    assert ask(gateway) == "oi"


def test_silence_counts_as_being_away(llm: OpenAIDouble) -> None:
    gateway = LlmGateway(llm.url, llm.key, "gpt-4o-mini", 0.1, 50)
    llm.delay = 0.5
    for _ in range(5):
        with pytest.raises(DeadlineExceeded):
            ask(gateway)
    with pytest.raises(Unavailable, match="left alone"):
        ask(gateway)


@pytest.mark.parametrize(("status", "error"), [(429, TooManyRequests), (401, SidecarError)])
def test_a_refusal_is_an_answer(llm: OpenAIDouble, status: int, error: type) -> None:
    gateway = LlmGateway(llm.url, llm.key, "gpt-4o-mini", 5, 50)
    llm.fail(status, count=8)
    for _ in range(8):
        with pytest.raises(error):
            ask(gateway)
    assert ask(gateway) == "oi"


def test_an_answer_may_be_as_long_as_the_caller_says(llm: OpenAIDouble) -> None:
    gateway = LlmGateway(llm.url, llm.key, "gpt-4o-mini", 5, 50)
    gateway.complete(HELLO, Budget.for_run(SETTINGS), max_tokens=900)
    ask(gateway)
    assert [r["body"]["max_tokens"] for r in llm.requests] == [900, 50]


PNG = "data:image/png;base64,iVBORw0KGgo="


def with_parts(*parts: Any, role: str = "user") -> list[dict[str, Any]]:
    return [{"role": role, "content": [*parts], "cache_breakpoint": True}]


def test_parts_of_a_message_reach_the_model_as_openai_defines_them(llm: OpenAIDouble) -> None:
    gateway = LlmGateway(llm.url, llm.key, "gpt-4o-mini", 5, 50)
    text = {"type": "text", "text": "o que é?"}
    parts = [text, {"type": "image_url", "image_url": {"url": PNG, "detail": "low"}}]
    for part in parts:
        TypeAdapter(ChatCompletionContentPartParam).validate_python(part)
    words, picture = Budget.for_run(SETTINGS), Budget.for_run(SETTINGS)
    assert gateway.complete(with_parts(*parts), picture).content == "o que é?"
    assert llm.requests[0]["body"]["messages"] == [{"role": "user", "content": parts}]
    gateway.complete(with_parts(text), words)
    assert picture.input_tokens == words.input_tokens + 85


@pytest.mark.parametrize(
    ("part", "role"),
    [
        ({"type": "image_url", "image_url": {"url": "https://shop.example/a.png"}}, "user"),
        ({"type": "image_url", "image_url": {"url": "data:image/svg+xml;base64,AAAA"}}, "user"),
        ({"type": "image_url", "image_url": {"url": "data:image/png;base64,A"}}, "user"),
        ({"type": "image_url", "image_url": {"url": PNG, "detail": "tiny"}}, "user"),
        ({"type": "image_url", "image_url": {"url": PNG, "mimetype": "image/png"}}, "user"),
        ({"type": "image_url", "image_url": PNG}, "user"),
        ({"type": "image_url", "image_url": {"url": PNG}}, "system"),
        ({"type": "text", "text": "oi", "cache": True}, "user"),
        ({"type": "image", "source": PNG}, "user"),
    ],
)
def test_parts_of_another_shape_are_refused(llm: OpenAIDouble, part: Any, role: str) -> None:
    gateway = LlmGateway(llm.url, llm.key, "gpt-4o-mini", 5, 50)
    with pytest.raises(UpstreamError):
        gateway.complete(with_parts(part, role=role), Budget.for_run(SETTINGS))
