"""What the Hub gives a crew, built per tenant from its configuration."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

import redis
import structlog

from sidecar.chatwoot.client import ChatwootClient
from sidecar.control.audit import AuditLog
from sidecar.control.client import ControlClient
from sidecar.credentials.leases import ControlAddress, Leases
from sidecar.credentials.resolver import CredentialResolver
from sidecar.credentials.signing import SigningKeys
from sidecar.data_proxy.agent import DataProxyAgent
from sidecar.data_proxy.memory import ReadMemory
from sidecar.erp.generic.callback import ErpCallback
from sidecar.erp.odoo.adapter import OdooAdapter
from sidecar.erp.routing import KnownKinds, adapter_of
from sidecar.errors import NotConfigured, SidecarError, UnknownAccount
from sidecar.hub.jobs import JobStore
from sidecar.hub.moving import IndexMoves
from sidecar.llm.gateway import LlmGateway, gateway_from_settings
from sidecar.odoo_rpc import OdooRpc
from sidecar.outbound.breaker import Breaker, State
from sidecar.outbound.kept import KeptClients
from sidecar.outbound.transport import guarded_client
from sidecar.search.hybrid import HybridSearch
from sidecar.search.service import SearchService
from sidecar.settings import Settings
from sidecar.store.circuits import note_closed, note_open
from sidecar.store.connection import RedisError, state_store
from sidecar.tenants.pushing import PushingErp
from sidecar.tenants.registry import TenantRegistry
from sidecar.tenants.schema import Channel, OdooConfig, Tenant

log = structlog.get_logger(__name__)

_NO_KEY = "none"  # what an API of the tenant's own is told where it wants no key


@dataclass(frozen=True, slots=True)
class Services:
    """Clients of everything outside, for any tenant; each call names the tenant."""

    settings: Settings
    store: redis.Redis
    tenants: TenantRegistry
    credentials: CredentialResolver
    search: SearchService
    gateway: LlmGateway | None = field(repr=False)
    audit: AuditLog
    _rpcs: KeptClients[OdooRpc] = field(default_factory=KeptClients, repr=False)
    _callbacks: KeptClients[ErpCallback] = field(default_factory=KeptClients, repr=False)
    _gateways: KeptClients[LlmGateway] = field(default_factory=KeptClients, repr=False)
    _breakers: KeptClients[Breaker] = field(default_factory=KeptClients, repr=False)
    _memory: ReadMemory = field(default_factory=ReadMemory, repr=False)
    _kinds: KnownKinds = field(default_factory=KnownKinds, repr=False)

    @classmethod
    def build(cls, settings: Settings, service: str = "worker") -> "Services":
        """`service` names the process in the audit."""
        store, tenants = state_store(settings), TenantRegistry.from_settings(settings)
        audit = AuditLog(store, service)
        leases = Leases(
            store,
            SigningKeys.from_settings(settings),
            lambda account_id: control_address(tenants, account_id),
            audit.record,
            settings.private_hosts(),
        )
        credentials = CredentialResolver.from_settings(settings, leases)
        return cls(
            settings=settings,
            store=store,
            tenants=tenants,
            credentials=credentials,
            search=SearchService(
                settings, credentials.resolve, IndexMoves(JobStore(store, settings), tenants).ask
            ),
            gateway=gateway_from_settings(settings),
            audit=audit,
        )

    def proxy(self, tenant: Tenant) -> DataProxyAgent:
        """The tenant's door to data, fresh for one piece of work."""
        hybrid: HybridSearch = self.search.hybrid(tenant.context)
        own = has_own_erp(tenant)
        return DataProxyAgent(
            tenant.context,
            adapter_of(tenant, self.erp, own, self._kinds, self.settings, self.erp_callback),
            hybrid,
            availability=tenant.availability,
            memory=self._memory,
            house=OdooAdapter(self.control(tenant).rpc, tenant.context) if own else None,
        )

    def erp(self, tenant: Tenant) -> OdooRpc:
        """The ERP that is read (`integrations.mcp`)."""
        mcp = tenant.integrations.mcp
        if mcp is None:
            raise NotConfigured("The tenant has no ERP; connect it from Odoo.")
        if isinstance(mcp, PushingErp):
            raise NotConfigured("The tenant's ERP sends its data; it cannot be asked.")
        return self._rpc(tenant, "mcp", mcp.config)

    def erp_callback(self, tenant: Tenant) -> ErpCallback | None:
        """Where an ERP that sends its data takes quotations; None where it takes none."""
        mcp = tenant.integrations.mcp
        config = mcp.config.callback if isinstance(mcp, PushingErp) else None
        if config is None:
            return None
        account_id = tenant.account_id
        where = urlsplit(config.url).netloc
        return self._callbacks.get(
            (account_id, "callback"),
            (config.model_dump_json(),),
            lambda: ErpCallback(
                account_id,
                config,
                lambda ref: self.credentials.require(account_id, ref, "callback"),
                self.store,
                self.settings.private_hosts(),
                self._breaker(account_id, where, "The ERP"),
            ),
        )

    def control(self, tenant: Tenant) -> ControlClient:
        """The Odoo that holds our addons, as the tenant's integration user."""
        config = control_config(tenant)
        if config is None:
            raise NotConfigured("The tenant has no control Odoo; connect it from Odoo.")
        return ControlClient(self._rpc(tenant, "control", config), tenant.account_id)

    def chatwoot(self, tenant: Tenant, channel: Channel) -> ChatwootClient:
        """Chatwoot as the channel's bot."""
        return ChatwootClient(
            channel.url,
            channel.account_id,
            self.credentials.require(tenant.account_id, channel.bot_token_ref),
            self.credentials.resolve(tenant.account_id, channel.reading_token_ref),
            timeout=self.settings.http_timeout,
            allow_private=self.settings.private_hosts(),
        )

    def llm(self, tenant: Tenant) -> LlmGateway | None:
        """The model of the tenant's own, or the house's; None: the extractive writer works.

        A model that is set up wrongly is not worth a customer's answer: the log tells.
        """
        try:
            return self.chosen_llm(tenant)
        except SidecarError as error:
            log.warning("llm.not_usable", account=tenant.account_id, code=error.code)
            return None

    def chosen_llm(self, tenant: Tenant) -> LlmGateway | None:
        """Like `llm`, but raises what is wrong. The house's key only goes to the house's URL."""
        config, name = tenant.integrations.llm.config, (tenant.account_id, "llm")
        try:
            key = self.credentials.resolve(tenant.account_id, config.api_key_ref, "llm")
        except SidecarError:
            self._gateways.drop(name)
            raise
        house = self.settings.llm_api_key.get_secret_value()
        chosen = config.chat_model or config.fallback_chat_model
        if config.base_url is None and key is None and (chosen is None or not house):
            self._gateways.drop(name)
            return self.gateway
        url = config.base_url or self.settings.llm_base_url
        key = key or (_NO_KEY if config.base_url else house)
        model = config.chat_model or self.settings.chat_model
        own_api = config.base_url is not None
        second = config.fallback_chat_model or (
            "" if own_api else self.settings.fallback_chat_model
        )

        def make() -> LlmGateway:
            return LlmGateway(
                url,
                key,
                model,
                self.settings.llm_timeout,
                self.settings.llm_max_output_tokens,
                guarded_client(self.settings.private_hosts(), self.settings.llm_timeout)
                if own_api
                else None,
                second,
                self.settings.breaker_failures,
                self.settings.breaker_pause,
            )

        return self._gateways.get(name, (url, key, model, second), make)

    def _rpc(self, tenant: Tenant, purpose: str, config: OdooConfig) -> OdooRpc:
        account_id, ref = tenant.account_id, config.credential_ref

        def key(renew: bool) -> str:
            if renew:
                self.credentials.forget_lease(account_id, ref)
            return self.credentials.require(account_id, ref, purpose)

        transport = getattr(config, "transport", None) or self.settings.odoo_transport
        where = f"{urlsplit(config.url).netloc.rpartition('@')[2]}/{config.db}"
        breaker = self._breaker(account_id, where)
        made_of = (
            *(config.url, config.db, config.username, ref, config.timeout, config.verify_ssl),
            transport,
        )
        return self._rpcs.get(
            (account_id, purpose),
            made_of,
            lambda: OdooRpc(
                config.url,
                config.db,
                config.username,
                key,
                config.timeout,
                self.settings.private_hosts(),
                config.verify_ssl,
                transport,
                breaker,
            ),
        )

    def _breaker(self, account_id: str, where: str, called: str = "Odoo") -> Breaker:
        """One for all who call that place for the tenant, whatever for."""
        failures, pause = self.settings.breaker_failures, self.settings.breaker_pause
        return self._breakers.get(
            (account_id, where),
            (failures, pause),
            lambda: Breaker(
                failures,
                pause,
                called,
                on_change=lambda state: _tell(self.store, account_id, where, state, pause),
            ),
        )


