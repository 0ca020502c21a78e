"""The checker that holds our calls against Chatwoot's document finds what is wrong."""

import os
from pathlib import Path

import pytest

from tests.doubles.openapi import OpenApi
from tests.integration.conftest import Shop, Worker

ROOT = "http://chat.example/api/v1/accounts/1"


@pytest.fixture(scope="module")
def document() -> OpenApi:
    folder = Path(os.environ["CHATWOOTAI_SHARED"])
    return OpenApi(folder / "contracts" / "chatwoot" / "openapi.json")


def test_a_good_call_has_no_problem(document: OpenApi) -> None:
    url = f"{ROOT}/conversations/5/toggle_status"
    assert document.check("POST", url, {"status": "open"}, None, 200, None) == []
    assert document.check("GET", f"{ROOT}/conversations", None, {"page": 1}, 200, None) == []


@pytest.mark.parametrize(
    ("method", "path", "body", "params"),
    [
        ("POST", "/conversations/5/toggle_statuses", {"status": "open"}, None),
        ("DELETE", "/conversations/5", None, None),
        ("POST", "/conversations/5/toggle_status", {"status": "closed"}, None),
        ("POST", "/conversations/5/toggle_status", {}, None),
        ("POST", "/conversations/5/messages", {"content": "a", "text": "b"}, None),
        ("GET", "/conversations", None, {"state": "open"}),
        ("GET", "/conversations", {"status": "open"}, None),
    ],
)
def test_a_bad_call_is_named(
    document: OpenApi, method: str, path: str, body: dict | None, params: dict | None
) -> None:
    assert document.check(method, ROOT + path, body, params, 200, None)


def test_a_bad_answer_is_named(document: OpenApi) -> None:
    url = f"{ROOT}/conversations/5/labels"
    assert document.check("GET", url, None, None, 200, {"payload": "vip"})


def test_a_whole_turn_is_held_against_it(
    shop: Shop, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    real = OpenApi.check

    def check(self: OpenApi, method: str, url: str, *more: object) -> list[str]:
        seen.append(f"{method} {url.rpartition('/')[2]}")
        return real(self, method, url, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(OpenApi, "check", check)
    conversation = shop.start("oi")
    worker.drain(conversation)
    assert seen == [f"GET {conversation}", "POST messages"]
