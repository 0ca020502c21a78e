"""For whom a tool works: made by code, never by a model."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from sidecar.context import TenantContext
from sidecar.control.audit import AuditLog
from sidecar.data_proxy.agent import DataProxyAgent
from sidecar.llm.gateway import Budget, LlmGateway
from sidecar.settings import Settings
from sidecar.tools.confirmation import Asker, Confirmations, Pending
from sidecar.tools.identity_codes import IdentityCodes
from sidecar.tools.person import Identity, Person, PersonMemory

Caller = Literal["crew", "mcp", "playground"]
Recorder = Callable[[str, str, str], None]
"""(subject, result, code): a row for Odoo's audit."""
Reindex = Callable[[list[int]], dict[str, Any]]
"""Brings these products' points up to date; what was done, in numbers."""


@dataclass(frozen=True, slots=True)
class ToolContext:
    """One turn of one conversation, one MCP session, or one job.

    identity:      who the person is, found out when a tool needs to know.
    audit:         reports a call.
    crew:          the crew that calls, "" for others.
    tools:         what the agent or key may call; None = whatever its crew or key may.
    writes:        the writing tools that are switched on for this caller.
    conversation:  `7-123`; "" outside of conversations, where a preview may be confirmed at once.
    channel:       what the customer writes by (`WhatsApp`), for the ERP's chatter.
    key:           of an MCP client: its key's id.
    turn:          id of the turn.
    words:         what the customer said in this turn, and nothing else.
    said_at:       when the first of these words arrived, unix seconds.
    pending:       the preview that these words may answer.
    codes, memory: of the conversation; None where nobody can be identified by a code.
    gateway:       None where no language model is configured.
    reindex:       None where the index cannot be written.
    """

    proxy: DataProxyAgent
    identity: Identity
    confirmations: Confirmations
    settings: Settings
    audit: Recorder
    caller: Caller
    crew: str = ""
    tools: frozenset[str] | None = None
    writes: frozenset[str] = frozenset()
    conversation: str = ""
    channel: str = ""
    key: str = ""
    turn: str = ""
    words: str = ""
    said_at: float = 0.0
    pending: Pending | None = None
    codes: IdentityCodes | None = field(default=None, repr=False)
    memory: PersonMemory | None = field(default=None, repr=False)
    gateway: LlmGateway | None = field(default=None, repr=False)
    budget: Budget | None = field(default=None, repr=False)
    reindex: Reindex | None = field(default=None, repr=False)
    clock: Callable[[], float] = field(default=time.time, repr=False)

    @property
    def tenant(self) -> TenantContext:
        """The tenant, by the one door to its data."""
        return self.proxy.context

    @property
    def person(self) -> Person:
        """Who asks; may read the ERP at its first use and raise its errors."""
        return self.identity.person

    @property
    def serves_staff(self) -> bool:
        """Whether no customer is on the other side: the owner, a key of the shop's, or a job."""
        if self.caller == "mcp":
            return self.person.proof != "key"
        return not self.conversation or self.person.proof == "owner"

    @property
    def partner_id(self) -> int:
        """The proven customer. Only in tools that need one."""
        partner_id = self.person.partner_id
        assert partner_id is not None
        return partner_id

    @property
    def who(self) -> dict[str, str]:
        """The person of a write, as Odoo keeps it (docs/tools.md)."""
        person = self.person
        return {
            "name": person.name,
            "channel": self.channel,
            "conversation": self.conversation,
            "proof": person.proof,
        }

    @property
    def asker(self) -> Asker:
        """Whom a confirmation is bound to, and the moment it would be given."""
        return Asker(
            partner_id=self.person.partner_id,
            conversation=self.conversation,
            key=self.key,
            turn=self.turn,
            said_at=self.said_at,
            words=self.words,
        )


def recorder(audit: AuditLog, account_id: str) -> Recorder:
    """Reports calls of a tenant's tools as operation `tool`."""

    def record(subject: str, result: Any, code: str) -> None:
        audit.record(account_id, "tool", subject, result, code)

    return record
