"""The tool core's context of a caller: what the key may do, and whom its session has proven."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sidecar.control.audit import AuditLog
from sidecar.hub.products import ProductDesk
from sidecar.hub.services import Services
from sidecar.llm.gateway import Budget
from sidecar.mcp_odoo.callers import Caller
from sidecar.store import keys
from sidecar.store.connection import RedisError, unavailable
from sidecar.tenants.schema import Tenant
from sidecar.tools.context import Recorder, ToolContext
from sidecar.tools.identity_codes import IdentityCodes
from sidecar.tools.person import NOBODY, Identity, PersonMemory
from sidecar.tools.registry import REGISTRY
from sidecar.tools.sessions import ToolHouse

_STAFF = frozenset(tool.name for tool in REGISTRY.values() if tool.staff)
_CODES = frozenset({"customer_identify", "customer_verify"})


@dataclass(frozen=True, slots=True)
class Contexts:
    """Makes contexts. One per process."""

    services: Services
    house: ToolHouse

    @classmethod
    def build(cls, services: Services, clock: Callable[[], float] = time.time) -> "Contexts":
        return cls(services, ToolHouse(services.store, services.settings, services.audit, clock))

    def of(self, caller: Caller) -> ToolContext:
        """A fresh context for one request of `caller`. Raises what the tenant's ERP is not set up
        with (NotConfigured)."""
        tenant, key = caller.tenant, caller.key

        def reindex(ids: list[int]) -> dict[str, Any]:
            return ProductDesk(self.services, tenant).sync({"product_ids": ids})

        context = self.house.key(
            tenant,
            self.services.proxy(tenant),
            key,
            gateway=self.services.llm(tenant),
            budget=Budget.for_run(self.services.settings),
            reindex=reindex,
        )
        context = replace(context, audit=self._recorder(caller))
        tools = context.tools or frozenset()
        if key.partner_id is not None:
            # a customer's key: no code is needed, and what is the shop's own is not for it
            return replace(context, tools=tools - _STAFF - _CODES)
        if not caller.session or not tenant.tools.identity_codes:
            return replace(context, tools=tools - _CODES)
        memory = self._memory(caller)
        return replace(
            context,
            identity=Identity(lambda: memory.recall("") or NOBODY),
            memory=memory,
            codes=self._codes(caller, tenant),
        )

    def forget(self, caller: Caller) -> None:
        """The client has ended its session: nobody is proven in it any more."""
        if caller.session:
            try:
                self.services.store.delete(
                    keys.person(caller.tenant.account_id, _conversation(caller))
                )
            except RedisError as error:
                raise unavailable(error) from None

    def _recorder(self, caller: Caller) -> Recorder:
        audit = AuditLog(self.services.store, caller.service)

        def record(subject: str, result: Any, code: str) -> None:
            audit.record(caller.tenant.account_id, "tool", subject, result, code, ip=caller.ip)

        return record

    def _memory(self, caller: Caller) -> PersonMemory:
        store, settings = self.services.store, self.services.settings
        account_id = caller.tenant.account_id
        return PersonMemory(store, account_id, _conversation(caller), settings.person_ttl)

    def _codes(self, caller: Caller, tenant: Tenant) -> IdentityCodes:
        store, settings = self.services.store, self.services.settings
        conversation, client = _conversation(caller), str(caller.key.id)
        return IdentityCodes(store, settings, tenant.account_id, conversation, client)


def _conversation(caller: Caller) -> str:
    """Under what a session's proven customer is filed: nothing that a client sends is a key."""
    digest = hashlib.sha256(caller.session.encode()).hexdigest()[:32]
    return f"mcp-{caller.key.id}-{digest}"
