"""How a conversation begins and ends, how long answers are told, and what is remembered."""

import time
from typing import Any

import pytest

from sidecar.crews.reply import Reply
from sidecar.errors import Unavailable
from sidecar.hub.turn import Customer
from sidecar.store import keys
from sidecar.web.state import WebState
from tests.doubles.playground import wait_until
from tests.integration.conftest import Shop, Worker

TEXTS = {
    "greeting": "Olá! Bem-vindo à Casa Teste.",
    "farewell": "Obrigado pela visita!",
    "rating_request": "De 1 a 5, como foi o atendimento?",
}


def talk(worker: Worker, conversation: int) -> dict[str, str]:
    return worker.hub.services.store.hgetall(keys.talk("account_1", f"7-{conversation}"))


def rows(worker: Worker) -> list[dict[str, Any]]:
    return worker.desk.traces.take("account_1")[1]


def test_the_companys_greeting_comes_once_and_without_a_second_hello(
    shop: Shop, worker: Worker
) -> None:
    worker.hub.profile = {"texts": TEXTS}
    worker.hub.reply = lambda _q: Reply("Olá, tudo bem? Temos sofás azuis.", "llm")
    conversation = shop.start("tem sofá azul?")
    worker.drain(conversation)
    shop.say(conversation, "e verde?")
    worker.drain(conversation)
    first, second = shop.answers(conversation)
    assert first == "Olá! Bem-vindo à Casa Teste.\n\nTemos sofás azuis."
    assert second == "Olá, tudo bem? Temos sofás azuis."


def test_a_goodbye_is_answered_rated_and_resolved_without_a_crew(
    shop: Shop, worker: Worker, web: WebState
) -> None:
    worker.hub.profile = {"texts": TEXTS}
    conversation = shop.start("tem sofá?")
    worker.drain(conversation)
    shop.say(conversation, "era só isso, muito obrigada!")
    worker.drain(conversation)
    assert shop.answers(conversation)[-1] == (
        "Obrigado pela visita!\n\nDe 1 a 5, como foi o atendimento?"
    )
    assert len(worker.hub.asked) == 1
    assert shop.read(conversation)["status"] == "resolved"
    wait_until(lambda: not talk(worker, conversation))  # closed: the next time begins anew
    shop.reconfigure(web, conversation={"closing": {"resolve": False, "ask_rating": False}})
    shop.say(conversation, "tchau")
    worker.drain(conversation)
    assert shop.answers(conversation)[-1] == "Obrigado pela visita!"
    assert shop.read(conversation)["status"] == "pending"


def test_words_that_cross_our_goodbye_are_answered(shop: Shop, worker: Worker) -> None:
    conversation = shop.start("tem sofá?")
    worker.drain(conversation)
    shop.say(conversation, "tchau!")
    tick = worker.desk.ledger.tick

    def cross(case: Any, name: str) -> None:
        tick(case, name)
        if name == "1":  # the goodbye is out, the conversation is not resolved yet
            shop.say(conversation, "ah, e poltrona?")
            key = keys.mailbox("account_1", f"7-{conversation}")
            wait_until(lambda: worker.hub.services.store.llen(key) == 2)

    worker.desk.ledger.tick = cross
    worker.work_until(lambda: len(shop.answers(conversation)) == 2)
    worker.desk.ledger.tick = tick
    worker.work_until(lambda: worker.queue.pending() == 0)
    assert len(shop.answers(conversation)) == 3
    assert shop.read(conversation)["status"] == "pending"


def test_a_long_answer_is_a_few_messages_each_posted_once_after_a_crash(
    shop: Shop, worker: Worker, web: WebState
) -> None:
    class Killed(BaseException):
        pass

    paragraphs = [letter * 800 for letter in "abc"]
    worker.hub.reply = lambda _q: Reply("\n\n".join(paragraphs), "llm")
    conversation = shop.start("conte tudo")
    tick = worker.desk.ledger.tick

    def die(case: Any, name: str) -> None:
        if name == "2":
            raise Killed  # the second message is out, and nobody wrote that down
        tick(case, name)

    worker.desk.ledger.tick = die
    with pytest.raises(Killed):
        worker.drain(conversation)
    assert shop.answers(conversation) == paragraphs[:2]
    worker.desk.ledger.tick = tick
    worker.work_until(lambda: worker.queue.pending() == 0)
    assert shop.answers(conversation) == paragraphs
    marks = [m["content_attributes"] for m in shop.read(conversation)["messages"]][1:]
    assert [mark["chatwootai_turn"].rpartition("-")[2] for mark in marks] == ["1", "2", "3"]
    (row,) = rows(worker)
    assert row["outcome"] == "answered"
    assert [s["name"] for s in row["steps"] if s["kind"] == "post"] == ["2", "3"]
    shop.reconfigure(web, conversation={"several_messages": False})
    shop.say(conversation, "de novo")
    worker.drain(conversation)
    assert len(shop.answers(conversation)) == 4


