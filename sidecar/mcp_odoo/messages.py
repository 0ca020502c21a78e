"""What clients send, looked at before the protocol's library does, whose errors say less.

JSON-RPC 2.0, one message a request.
"""

import json
import re
from typing import Any, get_args

from mcp.types import (
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    PARSE_ERROR,
    ClientRequest,
)
from pydantic import BaseModel, ValidationError

_REQUESTS: dict[str, type[BaseModel]] = {
    get_args(kind.model_fields["method"].annotation)[0]: kind
    for kind in get_args(ClientRequest.model_fields["root"].annotation)
}


_HALF = re.compile(rb"\\u[dD][89abAB]|\\u[dD][c-fC-F]")
_KINDS = frozenset({"method", "result", "error"})


class WrongMessage(ValueError):
    """status: HTTP's; number: JSON-RPC's; id: of the request that is answered, where it has one."""

    def __init__(self, status: int, number: int, sentence: str, id: Any = None):
        self.status, self.number, self.sentence, self.id = status, number, sentence, id
        super().__init__(sentence)


def message_of(body: bytes) -> dict[str, Any]:
    """The message in a request's body: a request, a notification, or an answer (without `method`).

    WrongMessage says what is wrong where, without values.
    """
    try:
        told = json.loads(body)
        if _HALF.search(body):  # half a character can be read, but never be written again
            json.dumps(told, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise WrongMessage(400, PARSE_ERROR, "The body is no JSON that can be read.") from None
    if not isinstance(told, dict) or told.get("jsonrpc") != "2.0" or not _KINDS & told.keys():
        raise WrongMessage(400, INVALID_REQUEST, "The body must be one JSON-RPC 2.0 message.")
    if "id" in told and "method" in told:
        _check_request(told)
    return told


def without_task(message: dict[str, Any]) -> bytes | None:
    """The request without its wish to run as a task, None where it has none.

    A server that runs no tasks must ignore the wish (MCP 2025-11-25, tasks); the library refuses.
    """
    params = message.get("params")
    if not isinstance(params, dict) or "task" not in params:
        return None
    kept = {name: value for name, value in params.items() if name != "task"}
    return json.dumps({**message, "params": kept}).encode()


def _check_request(told: dict[str, Any]) -> None:
    method, number = told["method"], told["id"]
    if isinstance(number, bool) or not isinstance(number, int | str):
        raise WrongMessage(400, INVALID_REQUEST, "The id must be a number or a text.")
    kind = _REQUESTS.get(method) if isinstance(method, str) else None
    if kind is None:
        raise WrongMessage(200, METHOD_NOT_FOUND, "There is no such method.", number)
    try:
        kind.model_validate({key: told[key] for key in ("method", "params") if key in told})
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        field = ".".join(str(part)[:40] for part in first["loc"])
        raise WrongMessage(200, INVALID_PARAMS, f"{field}: {first['msg']}.", number) from None
