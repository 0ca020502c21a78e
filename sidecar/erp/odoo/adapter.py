"""An Odoo with our addons: every call goes through `ai.facade`, which acts for one tenant."""

from collections.abc import Iterator, Sequence
from typing import Any

from sidecar.context import TenantContext
from sidecar.erp.base import Declines, ProductFacts, Row
from sidecar.erp.methods import MAX_CALLS, METHODS, Call, call_of
from sidecar.erp.odoo.batch import answers_of
from sidecar.errors import NotOffered, SidecarError, UpstreamError
from sidecar.odoo_rpc import NoSuchMethod, OdooRpc

_BATCH = 500
_RULES = 100  # records of one call
_DOCUMENT = 20  # how many records a document counts for: it comes with its whole text


class OdooAdapter(Declines):
    """ErpAdapter and RuleSource over an OdooRpc.

    The context names the tenant; the integration user proves it. A method of the table that has no
    function here is the façade's, with the table's arguments.
    """

    name = "odoo"
    called = "The tenant's Odoo"

    def __init__(self, rpc: OdooRpc, context: TenantContext):
        self.rpc = rpc
        self.context = context

    @property
    def origin(self) -> str:
        """Which database of which server, for what is remembered of it."""
        return f"{self.rpc.url}/{self.rpc.db}"

    def __getattr__(self, name: str) -> Any:
        if name not in METHODS:
            raise AttributeError(name)
        return lambda *args, **named: self._ask(call_of(name, *args, **named))

    def ping(self) -> dict[str, Any]:
        answer = self.rpc.call("ai.facade", "ping", read_only=True)
        if answer.get("account_id") != self.context.account_id:
            raise UpstreamError("The integration user belongs to another tenant; connect again.")
        return answer

    def offers(self, method: str) -> bool:
        return method in self.ping().get("capabilities", ())

    def product_facts(self, ids: list[int], lang: str | None = None) -> list[ProductFacts]:
        facts: list[ProductFacts] = []
        for start in range(0, len(ids), _BATCH):
            part = ids[start : start + _BATCH]
            facts += self._ask(call_of("product_facts", part, lang))
        return facts

    def writing_briefs(self, product_ids: list[int], lang: str | None = None) -> list[Any]:
        """The brief of each product (docs/studio.md), or its SidecarError."""
        told = self._ask(call_of("writing_briefs", product_ids, lang))
        return answers_of([call_of("writing_briefs")] * len(product_ids), told, self.declined)

    def rule_facts(self, refs: Sequence[tuple[str, int]], lang: str | None = None) -> list[Row]:
        facts: list[Row] = []
        for batch in _batches(refs):
            facts += self._ask(call_of("rule_facts", batch, lang))
        return facts

    def write(self, call: Call) -> Any:
        return self._ask(call)

    def batch(self, calls: Sequence[Call]) -> list[Any]:
        """As ErpAdapter's: up to twenty calls are one round trip."""
        answers: list[Any] = []
        for start in range(0, len(calls), MAX_CALLS):
            answers += self._batch([self._spoken(c) for c in calls[start : start + MAX_CALLS]])
        return answers

    def _batch(self, calls: list[Call]) -> list[Any]:
        if len(calls) < 2:
            return super().batch(calls)
        try:
            return self._together(calls)
        except NoSuchMethod:  # an older addon
            return super().batch(calls)

    def _ask(self, call: Call) -> Any:
        method = METHODS[call.method]
        call = self._spoken(call)
        if "ids" in call.arguments and not self.rpc.takes_ids:
            return self._wrapped(call)
        try:
            return self.rpc.call(
                "ai.facade",
                call.method,
                read_only=method.reads,
                repeatable=method.repeatable,
                **call.arguments,
            )
        except NoSuchMethod:
            raise self.declined(call.method) from None

    def _wrapped(self, call: Call) -> Any:
        """A reading call with an argument that the protocol keeps for itself: a batch of one."""
        try:
            (answer,) = self._together([call])
        except NoSuchMethod:
            raise self.declined(call.method) from None
        if isinstance(answer, SidecarError):
            raise answer
        return answer

    def _together(self, calls: Sequence[Call]) -> list[Any]:
        asked = [{"method": call.method, "arguments": call.arguments} for call in calls]
        told = self.rpc.call("ai.facade", "batch", calls=asked, read_only=True, repeatable=True)
        return answers_of(calls, told, self.declined)

    def _spoken(self, call: Call) -> Call:
        """The call in the tenant's language, unless it names another."""
        if "lang" not in METHODS[call.method].arguments or "lang" in call.arguments:
            return call
        return Call(call.method, call.arguments | {"lang": self.context.language})

    def declined(self, method: str) -> NotOffered:
        """As Declines': an addon of ours is missing there."""
        return NotOffered(
            f"The tenant's Odoo does not offer {method}: an addon is missing there.", method=method
        )


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
