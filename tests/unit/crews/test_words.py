"""What code tells from a customer's words: the language, anger, orders; and what it hides."""

import pytest

from sidecar.crews.language import spoken
from sidecar.crews.marks import split_mark
from sidecar.crews.masks import Masks
from sidecar.crews.mood import is_angry
from sidecar.crews.topics import asks_about_orders


@pytest.mark.parametrize(
    ("text", "default", "language"),
    [
        ("oi, tem sofá?", "pt", "pt"),
        ("Com o cupom SOFA10 o Sofá Jacarandá sai por R$ 2.511,00.", "pt", "pt"),
        ("Hi, do you have a sofa?", "pt", "en"),
        ("what time do you close on saturday", "pt", "en"),
        ("¿Tienen sofás?", "pt", "es"),
        ("quiero una silla roja", "pt", "es"),
        ("Muéstrame el pedido S00081.", "pt", "es"),
        ("hola", "pt", "es"),
        ("hello", "pt", "en"),
        ("quanto custa o frete para SP?", "en", "pt"),
        ("bom dia", "es", "pt"),
        ("cadê meu pedido?", "en", "pt"),
        ("ok", "en", "en"),
        ("Sofá Jacarandá", "en", "en"),
        ("S00071", "pt", "pt"),
        ("👍", "es", "es"),
    ],
)
def test_the_language_of_a_message(text: str, default: str, language: str) -> None:
    assert spoken([text], default) == language


def test_a_message_that_tells_nothing_is_in_the_language_before_it() -> None:
    assert spoken(["Do you have a blue chair for my desk?", "ok"], "pt") == "en"


@pytest.mark.parametrize(
    "text",
    [
        "isso é um absurdo",
        "This is ridiculous!",
        "son unos estafadores",
        "NINGUÉM RESPONDE AQUI NÃO É",
    ],
)
def test_anger_is_told(text: str) -> None:
    assert is_angry(text)


@pytest.mark.parametrize(
    "text",
    [
        "o sofá chegou quebrado",
        "QUERO UM SOFÁ DE TRÊS LUGARES",
        "it is late",
        "tem de novo?",
        "Oi!!",
    ],
)
def test_a_plain_complaint_is_no_anger(text: str) -> None:
    assert not is_angry(text)


@pytest.mark.parametrize("text", ["cadê meu pedido", "where is my order", "mi pedido S00071"])
def test_questions_about_orders(text: str) -> None:
    assert asks_about_orders(text)


def test_a_question_about_a_product_is_none_about_orders() -> None:
    assert not asks_about_orders("tem sofá azul?")


def test_personal_data_gets_marks_that_only_the_turn_can_undo() -> None:
    masks = Masks()
    said = "sou bia@x.com.br, (11) 98888-7777, CPF 123.456.789-09, cartão 4111 1111 1111 1111"
    hidden = masks.hide(said)
    assert hidden == "sou [email-1], [phone-1], CPF [document-1], cartão [card-1]"
    assert masks.show({"email": "[email-1]", "more": ["[phone-1]"]}) == {
        "email": "bia@x.com.br",
        "more": ["(11) 98888-7777"],
    }
    assert masks.hide("de novo bia@x.com.br") == "de novo [email-1]"
    assert masks.show("[email-7] e [phone-1]") == " e (11) 98888-7777"


def test_a_link_that_opens_an_order_is_a_mark_for_the_model_and_whole_for_the_customer() -> None:
    masks = Masks()
    link = "https://loja.example/my/orders/5?access_token=0f1e-2d3c&payment=1"
    hidden = masks.hide({"url": link})
    assert hidden == {"url": "[link-1]"}
    assert masks.show("Assine aqui: [link-1].") == f"Assine aqui: {link}."
    assert masks.hide(f"Assine aqui: {link}") == "Assine aqui: [link-1]"


@pytest.mark.parametrize(
    "text",
    [
        "R$ 2.790,00",
        "220 x 90 cm",
        "S00071",
        "27/11/2026 às 09:00",
        "SOF-3L",
        "https://loja.example/shop/5?page=2",
    ],
)
def test_what_is_nobodys_stays(text: str) -> None:
    assert Masks().hide(text) == text


def test_a_mark_is_read_and_never_told() -> None:
    assert split_mark(" [HUMANO] Já chamo.") == ("person", "Já chamo.")
    assert split_mark("Claro! [UNSURE] Não sei.") == ("", "Claro!  Não sei.")
    assert split_mark("Temos [azul].") == ("", "Temos [azul].")
