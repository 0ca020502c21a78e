"""The façade's methods (docs/tools.md) as the crews and tools read them.

Same names, arguments and shapes; what is handed out is in the evidence with the moment it was read.
NotOffered where the tenant's ERP has no such thing.
"""

from collections.abc import Sequence
from typing import Any

from sidecar.data_proxy.evidence import Evidence
from sidecar.data_proxy.memory import Told
from sidecar.data_proxy.reading import PREFETCH_LIMIT, Reading, side_by_side
from sidecar.erp.base import Row
from sidecar.erp.methods import METHODS, Call, call_of
from sidecar.errors import SidecarError, Unprocessable

# of the Odoo that holds our addons, also where the ERP is another one
HOUSE = frozenset(
    {"company_profile", "rule_ids", "rule_facts", "rules_in_force", "open_state", "free_slots"}
)
# what evidence calls the rows of a method: the model, and the key of the row's id
_ROWS = {
    "product_facts": ("product.template", "id"),
    "product_details": ("details", "id"),
    "stock_levels": ("stock", "id"),
    "price_quotes": ("price", "product_id"),
    "promotion_prices": ("promotion", "id"),
    "partner_profile": ("res.partner", "id"),
    "orders": ("sale.order", "id"),
    "quotation_create": ("sale.order", "id"),
    "quotation_add_lines": ("sale.order", "id"),
    "invoices": ("account.move", "id"),
    "bookings": ("calendar.event", "id"),
    "book": ("calendar.event", "id"),
    "move_booking": ("calendar.event", "id"),
    "cancel_booking": ("calendar.event", "id"),
    "free_slots": ("slot", "start"),
}
# they say nothing that could be told
_SILENT = frozenset(
    {"mail_identity_code", "find_partners", "set_sync_states", "readable_models", "rule_ids"}
)
_RULE_MODELS = {
    "rule": "ai.business.rule",
    "scheduling": "ai.scheduling.rule",
    "document": "ai.support.document",
}


