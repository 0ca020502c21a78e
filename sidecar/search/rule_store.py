"""Rules and documents in Qdrant. A store is one tenant's: its filter is added here, always."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import UnexpectedResponse

from sidecar.context import TenantContext
from sidecar.embedding_agents.business_rules import Ref
from sidecar.search.sparse import SparseVector
from sidecar.search.store import DENSE, SPARSE, translated

Base = Literal["rules", "documents"]

_NAMESPACE = uuid.UUID("0f4c2a5e-93b7-4d0e-8a55-52f1c6a7e9d3")
_PAGE = 500
_BATCH = 200
_INDEXES: dict[str, Any] = {
    "account_id": models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, is_tenant=True),
    "kind": models.PayloadSchemaType.KEYWORD,
    "record_id": models.PayloadSchemaType.INTEGER,
}


@dataclass(frozen=True, slots=True)
class RulePoint:
    """What the index holds of a rule (part 0) or of a passage of a document (part 1, 2, …)."""

    ref: Ref
    part: int
    payload: dict[str, Any]
    sparse: SparseVector
    dense: np.ndarray | None


@dataclass(frozen=True, slots=True)
class Scored:
    """A point that a search found. sparse, dense: its score in each half, None = not among it."""

    ref: Ref
    part: int
    payload: dict[str, Any]
    sparse: float | None = None
    dense: float | None = None


class RuleStore:
    """One tenant's points in `rules_<dimension>` or `documents_<dimension>` (`_sparse` without).

    A tenant's own collection comes before the name (`casa_ipe_rules_sparse`). Errors as the
    ProductStore's.
    """

    def __init__(
        self, client: QdrantClient, context: TenantContext, dimension: int | None, base: Base
    ):
        self.context = context
        self.dimension = dimension
        self._base = f"{context.collection}_{base}" if context.collection else base
        self.collection = f"{self._base}_{dimension or SPARSE}"
        self._client = client

    def point_id(self, ref: Ref, part: int = 0) -> str:
        """UUIDv5 of account, kind and record id, and of the passage's number where it is one."""
        name = f"{self.context.account_id}/{ref[0]}/{ref[1]}"
        return str(uuid.uuid5(_NAMESPACE, f"{name}/{part}" if part else name))

    def ensure(self) -> None:
        """Creates what is missing of the collection; its indexes come before any point."""
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

    def upsert(self, points: Sequence[RulePoint]) -> None:
        """Writes points, replacing those of the same rules and passages."""
        with translated():
            for batch in _batches(points):
                self._client.upsert(self.collection, [self._struct(p) for p in batch], wait=True)

    def delete(self, refs: Sequence[Ref]) -> None:
        """Removes all points of these records; unknown ones are no error."""
        by_kind: dict[str, list[int]] = {}
        for kind, record in refs:
            by_kind.setdefault(kind, []).append(record)
        with translated():
            for kind, records in by_kind.items():
                for batch in _batches(records):
                    chosen = [_is("kind", kind), _any("record_id", batch)]
                    self._client.delete(self.collection, self._selector(chosen), wait=True)

    def delete_parts_after(self, ref: Ref, part: int) -> None:
        """Removes the passages of a document that has only `part` of them left."""
        later = models.FieldCondition(key="part", range=models.Range(gt=part))
        chosen = [_is("kind", ref[0]), _is("record_id", ref[1]), later]
        with translated():
            self._client.delete(self.collection, self._selector(chosen), wait=True)

    def delete_elsewhere(self) -> None:
        """Removes the tenant's points from collections of the same name and another dimension."""
        with translated():
            for other in self._client.get_collections().collections:
                base, _, suffix = other.name.rpartition("_")
                related = base == self._base and (suffix == SPARSE or suffix.isdecimal())
                if related and other.name != self.collection:
                    self._client.delete(other.name, self._selector([]), wait=True)

    def payloads(self, keys: list[str]) -> list[dict[str, Any]]:
        """These payload keys of every point of the tenant; none before the first sync."""
        found: list[dict[str, Any]] = []
        offset: Any = None
        while True:
            with translated():
                try:
                    records, offset = self._client.scroll(
                        self.collection,
                        scroll_filter=self._filter([]),
                        limit=_PAGE,
                        offset=offset,
                        with_payload=["kind", "record_id", "part", *keys],
                    )
                except UnexpectedResponse as error:
                    if error.status_code != 404:
                        raise
                    return []
            found += [record.payload for record in records]
            if offset is None:
                return found

    def search(
        self,
        sparse: SparseVector,
        dense: np.ndarray | None,
        depth: int,
        keys: list[str],
        conditions: Sequence[models.Condition] = (),
    ) -> list[Scored]:
        """Up to `depth` points of each half, with these payload keys, in one request.

        IDF is of the tenant's own points. Nothing before the first sync.
        """
        wanted = self._filter(list(conditions))
        requests, names = [], []
        if sparse[0]:
            requests.append(
                models.QueryRequest(
                    query=models.SparseVector(indices=sparse[0], values=sparse[1]),
                    using=SPARSE,
                    filter=wanted,
                    params=models.SearchParams(idf=models.IdfCorpusParams(corpus=self._filter([]))),
                    limit=depth,
                    with_payload=["kind", "record_id", "part", *keys],
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
                    with_payload=["kind", "record_id", "part", *keys],
                )
            )
            names.append("dense")
        if not requests:
            return []
        with translated():
            try:
                answers = self._client.query_batch_points(self.collection, requests)
            except UnexpectedResponse as error:
                if error.status_code != 404:
                    raise
                return []
        found: dict[tuple[Ref, int], dict[str, Any]] = {}
        for name, answer in zip(names, answers, strict=True):
            for point in answer.points:
                ref = (point.payload["kind"], point.payload["record_id"])
                entry = found.setdefault((ref, point.payload["part"]), {"payload": point.payload})
                entry[name] = point.score
        return [
            Scored(ref, part, e["payload"], e.get("sparse"), e.get("dense"))
            for (ref, part), e in sorted(found.items())
        ]

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

    def _selector(self, conditions: list[models.Condition]) -> models.FilterSelector:
        return models.FilterSelector(filter=self._filter(conditions))

    def _filter(self, conditions: list[models.Condition]) -> models.Filter:
        return models.Filter(must=[_is("account_id", self.context.account_id), *conditions])

    def _struct(self, point: RulePoint) -> models.PointStruct:
        indices, values = point.sparse
        vector: dict[str, Any] = {SPARSE: models.SparseVector(indices=indices, values=values)}
        if point.dense is not None:
            vector[DENSE] = point.dense.tolist()
        kind, record = point.ref
        mine = {"account_id": self.context.account_id, "kind": kind, "record_id": record}
        payload = point.payload | mine | {"part": point.part}
        return models.PointStruct(
            id=self.point_id(point.ref, point.part), vector=vector, payload=payload
        )


def _is(key: str, value: str | int) -> models.FieldCondition:
    return models.FieldCondition(key=key, match=models.MatchValue(value=value))


def _any(key: str, values: list[int]) -> models.FieldCondition:
    return models.FieldCondition(key=key, match=models.MatchAny(any=values))


def _batches(items: Sequence[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(items), _BATCH):
        yield list(items[start : start + _BATCH])
