"""Contexts for the callers of tools: a turn of a conversation, a job, an MCP client.

What may be written is decided here, from the tenant's document: nothing unless it says so.
"""

import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

import redis

from sidecar.control.audit import AuditLog
from sidecar.data_proxy.agent import DataProxyAgent
from sidecar.settings import Settings
from sidecar.tenants.desk import McpKey
from sidecar.tenants.pushing import PushingErp
from sidecar.tenants.schema import Tenant
from sidecar.tenants.tool_names import READING
from sidecar.tools.confirmation import Confirmations
from sidecar.tools.context import Caller, ToolContext, recorder
from sidecar.tools.identity_codes import IdentityCodes
from sidecar.tools.offered import offered
from sidecar.tools.person import NOBODY, Identity, Person, PersonMemory, identity_of


@dataclass(frozen=True, slots=True)
class Turn:
    """What a customer said. id: the turn's; said_at: when the first of the words arrived.

    phone, email: as the channel proves them; "" where it proves none. owner_phones: the channel's.
    """

    conversation: str
    id: str
    words: str
    said_at: float
    channel: str = ""
    phone: str = ""
    email: str = ""
    owner_phones: Collection[str] = ()


@dataclass(frozen=True, slots=True)
class ToolHouse:
    """Makes contexts for any tenant. One per process."""

    store: redis.Redis
    settings: Settings
    audit: AuditLog
    clock: Callable[[], float] = time.time

    def conversation(
        self,
        tenant: Tenant,
        proxy: DataProxyAgent,
        turn: Turn,
        crew: str,
        tools: Iterable[str],
        caller: Caller = "crew",
        **more: Any,
    ) -> ToolContext:
        """One turn of a conversation. tools: those of the agent. more: gateway, budget."""
        account_id = tenant.account_id
        confirmations = Confirmations(self.store, account_id, self.clock)
        memory = PersonMemory(
            self.store,
            account_id,
            turn.conversation,
            self.settings.person_ttl,
            copied=isinstance(tenant.integrations.mcp, PushingErp),
        )
        codes = IdentityCodes(self.store, self.settings, account_id, turn.conversation)
        return ToolContext(
            proxy=proxy,
            identity=identity_of(proxy, memory, turn.phone, turn.email, turn.owner_phones),
            confirmations=confirmations,
            settings=self.settings,
            audit=recorder(self.audit, account_id),
            caller=caller,
            crew=crew,
            tools=frozenset(tools),
            writes=frozenset(tenant.tools.writes),
            conversation=turn.conversation,
            channel=turn.channel,
            turn=turn.id,
            words=turn.words,
            said_at=turn.said_at,
            pending=confirmations.pending(turn.conversation, turn.id, turn.said_at),
            codes=codes if tenant.tools.identity_codes else None,
            memory=memory,
            clock=self.clock,
            **more,
        )

    def job(
        self,
        tenant: Tenant,
        proxy: DataProxyAgent,
        crew: str,
        tools: Iterable[str],
        **more: Any,
    ) -> ToolContext:
        """A job of a crew: nobody is on the other side. more: gateway, budget, reindex."""
        return ToolContext(
            proxy=proxy,
            identity=Identity.of(NOBODY),
            confirmations=Confirmations(self.store, tenant.account_id, self.clock),
            settings=self.settings,
            audit=recorder(self.audit, tenant.account_id),
            caller="crew",
            crew=crew,
            tools=frozenset(tools),
            writes=frozenset(tenant.tools.writes),
            clock=self.clock,
            **more,
        )

    def key(self, tenant: Tenant, proxy: DataProxyAgent, key: McpKey, **more: Any) -> ToolContext:
        """A session of an MCP client, whose key was checked. more: gateway, budget, reindex."""
        writes = frozenset(tenant.tools.writes) if key.write else frozenset[str]()
        audit = AuditLog(self.store, f"mcp/{key.id}")
        return ToolContext(
            proxy=proxy,
            identity=Identity(lambda: _holder(proxy, key)),
            confirmations=Confirmations(self.store, tenant.account_id, self.clock),
            settings=self.settings,
            audit=recorder(audit, tenant.account_id),
            caller="mcp",
            tools=frozenset(key.tools) or frozenset(READING) | writes,
            writes=writes,
            key=str(key.id),
            channel="MCP",
            clock=self.clock,
            **more,
        )


def _holder(proxy: DataProxyAgent, key: McpKey) -> Person:
    """The customer a key is bound to, while the ERP knows them; else nobody."""
    if key.partner_id is None:
        return NOBODY
    told = offered(proxy.partner_profile, key.partner_id)
    return Person(key.partner_id, told["name"], "key") if told else Person(proof="key")
