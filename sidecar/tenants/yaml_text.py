"""YAML read and written so that a person's comments and order survive."""

import io
from collections import Counter
from collections.abc import Iterable, Iterator, Set
from typing import Any

from ruamel.yaml import YAML, YAMLError
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.tokens import CommentToken

from sidecar.errors import ConfigInvalid

_NO_FOLDING = 4096
_MOST_VALUES = 100_000


def load(text: str | None, file: str) -> CommentedMap:
    """The mapping in `text` (empty for None); ConfigInvalid names `file` and the line."""
    if text is None:
        return CommentedMap()
    try:
        loaded = _yaml().load(text)
    except (YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{file}, line {mark.line + 1}" if mark else file
        raise ConfigInvalid(f"{where}: this is not valid YAML.", field="", file=file) from None
    if loaded is None:
        return CommentedMap()
    if not isinstance(loaded, CommentedMap):
        raise ConfigInvalid(f"{file}: the top level must be a mapping.", field="", file=file)
    if _is_endless(loaded):
        raise ConfigInvalid(f"{file}: aliases make it too large.", field="", file=file)
    return loaded


def dump(content: CommentedMap, more_comments: Iterable[str] = ()) -> str:
    """The text of `content`, with comments that found no place at its end."""
    stream = io.StringIO()
    _yaml().dump(content, stream)
    text = stream.getvalue()
    if text and not text.endswith("\n"):
        text += "\n"
    return text + "".join(f"{comment}\n" for comment in more_comments)


def plain(value: Any) -> Any:
    """`value` as JSON knows it: without comments, styles and dates."""
    if isinstance(value, dict):
        return {_plain_key(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | Set):
        return [plain(inner) for inner in value]
    if value is None or isinstance(value, bool):
        return value
    for kind in (str, int, float):
        if isinstance(value, kind):
            return kind(value)
    return str(value)


def editable(value: Any) -> Any:
    """The reverse of `plain`: nodes that can be changed and written in their order."""
    if isinstance(value, dict):
        return CommentedMap((key, editable(inner)) for key, inner in value.items())
    if isinstance(value, list):
        return CommentedSeq(editable(inner) for inner in value)
    return value


def lost_comments(before: Iterable[str], after: Iterable[str]) -> list[str]:
    """Comments of the texts `before` that stand in none of `after`, in their order."""
    left = Counter(comment for text in after for comment in _comments(load(text, "")))
    lost = []
    for text in before:
        for comment in _comments(load(text, "")):
            if left[comment] > 0:
                left[comment] -= 1
            else:
                lost.append(comment)
    return lost


def _yaml() -> YAML:
    # one per use: a YAML object keeps state while it works, and the doors have threads
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = _NO_FOLDING
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _is_endless(content: CommentedMap) -> bool:
    """Whether `content` has more values than a person writes, aliases counted each time."""
    waiting: list[Any] = [content]
    seen = 0
    while waiting and seen <= _MOST_VALUES:
        node = waiting.pop()
        seen += 1
        if isinstance(node, dict):
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)
    return seen > _MOST_VALUES


def _plain_key(key: Any) -> Any:
    return str(key) if isinstance(key, str) else key


def _comments(node: Any) -> Iterator[str]:
    if isinstance(node, CommentedMap | CommentedSeq):
        yield from _lines(node.ca.comment)
        yield from _lines(getattr(node.ca, "end", None))
        for place in node.ca.items.values():
            yield from _lines(place)
        for inner in node.values() if isinstance(node, CommentedMap) else node:
            yield from _comments(inner)


def _lines(place: Any) -> Iterator[str]:
    if isinstance(place, CommentToken):
        for line in place.value.splitlines():
            if line.strip():
                yield line.strip()
    elif isinstance(place, list | tuple):
        for inner in place:
            yield from _lines(inner)
