"""Keeps a tenant's points as its products are. Unchanged content costs nothing."""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sidecar.context import TenantContext
from sidecar.embedding_agents.product_description import TEXT_VERSION, SearchText, search_text
from sidecar.search.embeddings.base import Embedder
from sidecar.search.sparse import TOKENS_VERSION, SparseEncoder, plain_code
from sidecar.search.store import Point, ProductStore

_CHUNK = 512  # products embedded and written at a time: what a crash can cost
_STATE = ("active", "in_stock", "price", "currency")
_KEPT = ["hash", "length", "avg_len", *_STATE]
# BM25's lengths are relative to the catalog's mean. A point keeps the mean it was written with
# until the catalog's has moved this far: then ranking would suffer, below it one new product
# would rewrite every point.
_DRIFT = 1.25


@dataclass(frozen=True, slots=True)
class _Product:
    facts: dict[str, Any]
    text: SearchText
    hash: str

    @property
    def state(self) -> dict[str, Any]:
        return {key: self.facts[key] for key in _STATE}


class Indexer:
    """Writes one tenant's products to its store; `embedder` None means sparse vectors only."""

    def __init__(self, store: ProductStore, embedder: Embedder | None, context: TenantContext):
        self._store = store
        self._embedder = embedder
        self._context = context

    def sync(self, facts: list[dict[str, Any]], complete: bool) -> dict[str, Any]:
        """Brings the points of `facts` up to date; the result of `sync_products`.

        facts: products as docs/contracts.md describes them; inactive ones lose their points.
        complete: `facts` is surely the tenant's whole catalog, so that other points are removed.
        A list that might be partial must say False.
        Counts products: embedded (text changed, and there is a model), upserted (written whole or
        in part), unchanged. Raises what the store and the embedder raise; what was written until
        then stays, and the next sync goes on from there.
        """
        self._store.ensure()
        known = self._store.payloads(_KEPT)
        products = {f["id"]: self._product(f) for f in facts if f["active"]}
        gone = known.keys() & {f["id"] for f in facts} - products.keys()
        if complete:
            gone = known.keys() - products.keys()
        changed = [
            record
            for record, product in products.items()
            if record not in known or known[record]["hash"] != product.hash
        ]
        lengths = self._lengths(products, changed)
        kept = known.keys() - gone - set(changed)
        avg_len, moved = self._avg_len(known, kept, lengths.values(), complete)

        encoder = SparseEncoder(self._context.language_code, avg_len)
        for start in range(0, len(changed), _CHUNK):
            chunk = [products[record] for record in changed[start : start + _CHUNK]]
            self._store.upsert(self._points(chunk, encoder, lengths))
        changes = self._state_changes(products, known, kept)
        if moved:
            again = kept & products.keys()
            self._store.change_sparse(
                {record: encoder.document(products[record].text.weighted) for record in again}
            )
            for record in again:
                changes[record] = changes.get(record, {}) | {"avg_len": avg_len}
        self._store.change_payloads(changes)
        self._store.delete(sorted(gone))
        if complete:
            self._store.delete_elsewhere()
        return {
            "total": len(facts),
            "embedded": len(changed) if self._embedder else 0,
            "upserted": len(changed) + len(changes),
            "deleted": len(gone),
            "unchanged": len(products) - len(changed) - len(changes),
            "points": {str(record): self._store.point_id(record) for record in products},
        }

    def remove(self, record_ids: Collection[int]) -> int:
        """Removes products that the ERP no longer shows us; how many points there were."""
        self._store.ensure()
        gone = sorted(self._store.payloads([]).keys() & set(record_ids))
        self._store.delete(gone)
        return len(gone)

    def _product(self, facts: dict[str, Any]) -> _Product:
        text = search_text(facts)
        model = self._embedder.model if self._embedder else ""
        versions = [TEXT_VERSION, TOKENS_VERSION, model, self._context.language_code]
        content = json.dumps([*versions, text.weighted, text.dense])
        return _Product(facts, text, hashlib.sha256(content.encode()).hexdigest())

    def _lengths(self, products: dict[int, _Product], records: Iterable[int]) -> dict[int, float]:
        encoder = SparseEncoder(self._context.language_code)
        return {r: sum(encoder.counts(products[r].text.weighted).values()) for r in records}

    def _avg_len(
        self,
        known: dict[int, dict[str, Any]],
        kept: Collection[int],
        new_lengths: Collection[float],
        complete: bool,
    ) -> tuple[float, bool]:
        """The mean length to encode with, and whether kept points must be encoded anew."""
        lengths = [known[record]["length"] for record in kept] + list(new_lengths)
        if not lengths:
            return 0.0, False
        measured = round(sum(lengths) / len(lengths), 1)
        if not kept:
            return measured, False
        used = Counter(known[record]["avg_len"] for record in kept).most_common(1)[0][0]
        drifted = not used / _DRIFT <= measured <= used * _DRIFT
        # A partial sync doesn't have the texts of the other products.
        return (measured, True) if drifted and complete else (used, False)

    def _state_changes(
        self,
        products: dict[int, _Product],
        known: dict[int, dict[str, Any]],
        kept: Collection[int],
    ) -> dict[int, dict[str, Any]]:
        """For products whose text is unchanged: the payload keys that are not."""
        changes = {}
        for record in kept & products.keys():
            state = products[record].state
            different = {key: v for key, v in state.items() if known[record].get(key) != v}
            if different:
                changes[record] = different
        return changes

    def _points(
        self, products: list[_Product], encoder: SparseEncoder, lengths: dict[int, float]
    ) -> list[Point]:
        dense: list[Any] = [None] * len(products)
        if self._embedder:
            dense = list(self._embedder.embed([product.text.dense for product in products]))
        points = []
        for product, vector in zip(products, dense, strict=True):
            record, text = product.facts["id"], product.text
            payload = product.state | {
                "hash": product.hash,
                "length": lengths[record],
                "avg_len": encoder.avg_len,
                "lang": self._context.language_code,
                "name": text.name,
                "category": text.category,
                "codes": sorted({code for c in text.codes if (code := plain_code(c))}),
                "text": ". ".join((text.dense, *text.codes)),
            }
            points.append(Point(record, payload, encoder.document(text.weighted), vector))
        return points
