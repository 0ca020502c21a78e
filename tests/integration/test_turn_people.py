"""Hand-offs to people, drafts for people, and notes on what an answer stands on."""

import json
from typing import Any

import pytest
import structlog

from sidecar.crews.reply import Reply
from sidecar.store import keys
from sidecar.web.state import WebState
from tests.integration.conftest import Shop, Worker

CREWS = {"customer_service": {"enabled": True}, "sales": {"enabled": True}}
MENU = {
    "enabled": True,
    "text": "Com quem você quer falar?",
    "options": [
        {"label": "Vendas", "crew": "sales", "keywords": ["comprar"], "attendant": "Rita"},
        {"label": "Suporte", "crew": "customer_service", "keywords": ["defeito", "troca"]},
        {"label": "Relatórios", "crew": "analytics"},  # not enabled: not offered
    ],
}
CLOSED = {"known": True, "week": [{"weekday": day, "windows": []} for day in range(7)]}


def rows(worker: Worker) -> list[dict[str, Any]]:
    return worker.desk.traces.take("account_1")[1]


def test_a_hand_off_tells_both_sides_once_and_chooses_team_and_labels(
    shop: Shop, worker: Worker, web: WebState
) -> None:
    shop.reconfigure(web, conversation={"handoff": {"team_id": 1, "labels": ["ia", "urgente"]}})
    rules = [{"kind": "rule", "id": 3, "score": 0.9, "text": "Trocas em 7 dias\nDepois não."}]
    worker.hub.reply = lambda _q: Reply(
        "Vou chamar alguém.", "llm", handoff="o cliente pediu uma pessoa", rules=rules
    )
    conversation = shop.start("quero trocar,", "e falar com alguém")
    worker.drain(conversation, 2)
    told = shop.read(conversation)
    assert (told["status"], told["team"]) == ("open", "vendas")
    assert told["labels"] == ["ia", "urgente"]
    assert shop.answers(conversation) == ["Vou chamar alguém."]
    assert shop.notes(conversation) == [
        "IA passou o atendimento: o cliente pediu uma pessoa\n"
        "Cliente: Bia\n"
        "Perguntou: quero trocar, / e falar com alguém\n"
        "Tentado: customer_service; Trocas em 7 dias"
    ]
    (row,) = rows(worker)
    assert (row["outcome"], row["reason"]) == ("handed_off", "asked_for_person")
    assert row["sources"] == [{"kind": "rule", "id": 3, "title": "Trocas em 7 dias"}]


def test_a_hand_off_keeps_the_labels_that_are_there(
    shop: Shop, worker: Worker, web: WebState
) -> None:
    shop.reconfigure(web, conversation={"handoff": {"labels": ["ia"]}})
    worker.hub.reply = lambda _q: Reply("Um momento.", "llm", handoff="pediu")
    conversation = shop.start("alguém aí?")
    path = f"/api/v1/accounts/1/conversations/{conversation}/labels"
    token = web.credentials.resolve("account_1", "bot_token")
    shop.session.post(
        shop.base + path, json={"labels": ["vip"]}, headers={"api-access-token": token}, timeout=5
    )
    worker.drain(conversation)
    assert shop.read(conversation)["labels"] == ["vip", "ia"]


def test_a_team_that_is_gone_stops_no_hand_off(shop: Shop, worker: Worker, web: WebState) -> None:
    shop.reconfigure(web, conversation={"handoff": {"team_id": 99}})
    worker.hub.reply = lambda _q: Reply("Um momento.", "llm", handoff="pediu")
    conversation = shop.start("alguém?")
    worker.drain(conversation)
    assert shop.read(conversation)["status"] == "open"
    alerts = web.store.lrange(keys.alerts("account_1"), 0, -1)
    assert [json.loads(a)["reason"] for a in alerts] == ["handoff_team"]


