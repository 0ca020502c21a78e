"""An ERP that sends its data keeps the contract of adapters."""

from datetime import UTC, datetime
from typing import Any

import pytest

from sidecar.context import TenantContext
from sidecar.erp.generic.adapter import PushedErpAdapter
from sidecar.erp.generic.records import customers_orders, kept_of
from sidecar.erp.generic.store import PushedRecords
from sidecar.errors import Unprocessable
from sidecar.settings import Settings
from sidecar.tenants.pushing import Kind
from tests.erp_rows import customer_row, order_row, product_row
from tests.integration.erp_contract import ErpContract, Shop


def context_of(account_id: str = "account_1") -> TenantContext:
    return TenantContext(account_id, None, "pt_BR", "America/Sao_Paulo", "BRL")


def write(records: PushedRecords, kind: Kind, *rows: dict[str, Any]) -> list[str]:
    now = datetime.now(UTC)
    kept = [kept_of(kind, row, "America/Sao_Paulo", "55", now) for row in rows]
    return list(records.write(kind, kept))


def number(records: PushedRecords, kind: Kind, own_id: str) -> int:
    return records.number_of(kind, [own_id])[own_id]


@pytest.fixture
def records(settings: Settings) -> PushedRecords:
    """The shop's, beside another tenant's with the same ids."""
    ours, theirs = (PushedRecords.of(settings, a) for a in ("account_1", "account_2"))
    write(theirs, "products", *(product_row(id=f"X{i}") for i in range(9)), product_row(price=1))
    write(theirs, "customers", customer_row(id="X"), customer_row(id="C-7", name="Another Bia"))
    write(theirs, "orders", order_row(name="THEIRS"))
    write(ours, "orders", order_row(), order_row(id="PED-81", name="S00081", customer_id="C-8"))
    sold_out = product_row(id="MES-1", name="Mesa Ipê", code="MES-1", stock=0)
    write(ours, "products", product_row(), sold_out)
    other = {"email": "caio@example.com", "mobile": "+5511900000002"}
    write(ours, "customers", customer_row(), customer_row(id="C-8", name="Caio Dias", **other))
    return ours


class TestPushedErp(ErpContract):
    @pytest.fixture
    def shop(self, records: PushedRecords) -> Shop:
        return Shop(
            PushedErpAdapter(records, context_of()),
            product=number(records, "products", "SOF-3L"),
            sold_out=number(records, "products", "MES-1"),
            theirs=10,
            partner=number(records, "customers", "C-7"),
            stranger=number(records, "customers", "C-8"),
            their_partner=3,
        )


def test_of_what_is_not_for_sale_nothing_is_told(records: PushedRecords) -> None:
    write(records, "products", product_row(active=False, updated_at="2026-11-24T09:00:00Z"))
    erp, sofa = (
        PushedErpAdapter(records, context_of()),
        number(records, "products", "SOF-3L"),
    )
    assert [facts["active"] for facts in erp.product_facts([sofa])] == [False]
    assert erp.stock_levels([sofa]) == []
    assert erp.product_details([sofa]) == []
    assert erp.price_quotes([{"product_id": sofa, "quantity": 1}]) == []


def test_numbers_are_each_tenants_own(records: PushedRecords, settings: Settings) -> None:
    theirs = PushedRecords.of(settings, "account_2")
    assert number(records, "products", "SOF-3L") == 1
    assert number(theirs, "products", "SOF-3L") == 10
    erp = PushedErpAdapter(theirs, context_of("account_2"))
    (sofa,) = erp.product_facts([10])
    assert sofa["price"] == 1.0
    assert [one["name"] for one in erp.orders(2)] == ["THEIRS"]


def test_a_brazilian_mobile_is_found_without_its_ninth_digit(records: PushedRecords) -> None:
    write(records, "customers", customer_row(id="C-9", mobile="(11) 98123-4567", email=""))
    erp = PushedErpAdapter(records, context_of())
    for phone in ("+5511981234567", "+551181234567"):
        assert [one["id"] for one in erp.find_partners(phone=phone)] == [3]
    assert erp.find_partners(phone="+551191234567") == []


def test_two_customers_with_one_number_are_both_told(records: PushedRecords) -> None:
    write(records, "customers", *(customer_row(id=f"T{i}", email="") for i in range(3)))
    erp = PushedErpAdapter(records, context_of())
    assert len(erp.find_partners(phone="+5511900000001")) == 2
    write(records, "customers", *({"id": f"T{i}", "deleted": True} for i in range(3)))
    assert [one["id"] for one in erp.find_partners(phone="+5511900000001")] == [1]


def test_a_customer_who_changed_the_number_is_not_found_by_the_old_one(
    records: PushedRecords,
) -> None:
    later = customer_row(mobile="+5511900000009", updated_at="2026-11-21T09:00:00Z")
    assert write(records, "customers", later) == ["accepted"]
    erp = PushedErpAdapter(records, context_of())
    assert erp.find_partners(phone="+5511900000001") == []
    assert len(erp.find_partners(phone="+5511900000009")) == 1


