"""A tenant's tools over an Odoo double: what a turn, a job or an MCP client would call."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sidecar.context import TenantContext
from sidecar.control.audit import AuditLog
from sidecar.data_proxy.agent import DataProxyAgent
from sidecar.erp.odoo.adapter import OdooAdapter
from sidecar.odoo_rpc import OdooRpc
from sidecar.search.hybrid import Hit
from sidecar.settings import Settings
from sidecar.store.connection import state_store
from sidecar.tenants.desk import McpKey
from sidecar.tenants.schema import Tenant, parse_tenant
from sidecar.tenants.tool_names import READING, WRITING
from sidecar.tools.context import ToolContext
from sidecar.tools.dispatch import run
from sidecar.tools.sessions import ToolHouse, Turn
from tests.business_rules import ZONE
from tests.documents import tenant_document
from tests.doubles.odoo import DB, OdooDouble
from tests.doubles.odoo_tenant import TenantDouble

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=ZONE).timestamp()  # a Wednesday
BIA_PHONE = "+5511900000001"


class AllProducts:
    """A search that finds every product, in the order of their ids."""

    def __init__(self, odoo: TenantDouble):
        self.odoo = odoo

    def share_in_stock(self) -> float:
        return 1.0

    def search(self, text: str, limit: int, filters: Any) -> list[Hit]:
        return [Hit(p["id"], 1.0, ("name: x",)) for p in self.odoo.products][:limit]


@dataclass
class ToolsHouse:
    """One tenant of `odoo` (its first one by default) and a customer's conversation with it."""

    settings: Settings
    odoo: OdooDouble
    state: TenantDouble | None = None
    changes: dict[str, Any] = field(default_factory=dict)
    conversation: str = "7-1"
    phone: str = BIA_PHONE

    def __post_init__(self) -> None:
        self.state = self.state or self.odoo
        tools = {"writes": list(WRITING), "identity_codes": True}
        document = tenant_document(self.state.account_id, **{"tools": tools, **self.changes})
        self.tenant: Tenant = parse_tenant(document)
        self.store = state_store(self.settings)
        self.rows: list[tuple[str, str, str]] = []
        self.house = ToolHouse(
            self.store, self.settings, AuditLog(self.store, "test"), lambda: self.now
        )
        self.now = NOON
        self.turns = 0

    @property
    def context(self) -> TenantContext:
        return self.tenant.context

    def proxy(self) -> DataProxyAgent:
        assert self.state
        key = self.state.api_key
        rpc = OdooRpc(
            self.odoo.url,
            DB,
            f"ai-service-{self.state.account_id}",
            lambda _renew: key,
            timeout=5,
            allow_private=["127.0.0.1"],
        )
        erp = OdooAdapter(rpc, self.context)
        search: Any = AllProducts(self.state)
        return DataProxyAgent(self.context, erp, search)

    def turn(self, words: str = "oi", crew: str = "customer_service", **more: Any) -> ToolContext:
        """The customer's next turn. more: fields of the Turn, or of the context."""
        self.turns += 1
        said_at = more.pop("said_at", self.now + 60)
        self.now = max(self.now, said_at) + 1
        told = Turn(
            conversation=more.pop("conversation", self.conversation),
            id=more.pop("turn", f"turn-{self.turns}"),
            words=words,
            said_at=said_at,
            channel="WhatsApp",
            phone=more.pop("phone", self.phone),
            email=more.pop("email", ""),
            owner_phones=more.pop("owner_phones", ()),
        )
        tools = more.pop("tools", (*READING, *WRITING))
        made = self.house.conversation(self.tenant, self.proxy(), told, crew, tools)
        return self.heard(replace(made, **more))

    def job(self, crew: str = "product_management", **more: Any) -> ToolContext:
        """A job of a crew."""
        tools = (*READING, *WRITING)
        return self.heard(self.house.job(self.tenant, self.proxy(), crew, tools, **more))

    def key(self, **changes: Any) -> ToolContext:
        """An MCP client's session."""
        told = {"id": 3, "sha256": "a" * 64, "expires": "2027-01-01T00:00:00Z", **changes}
        key = McpKey(**told)
        return self.heard(self.house.key(self.tenant, self.proxy(), key))

    def heard(self, context: ToolContext) -> ToolContext:
        """The context, its audit also kept here."""

        def record(subject: str, result: str, code: str) -> None:
            context.audit(subject, result, code)
            self.rows.append((subject, result, code))

        return replace(context, audit=record)


def call(context: ToolContext, name: str, /, **arguments: Any) -> dict[str, Any]:
    """What a tool answers."""
    return run(name, context, arguments)
