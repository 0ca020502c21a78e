"""Qdrant's reading requests: REST JSON to the engine's types, and its answers back to JSON."""

from typing import Any

import qdrant_edge as engine

from sidecar.errors import BadRequest
from sidecar.search.edge.collections import Collection
from sidecar.search.edge.filters import filter_of
from sidecar.search.edge.formulas import formula_of
from sidecar.search.edge.json_fields import (
    boolean,
    dense,
    fields,
    integer,
    items,
    number,
    only_field,
    point_id,
    point_ids,
    required,
    strings,
    text,
)
from sidecar.search.edge.schema import Schema

MAX_LIMIT = 20_000
_DEFAULT_LIMIT = 10
_DEFAULT_RRF_K = 2  # Qdrant's, when a request names RRF without k
_MAX_RRF_K = 1_000_000
_MAX_DEPTH = 4
_STAGE = {"prefetch", "query", "using", "filter", "params", "score_threshold", "limit"}


def query_of(body: object, schema: Schema) -> engine.QueryRequest:
    """The body of `points/query`; BadRequest for what is not served."""
    given = fields(body, "query", _STAGE | {"offset", "with_vector", "with_payload"})
    return engine.QueryRequest(
        **_stage(given, schema, 0),
        offset=integer(given.get("offset", 0), "offset", 0, MAX_LIMIT),
        with_payload=with_payload_of(given.get("with_payload", False)),
        with_vector=with_vector_of(given.get("with_vector", False)),
    )


def answers_of(collection: Collection, body: object) -> list[dict[str, Any]]:
    """What a collection answers to the body of `points/query/batch`, search by search.

    BadRequest for what is not served; raises what Collection.read raises.
    """
    given = fields(body, "batch", {"searches"})
    searches = items(required(given, "searches", "batch"), "searches")
    together = engine.QueryBatchRequest([query_of(one, collection.schema) for one in searches])
    answers = collection.read(lambda shard: shard.query_batch(together))  # one pass over segments
    return [{"points": [scored_json(point) for point in points]} for points in answers]


def records_of(collection: Collection, body: object) -> list[dict[str, Any]]:
    """What a collection answers to the body of `points`: the points of these ids that it has.

    Raises as `answers_of` does.
    """
    given = fields(body, "retrieve", {"ids", "with_payload", "with_vector"})
    ids = point_ids(required(given, "ids", "retrieve"), "ids")
    payload = with_payload_of(given.get("with_payload", True))
    vector = with_vector_of(given.get("with_vector", False))
    found = collection.read(lambda shard: shard.retrieve(ids, payload, vector))
    return [record_json(record) for record in found]


def scroll_of(body: object) -> engine.ScrollRequest:
    """The body of `points/scroll`; BadRequest for what is not served."""
    given = fields(
        body, "scroll", {"offset", "limit", "filter", "with_payload", "with_vector", "order_by"}
    )
    return engine.ScrollRequest(
        offset=point_id(given["offset"]) if "offset" in given else None,
        limit=integer(given.get("limit", _DEFAULT_LIMIT), "limit", 1, MAX_LIMIT),
        filter=filter_of(given["filter"]) if "filter" in given else None,
        with_payload=with_payload_of(given.get("with_payload", True)),
        with_vector=with_vector_of(given.get("with_vector", False)),
        order_by=_order_by(given["order_by"]) if "order_by" in given else None,
    )


def count_of(body: object) -> engine.CountRequest:
    """The body of `points/count`; BadRequest for what is not served."""
    given = fields(body, "count", {"filter", "exact"})
    return engine.CountRequest(
        exact=boolean(given.get("exact", True), "exact"),
        filter=filter_of(given["filter"]) if "filter" in given else None,
    )


def with_payload_of(value: object) -> Any:
    """Which part of the payload to return: a boolean, keys, `include` or `exclude`."""
    if isinstance(value, bool):
        return value
    if isinstance(value, list):
        return strings(value, "with_payload")
    kind, keys = only_field(value, "with_payload", {"include", "exclude"})
    select = engine.PayloadSelector
    chosen = strings(keys, f"with_payload.{kind}")
    return select.Include(chosen) if kind == "include" else select.Exclude(chosen)


def with_vector_of(value: object) -> bool | list[str]:
    """Which vectors to return: a boolean or names."""
    return value if isinstance(value, bool) else strings(value, "with_vector")


