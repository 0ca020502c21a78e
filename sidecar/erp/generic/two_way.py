"""An ERP that sends its data, and takes quotations at its callback."""

import hashlib
from datetime import UTC, datetime
from typing import Any

from sidecar.context import TenantContext
from sidecar.erp.base import Row
from sidecar.erp.generic.adapter import PushedErpAdapter
from sidecar.erp.generic.callback import ErpCallback
from sidecar.erp.generic.facts import order_of, variant_at
from sidecar.erp.generic.records import BadRow, kept_of
from sidecar.erp.generic.store import PushedRecords
from sidecar.errors import Unprocessable, UpstreamError


class TwoWayErpAdapter(PushedErpAdapter):
    """PushedErpAdapter with `quotation_create`. What the ERP answers is kept as its order."""

    def __init__(self, records: PushedRecords, context: TenantContext, callback: ErpCallback):
        super().__init__(records, context)
        self._callback = callback

    def quotation_create(
        self, partner_id: int, lines: list[Row], key: str, who: dict[str, Any]
    ) -> Row:
        customer = self._customer(partner_id)
        if customer is None:
            raise Unprocessable("The shop has no such customer.")
        digest = hashlib.sha256(f"{partner_id}\0{key}".encode()).hexdigest()
        number = self.records.done(digest)
        if number is None:
            number = self._created(customer, self._wanted(lines), key, who)
            self.records.keep_done(digest, number)
        order = self.records.records("orders", [number]).get(number)
        if order is None:
            raise UpstreamError("The ERP has removed the order.")
        return order_of(number, order, self.context)

    def _created(
        self, customer: Row, lines: list[dict[str, Any]], key: str, who: dict[str, Any]
    ) -> int:
        """Our number of the order that the ERP made."""
        params = {"customer_id": customer["id"], "lines": lines, "who": who}
        row = self._callback.post("quotation_create", key, params)
        if row.get("customer_id") != customer["id"]:
            raise UpstreamError("The ERP answered with another customer's order.")
        try:
            kept = kept_of("orders", row, self.context.timezone, None, datetime.now(UTC))
        except BadRow as bad:
            named = bad.field or "the order"
            raise UpstreamError(f"The ERP answered with no order: {named} {bad.problem}.") from None
        (outcome,) = self.records.write("orders", [kept])
        if outcome == "full":
            raise UpstreamError("No more orders of this tenant are kept: raise the limit.")
        if outcome == "erased":
            raise Unprocessable("The customer was erased meanwhile.")
        return self.records.number_of("orders", [kept.own_id])[kept.own_id]

    def _wanted(self, lines: list[Row]) -> list[dict[str, Any]]:
        """The lines by the ERP's own ids, with the prices that the customer was told."""
        quotes = self.price_quotes(lines)
        if not lines or len(quotes) != len(lines):
            raise Unprocessable("The shop does not sell one of the products.")
        found = self.records.records("products", [quote["product_id"] for quote in quotes])
        return [
            {
                "product_id": found[quote["product_id"]]["id"],
                "variant_id": variant_at(quote["variant_id"], found[quote["product_id"]]),
                "quantity": quote["quantity"],
                "unit_price": quote["unit_price"],
                "currency": quote["currency"],
            }
            for quote in quotes
        ]
