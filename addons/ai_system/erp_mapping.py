"""The field mapping of an ERP that sends its data (docs/erp-client.md). Plain Python without Odoo.

Here its shape is checked; the AI service checks each rule when it takes the settings over.
"""

import json
import re

import yaml

KINDS = ("products", "customers", "orders")
LONGEST = 100_000
DEEPEST = 12
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")


class MappingRefused(Exception):
    """What is wrong: `code` (see `parsed`) and `where`, a line's number or a name of the text."""

    def __init__(self, code: str, where: str = ""):
        super().__init__(f"{code}: {where}")
        self.code = code
        self.where = where[:80]


def parsed(text: str) -> dict:
    """Return {mapping: {kind: {field: rule}}} of a YAML text; {} for an empty one.

    Kinds that stand at the top are the mapping `default`. Raises MappingRefused with the code
    long, yaml, shape, name, kind, rule or id.
    """
    if len(text) > LONGEST:
        raise MappingRefused("long")
    told = _loaded(text)
    if told is None:
        return {}
    if not isinstance(told, dict):
        raise MappingRefused("shape")
    if told and all(name in KINDS for name in told):
        told = {"default": told}
    for name, kinds in told.items():
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise MappingRefused("name", str(name))
        if not isinstance(kinds, dict):
            raise MappingRefused("shape", name)
        for kind, rules in kinds.items():
            _check_rules(name, kind, rules)
    return told


def _loaded(text):
    try:
        # A few lines that refer to each other could unfold to gigabytes.
        if any(isinstance(token, yaml.AnchorToken | yaml.AliasToken) for token in yaml.scan(text)):
            raise MappingRefused("yaml", "&")
        told = yaml.safe_load(text)
        json.dumps(told, allow_nan=False)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise MappingRefused("yaml", str(mark.line + 1) if mark else "") from None
    except (yaml.YAMLError, TypeError, ValueError, RecursionError):
        raise MappingRefused("yaml") from None
    return told


def _check_rules(name, kind, rules):
    if kind not in KINDS:
        raise MappingRefused("kind", str(kind) if name == "default" else f"{name}.{kind}")
    if not isinstance(rules, dict):
        raise MappingRefused("shape", f"{name}.{kind}")
    for field, rule in rules.items():
        if not isinstance(field, str) or not isinstance(rule, str | dict) or not rule:
            raise MappingRefused("rule", f"{kind}.{field}")
        _check_keys(rule, f"{kind}.{field}", DEEPEST)
    if "id" not in rules:
        raise MappingRefused("id", kind)


def _check_keys(value, where, left):
    """Keys are texts at every depth: the settings travel as JSON, where others would change."""
    if not left:
        raise MappingRefused("rule", where)
    entries = value.values() if isinstance(value, dict) else value
    if isinstance(value, dict) and not all(isinstance(key, str) for key in value):
        raise MappingRefused("rule", where)
    for entry in entries if isinstance(value, dict | list) else ():
        _check_keys(entry, where, left - 1)