def _stage(given: dict[str, Any], schema: Schema, depth: int) -> dict[str, Any]:
    """What a query and a prefetch have in common, as keyword arguments."""
    if depth > _MAX_DEPTH:
        raise BadRequest("Prefetches are nested too deep.")
    nested = given.get("prefetch", [])
    listed = [nested] if isinstance(nested, dict) else items(nested, "prefetch")
    prefetches = [
        engine.Prefetch(**_stage(fields(one, "prefetch", _STAGE), schema, depth + 1))
        for one in listed
    ]
    query = None
    if "query" in given:
        using = text(given["using"], "using") if "using" in given else None
        query = _scoring(given["query"], using, schema, fused=bool(prefetches))
    elif "using" in given or prefetches:
        raise BadRequest("`using` and `prefetch` need a query.")
    threshold = given.get("score_threshold")
    return {
        "limit": integer(given.get("limit", _DEFAULT_LIMIT), "limit", 1, MAX_LIMIT),
        "query": query,
        "prefetches": prefetches,
        "filter": filter_of(given["filter"]) if "filter" in given else None,
        "params": _params(given["params"]) if "params" in given else None,
        "score_threshold": None if threshold is None else number(threshold, "score_threshold"),
    }


def _scoring(value: object, using: str | None, schema: Schema, fused: bool) -> Any:
    if isinstance(value, list) or (isinstance(value, dict) and "indices" in value):
        return _nearest(value, using, schema)
    if isinstance(value, dict) and "formula" in value:
        kind, content = "formula", value  # has `defaults` beside it
    else:
        kind, content = only_field(value, "query", {"nearest", "fusion", "rrf", "order_by"})
    if kind == "nearest":
        return _nearest(content, using, schema)
    if using is not None:
        raise BadRequest(f"`using` has no meaning for {kind}.")
    if kind == "order_by":
        return _order_by(content)
    if not fused:
        raise BadRequest(f"{kind} needs a prefetch.")
    if kind == "formula":
        return formula_of(content)
    if kind == "rrf":
        rrf = fields(content, "rrf", {"k", "weights"})
        weights = rrf.get("weights")
        return engine.Fusion.Rrf(
            k=integer(rrf.get("k", _DEFAULT_RRF_K), "rrf.k", 1, _MAX_RRF_K),
            weights=None if weights is None else dense(weights, "rrf.weights"),
        )
    if content == "rrf":
        return engine.Fusion.Rrf(k=_DEFAULT_RRF_K)
    if content == "dbsf":
        return engine.Fusion.Dbsf()
    raise BadRequest("fusion must be rrf or dbsf.")


def _nearest(value: object, using: str | None, schema: Schema) -> engine.Query:
    if using is None:
        raise BadRequest("A vector query needs `using`.")
    return engine.Query.Nearest(schema.vector(using, value), using=using)


def _order_by(value: object) -> engine.OrderBy:
    if isinstance(value, str):
        return engine.OrderBy(text(value, "order_by"))
    given = fields(value, "order_by", {"key", "direction", "start_from"})
    directions = {"asc": engine.Direction.Asc, "desc": engine.Direction.Desc}
    direction = given.get("direction", "asc")
    if direction not in directions:
        raise BadRequest("order_by.direction must be asc or desc.")
    start = given.get("start_from")
    if start is not None and not isinstance(start, str):
        start = number(start, "order_by.start_from")
    return engine.OrderBy(
        text(required(given, "key", "order_by"), "order_by.key"), directions[direction], start
    )


def _params(value: object) -> engine.SearchParams:
    given = fields(value, "params", {"hnsw_ef", "exact", "indexed_only", "idf"})
    idf = None
    if given.get("idf", "global") != "global":
        corpus = fields(given["idf"], "params.idf", {"corpus"})
        idf = engine.IdfParams(filter_of(required(corpus, "corpus", "params.idf"), "idf.corpus"))
    hnsw_ef = given.get("hnsw_ef")
    return engine.SearchParams(
        hnsw_ef=None if hnsw_ef is None else integer(hnsw_ef, "params.hnsw_ef", 1, 100_000),
        exact=boolean(given.get("exact", False), "params.exact"),
        indexed_only=boolean(given.get("indexed_only", False), "params.indexed_only"),
        idf=idf,
    )


def scored_json(point: engine.ScoredPoint) -> dict[str, Any]:
    """A scored point as Qdrant answers it."""
    answer = record_json(point)
    answer["score"], answer["version"] = point.score, point.version
    return answer


def record_json(record: engine.Record | engine.ScoredPoint) -> dict[str, Any]:
    """A record as Qdrant answers it: id, payload, vectors and the order value where asked for."""
    answer: dict[str, Any] = {"id": record.id, "payload": record.payload}
    if (vector := record.vector) is not None:
        answer["vector"] = {name: _vector_json(v) for name, v in vector.items()}
    if (value := record.order_value) is not None:
        answer["order_value"] = value
    return answer


def _vector_json(vector: Any) -> Any:
    if isinstance(vector, engine.SparseVector):
        return {"indices": list(vector.indices), "values": list(vector.values)}
    return list(vector)
