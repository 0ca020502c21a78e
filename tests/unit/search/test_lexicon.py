"""Words the catalog does not know are read as ones it does; those it knows are left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.search.lexicon import Lexicon
from sidecar.search.tokens import tokenizer_of
from tests.furniture import furniture

SHOP = Lexicon.of("pt", [f"{f['name']} {f['category']} {f['sale_text']}" for f in furniture()])


def meant(typed: str) -> set[str]:
    return set(SHOP.meant(typed))


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("cadera", "cadeira"),
        ("caderia", "cadeira"),
        ("poltorna", "poltrona"),
        ("guardaroupa", "roupa"),
        ("escrivaninah", "escrivaninha"),
        ("escrivanina", "escrivaninha"),
        ("espreguisadera", "espreguiçadeira"),
    ],
)
def test_a_mistyped_word_is_understood(typed, word):
    assert set(tokenizer_of("pt").tokens(word)) <= meant(typed)


@pytest.mark.parametrize("typed", ["colxão", "colxao", "koxâo"])
def test_a_word_written_as_it_sounds_is_understood(typed):
    shop = Lexicon.of("pt", ["Colchão de molas", "Coxão mole", "Sofá"])
    word = "colchão" if typed.startswith("colx") else "coxão"
    assert set(shop.meant(typed)) == set(tokenizer_of("pt").tokens(word))


def test_each_language_has_its_own_sounds():
    assert set(Lexicon.of("es", ["baúl"]).meant("vahul")) == set()
    assert set(Lexicon.of("es", ["zapatilla"]).meant("sapatiya")) == {"zapatill"}
    assert set(Lexicon.of("en", ["chocolate"]).meant("xoccolatte")) == set()


@pytest.mark.parametrize("typed", ["cadeira", "cadeiras", "CADEIRA", "sofas", "mesa de centro"])
def test_known_words_are_left_alone(typed):
    assert meant(typed) == set()


@pytest.mark.parametrize("typed", ["xyz", "gsb13re", "", "qwertyuiop", "de", "7890000000033"])
def test_what_is_like_no_word_is_left_alone(typed):
    assert meant(typed) == set()


def test_joined_and_split_words_meet():
    shop = Lexicon.of("en", ["smart phone case", "earphone", "notebook bag"])
    assert set(shop.meant("smartphone")) == {"smart", "phone"}
    assert set(shop.meant("ear phone")) == {"earphon"}
    assert set(shop.meant("note book")) >= {"notebook"}


def test_a_guess_counts_less_than_a_typed_word():
    assert all(0 < weight < 1 for weight in SHOP.meant("cadera poltorna").values())


def test_coverage_is_the_share_of_the_question_that_was_found():
    tokens = ["mes", "centr"]
    most = sum(SHOP._idf(token) for token in tokens) * 1.7
    assert SHOP.coverage(tokens, most) == pytest.approx(1.0)
    assert SHOP.coverage(tokens, most / 2) == pytest.approx(0.5)
    assert SHOP.coverage([], 1.0) is None
    assert Lexicon("pt").coverage(tokens, 1.0) is None


def test_more_words_are_added():
    more = SHOP.with_more(Lexicon.of("pt", ["Samovar russo"]), 63)
    assert more.documents == 63
    assert more.words["samovar"] == 1
    assert more.words["sofa"] == SHOP.words["sofa"]


@given(st.text(max_size=60))
def test_any_text_has_some_meaning_or_none(text):
    assert all(0 < weight <= 1 for weight in SHOP.meant(text).values())
