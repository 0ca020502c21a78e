"""What every ErpAdapter must do, whatever stands behind it.

A test module has a class for its adapter, `class TestMine(ErpContract)`, with a fixture `shop`: the
adapter over a shop with these records. Methods that the adapter does not offer are only tested to
say so. Nothing here writes, except where the adapter writes.
"""

from dataclasses import dataclass
from typing import Any

import pytest

from sidecar.erp.base import ErpAdapter
from sidecar.erp.methods import METHODS, Call, call_of
from sidecar.errors import NotOffered, SidecarError, Unprocessable
from tests.facts import product_facts

LEVEL = {
    "id", "name", "counted", "on_hand", "free", "forecast", "warehouses", "variants",
    "next_arrival",
}  # fmt: skip
ORDER = {
    "id", "name", "date", "state", "total", "currency", "lines", "deliveries", "invoiced", "url",
}  # fmt: skip
ORDER_LINE = {"name", "quantity", "delivered", "unit_price", "total"}
DELIVERY = {
    "name", "state", "scheduled", "done", "carrier", "tracking", "tracking_url",
}  # fmt: skip
INVOICE = {
    "id", "name", "date", "due", "state", "payment", "total", "residual", "currency", "url",
}  # fmt: skip
PROFILE = {"id", "name", "email", "phone", "language", "pricelist", "addresses", "since", "orders"}
QUOTE = {
    "product_id", "variant_id", "name", "quantity", "uom", "currency", "list_price", "unit_price",
    "discount_percent", "tax_included", "taxes", "subtotal", "tax", "total", "pricelist",
}  # fmt: skip
# arguments of a harmless call of each method that an adapter may lack
_TRIED: dict[str, Any] = {
    "ids": [5], "lines": [{"product_id": 5, "quantity": 1}], "partner_id": 7, "order_id": 71,
    "kind": "order", "record_id": 71, "rule_id": 4, "start": "2026-11-30T13:00:00Z", "answers": {},
    "booking_id": 61, "key": "k", "who": {}, "rows": [], "model": "res.users", "domain": [],
    "fields": ["login"], "groupby": [], "aggregates": [], "email": "bia@example.com",
    "code": "123456", "product_ids": [5], "refs": [["rule", 1]], "date_from": "2026-11-30",
    "date_to": "2026-11-30", "product_id": 5,
}  # fmt: skip


@dataclass
class Shop:
    """An adapter, and what is in the shop: a product in stock and one that is sold out; two
    customers with an order and an invoice each; a product and a customer of somebody else.
    """

    erp: ErpAdapter
    account_id: str = "account_1"
    product: int = 5
    sold_out: int = 6
    theirs: int = 905
    partner: int = 7
    phone: str = "+5511900000001"
    email: str = "bia@example.com"
    order: str = "S00071"
    invoice: str = "INV/2026/00091"
    stranger: int = 8
    strangers_order: str = "S00081"
    their_partner: int = 907

    def offers(self, method: str) -> bool:
        return self.erp.offers(method)


def tried(method: str) -> Call:
    """A call of any method, with arguments of the right names."""
    names = METHODS[method].arguments
    return call_of(method, **{name: _TRIED[name] for name in names if name in _TRIED})


