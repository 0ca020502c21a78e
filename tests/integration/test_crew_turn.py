"""A turn of the conversation crew, whole: facts first, tools, a yes, the check, the fallbacks."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sidecar.settings import Settings
from tests.crew_house import CrewHouse, casa_ipe
from tests.doubles.openai_api import OpenAIDouble
from tests.vectors_process import VectorsProcess


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VectorsProcess]:
    process = VectorsProcess(tmp_path_factory.mktemp("crew") / "vectors").start()
    yield process
    process.stop()


@pytest.fixture
def house(settings: Settings, vectors: VectorsProcess) -> Iterator[CrewHouse]:
    with OpenAIDouble() as model, casa_ipe() as odoo:
        yield CrewHouse(settings, odoo, vectors, model)


def call(name: str, **arguments: Any) -> dict[str, Any]:
    return {"tool_calls": [{"name": name, "arguments": arguments}]}


def system(body: dict[str, Any]) -> str:
    return "\n".join(m["content"] for m in body["messages"] if m["role"] == "system")


def test_a_common_question_costs_one_call_and_its_steps_are_traced(house: CrewHouse) -> None:
    house.model.script("Temos o *Sofá Jacarandá* por R$ 2.790,00, com 4 em estoque.")
    reply = house.say("vocês têm sofá de 3 lugares até R$ 3.000?")
    assert (reply.writer, reply.handoff) == ("llm", "")
    assert len(house.requests) == 1
    assert {("prefetch", "products", True), ("prefetch", "rules", True)} <= set(house.steps)
    assert ("llm", "gpt-4o-mini", True) in house.steps
    assert house.steps[-1] == ("check", "evidence", True)
    assert house.trace.llm_calls == 1
    assert house.trace.input_tokens == reply.input_tokens > 0
    assert house.trace.cost > 0
    assert [product["id"] for product in reply.products] == [5]


def test_a_customers_own_order_is_told_in_one_call_by_first_name_only(house: CrewHouse) -> None:
    house.model.script("Oi, Bia! Seu pedido S00071 está confirmado.")
    reply = house.say("cadê meu pedido?")
    assert reply.text == "Oi, Bia! Seu pedido S00071 está confirmado."
    assert len(house.requests) == 1
    told = system(house.requests[0])
    assert "S00071" in told
    for private in ("S00081", "Moraes", "+5511900000001", "bia@example.com", "Palmeiras"):
        assert private not in house.seen_by_the_model


def test_a_tool_is_called_where_the_facts_are_not_enough(house: CrewHouse) -> None:
    lines = [{"product_id": 6, "quantity": 3}]
    house.model.script(
        call("price_calculator", lines=lines), "3 unidades da *Poltrona Ipê* saem por R$ 2.970,00."
    )
    reply = house.say("quanto ficam 3 poltronas?")
    assert reply.text.endswith("R$ 2.970,00.")
    assert ("tool", "price_calculator", True) in house.steps
    answer = json.loads(house.requests[1]["messages"][-1]["content"])
    assert answer["total"]["value"] == 2970.0


def test_the_calculator_takes_only_what_was_read(house: CrewHouse) -> None:
    house.model.script(
        call("calculate", operation="times", amounts=[990], count=3),
        call("calculate", operation="add", amounts=[1, 2]),
        call("calculate", operation="discount", amounts=[990], percent=50),
        "Três delas saem por R$ 2.970,00.",
    )
    assert house.say("3 poltronas ipê, quanto dá?").text == "Três delas saem por R$ 2.970,00."
    results = [
        json.loads(m["content"]) for m in house.requests[-1]["messages"] if m["role"] == "tool"
    ]
    assert results[0]["result"]["text"] == "R$ 2.970,00"
    assert [result.get("code") for result in results[1:]] == ["refused", "refused"]


def test_a_write_is_shown_by_code_and_done_with_the_customers_yes(house: CrewHouse) -> None:
    lines = [{"product_id": 6, "quantity": 2}]
    house.model.script(call("quotation_create", lines=lines), "Pronto, fiz o orçamento!")
    reply = house.say("quero 2 poltronas, faz um orçamento", crew="sales")
    assert "2 × Poltrona Ipê – R$ 1.980,00" in reply.text
    assert reply.text.endswith("?")
    assert "fiz o orçamento" not in reply.text
    assert house.odoo.written == []
    house.model.script("Pronto! Seu orçamento está feito, no total de R$ 1.980,00.")
    reply = house.say("sim, pode confirmar", crew="sales")
    assert [method for method, _who in house.odoo.written] == ["quotation_create"]
    assert reply.text.startswith("Pronto!")
    assert "confirmation" not in house.seen_by_the_model


def test_what_was_done_is_told_also_when_the_model_fails(house: CrewHouse) -> None:
    house.model.script(call("quotation_create", lines=[{"product_id": 6, "quantity": 2}]), "Ok")
    house.say("faz um orçamento de 2 poltronas", crew="sales")
    house.model.fail(500, count=9)
    reply = house.say("sim", crew="sales")
    assert len(house.odoo.written) == 1
    assert "R$ 1.980,00" in reply.text


def test_a_no_or_another_wish_does_nothing(house: CrewHouse) -> None:
    house.model.script(call("quotation_create", lines=[{"product_id": 6, "quantity": 2}]), "Ok")
    house.say("faz um orçamento de 2 poltronas", crew="sales")
    house.model.script("Certo, não fiz nada. Quer outra coisa?", "Posso chamar um atendente.")
    house.say("não, deixa", crew="sales")
    house.say("sim", crew="sales")
    assert house.odoo.written == []


def test_tools_end_at_their_cap(house: CrewHouse) -> None:
    house.settings = house.settings.model_copy(update={"turn_max_tool_calls": 2})
    object.__setattr__(house.hub.services, "settings", house.settings)
    calls = {"tool_calls": [{"name": "stock_levels", "arguments": {"product_ids": [5]}}] * 4}
    house.model.script(calls, "Temos 4 em estoque.")
    house.say("quantos sofás?")
    codes = [
        json.loads(m["content"]).get("code")
        for m in house.requests[-1]["messages"]
        if m["role"] == "tool"
    ]
    assert codes.count("limit") == 2


def test_no_model_sees_an_address_or_a_number(house: CrewHouse) -> None:
    house.start("7-9", phone="", name="Bia")
    house.model.script(call("customer_identify", email="[email-1]"), "Enviei? Não: peça o código.")
    house.say("meu e-mail é bia@example.com, CPF 123.456.789-09, fone (11) 90000-0001")
    assert house.odoo.codes[0][0] == "bia@example.com"
    for private in ("bia@example.com", "123.456.789-09", "90000-0001"):
        assert private not in house.seen_by_the_model


def offered(house: CrewHouse) -> set[str]:
    """Names of the tools the model was told of in the latest call."""
    return {tool["function"]["name"] for tool in house.requests[-1]["tools"]}


def test_only_tools_that_can_do_something_now_are_told(house: CrewHouse) -> None:
    house.model.script("Claro!", "Claro!", "Claro!")
    house.say("preciso de ajuda")
    assert "order_status" in offered(house)
    assert not {"customer_identify", "record_search", "vector_db"} & offered(house)
    house.start("7-2", phone="")
    house.model.script("Claro!", "Claro!")
    house.say("preciso de ajuda")
    assert "customer_identify" in offered(house)
    assert not {"order_status", "customer_verify", "calendar_book"} & offered(house)
    house.say("o código é 123456")
    assert {"order_status", "customer_verify"} <= offered(house)
    assert "confirmation" not in json.dumps(house.requests[-1]["tools"])


def test_an_answer_in_the_customers_language_is_asked_for(house: CrewHouse) -> None:
    house.model.script("We have the *Sofá Jacarandá* for R$ 2.790,00.")
    reply = house.say("Hi, do you have a sofa for three people?")
    assert "Responda em inglês" in system(house.requests[0])
    assert reply.language == "en"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("quero falar com um atendente", "asked_for_person"),
        ("isso é uma palhaçada, cadê meu dinheiro", "angry"),
        ("this is ridiculous, you are scammers", "angry"),
        ("quiero hablar con una persona", "asked_for_person"),
    ],
)
def test_a_person_is_called_without_asking_a_model(house: CrewHouse, words: str, code: str) -> None:
    reply = house.say(words)
    assert (reply.code, bool(reply.handoff)) == (code, True)
    assert house.requests == []


@pytest.mark.parametrize(
    ("answer", "code", "unsure", "crew"),
    [
        ("[HUMANO] Vou chamar alguém.", "asked_for_person", False, ""),
        ("[IRRITADO] Sinto muito.", "angry", False, ""),
        ("[NAO_SEI] Isso eu não sei dizer.", "", True, ""),
        ("[FORA] Só posso ajudar com a loja.", "out_of_scope", True, ""),
        ("[VENDAS]", "", False, "sales"),
    ],
)
def test_the_models_marks_become_codes(
    house: CrewHouse, answer: str, code: str, unsure: bool, crew: str
) -> None:
    house.model.script(answer)
    reply = house.say("e aí, como fica?")
    assert (reply.code, reply.unsure, reply.crew) == (code, unsure, crew)
    assert "[" not in reply.text


def test_a_failing_model_is_asked_again_then_the_second_then_none(
    settings: Settings, vectors: VectorsProcess
) -> None:
    with OpenAIDouble() as model, casa_ipe() as odoo:
        house = CrewHouse(
            settings, odoo, vectors, model, more_settings={"fallback_chat_model": "gpt-4o"}
        )
        model.fail(500, path="chat")
        model.script("Claro, como posso ajudar?")
        assert house.say("preciso de ajuda").text == "Claro, como posso ajudar?"
        assert [body["model"] for body in house.requests] == ["gpt-4o-mini"] * 2
        house.start()
        model.fail(500, count=2, path="chat")
        model.script("Claro, como posso ajudar?")
        assert house.say("preciso de ajuda").writer == "llm"
        assert [body["model"] for body in house.requests] == ["gpt-4o-mini"] * 2 + ["gpt-4o"]
        house.start()
        model.fail(500, count=3, path="chat")
        reply = house.say("vocês têm poltrona?")
        assert (reply.writer, "R$ 990,00" in reply.text) == ("extractive", True)


def test_whoever_is_not_proven_is_told_to_identify(house: CrewHouse) -> None:
    house.start("7-3", phone="")
    house.model.script(call("order_status", order="S00071"), "Qual é o seu e-mail de cadastro?")
    house.say("onde está o pedido S00071?")
    told = house.requests[-1]["messages"][-1]["content"]
    assert json.loads(told)["code"] == "identify_first"
    assert "Jacarandá" not in told


def test_a_preview_that_was_not_seen_is_not_agreed_to(house: CrewHouse) -> None:
    house.model.script(call("quotation_create", lines=[{"product_id": 6, "quantity": 2}]), "Ok")
    house.say("faz um orçamento de 2 poltronas", crew="sales", posted=False)
    house.model.script("Aqui estão as fotos.")
    house.say("sim", crew="sales")
    assert house.odoo.written == []


def test_a_preview_is_agreed_to_however_its_words_were_written(house: CrewHouse) -> None:
    house.model.script(call("quotation_create", lines=[{"product_id": 6, "quantity": 2}]), "Ok")
    house.say("faz um orçamento de 2 poltronas", crew="sales")
    house.history.clear()  # read anew from Chatwoot, whose app writes amounts its own way
    house.model.script("Pronto! Seu orçamento está feito, no total de R$ 1.980,00.")
    house.say("sim", crew="sales")
    assert [method for method, _who in house.odoo.written] == ["quotation_create"]


def test_the_word_for_another_deed_is_no_yes(house: CrewHouse) -> None:
    house.model.script(call("quotation_create", lines=[{"product_id": 6, "quantity": 2}]), "Ok")
    house.say("faz um orçamento de 2 poltronas", crew="sales")
    house.model.script("O que o senhor quer mudar?")
    house.say("quero mudar", crew="sales")
    assert house.odoo.written == []
    assert ("tool", "quotation_create", False) not in house.steps, "it was not even tried"


def test_a_preview_is_shown_also_when_the_model_fails_after_it(house: CrewHouse) -> None:
    house.model.script(call("quotation_create", lines=[{"product_id": 6, "quantity": 2}]))
    real, asked = house.model.brain, []

    def fail_after(body: dict[str, Any]) -> Any:
        asked.append(body)
        return real(body)

    house.model.brain = fail_after
    house.settings = house.settings.model_copy(update={"turn_max_llm_calls": 1})
    object.__setattr__(house.hub.services, "settings", house.settings)
    reply = house.say("faz um orçamento de 2 poltronas", crew="sales")
    assert "2 × Poltrona Ipê – R$ 1.980,00" in reply.text
    assert asked == []


def test_the_owner_gets_figures_of_the_shop(house: CrewHouse) -> None:
    house.odoo.records = {"sale.order": [{"id": 1, "name": "S1", "amount_total": 5400.0}]}
    channels = house.tenant.integrations.chatwoot.channels
    channels[0] = channels[0].model_copy(update={"owner_phones": [house.phone]})
    house.model.script(
        call("record_search", model="sale.order", fields=["name", "amount_total"]),
        "O pedido S1 soma R$ 5.400,00.",
    )
    reply = house.say("quanto vendemos?", crew="analytics")
    assert reply.text == "O pedido S1 soma R$ 5.400,00."
