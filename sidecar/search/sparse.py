"""Sparse vectors: the document side of BM25F, and a query's tokens.

Qdrant multiplies the query's weights with the document's and with the IDF it keeps itself
(`modifier: idf`), so a document carries only the saturated frequency of each token:

    weight(t) = (k1 + 1)·tf(t) / (k1 + tf(t))
    tf(t)     = Σ over fields f: w_f · count_f(t) / (1 - b_f + b_f · length_f / mean length_f)

(Robertson & Zaragoza, The Probabilistic Relevance Framework, 2009, 3.6: each field has its own
weight and its own normalization of length; a mean is taken over the texts that are not empty.)

Words that stand side by side in a text are tokens too ("windows 10"), so that a question's words
found together count more than the same words apart (the sequential dependence model of Metzler &
Croft, 2005). A query gives such pairs less weight than a word.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from sidecar.search.tokens import token_id, tokenizer_of

K1 = 0.7
PAIR_WEIGHT = 0.4
# Changes whenever the same text and lengths give other vectors, so that points are encoded anew.
WEIGHTS_VERSION = 2

# Ascending token ids and the weight of each.
SparseVector = tuple[list[int], list[float]]


@dataclass(frozen=True, slots=True)
class FieldWeight:
    """weight: how much a word counts there. b: how much the text's length matters, 0 to 1."""

    weight: float
    b: float
    pairs: bool = False


# One configuration for any shop (docs/search.md says how it was found). `purpose` is the part of
# a name behind "for" ("case for notebook"): what a product goes with, not what it is.
FIELDS = {
    "name": FieldWeight(3.0, 0.4),
    "purpose": FieldWeight(1.0, 0.4),
    "category": FieldWeight(2.0, 0.0, pairs=True),
    "tags": FieldWeight(1.5, 0.0),
    "brand": FieldWeight(0.5, 0.0),
    "codes": FieldWeight(0.3, 0.0),
    "attributes": FieldWeight(0.25, 0.75),
    "description": FieldWeight(1.0, 0.7, pairs=True),
    "enriched": FieldWeight(0.5, 0.0),
}
# Fields whose length matters: their mean lengths are the catalog's, measured by the indexer.
MEASURED = tuple(name for name, field in FIELDS.items() if field.b)

Lengths = Mapping[str, float]
"""Tokens of each measured field: of one product, or the mean of those that have any."""


class SparseEncoder:
    """BM25F weights for documents and queries of one language.

    means: mean lengths of the measured fields; a field that is missing is taken as typical.
    """

    def __init__(self, language: str, means: Lengths | None = None):
        self.tokenizer = tokenizer_of(language)
        self._means = means or {}

    def document(
        self, texts: Mapping[str, str], concepts: Mapping[str, float] | None = None
    ) -> SparseVector:
        """Weights of a document given as texts by field.

        concepts: weighted frequencies of tokens beside those of the texts (`concepts.py`).
        """
        frequencies = dict(concepts or {})
        for name, text in texts.items():
            tokens = self.tokenizer.tokens(text)
            if not tokens:
                continue
            field = FIELDS[name]
            mean = self._means.get(name) or len(tokens)
            norm = 1 - field.b + field.b * len(tokens) / mean
            counts = Counter([*tokens, *pairs(tokens)] if field.pairs else tokens)
            for token, count in counts.items():
                frequencies[token] = frequencies.get(token, 0.0) + field.weight * count / norm
        return weights({t: (K1 + 1) * tf / (K1 + tf) for t, tf in frequencies.items()})

    def query(self, text: str) -> SparseVector:
        """1 for every distinct token of the query, less for its pairs."""
        return weights(query_weights(self.tokenizer.tokens(text)))

    def lengths(self, texts: Mapping[str, str]) -> dict[str, int]:
        """Tokens of each measured field; those without any are left out."""
        found = {name: len(self.tokenizer.tokens(texts.get(name, ""))) for name in MEASURED}
        return {name: length for name, length in found.items() if length}


def idf(number: int, documents: int) -> float:
    """Qdrant's IDF of a token that `number` of `documents` have."""
    number = min(number, documents)
    return math.log(1 + (documents - number + 0.5) / (number + 0.5))


def query_weights(tokens: list[str]) -> dict[str, float]:
    """A query's tokens and pairs of neighbors, with their weights."""
    return dict.fromkeys(pairs(tokens), PAIR_WEIGHT) | dict.fromkeys(tokens, 1.0)


def pairs(tokens: list[str]) -> list[str]:
    """A token for every two neighbors; no token of one word has a space."""
    return [f"{one} {other}" for one, other in pairwise(tokens)]


def mean_lengths(lengths: Iterable[Lengths]) -> dict[str, float]:
    """The means over those that have the field at all, with one decimal."""
    sums: Counter[str] = Counter()
    numbers: Counter[str] = Counter()
    for one in lengths:
        for name, length in one.items():
            sums[name] += length
            numbers[name] += 1
    return {name: round(sums[name] / numbers[name], 1) for name in sums}


def weights(by_token: Mapping[str, float]) -> SparseVector:
    """A sparse vector of weights by token."""
    by_id: dict[int, float] = {}
    for token, weight in by_token.items():
        # Two tokens that share an id (1 in 4 billion a pair) count as one, as they would in Qdrant.
        by_id[token_id(token)] = by_id.get(token_id(token), 0.0) + weight
    ordered = sorted(by_id.items())
    return [i for i, _ in ordered], [value for _, value in ordered]
