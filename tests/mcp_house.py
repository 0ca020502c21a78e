"""`sidecar mcp` as a real server over an Odoo double with two tenants, and clients of it."""

import asyncio
import base64
import hashlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import requests
import uvicorn
from fastmcp import Client
from fastmcp.client.transports import StreamableHttpTransport

from sidecar.hub.services import Services
from sidecar.mcp_odoo.app import create_app
from sidecar.settings import Settings
from sidecar.tenants.tool_names import WRITING
from tests.business_rules import ZONE, fact, profile_facts
from tests.conftest import RedisServer, free_port
from tests.documents import tenant_document
from tests.doubles.odoo import OdooDouble
from tests.facts import product_facts
from tests.shop_facts import booking, invoice, order, partner
from tests.tools_house import AllProducts

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=ZONE).timestamp()  # a Wednesday
SHOP_KEY, BIA_KEY, OTHER_KEY = ("cwai_" + letter * 43 for letter in "abc")
EXPIRES = "2027-01-01T00:00:00Z"


def key_document(key: str, **changes: Any) -> dict[str, Any]:
    """An entry of `mcp_keys`: all reading tools, for a year."""
    digest = hashlib.sha256(key.encode()).hexdigest()
    return {"id": 3, "name": "Ana's computer", "sha256": digest, "expires": EXPIRES, **changes}


def two_shops() -> OdooDouble:
    """account_1 with three products and two customers, account_2 with one of each."""
    slots = [
        {
            "start": f"2026-11-27T{hour}:00:00Z",
            "end": f"2026-11-27T{hour + 1}:00:00Z",
            "resource": "Ana",
        }
        for hour in (12, 13, 14)
    ]
    assembly = fact(
        kind="scheduling",
        id=4,
        group="scheduling",
        subkind="installation",
        title="Montagem",
        structure={
            "scheduling": {
                "duration": 60,
                "buffer": 0,
                "notice_hours": 2,
                "horizon_days": 30,
                "information": "",
                "cancellation_policy": "Até 24 h antes.",
            }
        },
    )
    odoo = OdooDouble(
        products=[
            product_facts(),
            product_facts(id=6, name="Poltrona Ipê", price=990.0, default_code="P-1"),
            product_facts(id=8, name="Mesa Cedro", price=1500.0, default_code="M-1"),
        ],
        rules=[fact(id=2), assembly],
        profile=profile_facts(),
        slots=slots,
        partners=[
            partner(),
            partner(id=8, name="Caio Reis", email="caio@example.com", phone="+5511900000008"),
        ],
        orders=[
            order(id=72, name="S00072", state="quotation", deliveries=[], invoiced="no"),
            order(),
            order(id=81, name="S00081", partner_id=8),
        ],
        invoices=[invoice(), invoice(id=98, name="INV/2026/00098", partner_id=8)],
        bookings=[booking(), booking(id=68, partner_id=8)],
        records={
            "sale.order": [{"id": 71, "name": "S00071", "state": "sale", "amount_total": 2.0}]
        },
    )
    odoo.add_tenant(
        "account_2",
        "other-key",
        products=[product_facts(id=50, name="Mala Serena")],
        profile=profile_facts(name="Outra Loja"),
        partners=[partner(id=70, name="Davi Luz", email="davi@example.com")],
        orders=[order(id=700, name="S00700", partner_id=70)],
        rules=[],
    )
    return odoo


class _Index:
    """An index that takes everything and holds nothing."""

    def count(self, _conditions: Any) -> int:
        return 0

    def payloads_of(self, _records: list[int], _fields: list[str]) -> dict[int, Any]:
        return {}

    def remove(self, records: set[int]) -> int:
        return len(records)

    def sync(self, facts: list[Any], **_more: Any) -> dict[str, Any]:
        counts = {"embedded": 0, "upserted": len(facts), "deleted": 0, "unchanged": 0}
        return {"total": len(facts), "points": {}, **counts}


class _Search:
    """A search that finds every product of the tenant's Odoo, without an index."""

    def __init__(self, odoo: OdooDouble):
        self._odoo = odoo

    def hybrid(self, context: Any) -> AllProducts:
        _uid, tenant = self._odoo.tenants[f"ai-service-{context.account_id}"]
        found: Any = AllProducts(tenant)
        found.store = _Index()
        return found

    def indexer(self, _context: Any, _gateway: Any) -> _Index:
        return _Index()


