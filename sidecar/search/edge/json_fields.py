"""Reading JSON strictly: what is not understood is refused, never ignored."""

import uuid
from typing import Any

import numpy as np

from sidecar.errors import BadRequest

PointId = int | uuid.UUID

_MAX_INTEGER_ID = 2**64 - 1
_MAX_SPARSE_INDEX = 2**32 - 1


def fields(value: object, where: str, allowed: set[str]) -> dict[str, Any]:
    """The members of a JSON object that are not null.

    Raises BadRequest when `value` is no object or has a member outside `allowed`: a field that is
    silently dropped would answer another question than the one that was asked.
    """
    if not isinstance(value, dict):
        raise BadRequest(f"{where} must be an object.")
    given = {name: member for name, member in value.items() if member is not None}
    unknown = given.keys() - allowed
    if unknown:
        raise BadRequest(f"{where}: not supported here: {', '.join(sorted(unknown))}.")
    return given


def only_field(value: object, where: str, allowed: set[str]) -> tuple[str, Any]:
    """Name and value of an object's single member; BadRequest for none, several or an unknown."""
    given = fields(value, where, allowed)
    if len(given) != 1:
        raise BadRequest(f"{where} needs exactly one of: {', '.join(sorted(allowed))}.")
    return next(iter(given.items()))


def required(given: dict[str, Any], name: str, where: str) -> Any:
    """`given[name]`; BadRequest when it is missing."""
    if name not in given:
        raise BadRequest(f"{where} needs {name}.")
    return given[name]


def text(value: object, where: str) -> str:
    """`value`, a non-empty string; BadRequest otherwise."""
    if not isinstance(value, str) or not value:
        raise BadRequest(f"{where} must be a non-empty string.")
    return value


def boolean(value: object, where: str) -> bool:
    """`value`, a boolean; BadRequest otherwise."""
    if not isinstance(value, bool):
        raise BadRequest(f"{where} must be true or false.")
    return value


def integer(value: object, where: str, least: int, most: int) -> int:
    """`value`, an integer in [least, most]; BadRequest otherwise."""
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise BadRequest(f"{where} must be an integer from {least} to {most}.")
    return value


def number(value: object, where: str) -> float:
    """`value`, a finite number; BadRequest otherwise."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not np.isfinite(value):
        raise BadRequest(f"{where} must be a finite number.")
    return float(value)


def items(value: object, where: str) -> list[Any]:
    """`value`, a list; BadRequest otherwise."""
    if not isinstance(value, list):
        raise BadRequest(f"{where} must be a list.")
    return value


def strings(value: object, where: str) -> list[str]:
    """`value`, a list of non-empty strings; BadRequest otherwise."""
    return [text(member, where) for member in items(value, where)]


def point_id(value: object) -> PointId:
    """A point's id: an unsigned 64-bit integer or a UUID in text; BadRequest otherwise."""
    if isinstance(value, str):
        try:
            return uuid.UUID(value)
        except ValueError as error:
            raise BadRequest("A point id must be an unsigned integer or a UUID.") from error
    return integer(value, "A point id", 0, _MAX_INTEGER_ID)


def point_ids(value: object, where: str) -> list[PointId]:
    """A list of point ids; BadRequest otherwise."""
    return [point_id(member) for member in items(value, where)]


def dense(value: object, where: str) -> list[float]:
    """A dense vector: a non-empty list of numbers that are finite as 32-bit floats."""
    if not isinstance(value, list) or not value or not {int, float}.issuperset(map(type, value)):
        raise BadRequest(f"{where} must be a list of numbers.")
    with np.errstate(over="ignore"):
        finite = bool(np.isfinite(np.asarray(value, dtype=np.float32)).all())
    if not finite:
        raise BadRequest(f"{where} holds a number that is not finite.")
    return value


def sparse(value: object, where: str) -> tuple[list[int], list[float]]:
    """Indices (unique, 32 bits, ascending) and values of a sparse vector.

    The engine takes doubled indices without a word and then scores them wrongly, so they are
    refused here.
    """
    given = fields(value, where, {"indices", "values"})
    indices = items(required(given, "indices", where), f"{where}.indices")
    values = items(required(given, "values", where), f"{where}.values")
    if len(indices) != len(values):
        raise BadRequest(f"{where}: as many indices as values are needed.")
    for index in indices:
        integer(index, f"{where}.indices", 0, _MAX_SPARSE_INDEX)
    if len(set(indices)) != len(indices):
        raise BadRequest(f"{where}: an index occurs twice.")
    if values:
        dense(values, f"{where}.values")
    order = sorted(range(len(indices)), key=indices.__getitem__)
    return [indices[i] for i in order], [values[i] for i in order]
