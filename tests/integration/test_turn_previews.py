"""A yes means what the customer was shown: previews of turns that told something else are gone."""

import time
from collections.abc import Callable

import pytest

from sidecar.crews.reply import Reply
from sidecar.store import keys
from sidecar.tools.confirmation import Asker, Confirmations, Pending
from sidecar.web.state import WebState
from tests.doubles.playground import wait_until
from tests.integration.conftest import Shop, Worker

ASK = "2 × Poltrona: R$ 1.980,00. Posso confirmar?"


class Previews:
    """A crew that previews a quotation, as its tools would, and then says `reply`."""

    def __init__(self, worker: Worker, reply: Callable[[str], Reply]):
        self.worker, self.reply = worker, reply
        self.kept = Confirmations(worker.hub.services.store, "account_1")
        worker.hub.reply = self

    def __call__(self, question: str) -> Reply:
        who = self.worker.hub.customers[-1]
        asker = Asker(41, who.conversation, "", who.turn, who.said_at, question)
        self.kept.offer(asker, "quotation_create", {"lines": []}, {"total": "R$ 1.980,00"})
        return self.reply(question)

    def waiting(self, conversation: int) -> Pending | None:
        """What a yes that is said now would be about."""
        return self.kept.pending(f"7-{conversation}", "next", time.time() + 1)


def shown(_question: str) -> Reply:
    return Reply(ASK, "llm", preview=True)


def test_what_was_shown_waits_for_the_yes(shop: Shop, worker: Worker) -> None:
    previews = Previews(worker, shown)
    conversation = shop.start("quero 2 poltronas")
    worker.drain(conversation)
    assert shop.answers(conversation) == [ASK]
    assert previews.waiting(conversation) is not None


@pytest.mark.parametrize(
    "reply",
    [
        lambda _q: Reply("Quer saber mais?", "llm"),
        lambda _q: Reply("Vou chamar alguém.", "llm", handoff="pediu", preview=True),
    ],
    ids=["another answer", "a hand-off"],
)
def test_what_the_answer_did_not_show_is_gone(
    shop: Shop, worker: Worker, reply: Callable[[str], Reply]
) -> None:
    previews = Previews(worker, reply)
    conversation = shop.start("quero 2 poltronas")
    worker.drain(conversation)
    assert previews.waiting(conversation) is None


def test_a_draft_shows_the_customer_nothing(shop: Shop, worker: Worker, web: WebState) -> None:
    shop.reconfigure(web, conversation={"mode": "draft"})
    previews = Previews(worker, shown)
    conversation = shop.start("quero 2 poltronas")
    worker.drain(conversation)
    assert shop.answers(conversation) == []
    assert previews.waiting(conversation) is None


def test_an_answer_that_was_composed_anew_takes_its_preview_along(
    shop: Shop, worker: Worker
) -> None:
    def interrupted(_question: str) -> Reply:
        shop.say(conversation, "espera, qual o horário?")
        letters = keys.mailbox("account_1", f"7-{conversation}")
        wait_until(lambda: worker.hub.services.store.llen(letters) == 2)
        worker.hub.reply = lambda _q: Reply("Até as 18h. Mais alguma coisa?", "llm")
        return shown(_question)

    previews = Previews(worker, interrupted)
    conversation = shop.start("quero 2 poltronas")
    worker.drain(conversation)
    assert shop.answers(conversation) == ["Até as 18h. Mais alguma coisa?"]
    assert previews.waiting(conversation) is None


def test_a_person_who_came_first_leaves_nothing_to_agree_to(shop: Shop, worker: Worker) -> None:
    def beaten(_question: str) -> Reply:
        worker.desk.silence.begin("account_1", f"7-{conversation}", "human_reply", time.time())
        return shown(_question)

    previews = Previews(worker, beaten)
    conversation = shop.start("quero 2 poltronas")
    worker.drain(conversation)
    assert shop.answers(conversation) == []
    assert previews.waiting(conversation) is None
