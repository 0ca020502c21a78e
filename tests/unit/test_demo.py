"""`sidecar demo import-catalog`: batched, idempotent, with reasons when it cannot."""

import gzip
import itertools
import json
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from xmlrpc.client import Fault
from xmlrpc.server import SimpleXMLRPCRequestHandler, SimpleXMLRPCServer

import pytest

from sidecar.__main__ import main
from sidecar.commands import demo
from sidecar.tenants.schema import parse_tenant
from tests.documents import tenant_document

PASSWORD = "an administrator's"


class _Handler(SimpleXMLRPCRequestHandler):
    rpc_paths = ("/xmlrpc/2/common", "/xmlrpc/2/object")

    def log_message(self, *_args: Any) -> None:
        """Keep the test's output clean."""


class OdooShop:
    """Odoo's two doors over a real socket, for one company's catalog; records by model."""

    def __init__(self) -> None:
        self.records: dict[str, dict[int, dict[str, Any]]] = {}
        self.calls: list[tuple[str, str]] = []
        self.refuse = ""
        self._ids = itertools.count(1)
        self._server = SimpleXMLRPCServer(("127.0.0.1", 0), _Handler, allow_none=True)
        self._server.register_function(self._authenticate, "authenticate")
        self._server.register_function(self._execute, "execute_kw")
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def products(self) -> list[dict[str, Any]]:
        return list(self.records.get("product.template", {}).values())

    def _authenticate(self, _db: str, _login: str, password: str, _more: dict) -> int:
        return 2 if password == PASSWORD else 0

    def _execute(
        self, _db: str, _uid: int, password: str, model: str, method: str, args: list, options: dict
    ) -> Any:
        assert password == PASSWORD
        self.calls.append((model, method))
        if self.refuse == model:
            raise Fault(1, f"Traceback\nAccessError: no {model} for you")
        if model == "ai.tenant":
            return [{"id": 1, "company_id": [7, "Casa Ipê"]}]
        kept = self.records.setdefault(model, {})
        if method == "create":
            rows = args[0] if isinstance(args[0], list) else [args[0]]
            made = [next(self._ids) for _row in rows]
            kept.update(zip(made, rows, strict=True))
            return made if isinstance(args[0], list) else made[0]
        if method == "write":
            for number in args[0]:
                kept[number].update(args[1])
            return True
        found = [
            {"id": number, **_as_read(values)}
            for number, values in kept.items()
            if all(
                values[name] in wanted if operator == "in" else values[name] == wanted
                for name, operator, wanted in args[0]
            )
        ]
        return found if method == "search_read" else [one["id"] for one in found]


def _as_read(values: dict[str, Any]) -> dict[str, Any]:
    """Links to one record come as [id, name]."""
    return {n: [v, "Color"] if n == "attribute_id" else v for n, v in values.items()}


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[OdooShop]:
    shop = OdooShop()
    document = tenant_document()
    config = {"url": shop.url, "db": "shop", "username": "ai", "credential_ref": "odoo_api_key"}
    document["integrations"]["control"] = {"config": config}
    tenant = parse_tenant(document)
    registry = SimpleNamespace(get=lambda _account: tenant)
    monkeypatch.setattr(demo.TenantRegistry, "from_settings", lambda _settings: registry)
    yield shop
    shop.close()


@pytest.fixture
def run(tmp_path, shop: OdooShop):
    (tmp_path / "password").write_text(PASSWORD + "\n")

    def run(products: list[dict[str, Any]], *more: str) -> int:
        file = tmp_path / "catalog.jsonl.gz"
        with gzip.open(file, "wt", encoding="utf-8") as opened:
            opened.writelines(json.dumps(one) + "\n" for one in products)
        keep = ["--password-file", str(tmp_path / "password")]
        return main(["demo", "import-catalog", str(file), *keep, *more])

    return run


def _catalog(count: int, **changes: Any) -> list[dict[str, Any]]:
    return [
        {
            "id": f"{number}",
            "title": f"Toner {number}",
            "description": "Black toner.",
            "price_cents": 4995,
            "product_class": "Toner",
            "attributes": {"printing_colours": "Black", "page_yield": 23000.0, "note": "x" * 61},
            **changes,
        }
        for number in range(count)
    ]


def test_products_of_the_tenants_company_are_made_in_batches(run, shop, capsys) -> None:
    assert run(_catalog(250)) == 0
    assert shop.calls.count(("product.template", "create")) == 3
    assert shop.calls.count(("product.category", "create")) == 1
    assert shop.calls.count(("product.attribute", "create")) == 1
    assert len(shop.records["product.attribute"]) == len(shop.records["product.attribute.value"])
    assert len(shop.calls) < 15
    first = shop.products()[0]
    assert first["name"] == "Toner 0"
    assert (first["company_id"], first["default_code"], first["list_price"]) == (7, "0", 49.95)
    assert len(first["attribute_line_ids"]) == 2  # what is too long says nothing as an attribute
    assert "250 created, 0 changed, 0 as they were" in capsys.readouterr().out


def test_again_it_changes_only_what_the_file_changed(run, shop, capsys) -> None:
    run(_catalog(3))
    run(_catalog(3))
    assert "0 created, 0 changed, 3 as they were" in capsys.readouterr().out
    changed = _catalog(4)
    changed[1]["price_cents"] = 100
    run(changed)
    assert "1 created, 1 changed, 2 as they were" in capsys.readouterr().out
    assert [one["list_price"] for one in shop.products()] == [49.95, 1.0, 49.95, 49.95]


def test_only_the_first_ones(run, shop) -> None:
    assert run(_catalog(5), "--most", "2") == 0
    assert len(shop.products()) == 2


def test_what_is_wrong_is_said_without_the_password(run, shop, capsys) -> None:
    assert run([*_catalog(1), *_catalog(1)]) == 1
    assert "not unique" in capsys.readouterr().err
    shop.refuse = "product.template"
    assert run(_catalog(1)) == 1
    told = capsys.readouterr().err
    assert "AccessError: no product.template for you" in told
    assert PASSWORD not in told


def test_a_wrong_password_and_no_password(run, shop, tmp_path, capsys) -> None:
    (tmp_path / "other").write_text("wrong")
    assert run(_catalog(1), "--password-file", str(tmp_path / "other")) == 1
    assert "Odoo refused admin" in capsys.readouterr().err
    assert run(_catalog(1), "--password-file", str(tmp_path / "none")) == 1
    assert "--password-file" in capsys.readouterr().err


def test_an_odoo_that_is_away(run, shop, capsys) -> None:
    shop.close()
    assert run(_catalog(1)) == 1
    assert "does not answer" in capsys.readouterr().err
