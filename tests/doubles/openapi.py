"""Checks calls of Chatwoot's API against its published OpenAPI document."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jsonschema import Draft202012Validator

_ROOT = "/api/v1/accounts/"
# What Chatwoot answers and its document does not say: a hand-off's success is null, and so is the
# content of a message that is only an attachment.
_NO_WORDS = frozenset({"content", "processed_message_content"})
_NULLS = {("post", "/api/v1/accounts/{account_id}/conversations/{conversation_id}/toggle_status")}


class OpenApi:
    """The document; `check` gives what is wrong with one call and its answer."""

    def __init__(self, path: Path):
        self.document = json.loads(path.read_text("utf-8"))
        self.paths = [
            (re.compile(re.sub(r"\{[^}]+\}", "[^/]+", name)), name)
            for name in sorted(self.document["paths"], key=lambda name: name.count("{"))
        ]

    def check(
        self,
        method: str,
        url: str,
        body: Mapping[str, Any] | None,
        params: Mapping[str, Any] | None,
        status: int,
        answer: Any,
    ) -> list[str]:
        """Problems of a call to `url` with `body` and `params`, and of what came back."""
        path, method = urlsplit(url).path, method.lower()
        path = path[path.index(_ROOT) :]
        name = next((name for pattern, name in self.paths if pattern.fullmatch(path)), None)
        operation = self.document["paths"].get(name, {}).get(method)
        if operation is None:
            return [f"{method} {path} is not in the document"]
        return [
            *self._of_body(operation, body),
            *self._of_params(operation, params or {}),
            *self._of_answer((method, str(name)), operation, status, answer),
        ]

    def _of_body(self, operation: dict[str, Any], body: Mapping[str, Any] | None) -> list[str]:
        wanted = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if wanted is None:
            return ["the call takes no body"] if body else []
        schema = wanted["schema"]
        known = self._properties(schema)
        unknown = [f"unknown field {field}" for field in body or {} if known and field not in known]
        return [*unknown, *self._problems(schema, dict(body or {}))]

    def _of_params(self, operation: dict[str, Any], params: Mapping[str, Any]) -> list[str]:
        declared = [self._resolved(one) for one in operation.get("parameters", [])]
        known = {one["name"] for one in declared if one["in"] == "query"}
        return [f"unknown parameter {name}" for name in params if name not in known]

    def _of_answer(
        self, call: tuple[str, str], operation: dict[str, Any], status: int, answer: Any
    ) -> list[str]:
        told = (
            operation["responses"].get(str(status), {}).get("content", {}).get("application/json")
        )
        if status != 200 or told is None or answer is None:
            return []
        if call in _NULLS and answer["payload"]["success"] is None:
            answer["payload"]["success"] = True
        return self._problems(told["schema"], _without_nulls(answer))

    def _problems(self, schema: dict[str, Any], value: Any) -> list[str]:
        whole = {**schema, "components": self.document["components"]}
        return [error.message[:200] for error in Draft202012Validator(whole).iter_errors(value)]

    def _properties(self, schema: dict[str, Any]) -> set[str]:
        return set(self._resolved(schema).get("properties", {}))

    def _resolved(self, schema: dict[str, Any]) -> dict[str, Any]:
        while "$ref" in schema:
            found: Any = self.document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            schema = found
        return schema


def _without_nulls(value: Any) -> Any:
    """The answer without the contents that are null."""
    if isinstance(value, list):
        return [_without_nulls(one) for one in value]
    if isinstance(value, dict):
        return {
            key: _without_nulls(one)
            for key, one in value.items()
            if not (one is None and key in _NO_WORDS)
        }
    return value