def test_an_order_that_changed_hands_is_the_new_customers_alone(records: PushedRecords) -> None:
    write(records, "orders", order_row(customer_id="C-8", version=1))
    erp = PushedErpAdapter(records, context_of())
    assert erp.orders(1) == []
    assert {one["name"] for one in erp.orders(2)} == {"S00071", "S00081"}
    assert erp.partner_profile(2)["orders"] == 2


def test_orders_come_newest_first_and_a_prefix_of_an_id_is_nobody(records: PushedRecords) -> None:
    dated = (
        order_row(id=f"O{i}", name=f"N{i}", date=f"2026-10-{i:02}T00:00:00Z") for i in range(1, 9)
    )
    write(records, "orders", *dated, order_row(id="OX", name="FOREIGN", customer_id="C-77"))
    erp = PushedErpAdapter(records, context_of())
    assert [one["name"] for one in erp.orders(1, limit=3)] == ["S00071", "N8", "N7"]
    assert erp.orders(1, "N") == []
    assert [one["name"] for one in erp.orders(1, "N4")] == ["N4"]
    assert "FOREIGN" not in str(erp.orders(1, limit=20))


def test_whatever_letters_ids_and_names_have_they_are_found(records: PushedRecords) -> None:
    odd = {"id": "ação 😀/\\\"'{}[*", "email": "josé+x@exemplo.com.br", "mobile": ""}
    write(records, "customers", customer_row(**odd))
    told = {"id": "nº 7/😀", "name": "Pedido \\ nº 7 😀", "customer_id": odd["id"]}
    write(records, "orders", order_row(**told))
    erp = PushedErpAdapter(records, context_of())
    (found,) = erp.find_partners(email="JOSÉ+X@exemplo.com.br")
    assert [one["name"] for one in erp.orders(found["id"], told["name"])] == [told["name"]]
    write(records, "orders", {"id": told["id"], "deleted": True})
    write(records, "customers", {"id": odd["id"], "deleted": True})
    assert erp.orders(found["id"]) == []
    assert erp.find_partners(email=odd["email"]) == []
    assert records.counted("orders", customers_orders(odd["id"])) == 0


def test_variants_have_prices_and_stock_of_their_own(records: PushedRecords) -> None:
    variants = [
        {"id": "A", "name": "Azul", "attributes": {"Cor": "Azul"}, "stock": 1},
        {"id": "C", "name": "Cinza", "attributes": {"Cor": "Cinza"}, "price": 2990, "stock": 2},
    ]
    row = product_row(id="V", stock=None, variants=variants, alternatives=["SOF-3L", "NONE"])
    write(records, "products", row)
    erp = PushedErpAdapter(records, context_of())
    (facts,), (details,) = erp.product_facts([3]), erp.product_details([3])
    assert (facts["available"], facts["in_stock"]) == (3.0, True)
    assert [v["price"] for v in details["variants"]] == [2790.0, 2990.0]
    assert details["variants"][1]["attributes"] == {"Cor": "Cinza"}
    assert details["alternatives"] == [1]
    gray = details["variants"][1]["id"]
    (quote,) = erp.price_quotes([{"product_id": 3, "variant_id": gray, "quantity": 2}])
    assert (quote["total"], quote["name"]) == (5980.0, "Cinza")
    assert erp.price_quotes([{"product_id": 3, "variant_id": 9, "quantity": 2}]) == []
    with pytest.raises(Unprocessable):
        erp.price_quotes([{"product_id": 3, "quantity": -1}])


def test_products_that_nobody_counts_can_always_be_had(records: PushedRecords) -> None:
    write(
        records,
        "products",
        product_row(id="made", stock=None),
        product_row(id="work", type="service", stock=0),
    )
    facts = PushedErpAdapter(records, context_of()).product_facts([3, 4])
    assert [(one["in_stock"], one["is_storable"]) for one in facts] == [(True, False)] * 2


def test_an_inactive_product_is_not_listed_nor_sold(records: PushedRecords) -> None:
    write(records, "products", product_row(active=False, version=1))
    erp = PushedErpAdapter(records, context_of())
    assert erp.product_ids() == [2]
    assert erp.price_quotes([{"product_id": 1, "quantity": 1}]) == []


def test_a_removed_product_keeps_its_number(records: PushedRecords) -> None:
    assert write(records, "products", {"id": "SOF-3L", "deleted": True, "version": 5}) == [
        "accepted"
    ]
    erp = PushedErpAdapter(records, context_of())
    assert erp.product_facts([1]) == []
    assert write(records, "products", product_row(version=4)) == ["outdated"]
    assert write(records, "products", product_row(version=6)) == ["accepted"]
    assert erp.product_ids() == [1, 2]


def test_what_is_forgotten_is_gone_and_nobody_elses(
    records: PushedRecords, settings: Settings
) -> None:
    records.forget()
    assert not records._store.keys("account_1:*")
    assert PushedRecords.of(settings, "account_2").count("products") == 10
