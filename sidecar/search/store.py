"""Products in Qdrant. A store belongs to one tenant: the tenant filter is added here, always."""

import uuid
from dataclasses import dataclass
from typing import Any

import numpy as np
from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from sidecar.context import TenantContext
from sidecar.errors import Unavailable, UpstreamError

KIND = "product"
DENSE, SPARSE = "dense", "sparse"
_NAMESPACE = uuid.UUID("6f2d8f0e-6c1e-4b43-9f2b-6d1d6a4d3c11")
_PAGE = 1000
_BATCH = 200
_INDEXES: dict[str, Any] = {
    "account_id": models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, is_tenant=True),
    "record_id": models.PayloadSchemaType.INTEGER,
    "active": models.PayloadSchemaType.BOOL,
    "in_stock": models.PayloadSchemaType.BOOL,
    "price": models.PayloadSchemaType.FLOAT,
}


@dataclass(frozen=True, slots=True)
class Point:
    """A product as the index holds it. `dense` is a vector of the store's dimension, or None."""

    record_id: int
    payload: dict[str, Any]
    sparse: tuple[list[int], list[float]]
    dense: np.ndarray | None


@dataclass(frozen=True, slots=True)
class Scored:
    """A product the engine found."""

    record_id: int
    score: float
    payload: dict[str, Any]


class ProductStore:
    """One tenant's products. `dimension` is None where the tenant has no dense vectors.

    Every call raises Unavailable when Qdrant cannot be reached and UpstreamError when it refuses.
    """

    def __init__(self, client: QdrantClient, context: TenantContext, dimension: int | None) -> None:
        self.context = context
        self.dimension = dimension
        self.collection = context.collection or f"products_{dimension or 'sparse'}"
        self._client = client
        self._ready = False

    def point_id(self, record_id: int) -> str:
        """UUIDv5 of account, kind and record id."""
        return str(uuid.uuid5(_NAMESPACE, f"{self.context.account_id}/{KIND}/{record_id}"))

    def ensure(self) -> None:
        """Create the collection and its payload indexes; indexes come before any point."""
        if self._ready:
            return
        with _translated():
            if not self._client.collection_exists(self.collection):
                dense = {}
                if self.dimension:
                    dense[DENSE] = models.VectorParams(
                        size=self.dimension, distance=models.Distance.COSINE
                    )
                sparse = models.SparseVectorParams(modifier=models.Modifier.IDF)
                try:
                    self._client.create_collection(
                        self.collection,
                        vectors_config=dense,
                        sparse_vectors_config={SPARSE: sparse},
                    )
                except UnexpectedResponse as error:
                    if error.status_code != 409:  # another process was faster
                        raise
            for field, schema in _INDEXES.items():
                self._client.create_payload_index(self.collection, field, schema, wait=True)
        self._ready = True

    def upsert(self, points: list[Point]) -> None:
        """Write points, replacing those of the same products."""
        self.ensure()
        with _translated():
            for start in range(0, len(points), _BATCH):
                batch = points[start : start + _BATCH]
                self._client.upsert(self.collection, [self._struct(p) for p in batch], wait=True)

    def update_payload(self, record_id: int, payload: dict[str, Any]) -> None:
        """Change keys of a product's payload; its vectors stay."""
        self.ensure()
        with _translated():
            self._client.set_payload(
                self.collection, payload, points=[self.point_id(record_id)], wait=True
            )

    def delete(self, record_ids: list[int]) -> None:
        """Remove products; unknown ones are no error."""
        if not record_ids:
            return
        self.ensure()
        with _translated():
            ids: list[Any] = [self.point_id(record_id) for record_id in record_ids]
            self._client.delete(
                self.collection, points_selector=models.PointIdsList(points=ids), wait=True
            )

    def payloads(self) -> dict[int, dict[str, Any]]:
        """Payload of every product of the tenant, by record id."""
        self.ensure()
        found: dict[int, dict[str, Any]] = {}
        offset: Any = None
        with _translated():
            while True:
                records, offset = self._client.scroll(
                    self.collection,
                    scroll_filter=self._filter([]),
                    limit=_PAGE,
                    offset=offset,
                    with_payload=True,
                )
                found |= {r.payload["record_id"]: r.payload for r in records if r.payload}
                if offset is None:
                    return found

    def search(
        self,
        sparse: tuple[list[int], list[float]],
        dense: np.ndarray | None,
        limit: int,
        conditions: list[models.FieldCondition],
    ) -> dict[str, list[Scored]]:
        """The best `limit` products of each half (`sparse`, `dense`), best first."""
        self.ensure()
        wanted = self._filter(conditions)
        requests: dict[str, models.QueryRequest] = {}
        if sparse[0]:
            vector = models.SparseVector(indices=sparse[0], values=sparse[1])
            requests[SPARSE] = models.QueryRequest(
                query=vector, using=SPARSE, filter=wanted, limit=limit, with_payload=True
            )
        if dense is not None:
            requests[DENSE] = models.QueryRequest(
                query=dense.tolist(), using=DENSE, filter=wanted, limit=limit, with_payload=True
            )
        halves: dict[str, list[Scored]] = {}
        with _translated():
            for name, request in requests.items():
                answer = self._client.query_points(
                    self.collection,
                    query=request.query,
                    using=request.using,
                    query_filter=request.filter,
                    limit=limit,
                    with_payload=True,
                )
                halves[name] = [
                    Scored(p.payload["record_id"], p.score, p.payload)
                    for p in answer.points
                    if p.payload
                ]
        return halves

    def _filter(self, conditions: list[models.FieldCondition]) -> models.Filter:
        mine = models.FieldCondition(
            key="account_id", match=models.MatchValue(value=self.context.account_id)
        )
        return models.Filter(must=[mine, *conditions])

    def _struct(self, point: Point) -> models.PointStruct:
        vector: dict[str, Any] = {
            SPARSE: models.SparseVector(indices=point.sparse[0], values=point.sparse[1])
        }
        if point.dense is not None:
            vector[DENSE] = point.dense.tolist()
        payload = point.payload | {
            "account_id": self.context.account_id,
            "kind": KIND,
            "record_id": point.record_id,
        }
        return models.PointStruct(id=self.point_id(point.record_id), vector=vector, payload=payload)


class _translated:
    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if isinstance(error, ResponseHandlingException):
            raise Unavailable("Qdrant cannot be reached.") from error
        if isinstance(error, UnexpectedResponse):
            if error.status_code and error.status_code >= 500:
                raise Unavailable("Qdrant failed while answering.") from error
            raise UpstreamError(
                f"Qdrant refused the request (HTTP {error.status_code})."
            ) from error
