from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import AiSystemCase

FACTS = {
    "id", "name", "active", "type", "is_storable", "category", "default_code", "barcode", "price",
    "currency", "uom", "weight", "volume", "available", "in_stock", "sale_text", "attributes",
    "tags", "variants", "ai_text", "image_url", "write_date",
}  # fmt: skip


@tagged("post_install", "-at_install")
class TestFacade(AiSystemCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.mine = cls._product("Mine", cls.company, list_price=10.0)
        cls.theirs = cls._product("Theirs", cls.other_company)
        cls.shared = cls._product("Shared", False)

    def _add_variants(self, product):
        attribute = self.env["product.attribute"].create(
            {
                "name": "Color",
                "value_ids": [Command.create({"name": name}) for name in ("Blue", "Gray")],
            }
        )
        product.attribute_line_ids = [
            Command.create(
                {
                    "attribute_id": attribute.id,
                    "value_ids": [Command.set(attribute.value_ids.ids)],
                }
            )
        ]
        product.attribute_line_ids.product_template_value_ids[1].price_extra = 5.0

    def _stock(self, variant, company, quantity, reserved=0.0):
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", company.id)], limit=1)
        self.env["stock.quant"].sudo().create(
            {
                "product_id": variant.id,
                "location_id": warehouse.lot_stock_id.id,
                "quantity": quantity,
                "reserved_quantity": reserved,
            }
        )

    def test_ping_names_the_callers_tenant(self):
        pong = self._facade(self.tenant).ping()
        self.assertEqual(pong["account_id"], "test_one")
        self.assertEqual(pong["company_id"], self.company.id)
        self.assertEqual(
            pong["database_uuid"],
            self.env["ir.config_parameter"].sudo().get_param("database.uuid"),
        )
        self.assertTrue(pong["odoo_version"].startswith("19"))
        for method in pong["capabilities"]:
            self.assertTrue(callable(getattr(self.env["ai.facade"], method)))

    def test_others_are_refused(self):
        self._integration_user(self.tenant)
        for user in (self.manager, self.salesperson, self.env.ref("base.user_admin")):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.env["ai.facade"].with_user(user).ping()
        with self.assertRaises(AccessError):
            self.env["ai.facade"].sudo().ping()

    def test_an_archived_tenant_is_refused(self):
        facade = self._facade(self.tenant)
        self.tenant.active = False
        with self.assertRaises(AccessError):
            facade.ping()

    def test_ids_are_of_one_company_only(self):
        self.assertEqual(self._facade(self.tenant).product_ids(), self.mine.ids)
        self.assertEqual(self._facade(self.other_tenant).product_ids(), self.theirs.ids)

    def test_ids_come_in_pages_without_archived_or_unsold_ones(self):
        more = [self._product(f"P{n}", self.company) for n in range(3)]
        more[1].active = False
        more[2].sale_ok = False
        facade = self._facade(self.tenant)
        self.assertEqual(facade.product_ids(0, 1), self.mine.ids)
        self.assertEqual(facade.product_ids(self.mine.id, 10), more[0].ids)

    def test_facts_leave_out_what_is_not_the_tenants(self):
        everything = self.mine + self.theirs + self.shared
        facade = self._facade(self.tenant)
        self.assertEqual([f["id"] for f in facade.product_facts(everything.ids)], self.mine.ids)
        widened = facade.with_context(
            allowed_company_ids=[self.other_company.id, self.company.id], active_test=False
        )
        self.assertEqual([f["id"] for f in widened.product_facts(everything.ids)], self.mine.ids)

    def test_shared_records_only_when_the_tenant_says_so(self):
        facade = self._facade(self.tenant)
        self.assertNotIn(self.shared.id, facade.product_ids())
        self.tenant.include_shared_records = True
        facade.env.invalidate_all()
        self.assertIn(self.shared.id, facade.product_ids())
        facts = facade.product_facts((self.shared + self.theirs).ids)
        self.assertEqual([f["id"] for f in facts], self.shared.ids)
        self.assertNotIn(self.shared.id, self._facade(self.other_tenant).product_ids())
        self.tenant.include_shared_records = False
        facade.env.invalidate_all()
        self.assertNotIn(self.shared.id, facade.product_ids())

    def test_facts_have_the_contracts_shape_and_order(self):
        second = self._product("Second", self.company)
        facts = self._facade(self.tenant).product_facts([second.id, self.mine.id, second.id])
        self.assertEqual([f["id"] for f in facts], [second.id, self.mine.id])
        for fact in facts:
            self.assertEqual(set(fact), FACTS)
            self.assertNotIn(None, fact.values())

    def test_facts_of_a_full_product(self):
        self._add_variants(self.mine)
        self.mine.write(
            {
                "is_storable": True,
                "description_sale": "Nice <b>&amp;</b> soft 🛋️",
                "description": "<p>internal note</p>",
                "standard_price": 3.0,
                "weight": 41.0,
                "product_tag_ids": [Command.create({"name": "New"})],
            }
        )
        blue, gray = self.mine.product_variant_ids
        blue.default_code = "B-1"
        self._stock(blue, self.company, 4, reserved=1)
        self._stock(gray, self.company, 2)
        [fact] = self._facade(self.tenant).product_facts(self.mine.ids)
        self.assertEqual(fact["available"], 5.0)
        self.assertTrue(fact["in_stock"])
        self.assertEqual(fact["attributes"], [{"name": "Color", "values": ["Blue", "Gray"]}])
        self.assertEqual(
            fact["variants"],
            [
                {
                    "id": blue.id,
                    "name": "Mine (Blue)",
                    "default_code": "B-1",
                    "barcode": "",
                    "price": 10.0,
                    "available": 3.0,
                },
                {
                    "id": gray.id,
                    "name": "Mine (Gray)",
                    "default_code": "",
                    "barcode": "",
                    "price": 15.0,
                    "available": 2.0,
                },
            ],
        )
        self.assertEqual(fact["sale_text"], "Nice <b>&amp;</b> soft 🛋️")
        self.assertEqual((fact["price"], fact["currency"], fact["tags"]), (10.0, "USD", ["New"]))
        self.assertNotIn("internal note", str(fact))

    def test_quantities_are_of_the_tenants_company(self):
        self.tenant.include_shared_records = True
        self.other_tenant.include_shared_records = True
        self.shared.is_storable = True
        self._stock(self.shared.product_variant_id, self.company, 7)
        [here] = self._facade(self.tenant).product_facts(self.shared.ids)
        [there] = self._facade(self.other_tenant).product_facts(self.shared.ids)
        self.assertEqual((here["available"], here["in_stock"]), (7.0, True))
        self.assertEqual((there["available"], there["in_stock"]), (0.0, False))

    def test_services_and_untracked_goods_are_in_stock(self):
        service = self._product("Assembly", self.company, type="service")
        facts = self._facade(self.tenant).product_facts((service + self.mine).ids)
        self.assertEqual([f["in_stock"] for f in facts], [True, True])

    def test_unsold_and_archived_products_are_told_inactive(self):
        self.mine.active = False
        [fact] = self._facade(self.tenant).product_facts(self.mine.ids)
        self.assertFalse(fact["active"])

    def test_texts_come_in_the_language_asked_for(self):
        self.mine.with_context(lang="pt_BR").name = "Meu"
        facade = self._facade(self.tenant)
        self.assertEqual(facade.product_facts(self.mine.ids)[0]["name"], "Mine")
        self.assertEqual(facade.product_facts(self.mine.ids, "pt_BR")[0]["name"], "Meu")
        self.assertEqual(facade.product_facts(self.mine.ids, "xx_XX")[0]["name"], "Mine")
        self.tenant.language = "pt_BR"
        self.assertEqual(facade.product_facts(self.mine.ids)[0]["name"], "Meu")

    def test_prices_are_in_the_companys_currency(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.company.currency_id = euro
        self.env["res.currency.rate"].create(
            {"currency_id": euro.id, "company_id": self.company.id, "rate": 0.5}
        )
        self.tenant.include_shared_records = True
        self.shared.list_price = 10.0
        [fact] = self._facade(self.tenant).product_facts(self.shared.ids)
        main = self.env["res.company"]._get_main_company().currency_id
        price = main._convert(10.0, euro, self.company)
        self.assertEqual((fact["price"], fact["currency"]), (price, "EUR"))

    def test_query_count_does_not_grow_with_the_products(self):
        products = self.env["product.template"]
        for number in range(50):
            products += self._product(f"P{number}", self.company, is_storable=True)
        for product in products[:10]:
            self._add_variants(product)
        facade = self._facade(self.tenant)

        def queries(ids):
            facade.env.flush_all()
            facade.env.invalidate_all()
            before = self.env.cr.sql_log_count
            facade.product_facts(ids)
            return self.env.cr.sql_log_count - before

        queries(products[:1].ids)  # fills the caches of rights and rules
        few, many = queries(products[:10].ids), queries(products.ids)
        self.assertEqual(few, many)
        self.assertLessEqual(many, 30)

    def test_audit_rows_have_exactly_the_contracts_shape(self):
        facade = self._facade(self.tenant)
        row = {
            "uuid": "u1", "at": 1.5, "operation": "lease", "subject": "erp_api_key",
            "service": "worker", "ip": "127.0.0.1", "result": "ok", "code": "", "count": 1,
        }  # fmt: skip
        self.assertIs(facade.audit_rows([row]), True)
        self.assertIs(facade.audit_rows([]), True)
        for wrong in (
            {"at": "now"},
            {"count": True},
            {"result": "fine"},
            {"uuid": ""},
            {"more": "x"},
            {"subject": None},
        ):
            with self.subTest(wrong=wrong), self.assertRaises(UserError):
                facade.audit_rows([{**row, **wrong}])
        for rows in ("x", [row] * 201, [{}], [None]):
            with self.assertRaises(UserError):
                facade.audit_rows(rows)
        with self.assertRaises(AccessError):
            self.env["ai.facade"].with_user(self.manager).audit_rows([row])

    def test_too_many_ids_are_refused(self):
        with self.assertRaises(UserError):
            self._facade(self.tenant).product_facts(list(range(1, 1002)))
