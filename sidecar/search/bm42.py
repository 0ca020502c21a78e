"""Sparse vectors by a model's attention in place of word counts (Qdrant's BM42, 2024).

A word weighs what the model's [CLS] token attends to its pieces; Qdrant adds the IDF. Made for
short texts; on the catalogs measured here it ranks worse than BM25F (docs/search.md), so it is an
operator's choice (`CHATWOOTAI_SPARSE_MODEL`) and not the default.
"""

from typing import Protocol

from sidecar.search.sparse import SparseVector, weights
from sidecar.search.tokens import tokenizer_of

VERSION = "bm42/1"


class Attentive(Protocol):
    """A model that tells what it attends to."""

    model: str

    def attentions(self, texts: list[str]) -> list[list[tuple[str, float]]]:
        """(characters, share) of each text's parts, in order."""
        ...


class Bm42Encoder:
    """Documents of one language by the attentions of `model`."""

    def __init__(self, model: Attentive, language: str):
        self._model = model
        self._tokenizer = tokenizer_of(language)

    def documents(self, texts: list[str]) -> list[SparseVector]:
        """A sparse vector for each text; what the model does not read has no weight."""
        return [
            weights(self._tokens(text, parts))
            for text, parts in zip(texts, self._model.attentions(texts), strict=True)
        ]

    def _tokens(self, text: str, parts: list[tuple[str, float]]) -> dict[str, float]:
        """Attention by index token: the sum over the pieces of the word it comes from."""
        found: dict[str, float] = {}
        place = 0
        words: list[list] = []  # [start, end, share] of runs of characters without a gap
        for piece, share in parts:
            start = text.index(piece, place)
            place = start + len(piece)
            if words and words[-1][1] == start and not text[start - 1 : start].isspace():
                words[-1][1], words[-1][2] = place, words[-1][2] + share
            else:
                words.append([start, place, share])
        for start, end, share in words:
            for token in self._tokenizer.tokens(text[start:end]):
                found[token] = found.get(token, 0.0) + share
        return found
