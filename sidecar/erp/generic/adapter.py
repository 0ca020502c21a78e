"""What an ERP has sent, as an ErpAdapter: products, stock, prices, customers and their orders.

Ids are numbers of ours, given once to each id of the ERP's and never to another.
"""

from collections.abc import Iterable
from typing import Any

from sidecar.context import TenantContext
from sidecar.erp.base import Declines, ProductFacts, Row
from sidecar.erp.generic.facts import (
    details_of,
    facts_of,
    level_of,
    order_of,
    profile_of,
    quote_of,
)
from sidecar.erp.generic.records import contact, customers_orders, named_order
from sidecar.erp.generic.store import PushedRecords
from sidecar.erp.methods import METHODS
from sidecar.errors import Unprocessable

_MOST = 1000
_MOST_LINES = 100
_MOST_ORDERS = 20


class PushedErpAdapter(Declines):
    """ErpAdapter over one tenant's PushedRecords."""

    name = "erp"
    called = "An ERP that sends its data"

    def __init__(self, records: PushedRecords, context: TenantContext):
        self.records = records
        self.context = context

    @property
    def origin(self) -> str:
        """Where the data is from, for keys of what is remembered."""
        return "rest-generic"

    def ping(self) -> dict[str, Any]:
        self.records.count("products")  # the store answers
        return {
            "account_id": self.context.account_id,
            "company_id": self.context.company_id or 0,
            "odoo_version": "",
            "capabilities": sorted(name for name in METHODS if self.offers(name)),
        }

    # -- products -------------------------------------------------------------------------------

    def product_ids(self, after_id: int = 0, limit: int = 500) -> list[int]:
        return self.records.numbers("products", after_id, min(limit, _MOST))

    def product_facts(self, ids: list[int], lang: str | None = None) -> list[ProductFacts]:
        found = self.records.records("products", ids)
        return [facts_of(number, record, self.context) for number, record in found.items()]

    def product_details(self, ids: list[int], lang: str | None = None) -> list[Row]:
        found = self._sold(ids)
        named = (
            own
            for record in found.values()
            for own in (*record["alternatives"], *record["accessories"])
        )
        numbers = self.records.number_of("products", list(dict.fromkeys(named)))
        return [details_of(number, record, numbers) for number, record in found.items()]

    def stock_levels(self, ids: list[int]) -> list[Row]:
        found = self._sold(ids)
        return [level_of(number, record) for number, record in found.items()]

    def price_quotes(
        self, lines: list[Row], partner_id: int | None = None, lang: str | None = None
    ) -> list[Row]:
        if len(lines) > _MOST_LINES:
            raise Unprocessable(f"At most {_MOST_LINES} lines have a price at once.")
        found = self._sold(line["product_id"] for line in lines)
        quotes = (
            quote_of(line, found[line["product_id"]], self.context)
            for line in lines
            if line["product_id"] in found
        )
        return [quote for quote in quotes if quote is not None]

    # -- a person -------------------------------------------------------------------------------

    def find_partners(self, phone: str | None = None, email: str | None = None) -> list[Row]:
        if phone:
            begin = contact("phone", phone.strip())
        elif email:
            begin = contact("email", email.strip())
        else:
            return []
        numbers = self.records.found("customers", begin, 2)
        found = self.records.records("customers", numbers)
        return [
            {"id": number, "name": record["name"], "language": record["language"]}
            for number, record in found.items()
        ]

    def partner_profile(self, partner_id: int) -> Row:
        customer = self._customer(partner_id)
        if customer is None:
            return {}
        orders = self.records.counted("orders", customers_orders(customer["id"]))
        return profile_of(partner_id, customer, orders)

    def orders(self, partner_id: int, name: str | None = None, limit: int = 5) -> list[Row]:
        customer = self._customer(partner_id)
        if customer is None:
            return []
        own, most = customer["id"], max(0, min(limit, _MOST_ORDERS))
        if name:
            numbers = self.records.found("orders", named_order(own, name.strip()), most)
        else:
            numbers = self.records.found("orders", customers_orders(own), most, newest=True)
        found = self.records.records("orders", numbers)
        return [order_of(number, record, self.context) for number, record in found.items()]

    def quotation_link(self, partner_id: int, order_id: int) -> Row:
        customer = self._customer(partner_id)
        order = self.records.records("orders", [order_id]).get(order_id)
        if customer is None or order is None or order["customer_id"] != customer["id"]:
            raise Unprocessable("The customer has no such order.")
        if not order["url"]:
            raise Unprocessable("The order has no link: the ERP sent none.")
        return {"url": order["url"]}

    def _customer(self, partner_id: int) -> Row | None:
        return self.records.records("customers", [partner_id]).get(partner_id)

    def _sold(self, numbers: Iterable[int]) -> dict[int, Row]:
        found = self.records.records("products", numbers)
        return {number: record for number, record in found.items() if record["active"]}
