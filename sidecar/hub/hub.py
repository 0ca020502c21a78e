"""The Hub: every request walks through here to the tenant's crew."""

from dataclasses import dataclass, field
from typing import Any

from sidecar.crews.conversation import ConversationCrew
from sidecar.crews.product_management import ProductManagementCrew
from sidecar.crews.reply import Reply
from sidecar.data_proxy.agent import DataProxyAgent
from sidecar.errors import Unprocessable
from sidecar.hub.checks import connection_report
from sidecar.hub.company import Company
from sidecar.hub.descriptions import DescriptionDesk
from sidecar.hub.forgetting import Forgetting
from sidecar.hub.products import ProductDesk, Progress
from sidecar.hub.registry import DefinitionRegistry
from sidecar.hub.routing import (
    HUB,
    PRODUCT_MANAGEMENT,
    crew_for,
    require_conversing,
    require_enabled,
)
from sidecar.hub.rules import RuleDesk, question_of, told
from sidecar.hub.services import Services
from sidecar.hub.toolbench import bench
from sidecar.hub.turn import Customer
from sidecar.llm.gateway import LlmGateway
from sidecar.observability.tracing import Trace
from sidecar.settings import Settings
from sidecar.tenants.schema import Tenant


@dataclass(frozen=True, slots=True)
class Hub:
    """Tenant and crew of a request, and its way there. Safe to share between threads."""

    services: Services
    definitions: DefinitionRegistry = field(init=False)
    rules: RuleDesk = field(init=False)

    def __post_init__(self) -> None:
        # frozen: these follow from the services
        object.__setattr__(self, "definitions", DefinitionRegistry(self.services.store))
        object.__setattr__(self, "rules", RuleDesk(self.services))

    def process(self, envelope: dict[str, Any], progress: Progress | None = None) -> dict[str, Any]:
        """Run the crew of an envelope (`metadata`, `params`); the action's result.

        progress: told how far long work is.
        Raises UnknownAccount, CrewDisabled, Unprocessable and whatever the crew raises.
        """
        metadata, params = envelope["metadata"], envelope["params"]
        tenant = self.services.tenants.get(metadata["account_id"])
        crew = crew_for(metadata["source"], metadata["action"])
        if crew != HUB:
            require_enabled(tenant, crew)
        match metadata["action"]:
            case "generate_description":
                return self._product_crew(tenant).generate_description(params, progress)
            case "generate_descriptions":
                desk = DescriptionDesk(self.services, tenant, lambda: self._product_crew(tenant))
                return desk.write_all(metadata.get("job_id", ""), params, progress)
            case "sync_products":
                return ProductDesk(self.services, tenant).sync(params, progress)
            case "reconcile_products":
                return ProductDesk(self.services, tenant).reconcile()
            case "search_products":
                return ProductDesk(self.services, tenant).search(params)
            case "product_chosen":
                return ProductDesk(self.services, tenant).chosen(params)
            case "product_text":
                return ProductDesk(self.services, tenant).text(params)
            case "sync_rules":
                return self.rules.sync(tenant, params)
            case "ask_rules":
                return told(self.answer(tenant, crew, question_of(params), []))
            case "chat":
                reply = self.answer(tenant, crew, str(params.get("text", "")), [])
                return {"text": reply.text, "writer": reply.writer, "handoff": reply.handoff}
            case "replay_turn":
                from sidecar.hub.replay import replayed  # the desk, which itself knows the Hub

                return replayed(self, tenant, params)
            case "forget_contact":
                forgetting = Forgetting(self.services.settings)
                wanted = params.get("channel_id"), params.get("contact_id")
                return forgetting.forget(tenant.account_id, tenant, *wanted)
            case "test_connection":
                return connection_report(self.services, tenant)
        raise Unprocessable(f"No crew serves the action {metadata['action']!r}.")

    def answer(
        self,
        tenant: Tenant,
        crew: str,
        question: str,
        history: list[dict[str, str]],
        trace: Trace | None = None,
        customer: Customer | None = None,
    ) -> Reply:
        """The reply of a crew that talks to people to one turn. CrewDisabled, CrewUnfit.

        trace: takes the steps. customer: who asks, by what the channel proves; None is nobody.
        """
        require_conversing(tenant, crew)
        means, definition = self._means(tenant), self.definitions.get(tenant, crew)
        proxy, gateway = means[1], means[2]
        rules = self.rules.proxy(tenant, proxy.evidence)
        context = bench(self.services, tenant, definition, proxy, gateway, customer, question)
        talking = ConversationCrew(definition, *means, rules, context, trace or Trace())
        return talking.answer(question, history)

    def company(self, tenant: Tenant) -> Company:
        """The company's own words and hours. Raises nothing: what is not told is left out."""
        profile = self.rules.profile(tenant)
        return Company(profile, tenant.language, tenant.timezone)

    def _product_crew(self, tenant: Tenant) -> ProductManagementCrew:
        definition = self.definitions.get(tenant, PRODUCT_MANAGEMENT)
        return ProductManagementCrew(definition, *self._means(tenant))

    def _means(self, tenant: Tenant) -> tuple[Tenant, DataProxyAgent, LlmGateway | None, Settings]:
        services = self.services
        return tenant, services.proxy(tenant), services.llm(tenant), services.settings
