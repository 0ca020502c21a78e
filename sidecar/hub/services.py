"""What the Hub gives a crew, built per tenant from its configuration."""

from dataclasses import dataclass, field
from functools import lru_cache

import redis

from sidecar.chatwoot.client import ChatwootClient
from sidecar.control.client import ControlClient
from sidecar.credentials.resolver import CredentialResolver
from sidecar.data_proxy.agent import DataProxyAgent
from sidecar.erp.odoo.adapter import OdooAdapter
from sidecar.errors import NotConfigured
from sidecar.llm.gateway import LlmGateway, gateway_from_settings
from sidecar.odoo_rpc import OdooRpc
from sidecar.search.hybrid import HybridSearch
from sidecar.search.service import SearchService
from sidecar.settings import Settings
from sidecar.store.connection import state_store
from sidecar.tenants.registry import TenantRegistry
from sidecar.tenants.schema import Channel, Tenant


@lru_cache(maxsize=256)
def _session(url: str, db: str, login: str, api_key: str, timeout: float) -> OdooRpc:
    # logging in costs Odoo a password hash, so a session is kept until the key changes
    return OdooRpc(url, db, login, api_key, timeout)


@dataclass(frozen=True, slots=True)
class Services:
    """Clients of everything outside, for any tenant; each call names the tenant."""

    settings: Settings
    store: redis.Redis
    tenants: TenantRegistry
    credentials: CredentialResolver
    search: SearchService
    gateway: LlmGateway | None = field(repr=False)

    @classmethod
    def build(cls, settings: Settings) -> "Services":
        return cls(
            settings=settings,
            store=state_store(settings),
            tenants=TenantRegistry.from_settings(settings),
            credentials=CredentialResolver.from_settings(settings),
            search=SearchService(settings),
            gateway=gateway_from_settings(settings),
        )

    def proxy(self, tenant: Tenant) -> DataProxyAgent:
        """The tenant's door to data, fresh for one piece of work."""
        hybrid: HybridSearch = self.search.hybrid(tenant.context)
        return DataProxyAgent(
            tenant.context, OdooAdapter(self._rpc(tenant), tenant.context), hybrid
        )

    def control(self, tenant: Tenant) -> ControlClient:
        """The Odoo that holds our addons, as the tenant's integration user."""
        return ControlClient(self._rpc(tenant))

    def chatwoot(self, tenant: Tenant, channel: Channel) -> ChatwootClient:
        """Chatwoot as the channel's bot."""
        return ChatwootClient(
            channel.url,
            channel.account_id,
            self.credentials.require(tenant.account_id, channel.bot_token_ref),
            self.credentials.resolve(tenant.account_id, channel.reading_token_ref),
            timeout=self.settings.http_timeout,
            allow_private=[h.strip() for h in self.settings.allow_private_urls.split(",")],
        )

    def _rpc(self, tenant: Tenant) -> OdooRpc:
        mcp = tenant.integrations.mcp
        if mcp is None:
            raise NotConfigured("The tenant has no ERP; connect it from Odoo.")
        key = self.credentials.require(tenant.account_id, mcp.config.credential_ref)
        config = mcp.config
        return _session(config.url, config.db, config.username, key, self.settings.http_timeout)
