"""Qdrant's writing requests: REST JSON to the engine's update operations."""

from typing import Any

import qdrant_edge as engine

from sidecar.errors import BadRequest
from sidecar.search.edge.filters import filter_of
from sidecar.search.edge.json_fields import (
    PointId,
    fields,
    items,
    only_field,
    point_id,
    point_ids,
    required,
    strings,
)
from sidecar.search.edge.schema import Schema

Operation = engine.UpdateOperation


def upsert_of(body: object, schema: Schema) -> Operation:
    """`{"points": [{"id", "vector", "payload"}]}`: creates points or replaces them whole."""
    points = items(
        required(fields(body, "upsert", {"points"}), "points", "upsert"), "upsert.points"
    )
    return Operation.upsert_points([_point(one, schema) for one in points])


def delete_of(body: object) -> Operation:
    """`{"points": [ids]}` or `{"filter": …}`."""
    chosen = _selector(fields(body, "delete", {"points", "filter"}), "delete")
    if isinstance(chosen, list):
        return Operation.delete_points(chosen)
    return Operation.delete_points_by_filter(chosen)


def set_payload_of(body: object) -> Operation:
    """`{"payload": …, "points" | "filter": …}`: merges the payload's top-level keys."""
    payload, chosen = _payload_change(body, "set_payload")
    if isinstance(chosen, list):
        return Operation.set_payload(chosen, payload)
    return Operation.set_payload_by_filter(chosen, payload)


def overwrite_payload_of(body: object) -> Operation:
    """`{"payload": …, "points" | "filter": …}`: replaces the payload whole."""
    payload, chosen = _payload_change(body, "overwrite_payload")
    if isinstance(chosen, list):
        return Operation.overwrite_payload(chosen, payload)
    return Operation.overwrite_payload_by_filter(chosen, payload)


def delete_payload_of(body: object) -> Operation:
    """`{"keys": […], "points" | "filter": …}`."""
    given = fields(body, "delete_payload", {"keys", "points", "filter"})
    keys = strings(required(given, "keys", "delete_payload"), "delete_payload.keys")
    chosen = _selector(given, "delete_payload")
    if isinstance(chosen, list):
        return Operation.delete_payload(chosen, keys)
    return Operation.delete_payload_by_filter(chosen, keys)


def update_vectors_of(body: object, schema: Schema) -> Operation:
    """`{"points": [{"id", "vector"}]}`: replaces the vectors named, keeps the others."""
    given = fields(body, "update_vectors", {"points"})
    changes = []
    for one in items(required(given, "points", "update_vectors"), "update_vectors.points"):
        point = fields(one, "A point", {"id", "vector"})
        changes.append(
            engine.PointVectors(
                point_id(required(point, "id", "A point")),
                schema.point_vectors(required(point, "vector", "A point")),
            )
        )
    return Operation.update_vectors(changes)


def batch_of(body: object, schema: Schema) -> list[Operation]:
    """`{"operations": [{"upsert": …}, {"set_payload": …}, …]}`, all checked before any is done."""
    readers = {
        "upsert": lambda content: upsert_of(content, schema),
        "update_vectors": lambda content: update_vectors_of(content, schema),
        "delete": delete_of,
        "set_payload": set_payload_of,
        "overwrite_payload": overwrite_payload_of,
        "delete_payload": delete_payload_of,
    }
    given = fields(body, "batch", {"operations"})
    operations = []
    for one in items(required(given, "operations", "batch"), "batch.operations"):
        kind, content = only_field(one, "An operation", set(readers))
        operations.append(readers[kind](content))
    return operations


def _point(value: object, schema: Schema) -> engine.Point:
    given = fields(value, "A point", {"id", "vector", "payload"})
    payload = given.get("payload", {})
    if not isinstance(payload, dict):
        raise BadRequest("A point's payload must be an object.")
    return engine.Point(
        point_id(required(given, "id", "A point")),
        schema.point_vectors(required(given, "vector", "A point")),
        payload,
    )


def _payload_change(body: object, where: str) -> tuple[dict[str, Any], Any]:
    given = fields(body, where, {"payload", "points", "filter"})
    payload = required(given, "payload", where)
    if not isinstance(payload, dict):
        raise BadRequest(f"{where}.payload must be an object.")
    return payload, _selector(given, where)


def _selector(given: dict[str, Any], where: str) -> list[PointId] | engine.Filter:
    if ("points" in given) == ("filter" in given):
        raise BadRequest(f"{where} needs either points or a filter.")
    if "points" in given:
        return point_ids(given["points"], f"{where}.points")
    return filter_of(given["filter"])
