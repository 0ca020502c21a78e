"""A burst of thousands of messages, and of edits, costs bounded memory and is answered once."""

import json

import pytest

from sidecar.chatwoot.payloads import parse_event
from sidecar.crews.reply import Reply
from sidecar.hub.history import LONGEST
from sidecar.hub.intake import letter_of
from sidecar.hub.mailbox import MOST_WAITING, Letter, Mailbox
from sidecar.store import keys
from tests.doubles.playground import wait_until
from tests.integration.conftest import Shop, Worker
from tests.unit.chatwoot.bodies import message

BURST = 10_000
A, C = "account_1", "7-1"


def letter(number: int, content: str = "") -> Letter:
    return Letter(number, content or f"mensagem {number}", 1000.0 + number, "r", contact_id=5)


def put(box: Mailbox, numbers: range, conversation: str = C) -> None:
    for number in numbers:
        assert box.put(A, conversation, f"{conversation}:{number}", letter(number))


def test_a_burst_keeps_its_beginning_and_its_latest_word(worker: Worker) -> None:
    box = worker.desk.mailbox
    put(box, range(1, BURST + 1))
    kept = box.letters(A, C)
    assert [one.message_id for one in kept] == [*range(1, MOST_WAITING), BURST]
    assert kept[-1].left_out == BURST - MOST_WAITING
    assert not any(one.left_out for one in kept[:-1])
    assert box.store.memory_usage(keys.mailbox(A, C), samples=0) < 100_000


def test_an_edit_in_a_full_mailbox_changes_its_letter_alone(worker: Worker) -> None:
    box = worker.desk.mailbox
    put(box, range(1, MOST_WAITING + 11))
    before = box.letters(A, C)
    assert box.change(A, C, "edit-1", letter(1, "azul"))
    assert box.change(A, C, "edit-last", letter(MOST_WAITING + 10, 'diz ", "left_out": 7}'))
    assert not box.change(A, C, "edit-gone", letter(MOST_WAITING + 3, "x")), "it was left out"
    after = box.letters(A, C)
    assert after[0].content == "azul"
    assert after[-1].content == 'diz ", "left_out": 7}'
    assert after[-1].left_out == 10
    assert after[1:-1] == before[1:-1]
    put(box, range(MOST_WAITING + 11, MOST_WAITING + 12))
    assert box.letters(A, C)[-1].left_out == 11


def test_ids_that_begin_alike_are_different_letters(worker: Worker) -> None:
    box = worker.desk.mailbox
    put(box, range(11, 13))
    assert not box.change(A, C, "edit", letter(1, "azul"))
    assert [one.content for one in box.letters(A, C)] == ["mensagem 11", "mensagem 12"]


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sidecar.hub.mailbox.MOST_WAITING", 3)


def test_the_turn_answers_once_and_tells_how_many_were_left_out(
    few: None, shop: Shop, worker: Worker
) -> None:
    conversation = shop.start()
    box, key = worker.desk.mailbox, f"7-{conversation}"
    for words in ("um", "dois", "três", "quatro", "cinco"):  # webhooks may overtake each other
        shop.say(conversation, words)
        wait_until(lambda w=words: w in [one.content for one in box.letters(A, key)])
    worker.drain(conversation, 3)
    assert worker.hub.asked[0][0] == "um\ndois\ncinco"
    assert len(shop.answers(conversation)) == 1
    _ids, (row,) = worker.desk.traces.take(A)
    (step,) = [one for one in row["steps"] if one["name"] == "mailbox"]
    assert step["told"] == "2 mensagens ficaram de fora, entre as primeiras e a mais recente"


def test_what_comes_while_a_full_mailbox_is_answered_is_not_lost(
    few: None, shop: Shop, worker: Worker
) -> None:
    conversation = shop.start("um", "dois", "três")
    wait_until(lambda: worker.desk.mailbox.count(A, f"7-{conversation}") == 3)
    real = worker.desk.poster.carry_out

    def late(case, turn, trace, begun=None):
        worker.desk.poster.carry_out = real
        one = worker.desk.mailbox.letters(A, case.conversation)[-1]
        newer = Letter(one.message_id + 50, "e agora?", one.received_at, "r", inbox_id=one.inbox_id)
        assert worker.desk.mailbox.put(A, case.conversation, "late", newer)
        return real(case, turn, trace, begun)

    worker.desk.poster.carry_out = late
    worker.hub.reply = lambda asked: Reply(f"sobre: {asked}", "llm")
    worker.drain(conversation, 3)
    assert shop.answers(conversation) == ["sobre: um\ndois\ntrês", "sobre: e agora?"]


def test_a_book_is_kept_as_its_beginning_and_end() -> None:
    told = message(content="a" * 9000 + "o fim")
    kept = letter_of(parse_event(json.dumps(told).encode()), "r")
    assert len(kept.content) <= LONGEST
    assert kept.content.endswith("o fim")
