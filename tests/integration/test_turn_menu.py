"""The choice between crews: menu, keywords, a crew that passes the turn on."""

import pytest

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


def talk(worker: Worker, conversation: int) -> dict[str, str]:
    return worker.hub.services.store.hgetall(keys.talk("account_1", f"7-{conversation}"))


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
