"""The Hub: every request walks through here to the tenant's crew."""

from dataclasses import dataclass
from typing import Any

from sidecar.crews.customer_service import CustomerServiceCrew
from sidecar.crews.product_management import ProductManagementCrew
from sidecar.crews.reply import Reply
from sidecar.errors import Unprocessable
from sidecar.hub.routing import crew_for, require_enabled
from sidecar.hub.services import Services
from sidecar.tenants.schema import Tenant


@dataclass(frozen=True, slots=True)
class Hub:
    """Tenant and crew of a request, and its way there. Stateless; safe to share."""

    services: Services

    def process(self, envelope: dict[str, Any]) -> dict[str, Any]:
        """Run the crew of an envelope (`metadata`, `params`); the action's result.

        Raises UnknownAccount, CrewDisabled, Unprocessable and whatever the crew raises.
        """
        metadata, params = envelope["metadata"], envelope["params"]
        tenant = self.services.tenants.get(metadata["account_id"])
        require_enabled(tenant, crew_for(metadata["source"], metadata["action"]))
        match metadata["action"]:
            case "generate_description":
                return self._product_crew(tenant).generate_description(params)
            case "sync_products":
                return self._sync_products(tenant, params)
            case "chat":
                reply = self.answer(tenant, str(params.get("text", "")), [])
                return {"text": reply.text, "writer": reply.writer, "handoff": reply.handoff}
        raise Unprocessable(f"No crew serves the action {metadata['action']!r}.")

    def answer(self, tenant: Tenant, question: str, history: list[dict[str, str]]) -> Reply:
        """The customer-service crew's reply to one turn."""
        require_enabled(tenant, "customer_service")
        crew = CustomerServiceCrew(
            tenant, self.services.proxy(tenant), self.services.gateway, self.services.settings
        )
        return crew.answer(question, history)

    def _product_crew(self, tenant: Tenant) -> ProductManagementCrew:
        return ProductManagementCrew(
            tenant, self.services.proxy(tenant), self.services.gateway, self.services.settings
        )

    def _sync_products(self, tenant: Tenant, params: dict[str, Any]) -> dict[str, Any]:
        ids = params.get("product_ids")
        if ids is not None and not (
            isinstance(ids, list) and all(isinstance(i, int) and i > 0 for i in ids)
        ):
            raise Unprocessable("params.product_ids must be a list of product ids.")
        proxy = self.services.proxy(tenant)
        facts = proxy.all_products() if ids is None else proxy.products(ids)
        indexer = self.services.search.indexer(tenant.context)
        report = indexer.sync(facts, complete=ids is None)
        if ids is not None:
            report["deleted"] += indexer.remove(set(ids) - {f["id"] for f in facts})
        return report
