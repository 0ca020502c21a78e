"""Hellos, goodbyes, and the shape of what is said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.hub import life


@pytest.mark.parametrize(
    "text",
    ["oi", "Olá!", "Bom dia, tudo bem?", "hi there", "Hola, buenas tardes", "oi, boa noite 😊"],
)
def test_hellos(text: str) -> None:
    assert life.only_greets(text)
    assert not life.says_goodbye(text)


@pytest.mark.parametrize("text", ["oi, tem sofá?", "tudo", "", "dia 5", "boa, quero"])
def test_no_hellos(text: str) -> None:
    assert not life.only_greets(text)


@pytest.mark.parametrize(
    "text",
    [
        "tchau",
        "Tchau, obrigada!",
        "era só isso, muito obrigado",
        "é só isso mesmo, valeu!",
        "não, nada mais, obrigada pela ajuda",
        "até logo!",
        "ok, bye",
        "No thanks, that's all",
        "gracias, eso es todo",
        "Adiós!",
    ],
)
def test_goodbyes(text: str) -> None:
    assert life.says_goodbye(text)


@pytest.mark.parametrize(
    "text",
    [
        "obrigado",
        "só isso?",
        "só isso de desconto",
        "tchau não, ainda tenho uma pergunta sobre o sofá",
        "quero o tênis bye bye baby",
        "até amanhã vocês entregam",
        "mais nada chegou aqui",
        "",
    ],
)
def test_no_goodbyes(text: str) -> None:
    assert not life.says_goodbye(text)


def test_the_greeting_replaces_the_models_hello_and_is_not_doubled() -> None:
    hello = "Olá! Aqui é a Luma."
    assert life.greeted(hello, "Oi, Bia! temos sim.") == f"{hello}\n\nTemos sim."
    assert life.greeted(hello, f"{hello}\nTemos sim.") == f"{hello}\nTemos sim."
    assert life.greeted(hello, "Bom dia! Boa tarde! Sim.") == f"{hello}\n\nBoa tarde! Sim."
    assert life.greeted("", "Oi! Sim.") == "Oi! Sim."
    assert life.greeted(hello, "Olá") == f"{hello}\n\nOlá"


def test_short_answers_are_one_message_and_long_ones_at_most_three() -> None:
    assert life.messages("um\n\ndois", 4096, True) == ("um\n\ndois",)
    many = "\n\n".join(["p" * 290] * 12)
    assert len(life.messages(many, 4096, True)) == 3
    assert life.messages(many, 4096, False) == (many,)
    assert life.messages("", 4096, True) == ()


@given(
    st.lists(st.text(alphabet="ab c.\n😀é", min_size=1, max_size=900), max_size=8),
    st.integers(64, 4096),
    st.booleans(),
)
def test_nothing_is_lost_and_nothing_is_too_long(
    paragraphs: list[str], limit: int, several: bool
) -> None:
    text = "\n\n".join(paragraphs)
    parts = life.messages(text, limit, several)
    assert "".join("".join(parts).split()) == "".join(text.split())
    assert all(len(part.encode("utf-16-le")) // 2 <= limit for part in parts)
