"""Price limits are read out of questions; other numbers stay in them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.search.query import Wanted, understand

PORTUGUESE = [
    ("vocês têm sofá de 3 lugares até R$ 3.000?", "vocês têm sofá de 3 lugares?", None, 3000),
    ("mesa abaixo de 3 mil", "mesa", None, 3000),
    ("mesa abaixo de 3mil", "mesa", None, 3000),
    ("cadeiras entre 500 e 900 reais", "cadeiras", 500, 900),
    ("cadeiras entre 900 e 500 reais", "cadeiras", 500, 900),
    ("luminária mais de 200", "luminária", 200, None),
    ("entre 2 e 3 mil reais poltrona", "poltrona", 2000, 3000),
    ("até R$1.299,90 poltrona", "poltrona", None, 1299.90),
    ("ate 1299,9 poltrona", "poltrona", None, 1299.9),
    ("sofa que custe até 2500", "sofa", None, 2500),
    ("algo de 100 a 200 reais", "algo", 100, 200),
    ("perfume por menos de 100", "perfume", None, 100),
    ("menos de 2,5 mil", "", None, 2500),
    ("até mil reais", "", None, 1000),
    ("até mil e quinhentos reais", "", None, 1500),
    ("tapete por menos de dois mil", "tapete", None, 2000),
    ("estante entre quinhentos e mil reais", "estante", 500, 1000),
    ("escrivaninha no máximo 1000 reais, branca", "escrivaninha, branca", None, 1000),
    ("mesa até R$3000,00 com 6 cadeiras", "mesa com 6 cadeiras", None, 3000),
    ("abajur mais barato que 80 reais", "abajur", None, 80),
    ("MESA ATÉ R$ 500", "MESA", None, 500),
    ("poltrona acima de R$ 2.000.000", "poltrona", 2_000_000, None),
]
ENGLISH = [
    ("cream under $50", "cream", None, 50),
    ("between 20 and 40 dollars serum", "serum", 20, 40),
    ("lipstick for less than 15 dollars", "lipstick", None, 15),
    ("up to 1,500.50 usd desk", "desk", None, 1500.50),
    ("monitor over 1000", "monitor", 1000, None),
    ("gift under two hundred dollars", "gift", None, 200),
    ("anything for less than $20?", "anything?", None, 20),
    ("I can spend up to 15", "I can spend", None, 15),
    ("desk under 1k", "desk", None, 1000),
    ("at least $100 and at most $200 chair", "and chair", 100, 200),
]
NO_LIMIT = [
    ("sofá de 3 lugares", "pt_BR"),
    ("mesa para até 6 pessoas", "pt_BR"),
    ("mesa até 200 cm", "pt_BR"),
    ("guarda-roupa de 2 a 4 portas", "pt_BR"),
    ("tv até 50 polegadas", "pt_BR"),
    ("cabo de 20 a 30 metros", "pt_BR"),
    ("cadeira até 120 kg", "pt_BR"),
    ("sofá mais de 3 lugares", "pt_BR"),
    ("Tem armário até cinco portas?", "pt_BR"),
    ("desconto até 10%", "pt_BR"),
    ("cadeira GSB-13 RE", "pt_BR"),
    ("código 3.000", "pt_BR"),
    ("o pedido 7891234567895", "pt_BR"),
    ("more than 3 colors", "en_US"),
    ("over 30 spf", "en_US"),
    ("at least 100 ml", "en_US"),
    ("serum from 20 to 40", "en_US"),
    ("spf 50", "en_US"),
    ("", "pt_BR"),
]


@pytest.mark.parametrize(("question", "text", "least", "most"), PORTUGUESE)
def test_limits_in_portuguese(question, text, least, most):
    assert understand(question, "pt_BR") == Wanted(text, least, most)


@pytest.mark.parametrize(("question", "text", "least", "most"), ENGLISH)
def test_limits_in_english(question, text, least, most):
    assert understand(question, "en_US") == Wanted(text, least, most)


@pytest.mark.parametrize(("question", "language"), NO_LIMIT)
def test_a_number_that_is_no_price_is_no_limit(question, language):
    assert understand(question, language) == Wanted(question)


def test_two_limits_in_one_question():
    wanted = understand("poltrona a partir de R$ 800 e até R$ 1.500", "pt_BR")
    assert (wanted.min_price, wanted.max_price) == (800, 1500)
    assert "800" not in wanted.text


def test_english_phrases_are_read_for_a_portuguese_tenant_too():
    assert understand("sofa under R$ 900", "pt_BR").max_price == 900


def test_limits_are_inclusive():
    wanted = Wanted("mesa", 100, 200)
    assert wanted.allows_price(100)
    assert wanted.allows_price(200)
    assert not wanted.allows_price(99.99)
    assert not wanted.allows_price(200.01)
    assert Wanted("mesa").allows_price(1e9)


@given(st.text(max_size=80), st.sampled_from(["pt_BR", "en_US", "de_DE"]))
def test_any_text_is_understood_without_an_error(text, language):
    wanted = understand(text, language)
    if wanted.min_price is not None and wanted.max_price is not None:
        assert wanted.min_price <= wanted.max_price


@given(st.integers(20, 999_999))
def test_every_amount_reads_back(amount):
    grouped = f"{amount:,}".replace(",", ".")
    assert understand(f"sofá até R$ {grouped},50", "pt_BR").max_price == amount + 0.5
    assert understand(f"sofa up to ${amount:,}.50", "en_US").max_price == amount + 0.5
