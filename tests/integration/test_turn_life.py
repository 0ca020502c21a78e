"""How a conversation begins, goes on and ends: greeting, menu, goodbye, drafts, hand-offs."""

import json
from typing import Any

import pytest
import structlog

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


def test_a_long_answer_is_a_few_messages_each_posted_once_after_a_crash(
    shop: Shop, worker: Worker, web: WebState
) -> None:
    class Killed(BaseException):
        pass

    paragraphs = [letter * 600 for letter in "abc"]
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


# -- the menu ---------------------------------------------------------------------------------


@pytest.fixture
def menu(shop: Shop, web: WebState) -> Shop:
    shop.reconfigure(web, crews=CREWS, conversation={"menu": MENU})
    return shop


@pytest.mark.parametrize("choice", ["1", "opção 1", "Vendas", "quero vendas", "*1*"])
def test_the_menu_is_asked_once_and_the_first_question_is_answered_then(
    menu: Shop, worker: Worker, choice: str
) -> None:
    conversation = menu.start("tem sofá azul?")
    worker.drain(conversation)
    asked = menu.read(conversation)["messages"][-1]
    assert (asked["content"], asked["content_type"]) == (MENU["text"], "input_select")
    assert [i["title"] for i in asked["content_attributes"]["items"]] == ["Vendas", "Suporte"]
    assert worker.hub.asked == []
    menu.say(conversation, choice)
    worker.drain(conversation)
    assert worker.hub.crews == ["sales"]
    assert worker.hub.asked[0][0] == "tem sofá azul?"
    assert menu.answers(conversation)[-1].startswith("Você está falando com Rita.\n\nresposta")
    menu.say(conversation, "e verde?")
    worker.drain(conversation)
    assert worker.hub.crews == ["sales", "sales"]


def test_a_tap_on_the_list_is_a_choice(menu: Shop, worker: Worker) -> None:
    conversation = menu.start("oi")
    worker.drain(conversation)
    asked = menu.read(conversation)["messages"][-1]
    menu.change(conversation, asked["id"], choose="Suporte")
    worker.drain(conversation)
    assert menu.answers(conversation)[-1] == "Suporte: como posso ajudar?"
    assert worker.hub.crews == []  # there was only a hello to answer
    menu.say(conversation, "meu sofá rangeu")
    worker.drain(conversation)
    assert worker.hub.crews == ["customer_service"]


def test_an_unclear_choice_is_asked_again_once_and_then_answered(
    menu: Shop, worker: Worker
) -> None:
    conversation = menu.start("preciso de ajuda")
    worker.drain(conversation)
    menu.say(conversation, "com a entrega de ontem que não veio")
    worker.drain(conversation)
    assert "Não entendi" in menu.answers(conversation)[-1]
    menu.say(conversation, "sei lá")
    worker.drain(conversation)
    assert worker.hub.crews == ["customer_service"]
    assert worker.hub.asked[0][0].splitlines() == [
        "preciso de ajuda",
        "com a entrega de ontem que não veio",
        "sei lá",
    ]
    menu.say(conversation, "e aí?")
    worker.drain(conversation)
    assert len(worker.hub.asked) == 2  # the menu is not shown again


def test_a_keyword_needs_no_menu_and_changes_the_crew_mid_way(menu: Shop, worker: Worker) -> None:
    conversation = menu.start("quero comprar um sofá")
    worker.drain(conversation)
    menu.say(conversation, "o meu veio com defeito")
    worker.drain(conversation)
    assert worker.hub.crews == ["sales", "customer_service"]
    menu.say(conversation, "menu")
    worker.drain(conversation)
    assert menu.answers(conversation)[-1] == MENU["text"]
    assert talk(worker, conversation)["asked"] == "1"


def test_a_crew_may_pass_the_turn_on(menu: Shop, worker: Worker) -> None:
    conversation = menu.start("defeito e compra nova")
    worker.hub.reply = lambda _q: (
        Reply("", "llm", crew="sales")
        if worker.hub.crews[-1] == "customer_service"
        else Reply("vendemos sim", "llm")
    )
    worker.drain(conversation)
    assert worker.hub.crews == ["customer_service", "sales"]
    assert menu.answers(conversation) == ["vendemos sim"]
    assert talk(worker, conversation)["crew"] == "sales"


def test_who_asks_for_a_person_gets_no_menu(menu: Shop, worker: Worker) -> None:
    conversation = menu.start("quero falar com um atendente")
    worker.drain(conversation)
    assert len(worker.hub.asked) == 1


# -- people -----------------------------------------------------------------------------------


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
    assert [row["reason"] for row in rows(worker)] == ["", "failures"]


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


# -- drafts -----------------------------------------------------------------------------------


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


# -- what is known of the customer and of before -----------------------------------------------


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
    )
    assert len(customer.turn) == 24


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
