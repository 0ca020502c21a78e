"""A person who takes over silences the bot at once; it comes back as the tenant chooses."""

import time

import pytest

from sidecar.chatwoot.takeover import Turnover
from sidecar.crews.reply import Reply
from sidecar.store import keys
from sidecar.web.state import WebState
from tests.doubles.playground import wait_until
from tests.integration.conftest import Shop, Worker


def silence(worker: Worker, conversation: int) -> dict[str, str]:
    return worker.hub.services.store.hgetall(keys.silence("account_1", f"7-{conversation}"))


def silent(worker: Worker, conversation: int) -> str:
    return wait_until(lambda: silence(worker, conversation).get("reason"))


def traced(worker: Worker) -> list[dict]:
    _ids, rows = worker.desk.traces.take("account_1")
    return rows


@pytest.mark.parametrize("who", ["agent", "phone"])
def test_a_person_who_writes_takes_over_without_being_assigned(
    shop: Shop, worker: Worker, who: str
) -> None:
    conversation = shop.start("tem sofá?")
    worker.drain(conversation)
    shop.say(conversation, "Oi Bia, aqui é a Marina.", **{"as": who})
    assert (
        silent(worker, conversation) == {"agent": "human_reply", "phone": "human_from_phone"}[who]
    )
    assert shop.read(conversation)["status"] == "pending"
    shop.say(conversation, "que bom!")
    worker.drain(conversation)
    assert len(shop.answers(conversation)) == 1
    assert len(worker.hub.asked) == 1  # no model was asked for nothing
    # people see what waits for them: a pending conversation is in nobody's list
    assert shop.read(conversation)["status"] == "open"
    assert traced(worker)[-1]["outcome"] == "silent"
    assert traced(worker)[-1]["reason"] == "human_took_over"


def test_a_person_is_noticed_between_the_answer_and_the_post(shop: Shop, worker: Worker) -> None:
    conversation = shop.start("tem sofá?")

    def slow(_question: str) -> Reply:
        shop.say(conversation, "Deixa comigo!", **{"as": "agent"})
        silent(worker, conversation)
        return Reply("temos sim", "extractive")

    worker.hub.reply = slow
    worker.drain(conversation)
    assert shop.answers(conversation) == []


def test_a_person_is_noticed_even_when_the_event_was_lost(shop: Shop, worker: Worker) -> None:
    conversation = shop.start("tem sofá?")

    def slow(_question: str) -> Reply:
        shop.say(conversation, "Deixa comigo!", **{"as": "agent"})
        silent(worker, conversation)
        worker.hub.services.store.delete(keys.silence("account_1", f"7-{conversation}"))
        return Reply("temos sim", "extractive")

    worker.hub.reply = slow
    worker.drain(conversation)
    assert shop.answers(conversation) == []
    assert silence(worker, conversation)["reason"] == "human_reply"


def test_the_second_of_two_messages_is_not_sent_over_a_person(shop: Shop, worker: Worker) -> None:
    long = "\n\n".join(["a" * 600, "b" * 600])
    worker.hub.reply = lambda _q: Reply(long, "llm")
    conversation = shop.start("me conta tudo")
    real = worker.desk.poster.ledger.tick

    def take_over(case, name):
        real(case, name)
        worker.desk.silence.begin("account_1", case.conversation, "human_reply", time.time())

    worker.desk.poster.ledger.tick = take_over
    worker.drain(conversation)
    assert shop.answers(conversation) == ["a" * 600]


def test_a_person_who_came_after_a_crash_is_not_talked_over(shop: Shop, worker: Worker) -> None:
    class Killed(BaseException):
        pass

    def die(*_args: object) -> None:
        raise Killed

    conversation = shop.start("tem sofá?")
    real = worker.desk.poster.carry_out
    worker.desk.poster.carry_out = die  # the ledger is written, nothing is posted
    with pytest.raises(Killed):
        worker.drain(conversation)
    worker.desk.poster.carry_out = real
    shop.act(conversation, "take_over")
    silent(worker, conversation)
    worker.work_until(lambda: worker.queue.pending() == 0)
    assert shop.answers(conversation) == []
    assert traced(worker)[-1]["reason"] == "human_took_over"