def test_a_message_is_never_longer_than_the_channel_takes(shop: Shop, worker: Worker) -> None:
    worker.hub.reply = lambda _q: Reply("palavra " * 1200, "llm")
    conversation = shop.start("conte tudo")
    worker.drain(conversation)
    answers = shop.answers(conversation)
    assert len(answers) == 3
    assert max(map(len, answers)) <= 4096


# -- what is known of the customer and of before ----------------------------------------------


def test_the_crew_is_told_who_asks_by_what_the_channel_proves(shop: Shop, worker: Worker) -> None:
    conversation = shop.start("oi", identifier="bia@example.com")
    worker.drain(conversation)
    (customer,) = worker.hub.customers
    assert customer == Customer(
        name="Bia",
        contact_id=customer.contact_id,
        phone="+5511900000001",
        email="bia@example.com",
        channel_id=7,
        channel_name="Whatsapp",
        conversation=f"7-{conversation}",
        turn=customer.turn,
        said_at=customer.said_at,
    )
    assert len(customer.turn) == 24
    assert 0 <= time.time() - customer.said_at < 60


def test_history_is_read_from_chatwoot_when_redis_lost_it(
    shop: Shop, worker: Worker, web: WebState
) -> None:
    conversation = shop.start("tem sofá?")
    worker.drain(conversation)
    shop.say(conversation, "nota interna", **{"as": "agent", "private": True})
    store = web.store
    store.delete(keys.history("account_1", f"7-{conversation}"))
    store.hset(keys.talk("account_1", f"7-{conversation}"), "refresh", "1")
    shop.say(conversation, "e azul?")
    worker.drain(conversation)
    _question, history = worker.hub.asked[-1]
    assert [one["role"] for one in history] == ["user", "assistant"]
    assert history[0]["content"] == "tem sofá?"
    assert talk(worker, conversation)["refresh"] == "0"


def test_without_a_reading_token_it_answers_with_what_it_knows(
    shop: Shop, worker: Worker, web: WebState
) -> None:
    shop.reconfigure(web, channel={"reading_token_ref": None})
    conversation = shop.start("tem sofá?")
    worker.drain(conversation)
    web.store.hset(keys.talk("account_1", f"7-{conversation}"), "refresh", "1")
    shop.say(conversation, "e azul?")
    worker.drain(conversation)
    assert [one["role"] for one in worker.hub.asked[-1][1]] == ["user", "assistant"]


def test_a_model_that_is_down_costs_no_answer_its_summary(shop: Shop, worker: Worker) -> None:
    class Down:
        model = "m"

        def complete(self, *_args: Any) -> Any:
            raise Unavailable

    worker.hub.services.gateway = Down()
    conversation = shop.start("x " * 4000)
    worker.drain(conversation)
    for number in range(4):
        shop.say(conversation, f"{number} " + "y " * 4000)
        worker.drain(conversation)
    assert worker.queue.pending() == 0
    assert len(worker.hub.asked) == 5


def test_of_a_book_beginning_and_end_are_read_now_and_later(shop: Shop, worker: Worker) -> None:
    worker.hub.reply = lambda _q: Reply("Temos.", "llm")
    conversation = shop.start("tem sofá? " + "x" * 60_000 + " e mesa?")
    worker.drain(conversation)
    ((question, _),) = worker.hub.asked
    kept = worker.desk.composer.history.kept("account_1", f"7-{conversation}")
    for told in (question, kept[0]["content"]):
        assert len(told) <= 8000
        assert told.startswith("tem sofá?")
        assert told.endswith("e mesa?")
