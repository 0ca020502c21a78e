"""Without a model: answers are composed from facts, in the tenant's language."""

import pytest

from sidecar.llm import extractive
from sidecar.llm.sentences import money
from tests.facts import product_facts


def test_an_answer_names_live_price_and_stock_in_portuguese() -> None:
    text = extractive.answer("tem sofá?", [product_facts()], "Casa Teste", "pt_BR")
    assert "**Sofá Jacarandá** – R$ 2.790,00 – 4 em estoque" in text
    assert text.startswith("Temos esta opção:")


def test_an_answer_in_english() -> None:
    facts = product_facts(name="Night Serum", price=39.5, currency="USD", is_storable=False)
    text = extractive.answer("any serum?", [facts], "Luma", "en_US")
    assert "**Night Serum** – $39.50 – available" in text


@pytest.mark.parametrize("text", ["oi", "Olá!", "bom dia, tudo bem?", "Hello", "hi!!"])
def test_a_greeting_is_greeted(text: str) -> None:
    assert "Casa Teste" in extractive.answer(text, [], "Casa Teste", "pt_BR")


def test_nothing_found_is_said_and_a_person_offered() -> None:
    assert "atendente" in extractive.answer("tem avião?", [], "Casa Teste", "pt_BR")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("quero falar com um atendente", True),
        ("I want to talk to a human", True),
        ("posso falar com alguém?", True),
        ("tem cadeira para atender clientes?", False),
        ("oi", False),
    ],
)
def test_asking_for_a_person_is_understood(text: str, wanted: bool) -> None:
    assert extractive.wants_person(text) is wanted


@pytest.mark.parametrize(
    ("amount", "currency", "language", "text"),
    [(2790, "BRL", "pt_BR", "R$ 2.790,00"), (1234.5, "USD", "en_US", "$1,234.50")],
)
def test_money_as_people_write_it(amount: float, currency: str, language: str, text: str) -> None:
    assert money(amount, currency, language) == text
