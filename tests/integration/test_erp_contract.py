"""The adapters keep the contract: our façade over both protocols, and an Odoo without our addons.

With CHATWOOTAI_TEST_ODOO=<url>|<database>|<login>|<key>|<account id> the façade of a real Odoo is
read too (docs/erp.md).
"""

import os
from collections.abc import Iterator

import pytest

from sidecar.context import TenantContext
from sidecar.erp.foreign.adapter import ForeignOdooAdapter
from sidecar.erp.methods import METHODS, call_of
from sidecar.erp.odoo.adapter import OdooAdapter
from sidecar.errors import SidecarError
from sidecar.odoo_rpc import OdooRpc
from tests.doubles.odoo import DB, LOGIN, OdooDouble
from tests.doubles.odoo_plain import foreign_shop
from tests.facts import product_facts
from tests.integration.erp_contract import ErpContract, Shop, tried
from tests.shop_facts import booking, invoice, order, partner

CONTEXT = TenantContext("account_1", 2, "pt_BR", "America/Sao_Paulo", "BRL")


def client(odoo: OdooDouble, transport: str = "xmlrpc") -> OdooRpc:
    key = odoo.api_key
    return OdooRpc(odoo.url, DB, LOGIN, lambda _renew: key, 5, ["127.0.0.1"], transport=transport)


def furnished(odoo: OdooDouble) -> OdooDouble:
    """The shop of the contract in our façade, beside a second tenant's."""
    sold_out = {"id": 6, "name": "Mesa Ipê", "available": 0.0, "in_stock": False}
    odoo.products += [product_facts(), product_facts(**sold_out)]
    odoo.partners += [
        partner(),
        partner(id=8, name="Caio Dias", email="caio@example.com", phone="+5511900000002"),
    ]
    odoo.orders += [order(), order(partner_id=8, id=81, name="S00081")]
    odoo.invoices += [invoice(), invoice(partner_id=8, id=92, name="INV/2026/00092")]
    odoo.bookings.append(booking())
    odoo.rules = []
    odoo.records["res.partner"] = [{"id": 7, "name": "Bia Moraes"}]
    odoo.add_tenant(
        "account_2", "the-others-key", products=[product_facts(id=905)], partners=[partner(id=907)]
    )
    return odoo


class TestFacadeOverXmlRpc(ErpContract):
    transport = "xmlrpc"

    @pytest.fixture
    def shop(self) -> Iterator[Shop]:
        with OdooDouble() as odoo:
            yield Shop(OdooAdapter(client(furnished(odoo), self.transport), CONTEXT))


class TestFacadeOverJson2(TestFacadeOverXmlRpc):
    transport = "json2"


class TestOlderFacade(ErpContract):
    """Only what the first addons had: no batch, nobody's orders."""

    @pytest.fixture
    def shop(self) -> Iterator[Shop]:
        with OdooDouble() as odoo:
            odoo.missing = {*METHODS, "batch"} - {"product_ids", "product_facts"}
            yield Shop(OdooAdapter(client(furnished(odoo)), CONTEXT))


class TestForeignOdoo(ErpContract):
    transport = "xmlrpc"

    @pytest.fixture
    def shop(self) -> Iterator[Shop]:
        with OdooDouble(facade=False, plain=foreign_shop()) as odoo:
            yield Shop(ForeignOdooAdapter(client(odoo, self.transport), CONTEXT))

    def test_no_domain_forgets_the_company(self) -> None:
        plain = foreign_shop()
        with OdooDouble(facade=False, plain=plain) as odoo:
            erp = ForeignOdooAdapter(client(odoo, self.transport), CONTEXT)
            for name in METHODS:
                if erp.offers(name):
                    getattr(erp, name)(**tried(name).arguments)
        bound = {"product.template", "res.partner", "sale.order", "account.move", "stock.picking"}
        assert bound <= {model for model, _ in plain.asked}
        for model, domain in plain.asked:
            if model in bound:
                assert ["company_id", "=", 2] in [list(term) for term in domain], (model, domain)
        told = [c for (m, _), c in zip(plain.asked, plain.contexts, strict=True) if m in bound]
        assert all(context["allowed_company_ids"] == [2] for context in told)

    def test_shared_products_are_read_only_where_the_tenant_includes_them(self) -> None:
        sharing = TenantContext("account_1", 2, "pt_BR", "UTC", "BRL", include_shared_records=True)
        with OdooDouble(facade=False, plain=foreign_shop()) as odoo:
            rpc = client(odoo, self.transport)
            assert ForeignOdooAdapter(rpc, CONTEXT).product_ids() == [5, 6]
            assert ForeignOdooAdapter(rpc, sharing).product_ids() == [5, 6, 906]
            assert ForeignOdooAdapter(rpc, CONTEXT, 3).product_ids() == [905]

    def test_of_what_is_not_for_sale_nothing_is_told(self) -> None:
        plain = foreign_shop()
        plain.records["product.template"][1].update(sale_ok=False)
        with OdooDouble(facade=False, plain=plain) as odoo:
            erp = ForeignOdooAdapter(client(odoo, self.transport), CONTEXT)
            assert erp.product_ids() == [5]
            assert [facts["active"] for facts in erp.product_facts([5, 6])] == [True, False]
            assert [level["id"] for level in erp.stock_levels([5, 6])] == [5]

    def test_a_draft_that_a_person_still_writes_is_not_told(self) -> None:
        plain = foreign_shop()
        with OdooDouble(facade=False, plain=plain) as odoo:
            erp = ForeignOdooAdapter(client(odoo, self.transport), CONTEXT)
            for state, told in (("draft", 0), ("sent", 1), ("cancel", 1)):
                plain.records["sale.order"][0].update(state=state)
                assert len(erp.orders(7)) == len(erp.orders(7, "S00071")) == told
                assert erp.partner_profile(7)["orders"] == told

    def test_calls_do_not_grow_with_the_products(self) -> None:
        with OdooDouble(facade=False, plain=foreign_shop()) as odoo:
            erp = ForeignOdooAdapter(client(odoo, self.transport), CONTEXT)
            erp.product_facts([5])
            odoo.calls.clear()
            erp.product_facts([5])
            one = len(odoo.calls)
            erp.product_facts([5, 6])
            assert len(odoo.calls) == 2 * one <= 8
            assert "standard_price" not in str(odoo.calls)


class TestForeignOdooOverJson2(TestForeignOdoo):
    transport = "json2"


if os.environ.get("CHATWOOTAI_TEST_ODOO"):

    def test_a_real_odoos_facade_answers_in_the_contracts_shapes() -> None:
        url, db, login, key, account = os.environ["CHATWOOTAI_TEST_ODOO"].split("|")
        context = TenantContext(account, None, "pt_BR", "America/Sao_Paulo", "BRL")
        for transport in ("xmlrpc", "json2"):
            rpc = OdooRpc(url, db, login, lambda _r: key, 30, ["127.0.0.1"], transport=transport)
            erp = OdooAdapter(rpc, context)
            assert erp.ping()["account_id"] == account
            assert rpc.version().startswith("19")
            ids = erp.product_ids(0, 30)
            facts = erp.product_facts(ids)
            assert [one["id"] for one in facts] == ids
            assert facts[0].keys() == product_facts().keys()
            calls = [call_of("stock_levels", ids), call_of("product_facts", ids)]
            levels, again = erp.batch(calls)
            assert [one["id"] for one in levels] == ids
            assert again == facts
            if erp.offers("price_quotes"):
                with pytest.raises(SidecarError):
                    erp.price_quotes([{"product_id": ids[0], "quantity": -1}])
