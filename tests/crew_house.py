"""A whole house for conversations: a Hub over an index, an Odoo and a model, and a customer's talk.

The shop is Casa Ipê with its rules; Bia writes by WhatsApp, which proves her number.
"""

import json
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from sidecar.crews.reply import Reply
from sidecar.data_proxy.rule_memory import RuleMemory
from sidecar.hub.hub import Hub
from sidecar.hub.rules import RuleDesk
from sidecar.hub.services import Services
from sidecar.hub.turn import Customer
from sidecar.observability.tracing import Trace
from sidecar.settings import Settings
from sidecar.tenants.tool_names import WRITING
from sidecar.tools.confirmation import Confirmations
from tests.business_rules import fact, profile_facts, shop_facts
from tests.documents import tenant_document
from tests.doubles.odoo import OdooDouble
from tests.doubles.openai_api import DEFAULT_KEY, OpenAIDouble
from tests.facts import product_facts
from tests.integration.rules_house import NOON, Clock
from tests.shop_facts import booking, invoice, order, partner
from tests.vectors_process import KEY, VectorsProcess

BIA = "+5511900000001"
SLOTS = [
    {"start": f"2026-11-27T{h}:00:00Z", "end": f"2026-11-27T{h + 1}:00:00Z", "resource": "Ana"}
    for h in (12, 13, 14)
]


def products() -> list[dict[str, Any]]:
    """What the shop sells. One is sold out."""
    return [
        product_facts(category="Sala / Sofás", cost_price=1111.11, standard_price=1111.11),
        product_facts(
            id=6, name="Poltrona Ipê", price=990.0, default_code="POL-1", available=2.0,
            category="Sala / Poltronas", sale_text="Poltrona de madeira maciça.", attributes=[],
        ),
        product_facts(
            id=7, name="Cadeira Cedro", price=350.0, default_code="CAD-1", available=12.0,
            category="Sala de jantar / Cadeiras", sale_text="Cadeira para mesa de jantar.",
            attributes=[],
        ),
        product_facts(
            id=8, name="Mesa Cedro", price=1500.0, available=0.0, in_stock=False,
            default_code="M-1", category="Sala de jantar / Mesas", sale_text="Mesa de jantar.",
            attributes=[],
        ),
    ]  # fmt: skip


def casa_ipe(extra_rules: Iterable[dict[str, Any]] = (), **changes: Any) -> OdooDouble:
    """The shop's Odoo. Caio is another customer, whose order nobody else may see."""
    told: dict[str, Any] = {
        "products": products(),
        "rules": [
            *(f for f in shop_facts("casa_ipe", "pt").values() if f["kind"] != "profile"),
            *extra_rules,
        ],
        "profile": profile_facts(),
        "slots": [dict(slot) for slot in SLOTS],
        "partners": [
            partner(),
            partner(id=8, name="Caio Reis", email="caio@example.com", phone="+5511900000008"),
        ],
        "orders": [
            order(),
            order(id=81, name="S00081", partner_id=8, total=4321.0, deliveries=[]),
        ],
        "invoices": [invoice(), invoice(id=98, name="INV/2026/00098", partner_id=8)],
        "bookings": [booking(), booking(id=68, partner_id=8)],
        **changes,
    }
    return OdooDouble(**told)


@dataclass
class CrewHouse:
    """One tenant and a customer's conversation with it. `model` None: works without one."""

    settings: Settings
    odoo: OdooDouble
    vectors: VectorsProcess
    model: OpenAIDouble | None = None
    changes: dict[str, Any] = field(default_factory=dict)
    more_settings: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.clock = Clock(NOON)
        self.odoo.clock = self.clock
        self.settings = self.settings.model_copy(
            update={
                "qdrant_url": self.vectors.url,
                "qdrant_api_key": SecretStr(KEY),
                "llm_base_url": self.model.url if self.model else "",
                "llm_api_key": SecretStr(DEFAULT_KEY if self.model else ""),
                **self.more_settings,
            }
        )
        services = Services.build(self.settings)
        crews = {name: {"enabled": True} for name in ("customer_service", "sales", "analytics")}
        document = tenant_document(
            **{
                "name": "Casa Ipê",
                "crews": crews | {"product_management": {"enabled": True}},
                "tools": {"writes": list(WRITING)},
                **self.changes,
            }
        )
        document["integrations"]["mcp"]["config"] = self.odoo.config()
        services.credentials.replace("account_1", {"odoo_api_key": self.odoo.api_key})
        self.tenant = services.tenants.apply(document)
        self.hub = Hub(services)
        object.__setattr__(self.hub, "rules", RuleDesk(services, RuleMemory(self.clock, 3.0)))
        for action in ("sync_rules", "sync_products"):
            metadata = {"source": "odoo", "account_id": "account_1", "action": action}
            self.hub.process({"metadata": metadata, "params": {}})
        self.start()

    def start(self, conversation: str = "7-1", phone: str = BIA, name: str = "Bia Moraes") -> None:
        """A new conversation."""
        self.history: list[dict[str, str]] = []
        self.turns = 0
        self.conversation, self.phone, self.name = conversation, phone, name
        if self.model:
            self.model.reset()

    def say(self, words: str, crew: str = "customer_service", posted: bool = True) -> Reply:
        """The customer writes; the crew's reply. posted: as the desk would."""
        self.turns += 1
        self.trace = Trace()
        # the tools' own clock is the machine's
        customer = Customer(
            name=self.name,
            contact_id=1,
            phone=self.phone,
            channel_id=7,
            channel_name="Whatsapp",
            conversation=self.conversation,
            turn=f"{self.conversation}-{self.turns}",
            said_at=time.time() + self.turns,
        )
        reply = self.hub.answer(self.tenant, crew, words, self.history, self.trace, customer)
        shown = Confirmations(self.hub.services.store, "account_1")
        shown.settle(self.conversation, customer.turn, posted and reply.preview)
        self.history += [
            {"role": "user", "content": words},
            {"role": "assistant", "content": reply.text},
        ]
        return reply

    @property
    def requests(self) -> list[dict[str, Any]]:
        """Bodies of the chat completions that were asked for."""
        assert self.model
        return [r["body"] for r in self.model.requests if "chat" in r["path"]]

    @property
    def seen_by_the_model(self) -> str:
        """All text that any of them had."""
        return json.dumps(self.requests, ensure_ascii=False)

    @property
    def steps(self) -> list[tuple[str, str, bool]]:
        """The turn's trace: kind, name, ok."""
        return [(s["kind"], s["name"], s["ok"]) for s in self.trace.steps()]


def poisoned(text: str) -> dict[str, Any]:
    """A rule whose text gives orders."""
    return fact(id=99, subkind="other", title="Brinde", sentence="", text=text)
