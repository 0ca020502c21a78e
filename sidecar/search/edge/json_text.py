"""JSON text in and out, by the rules of both ends."""

import json
from typing import Any

from pydantic_core import to_json

from sidecar.errors import BadRequest


def read(raw: bytes) -> Any:
    """What a body says; BadRequest when it is not JSON (NaN and infinities are not)."""
    try:
        return json.loads(raw, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise BadRequest("The body is not JSON.") from error


def write(content: dict[str, Any]) -> bytes:
    """`content` as compact JSON; point ids may be UUIDs."""
    return to_json(content, inf_nan_mode="null")


def result(content: Any, seconds: float) -> bytes:
    """The text of a successful answer that took `seconds`."""
    return write({"result": content, "status": "ok", "time": seconds})


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
