"""What a company's rules say to a customer's question, by the clock, whatever fails."""

import threading
import time
from collections.abc import Iterator

import pytest
from pydantic import SecretStr

from sidecar.data_proxy.evidence import Evidence
from sidecar.errors import Unavailable, Unprocessable
from sidecar.settings import Settings
from tests.business_rules import fact, profile_facts, shop_facts
from tests.doubles.odoo import OdooDouble
from tests.facts import product_facts
from tests.integration.rules_house import RulesHouse
from tests.vectors_process import KEY, VectorsProcess

SOFA_WEEK = "Semana do Sofá"


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VectorsProcess]:
    process = VectorsProcess(tmp_path_factory.mktemp("rules") / "vectors").start()
    yield process
    process.stop()


@pytest.fixture
def configured(settings: Settings, vectors: VectorsProcess) -> Iterator[Settings]:
    changed = {"qdrant_url": vectors.url, "qdrant_api_key": SecretStr(KEY), "http_timeout": 10}
    yield settings.model_copy(update=changed)
    client = vectors.client()
    for collection in client.get_collections().collections:
        client.delete_collection(collection.name)


@pytest.fixture
def house(configured: Settings) -> Iterator[RulesHouse]:
    """Casa Ipê: its demo rules, its profile, one sofa."""
    facts = [f for f in shop_facts("casa_ipe", "pt").values() if f["kind"] != "profile"]
    sofa = product_facts(category="Sala / Sofás")
    with OdooDouble(rules=facts, profile=profile_facts(), products=[sofa]) as odoo:
        house = RulesHouse(configured, odoo)
        house.sync()
        house.process("sync_products")
        yield house


def change(house: RulesHouse, title: str, **changes: object) -> None:
    """Edit a rule in Odoo."""
    assert house.odoo.rules is not None
    next(rule for rule in house.odoo.rules if rule["title"] == title).update(changes)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("tem alguma promoção?", "cupom SOFA10"),
        ("vcs entregam em osasco? quanto é o frete?", "R$ 149,00"),
        ("parcela em quantas vezes?", "Em até 12 parcelas"),
        ("comprei e nao gostei, posso devolver?", "em até 7 dias"),
        ("vocês montam?", "R$ 180 por móvel"),
        ("como limpo o veludo?", "vapor a 20 cm"),
        ("onde fica a loja?", "Rua dos Pinheiros, 100"),
    ],
)
def test_questions_about_rules_are_answered_without_a_model(
    house: RulesHouse, question: str, words: str
) -> None:
    told = house.ask(question)
    assert words in told["answer"]
    assert told["writer"] == "extractive"
    assert len(told["answer"]) < 1500
    assert told["rules"]
    for rule in told["rules"]:
        assert rule.keys() == {"kind", "id", "score", "text"}


@pytest.mark.parametrize(
    ("moment", "question", "answer"),
    [
        ((2026, 11, 25, 8, 59, 59), "vocês estão abertos?", "Ainda não abrimos hoje. Voltamos a"),
        ((2026, 11, 25, 9, 0, 0), "vocês estão abertos?", "Estamos abertos agora, até 12:00."),
        ((2026, 11, 25, 12, 0, 0), "estão abertos agora?", "fechados para o almoço"),
        ((2026, 11, 25, 17, 59, 59), "até que horas ficam abertos?", "até 18:00."),
        ((2026, 11, 25, 18, 0, 0), "estão abertos?", "Voltamos a abrir: amanhã, às 09:00."),
        ((2026, 11, 25, 10, 0, 0), "abrem domingo?", "Domingo, 29/11: fechado."),
        ((2026, 11, 25, 10, 0, 0), "abrem no sábado?", "Sábado, 28/11: aberto 09:00–14:00."),
        ((2026, 11, 25, 10, 0, 0), "vocês abrem na véspera de natal?", "aberto 09:00–13:00."),
        ((2026, 11, 25, 10, 0, 0), "vocês abrem no natal?", "25/12 (Natal): fechado."),
        ((2026, 12, 25, 10, 0, 0), "vocês estão abertos?", "Hoje estamos fechados: Natal."),
    ],
)
def test_hours_are_computed_for_the_moment(
    house: RulesHouse, moment: tuple[int, ...], question: str, answer: str
) -> None:
    house.clock.at(*moment)
    assert answer in house.answer(question)


def test_whether_it_is_open_is_odoos_word(house: RulesHouse) -> None:
    house.odoo.open_now = {
        "open": True, "reason": "open", "name": "", "until": "2026-11-25T23:30:00Z", "today": [],
        "next_opening": False,
    }  # fmt: skip
    assert "Estamos abertos agora, até 20:30." in house.answer("vocês estão abertos?")