@pytest.mark.parametrize("step", ["1", "note", "opened", "team"])
def test_a_hand_off_cut_off_anywhere_is_finished_and_nothing_is_said_twice(
    shop: Shop, worker: Worker, web: WebState, step: str
) -> None:
    class Killed(BaseException):
        pass

    shop.reconfigure(web, conversation={"handoff": {"team_id": 1, "labels": ["ia"]}})
    worker.hub.reply = lambda _q: Reply("Um momento.", "llm", handoff="pediu")
    conversation = shop.start("alguém?")
    tick = worker.desk.ledger.tick

    def die(case: Any, name: str) -> None:
        if name == step:
            raise Killed
        tick(case, name)

    worker.desk.ledger.tick = die
    with pytest.raises(Killed):
        worker.drain(conversation)
    worker.desk.ledger.tick = tick
    worker.work_until(lambda: worker.queue.pending() == 0)
    told = shop.read(conversation)
    assert (told["status"], told["team"], told["labels"]) == ("open", "vendas", ["ia"])
    assert shop.answers(conversation) == ["Um momento."]
    assert len(shop.notes(conversation)) == 1


def test_who_closed_the_conversation_meanwhile_is_not_overruled(shop: Shop, worker: Worker) -> None:
    class Killed(BaseException):
        pass

    worker.hub.reply = lambda _q: Reply("Um momento.", "llm", handoff="pediu")
    conversation = shop.start("alguém?")
    tick = worker.desk.ledger.tick

    def die(case: Any, name: str) -> None:
        if name == "note":
            raise Killed
        tick(case, name)

    worker.desk.ledger.tick = die
    with pytest.raises(Killed):
        worker.drain(conversation)
    shop.act(conversation, "resolve")
    worker.desk.ledger.tick = tick
    worker.work_until(lambda: worker.queue.pending() == 0)
    assert shop.read(conversation)["status"] == "resolved"


def test_turns_without_an_answer_end_with_a_person(shop: Shop, worker: Worker) -> None:
    worker.hub.reply = lambda _q: Reply("Não encontrei isso.", "extractive", unsure=True)
    conversation = shop.start("asdf?")
    worker.drain(conversation)
    assert shop.read(conversation)["status"] == "pending"
    shop.say(conversation, "qwer?")
    worker.drain(conversation)
    assert shop.read(conversation)["status"] == "open"
    told = [(row["outcome"], row["reason"]) for row in rows(worker)]
    assert told == [("answered", "unsure"), ("handed_off", "failures")]


@pytest.mark.parametrize(
    ("reply", "reason", "language"),
    [
        (Reply("I do not know.", "llm", unsure=True, language="en"), "unsure", "en"),
        (Reply("Só falo da loja.", "llm", unsure=True, code="out_of_scope"), "out_of_scope", "pt"),
        (Reply("Sí, hay.", "llm", language="es"), "", "es"),
    ],
)
@pytest.mark.parametrize(("mode", "outcome"), [("answer", "answered"), ("draft", "draft")])
def test_the_trace_tells_the_customer_s_language_and_what_was_not_known(
    shop: Shop, worker: Worker, web: WebState, reply: Reply, reason: str, language: str, mode: str,
    outcome: str,
) -> None:  # fmt: skip
    shop.reconfigure(web, conversation={"mode": mode})
    worker.hub.reply = lambda _q: reply
    worker.drain(shop.start("do you deliver to Mars?"))
    (row,) = rows(worker)
    assert (row["outcome"], row["reason"], row["language"]) == (outcome, reason, language)


def test_a_bug_of_ours_ends_with_a_person_and_no_error_text(shop: Shop, worker: Worker) -> None:
    def broken(_question: str) -> Reply:
        raise ZeroDivisionError("secret detail")

    worker.hub.reply = broken
    conversation = shop.start("tem sofá?")
    with structlog.testing.capture_logs():
        worker.drain(conversation)
    (answer,) = shop.answers(conversation)
    assert "pessoa da nossa equipe" in answer
    assert "secret" not in json.dumps(shop.read(conversation))