def test_private_notes_and_our_own_echo_silence_nobody(shop: Shop, worker: Worker) -> None:
    conversation = shop.start("tem sofá?")
    shop.say(conversation, "cliente antiga", **{"as": "agent", "private": True})
    worker.drain(conversation)
    shop.say(conversation, "e poltrona?")
    worker.drain(conversation)
    assert len(shop.answers(conversation)) == 2
    assert silence(worker, conversation) == {}


def given_back(shop: Shop, worker: Worker, conversation: int) -> None:
    before = silence(worker, conversation).get("lifted", "")
    shop.act(conversation, "hand_back")
    wait_until(lambda: silence(worker, conversation).get("lifted", "") != before)


def test_set_back_to_pending_the_bot_is_back_and_knows_what_the_person_said(
    shop: Shop, worker: Worker
) -> None:
    conversation = shop.start("tem sofá?")
    worker.drain(conversation)
    shop.act(conversation, "take_over")
    silent(worker, conversation)
    shop.say(conversation, "Fica 10% mais barato à vista.", **{"as": "agent"})
    shop.say(conversation, "vou pensar")  # while it is open: not the bot's
    given_back(shop, worker, conversation)
    shop.say(conversation, "quero!")
    worker.drain(conversation)
    assert len(shop.answers(conversation)) == 2
    question, history = worker.hub.asked[-1]
    assert question == "quero!"
    said = [entry["content"] for entry in history]
    assert said[-2:] == ["Fica 10% mais barato à vista.", "vou pensar"]


@pytest.mark.parametrize(
    ("returns", "after_pending", "after_resolve"),
    [("pending", 1, 1), ("resolved", 0, 1), ("never", 0, 0)],
)
def test_the_bot_comes_back_as_the_tenant_chooses(
    shop: Shop, worker: Worker, web: WebState, returns: str, after_pending: int, after_resolve: int
) -> None:
    shop.reconfigure(web, conversation={"returns": returns})
    conversation = shop.start("tem sofá?")
    worker.drain(conversation)
    shop.act(conversation, "take_over")
    silent(worker, conversation)
    shop.act(conversation, "hand_back")
    if returns == "pending":
        wait_until(lambda: "at" not in silence(worker, conversation))
    shop.say(conversation, "e agora?")
    worker.drain(conversation)
    assert len(shop.answers(conversation)) == 1 + after_pending
    shop.act(conversation, "resolve")
    if returns != "never":
        wait_until(lambda: "at" not in silence(worker, conversation))
    shop.say(conversation, "voltei")
    worker.drain(conversation)
    assert len(shop.answers(conversation)) == 1 + after_pending + after_resolve


def test_an_old_event_does_not_silence_a_bot_that_was_given_the_conversation_since(
    worker: Worker,
) -> None:
    def seen(change: str, at: float) -> bool:
        turnover = Turnover(change, at, "human_reply")
        return worker.desk.silence.observe("account_1", "7-1", turnover, "pending", "pending")

    assert seen("taken_over", 100.0)
    assert not seen("given_back", 99.0)  # that one came late: the person took over after it
    assert silence(worker, 1)["reason"] == "human_reply"
    assert seen("given_back", 101.0)
    assert not seen("taken_over", 100.5)
    assert "reason" not in silence(worker, 1)
    assert seen("taken_over", 102.0)


def test_an_open_conversation_without_a_person_is_the_bots_where_the_tenant_says_so(
    shop: Shop, worker: Worker, web: WebState
) -> None:
    shop.reconfigure(web, conversation={"acts_on": "unassigned"})
    conversation = shop.start("oi")
    worker.drain(conversation)
    shop.act(conversation, "take_over")
    silent(worker, conversation)
    shop.say(conversation, "alô?")
    shop.act(conversation, "unassign")
    wait_until(lambda: "at" not in silence(worker, conversation))
    assert shop.read(conversation)["status"] == "open"
    shop.say(conversation, "tem sofá?")
    worker.drain(conversation)
    assert len(shop.answers(conversation)) == 2


