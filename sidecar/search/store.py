"""Products in Qdrant."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from qdrant_client import QdrantClient, models

from sidecar.context import TenantContext
from sidecar.search.sparse import SparseVector
from sidecar.search.tenant_collection import (
    DENSE,
    SPARSE,
    TenantCollection,
    batches,
    one_of,
    sparse_vector,
    translated,
)

KIND = "product"
_NAMESPACE = uuid.UUID("6f2d8f0e-6c1e-4b43-9f2b-6d1d6a4d3c11")


@dataclass(frozen=True, slots=True)
class Point:
    """A product as the index holds it. `dense` is a vector of the store's dimension, or None."""

    record_id: int
    payload: dict[str, Any]
    sparse: SparseVector
    dense: np.ndarray | None


@dataclass(frozen=True, slots=True)
class Halves:
    """Record ids and scores of both halves of a search, best first; products that have a code.

    dense is None where there was no dense vector to ask with.
    """

    sparse: list[tuple[int, float]]
    dense: list[tuple[int, float]] | None
    exact: list[int]


class ProductStore(TenantCollection):
    """One tenant's products. `dimension` is None where the tenant has no dense vectors.

    The collection is `products_…`; a tenant's own collection takes its name in place of `products`.
    """

    indexes: ClassVar[dict[str, Any]] = {
        "record_id": models.PayloadSchemaType.INTEGER,
        "active": models.PayloadSchemaType.BOOL,
        "in_stock": models.PayloadSchemaType.BOOL,
        "price": models.PayloadSchemaType.FLOAT,
        "lang": models.PayloadSchemaType.KEYWORD,
        "codes": models.PayloadSchemaType.KEYWORD,
        "categories": models.PayloadSchemaType.KEYWORD,
        "attributes": models.PayloadSchemaType.KEYWORD,
    }

    def __init__(self, client: QdrantClient, context: TenantContext, dimension: int | None):
        super().__init__(client, context, context.collection or "products", dimension)

    def point_id(self, record_id: int) -> str:
        """UUIDv5 of account, kind and record id."""
        return str(uuid.uuid5(_NAMESPACE, f"{self.context.account_id}/{KIND}/{record_id}"))

    def upsert(self, points: Sequence[Point]) -> None:
        """Writes points, replacing those of the same products."""
        self._write([self._product(point) for point in points])

    def change_payloads(self, payloads: dict[int, dict[str, Any]]) -> None:
        """Changes keys of products' payloads (record id → keys); their vectors stay."""
        self._update(
            [
                models.SetPayloadOperation(
                    set_payload=models.SetPayload(payload=payload, points=[self.point_id(record)])
                )
                for record, payload in payloads.items()
            ]
        )

    def change_sparse(self, vectors: dict[int, SparseVector]) -> None:
        """Replaces products' sparse vectors (record id → vector); all else stays."""
        for batch in batches(list(vectors.items())):
            points = [
                models.PointVectors(
                    id=self.point_id(record), vector={SPARSE: sparse_vector(vector)}
                )
                for record, vector in batch
            ]
            with translated():
                self._client.update_vectors(self.collection, points, wait=True)

    def delete(self, record_ids: Sequence[int]) -> None:
        """Removes products; unknown ones are no error."""
        for batch in batches(record_ids):
            self._remove(one_of("record_id", batch))

    def payloads(self, keys: list[str]) -> dict[int, dict[str, Any]]:
        """These payload keys of every product of the tenant, by record id."""
        return {payload["record_id"]: payload for payload in self._payloads(["record_id", *keys])}

    def halves(
        self,
        sparse: SparseVector,
        dense: np.ndarray | None,
        codes: Sequence[str],
        depth: int,
        conditions: list[models.Condition],
    ) -> Halves:
        """The `depth` best of each half, in one request; nothing before the first sync.

        codes: plain codes in the question; products that have one are told apart. Scores have four
        decimals: what differs less says the same twice and differs by arithmetic alone. Equal
        scores are ordered by record id.
        """
        wanted = self._filter(*conditions)
        requests = self._halves(sparse, dense, wanted, depth, ["record_id"])
        if codes:
            filtered = self._filter(*conditions, one_of("codes", codes))
            requests["exact"] = models.QueryRequest(
                filter=filtered, limit=depth, with_payload=["record_id"]
            )
        found: dict[str, list[tuple[int, float]]] = {}
        for name, points in self._ask(requests).items():
            scored = [(point.payload["record_id"], round(point.score, 4)) for point in points]
            found[name] = sorted(scored, key=lambda one: (-one[1], one[0]))
        exact = sorted(record for record, _ in found.get("exact", []))
        return Halves(found.get(SPARSE, []), found.get(DENSE) if dense is not None else None, exact)

    def payloads_of(self, record_ids: Sequence[int], keys: list[str]) -> dict[int, dict[str, Any]]:
        """These payload keys of the tenant's products among `record_ids`, by record id."""
        if not record_ids:
            return {}
        named = models.HasIdCondition(has_id=[self.point_id(record) for record in record_ids])
        with translated():
            records, _ = self._client.scroll(
                self.collection,
                scroll_filter=self._filter(named),
                limit=len(record_ids),
                with_payload=["record_id", *keys],
            )
        return {record.payload["record_id"]: record.payload for record in records}

    def _update(self, operations: list[Any]) -> None:
        with translated():
            for batch in batches(operations):
                self._client.batch_update_points(self.collection, batch, wait=True)

    def _product(self, point: Point) -> models.PointStruct:
        payload = point.payload | {"kind": KIND, "record_id": point.record_id}
        return self._struct(self.point_id(point.record_id), payload, point.sparse, point.dense)