@pytest.mark.parametrize(
    ("when_closed", "answered"), [("answer", True), ("tell", True), ("handoff", False)]
)
def test_outside_hours_as_configured(
    shop: Shop, worker: Worker, web: WebState, when_closed: str, answered: bool
) -> None:
    shop.reconfigure(web, conversation={"handoff": {"when_closed": when_closed}})
    worker.hub.profile = {"hours": CLOSED, "timezone": "America/Sao_Paulo"}
    conversation = shop.start("tem sofá?")
    worker.drain(conversation)
    assert bool(worker.hub.asked) == answered
    if not answered:
        assert shop.read(conversation)["status"] == "open"
        assert "fechados" in shop.answers(conversation)[0].lower()
        assert rows(worker)[0]["reason"] == "closed"
        return
    worker.hub.reply = lambda _q: Reply("Vou chamar alguém.", "llm", handoff="pediu")
    shop.say(conversation, "quero uma pessoa")
    worker.drain(conversation)
    said = shop.answers(conversation)[-1]
    assert ("fechados" in said) == (when_closed == "tell")


def test_the_owner_is_served_outside_hours_too(shop: Shop, worker: Worker, web: WebState) -> None:
    shop.reconfigure(
        web,
        crews=CREWS | {"analytics": {"enabled": True}},
        conversation={"handoff": {"when_closed": "handoff"}, "menu": MENU},
        channel={"owner_phones": ["+5511900000001"]},
    )
    worker.hub.profile = {"hours": CLOSED, "timezone": "America/Sao_Paulo"}
    conversation = shop.start("quanto vendemos?")
    worker.drain(conversation)
    assert worker.hub.crews == ["analytics"]
    assert shop.read(conversation)["status"] == "pending"


def test_anger_is_people_s_business_only_where_the_tenant_says_so(
    shop: Shop, worker: Worker, web: WebState
) -> None:
    worker.hub.reply = lambda _q: Reply("Sinto muito.", "llm", handoff="bravo", code="angry")
    shop.reconfigure(web, conversation={"handoff": {"when_angry": False}})
    conversation = shop.start("péssimo!!!")
    worker.drain(conversation)
    assert shop.read(conversation)["status"] == "pending"
    shop.reconfigure(web, conversation={"handoff": {"when_angry": True}})
    shop.say(conversation, "horrível!!!")
    worker.drain(conversation)
    assert shop.read(conversation)["status"] == "open"
    assert rows(worker)[-1]["reason"] == "angry"


# -- drafts and notes -------------------------------------------------------------------------


def test_a_draft_is_a_note_and_nothing_else(shop: Shop, worker: Worker, web: WebState) -> None:
    shop.reconfigure(web, crews=CREWS, conversation={"mode": "draft", "menu": MENU})
    worker.hub.reply = lambda _q: Reply("Temos sim.", "llm", handoff="pediu uma pessoa")
    conversation = shop.start("tem sofá?")
    worker.drain(conversation)
    assert shop.answers(conversation) == []
    (note,) = shop.notes(conversation)
    assert note.startswith("**Resposta sugerida:**\n\nTemos sim.")
    assert "pediu uma pessoa" in note
    assert shop.read(conversation)["status"] == "pending"
    assert rows(worker)[0]["outcome"] == "draft"
    shop.say(conversation, "Temos sim, Bia!", **{"as": "agent"})
    shop.say(conversation, "e poltrona?")
    worker.drain(conversation)
    assert len(shop.notes(conversation)) == 2  # a person who answers does not end the drafts


def test_a_channel_may_have_a_mode_of_its_own(shop: Shop, worker: Worker, web: WebState) -> None:
    shop.reconfigure(web, conversation={"mode": "draft"}, channel={"mode": "answer"})
    conversation = shop.start("tem sofá?")
    worker.drain(conversation)
    assert len(shop.answers(conversation)) == 1


def test_the_note_on_sources_is_for_the_team_alone(
    shop: Shop, worker: Worker, web: WebState
) -> None:
    shop.reconfigure(web, conversation={"source_notes": True})
    rules = [{"kind": "rule", "id": 3, "score": 0.9, "text": "Trocas em 7 dias"}]
    worker.hub.reply = lambda _q: Reply("Sete dias.", "llm", rules=rules)
    conversation = shop.start("prazo de troca?")
    worker.drain(conversation)
    assert shop.answers(conversation) == ["Sete dias."]
    assert shop.notes(conversation) == ["Esta resposta se baseia em:\n- rule 3: Trocas em 7 dias"]