def settings_in(folder: Path, store: RedisServer) -> Settings:
    """Settings of a house of its own, for tests that share one."""
    return Settings(
        _env_file=None,
        state_url=f"{store.url}/0",
        cache_url=f"{store.url}/1",
        broker_url=f"{store.url}/2",
        secret_key=base64.b64encode(b"k" * 32).decode(),
        local_dir=folder,
        config_dir=folder / "config",
        vectors_dir=folder / "vectors",
        port_base=free_port(),
    )


class McpHouse:
    """The server at `url`, its tenants and their keys. `now` is the clock of keys and tools."""

    def __init__(self, settings: Settings, odoo: OdooDouble):
        self.settings, self.odoo, self.now = settings, odoo, NOON
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/mcp"
        built = Services.build(settings, "mcp")
        self.services = replace(built, search=_Search(odoo))  # type: ignore[arg-type]
        self.versions = dict.fromkeys(("account_1", "account_2"), 0)
        self.push("account_1", key_document(SHOP_KEY, write=True))
        self.push("account_2", key_document(OTHER_KEY, id=9))

    def push(
        self, account_id: str, *mcp_keys: dict[str, Any], chatwoot: str = "", **changes: Any
    ) -> None:
        """The tenant as Odoo would push it now. chatwoot: the URL of its channel's."""
        self.versions[account_id] += 1
        _uid, tenant = self.odoo.tenants[f"ai-service-{account_id}"]
        document = tenant_document(
            account_id,
            version=self.versions[account_id],
            company_id=tenant.company_id,
            mcp_keys=list(mcp_keys),
            **{"tools": {"writes": list(WRITING), "identity_codes": True}, **changes},
        )
        document["integrations"]["mcp"]["config"] = self.odoo.config(account_id=account_id)
        channels = document["integrations"]["chatwoot"]["channels"] if chatwoot else []
        for channel in channels:
            channel["url"] = chatwoot
        document["integrations"]["chatwoot"] = {"channels": channels}
        self.services.tenants.apply(document)
        self.services.credentials.replace(account_id, {"odoo_api_key": tenant.api_key})

    @contextmanager
    def served(self) -> Iterator[None]:
        """The server listens meanwhile."""
        app = create_app(self.settings, self.services, lambda: self.now)
        config = uvicorn.Config(app, log_config=None, access_log=False, proxy_headers=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([self.socket],), daemon=True)
        thread.start()
        until = time.monotonic() + 30
        while not server.started and thread.is_alive() and time.monotonic() < until:
            time.sleep(0.01)
        assert server.started
        yield
        server.should_exit = True
        thread.join(30)

    def post(self, body: Any, key: str = SHOP_KEY, **headers: str | None) -> requests.Response:
        """A raw request. body: bytes as they are, else made JSON. headers: with _ for -."""
        told: dict[str, Any] = {
            "Content-Type": "application/json",
            "Accept": "application/json, text/event-stream",
            "Authorization": f"Bearer {key}",
            "MCP-Protocol-Version": "2025-06-18",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return requests.post(self.url, data=data, headers=told, timeout=30)

    def ask(self, method: str, key: str = SHOP_KEY, **params: Any) -> dict[str, Any]:
        """A JSON-RPC request's whole answer."""
        body = {"jsonrpc": "2.0", "id": 1, "method": method, "params": params}
        return self.post(body, key).json()

    def call(self, tool: str, key: str = SHOP_KEY, **arguments: Any) -> dict[str, Any]:
        """What a tool call gives: the JSON-RPC result."""
        return self.ask("tools/call", key, name=tool, arguments=arguments)["result"]

    def client(self, work: Callable[[Client], Any], key: str = SHOP_KEY) -> Any:
        """What `work` (a coroutine function) gives with a fastmcp client that is connected."""

        async def talk() -> Any:
            async with Client(StreamableHttpTransport(self.url, auth=key)) as client:
                return await work(client)

        return asyncio.run(talk())

    def audit(self, account_id: str = "account_1") -> list[dict[str, Any]]:
        """The rows that Odoo is to be told and has not been yet; they count as told now."""
        rows = self.services.audit.take(account_id)
        if rows:
            self.services.audit.shipped(account_id, rows)
        return rows