def test_a_promotion_ends_and_begins_with_the_clock_without_a_sync(house: RulesHouse) -> None:
    house.clock.at(2026, 12, 3, 23, 59, 59)
    assert SOFA_WEEK in titles(house, "tem alguma promoção?")
    house.clock.at(2026, 12, 4, 0, 0, 0)
    assert SOFA_WEEK not in titles(house, "tem alguma promoção?")
    assert "SOFA10" not in house.answer("tem alguma promoção?")
    # begins between two reads of Odoo: the dates were told with the last one
    house.clock.at(2026, 12, 14, 23, 59, 58)
    assert "Frete grátis de fim de ano" not in titles(house, "quanto custa o frete?")
    house.clock.later(2)
    asked = house.asked_odoo("rules_in_force")
    assert "Frete grátis de fim de ano" in titles(house, "quanto custa o frete?")
    assert house.asked_odoo("rules_in_force") == asked


def test_a_temporary_rule_stands_in_for_the_permanent_one(house: RulesHouse) -> None:
    house.clock.at(2026, 12, 20, 10, 0, 0)
    found = titles(house, "quanto custa o frete em Osasco?")
    assert "Frete grátis de fim de ano" in found
    assert "Entrega na Grande São Paulo" not in found


def titles(house: RulesHouse, question: str) -> set[str]:
    by_id = {(f["kind"], f["id"]): f["title"] for f in house.odoo.rules or []}
    return {by_id.get((r["kind"], r["id"]), "") for r in house.ask(question)["rules"]}


def test_an_edit_is_in_the_next_answer_without_a_sync(house: RulesHouse) -> None:
    assert "em até 7 dias" in house.answer("qual o prazo de troca?")
    change(house, "Troca e devolução", sentence="Trocas são aceitas em até 15 dias.")
    house.clock.later()
    assert "em até 15 dias" in house.answer("qual o prazo de troca?")


def test_a_rule_that_is_taken_back_is_not_told(house: RulesHouse) -> None:
    assert house.odoo.rules is not None
    house.odoo.rules[:] = [r for r in house.odoo.rules if r["title"] != SOFA_WEEK]
    house.clock.later()
    assert "SOFA10" not in house.answer("tem alguma promoção?")


def test_no_promotion_is_said_in_so_many_words(house: RulesHouse) -> None:
    house.odoo.rules = [fact()]
    house.clock.later()
    assert house.answer("tem alguma promoção?") == "No momento não há promoção."


