"""Hybrid search: exact words and meaning, fused by rank.

Reciprocal rank fusion (Cormack, Clarke & Büttcher, 2009), score = Σ weight / (k + rank).
"""

from dataclasses import dataclass

from qdrant_client import models

from sidecar.context import TenantContext
from sidecar.errors import SidecarError
from sidecar.search.embeddings.base import Embedder
from sidecar.search.query import Wanted
from sidecar.search.sparse import SparseEncoder
from sidecar.search.store import ProductStore

_K = 60
_REASONS = {"sparse": "words", "dense": "meaning"}


@dataclass(frozen=True, slots=True)
class Hit:
    """A product that was found. why: `words`, `meaning` or both."""

    product_id: int
    score: float
    why: tuple[str, ...]


class HybridSearch:
    """Search of one tenant's products; sparse only where `embedder` is None."""

    def __init__(self, store: ProductStore, embedder: Embedder | None, context: TenantContext):
        self._store = store
        self._embedder = embedder
        self._encoder = SparseEncoder(context.language_code)

    def search(self, text: str, limit: int = 30, wanted: Wanted | None = None) -> list[Hit]:
        """Up to `limit` active products, best first, within the price limits of `wanted`.

        An embedder that fails costs the dense half, not the answer.
        """
        conditions = [_is("active", True), *_price_range(wanted)]
        sparse = self._encoder.query(text)
        halves = self._store.search(sparse, self._dense(text), limit, conditions)
        scores: dict[int, float] = {}
        why: dict[int, list[str]] = {}
        for name, found in halves.items():
            for rank, product in enumerate(found, 1):
                scores[product.record_id] = scores.get(product.record_id, 0.0) + 1 / (_K + rank)
                why.setdefault(product.record_id, []).append(_REASONS[name])
        ranked = sorted(scores, key=lambda record_id: (-scores[record_id], record_id))
        return [Hit(r, scores[r], tuple(why[r])) for r in ranked[:limit]]

    def _dense(self, text: str):
        if self._embedder is None or not text.strip():
            return None
        try:
            return self._embedder.embed([text])[0]
        except SidecarError:
            return None


def _is(field: str, value: bool) -> models.FieldCondition:
    return models.FieldCondition(key=field, match=models.MatchValue(value=value))


def _price_range(wanted: Wanted | None) -> list[models.FieldCondition]:
    if wanted is None or (wanted.min_price is None and wanted.max_price is None):
        return []
    limits = models.Range(gte=wanted.min_price, lte=wanted.max_price)
    return [models.FieldCondition(key="price", range=limits)]
