"""Tokens of several languages, and BM25 weights against the formula written out."""

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sidecar.search.sparse import (
    K1,
    B,
    SparseEncoder,
    codes_of,
    fold,
    plain_code,
    token_id,
    tokenizer_of,
)

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


def test_token_ids_are_fixed_forever():
    # Stored points hold these numbers: another hash would need all of them to be indexed again.
    assert [token_id("sof"), token_id("cadeir")] == [1810337924, 467764173]


def test_document_weights_follow_the_formula():
    encoder = SparseEncoder("en_US", avg_len=7.0)
    fields = [("red desk lamp", 3.0), ("a red lamp of steel, red", 1.0)]
    tf = Counter({"red": 3 + 2, "desk": 3, "lamp": 3 + 1, "steel": 1})
    length = sum(tf.values())
    expected = {
        token_id(t): n * (K1 + 1) / (n + K1 * (1 - B + B * length / 7.0)) for t, n in tf.items()
    }
    indices, values = encoder.document(fields)
    assert indices == sorted(expected)
    assert values == pytest.approx([expected[index] for index in indices])


def test_a_query_counts_every_token_once():
    indices, values = SparseEncoder("en_US").query("red red lamp")
    assert indices == sorted([token_id("red"), token_id("lamp")])
    assert values == [1.0, 1.0]


def test_scores_rank_as_bm25_computed_by_hand():
    documents = [
        "red lamp",
        "red desk",
        "green lamp with a very long shade of cotton",
        "red lamp lamp",
    ]
    encoder = SparseEncoder("en_US", avg_len=4.0)
    tokens = [tokenizer_of("en_US").tokens(text) for text in documents]
    query = tokenizer_of("en_US").tokens("red lamp")

    def idf(token: str) -> float:
        n = sum(token in one for one in tokens)
        return math.log(1 + (len(documents) - n + 0.5) / (n + 0.5))

    for text, own in zip(documents, tokens, strict=True):
        by_hand = sum(
            idf(t) * own.count(t) * (K1 + 1) / (own.count(t) + K1 * (1 - B + B * len(own) / 4.0))
            for t in query
        )
        weights = dict(zip(*encoder.document([(text, 1.0)]), strict=True))
        assert sum(idf(t) * weights.get(token_id(t), 0.0) for t in query) == pytest.approx(by_hand)


def test_nothing_gives_an_empty_vector():
    assert SparseEncoder("pt_BR").query("de para o") == ([], [])
    assert SparseEncoder("pt_BR", avg_len=0.0).document([("", 3.0)]) == ([], [])


@pytest.mark.parametrize(
    ("code", "plain"),
    [
        ("GSB-13 RE", "gsb13re"),
        ("SOF-3L", "sof3l"),
        ("7891234567895", "7891234567895"),
        ("120", ""),
        ("sofá", ""),
        ("A1", ""),
        ("", ""),
    ],
)
def test_plain_code(code, plain):
    assert plain_code(code) == plain


def test_codes_in_a_question():
    assert {"gsb13", "gsb13re"} <= codes_of("tem a cadeira GSB-13 RE?")
    assert codes_of("sofá de 3 lugares") & {"3", "sofa"} == set()


@given(st.text(max_size=60), st.sampled_from(["pt_BR", "en_US", "es_ES", "ja_JP"]))
def test_tokens_of_any_text_are_folded_and_stable(text, language):
    tokens = tokenizer_of(language).tokens(text)
    assert tokens == tokenizer_of(language).tokens(text)
    assert all(token and token == fold(token) for token in tokens)
