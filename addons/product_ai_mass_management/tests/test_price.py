from psycopg2.errors import CheckViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import MassCase


@tagged("post_install", "-at_install")
class TestPrice(MassCase):
    def _prices(self, products=None):
        rows = (self.products if products is None else products).mapped("ai_price_ids")
        return rows.mapped("price")

    def _facts(self, product):
        return self._facade().product_facts([product.id])[0]

    def test_the_ai_tells_the_ai_price(self):
        product = self.products[0]
        self.assertEqual(self._facts(product)["price"], 100.0)
        product._set_ai_price(89.9, self.company)
        self.assertEqual(self._facts(product)["price"], 89.9)
        (quote,) = self._facade().price_quotes([{"product_id": product.id, "quantity": 2}])
        self.assertEqual((quote["list_price"], quote["unit_price"]), (89.9, 89.9))
        product._set_ai_price(0, self.company)
        self.assertEqual(self._facts(product)["price"], 100.0)

    def test_what_a_variant_costs_more_stays_on_top(self):
        attribute = self.env["product.attribute"].create({"name": "Seat"})
        values = self.env["product.attribute.value"].create(
            [{"name": name, "attribute_id": attribute.id} for name in ("Oak", "Velvet")]
        )
        product = self.env["product.template"].create(
            {
                "name": "Throne",
                "company_id": self.company.id,
                "list_price": 200.0,
                "attribute_line_ids": [
                    Command.create(
                        {"attribute_id": attribute.id, "value_ids": [Command.set(values.ids)]}
                    )
                ],
            }
        )
        line = product.attribute_line_ids.product_template_value_ids
        line.filtered(lambda value: value.name == "Velvet").price_extra = 30.0
        product._set_ai_price(150.0, self.company)
        facts = self._facts(product)
        self.assertEqual(facts["price"], 150.0)
        self.assertEqual([variant["price"] for variant in facts["variants"]], [150.0, 180.0])

    def test_facts_of_many_products_cost_as_many_queries_as_of_few(self):
        for product in self.products:
            product._set_ai_price(90.0, self.company)
        facade, counted = self._facade(), []
        for some in (self.products[:2], self.products[:2], self.products):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            facade.product_facts(some.ids)
            counted.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counted[1], counted[2])

    def test_a_changed_ai_price_is_a_change_for_the_index(self):
        rows, product = self.env["ai.product.sync"], self.products[0]
        rows._mark_noted()
        row = rows.search([("record_id", "=", product.id), ("tenant_id", "=", self.tenant.id)])
        before = row.change
        product._set_ai_price(95.0, self.company)
        rows._mark_noted()
        row.invalidate_recordset()
        self.assertEqual(row.change, before + 1)
        product._set_ai_price(95.0, self.company)
        rows._mark_noted()
        row.invalidate_recordset()
        self.assertEqual(row.change, before + 1, "the same price again is no change")

    def test_administrators_edit_it_in_the_list(self):
        self.manager.group_ids |= self.env.ref("product.group_product_manager")
        some = self.products[:3].with_user(self.manager).with_company(self.company)
        some.write({"ai_price": 75.0})
        self.assertEqual(self._prices(self.products[:3]), [75.0] * 3)
        with self.assertRaises(UserError):
            some.write({"ai_price": -1.0})
        some.write({"ai_price": 0.0})
        self.assertFalse(self._prices(self.products[:3]))

    def test_salespeople_do_not(self):
        self.user.group_ids |= self.env.ref("product.group_product_manager")
        with self.assertRaises(AccessError):
            self.products[0].with_user(self.user).with_company(self.company).ai_price = 5.0

    def test_the_wizard_lowers_by_percent_and_rounds(self):
        self.products[0].list_price = 33.33
        run = self._run(
            runs=self.managers_runs, kind="price", price_method="percentage", price_amount=-10
        )
        self.assertEqual((run.state, self._counts(run)), ("done", {"done": 5}))
        self.assertEqual(sorted(set(self._prices())), [30.0, 90.0])
        line = run.line_ids.filtered(lambda line: line.product_tmpl_id == self.products[1])
        self.assertEqual((line.old_price, line.new_price), (0.0, 90.0))

    def test_the_base_is_the_list_price_or_the_ai_price(self):
        values = {"runs": self.managers_runs, "kind": "price", "price_method": "percentage"}
        self.products[0]._set_ai_price(50.0, self.company)
        some = self.products[:2]
        self._run(some, price_base="ai", price_amount=10, **values)
        self.assertEqual(self._prices(some), [55.0, 110.0])
        self._run(some, price_base="list", price_amount=10, **values)
        self.assertEqual(self._prices(some), [110.0, 110.0])

    def test_fixed_match_and_remove(self):
        values = {"runs": self.managers_runs, "kind": "price"}
        some = self.products[:2]
        self._run(some, price_method="fixed", price_amount=-0.01, **values)
        self.assertEqual(self._prices(some), [99.99, 99.99])
        self._run(some, price_method="match", **values)
        self.assertEqual(self._prices(some), [100.0, 100.0])
        again = self._run(some, price_method="match", **values)
        self.assertEqual(self._counts(again), {"skipped": 2})
        self._run(some, price_method="remove", **values)
        self.assertFalse(self._prices(some))

    def test_a_price_never_falls_to_zero(self):
        some = self.products[:2]
        some[0].list_price = 20.0
        run = self._run(
            some, self.managers_runs, kind="price", price_method="fixed", price_amount=-20
        )
        self.assertEqual(self._counts(run), {"done": 1, "failed": 1})
        failed = run.line_ids.filtered(lambda line: line.state == "failed")
        self.assertEqual(failed.product_tmpl_id, some[0])
        self.assertIn("fall to 0", failed.error_display)
        self.assertEqual(self._prices(some), [80.0])
        with self.assertRaises(ValidationError):
            self._run(some, self.managers_runs, kind="price", price_amount=-100)

    @mute_logger("odoo.sql_db")
    def test_the_database_knows_no_price_of_zero(self):
        with self.assertRaises(CheckViolation), self.env.cr.savepoint():
            self.env["product.ai.price"].create(
                {"product_tmpl_id": self.product.id, "company_id": self.company.id, "price": 0}
            )

    def test_it_shows_first_what_would_become_of_five(self):
        run = self.managers_runs.create(
            {
                "kind": "price",
                "product_ids": self.products.ids,
                "price_method": "percentage",
                "price_amount": 25,
            }
        )
        self.assertEqual(run.preview.count("125.00"), 5)
        self.assertFalse(self._prices())

    def test_only_administrators_adjust_prices_of_many(self):
        with self.assertRaises(AccessError):
            self._run(kind="price", price_amount=-10)
        self.assertFalse(self._prices())

    def test_prices_of_many_are_changed_and_removed_by_as_many_queries_as_of_few(self):
        counted = {"percentage": [], "remove": []}
        for count in (2, 2, 40):
            some = self._make_products(count)
            for method, queries in counted.items():
                values = {"price_method": method, "price_amount": -10}
                run = self.managers_runs.create(
                    {"kind": "price", "product_ids": some.ids, **values}
                )
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                run.action_start()
                self.env.flush_all()
                queries.append(self.env.cr.sql_log_count - before)
                self.env.invalidate_all()
                self.assertEqual(self._counts(run), {"done": count})
            self.assertFalse(some.ai_price_ids)
        for _first, few, many in counted.values():
            self.assertEqual(few, many)
