"""DataProxyAgent: the one door to data for crews and tools.

It serves exactly one tenant for one piece of work, merges what search and the ERP know, and
records everything it hands out as evidence.
"""

from dataclasses import dataclass
from typing import Any

from sidecar.context import TenantContext
from sidecar.data_proxy.evidence import Evidence
from sidecar.erp.base import ErpAdapter, ProductFacts
from sidecar.errors import NotFound
from sidecar.search.hybrid import HybridSearch
from sidecar.search.query import understand

_PAGE = 500


@dataclass(frozen=True, slots=True)
class FoundProduct:
    """A product that answers a question: live facts, the search's score and its reasons."""

    facts: ProductFacts
    score: float
    why: list[str]


class DataProxyAgent:
    """Reads for one tenant. `search` may be None where only single products are read."""

    def __init__(self, context: TenantContext, erp: ErpAdapter, search: HybridSearch | None):
        self.context = context
        self.erp = erp
        self.search = search
        self.evidence = Evidence()

    def product(self, product_id: int, language: str | None = None) -> ProductFacts:
        """Live facts of one product; NotFound when the tenant has no such product."""
        facts = self.erp.product_facts([product_id], language)
        if not facts:
            raise NotFound("The tenant has no such product.", product_id=product_id)
        self._record(facts[0])
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
        """Facts of `ids` for indexing. Not recorded as evidence."""
        return self.erp.product_facts(ids)

    def find_products(self, text: str, limit: int = 5) -> list[FoundProduct]:
        """Products that answer `text`, best first: active, in stock and within its price limits.

        Availability and price are checked live in one batched read.
        """
        if self.search is None:
            return []
        wanted = understand(text, self.context.language)
        hits = self.search.search(wanted.text, limit=max(6 * limit, 30), wanted=wanted)
        by_id = {f["id"]: f for f in self.erp.product_facts([hit.product_id for hit in hits])}
        found = []
        for hit in hits:
            facts = by_id.get(hit.product_id)
            if facts is None or not (facts["active"] and facts["in_stock"]):
                continue
            if not wanted.allows_price(facts["price"]):
                continue
            found.append(FoundProduct(facts, hit.score, list(hit.why)))
            if len(found) == limit:
                break
        for product in found:
            self._record(product.facts)
        return found

    def _record(self, facts: dict[str, Any]) -> None:
        self.evidence.add(f"odoo:product.template/{facts['id']}", facts)
