"""A tool's arguments as a model of ours reads them, at each call of a model: what helps it choose.

Derived from the full schema, which MCP clients get and `dispatch.run` holds arguments against; what
that one allows is allowed by this one, but for null in place of leaving out.
"""

from typing import Any

from sidecar.tools.tool import Tool

# limits that a model never comes near, or learns in a sentence when it does
_LIMITS = frozenset(
    {"exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "maxProperties"}
)
_NOTHING: tuple[Any, ...] = ("", None, False, [], {})


def lean(tool: Tool, but: frozenset[str] = frozenset()) -> dict[str, Any]:
    """JSON Schema without references, empty defaults, far limits and the arguments `but`."""
    schema = tool.input_schema()
    kept = {name: field for name, field in schema["properties"].items() if name not in but}
    return _lean({**schema, "properties": kept}, schema.get("$defs", {}))


def _lean(schema: dict[str, Any], parts: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        schema = {**schema, **parts[schema["$ref"].rpartition("/")[2]]}
    others = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    if len(others) == 1:  # what may be null may be left out
        schema = {**{key: value for key, value in schema.items() if key != "anyOf"}, **others[0]}
    found: dict[str, Any] = {}
    for key, value in schema.items():
        if key == "properties":
            found[key] = {name: _lean(field, parts) for name, field in value.items()}
        elif key in ("items", "additionalProperties") and isinstance(value, dict):
            found[key] = _lean(value, parts)
        elif key == "anyOf":
            found[key] = [_lean(one, parts) for one in value]
        elif not (_is_silent(key, value) or key in _LIMITS):
            found[key] = value
    return found


def _is_silent(key: str, value: Any) -> bool:
    """Whether a part says nothing to a model. Unknown arguments are refused by name."""
    if key in ("minimum", "minItems"):
        return value <= 1
    return key in ("$ref", "$defs") or (
        key in ("default", "additionalProperties", "required") and value in _NOTHING
    )
