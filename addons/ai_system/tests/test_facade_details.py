from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import AiSystemCase


@tagged("post_install", "-at_install")
class TestFacadeDetails(AiSystemCase):
    """Details and stock of products, and how they stand in the index."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tenant._ensure_integration_user()
        cls.sofa = cls._product("Sofa", cls.company, list_price=100.0, is_storable=True)
        cls.theirs = cls._product("Theirs", cls.other_company, is_storable=True)
        cls.shared = cls._product("Shared", None, is_storable=True)
        warehouses = cls.env["stock.warehouse"]
        cls.warehouse = warehouses.search([("company_id", "=", cls.company.id)], limit=1)
        cls.supplier = cls.env.ref("stock.stock_location_suppliers")

    def setUp(self):
        super().setUp()
        self.facade = self._facade(self.tenant)

    def _attribute(self, product, name, *values):
        attribute = self.env["product.attribute"].create(
            {"name": name, "value_ids": [Command.create({"name": value}) for value in values]}
        )
        product.attribute_line_ids = [
            Command.create(
                {
                    "attribute_id": attribute.id,
                    "value_ids": [Command.set(attribute.value_ids.ids)],
                }
            )
        ]

    def _stock(self, product, warehouse, quantity, reserved=0.0):
        self.env["stock.quant"].sudo().create(
            {
                "product_id": product.product_variant_ids[0].id,
                "location_id": warehouse.lot_stock_id.id,
                "quantity": quantity,
                "reserved_quantity": reserved,
            }
        )

    def _receipt(self, product, warehouse, quantity, date, confirm=True):
        move = self.env["stock.move"].create(
            {
                "product_id": product.product_variant_ids[0].id,
                "product_uom_qty": quantity,
                "product_uom": product.uom_id.id,
                "location_id": self.supplier.id,
                "location_dest_id": warehouse.lot_stock_id.id,
                "company_id": warehouse.company_id.id,
                "date": date,
            }
        )
        if confirm:
            move._action_confirm()
            move.date = date
        return move

    def test_details_of_a_product_with_variants(self):
        self._attribute(self.sofa, "Color", "Blue", "Gray")
        self._attribute(self.sofa, "Dimensões", "210 × 90 × 85 cm")
        blue, gray = self.sofa.product_variant_ids
        blue.write({"default_code": "B-1", "barcode": "7891000000017"})
        self._stock(self.sofa, self.warehouse, 4, reserved=1)
        [told] = self.facade.product_details(self.sofa.ids)
        self.assertEqual(told["dimensions"], "210 × 90 × 85 cm")
        self.assertEqual(told["warranty"], "")
        self.assertEqual(
            told["variants"][0],
            {
                "id": blue.id,
                "name": "Sofa (Blue)",
                "attributes": {"Color": "Blue", "Dimensões": "210 × 90 × 85 cm"},
                "default_code": "B-1",
                "barcode": "7891000000017",
                "price": 100.0,
                "available": 3.0,
            },
        )
        self.assertEqual([one["id"] for one in told["variants"]], [blue.id, gray.id])

    def test_what_goes_with_it_is_the_tenants_and_for_sale(self):
        if "optional_product_ids" not in self.sofa._fields:
            [told] = self.facade.product_details(self.sofa.ids)
            self.assertEqual((told["alternatives"], told["accessories"]), ([], []))
            return
        pillow = self._product("Pillow", self.company)
        unsold = self._product("Part", self.company, sale_ok=False)
        self.sofa.optional_product_ids = pillow + unsold + self.shared
        [told] = self.facade.product_details(self.sofa.ids)
        self.assertEqual(told["accessories"], pillow.ids)

    def test_only_the_tenants_in_the_order_asked_for(self):
        lamp = self._product("Lamp", self.company)
        ids = [lamp.id, self.theirs.id, self.shared.id, self.sofa.id, lamp.id]
        for told in (self.facade.product_details(ids), self.facade.stock_levels(ids)):
            self.assertEqual([one["id"] for one in told], [lamp.id, self.sofa.id])
        for wrong in ("1", [True], ["1"], [0], [2**31], None, list(range(1, 1002))):
            for method in (self.facade.product_details, self.facade.stock_levels):
                with self.subTest(ids=str(wrong)[:20]), self.assertRaises(UserError):
                    method(wrong)

    def test_what_is_not_for_sale_is_not_told(self):
        material = self._product("Foam", self.company, is_storable=True, sale_ok=False)
        ids = [material.id, self.sofa.id]
        for told in (self.facade.product_details(ids), self.facade.stock_levels(ids)):
            self.assertEqual([row["id"] for row in told], self.sofa.ids)

    def test_stock_in_each_warehouse_of_the_company(self):
        second = self.env["stock.warehouse"].create(
            {"name": "Depot", "code": "DEP", "company_id": self.company.id}
        )
        self._stock(self.sofa, self.warehouse, 4, reserved=1)
        self._stock(self.sofa, second, 10)
        soon = fields.Datetime.to_datetime("2036-05-02 12:00:00")
        self._receipt(self.sofa, self.warehouse, 7, "2036-06-02 12:00:00")
        self._receipt(self.sofa, self.warehouse, 5, soon)
        self._receipt(self.sofa, self.warehouse, 99, "2036-04-02 12:00:00", confirm=False)
        [told] = self.facade.stock_levels(self.sofa.ids)
        self.assertEqual(
            told,
            {
                "id": self.sofa.id,
                "name": "Sofa",
                "counted": True,
                "on_hand": 14.0,
                "free": 13.0,
                "forecast": 26.0,
                "warehouses": [
                    {"name": self.warehouse.name, "on_hand": 4.0, "free": 3.0},
                    {"name": "Depot", "on_hand": 10.0, "free": 10.0},
                ],
                "variants": [{"id": self.sofa.product_variant_id.id, "name": "Sofa", "free": 13.0}],
                "next_arrival": {"date": "2036-05-02", "quantity": 5.0},
            },
        )

    def test_other_companies_stock_and_receipts_do_not_count(self):
        self.tenant.include_shared_records = True
        self.facade.env.invalidate_all()
        theirs = self.env["stock.warehouse"].search(
            [("company_id", "=", self.other_company.id)], limit=1
        )
        self._stock(self.shared, theirs, 7)
        self._receipt(self.shared, theirs, 5, "2036-05-02 12:00:00")
        self._stock(self.shared, self.warehouse, 2)
        [told] = self.facade.stock_levels(self.shared.ids)
        self.assertEqual((told["on_hand"], told["forecast"]), (2.0, 2.0))
        self.assertIs(told["next_arrival"], False)
        self.assertEqual([one["name"] for one in told["warehouses"]], [self.warehouse.name])

    def test_a_service_is_not_counted(self):
        service = self._product("Assembly", self.company, type="service")
        [told] = self.facade.stock_levels(service.ids)
        self.assertIs(told["counted"], False)

    def test_query_count_does_not_grow_with_the_products(self):
        products = self.env["product.template"]
        for number in range(40):
            products += self._product(f"P{number}", self.company, is_storable=True)
        for product in products[:8]:
            self._attribute(product, "Color", "Blue", "Gray")
            self._receipt(product, self.warehouse, 1, "2036-05-02 12:00:00")
            self._stock(product, self.warehouse, 3)

        def queries(method, ids):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(len(method(ids)), len(ids))
            return self.env.cr.sql_log_count - before

        for method in (self.facade.product_details, self.facade.stock_levels):
            with self.subTest(method=method.__name__):
                queries(method, products[:1].ids)
                few, many = queries(method, products[:8].ids), queries(method, products.ids)
                self.assertEqual(few, many)
                self.assertLessEqual(many, 40)

    def _sync(self, product):
        return self.env["ai.product.sync"].search(
            [("tenant_id", "=", self.tenant.id), ("record_id", "=", product.id)]
        )

    def test_sync_states_are_noted_for_the_tenants_products(self):
        rows = [
            {"product_id": self.sofa.id, "state": "synced", "vector_id": "v-1"},
            {"product_id": self.theirs.id, "state": "synced", "vector_id": "v-2"},
            {"product_id": self.shared.id, "state": "synced"},
        ]
        self.assertIs(self.facade.set_sync_states(rows), True)
        row = self._sync(self.sofa)
        self.assertEqual(
            (row.state, row.vector_id, row.company_id.id), ("synced", "v-1", self.company.id)
        )
        self.assertTrue(row.last_sync)
        self.assertFalse(self._sync(self.theirs) + self._sync(self.shared))
        self.facade.set_sync_states(
            [{"product_id": self.sofa.id, "state": "error", "error": "no\x00room"}]
        )
        row.invalidate_recordset()
        self.assertEqual((row.state, row.vector_id), ("error", "v-1"))
        self.assertEqual(row.error_display, "noroom")
        self.facade.set_sync_states([{"product_id": self.sofa.id, "state": "not_synced"}])
        row.invalidate_recordset()
        self.assertEqual(
            (row.state, row.vector_id, row.error_message), ("not_synced", False, False)
        )

    def test_a_product_that_changed_meanwhile_is_not_synced(self):
        self.facade.set_sync_states([{"product_id": self.sofa.id, "state": "synced"}])
        row = self._sync(self.sofa)
        row.change = row.taken + 1
        self.facade.set_sync_states([{"product_id": self.sofa.id, "state": "synced"}])
        row.invalidate_recordset()
        self.assertEqual((row.state, row.change > row.taken), ("needs_update", True))

    def test_wrong_sync_rows_are_refused(self):
        good = {"product_id": self.sofa.id, "state": "synced"}
        for rows in (
            None,
            {},
            ["x"],
            [{**good, "state": "queued"}],
            [{**good, "state": None}],
            [{"state": "synced"}],
            [{**good, "product_id": "1"}],
            [good] * 1001,
        ):
            with self.subTest(rows=str(rows)[:60]), self.assertRaises(UserError):
                self.facade.set_sync_states(rows)
