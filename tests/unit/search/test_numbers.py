"""A question's numbers and lengths are found as the shop writes them."""

import pytest

from sidecar.search.numbers import asked_numbers
from sidecar.search.tokens import tokenizer_of


def asked(text: str, language: str = "pt") -> dict[str, float]:
    tokenizer = tokenizer_of(language)
    return asked_numbers(text, tokenizer.tokens(text), tokenizer)


@pytest.mark.parametrize(
    ("text", "language", "token"),
    [
        ("sofá de três lugares", "pt", "3"),
        ("sofa de tres lugares", "pt", "3"),
        ("duas gavetas", "pt", "2"),
        ("sofá de 2 lugares", "pt", "dois"),
        ("two seats", "en", "2"),
        ("cinco cajones", "es", "5"),
    ],
)
def test_a_number_is_asked_for_in_words_and_figures(text, language, token):
    (expected,) = {token} if token.isdigit() else tokenizer_of(language).tokens(token)
    assert 0 < asked(text, language)[expected] < 1


@pytest.mark.parametrize("text", ["uma mesa", "sofá azul", "sofá de 3 ou três lugares", "12 peças"])
def test_what_is_no_number_or_said_both_ways_asks_for_no_more(text):
    assert asked(text) == {}


@pytest.mark.parametrize(
    ("text", "centimeters"),
    [
        ("mesa de 2 metros", {"200"}),
        ("mesa 2,20m", {"220"}),
        ("painel de 1.8 m", {"180"}),
        ("espelho 800 mm", {"80"}),
        ("tapete 2 x 3 m", {"200", "300"}),
        ("tapete de 2,00×3,00m", {"200", "300"}),
        ("mesa de 200 cm", set()),  # as it is
        ("parafuso de 5 mm", set()),  # half a centimeter is none
        ("iPhone 15 mini", set()),
        ("a loja fica a 500 m daqui", set()),  # no size of a product
    ],
)
def test_a_length_is_asked_for_in_centimeters(text, centimeters):
    assert {token for token, weight in asked(text).items() if weight == 1.0} == centimeters


def test_pieces_of_a_length_count_less():
    found = asked("mesa de 2,20 m")
    assert found["220"] == 1.0
    assert {token for token, weight in found.items() if weight < 0.5} == {"2", "20", "m"}
    assert "20" not in asked("cabo de 20 m")  # counts as it was typed
