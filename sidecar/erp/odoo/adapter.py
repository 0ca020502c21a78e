"""An Odoo with our addons: every read goes through `ai.facade`, which acts for one tenant."""

from collections.abc import Iterator, Sequence
from typing import Any

from sidecar.context import TenantContext
from sidecar.erp.base import ProductFacts
from sidecar.errors import UpstreamError
from sidecar.odoo_rpc import OdooRpc

_BATCH = 500
_RULES = 100  # records of one call
_DOCUMENT = 20  # how many records a document counts for: it comes with its whole text


class OdooAdapter:
    """ErpAdapter and RuleSource over XML-RPC.

    The context names the tenant; the integration user proves it.
    """

    def __init__(self, rpc: OdooRpc, context: TenantContext):
        self.rpc = rpc
        self.context = context

    def ping(self) -> dict[str, Any]:
        answer = self.rpc.call("ai.facade", "ping", read_only=True)
        if answer.get("account_id") != self.context.account_id:
            raise UpstreamError("The integration user belongs to another tenant; connect again.")
        return answer

    def product_ids(self, after_id: int = 0, limit: int = 500) -> list[int]:
        return self.rpc.call("ai.facade", "product_ids", after_id, limit, read_only=True)

    def product_facts(self, ids: list[int], language: str | None = None) -> list[ProductFacts]:
        facts: list[ProductFacts] = []
        for start in range(0, len(ids), _BATCH):
            facts += self.rpc.call(
                "ai.facade",
                "product_facts",
                ids[start : start + _BATCH],
                language or self.context.language,
                read_only=True,
            )
        return facts

    def company_profile(self, language: str | None = None) -> dict[str, Any]:
        return self._ask("company_profile", language or self.context.language)

    def rule_ids(self) -> dict[str, list[int]]:
        return self._ask("rule_ids")

    def rule_facts(
        self, refs: Sequence[tuple[str, int]], language: str | None = None
    ) -> list[dict[str, Any]]:
        facts: list[dict[str, Any]] = []
        for batch in _batches(refs):
            facts += self._ask("rule_facts", batch, language or self.context.language)
        return facts

    def rules_in_force(self, language: str | None = None) -> list[dict[str, Any]]:
        return self._ask("rules_in_force", language or self.context.language)

    def open_state(self) -> dict[str, Any]:
        return self._ask("open_state")

    def free_slots(
        self, rule_id: int, date_from: str, date_to: str, limit: int = 10
    ) -> list[dict[str, Any]]:
        return self._ask("free_slots", rule_id, date_from, date_to, limit)

    def _ask(self, method: str, *arguments: Any) -> Any:
        return self.rpc.call("ai.facade", method, *arguments, read_only=True)


def _batches(refs: Sequence[tuple[str, int]]) -> Iterator[list[list[Any]]]:
    batch: list[list[Any]] = []
    weight = 0
    for kind, record in refs:
        weighs = _DOCUMENT if kind == "document" else 1
        if batch and weight + weighs > _RULES:
            yield batch
            batch, weight = [], 0
        batch.append([kind, record])
        weight += weighs
    if batch:
        yield batch
