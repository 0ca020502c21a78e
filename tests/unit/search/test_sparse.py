"""BM25F's weights against the formula written out, and pairs of words."""

import math
from collections import Counter

import pytest

from sidecar.search.sparse import (
    FIELDS,
    K1,
    PAIR_WEIGHT,
    SparseEncoder,
    mean_lengths,
    pairs,
    query_weights,
)
from sidecar.search.tokens import token_id, tokenizer_of

MEANS = {"name": 3.0, "description": 5.0}


def test_document_weights_follow_the_formula():
    texts = {"name": "red desk lamp", "category": "lamp", "description": "a red lamp of steel, red"}
    tf: Counter[str] = Counter()
    for field, text in texts.items():
        tokens = tokenizer_of("en_US").tokens(text)
        norm = 1 - FIELDS[field].b + FIELDS[field].b * len(tokens) / MEANS.get(field, 1)
        for token in tokens + (pairs(tokens) if FIELDS[field].pairs else []):
            tf[token] += FIELDS[field].weight / norm
    expected = {token_id(t): n * (K1 + 1) / (n + K1) for t, n in tf.items()}
    indices, values = SparseEncoder("en_US", MEANS).document(texts)
    assert indices == sorted(expected)
    assert values == pytest.approx([expected[index] for index in indices])


def test_what_a_product_is_for_counts_less_than_what_it_is():
    encoder = SparseEncoder("en_US", {"name": 2.0, "purpose": 1.0})
    case = dict(zip(*encoder.document({"name": "case", "purpose": "notebook"}), strict=True))
    assert case[token_id("case")] > case[token_id("notebook")]


def test_a_long_text_counts_less_a_word():
    encoder = SparseEncoder("en_US", {"description": 5.0})
    short = dict(zip(*encoder.document({"description": "red lamp"}), strict=True))
    words = " ".join(f"w{n}x" for n in range(50))
    long = dict(zip(*encoder.document({"description": f"red lamp {words}"}), strict=True))
    assert short[token_id("red")] > long[token_id("red")]


def test_codes_and_attributes_make_no_pairs():
    indices, _ = SparseEncoder("en_US").document({"attributes": "color red"})
    assert set(indices) == {token_id("color"), token_id("red")}


def test_a_query_counts_every_token_once_and_pairs_less():
    indices, values = SparseEncoder("en_US").query("red red lamp")
    weights = {"red": 1.0, "lamp": 1.0, "red red": PAIR_WEIGHT, "red lamp": PAIR_WEIGHT}
    assert dict(zip(indices, values, strict=True)) == {token_id(t): w for t, w in weights.items()}
    assert query_weights(["lamp"]) == {"lamp": 1.0}


def test_scores_rank_as_bm25_computed_by_hand():
    documents = [
        "red lamp",
        "red desk",
        "green lamp with a very long shade of cotton",
        "red lamp lamp",
    ]
    encoder = SparseEncoder("en_US", {"description": 4.0})
    tokens = [tokenizer_of("en_US").tokens(text) for text in documents]
    query = tokenizer_of("en_US").tokens("red lamp")
    b = FIELDS["description"].b

    def idf(token: str) -> float:
        n = sum(token in one for one in tokens)
        return math.log(1 + (len(documents) - n + 0.5) / (n + 0.5))

    for text, own in zip(documents, tokens, strict=True):
        norm = 1 - b + b * len(own) / 4.0
        by_hand = sum(
            idf(t) * (own.count(t) / norm) * (K1 + 1) / (own.count(t) / norm + K1) for t in query
        )
        weights = dict(zip(*encoder.document({"description": text}), strict=True))
        assert sum(idf(t) * weights.get(token_id(t), 0.0) for t in query) == pytest.approx(by_hand)


def test_nothing_gives_an_empty_vector():
    assert SparseEncoder("pt_BR").query("de para o") == ([], [])
    assert SparseEncoder("pt_BR").document({"name": ""}) == ([], [])


def test_means_are_of_the_texts_that_are_there():
    lengths = [{"name": 2, "description": 10}, {"name": 4}, {}]
    assert mean_lengths(lengths) == {"name": 3.0, "description": 10.0}
    assert mean_lengths([]) == {}
