"""No answer is larger than a model should read: lists end early and say how much is missing."""

import json
from typing import Any

_SHORT_TEXT = 200


def capped(answer: dict[str, Any], rows: int, characters: int) -> dict[str, Any]:
    """`answer` with lists of at most `rows` and about `characters` of JSON in all.

    `more` says of each list of the first level how many entries are missing. Lists below are cut
    too; the longest list gives way first, then long texts.
    """
    told = {key: _shallow(value, rows) for key, value in answer.items() if key != "more"}
    lists = {key: value for key, value in told.items() if isinstance(value, list)}
    missing = {
        key: len(answer[key]) - len(value)
        for key, value in lists.items()
        if len(answer[key]) > len(value)
    }
    while _length(told) > characters:
        name = max(lists, key=lambda key: _length(lists[key]), default=None)
        if name is None or len(lists[name]) <= 1:
            break
        kept = lists[name][: len(lists[name]) * 3 // 4]
        missing[name] = missing.get(name, 0) + len(lists[name]) - len(kept)
        told[name] = lists[name] = kept
    if _length(told) > characters:
        told = _texts_cut(told)
    before = answer.get("more", {})
    more = {key: missing.get(key, 0) + before.get(key, 0) for key in {*missing, *before}}
    return {**told, "more": dict(sorted(more.items()))} if more else told


def _shallow(value: Any, rows: int) -> Any:
    if isinstance(value, list):
        return [_shallow(entry, rows) for entry in value[:rows]]
    if isinstance(value, dict):
        return {key: _shallow(entry, rows) for key, entry in value.items()}
    return value


def _texts_cut(value: Any) -> Any:
    if isinstance(value, str):
        return value if len(value) <= _SHORT_TEXT else value[: _SHORT_TEXT - 1] + "…"
    if isinstance(value, list):
        return [_texts_cut(entry) for entry in value]
    if isinstance(value, dict):
        return {key: _texts_cut(entry) for key, entry in value.items()}
    return value


def _length(value: Any) -> int:
    return len(json.dumps(value, ensure_ascii=False))
