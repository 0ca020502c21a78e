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
    "categories": models.PayloadSchemaType.KEYWORD,
    "attributes": models.PayloadSchemaType.KEYWORD,
}


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
        with translated():
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
        with translated():
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
        with translated():
            for batch in _batches(record_ids):
                mine = models.FieldCondition(key="record_id", match=models.MatchAny(any=batch))
                chosen = models.FilterSelector(filter=self._filter([mine]))
                self._client.delete(self.collection, chosen, wait=True)

    def delete_elsewhere(self) -> None:
        """Removes the tenant's points from collections of the same name and another dimension.

        They are left there when the tenant's embedding model changes.
        """
        with translated():
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
            with translated():
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

    def halves(
        self,
        sparse: SparseVector,
        dense: np.ndarray | None,
        codes: Sequence[str],
        depth: int,
        conditions: list[models.Condition],
    ) -> Halves:
        """The `depth` best of each half, in one request; nothing before the first sync.

        codes: plain codes in the question; products that have one are told apart. IDF is of the
        tenant's own products: other shops in the collection don't change the ranking. Scores have
        four decimals: what differs less says the same twice and differs by arithmetic alone. Equal
        scores are ordered by record id.
        """
        wanted = self._filter(conditions)
        requests, names = [], []
        if sparse[0]:
            # Counting words among the tenant's own products costs milliseconds at 20,000 of them;
            # in a collection of its own the engine's count is the same and free.
            shared = models.SearchParams(idf=models.IdfCorpusParams(corpus=self._filter([])))
            requests.append(
                models.QueryRequest(
                    query=_sparse(sparse),
                    using=SPARSE,
                    filter=wanted,
                    params=None if self.context.collection else shared,
                    limit=depth,
                    with_payload=["record_id"],
                )
            )
            names.append("sparse")
        if dense is not None:
            requests.append(
                models.QueryRequest(
                    query=dense.tolist(),
                    using=DENSE,
                    filter=wanted,
                    limit=depth,
                    with_payload=["record_id"],
                )
            )
            names.append("dense")
        if codes:
            coded = models.FieldCondition(key="codes", match=models.MatchAny(any=list(codes)))
            filtered = self._filter([*conditions, coded])
            requests.append(
                models.QueryRequest(filter=filtered, limit=depth, with_payload=["record_id"])
            )
            names.append("exact")
        found: dict[str, list[tuple[int, float]]] = {}
        if requests:
            with translated():
                try:
                    answers = self._client.query_batch_points(self.collection, requests)
                except UnexpectedResponse as error:
                    if error.status_code != 404:
                        raise
                    answers = []
            for name, answer in zip(names, answers, strict=False):
                scored = [(p.payload["record_id"], round(p.score, 4)) for p in answer.points]
                found[name] = sorted(scored, key=lambda one: (-one[1], one[0]))
        exact = sorted(record for record, _ in found.get("exact", []))
        return Halves(
            found.get("sparse", []), found.get("dense") if dense is not None else None, exact
        )

    def payloads_of(self, record_ids: Sequence[int], keys: list[str]) -> dict[int, dict[str, Any]]:
        """These payload keys of the tenant's products among `record_ids`, by record id."""
        if not record_ids:
            return {}
        named = models.HasIdCondition(has_id=[self.point_id(record) for record in record_ids])
        with translated():
            records, _ = self._client.scroll(
                self.collection,
                scroll_filter=self._filter([named]),
                limit=len(record_ids),
                with_payload=["record_id", *keys],
            )
        return {record.payload["record_id"]: record.payload for record in records}

    def count(self, conditions: list[models.Condition]) -> int:
        """How many of the tenant's points meet the conditions; 0 before the first sync."""
        with translated():
            try:
                return self._client.count(
                    self.collection, count_filter=self._filter(conditions), exact=True
                ).count
            except UnexpectedResponse as error:
                if error.status_code != 404:
                    raise
                return 0

    def _create(self) -> None:
        dense = {}
        if self.dimension:
            # half the memory to read through is nearly half the time; cosines differ by 0.001
            dense[DENSE] = models.VectorParams(
                size=self.dimension,
                distance=models.Distance.COSINE,
                datatype=models.Datatype.FLOAT16,
            )
        sparse = models.SparseVectorParams(modifier=models.Modifier.IDF)
        try:
            self._client.create_collection(
                self.collection, vectors_config=dense, sparse_vectors_config={SPARSE: sparse}
            )
        except UnexpectedResponse as error:
            if error.status_code != 409:  # another process was faster
                raise

    def _update(self, operations: list[Any]) -> None:
        with translated():
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
def translated() -> Iterator[None]:
    """Turns qdrant-client's errors into ours, as ProductStore says."""
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
