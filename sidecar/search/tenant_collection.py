"""One tenant's part of a Qdrant collection. The tenant filter is added here, to every call."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from typing import Any, ClassVar, Self

import numpy as np
from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import ResponseHandlingException, UnexpectedResponse

from sidecar.context import TenantContext
from sidecar.errors import Unavailable, UpstreamError, UpstreamRefused
from sidecar.search.sparse import SparseVector

DENSE, SPARSE = "dense", "sparse"
_PAGE = 1000
_BATCH = 200
_DECIMALS = 6


class TenantCollection:
    """Points of one tenant in the collection `<base>_<dimension>`, or `<base>_sparse` without.

    It cannot be made without a tenant. Every call raises Unavailable when Qdrant cannot be reached,
    UpstreamRefused when it refuses our key and UpstreamError when it refuses the request.
    """

    # payload key → schema; `account_id` comes first, as Qdrant's tenant index
    indexes: ClassVar[dict[str, Any]] = {}

    def __init__(
        self, client: QdrantClient, context: TenantContext, base: str, dimension: int | None
    ):
        self.context = context
        self.dimension = dimension
        self._base = base
        self._client = client

    @property
    def collection(self) -> str:
        """The collection's name."""
        return f"{self._base}_{self.dimension or SPARSE}"

    def at(self, dimension: int | None) -> Self:
        """The same tenant's points in the collection of another dimension."""
        other = copy(self)
        other.dimension = dimension
        return other

    def ensure(self) -> None:
        """Creates what is missing of the collection and its payload indexes.

        Indexes must come before points: Qdrant ignores later ones in what it built already.
        """
        tenant = models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, is_tenant=True)
        with translated():
            try:
                present = self._client.get_collection(self.collection).payload_schema
            except UnexpectedResponse as error:
                if error.status_code != 404:
                    raise
                self._create()
                present = {}
            for field, schema in {"account_id": tenant, **self.indexes}.items():
                if field not in present:
                    self._client.create_payload_index(self.collection, field, schema, wait=True)

    def elsewhere(self) -> list[int | None]:
        """Dimensions of the other collections of the same name that hold points of the tenant.

        They are left there when the tenant's embedding model changes, until `delete_elsewhere`.
        """
        with translated():
            names = [one.name for one in self._client.get_collections().collections]
        found = []
        for name in names:
            base, _, suffix = name.rpartition("_")
            if base == self._base and (suffix == SPARSE or suffix.isdecimal()):
                dimension = None if suffix == SPARSE else int(suffix)
                if dimension != self.dimension and self.at(dimension).count():
                    found.append(dimension)
        return found

    def delete_elsewhere(self) -> None:
        """Removes what `elsewhere` tells: all of it is here now."""
        for dimension in self.elsewhere():
            self.at(dimension)._remove()

    def count(self, conditions: Sequence[models.Condition] = ()) -> int:
        """How many of the tenant's points meet the conditions; 0 before the first sync."""
        with translated():
            try:
                return self._client.count(
                    self.collection, count_filter=self._filter(*conditions), exact=True
                ).count
            except UnexpectedResponse as error:
                if error.status_code != 404:
                    raise
                return 0

    def _write(self, points: Sequence[models.PointStruct]) -> None:
        with translated():
            for batch in batches(points):
                self._client.upsert(self.collection, batch, wait=True)

    def _remove(self, *conditions: models.Condition) -> None:
        with translated():
            self._client.delete(self.collection, self._selector(*conditions), wait=True)

    def _payloads(self, keys: list[str]) -> Iterator[dict[str, Any]]:
        """These payload keys of every point of the tenant; none before the first sync."""
        offset: Any = None
        while True:
            with translated():
                try:
                    records, offset = self._client.scroll(
                        self.collection,
                        scroll_filter=self._filter(),
                        limit=_PAGE,
                        offset=offset,
                        with_payload=keys,
                    )
                except UnexpectedResponse as error:
                    if error.status_code != 404:
                        raise
                    return
            yield from (record.payload for record in records)
            if offset is None:
                return

    def _halves(
        self,
        sparse: SparseVector,
        dense: np.ndarray | None,
        wanted: models.Filter,
        depth: int,
        keys: list[str],
    ) -> dict[str, models.QueryRequest]:
        """The requests for the `depth` best by words and by meaning, where there is a vector.

        IDF is of the tenant's own points: others' in the collection don't change the ranking. In a
        collection of the tenant's own the engine's count is the same, and free.
        """
        requests = {}
        if sparse[0]:
            corpus = models.SearchParams(idf=models.IdfCorpusParams(corpus=self._filter()))
            requests[SPARSE] = models.QueryRequest(
                query=sparse_vector(sparse),
                using=SPARSE,
                filter=wanted,
                params=None if self.context.collection else corpus,
                limit=depth,
                with_payload=keys,
            )
        if dense is not None:
            requests[DENSE] = models.QueryRequest(
                # half the figures to write and read; the index holds fewer
                query=np.round(dense.astype(np.float64), _DECIMALS).tolist(),
                using=DENSE,
                filter=wanted,
                limit=depth,
                with_payload=keys,
            )
        return requests

    def _ask(self, requests: dict[str, models.QueryRequest]) -> dict[str, list[models.ScoredPoint]]:
        """The points of each request, in one call; none before the first sync."""
        if not requests:
            return {}
        batch = models.QueryRequestBatch(searches=list(requests.values()))
        with translated():
            try:
                # The client's own REST call: `query_batch_points` copies every vector first, to
                # look for texts to embed, which costs more than the search.
                answers = self._client.http.search_api.query_batch_points(
                    self.collection, query_request_batch=batch
                ).result
            except UnexpectedResponse as error:
                if error.status_code != 404:
                    raise
                return {}
        return {name: answer.points for name, answer in zip(requests, answers, strict=True)}

    def _create(self) -> None:
        dense = {}
        if self.dimension:
            # half the memory to read through is nearly half the time; cosines differ by 0.001
            dense[DENSE] = models.VectorParams(
                size=self.dimension,
                distance=models.Distance.COSINE,
                datatype=models.Datatype.FLOAT16,
            )
        words = models.SparseVectorParams(modifier=models.Modifier.IDF)
        try:
            self._client.create_collection(
                self.collection, vectors_config=dense, sparse_vectors_config={SPARSE: words}
            )
        except UnexpectedResponse as error:
            if error.status_code != 409:  # another process was faster
                raise

    def _filter(self, *conditions: models.Condition) -> models.Filter:
        return models.Filter(must=[equals("account_id", self.context.account_id), *conditions])

    def _selector(self, *conditions: models.Condition) -> models.FilterSelector:
        return models.FilterSelector(filter=self._filter(*conditions))

    def _struct(
        self,
        point_id: str,
        payload: dict[str, Any],
        sparse: SparseVector,
        dense: np.ndarray | None = None,
    ) -> models.PointStruct:
        vector: dict[str, Any] = {SPARSE: sparse_vector(sparse)}
        if dense is not None:
            vector[DENSE] = dense.tolist()
        mine = {"account_id": self.context.account_id}
        return models.PointStruct(id=point_id, vector=vector, payload=payload | mine)


def equals(key: str, value: str | int) -> models.FieldCondition:
    """The condition that a payload key has a value."""
    return models.FieldCondition(key=key, match=models.MatchValue(value=value))


def one_of(key: str, values: Sequence[Any]) -> models.FieldCondition:
    """The condition that a payload key has one of some values."""
    return models.FieldCondition(key=key, match=models.MatchAny(any=list(values)))


def sparse_vector(vector: SparseVector) -> models.SparseVector:
    """The vector as qdrant-client takes it."""
    return models.SparseVector(indices=vector[0], values=vector[1])


def batches(items: Sequence[Any]) -> Iterator[list[Any]]:
    """The items, as many at a time as one request carries."""
    for start in range(0, len(items), _BATCH):
        yield list(items[start : start + _BATCH])


@contextmanager
def translated() -> Iterator[None]:
    """Turns qdrant-client's errors into ours, as TenantCollection says."""
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
