"""Products in Qdrant. A store belongs to one tenant: the tenant filter is added here, always."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from sidecar.context import TenantContext
from sidecar.errors import Unavailable, UpstreamError, UpstreamRefused
from sidecar.search.sparse import SparseVector

KIND = "product"
DENSE, SPARSE = "dense", "sparse"
RRF_K = 60
_NAMESPACE = uuid.UUID("6f2d8f0e-6c1e-4b43-9f2b-6d1d6a4d3c11")
_PAGE = 1000
_BATCH = 200
_INDEXES: dict[str, Any] = {
    "account_id": models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, is_tenant=True),
    "record_id": models.PayloadSchemaType.INTEGER,
    "active": models.PayloadSchemaType.BOOL,
    "in_stock": models.PayloadSchemaType.BOOL,
    "price": models.PayloadSchemaType.FLOAT,
    "lang": models.PayloadSchemaType.KEYWORD,
    "codes": models.PayloadSchemaType.KEYWORD,
}


@dataclass(frozen=True, slots=True)
class Point:
    """A product as the index holds it. `dense` is a vector of the store's dimension, or None."""

    record_id: int
    payload: dict[str, Any]
    sparse: SparseVector
    dense: np.ndarray | None


@dataclass(frozen=True, slots=True)
class Scored:
    """A product the engine found."""

    record_id: int
    score: float
    payload: dict[str, Any]


