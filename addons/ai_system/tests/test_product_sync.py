from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .product_sync_case import ProductSyncCase

OVERHEAD = 12  # queries of a transaction's end: one statement, and the sender's trigger


@tagged("post_install", "-at_install")
class TestProductSync(ProductSyncCase):
    """What marks products, and for whom."""

    def _attribute(self, *values):
        return self.env["product.attribute"].create(
            {"name": "Color", "value_ids": [Command.create({"name": v}) for v in values]}
        )

    def _with_variants(self):
        """Give the product two variants, synced; return its attribute."""
        attribute = self._attribute("Blue", "Gray")
        line = {"attribute_id": attribute.id, "value_ids": [Command.set(attribute.value_ids.ids)]}
        self.mine.attribute_line_ids = [Command.create(line)]
        self.assertEqual(self._marked(), self.mine.ids)
        self._sync_all(self.tenant)
        return attribute

    def _location(self, company):
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", company.id)], limit=1)
        return warehouse.lot_stock_id

    def _add_stock(self, product, company, quantity):
        """Bring `quantity` into the company's stock, as a delivery does."""
        self.env["stock.quant"]._update_available_quantity(
            product.product_variant_id, self._location(company), quantity
        )

    def test_a_row_for_each_product_of_the_tenant_and_no_other(self):
        self.assertEqual(self.rows.search([("tenant_id", "=", self.tenant.id)]).record_id,
                         self.mine.id)  # fmt: skip
        row = self._row(self.mine)
        self.assertEqual((row.state, row.company_id), ("synced", self.company))
        self.assertTrue(row.vector_id and row.last_sync and row.content_hash)
        self.assertFalse(self._row(self.shared))
        self.assertEqual(self._row(self.theirs, self.other_tenant).state, "synced")

    def test_a_new_product_waits_gray(self):
        new = self._product("New", self.company)
        self.assertEqual(self._marked(), new.ids)
        self.assertEqual(self._row(new).state, "not_synced")
        self.assertEqual(self._marked(self.other_tenant), [])

    def test_what_customers_see_marks_and_the_rest_does_not(self):
        before = self.mine.write_date
        for values in (
            {"name": "Other name"},
            {"list_price": 12.0},
            {"description_sale": "Comfortable."},
            {"default_code": "CH-1"},
            {"barcode": "7890000000017"},
            {"categ_id": False},
            {"sale_ok": False},
            {"sale_ok": True},
            {"active": False},
            {"active": True},
            {"product_tag_ids": [Command.create({"name": "new"})]},
        ):
            with self.subTest(values=values):
                self.mine.write(values)
                self.assertEqual(self._marked(), self.mine.ids)
                self.assertEqual(self._row(self.mine).state, "needs_update")
                self._sync_all(self.tenant)
        for values in (
            {"sequence": 3},
            {"standard_price": 5.0},
            {"description": "<p>internal</p>"},
            {"color": 2},
            {"is_favorite": True},
        ):
            with self.subTest(values=values):
                self.mine.write(values)
                self.assertEqual(self._marked(), [])
        self.assertEqual(self.mine.write_date, before, "marking does not write products")

    def test_a_translation_marks(self):
        self.mine.update_field_translations("name", {"pt_BR": "Minha"})
        self.assertEqual(self._marked(), self.mine.ids)
        self._sync_all(self.tenant)
        self.mine.with_context(lang="pt_BR").name = "Minha cadeira"
        self.assertEqual(self._marked(), self.mine.ids)

    def test_a_renamed_category_marks_what_lies_below_it(self):
        parent = self.env["product.category"].create({"name": "Living"})
        self.category.parent_id = parent
        self.assertEqual(self._marked(), self.mine.ids)
        self._sync_all(self.tenant)
        parent.name = "Living Room"
        self.assertEqual(self._marked(), self.mine.ids)
        self.assertEqual(self._marked(self.other_tenant), [])

    def test_a_tag_marks_when_renamed_given_or_taken(self):
        tag = self.env["product.tag"].create({"name": "sale"})
        self._marked()
        tag.product_template_ids = [Command.set(self.mine.ids)]
        self.assertEqual(self._marked(), self.mine.ids)
        self._sync_all(self.tenant)
        tag.name = "outlet"
        self.assertEqual(self._marked(), self.mine.ids)
        self._sync_all(self.tenant)
        tag.product_template_ids = [Command.clear()]
        self.assertEqual(self._marked(), self.mine.ids)
        self._sync_all(self.tenant)
        tag.product_template_ids = [Command.set(self.mine.ids)]
        self._sync_all(self.tenant)
        self._marked()
        self._sync_all(self.tenant)
        tag.unlink()
        self.assertEqual(self._marked(), self.mine.ids)

    def test_attributes_values_and_extra_prices_mark(self):
        attribute = self._with_variants()
        values = self.mine.attribute_line_ids.product_template_value_ids
        more = self.env["product.attribute.value"].create(
            {"name": "Red", "attribute_id": attribute.id}
        )
        self._marked()
        changes = [
            lambda: attribute.write({"name": "Colour"}),
            lambda: attribute.value_ids[0].write({"name": "Navy"}),
            lambda: attribute.value_ids[0].update_field_translations("name", {"pt_BR": "Marinho"}),
            lambda: values[1].write({"price_extra": 5.0}),
            lambda: self.mine.attribute_line_ids.write({"value_ids": [Command.link(more.id)]}),
            lambda: self.mine.product_variant_ids[0].write({"default_code": "V1"}),
            lambda: self.mine.product_variant_ids[-1].unlink(),
            lambda: self.mine.attribute_line_ids.unlink(),
        ]
        for number, change in enumerate(changes):
            with self.subTest(number=number):
                change()
                self.assertEqual(self._marked(), self.mine.ids)
                self._sync_all(self.tenant)

    def test_stock_and_reservations_mark(self):
        self.mine.is_storable = True
        self._marked()
        self._sync_all(self.tenant)
        self._add_stock(self.mine, self.company, 5)
        self.assertEqual(self._marked(), self.mine.ids)
        self._sync_all(self.tenant)
        quants = self.env["stock.quant"]
        variant, location = self.mine.product_variant_id, self._location(self.company)
        quants._update_reserved_quantity(variant, location, 2)
        self.assertEqual(self._marked(), self.mine.ids)
        self._sync_all(self.tenant)
        quants._update_available_quantity(variant, location, -5, reserved_quantity=-2)
        quants._unlink_zero_quants()
        self.assertFalse(quants.search([("product_id", "=", variant.id), ("quantity", ">", 0)]))
        self.assertEqual(self._marked(), self.mine.ids)

    def test_a_finished_move_marks(self):
        self.mine.is_storable = True
        self._marked()
        self._sync_all(self.tenant)
        move = self.env["stock.move"].create(
            {
                "product_id": self.mine.product_variant_id.id,
                "product_uom_qty": 3,
                "location_id": self.env.ref("stock.stock_location_suppliers").id,
                "location_dest_id": self._location(self.company).id,
                "company_id": self.company.id,
            }
        )
        move._action_confirm()
        move.quantity = 3
        move.picked = True
        move._action_done()
        self.assertEqual(self._marked(), self.mine.ids)

    def test_stock_of_a_shared_product_concerns_its_own_company(self):
        (self.tenant + self.other_tenant).include_shared_records = True
        self.shared.is_storable = True
        self._marked()
        self._sync_all(self.tenant)
        self._sync_all(self.other_tenant)
        self._add_stock(self.shared, self.company, 5)
        self.assertEqual(self._marked(), self.shared.ids)
        self.assertEqual(self._marked(self.other_tenant), [])

    def test_a_shared_product_is_marked_for_tenants_that_include_shared_records(self):
        self.shared.name = "Shared, renamed"
        self.assertEqual(self._marked(), [])
        self.tenant.include_shared_records = True
        self._sync_all(self.tenant)
        self.shared.name = "Shared, renamed again"
        self.assertEqual(self._marked(), self.shared.ids)
        self.assertEqual(self._marked(self.other_tenant), [])

    def test_a_product_that_changes_company_leaves_one_tenant_and_enters_the_other(self):
        self.mine.company_id = self.other_company
        self.assertEqual(self._marked(), self.mine.ids)
        self.assertEqual(self._marked(self.other_tenant), self.mine.ids)
        job = self.env["ai.job"]._enqueue(self.tenant, "sync_products", {"changed": True})
        job._take_products()
        job._finish(self._result([], deleted=1))
        self.assertFalse(self._row(self.mine), "it is not this tenant's any more")

    def test_a_deleted_product_waits_until_the_index_has_dropped_it(self):
        gone = self.mine.id
        self.mine.unlink()
        self.assertEqual(self._marked(), [gone])
        row = self._row(gone)
        self.assertEqual(row.display_name, f"Deleted product {gone}")
        with self.assertRaises(UserError):
            row.action_open_product()
        job = self.env["ai.job"]._enqueue(self.tenant, "sync_products", {"changed": True})
        job._take_products()
        self.assertEqual(job.payload, {"product_ids": [gone]})
        job._finish(self._result([], deleted=1))
        self.assertFalse(self._row(gone))

    def test_tenants_that_are_not_connected_are_not_marked(self):
        self.tenant.action_disconnect()
        self.assertEqual(self._row(self.mine).state, "not_synced")
        self.mine.name = "Unheard"
        self.assertEqual(self._marked(), [])

    def test_products_of_another_database_have_no_rows(self):
        self.other_tenant.write(
            {
                "erp_kind": "external",
                "erp_url": "https://erp.example.com",
                "erp_database": "erp",
                "erp_login": "bot",
            }
        )
        new = self._product("New", self.other_company)
        self.assertEqual(self._marked(self.other_tenant), [])
        self._sync_all(self.other_tenant)
        self.assertFalse(self._row(new, self.other_tenant))

    def test_a_rolled_back_change_marks_nothing(self):
        with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
            self.mine.name = "Never"
            raise ZeroDivisionError
        self.assertEqual(self._marked(), [])

    def test_a_thousand_writes_cost_one_statement(self):
        products = self.env["product.template"].create(
            [{"name": f"P{n}", "company_id": self.company.id} for n in range(1000)]
        )
        self.assertEqual(len(self._marked()), 1000)
        self._sync_all(self.tenant)
        self.env.cr.flush()
        for product in products:
            product.list_price = 5.0
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        self.env.cr.precommit.run()
        self.assertLessEqual(self.env.cr.sql_log_count - before, OVERHEAD)
        self.assertEqual(len(self._marked()), 1000)
        self.assertFalse(self._sync_jobs(), "nothing is queued before the transaction ends")

    def test_people_see_their_company_and_write_nothing(self):
        rows = self.rows.with_user(self.salesperson)
        self.assertEqual(rows.search([]).record_id, self.mine.id)
        other = self._row(self.theirs, self.other_tenant)
        with self.assertRaises(AccessError):
            rows.browse(other.id).read(["state"])
        with self.assertRaises(AccessError):
            rows.browse(other.id).action_synchronize()
        with self.assertRaises(AccessError):
            rows.browse(other.id).action_view_text()
        for person in (self.salesperson, self.manager):
            with self.assertRaises(AccessError):
                self._row(self.mine).with_user(person).write({"state": "error"})
        employee = self._person("employee_one", self.company, "base.group_user")
        with self.assertRaises(AccessError):
            self.rows.with_user(employee).search([])

    def test_a_salesperson_has_a_product_synchronized_again(self):
        self._row(self.mine).with_user(self.salesperson).action_synchronize()
        self.assertEqual(self._marked(), self.mine.ids)
        self.tenant.state = "error"
        with self.assertRaisesRegex(UserError, "not connected"):
            self._row(self.mine).with_user(self.salesperson).action_synchronize()

    def test_the_product_shows_its_state_in_the_company_that_looks(self):
        mine = self.mine.with_user(self.salesperson).with_company(self.company)
        self.assertEqual(mine.ai_sync_state, "synced")
        self.assertEqual(mine.ai_vector_id, self._row(self.mine).vector_id)
        self.mine.name = "Changed"
        self._marked()
        self.env.invalidate_all()
        self.assertEqual(mine.ai_sync_state, "needs_update")
        new = self._product("New", self.company)
        self._marked()
        products = self.env["product.template"].with_user(self.salesperson)
        products = products.with_company(self.company)
        both = Command.set((self.mine + new + self.shared).ids)
        found = {
            state: products.search([("id", "in", both[2]), ("ai_sync_state", "in", [state])]).ids
            for state in ("synced", "needs_update", "not_synced")
        }
        self.assertEqual(found["needs_update"], self.mine.ids)
        self.assertEqual(found["synced"], [])
        self.assertEqual(sorted(found["not_synced"]), sorted((new + self.shared).ids))
        self.assertEqual(mine.action_view_ai_sync()["res_id"], self._row(self.mine).id)
        with self.assertRaisesRegex(UserError, "not in the AI system"):
            self.shared.with_user(self.salesperson).with_company(self.company).action_view_ai_sync()
