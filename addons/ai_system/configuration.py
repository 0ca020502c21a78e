"""A tenant document as the files of the AI service, and what a push would change there.

Plain Python without Odoo. The rules are those of docs/contracts.md ("The tree"): the document
without `crews` is config.yaml, each crew is a file of its own; a push removes what was pushed
before and no longer is, and keeps what a person added.
"""

import difflib
from dataclasses import dataclass, field
from typing import Any

import yaml

MAIN = "config.yaml"
ALIASES = {"support_crew.yaml": "customer_service_crew.yaml"}


class NotYaml(ValueError):
    """A file that the AI service holds cannot be read; its text is the file's name."""


@dataclass(frozen=True, slots=True)
class FileDifference:
    """One file: `lines` of a unified diff without its header, and what a person added there."""

    name: str
    lines: list[str] = field(default_factory=list)
    by_hand: list[str] = field(default_factory=list)


def split_document(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return {file name: content} of a tenant document."""
    files = {MAIN: {key: value for key, value in document.items() if key != "crews"}}
    for crew, content in (document.get("crews") or {}).items():
        files[f"{crew}_crew.yaml"] = content
    return files


def render(content: dict[str, Any]) -> str:
    """Return `content` as YAML, in its own order."""
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, default_flow_style=False)


def parse(files: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Return {file name: content} of texts in YAML. Raises NotYaml."""
    parsed = {}
    for name, text in files.items():
        try:
            content = yaml.safe_load(text) or {}
        except yaml.YAMLError as error:
            raise NotYaml(name) from error
        if not isinstance(content, dict):
            raise NotYaml(name)
        parsed[name] = content
    return parsed


def differences(
    document: dict[str, Any], pushed: dict[str, Any] | None, held: dict[str, str]
) -> list[FileDifference]:
    """Return what pushing `document` would change in each of the files `held`.

    pushed: the document of the last push, None when it is not known; held: {file name: YAML}. A
    file without difference and without additions by hand is in the list too. Raises NotYaml.
    """
    wanted = split_document(document)
    before = split_document(pushed or {})
    found = parse(held)
    result = []
    for old, new in ALIASES.items():
        if old in found and new in wanted and new not in found:
            # A hand-written tree keeps its name of the crew.
            wanted = {old if name == new else name: part for name, part in wanted.items()}
            before = {old if name == new else name: part for name, part in before.items()}
    for name in [*wanted, *(name for name in found if name not in wanted)]:
        current = found.get(name, {})
        if name not in wanted and name not in before:
            result.append(FileDifference(name, by_hand=[name]))
            continue
        after, by_hand = _merge(current, wanted.get(name, {}), before.get(name, {}))
        old = render(_ordered(current, after)).splitlines() if current else []
        new = render(after).splitlines() if after else []
        lines = list(difflib.unified_diff(old, new, lineterm="", n=3))[2:]
        result.append(FileDifference(name, lines, by_hand))
    return result


def _merge(current: Any, wanted: Any, before: Any, path: str = "") -> tuple[Any, list[str]]:
    """Merge three ways; return the result and the paths of what a person added."""
    by_hand: list[str] = []
    if isinstance(wanted, dict) and isinstance(current, dict):
        before = before if isinstance(before, dict) else {}
        merged = {}
        for key, value in wanted.items():
            inner = f"{path}.{key}" if path else str(key)
            if key in current:
                merged[key], more = _merge(current[key], value, before.get(key), inner)
                by_hand += more
            else:
                merged[key] = value
        for key, value in current.items():
            if key not in wanted and key not in before:
                merged[key] = value
                by_hand.append(f"{path}.{key}" if path else str(key))
        return merged, by_hand
    if isinstance(wanted, list) and isinstance(current, list):
        there = {_identity(item): item for item in current}
        known = {_identity(item): item for item in before} if isinstance(before, list) else {}
        items = []
        for item in wanted:
            identity = _identity(item)
            inner = f"{path}[{identity[-1]}]"
            kept, more = _merge(there.get(identity, item), item, known.get(identity), inner)
            items.append(kept)
            by_hand += more
        named = {_identity(item) for item in wanted}
        for identity, item in there.items():
            if identity not in named and identity not in known:
                items.append(item)
                by_hand.append(f"{path}[{identity[-1]}]")
        return items, by_hand
    return wanted, by_hand


def _ordered(current: Any, like: Any) -> Any:
    """Return `current` with its keys in the order of `like`: their order makes no difference.

    The order of lists does: the first agent answers.
    """
    if isinstance(current, dict) and isinstance(like, dict):
        keys = [key for key in like if key in current]
        keys += [key for key in current if key not in like]
        return {key: _ordered(current[key], like.get(key)) for key in keys}
    if isinstance(current, list) and isinstance(like, list):
        partners = {_identity(item): item for item in like}
        return [_ordered(item, partners.get(_identity(item))) for item in current]
    return current


def _identity(item: Any) -> tuple[Any, ...]:
    """What tells an item of a list apart: its `id`, its `name`, or the item itself."""
    if isinstance(item, dict):
        for name in ("id", "name"):
            if isinstance(item.get(name), str | int):
                return (name, item[name])
    return ("item", repr(item)) if isinstance(item, dict | list) else (type(item) is bool, item)
