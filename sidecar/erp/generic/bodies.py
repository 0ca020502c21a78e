"""The rows of a body or a file that an ERP sends: JSON, JSON lines, CSV; also packed by gzip."""

import csv
import io
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, NoReturn

from sidecar.erp.generic.records import BadRow
from sidecar.errors import BadRequest, PayloadTooLarge

Form = Literal["json", "lines", "csv"]

_GZIP = 31  # zlib's window bits for gzip's own header
_SEPARATORS = (";", ",", "\t", "|")
_WRAPPERS = ("rows", "data")  # an object with nothing else of ours around the records


@dataclass(frozen=True, slots=True)
class Raw:
    """One row as it came: its place (from 1, of lines: the line), or what is wrong with it."""

    place: int
    value: Any = None
    problem: BadRow | None = None


def unpacked(body: bytes, encoding: str, most: int) -> bytes:
    """The body, unpacked where `encoding` says gzip. PayloadTooLarge, BadRequest."""
    if encoding in ("", "identity"):
        found = body
    elif encoding == "gzip":
        found = _ungzipped(body, most)
    else:
        raise BadRequest("Content-Encoding may be gzip, or left out.")
    if len(found) > most:
        raise PayloadTooLarge(f"A body has at most {most} bytes, also unpacked: send fewer rows.")
    return found


def rows_of(body: bytes, form: Form, most_bytes: int, encoding: str = "utf-8-sig") -> Iterator[Raw]:
    """The rows of a body, one by one. BadRequest where there is no telling rows apart.

    most_bytes: of one row.
    """
    try:
        text = body.decode(encoding)
    except UnicodeDecodeError:
        raise BadRequest(f"The text is not {encoding.removesuffix('-sig').upper()}.") from None
    if form == "lines":
        return _of_lines(text, most_bytes)
    if form == "csv":
        return _of_csv(text, most_bytes)
    return _of_json(text, most_bytes)


def _ungzipped(body: bytes, most: int) -> bytes:
    unzip = zlib.decompressobj(_GZIP)
    try:
        found = unzip.decompress(body, most + 1)
    except zlib.error:
        raise BadRequest("The body is not gzip.") from None
    if len(found) <= most and not unzip.eof:
        raise BadRequest("The gzip body ends too early.")
    return found


def _of_json(text: str, most: int) -> Iterator[Raw]:
    try:
        told = _parsed(text)
    except (ValueError, RecursionError):
        raise BadRequest("The body is not JSON (or too deep).") from None
    if isinstance(told, dict) and "id" not in told:
        inner = [told[name] for name in _WRAPPERS if isinstance(told.get(name), list | dict)]
        told = inner[0] if inner else told
    if isinstance(told, dict):
        told = [told]
    if not isinstance(told, list):
        raise BadRequest("The body must be an object or a list of objects.")
    return (_measured(place, value, most) for place, value in enumerate(told, 1))


def _of_lines(text: str, most: int) -> Iterator[Raw]:
    for place, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        if len(line.encode()) > most:
            yield _too_large(place, most)
            continue
        try:
            yield Raw(place, _parsed(line))
        except (ValueError, RecursionError):
            yield Raw(place, problem=BadRow("", "is not JSON (or too deep)"))


def _of_csv(text: str, most: int) -> Iterator[Raw]:
    """Columns by the names of the first line; empty cells are left out."""
    first = text.partition("\n")[0]
    separator = max(_SEPARATORS, key=first.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        columns = [name.strip() for name in next(lines, [])]
        if len(set(columns)) != len(columns):
            raise BadRequest("Two columns have the same name.")
        for cells in lines:
            if not any(cells):
                continue
            if len(cells) > len(columns):
                yield Raw(lines.line_num, problem=BadRow("", "has more cells than columns"))
                continue
            pairs = zip(columns, cells, strict=False)
            row = {name: cell for name, cell in pairs if name and cell.strip()}
            yield _measured(lines.line_num, row, most)
    except csv.Error:
        raise BadRequest(f"Line {lines.line_num} is not CSV.") from None


def _measured(place: int, value: Any, most: int) -> Raw:
    try:
        size = len(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    except RecursionError:
        return Raw(place, problem=BadRow("", "is too deep"))
    return Raw(place, value) if size <= most else _too_large(place, most)


def _too_large(place: int, most: int) -> Raw:
    return Raw(place, problem=BadRow("", f"is larger than {most} bytes"))


def _parsed(text: str) -> Any:
    return json.loads(text, parse_constant=_no_number)


def _no_number(_name: str) -> NoReturn:
    raise ValueError
