"""What the sidecar asks of any ERP."""

from typing import Any, Protocol

ProductFacts = dict[str, Any]
"""One product as `docs/contracts.md` describes it: live price and stock, never a cost price."""


class ErpAdapter(Protocol):
    """Reads of one tenant's ERP. Errors: Unavailable, UpstreamRefused, UpstreamError."""

    def ping(self) -> dict[str, Any]:
        """Who we are there: account_id, company_id, odoo_version, capabilities."""
        ...

    def product_ids(self, after_id: int = 0, limit: int = 500) -> list[int]:
        """Ascending ids of the tenant's saleable products with id > after_id."""
        ...

    def product_facts(self, ids: list[int], language: str | None = None) -> list[ProductFacts]:
        """Facts of `ids`, in their order, read live; ids that are not the tenant's are left out."""
        ...
