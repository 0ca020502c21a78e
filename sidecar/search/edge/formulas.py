"""Qdrant's score formulas: REST JSON to the engine's types."""

from typing import Any

import qdrant_edge as engine

from sidecar.errors import BadRequest
from sidecar.search.edge.filters import filter_of
from sidecar.search.edge.json_fields import fields, items, number, only_field, required

_LISTS = {
    "sum": engine.Expression.Sum,
    "mult": engine.Expression.Mult,
    "max": engine.Expression.Max,
    "min": engine.Expression.Min,
}
_SINGLES = {
    "neg": engine.Expression.Neg,
    "abs": engine.Expression.Abs,
    "sqrt": engine.Expression.Sqrt,
    "exp": engine.Expression.Exp,
    "ln": engine.Expression.Ln,
    "log10": engine.Expression.Log10,
}
_MAX_DEPTH = 16


def formula_of(value: object) -> engine.Formula:
    """`{"formula": expression, "defaults": {variable: value}}`; BadRequest for the unserved."""
    given = fields(value, "formula", {"formula", "defaults"})
    defaults = given.get("defaults", {})
    if not isinstance(defaults, dict):
        raise BadRequest("formula.defaults must be an object.")
    return engine.Formula(_expression(required(given, "formula", "formula"), 0), defaults)


def _expression(value: object, depth: int) -> Any:
    if depth > _MAX_DEPTH:
        raise BadRequest("The formula is nested too deep.")
    if isinstance(value, str):
        return engine.Expression.Variable(value)
    if isinstance(value, int | float):
        return engine.Expression.Constant(number(value, "A constant"))
    if isinstance(value, dict) and "key" in value:
        # A condition counts 1 where it holds and 0 elsewhere.
        return engine.Expression.Condition(filter_of({"must": [value]}, "formula"))
    kind, content = only_field(value, "formula", {*_LISTS, *_SINGLES, "div", "pow"})
    if kind in _LISTS:
        return _LISTS[kind]([_expression(one, depth + 1) for one in items(content, kind)])
    if kind in _SINGLES:
        return _SINGLES[kind](_expression(content, depth + 1))
    if kind == "pow":
        given = fields(content, "pow", {"base", "exponent"})
        return engine.Expression.Pow(
            _expression(required(given, "base", "pow"), depth + 1),
            _expression(required(given, "exponent", "pow"), depth + 1),
        )
    given = fields(content, "div", {"left", "right", "by_zero_default"})
    fallback = given.get("by_zero_default")
    return engine.Expression.Div(
        _expression(required(given, "left", "div"), depth + 1),
        _expression(required(given, "right", "div"), depth + 1),
        None if fallback is None else number(fallback, "by_zero_default"),
    )
