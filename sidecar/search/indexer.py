"""Keeps a tenant's points as its products are. Unchanged content costs nothing."""

import hashlib
import json
from typing import Any

from sidecar.context import TenantContext
from sidecar.embedding_agents.product_description import search_text
from sidecar.search.embeddings.base import Embedder
from sidecar.search.sparse import SparseEncoder
from sidecar.search.store import Point, ProductStore

_VERSION = "1"  # raise it when search texts or weights change: everything is indexed again
_FLAGS = ("active", "in_stock", "price")


class Indexer:
    """Writes one tenant's products to its store."""

    def __init__(self, store: ProductStore, embedder: Embedder | None, context: TenantContext):
        self._store = store
        self._embedder = embedder
        self._context = context
        self._encoder = SparseEncoder(context.language_code)

    def sync(self, facts: list[dict[str, Any]], complete: bool) -> dict[str, Any]:
        """Bring the points of `facts` up to date; the result of `sync_products`.

        complete: `facts` is the tenant's whole catalog, so that other points are removed.
        """
        known = self._store.payloads()
        active = [f for f in facts if f["active"]]
        changed = [f for f in active if known.get(f["id"], {}).get("hash") != self._hash(f)]
        flagged = [
            f
            for f in active
            if f not in changed and any(known[f["id"]].get(n) != f[n] for n in _FLAGS)
        ]
        self._store.upsert(self._points(changed))
        for f in flagged:
            self._store.update_payload(f["id"], {name: f[name] for name in _FLAGS})
        gone = {f["id"] for f in facts if not f["active"]} & known.keys()
        if complete:
            gone |= known.keys() - {f["id"] for f in facts}
        self._store.delete(sorted(gone))
        return {
            "total": len(facts),
            "embedded": len(changed) if self._embedder else 0,
            "upserted": len(changed) + len(flagged),
            "deleted": len(gone),
            "unchanged": len(active) - len(changed) - len(flagged),
            "points": {str(f["id"]): self._store.point_id(f["id"]) for f in active},
        }

    def remove(self, record_ids: set[int]) -> int:
        """Remove products that the ERP no longer shows us; how many points there were."""
        gone = sorted(record_ids & self._store.payloads().keys())
        self._store.delete(gone)
        return len(gone)

    def _points(self, facts: list[dict[str, Any]]) -> list[Point]:
        texts = [search_text(f) for f in facts]
        dense: list[Any] = [None] * len(facts)
        if self._embedder and facts:
            dense = list(self._embedder.embed([text.dense for text in texts]))
        return [
            Point(f["id"], self._payload(f), self._encoder.document(list(text.fields)), vector)
            for f, text, vector in zip(facts, texts, dense, strict=True)
        ]

    def _payload(self, facts: dict[str, Any]) -> dict[str, Any]:
        return {
            "hash": self._hash(facts),
            "lang": self._context.language,
            "name": facts["name"],
            "category": facts["category"],
            **{name: facts[name] for name in _FLAGS},
        }

    def _hash(self, facts: dict[str, Any]) -> str:
        model = self._embedder.model if self._embedder else ""
        content = [_VERSION, model, self._context.language, search_text(facts).fields]
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()