def test_a_burst_of_questions_asks_odoo_once(house: RulesHouse) -> None:
    before = house.asked_odoo("rules_in_force")
    house.clock.later()
    threads = [threading.Thread(target=house.answer, args=("qual a garantia?",)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert house.asked_odoo("rules_in_force") == before + 1


def test_the_index_serves_while_odoo_is_down_and_the_clock_goes_on(house: RulesHouse) -> None:
    house.odoo.down()
    house.clock.later()
    assert "em até 7 dias" in house.answer("qual o prazo de troca?")
    assert "fechados para o almoço" in house.answer("vocês estão abertos?")
    assert "SOFA10" in house.answer("tem cupom de desconto?")
    house.clock.at(2026, 12, 4, 0, 0, 0)
    assert "SOFA10" not in house.answer("tem cupom de desconto?")
    house.odoo.up()
    change(house, "Troca e devolução", sentence="Trocas são aceitas em até 15 dias.")
    house.clock.later()
    assert "em até 15 dias" in house.answer("qual o prazo de troca?")


def test_what_only_odoo_knows_is_not_answered_while_it_is_down(house: RulesHouse) -> None:
    house.odoo.down()
    house.clock.later()
    with pytest.raises(Unavailable):
        house.answer("tem sofá de 3 lugares?")


def test_an_odoo_that_hangs_costs_seconds_not_the_answer(configured: Settings) -> None:
    hold = threading.Event()
    with OdooDouble(rules=[fact()], profile=profile_facts()) as odoo:
        house = RulesHouse(configured, odoo, limit=0.3)
        house.sync()
        real = odoo._rules_in_force
        odoo._rules_in_force = lambda lang=None: [hold.wait(20), real(lang)][1]  # type: ignore[method-assign]
        try:
            assert "em até 7 dias" in house.answer("qual o prazo de troca?")
        finally:
            hold.set()


def test_prices_under_a_promotion_are_computed_from_the_live_price(house: RulesHouse) -> None:
    answer = house.answer("tem sofá em promoção?")
    assert "**R$ 2.790,00" not in answer
    assert "R$ 2.790,00" in answer
    assert "R$ 2.511,00 com o cupom SOFA10" in answer
    house.odoo.products[0]["price"] = 1999.99  # below the promotion's minimum
    house.clock.later()
    answer = house.answer("tem sofá em promoção?")
    assert "R$ 1.999,99" in answer
    assert "com o cupom SOFA10 –" not in answer
    assert "R$ 1.899,99 com o cupom BEMVINDO" in answer


def test_a_question_about_a_product_is_answered_with_the_product(house: RulesHouse) -> None:
    answer = house.answer("vocês têm sofá de 3 lugares em linho?")
    assert "Sofá Jacarandá" in answer
    assert "Entrega" not in answer
    both = house.answer("quanto custa o sofá e qual o prazo de entrega?")
    assert "Sofá Jacarandá" in both
    assert "2 a 5 dias" in both


def test_free_times_are_told_as_odoo_computes_them(house: RulesHouse) -> None:
    house.odoo.slots = [
        {"start": "2026-11-26T12:00:00Z", "end": "2026-11-26T13:00:00Z", "resource": "Ana"},
        {"start": "2026-11-26T12:30:00Z", "end": "2026-11-26T13:30:00Z", "resource": "Ana"},
        {"start": "2026-11-28T13:00:00Z", "end": "2026-11-28T14:00:00Z", "resource": "Rafael"},
    ]
    answer = house.answer("queria agendar uma consultoria")
    assert "Consultoria de interiores – quinta-feira, 26/11: 09:00, 09:30" in answer
    assert "sábado, 28/11: 10:00" in answer
    assert "Visita de montagem" not in answer
    (asked,) = [arguments for name, arguments in house.odoo.calls if name == "free_slots"]
    assert asked[1:] == ("2026-11-25", "2026-12-09", 5)


def test_a_greeting_is_the_companys_own(house: RulesHouse) -> None:
    assert house.answer("bom dia") == "Olá! Aqui é da Casa Ipê. Em que posso ajudar?"
    assert house.answer("obrigada!") == "Obrigado pelo contato!"
    announcing = {"announce_at_start": True, "suggest_when_selling": True}
    house.odoo.profile = profile_facts(promotions=announcing)
    house.clock.later()
    assert "SOFA10" in house.answer("bom dia")


def test_an_odoo_without_the_addon_is_asked_for_nothing(configured: Settings) -> None:
    with OdooDouble(products=[product_facts()]) as odoo:
        house = RulesHouse(configured, odoo)
        house.process("sync_products")
        assert "Sofá Jacarandá" in house.answer("tem sofá?")
        assert "não há promoção" not in house.answer("tem promoção de sofá?")
        assert house.asked_odoo("rules_in_force") == 0


@pytest.mark.parametrize(
    "params",
    [
        {"ids": [5]},
        {"ids": {"rule": "5"}},
        {"ids": {"rule": [True]}},
        {"ids": {"rule": [-1]}},
        {"ids": {"ghost": [5]}},
    ],
)
def test_parameters_of_another_shape_are_named(house: RulesHouse, params: dict) -> None:
    with pytest.raises(Unprocessable, match=r"params\.ids"):
        house.process("sync_rules", **params)


@pytest.mark.parametrize("question", [None, "", "  ", 5, "x" * 1001])
def test_a_question_that_is_none_is_named(house: RulesHouse, question: object) -> None:
    with pytest.raises(Unprocessable):
        house.process("ask_rules", question=question)


def test_english_answers(configured: Settings) -> None:
    facts = [f for f in shop_facts("luma", "en").values() if f["kind"] != "profile"]
    profile = profile_facts(language="en_US", timezone="America/New_York", currency="USD")
    with OdooDouble(account_id="account_2", rules=facts, profile=profile) as odoo:
        house = RulesHouse(configured, odoo, account_id="account_2", language="en_US")
        house.sync()
        assert "GLOW15" in house.answer("do you have any discounts?")
        assert "free from $50" in house.answer("how much is shipping?")
        assert house.answer("do you open on sunday?") == "Sunday, November 29: closed."
        assert "10 minutes" in house.answer("I'm running late for my appointment")


def test_a_very_long_question_is_answered_in_time(house: RulesHouse) -> None:
    started = time.monotonic()
    assert "em até 7 dias" in house.answer(("qual o prazo de troca? " + "bla " * 300)[:1000])
    proxy = house.hub.rules.proxy(house.tenant, Evidence())
    assert proxy is not None
    assert proxy.brief("qual o prazo de troca? " + "palavra qualquer " * 5000).answering
    assert time.monotonic() - started < 40
