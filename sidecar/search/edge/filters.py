"""Qdrant's filters: REST JSON to the engine's types."""

from typing import Any

import numpy as np
import qdrant_edge as engine

from sidecar.errors import BadRequest
from sidecar.search.edge.json_fields import (
    boolean,
    fields,
    integer,
    items,
    number,
    only_field,
    point_ids,
    required,
    text,
)

_BOUNDS = {"lt", "lte", "gt", "gte"}
_CLAUSES = ("must", "should", "must_not")
_MAX_COUNT = 2**31 - 1


def filter_of(value: object, where: str = "filter") -> engine.Filter:
    """A filter (`must`, `should`, `must_not`, `min_should`); BadRequest for what is not served."""
    given = fields(value, where, {*_CLAUSES, "min_should"})
    clauses = {}
    for name in _CLAUSES:
        if name in given:
            clauses[name] = _conditions(given[name], f"{where}.{name}")
    if "min_should" in given:
        least = fields(given["min_should"], f"{where}.min_should", {"conditions", "min_count"})
        clauses["min_should"] = engine.MinShould(
            _conditions(required(least, "conditions", "min_should"), f"{where}.min_should"),
            integer(required(least, "min_count", "min_should"), "min_count", 0, _MAX_COUNT),
        )
    return engine.Filter(**clauses)


def _conditions(value: object, where: str) -> list[Any]:
    # Qdrant takes a single condition where a list is expected.
    listed = [value] if isinstance(value, dict) else items(value, where)
    return [_condition(member, where) for member in listed]


def _condition(value: object, where: str) -> Any:
    if not isinstance(value, dict):
        raise BadRequest(f"{where}: a condition must be an object.")
    if "key" in value:
        return _field_condition(value, where)
    if any(clause in value for clause in (*_CLAUSES, "min_should")):
        return filter_of(value, where)
    kind, content = only_field(
        value, where, {"is_empty", "is_null", "has_id", "has_vector", "nested"}
    )
    if kind == "is_empty":
        return engine.IsEmptyCondition(_payload_key(content, "is_empty"))
    if kind == "is_null":
        return engine.IsNullCondition(_payload_key(content, "is_null"))
    if kind == "has_id":
        return engine.HasIdCondition(set(point_ids(content, "has_id")))
    if kind == "has_vector":
        return engine.HasVectorCondition(text(content, "has_vector"))
    nested = fields(content, "nested", {"key", "filter"})
    return engine.NestedCondition(
        text(required(nested, "key", "nested"), "nested.key"),
        filter_of(required(nested, "filter", "nested"), "nested.filter"),
    )


def _payload_key(value: object, where: str) -> str:
    return text(required(fields(value, where, {"key"}), "key", where), f"{where}.key")


def _field_condition(value: dict[str, Any], where: str) -> engine.FieldCondition:
    given = fields(value, where, {"key", "match", "range", "values_count", "is_empty", "is_null"})
    key = text(given.pop("key", None), f"{where}.key")
    if len(given) != 1:
        raise BadRequest(f"{where}: the condition on {key} needs exactly one test.")
    kind, test = next(iter(given.items()))
    if kind == "match":
        return engine.FieldCondition(key, match=_match(test, key))
    if kind == "range":
        return engine.FieldCondition(key, range=_range(test, key))
    if kind == "values_count":
        bounds = fields(test, f"values_count of {key}", _BOUNDS)
        counts = {n: integer(v, f"values_count of {key}", 0, _MAX_COUNT) for n, v in bounds.items()}
        return engine.FieldCondition(key, values_count=engine.ValuesCount(**counts))
    return engine.FieldCondition(key, **{kind: boolean(test, f"{kind} of {key}")})


def _match(value: object, key: str) -> Any:
    kind, content = only_field(value, f"match of {key}", {"value", "any", "except"})
    if kind == "value":
        return engine.MatchValue(_matchable(content, key))
    variants = items(content, f"match of {key}")
    if not (all(type(v) is str for v in variants) or all(type(v) is int for v in variants)):
        raise BadRequest(f"match of {key} needs only strings or only integers.")
    return engine.MatchAny(variants) if kind == "any" else engine.MatchExcept(variants)


def _matchable(value: object, key: str) -> Any:
    if isinstance(value, bool):
        # The binding of edge 0.9 reads a Python bool as the integer 1, which matches no boolean
        # and says nothing; numpy's bool is read as a boolean.
        return np.bool_(value)
    if isinstance(value, str | int):
        return value
    raise BadRequest(f"match of {key} must be a string, an integer or a boolean.")


def _range(value: object, key: str) -> Any:
    bounds = fields(value, f"range of {key}", _BOUNDS)
    if not bounds:
        raise BadRequest(f"range of {key} needs a bound.")
    if all(isinstance(bound, str) for bound in bounds.values()):
        return engine.RangeDateTime(**bounds)
    return engine.RangeFloat(**{n: number(v, f"range of {key}") for n, v in bounds.items()})
