"""What Chatwoot will not take, what is gone, and what is told of it."""

import json
import time
from dataclasses import replace

from sidecar.chatwoot.client import ChatwootClient
from sidecar.crews.reply import Reply
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


def test_a_closed_window_is_a_person_s_and_the_note_says_so(shop: Shop, worker: Worker) -> None:
    conversation = shop.start("tem sofá?")

    def late(_question: str) -> Reply:
        shop.act(conversation, "close_window")
        return Reply("Temos sim.", "llm")

    worker.hub.reply = late
    worker.drain(conversation)
    assert shop.answers(conversation) == []
    assert shop.read(conversation)["status"] == "open"
    (note,) = shop.notes(conversation)
    assert "só deixa uma pessoa escrever" in note
    assert "tem sofá?" in note
    (row,) = worker.desk.traces.take("account_1")[1]
    assert (row["outcome"], row["reason"], row["answer"]) == ("handed_off", "cannot_reply", "")


def test_a_crew_that_says_nothing_is_asked_again_and_then_a_person(
    shop: Shop, worker: Worker
) -> None:
    worker.hub.reply = lambda _q: Reply(" ", "llm")
    conversation = shop.start("tem sofá?")
    worker.drain(conversation)
    assert len(worker.hub.asked) == worker.settings.turn_attempts
    (answer,) = shop.answers(conversation)
    assert "pessoa da nossa equipe" in answer


def test_a_voice_waits_a_moment_for_its_transcript(shop: Shop, worker: Worker) -> None:
    worker.desk.settings = worker.settings.model_copy(update={"transcript_wait": 600.0})
    conversation = shop.start()
    shop.post(
        f"/playground/api/conversations/1/{conversation}/messages",
        attachments=[{"file_type": "audio", "data_url": "http://127.0.0.1:1/a"}],
    )
    key = f"account_1|7-{conversation}"
    worker.work_until(lambda: (worker.queue.due_at(key) or 0) > time.time() + 500)
    assert worker.hub.asked == []
    (letter,) = worker.desk.mailbox.letters("account_1", f"7-{conversation}")
    spoken = replace(letter.attachments[0], transcript="tem sofá?")
    told = replace(letter, content="tem sofá?", attachments=(spoken,))
    assert worker.desk.mailbox.change("account_1", f"7-{conversation}", "transcribed", told)
    worker.queue.mark(key)
    worker.work_until(lambda: worker.queue.pending() == 0)
    assert worker.hub.asked[0][0] == "tem sofá?"
