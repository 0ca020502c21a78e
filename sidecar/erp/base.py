"""What the sidecar asks of any ERP."""

from collections.abc import Sequence
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


class RuleSource(Protocol):
    """Reads of one tenant's business rules (docs/rules.md). Errors as the ErpAdapter's."""

    def ping(self) -> dict[str, Any]:
        """As ErpAdapter's; `rules_in_force` among the capabilities where there are rules at all."""
        ...

    def company_profile(self, language: str | None = None) -> dict[str, Any]:
        """Who the company is and how it wants to be served; {} while nobody has said."""
        ...

    def rule_ids(self) -> dict[str, list[int]]:
        """Ids by kind (rule, scheduling, document) of what the AI may tell."""
        ...

    def rule_facts(
        self, refs: Sequence[tuple[str, int]], language: str | None = None
    ) -> list[dict[str, Any]]:
        """Facts of `refs`, in their order; those that may not be told (any more) are left out."""
        ...

    def rules_in_force(self, language: str | None = None) -> list[dict[str, Any]]:
        """Facts of the rules that hold now, less those that a temporary one stands in for."""
        ...

    def open_state(self) -> dict[str, Any]:
        """Whether the company is open now, and why not."""
        ...

    def free_slots(
        self, rule_id: int, date_from: str, date_to: str, limit: int = 10
    ) -> list[dict[str, Any]]:
        """Free times of a service between two dates (ISO) of the tenant; instants in UTC."""
        ...
