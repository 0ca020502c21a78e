"""What may stand in a tenant document at any depth, known key or not.

References (`*_ref`) are names, secrets themselves never stand there, and every text can be written
to YAML and Redis and read back as it was.
"""

import math
import re
from collections.abc import Iterator
from typing import Any

from sidecar.errors import ConfigInvalid

REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,126}")
_SECRET_KEY = re.compile(
    r"(?i)(?:.*_)?(?:password|passwd|secret|secret_key|private_key|api_key|apikey|token)"
)
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_DEEPEST = 20


def invalid(field: str, problem: str) -> ConfigInvalid:
    """The error for one field of a document. `problem` never repeats the value."""
    return ConfigInvalid(f"The tenant's configuration is invalid: {field}: {problem}.", field=field)


def below(field: str, key: str | int) -> str:
    """The path of `key` below `field`: `crews.sales`, `agents[0]`."""
    if isinstance(key, int):
        return f"{field}[{key}]"
    return f"{field}.{key}" if field else key


def check_values(document: Any) -> None:
    """ConfigInvalid names the first value no document may hold."""
    for field, key, value in _walk("", document, 0):
        if isinstance(value, str) and _UNSTORABLE.search(value):
            raise invalid(field, "holds characters that cannot be stored")
        if isinstance(value, float) and not math.isfinite(value):
            raise invalid(field, "must be a finite number")
        if key.endswith("_ref"):
            if value is not None and not (isinstance(value, str) and REFERENCE.fullmatch(value)):
                raise invalid(field, "must be the name of a secret (letters, digits, _ . : -)")
        elif isinstance(value, str) and value and _SECRET_KEY.fullmatch(key):
            raise invalid(
                field,
                f"a secret may not stand here; name it with {key}_ref and store it with"
                " `sidecar credentials set`",
            )


def references(document: Any) -> Iterator[tuple[str, str]]:
    """(path, name) of every reference that is set."""
    for field, key, value in _walk("", document, 0):
        if key.endswith("_ref") and isinstance(value, str):
            yield field, value


def _walk(field: str, value: Any, depth: int) -> Iterator[tuple[str, str, Any]]:
    if depth > _DEEPEST:
        raise invalid(field, "is nested too deeply")
    if isinstance(value, dict):
        items: Any = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    else:
        return
    for key, inner in items:
        if isinstance(value, dict) and (not isinstance(key, str) or _UNSTORABLE.search(key)):
            raise invalid(field or "document", "every key must be a plain text")
        path = below(field, key)
        yield path, key if isinstance(key, str) else "", inner
        yield from _walk(path, inner, depth + 1)
