"""Three-way merge of a push into what a person may have changed.

base: what was pushed last time. ours: what is pushed now. What is in `ours` is set; what was in
`base` and is not in `ours` goes; everything else is a person's and stays. Items of lists are the
same when their `id`, or else their `name`, is; plain values are the same when they are equal.
"""

from typing import Any

from ruamel.yaml.comments import CommentedMap, CommentedSeq

from sidecar.tenants.yaml_text import editable, plain


def merge(current: CommentedMap, base: dict[str, Any], ours: dict[str, Any]) -> None:
    """Change `current` so that it holds `ours` and what a person added."""
    for key, value in ours.items():
        before = base.get(key)
        here = current.get(key)
        if isinstance(here, CommentedMap) and isinstance(value, dict):
            merge(here, before if isinstance(before, dict) else {}, value)
        elif isinstance(here, CommentedSeq) and isinstance(value, list):
            _merge_list(here, before if isinstance(before, list) else [], value)
        elif key not in current or not _same(here, value):
            current[key] = editable(value)
    for key, value in base.items():
        if key not in ours and key in current:
            withdraw(current, key, value)


def withdraw(current: CommentedMap, key: str, base: Any) -> None:
    """Remove what was pushed as `key`; a person's additions inside it stay."""
    here = current[key]
    if isinstance(here, CommentedMap) and isinstance(base, dict):
        for inner in [name for name in base if name in here]:
            withdraw(here, inner, base[inner])
    elif isinstance(here, CommentedSeq) and isinstance(base, list):
        _merge_list(here, base, [])
    else:
        del current[key]
        return
    if not here:
        del current[key]


def _merge_list(current: CommentedSeq, base: list[Any], ours: list[Any]) -> None:
    """`ours` in its order (which means something: the first agent answers), then a person's."""
    places = {_identity(item): place for place, item in enumerate(current)}
    pushed = {_identity(item): item for item in base}
    arranged: list[tuple[Any, int | None]] = []
    for value in ours:
        place = places.get(_identity(value))
        item = editable(value) if place is None else current[place]
        if isinstance(item, CommentedMap) and isinstance(value, dict) and place is not None:
            before = pushed.get(_identity(value))
            merge(item, before if isinstance(before, dict) else {}, value)
        arranged.append((item, place))
    named = {_identity(value) for value in ours}
    for place, item in enumerate(current):
        identity = _identity(item)
        if identity not in named and identity not in pushed:
            arranged.append((item, place))
    if [place for _item, place in arranged] == list(range(len(current))):
        return
    comments = dict(current.ca.items)
    list.clear(current)
    current.ca.items.clear()
    for number, (item, place) in enumerate(arranged):
        list.append(current, item)
        if place in comments:
            current.ca.items[number] = comments[place]


def _same(here: Any, value: Any) -> bool:
    return here == value and isinstance(here, bool) == isinstance(value, bool)


def _identity(item: Any) -> tuple[Any, ...]:
    if isinstance(item, dict):
        for key in ("id", "name"):
            if isinstance(item.get(key), str | int):
                return (key, item[key])
        return ("mapping", repr(sorted(plain(item).items(), key=repr)))
    if isinstance(item, list):
        return ("list", repr(plain(item)))
    return (type(item) is bool, item)
