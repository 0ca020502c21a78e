"""A Hub over a real index and an Odoo with rules, and a clock that can be moved."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sidecar.data_proxy.rule_memory import FRESH, RuleMemory
from sidecar.hub.hub import Hub
from sidecar.hub.rules import RuleDesk
from sidecar.hub.services import Services
from sidecar.settings import Settings
from tests.business_rules import ZONE
from tests.documents import tenant_document
from tests.doubles.odoo import OdooDouble

NOON = datetime(2026, 11, 25, 12, 30, tzinfo=ZONE).timestamp()  # a Wednesday, at lunch


@dataclass
class Clock:
    """What the sidecar and the Odoo double take for the time."""

    now: float = NOON

    def __call__(self) -> float:
        return self.now

    def at(self, *moment: int) -> None:
        """Move to a moment of São Paulo's wall: year, month, day, hour, minute, second."""
        self.now = datetime(*moment, tzinfo=ZONE).timestamp()  # type: ignore[misc]

    def later(self, seconds: float = FRESH) -> None:
        self.now += seconds


@dataclass
class RulesHouse:
    """One tenant: its Odoo, and the Hub that serves it."""

    settings: Settings
    odoo: OdooDouble
    clock: Clock = field(default_factory=Clock)
    account_id: str = "account_1"
    language: str = "pt_BR"
    limit: float = 3.0

    def __post_init__(self) -> None:
        self.odoo.clock = self.clock
        services = Services.build(self.settings)
        document = tenant_document(self.account_id, language=self.language)
        document["integrations"]["mcp"]["config"] = self.odoo.config()
        document["integrations"]["chatwoot"] = {"channels": []}
        services.credentials.replace(self.account_id, {"odoo_api_key": self.odoo.api_key})
        self.tenant = services.tenants.apply(document)
        self.hub = Hub(services)
        memory = RuleMemory(self.clock, self.limit)
        object.__setattr__(self.hub, "rules", RuleDesk(services, memory))

    def process(self, action: str, **params: Any) -> dict[str, Any]:
        """An action's result, as a job of Odoo gets it."""
        metadata = {"source": "odoo", "account_id": self.account_id, "action": action}
        return self.hub.process({"metadata": metadata, "params": params})

    def sync(self, **ids: list[int]) -> dict[str, Any]:
        return self.process("sync_rules", **({"ids": ids} if ids else {}))

    def ask(self, question: str) -> dict[str, Any]:
        return self.process("ask_rules", question=question)

    def answer(self, question: str) -> str:
        return self.ask(question)["answer"]

    def asked_odoo(self, method: str) -> int:
        return sum(name == method for name, _ in self.odoo.calls)