def _tell(store: redis.Redis, account_id: str, where: str, state: State, pause: float) -> None:
    """A circuit's new state, to the log and to operators."""
    if state == "half-open":
        return
    log.warning("odoo.circuit", account=account_id, where=where, state=state)
    try:
        if state == "open":
            note_open(store, account_id, where, pause)
        else:
            note_closed(store, account_id, where)
    except RedisError as error:
        log.warning("odoo.circuit_not_noted", error=type(error).__name__)


def control_config(tenant: Tenant) -> OdooConfig | None:
    """How to log in at the tenant's control Odoo: `control`, or `mcp` that serves as both."""
    found = tenant.integrations.control or tenant.integrations.mcp
    return found.config if found and not isinstance(found, PushingErp) else None


def has_own_erp(tenant: Tenant) -> bool:
    """Whether the ERP is something else than the control Odoo; False without a control Odoo."""
    control, mcp = tenant.integrations.control, tenant.integrations.mcp
    if control is None or mcp is None:
        return False
    if isinstance(mcp, PushingErp):
        return True
    return (control.config.url.rstrip("/"), control.config.db) != (
        mcp.config.url.rstrip("/"),
        mcp.config.db,
    )


def control_address(tenants: TenantRegistry, account_id: str) -> ControlAddress | None:
    """Where an account's leases are asked for."""
    try:
        config = control_config(tenants.get(account_id))
    except UnknownAccount:
        return None
    if config is None:
        return None
    return ControlAddress(config.url, config.db, config.timeout, config.verify_ssl)
