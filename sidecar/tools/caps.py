"""No answer is larger than a model should read: lists end early and say how much is missing."""

import json
from collections import Counter
from typing import Any

_SHORT_TEXT = 200


def capped(answer: dict[str, Any], rows: int, characters: int) -> dict[str, Any]:
    """`answer` with lists of at most `rows` and about `characters` of JSON in all.

    `more` says how many entries are missing, by the list's name, lists within lists as
    `orders.lines` all together. Where that is not enough the longest list of the first level gives
    way, then long texts.
    """
    more = Counter(answer.get("more", {}))
    told = {
        key: _shortened(value, rows, key, more) for key, value in answer.items() if key != "more"
    }
    lists = {key: value for key, value in told.items() if isinstance(value, list)}
    while _length(told) > characters:
        name = max(lists, key=lambda key: _length(lists[key]), default=None)
        if name is None or len(lists[name]) <= 1:
            break
        kept = lists[name][: len(lists[name]) * 3 // 4]
        more[name] += len(lists[name]) - len(kept)
        told[name] = lists[name] = kept
    if _length(told) > characters:
        told = _texts_cut(told)
    return {**told, "more": dict(sorted(more.items()))} if more else told


def _shortened(value: Any, rows: int, path: str, more: Counter[str]) -> Any:
    if isinstance(value, list):
        if len(value) > rows:
            more[path] += len(value) - rows
        return [_shortened(entry, rows, path, more) for entry in value[:rows]]
    if isinstance(value, dict):
        return {key: _shortened(entry, rows, f"{path}.{key}", more) for key, entry in value.items()}
    return value


def _texts_cut(value: Any) -> Any:
    if isinstance(value, str):
        whole = len(value) <= _SHORT_TEXT or value.startswith(("http://", "https://"))
        return value if whole else value[: _SHORT_TEXT - 1] + "…"
    if isinstance(value, list):
        return [_texts_cut(entry) for entry in value]
    if isinstance(value, dict):
        return {key: _texts_cut(entry) for key, entry in value.items()}
    return value


def _length(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False))
