"""Which option of a menu a customer means."""

import pytest

from sidecar.hub.menu import Menu, asks_for_menu, menu_of
from sidecar.tenants.desk import MenuOption
from sidecar.tenants.schema import parse_tenant
from tests.documents import tenant_document

MENU = Menu(
    "Escolha:",
    (
        MenuOption(label="Vendas", crew="sales", keywords=["comprar", "preço"]),
        MenuOption(label="Suporte técnico", crew="customer_service", keywords=["defeito", "preço"]),
    ),
    True,
)


@pytest.mark.parametrize(
    ("said", "crew"),
    [
        ("1", "sales"),
        (" 2. ", "customer_service"),
        ("opção 2", "customer_service"),
        ("Número 1!", "sales"),
        ("1️⃣", "sales"),
        ("vendas", "sales"),
        ("VENDAS por favor", "sales"),
        ("suporte tecnico", "customer_service"),
        ("quero comprar uma cadeira azul para a sala", "sales"),
        ("veio com defeito", "customer_service"),
    ],
)
def test_a_clear_choice(said: str, crew: str) -> None:
    chosen = MENU.by_choice(said)
    assert chosen is not None
    assert chosen.crew == crew


@pytest.mark.parametrize(
    "said", ["3", "0", "12", "tenho 2 cadeiras", "preço", "vendas ou suporte técnico", "oi", ""]
)
def test_what_is_not_clear_is_no_choice(said: str) -> None:
    assert MENU.by_choice(said) is None


def test_keywords_are_whole_words() -> None:
    assert MENU.by_keyword("comprarei amanhã") is None
    assert MENU.by_keyword("posso COMPRAR?") is MENU.options[0]


def test_words_for_channels_without_buttons() -> None:
    assert MENU.words("Escolha:") == "Escolha:\n1. Vendas\n2. Suporte técnico"


def test_only_crews_that_work_are_offered_and_one_option_is_no_menu() -> None:
    options = [{"label": "Vendas", "crew": "sales"}, {"label": "Ajuda", "crew": "support"}]
    menu = {"enabled": True, "options": options}
    tenant = parse_tenant(tenant_document(conversation={"menu": menu}))
    offered = menu_of(tenant)
    assert [option.label for option in offered.options] == ["Ajuda"]
    assert not offered.shown


def test_asking_for_the_menu() -> None:
    assert asks_for_menu("Menu!")
    assert not asks_for_menu("qual o menu do restaurante")
