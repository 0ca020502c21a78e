"""What a collection is made of: its named vectors and payload indexes, as REST JSON has them."""

import re
from dataclasses import dataclass
from typing import Any

import qdrant_edge as engine

from sidecar.errors import BadRequest
from sidecar.search.edge.json_fields import boolean, dense, fields, integer, sparse, text

COLLECTION_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")
_VECTOR_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_MAX_DIMENSION = 65_536
_DISTANCES = {
    "Cosine": engine.Distance.Cosine,
    "Dot": engine.Distance.Dot,
    "Euclid": engine.Distance.Euclid,
    "Manhattan": engine.Distance.Manhattan,
}
_DATATYPES = {
    "float32": engine.VectorStorageDatatype.Float32,
    "float16": engine.VectorStorageDatatype.Float16,
}
# The engine holds Python's lock while it builds an HNSW graph (seconds), and exact search inside
# one tenant takes a fraction of a millisecond: below this many kB of vectors no graph is built.
NO_GRAPH_BELOW_KB = 2_000_000_000
_INDEX_PARAMS: dict[str, tuple[type, set[str]]] = {
    "keyword": (engine.KeywordIndexParams, {"is_tenant"}),
    "integer": (engine.IntegerIndexParams, {"lookup", "range", "is_principal"}),
    "float": (engine.FloatIndexParams, {"is_principal"}),
    "bool": (engine.BoolIndexParams, set()),
    "datetime": (engine.DatetimeIndexParams, {"is_principal"}),
    "uuid": (engine.UuidIndexParams, {"is_tenant"}),
}
_INDEX_TYPES = {
    "keyword": engine.PayloadSchemaType.Keyword,
    "integer": engine.PayloadSchemaType.Integer,
    "float": engine.PayloadSchemaType.Float,
    "bool": engine.PayloadSchemaType.Bool,
    "datetime": engine.PayloadSchemaType.Datetime,
    "uuid": engine.PayloadSchemaType.Uuid,
}


@dataclass(frozen=True, slots=True)
class Schema:
    """The vectors of a collection.

    vectors: name → {"size", "distance", "datatype"?}.
    sparse_vectors: name → {"modifier": "idf"} or {}.
    metadata: what the creator wants to remember, given back as it came.
    """

    vectors: dict[str, dict[str, Any]]
    sparse_vectors: dict[str, dict[str, Any]]
    metadata: dict[str, Any]

    @classmethod
    def of(cls, body: object) -> "Schema":
        """The body of `PUT /collections/<name>`; BadRequest for what is not served."""
        given = fields(body, "collection", {"vectors", "sparse_vectors", "metadata"})
        vectors = {
            name: _dense_params(params, f"vectors.{name}")
            for name, params in _named(given.get("vectors", {}), "vectors").items()
        }
        sparse_vectors = {
            name: _sparse_params(params, f"sparse_vectors.{name}")
            for name, params in _named(given.get("sparse_vectors", {}), "sparse_vectors").items()
        }
        if not vectors and not sparse_vectors:
            raise BadRequest("A collection needs a named vector.")
        if vectors.keys() & sparse_vectors.keys():
            raise BadRequest("A dense and a sparse vector have the same name.")
        metadata = given.get("metadata", {})
        if not isinstance(metadata, dict):
            raise BadRequest("metadata must be an object.")
        return cls(vectors, sparse_vectors, metadata)

    def engine_config(self) -> engine.EdgeConfig:
        """The engine's configuration of a new shard."""
        idf = engine.Modifier.Idf
        return engine.EdgeConfig(
            vectors={
                name: engine.EdgeVectorParams(
                    params["size"],
                    _DISTANCES[params["distance"]],
                    datatype=_DATATYPES[params.get("datatype", "float32")],
                )
                for name, params in self.vectors.items()
            }
            or None,
            sparse_vectors={
                name: engine.EdgeSparseVectorParams(modifier=idf if params else None)
                for name, params in self.sparse_vectors.items()
            },
            optimizers=engine.EdgeOptimizersConfig(indexing_threshold=NO_GRAPH_BELOW_KB),
        )

    def vector(self, name: str, value: object) -> Any:
        """`value` as the engine's vector of that name; BadRequest when it doesn't fit."""
        if name in self.vectors:
            size = self.vectors[name]["size"]
            if len(numbers := dense(value, f"The vector {name}")) != size:
                raise BadRequest(f"The vector {name} has {size} dimensions, not {len(numbers)}.")
            return numbers
        if name in self.sparse_vectors:
            return engine.SparseVector(*sparse(value, f"The vector {name}"))
        raise BadRequest(f"The collection has no vector named {name}.")

    def point_vectors(self, value: object) -> dict[str, Any]:
        """The named vectors of a point."""
        if not isinstance(value, dict):
            raise BadRequest("A point's vectors must be an object of named vectors.")
        return {name: self.vector(name, vector) for name, vector in value.items()}


def _named(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict) or any(not _VECTOR_NAME.fullmatch(name) for name in value):
        raise BadRequest(f"{where} must be an object of named vectors.")
    return value


def _dense_params(value: object, where: str) -> dict[str, Any]:
    given = fields(value, where, {"size", "distance", "datatype"})
    if given.get("distance") not in _DISTANCES:
        raise BadRequest(f"{where}.distance must be one of: {', '.join(_DISTANCES)}.")
    size = integer(given.get("size"), f"{where}.size", 1, _MAX_DIMENSION)
    datatype = given.get("datatype", "float32")
    if datatype not in _DATATYPES:
        raise BadRequest(f"{where}.datatype must be one of: {', '.join(_DATATYPES)}.")
    # one that is not named is not told either: descriptions read as they were written
    named = {"datatype": datatype} if "datatype" in given else {}
    return {"size": size, "distance": given["distance"], **named}


def _sparse_params(value: object, where: str) -> dict[str, Any]:
    given = fields(value, where, {"modifier"})
    if given.get("modifier", "none") not in ("idf", "none"):
        raise BadRequest(f"{where}.modifier must be idf or none.")
    return {"modifier": "idf"} if given.get("modifier") == "idf" else {}


def index_of(body: object) -> tuple[str, Any, Any]:
    """Field name, the engine's schema and the JSON schema of `PUT /collections/<name>/index`."""
    given = fields(body, "index", {"field_name", "field_schema"})
    name = text(given.get("field_name"), "field_name")
    schema = given.get("field_schema")
    if isinstance(schema, str) and schema in _INDEX_TYPES:
        return name, _INDEX_TYPES[schema], schema
    kind = schema.get("type") if isinstance(schema, dict) else None
    if kind not in _INDEX_PARAMS:
        raise BadRequest(f"field_schema must be one of: {', '.join(_INDEX_TYPES)}.")
    params, allowed = _INDEX_PARAMS[kind]
    options = fields(schema, "field_schema", allowed | {"type"})
    del options["type"]
    for option, value in options.items():
        boolean(value, f"field_schema.{option}")
    return name, params(**options), schema
