"""DataProxyAgent: the one door to data for crews and tools.

It serves exactly one tenant for one piece of work, merges what search and the ERP know, and
records everything it hands out as evidence.
"""

import math
from dataclasses import dataclass
from typing import Any, Literal

from sidecar.context import TenantContext
from sidecar.data_proxy.erp_reads import ErpReads
from sidecar.data_proxy.evidence import Evidence
from sidecar.data_proxy.memory import ReadMemory
from sidecar.data_proxy.reading import Reading
from sidecar.erp.base import ErpAdapter, ProductFacts
from sidecar.erp.methods import call_of
from sidecar.errors import NotFound
from sidecar.search.filters import Filters
from sidecar.search.hybrid import Hit, HybridSearch
from sidecar.search.query import understand

Availability = Literal["in_stock", "any"]
"""`in_stock`: only what can be had now, services and made-to-order goods included. `any`: all."""

_PAGE = 500
_LEAST_FETCHED = 30
_MOST_FETCHED = 200
# Beside the share in stock: the index may be minutes old, and luck is uneven.
_MARGIN = 2.0


@dataclass(frozen=True, slots=True)
class FoundProduct:
    """A product that answers a question: live facts, the search's score and its reasons."""

    facts: ProductFacts
    score: float
    why: list[str]

    def as_dict(self) -> dict[str, Any]:
        """What people and tools are shown. stock is None where nobody counts it."""
        facts = self.facts
        return {
            "id": facts["id"],
            "name": facts["name"],
            "description": facts["ai_text"] or facts["sale_text"],
            "price": facts["price"],
            "currency": facts["currency"],
            "stock": facts["available"] if facts["is_storable"] else None,
            "image_url": facts["image_url"],
            "score": round(self.score, 4),
            "why": self.why,
        }


class DataProxyAgent(ErpReads):
    """Reads for one tenant. `search` may be None where only single products are read.

    availability: the tenant's policy for what a search finds. house: the Odoo that holds our
    addons, where it is not the ERP. memory: the process's; without one, this agent's own.
    """

    def __init__(
        self,
        context: TenantContext,
        erp: ErpAdapter,
        search: HybridSearch | None,
        availability: Availability = "in_stock",
        memory: ReadMemory | None = None,
        house: ErpAdapter | None = None,
    ):
        self.context = context
        self.availability = availability
        self.erp = erp
        self.search = search
        self.evidence = Evidence()
        memory = memory or ReadMemory()
        self.reading = Reading(context, erp, memory)
        self.house = self.reading if house is None else Reading(context, house, memory)

    def product(self, product_id: int, language: str | None = None) -> ProductFacts:
        """Live facts of one product; NotFound when the tenant has no such product."""
        call = call_of("product_facts", [product_id], language)
        facts = self._shown(call, self.reading.rows(call, fresh=True))
        if not facts:
            raise NotFound("The tenant has no such product.", product_id=product_id)
        return facts[0]

    def all_products(self) -> list[ProductFacts]:
        """Facts of the tenant's whole catalog, read in pages. Not recorded as evidence."""
        facts: list[ProductFacts] = []
        after = 0
        while ids := self.erp.product_ids(after, _PAGE):
            facts += self.erp.product_facts(ids)
            after = ids[-1]
        return facts

    def products(self, ids: list[int]) -> list[ProductFacts]:
        """Facts of `ids` for indexing, as they are now. Not recorded as evidence."""
        return self.erp.product_facts(ids)

    def find_products(
        self,
        text: str,
        limit: int = 5,
        filters: Filters | None = None,
        availability: Availability | None = None,
    ) -> list[FoundProduct]:
        """Products that answer `text`, best first: active, available and within all limits.

        filters: category, attributes and prices, beside the limits that `text` names.
        availability: in place of the tenant's policy.
        Price and availability are checked live, in one batched read of the ERP: a product that
        was sold since the index was written is not among the found.
        """
        if self.search is None:
            return []
        policy = availability or self.availability
        wanted = understand(text, self.context.language)
        limits = (filters or Filters()).within(wanted.min_price, wanted.max_price)
        share = self.search.share_in_stock() if policy == "in_stock" else 1.0
        hits = self.search.search(wanted.text, limit=_to_fetch(limit, share), filters=limits)
        found = self._available(hits, limits, policy)[:limit]
        for product in found:
            self.evidence.add(
                f"{self.erp.name}:product.template/{product.facts['id']}", product.facts
            )
        return found

    def _available(
        self, hits: list[Hit], limits: Filters, policy: Availability
    ) -> list[FoundProduct]:
        """The hits that the ERP confirms, in their order."""
        if not hits:
            return []
        call = call_of("product_facts", [hit.product_id for hit in hits])
        by_id = {told.value["id"]: told.value for told in self.reading.rows(call, fresh=True)}
        found = []
        for hit in hits:
            facts = by_id.get(hit.product_id)
            if facts is None or not facts["active"] or not limits.allow_price(facts["price"]):
                continue
            if policy == "in_stock" and not _can_be_had(facts):
                continue
            found.append(FoundProduct(facts, hit.score, list(hit.why)))
        return found


def _can_be_had(facts: ProductFacts) -> bool:
    """Services and goods whose stock is not counted (made to order) always can."""
    return facts["in_stock"] or facts["type"] == "service" or not facts["is_storable"]


def _to_fetch(limit: int, share: float) -> int:
    """How many candidates `limit` products need when this share of the catalog is in stock.

    Twice the expected number, 30 at least: with 30 candidates nothing was lost down to half of
    the catalog in stock (docs/search.md).
    """
    needed = math.ceil(_MARGIN * limit / max(share, 0.01))
    return min(max(needed, _LEAST_FETCHED), max(_MOST_FETCHED, limit))
