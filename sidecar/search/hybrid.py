"""Hybrid search: exact words and meaning, fused by rank in Qdrant, exact codes first."""

import logging
from dataclasses import dataclass

import numpy as np
from qdrant_client import models

from sidecar.context import TenantContext
from sidecar.errors import SidecarError
from sidecar.search.embeddings.base import Embedder
from sidecar.search.query import Wanted
from sidecar.search.sparse import SparseEncoder, codes_of
from sidecar.search.store import ProductStore, Scored

log = logging.getLogger(__name__)

# Each half gives this many times what is asked for: fusion needs products that only one half
# ranks high, and a product in both at rank 40 can beat one that is in one at rank 10.
OVER_FETCH = 2
LEAST_DEPTH = 60


@dataclass(frozen=True, slots=True)
class Hit:
    """A product that was found.

    why: `code`, `name` and `category`, each with what matched after a colon ("name: sofá azul");
    else `text` (words of the question are in its description) or `meaning` (none is).
    """

    product_id: int
    score: float
    why: tuple[str, ...]


class HybridSearch:
    """Search of one tenant's products; sparse only where `embedder` is None."""

    def __init__(self, store: ProductStore, embedder: Embedder | None, context: TenantContext):
        self._store = store
        self._embedder = embedder
        self._encoder = SparseEncoder(context.language_code)

    def search(
        self,
        text: str,
        limit: int = 10,
        wanted: Wanted | None = None,
        in_stock: bool | None = None,
    ) -> list[Hit]:
        """Up to `limit` active products, best first, within the price limits of `wanted`.

        in_stock: only products whose index says so (the index may be minutes old), or None for
        all. An embedder that fails costs the dense half, not the answer. Raises what the store
        raises.
        """
        conditions: list[models.Condition] = [_is("active", True)]
        if in_stock is not None:
            conditions.append(_is("in_stock", in_stock))
        if wanted is not None and (wanted.min_price is not None or wanted.max_price is not None):
            limits = models.Range(gte=wanted.min_price, lte=wanted.max_price)
            conditions.append(models.FieldCondition(key="price", range=limits))
        depth = max(OVER_FETCH * limit, LEAST_DEPTH)
        dense = self._dense(text)
        keys = ["name", "category", "codes"]
        if dense is not None:
            keys.append("text")
        found = self._store.search(self._encoder.query(text), dense, depth, depth, conditions, keys)
        codes = codes_of(text)
        exact = [one for one in found if codes.intersection(one.payload["codes"])]
        rest = [one for one in found if not codes.intersection(one.payload["codes"])]
        return [self._hit(one, text, codes) for one in (*exact, *rest)[:limit]]

    def _dense(self, text: str) -> np.ndarray | None:
        if self._embedder is None or not text.strip():
            return None
        try:
            return self._embedder.embed([text])[0]
        except SidecarError as error:
            log.warning("searching by words only: no embedding (%s)", error.code)
            return None

    def _hit(self, found: Scored, text: str, codes: set[str]) -> Hit:
        why = [f"code: {code}" for code in found.payload["codes"] if code in codes]
        for field in ("name", "category"):
            if words := self._shared(text, found.payload[field]):
                why.append(f"{field}: {' '.join(words)}")
        if not why:
            # Without the dense half every hit has a word; else the long text must be looked at.
            content = found.payload.get("text")
            why = ["text" if content is None or self._shared(text, content) else "meaning"]
        return Hit(found.record_id, found.score, tuple(why))

    def _shared(self, text: str, content: str) -> list[str]:
        """Words of the question whose tokens are in `content`."""
        tokens = self._encoder.tokenizer.tokens
        present = set(tokens(content))
        return [word.strip("?!.,;:") for word in text.split() if present.intersection(tokens(word))]


def _is(field: str, value: bool) -> models.FieldCondition:
    return models.FieldCondition(key=field, match=models.MatchValue(value=value))
