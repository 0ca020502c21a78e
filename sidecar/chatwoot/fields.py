"""Typed reading of Chatwoot's JSON: what is tolerated, and what is nonsense."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sidecar.errors import BadRequest

_LARGEST_ID = 2**63 - 1
# Half a surrogate pair is legal in JSON but cannot be encoded; PostgreSQL cannot store NUL.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def nonsense(field: str, expected: str) -> BadRequest:
    """The error for a field whose value Chatwoot never sends. The value itself is not repeated."""
    return BadRequest(f"The field {field} must be {expected}.", field=field)


def mapping(data: Mapping[str, Any], key: str, path: str) -> Mapping[str, Any]:
    """The object at `key`; empty when the key is absent or null."""
    value = data.get(key)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise nonsense(path, "an object")
    return value


def objects(data: Mapping[str, Any], key: str, path: str) -> list[Mapping[str, Any]]:
    """The list of objects at `key`; empty when the key is absent or null."""
    value = data.get(key)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
        raise nonsense(path, "a list of objects")
    return value


def text(data: Mapping[str, Any], key: str, path: str) -> str:
    """The string at `key` made storable; empty when the key is absent or null."""
    value = data.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise nonsense(path, "a string")
    return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value)


def identifier(data: Mapping[str, Any], key: str, path: str) -> int | None:
    """The positive integer at `key`, or None when the key is absent or null."""
    value = data.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value <= _LARGEST_ID:
        raise nonsense(path, "a positive integer")
    return value


def flag(data: Mapping[str, Any], key: str, path: str, default: bool = False) -> bool:
    """The boolean at `key`; `default` when the key is absent or null."""
    value = data.get(key)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise nonsense(path, "true or false")
    return value


def number(data: Mapping[str, Any], key: str, path: str) -> float | None:
    """The finite number at `key`, or None when the key is absent or null."""
    value = data.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e15:
        raise nonsense(path, "a number")
    return float(value)


def moment(data: Mapping[str, Any], key: str, path: str) -> float | None:
    """The time at `key` in unix seconds.

    Chatwoot writes ISO-8601 with a zone in message bodies and epochs elsewhere, 0 meaning never.
    """
    value = data.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        return number(data, key, path) or None
    try:
        parsed = datetime.fromisoformat(value)
    except ValueError:
        raise nonsense(path, "an ISO-8601 time") from None
    if parsed.tzinfo is None:
        raise nonsense(path, "an ISO-8601 time with a zone")
    return parsed.timestamp()
