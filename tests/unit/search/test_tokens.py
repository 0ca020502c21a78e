"""Tokens of several languages, and codes as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.search.tokens import codes_of, fold, plain_code, token_id, tokenizer_of

SAME_TOKEN = [
    ("pt_BR", ["sofá", "sofa", "sofás", "SOFÁ"]),
    ("pt_BR", ["cadeira", "cadeiras"]),
    ("pt_BR", ["colchão", "colchao", "colchões", "colchoes"]),
    ("pt_BR", ["opção", "opcao", "opções", "opcoes"]),
    ("pt_BR", ["iluminação", "iluminacao"]),
    ("pt_BR", ["lençol", "lençóis", "lencois"]),
    ("pt_BR", ["papel", "papéis", "papeis"]),
    ("pt_BR", ["escritório", "escritorio", "escritórios"]),
    ("pt_BR", ["confortável", "confortavel", "confortáveis"]),
    ("pt_BR", ["luz", "luzes"]),
    ("en_US", ["battery", "batteries"]),
    ("en_US", ["moisturizing", "moisturize"]),
    ("en_US", ["women's", "women"]),
    ("es_ES", ["canción", "cancion", "canciones"]),
]


@pytest.mark.parametrize(("language", "spellings"), SAME_TOKEN)
def test_spellings_of_a_word_are_one_token(language, spellings):
    tokens = {tuple(tokenizer_of(language).tokens(word)) for word in spellings}
    assert len(tokens) == 1
    assert len(tokens.pop()) == 1


def test_different_words_stay_different():
    tokens = tokenizer_of("pt_BR").tokens(
        "mesa cadeira sofá armário colchão estante tapete espelho"
    )
    assert len(set(tokens)) == 8


def test_stop_words_and_chatter_are_left_out():
    assert tokenizer_of("pt_BR").tokens("Olá, vocês têm um sofá para a sala?") == (
        tokenizer_of("pt_BR").tokens("sofá sala")
    )
    assert tokenizer_of("en_US").tokens("Do you have any serum for me?") == ["serum"]


@pytest.mark.parametrize("typed", ["GSB-13 RE", "gsb13re", "GSB13RE", "gsb-13-re"])
def test_a_code_is_found_however_it_is_typed(typed):
    tokens = set(tokenizer_of("pt_BR").tokens(typed))
    stored = set(tokenizer_of("pt_BR").tokens("Cadeira GSB-13 RE"))
    assert tokens & stored & {"gsb13re", "gsb13", "gsb"}


def test_a_code_is_kept_whole_and_split():
    assert tokenizer_of("pt_BR").tokens("GSB-13 RE") == ["gsb", "13", "gsb13", "re", "gsb13re"]
    assert tokenizer_of("en_US").tokens("EAN 7891234567895") == ["ean", "7891234567895"]


def test_a_decimal_number_is_no_word():
    assert "432cm" in tokenizer_of("en_US").tokens("43.2cm")


def test_a_decimal_comma_is_a_point():
    for typed in ("15,6 polegadas", "15.6 polegadas"):
        assert "156" in tokenizer_of("pt_BR").tokens(typed)
    assert tokenizer_of("pt_BR").tokens("1,2,3") == ["1", "2", "3"]


def test_words_are_folded_and_whole():
    assert tokenizer_of("pt_BR").words("Olá, um sofá-cama de 2 lugares!") == [
        "sofa",
        "cama",
        "lugares",
    ]


def test_token_ids_are_fixed_forever():
    # Stored points hold these numbers: another hash would need all of them to be indexed again.
    assert [token_id("sof"), token_id("cadeir")] == [1810337924, 467764173]


@pytest.mark.parametrize(
    ("code", "plain"),
    [
        ("GSB-13 RE", "gsb13re"),
        ("SOF-3L", "sof3l"),
        ("7891234567895", "7891234567895"),
        ("POL-JEQ-PF", "poljeqpf"),
        ("120", ""),
        ("sofá", ""),
        ("A-B", ""),
        ("POL JEQ PF", ""),
        ("A1", ""),
        ("", ""),
    ],
)
def test_plain_code(code, plain):
    assert plain_code(code) == plain


def test_codes_in_a_question():
    assert {"gsb13", "gsb13re"} <= codes_of("tem a cadeira GSB-13 RE?")
    assert codes_of("sofá de 3 lugares") & {"3", "sofa"} == set()
    assert codes_of("tem a pol-jeq-pf?") == codes_of("tem a POLJEQPF?") == {"poljeqpf"}
    assert codes_of("uma poltrona de leitura") == set()


@given(st.text(max_size=60), st.sampled_from(["pt_BR", "en_US", "es_ES", "ja_JP"]))
def test_tokens_of_any_text_are_folded_and_stable(text, language):
    tokens = tokenizer_of(language).tokens(text)
    assert tokens == tokenizer_of(language).tokens(text)
    assert all(token and token == fold(token) for token in tokens)