class ProductStore:
    """One tenant's products. `dimension` is None where the tenant has no dense vectors.

    The collection is `products_<dimension>` or `products_sparse`; a tenant's own collection takes
    its name in place of `products`. Every call raises Unavailable when Qdrant cannot be reached,
    UpstreamRefused when it refuses our key and UpstreamError when it refuses the request.
    """

    def __init__(self, client: QdrantClient, context: TenantContext, dimension: int | None) -> None:
        self.context = context
        self.dimension = dimension
        self._base = context.collection or "products"
        self.collection = f"{self._base}_{dimension or SPARSE}"
        self._client = client

    def point_id(self, record_id: int) -> str:
        """UUIDv5 of account, kind and record id."""
        return str(uuid.uuid5(_NAMESPACE, f"{self.context.account_id}/{KIND}/{record_id}"))

    def ensure(self) -> None:
        """Creates what is missing of the collection and its payload indexes.

        Indexes must come before points: Qdrant ignores later ones in what it built already.
        """
        with _translated():
            try:
                present = self._client.get_collection(self.collection).payload_schema
            except UnexpectedResponse as error:
                if error.status_code != 404:
                    raise
                self._create()
                present = {}
            for field, schema in _INDEXES.items():
                if field not in present:
                    self._client.create_payload_index(self.collection, field, schema, wait=True)

    def upsert(self, points: Sequence[Point]) -> None:
        """Writes points, replacing those of the same products."""
        with _translated():
            for batch in _batches(points):
                self._client.upsert(self.collection, [self._struct(p) for p in batch], wait=True)

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
        self._update(
            [
                models.UpdateVectorsOperation(
                    update_vectors=models.UpdateVectors(
                        points=[
                            models.PointVectors(
                                id=self.point_id(record), vector={SPARSE: _sparse(vector)}
                            )
                            for record, vector in batch
                        ]
                    )
                )
                for batch in _batches(list(vectors.items()))
            ]
        )

    def delete(self, record_ids: Sequence[int]) -> None:
        """Removes products; unknown ones are no error."""
        with _translated():
            for batch in _batches(record_ids):
                mine = models.FieldCondition(key="record_id", match=models.MatchAny(any=batch))
                chosen = models.FilterSelector(filter=self._filter([mine]))
                self._client.delete(self.collection, chosen, wait=True)

    def delete_elsewhere(self) -> None:
        """Removes the tenant's points from collections of the same name and another dimension.

        They are left there when the tenant's embedding model changes.
        """
        with _translated():
            for other in self._client.get_collections().collections:
                base, _, suffix = other.name.rpartition("_")
                related = base == self._base and (suffix == SPARSE or suffix.isdecimal())
                if related and other.name != self.collection:
                    everything = models.FilterSelector(filter=self._filter([]))
                    self._client.delete(other.name, everything, wait=True)

    def payloads(self, keys: list[str]) -> dict[int, dict[str, Any]]:
        """These payload keys of every product of the tenant, by record id."""
        found: dict[int, dict[str, Any]] = {}
        offset: Any = None
        while True:
            with _translated():
                records, offset = self._client.scroll(
                    self.collection,
                    scroll_filter=self._filter([]),
                    limit=_PAGE,
                    offset=offset,
                    with_payload=["record_id", *keys],
                )
            found |= {r.payload["record_id"]: r.payload for r in records}
            if offset is None:
                return found

    def search(
        self,
        sparse: SparseVector,
        dense: np.ndarray | None,
        limit: int,
        depth: int,
        conditions: list[models.Condition],
        keys: list[str],
    ) -> list[Scored]:
        """The best `limit` products of both halves, best first; none before the first sync.

        Each half gives its `depth` best, Qdrant fuses them by reciprocal rank (Cormack, Clarke &
        Büttcher 2009: score = Σ 1 / (RRF_K + rank)). One half alone keeps its own scores. IDF is
        of the tenant's own products: other shops in the collection don't change the ranking.
        Equal scores are ordered by record id. `keys` are the payload keys to bring.
        """
        wanted = self._filter(conditions)
        halves = []
        if sparse[0]:
            # Counting words among the tenant's own products costs milliseconds at 20,000 of them;
            # in a collection of its own the engine's count is the same and free.
            shared = models.SearchParams(idf=models.IdfCorpusParams(corpus=self._filter([])))
            halves.append(
                models.Prefetch(
                    query=_sparse(sparse),
                    using=SPARSE,
                    filter=wanted,
                    params=None if self.context.collection else shared,
                    limit=depth,
                )
            )
        if dense is not None:
            halves.append(
                models.Prefetch(query=dense.tolist(), using=DENSE, filter=wanted, limit=depth)
            )
        if not halves:
            return []
        request: dict[str, Any] = {"prefetch": halves}
        if len(halves) == 1:
            only = halves[0]
            request = {"query": only.query, "using": only.using, "query_filter": only.filter}
            request["search_params"] = only.params
        else:
            request["query"] = models.RrfQuery(rrf=models.Rrf(k=RRF_K))
        with _translated():
            try:
                answer = self._client.query_points(
                    self.collection, **request, limit=limit, with_payload=["record_id", *keys]
                )
            except UnexpectedResponse as error:
                if error.status_code == 404:
                    return []
                raise
        found = [Scored(p.payload["record_id"], p.score, p.payload) for p in answer.points]
        return sorted(found, key=lambda one: (-one.score, one.record_id))

    def _create(self) -> None:
        dense = {}
        if self.dimension:
            cosine = models.Distance.COSINE
            dense[DENSE] = models.VectorParams(size=self.dimension, distance=cosine)
        sparse = models.SparseVectorParams(modifier=models.Modifier.IDF)
        try:
            self._client.create_collection(
                self.collection, vectors_config=dense, sparse_vectors_config={SPARSE: sparse}
            )
        except UnexpectedResponse as error:
            if error.status_code != 409:  # another process was faster
                raise

    def _update(self, operations: list[Any]) -> None:
        with _translated():
            for batch in _batches(operations):
                self._client.batch_update_points(self.collection, batch, wait=True)

    def _filter(self, conditions: list[models.Condition]) -> models.Filter:
        mine = models.FieldCondition(
            key="account_id", match=models.MatchValue(value=self.context.account_id)
        )
        return models.Filter(must=[mine, *conditions])

    def _struct(self, point: Point) -> models.PointStruct:
        vector: dict[str, Any] = {SPARSE: _sparse(point.sparse)}
        if point.dense is not None:
            vector[DENSE] = point.dense.tolist()
        payload = point.payload | {
            "account_id": self.context.account_id,
            "kind": KIND,
            "record_id": point.record_id,
        }
        return models.PointStruct(id=self.point_id(point.record_id), vector=vector, payload=payload)


def _sparse(vector: SparseVector) -> models.SparseVector:
    return models.SparseVector(indices=vector[0], values=vector[1])


def _batches(items: Sequence[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(items), _BATCH):
        yield list(items[start : start + _BATCH])


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except ResponseHandlingException as error:
        raise Unavailable("Qdrant cannot be reached.") from error
    except UnexpectedResponse as error:
        status = error.status_code or 500
        if status >= 500:
            raise Unavailable("Qdrant failed while answering.") from error
        if status in (401, 403):
            raise UpstreamRefused("Qdrant refused our key.") from error
        raise UpstreamError(f"Qdrant refused the request (HTTP {status}).") from error