class ErpReads:
    """Needs `reading` (the ERP), `house` (the Odoo with our addons) and `evidence`."""

    reading: Reading
    house: Reading
    evidence: Evidence

    # -- products and prices --------------------------------------------------------------------

    def product_facts(self, ids: list[int], lang: str | None = None) -> list[Row]:
        """What is known of products, with price and availability of seconds ago at most."""
        return self._rows("product_facts", ids, lang)

    def product_details(self, ids: list[int], lang: str | None = None) -> list[Row]:
        """Variants, alternatives, accessories, dimensions."""
        return self._rows("product_details", ids, lang)

    def stock_levels(self, ids: list[int]) -> list[Row]:
        """Stock of seconds ago at most."""
        return self._rows("stock_levels", ids)

    def price_quotes(
        self, lines: list[Row], partner_id: int | None = None, lang: str | None = None
    ) -> list[Row]:
        """Prices with taxes, the partner's or the company's."""
        return self._read("price_quotes", lines, partner_id or None, lang)

    def promotion_prices(
        self, product_ids: list[int], coupon: str = "", purchase: float | None = None
    ) -> list[Row]:
        """Prices under the promotions in force."""
        return self._read("promotion_prices", product_ids, coupon, purchase)

    # -- a person -------------------------------------------------------------------------------

    def find_partners(self, phone: str | None = None, email: str | None = None) -> list[Row]:
        """Customers with exactly that number or address; not evidence of anything."""
        return self._read("find_partners", phone, email)

    def partner_profile(self, partner_id: int) -> Row:
        """Who the partner is."""
        return self._read("partner_profile", partner_id)

    def mail_identity_code(self, email: str, code: str, lang: str | None = None) -> bool:
        """Mail a one-time code; neither address nor code is kept."""
        call = call_of("mail_identity_code", email, code, lang or self.reading.context.language)
        return bool(self.reading.erp.write(call))

    def orders(self, partner_id: int, name: str | None = None, limit: int = 5) -> list[Row]:
        """The family's orders, newest first."""
        return self._read("orders", partner_id, name, limit)

    def quotation_link(self, partner_id: int, order_id: int) -> Row:
        """Where the customer reads, signs and pays."""
        return self._read("quotation_link", partner_id, order_id)

    def invoices(self, partner_id: int, name: str | None = None, limit: int = 5) -> list[Row]:
        """The family's posted invoices, newest first."""
        return self._read("invoices", partner_id, name, limit)

    def payment_link(self, partner_id: int, kind: str, record_id: int) -> Row:
        """Where the customer pays."""
        return self._read("payment_link", partner_id, kind, record_id)

    def bookings(self, partner_id: int, limit: int = 5) -> list[Row]:
        """The partner's coming appointments."""
        return self._read("bookings", partner_id, limit)

    # -- the company ----------------------------------------------------------------------------

    def company_profile(self, lang: str | None = None) -> Row:
        """Who the company is."""
        return self._read("company_profile", lang)

    def rules_in_force(self, lang: str | None = None) -> list[Row]:
        """The rules that hold now."""
        return self._read("rules_in_force", lang)

    def rule_ids(self) -> dict[str, list[int]]:
        """Ids by kind of what may be told."""
        return self._read("rule_ids")

    def rule_facts(self, refs: Sequence[tuple[str, int]], lang: str | None = None) -> list[Row]:
        """Facts of rules, services and documents."""
        return self._read("rule_facts", list(refs), lang)

    def open_state(self, at: str | None = None) -> Row:
        """Whether it is open."""
        return self._read("open_state", at)

    def free_slots(self, rule_id: int, date_from: str, date_to: str, limit: int = 10) -> list[Row]:
        """Free times of a service."""
        return self._read("free_slots", rule_id, date_from, date_to, limit)

    # -- plain records --------------------------------------------------------------------------

    def readable_models(self) -> dict[str, dict[str, Row]]:
        """Models and fields that may be read."""
        return self._read("readable_models")

    def search_records(
        self,
        model: str,
        domain: list[Any],
        fields: list[str],
        limit: int = 20,
        order: str | None = None,
    ) -> list[Row]:
        """Rows that match."""
        return self._read("search_records", model, domain, fields, limit, order)

    def read_records(self, model: str, ids: list[int], fields: list[str]) -> list[Row]:
        """Rows by id."""
        return self._read("read_records", model, ids, fields)

    def group_records(
        self,
        model: str,
        domain: list[Any],
        groupby: list[str],
        aggregates: list[str],
        limit: int = 50,
    ) -> list[Row]:
        """Figures per group."""
        return self._read("group_records", model, domain, groupby, aggregates, limit)

    # -- writing, and many reads at once --------------------------------------------------------

    def write(self, method: str, *args: Any) -> Any:
        """Do what a writing method does (arguments in the façade's order); its answer.

        Whatever the process remembered of the tenant's ERP is unknown again, also when the answer
        was lost. Unprocessable with the ERP's sentence when it refuses.
        """
        call = call_of(method, *args)
        if METHODS[method].reads:
            raise Unprocessable(f"{method} is no writing method.")
        try:
            answer = self.reading.erp.write(call)
        finally:
            self.reading.forget()
            self.house.forget()
        self._record(call, Told(answer, self.reading.memory.clock()))
        return answer

    def offers(self, method: str) -> bool:
        """Whether the tenant's ERP has that method. Unavailable when it is away."""
        return self._of(Call(method, {})).erp.offers(method)

    def prefetch(self, calls: Sequence[Call], limit: float = PREFETCH_LIMIT) -> list[Any]:
        """The answers of reading calls (`call_of(...)`), or their errors, within `limit` seconds.

        One round trip to each Odoo. The same reads by name are answered from memory afterwards.
        """
        parts = {
            reading: [number for number, call in enumerate(calls) if self._of(call) is reading]
            for reading in (self.reading, self.house)
        }
        works = [
            lambda reading=reading, part=part: reading.prefetch([calls[n] for n in part])
            for reading, part in parts.items()
        ]
        answers: list[Any] = [None] * len(calls)
        for part, told in zip(parts.values(), side_by_side(works, limit), strict=True):
            failed = isinstance(told, SidecarError)
            for place, number in enumerate(part):
                answers[number] = told if failed else self._shown(calls[number], told[place])
        return answers

    def _shown(self, call: Call, told: Any) -> Any:
        if isinstance(told, SidecarError):
            return told
        self._record(call, told)
        return [one.value for one in told] if isinstance(told, list) else told.value

    def _rows(self, method: str, *args: Any) -> list[Row]:
        call = call_of(method, *args)
        return self._shown(call, self._of(call).rows(call))

    def _read(self, method: str, *args: Any) -> Any:
        call = call_of(method, *args)
        return self._shown(call, self._of(call).read(call))

    def _of(self, call: Call) -> Reading:
        return self.house if call.method in HOUSE else self.reading

    def _record(self, call: Call, told: Any) -> None:
        """Put what is handed out into the evidence, row by row."""
        if call.method in _SILENT:
            return
        if isinstance(told, list):
            for one in told:
                self._record(call, one)
            return
        name = self._of(call).erp.name
        if call.method in ("search_records", "read_records", "group_records"):
            model, number = str(call.arguments.get("model")), "id"
        else:
            model, number = _ROWS.get(call.method, (call.method, "id"))
        rows = told.value if isinstance(told.value, list) else [told.value]
        for row in rows:
            which = row.get(number) if isinstance(row, dict) else None
            if call.method in ("rule_facts", "rules_in_force"):
                model = _RULE_MODELS.get(row.get("kind"), model)
            source = f"{name}:{model}" if which is None else f"{name}:{model}/{which}"
            self.evidence.add(source, row, told.at)