def test_after_a_hand_off_the_bot_keeps_still_in_open_conversations_too(
    shop: Shop, worker: Worker, web: WebState
) -> None:
    shop.reconfigure(web, conversation={"acts_on": "unassigned"})
    worker.hub.reply = lambda _q: Reply("Um momento.", "extractive", handoff="pediu")
    conversation = shop.start("quero uma pessoa")
    worker.drain(conversation)
    assert silence(worker, conversation)["reason"] == "handed_off"
    shop.say(conversation, "e aí?")
    worker.drain(conversation)
    assert shop.answers(conversation) == ["Um momento."]


@pytest.mark.parametrize("skew", [-600, 600])
def test_a_hand_off_and_its_end_are_told_apart_whatever_our_clock_says(
    shop: Shop, worker: Worker, monkeypatch: pytest.MonkeyPatch, skew: int
) -> None:
    worker.hub.reply = lambda _q: Reply("Um momento.", "extractive", handoff="pediu")
    conversation = shop.start("quero uma pessoa")
    with monkeypatch.context() as patched:
        patched.setattr("sidecar.hub.conversation.time", _Clock(skew))
        worker.drain(conversation)
    assert silence(worker, conversation)["reason"] == "handed_off"
    given_back(shop, worker, conversation)
    assert "reason" not in silence(worker, conversation)
    worker.hub.reply = lambda _q: Reply("temos sim", "extractive")
    shop.say(conversation, "tem sofá?")
    worker.drain(conversation)
    assert shop.answers(conversation) == ["Um momento.", "temos sim"]
    worker.hub.reply = lambda _q: Reply("Um momento.", "extractive", handoff="pediu")
    shop.say(conversation, "quero uma pessoa de novo")
    with monkeypatch.context() as patched:
        patched.setattr("sidecar.hub.conversation.time", _Clock(skew))
        worker.drain(conversation)
    assert silence(worker, conversation)["reason"] == "handed_off"


def test_what_was_given_back_before_the_hand_off_does_not_end_it(
    shop: Shop, worker: Worker
) -> None:
    worker.hub.reply = lambda _q: Reply("Um momento.", "extractive", handoff="pediu")
    before = time.time()
    conversation = shop.start("quero uma pessoa")
    worker.drain(conversation)
    late = Turnover("given_back", before, "")
    worker.desk.silence.observe("account_1", f"7-{conversation}", late, "pending", "pending")
    assert silence(worker, conversation)["reason"] == "handed_off"


@pytest.mark.parametrize("skew", [-600, 600])
def test_a_person_whose_event_was_lost_is_timed_by_chatwoot(
    shop: Shop, worker: Worker, monkeypatch: pytest.MonkeyPatch, skew: int
) -> None:
    conversation = shop.start("tem sofá?")

    def slow(_question: str) -> Reply:
        shop.say(conversation, "Deixa comigo!", **{"as": "agent"})
        silent(worker, conversation)
        worker.hub.services.store.delete(keys.silence("account_1", f"7-{conversation}"))
        return Reply("temos sim", "extractive")

    worker.hub.reply = slow
    with monkeypatch.context() as patched:
        patched.setattr("sidecar.hub.conversation.time", _Clock(skew))
        worker.drain(conversation)
    assert silence(worker, conversation)["reason"] == "human_reply"
    shop.act(conversation, "take_over")
    given_back(shop, worker, conversation)
    assert "reason" not in silence(worker, conversation)


class _Clock:
    """Our clock, that many seconds fast."""

    def __init__(self, skew: float):
        self.skew = skew
        self.monotonic = time.monotonic

    def time(self) -> float:
        return time.time() + self.skew


def test_events_without_a_time_count_as_they_come(worker: Worker) -> None:
    def seen(change: str, at: float) -> bool:
        turnover = Turnover(change, at, "human_reply")
        return worker.desk.silence.observe("account_1", "7-1", turnover, "pending", "pending")

    assert seen("taken_over", 0)
    assert seen("given_back", 0)
    assert seen("taken_over", 0)
    assert seen("given_back", 100.0)
    assert not seen("taken_over", 99.0)
    assert seen("taken_over", 0)
    assert not seen("given_back", 99.0)
    assert seen("given_back", 101.0)
