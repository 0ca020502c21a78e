"""A customer's message is answered once, whatever happens on the way."""

import re
import time
from pathlib import Path

import pytest

from sidecar.crews.reply import Reply
from sidecar.errors import Unavailable
from sidecar.store import keys
from tests.integration.conftest import Shop, Worker

# values and parts of steps in the contract's row, beside its keys
_VALUES = {"answered", "handed_off", "draft", "silent", "failed", "llm", "extractive"} | {
    *("kind", "name", "ms", "ok", "told"),
    *("route", "prefetch", "tool", "check", "post", "handoff"),
}


def waiting(worker: Worker) -> int:
    return worker.queue.pending()


def answered(shop: Shop, conversation: int, count: int = 1) -> bool:
    return len(shop.answers(conversation)) >= count


def settle(worker: Worker, seconds: float = 0.5) -> None:
    """Give late deliveries the chance to cause a second answer."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        worker.work_once()
        time.sleep(0.02)


def test_a_message_is_answered_in_its_conversation(shop: Shop, worker: Worker) -> None:
    conversation = shop.start("tem sofá?")
    worker.work_until(lambda: answered(shop, conversation))
    settle(worker)
    (answer,) = shop.answers(conversation)
    assert "tem sofá?" in answer
    assert waiting(worker) == 0


def test_a_burst_is_one_turn(shop: Shop, worker: Worker) -> None:
    conversation = shop.start("oi", "tudo bem?", "tem sofá", "de 3 lugares?")
    deadline = time.monotonic() + 5
    key = keys.mailbox("account_1", f"7-{conversation}")
    while worker.hub.services.store.llen(key) < 4:
        assert time.monotonic() < deadline
        time.sleep(0.02)
    worker.work_until(lambda: answered(shop, conversation))
    settle(worker)
    assert len(shop.answers(conversation)) == 1
    assert worker.hub.asked[0][0] == "oi\ntudo bem?\ntem sofá\nde 3 lugares?"


def test_history_reaches_the_next_turn(shop: Shop, worker: Worker) -> None:
    conversation = shop.start("tem sofá?")
    worker.work_until(lambda: answered(shop, conversation))
    shop.say(conversation, "e em azul?")
    worker.work_until(lambda: answered(shop, conversation, 2))
    question, history = worker.hub.asked[-1]
    assert question == "e em azul?"
    assert [m["role"] for m in history] == ["user", "assistant"]


def test_what_is_told_of_a_turn_is_what_the_contract_says(shop: Shop, worker: Worker) -> None:
    conversation = shop.start("tem sofá?")
    worker.drain(conversation)
    (row,) = worker.desk.traces.take("account_1")[1]
    page = (Path(__file__).parents[2] / "docs/conversations.md").read_text()
    told = page.partition("at most 100 rows:")[2].partition("Reasons:")[0]
    named = re.findall(r'"(\w+)"(?=[,:}\s])', told.replace('"kind", "id", "title"', ""))
    wanted = [name for name in named if name not in _VALUES]
    assert set(row) == set(wanted)
    assert row["conversation"] == conversation
    assert row["question"] == "tem sofá?"
    assert [step["kind"] for step in row["steps"]] == ["route", "post"]


def test_repeated_webhooks_are_one_message(shop: Shop, worker: Worker) -> None:
    shop.fail(duplicates=3)
    conversation = shop.start("tem sofá?")
    worker.work_until(lambda: answered(shop, conversation))
    settle(worker, 1.0)
    assert len(shop.answers(conversation)) == 1


@pytest.mark.parametrize("mode", ["store_then_error", "store_then_drop", "store_then_hang"])
def test_a_lost_answer_is_looked_up_and_not_posted_twice(
    shop: Shop, worker: Worker, mode: str
) -> None:
    shop.fail(posts={"count": 1, "mode": mode, "seconds": 4})
    conversation = shop.start("tem sofá?")
    worker.work_until(lambda: waiting(worker) == 0 and answered(shop, conversation))
    settle(worker)
    assert len(shop.answers(conversation)) == 1


def test_a_refused_post_is_tried_again(shop: Shop, worker: Worker) -> None:
    shop.fail(posts={"count": 2, "mode": "refuse", "status": 429})
    conversation = shop.start("tem sofá?")
    worker.work_until(lambda: answered(shop, conversation))
    settle(worker)
    assert len(shop.answers(conversation)) == 1


def test_a_crash_right_before_or_after_posting_answers_once(shop: Shop, worker: Worker) -> None:
    class Killed(BaseException):
        pass

    real = worker.desk._finish

    def die(*_args: object) -> None:
        raise Killed

    conversation = shop.start("tem sofá?")
    worker.desk._finish = die  # posted, and then the process is gone
    with pytest.raises(Killed):
        worker.work_until(lambda: False)
    worker.desk._finish = real
    worker.work_until(lambda: waiting(worker) == 0)
    assert len(shop.answers(conversation)) == 1
    real_post = worker.desk.poster.carry_out
    shop.say(conversation, "e poltrona?")
    worker.desk.poster.carry_out = die  # the ledger is written, nothing is posted
    with pytest.raises(Killed):
        worker.work_until(lambda: False)
    worker.desk.poster.carry_out = real_post
    worker.work_until(lambda: answered(shop, conversation, 2))
    settle(worker)
    assert len(shop.answers(conversation)) == 2


def test_a_human_who_takes_over_silences_the_bot(shop: Shop, worker: Worker) -> None:
    conversation = shop.start("tem sofá?")
    shop.act(conversation, "take_over")
    key = keys.silence("account_1", f"7-{conversation}")
    worker.work_until(lambda: worker.hub.services.store.hexists(key, "at"))
    settle(worker)
    assert shop.answers(conversation) == []
    assert waiting(worker) == 0


def test_a_crew_that_keeps_failing_hands_off_with_an_alert(shop: Shop, worker: Worker) -> None:
    def fail(_question: str) -> Reply:
        raise Unavailable("Odoo cannot be reached.")

    worker.hub.reply = fail
    conversation = shop.start("tem sofá?")
    worker.work_until(lambda: shop.read(conversation)["status"] == "open")
    settle(worker)
    (answer,) = shop.answers(conversation)
    assert "pessoa da nossa equipe" in answer
    assert worker.hub.services.store.llen(keys.alerts("account_1")) == 1


def test_asking_for_a_person_opens_the_conversation(shop: Shop, worker: Worker) -> None:
    worker.hub.reply = lambda _q: Reply("Um momento.", "extractive", handoff="o cliente pediu")
    conversation = shop.start("quero falar com um atendente")
    worker.work_until(lambda: waiting(worker) == 0 and answered(shop, conversation))
    assert shop.read(conversation)["status"] == "open"


def test_the_door_refuses_what_is_not_signed(shop: Shop, worker: Worker, web) -> None:
    url = f"{web.settings.url_of_web()}/webhook/chatwoot/"
    body = b'{"event": "message_created"}'
    from tests.documents import TOKEN

    assert shop.session.post(url + TOKEN, data=body, timeout=5).status_code == 401
    assert shop.session.post(url + "x" * 43, data=body, timeout=5).status_code == 401
