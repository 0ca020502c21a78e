"""What Chatwoot will not take, what is gone, and what is told of it."""

import json

from sidecar.chatwoot.client import ChatwootClient
from sidecar.errors import NotFound, Unprocessable
from sidecar.store import keys
from sidecar.web.state import WebState
from tests.integration.conftest import Shop, Worker


def alerts(web: WebState) -> list[str]:
    kept = web.store.lrange(keys.alerts("account_1"), 0, -1)
    return [json.loads(alert)["reason"] for alert in kept]


def test_a_post_that_is_never_taken_ends_with_an_alert(
    shop: Shop, worker: Worker, web: WebState, monkeypatch
) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise Unprocessable("no", reason="invalid")

    conversation = shop.start("tem sofá?")
    monkeypatch.setattr(ChatwootClient, "post_message", refuse)
    worker.drain(conversation)
    assert alerts(web)[0] == "post_refused"
    (row,) = worker.desk.traces.take("account_1")[1]
    assert (row["outcome"], row["reason"]) == ("failed", "invalid")
    monkeypatch.undo()
    shop.say(conversation, "alô?")
    worker.drain(conversation)
    assert len(shop.answers(conversation)) == 1


def test_a_conversation_that_is_gone_is_told_to_the_operator_once(
    shop: Shop, worker: Worker, web: WebState, monkeypatch
) -> None:
    def gone(*_args: object) -> None:
        raise NotFound

    conversation = shop.start("tem sofá?")
    monkeypatch.setattr(ChatwootClient, "conversation", gone)
    worker.drain(conversation)
    assert alerts(web) == ["conversation_gone"]
    assert worker.desk.traces.take("account_1")[1][0]["reason"] == "conversation_gone"


def test_without_a_reading_token_a_lost_answer_is_alerted_and_not_repeated(
    shop: Shop, worker: Worker, web: WebState
) -> None:
    shop.reconfigure(web, channel={"reading_token_ref": None})
    conversation = shop.start("tem sofá?")
    shop.fail(posts={"count": 1, "mode": "store_then_error"})
    worker.drain(conversation)
    assert len(shop.answers(conversation)) == 1
    assert alerts(web) == ["post_unconfirmed"]
