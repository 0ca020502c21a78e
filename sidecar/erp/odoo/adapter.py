"""An Odoo with our addons: every read goes through `ai.facade`, which acts for one tenant."""

from typing import Any

from sidecar.context import TenantContext
from sidecar.erp.base import ProductFacts
from sidecar.errors import UpstreamError
from sidecar.odoo_rpc import OdooRpc

_BATCH = 500


class OdooAdapter:
    """ErpAdapter over XML-RPC. The context names the tenant; the integration user proves it."""

    def __init__(self, rpc: OdooRpc, context: TenantContext):
        self.rpc = rpc
        self.context = context

    def ping(self) -> dict[str, Any]:
        answer = self.rpc.call("ai.facade", "ping", read_only=True)
        if answer.get("account_id") != self.context.account_id:
            raise UpstreamError("The integration user belongs to another tenant; connect again.")
        return answer

    def product_ids(self, after_id: int = 0, limit: int = 500) -> list[int]:
        return self.rpc.call("ai.facade", "product_ids", after_id, limit, read_only=True)

    def product_facts(self, ids: list[int], language: str | None = None) -> list[ProductFacts]:
        facts: list[ProductFacts] = []
        for start in range(0, len(ids), _BATCH):
            facts += self.rpc.call(
                "ai.facade",
                "product_facts",
                ids[start : start + _BATCH],
                language or self.context.language,
                read_only=True,
            )
        return facts
