"""The command line of `sidecar erp`. Apart from the verbs, which load what they work with."""

import argparse
from pathlib import Path
from typing import Any

_KINDS = ("products", "customers", "orders")


def add(parser: argparse.ArgumentParser) -> None:
    """The sub-commands; `verb` is the method that does it."""
    verbs = parser.add_subparsers(dest="called", required=True)
    key = verbs.add_parser("key", help="keys of ERPs that send their data")
    actions = key.add_subparsers(dest="action", required=True)
    one = _verb(actions, "create", "create_key", "a new key, printed this once")
    one.add_argument("--scopes", required=True, help="such as products,orders or products:read")
    one.add_argument("--name", default="", help="whose it is")
    one.add_argument("--days", type=int, default=365, help="how long it lives")
    _verb(actions, "list", "list_keys", "an account's keys, never their text")
    one = _verb(actions, "revoke", "revoke_key", "end a key at once")
    one.add_argument("key_id", metavar="key")
    one = _verb(verbs, "import", "import_file", "a CSV, JSON or JSON-lines file, also .gz")
    one.add_argument("kind", choices=_KINDS)
    one.add_argument("file", type=Path)
    one.add_argument("--mapping", default="", help="name of a mapping of the tenant document")
    one.add_argument("--encoding", default="utf-8", help="utf-8, latin-1 or cp1252")
    _verb(verbs, "status", "status", "what is kept of an account")
    _verb(verbs, "reindex", "reindex", "write the search anew from what is kept")
    one = _verb(verbs, "erase", "erase", "remove a customer and their orders for good")
    one.add_argument("customer", help="the ERP's id of the customer")
    one = _verb(verbs, "readmit", "readmit", "take what the ERP sends of an erased customer again")
    one.add_argument("customer", help="the ERP's id of the customer")
    _verb(verbs, "forget", "forget", "remove what is kept of a tenant that has gone")


def told(chosen: argparse.Namespace) -> dict[str, Any]:
    """The verb's own arguments."""
    ours = ("command", "called", "action", "verb")
    return {name: value for name, value in vars(chosen).items() if name not in ours}


def _verb(verbs: Any, name: str, verb: str, text: str) -> argparse.ArgumentParser:
    one = verbs.add_parser(name, help=text)
    one.add_argument("account_id", metavar="account", help="account id, such as account_1")
    one.set_defaults(verb=verb)
    return one
