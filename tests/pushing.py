"""A tenant whose ERP sends its data, and that ERP at our doors."""

from dataclasses import dataclass
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from sidecar.erp.generic.push_keys import PushKeys
from sidecar.erp.generic.store import PushedRecords
from sidecar.web.state import WebState
from tests.documents import tenant_document

ALL = ("products", "customers", "orders")


def pushing_document(account_id: str = "account_1", **config: Any) -> dict[str, Any]:
    """A tenant document with no Odoo at all. config: of integrations.mcp."""
    document = tenant_document(account_id)
    document["integrations"]["mcp"] = {"type": "rest-generic", "config": config}
    if account_id != "account_1":  # a URL token is one tenant's
        document["integrations"]["chatwoot"]["channels"] = []
    return document


@dataclass
class Erp:
    """One shop's ERP with one key."""

    app: Flask
    account_id: str = "account_1"
    scopes: tuple[str, ...] = ALL
    key: str = ""
    key_id: str = ""

    def __post_init__(self) -> None:
        self.client: FlaskClient = self.app.test_client()
        here: WebState = self.app.extensions["sidecar"]
        found, self.key = PushKeys(here.store).create(self.account_id, self.scopes)
        self.key_id = found.id
        self.records = PushedRecords.of(here.settings, self.account_id)

    def send(self, path: str, rows: Any = None, **more: Any) -> Any:
        """Post rows as JSON (or `data` as it is); the answer. headers are added."""
        headers = {"Authorization": f"Bearer {self.key}"} | more.pop("headers", {})
        if rows is not None:
            more["json"] = rows
        path = path if path.startswith("/") else f"/api/v1/sync/{path}"
        return self.client.post(path, headers=headers, **more)

    def take(self, path: str, rows: Any, **more: Any) -> dict[str, Any]:
        """What the answer to rows says became of them."""
        answer = self.send(path, rows, **more)
        assert answer.status_code in (200, 207), answer.text
        return answer.json["data"]

    def read(self, kind: str, own_id: str) -> Any:
        headers = {"Authorization": f"Bearer {self.key}"}
        return self.client.get(f"/api/v1/sync/{kind}", headers=headers, query_string={"id": own_id})