class ErpContract:
    """The tests. `shop` is given by the subclass."""

    @pytest.fixture
    def shop(self) -> Shop:
        raise AssertionError("a subclass gives the shop")

    def test_it_says_who_we_are_and_what_it_offers(self, shop: Shop) -> None:
        told = shop.erp.ping()
        assert told["account_id"] == shop.account_id
        assert isinstance(told["company_id"], int)
        offered = {name for name in METHODS if shop.offers(name)}
        assert {"product_ids", "product_facts"} <= offered <= set(told["capabilities"])

    def test_what_it_lacks_is_said_in_one_sentence(self, shop: Shop) -> None:
        for method in METHODS:
            if shop.offers(method):
                continue
            call = tried(method)
            ask = getattr(shop.erp, method) if METHODS[method].reads else None
            with pytest.raises(NotOffered, match=method) as lacking:
                ask(**call.arguments) if ask else shop.erp.write(call)
            assert lacking.value.message.endswith(".")
            assert "\n" not in lacking.value.message

    def test_products_are_paged_by_id(self, shop: Shop) -> None:
        first = shop.erp.product_ids(0, 1)
        assert first == [shop.product]
        rest = shop.erp.product_ids(first[-1], 500)
        assert rest == sorted(rest)
        assert shop.sold_out in rest
        assert shop.theirs not in rest
        assert shop.erp.product_ids(max([*first, *rest]), 5) == []

    def test_facts_come_in_the_order_asked_for_without_others_products(self, shop: Shop) -> None:
        asked = [shop.sold_out, shop.theirs, 2**31 - 1, shop.product]
        facts = shop.erp.product_facts(asked)
        assert [one["id"] for one in facts] == [shop.sold_out, shop.product]
        for one in facts:
            assert one.keys() == product_facts().keys()
            assert isinstance(one["price"], float)
        assert [one["in_stock"] for one in facts] == [False, True]
        assert facts[1]["available"] == 4.0
        assert facts[1]["price"] == 2790.0
        assert shop.erp.product_facts([]) == []

    def test_stock_is_the_facts_stock(self, shop: Shop) -> None:
        if not shop.offers("stock_levels"):
            return
        levels = shop.erp.stock_levels([shop.product, shop.theirs, shop.sold_out])
        assert [(one["id"], one["free"]) for one in levels] == [
            (shop.product, 4.0),
            (shop.sold_out, 0.0),
        ]
        assert all(one.keys() == LEVEL for one in levels)

    def test_prices_have_their_currency(self, shop: Shop) -> None:
        if not shop.offers("price_quotes"):
            return
        lines = [{"product_id": number, "quantity": 2} for number in (shop.product, shop.theirs)]
        (quote,) = shop.erp.price_quotes(lines)
        assert quote.keys() == QUOTE
        assert (quote["total"], quote["currency"]) == (5580.0, "BRL")

    def test_customers_are_found_by_exactly_their_number_or_address(self, shop: Shop) -> None:
        if not shop.offers("find_partners"):
            return
        for wanted in ({"phone": shop.phone}, {"email": shop.email.upper()}):
            (found,) = shop.erp.find_partners(**wanted)
            assert found["id"] == shop.partner
            assert found.keys() == {"id", "name", "language"}
        for other in ({"phone": "%"}, {"phone": shop.phone[:-2]}, {"email": "@example.com"}, {}):
            assert shop.erp.find_partners(**other) == []

    def test_a_profile_is_the_tenants_own_customers(self, shop: Shop) -> None:
        if not shop.offers("partner_profile"):
            return
        assert shop.erp.partner_profile(shop.partner).keys() == PROFILE
        assert shop.erp.partner_profile(shop.their_partner) == {}

    def test_orders_are_the_partners_own(self, shop: Shop) -> None:
        if not shop.offers("orders"):
            return
        (order,) = shop.erp.orders(shop.partner)
        assert (order["name"], order["state"]) == (shop.order, "order")
        assert order.keys() == ORDER
        assert all(line.keys() == ORDER_LINE for line in order["lines"])
        assert [one.keys() for one in order["deliveries"]] == [DELIVERY]
        assert shop.erp.orders(shop.partner, shop.order) == [order]
        assert shop.erp.orders(shop.partner, shop.strangers_order) == []
        assert shop.erp.orders(shop.their_partner) == []
        assert [one["name"] for one in shop.erp.orders(shop.stranger)] == [shop.strangers_order]

    def test_invoices_are_the_partners_own(self, shop: Shop) -> None:
        if not shop.offers("invoices"):
            return
        (invoice,) = shop.erp.invoices(shop.partner)
        assert (invoice["name"], invoice["residual"]) == (shop.invoice, 1395.0)
        assert invoice.keys() == INVOICE
        assert shop.erp.invoices(shop.stranger, shop.invoice) == []
        assert shop.erp.invoices(shop.their_partner) == []

    def test_a_batch_answers_as_the_calls_by_themselves(self, shop: Shop) -> None:
        ids = [shop.product, shop.sold_out]
        calls = [call_of("product_facts", ids), call_of("product_ids"), tried("read_records")]
        facts, numbers, failed = shop.erp.batch(calls)
        assert facts == shop.erp.product_facts(ids)
        assert numbers == shop.erp.product_ids()
        assert isinstance(failed, SidecarError)
        assert len(shop.erp.batch([call_of("product_ids")] * 45)) == 45
        assert shop.erp.batch([]) == []

    def test_a_batch_writes_nothing(self, shop: Shop) -> None:
        refused = shop.erp.batch([tried("quotation_create"), tried("quotation_create")])
        assert all(isinstance(one, NotOffered | Unprocessable) for one in refused)

    def test_a_repeated_write_gives_the_first_answer(self, shop: Shop) -> None:
        if not shop.offers("quotation_create"):
            return
        lines = [{"product_id": shop.product, "quantity": 2}]
        call = call_of("quotation_create", shop.partner, lines, "one-key", {"name": "Bia"})
        first = shop.erp.write(call)
        assert first["state"] == "quotation"
        assert shop.erp.write(call) == first
        with pytest.raises((Unprocessable, NotOffered)):
            shop.erp.write(call_of("reorder", shop.partner, 81, "another", {"name": "Bia"}))
