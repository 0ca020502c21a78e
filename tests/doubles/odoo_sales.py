"""Orders, invoices and payments, as `ai.facade` answers."""

import copy
from collections.abc import Callable
from typing import Any

from tests.doubles.odoo_rows import Row, line_of, shown, user_error


class SalesAnswers:
    """Part of TenantDouble, which has the state."""

    # -- orders, invoices ---------------------------------------------------------------------

    def _own(self, rows: list[Row], partner_id: int) -> list[Row]:
        """Rows of the partner's family."""
        family = next((p["family"] for p in self.partners if p["id"] == partner_id), None)
        members = {p["id"] for p in self.partners if p["family"] == family}
        return [row for row in rows if row["partner_id"] in members]

    def _orders(self, partner_id: int, name: Any = None, limit: int = 5) -> list[Row]:
        return shown(self._own(self.orders, partner_id), name, limit)

    def _invoices(self, partner_id: int, name: Any = None, limit: int = 5) -> list[Row]:
        return shown(self._own(self.invoices, partner_id), name, limit)

    def _order(self, partner_id: int, order_id: int) -> Row:
        found = [row for row in self._own(self.orders, partner_id) if row["id"] == order_id]
        if not found:
            raise user_error("There is no such order of this customer.")
        return found[0]

    def _quotation_create(self, partner_id: int, lines: list[Row], key: str, who: Row) -> Row:
        return self._once(key, "quotation_create", who, lambda: self._draft(partner_id, lines))

    def _draft(self, partner_id: int, lines: list[Row]) -> Row:
        quotes = self._quotes(partner_id, lines)
        number = max((row["id"] for row in self.orders), default=100) + 1
        draft = {
            "partner_id": partner_id,
            "id": number,
            "name": f"S{number:05d}",
            "date": "2026-11-25T12:00:00Z",
            "state": "quotation",
            "total": round(sum(q["total"] for q in quotes), 2),
            "currency": quotes[0]["currency"],
            "lines": [line_of(q) for q in quotes],
            "deliveries": [],
            "invoiced": "no",
            "url": f"https://shop.example/my/orders/{number}?access_token=t{number}",
        }
        self.orders.insert(0, draft)
        return shown([draft], None, 1)[0]

    def _quotes(self, partner_id: int, lines: list[Row]) -> list[Row]:
        quotes = self._price_quotes(lines, self._partner(partner_id)["id"])
        if not quotes or len(quotes) < len(lines):
            raise user_error("One of the products is not for sale.")
        return quotes

    def _quotation_add_lines(
        self, partner_id: int, order_id: int, lines: list[Row], key: str, who: Row
    ) -> Row:
        def add() -> Row:
            order = self._order(partner_id, order_id)
            if order["state"] != "quotation":
                raise user_error("Only a quotation can be changed.")
            quotes = self._quotes(partner_id, lines)
            order["lines"] += [line_of(q) for q in quotes]
            order["total"] = round(order["total"] + sum(q["total"] for q in quotes), 2)
            return shown([order], None, 1)[0]

        return self._once(key, "quotation_add_lines", who, add)

    def _quotation_link(self, partner_id: int, order_id: int) -> Row:
        return {"url": self._order(partner_id, order_id)["url"]}

    def _reorder(self, partner_id: int, order_id: int, key: str, who: Row) -> Row:
        def again() -> Row:
            by_name = {p["name"]: p for p in self.products}
            wanted = self._order(partner_id, order_id)["lines"]
            kept = [line for line in wanted if line["name"] in by_name]
            if not kept:
                raise user_error("Nothing of that order is sold any more.")
            lines = [
                {"product_id": by_name[line["name"]]["id"], "quantity": line["quantity"]}
                for line in kept
            ]
            gone = [line["name"] for line in wanted if line["name"] not in by_name]
            return {"order": self._draft(partner_id, lines), "left_out": gone}

        return self._once(key, "reorder", who, again)

    def _payment_link(self, partner_id: int, kind: str, record_id: int) -> Row:
        rows = self.invoices if kind == "invoice" else self.orders
        found = [row for row in self._own(rows, partner_id) if row["id"] == record_id]
        if not found or not found[0].get("residual", found[0]["total"]):
            raise user_error("There is nothing left to pay.")
        return {"url": f"https://shop.example/payment/pay?{kind}_id={record_id}&access_token=p"}

    def _once(self, key: str, method: str, who: Row, do: Callable[[], Row]) -> Row:
        if key not in self.answered:
            self.answered[key] = copy.deepcopy(do())
            self.written.append((method, who))
        return self.answered[key]
