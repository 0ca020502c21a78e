"""A client's row as ours, by the rules of the tenant document."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sidecar.erp.generic.records import BadRow
from sidecar.tenants.pushing import MappingRule

_MOST = 500  # parts of a text that is split, entries of a list


def mapped(row: Any, rules: Mapping[str, MappingRule], zone: str) -> dict[str, Any]:
    """Our fields; those that the row lacks are left out. BadRow names our field.

    zone: of the clock that written dates are on.
    """
    if not isinstance(row, dict):
        raise BadRow("", "must be an object")
    found = {}
    for name, rule in rules.items():
        try:
            value = _value(row, rule, zone)
        except BadRow as bad:
            inner = f"{name}.{bad.field}" if bad.field else name
            raise BadRow(inner, bad.problem, _own_id(row, rules)) from None
        if value is not None:
            found[name] = value
    return found


def _value(row: dict[str, Any], rule: MappingRule, zone: str) -> Any:
    if rule.fields is not None:
        return mapped(row, rule.fields, zone) or None
    if rule.path is None:
        return rule.value
    value = _at(row, rule.path)
    if value is None or value == "":
        return None
    if rule.number is not None:
        return _number(value, rule.number)
    if rule.date is not None:
        return _date(value, rule.date, zone)
    if rule.split is not None:
        parts = [part.strip() for part in str(value).split(rule.split, _MOST)]
        return [part for part in parts if part]
    if rule.values is not None:
        return _word(value, rule.values)
    if rule.each is not None:
        return _each(value, rule.each, zone)
    return value


def _at(row: dict[str, Any], path: str) -> Any:
    """The value at a path; a key that has the whole path for its name goes first."""
    if path in row:
        return row[path]
    found: Any = row
    for key in path.split("."):
        if isinstance(found, list) and key.isascii() and key.isdecimal():
            found = found[int(key)] if len(key) < 6 and int(key) < len(found) else None
        elif isinstance(found, dict):
            found = found.get(key)
        else:
            return None
    return found


def _number(value: Any, mark: str) -> Any:
    if not isinstance(value, str):
        return value
    other = "." if mark == "," else ","
    digits = value.strip().replace(" ", "").replace("\u00a0", "").replace(other, "")
    return digits.replace(mark, ".")


def _date(value: Any, form: str, zone: str) -> str:
    try:
        # the zone follows below, where the format has none
        moment = datetime.strptime(str(value).strip(), form)  # noqa: DTZ007
    except ValueError:
        raise BadRow("", "is not written in the mapping's date format") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=ZoneInfo(zone))
    return moment.isoformat()


def _word(value: Any, words: Mapping[str, str | bool]) -> str | bool:
    try:
        return words[str(value).strip()]
    except KeyError:
        raise BadRow("", "is a word that the mapping's values do not have") from None


def _each(value: Any, rules: Mapping[str, MappingRule], zone: str) -> list[dict[str, Any]]:
    if not isinstance(value, list) or len(value) > _MOST:
        raise BadRow("", f"must be a list of at most {_MOST} entries")
    found = []
    for number, entry in enumerate(value):
        try:
            found.append(mapped(entry, rules, zone))
        except BadRow as bad:
            raise BadRow(
                f"{number}.{bad.field}" if bad.field else str(number), bad.problem
            ) from None
    return found


def _own_id(row: dict[str, Any], rules: Mapping[str, MappingRule]) -> str:
    rule = rules.get("id")
    own = _at(row, rule.path) if rule is not None and rule.path else None
    return str(own)[:128] if isinstance(own, str | int) else ""
