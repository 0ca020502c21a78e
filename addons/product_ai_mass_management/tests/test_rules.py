from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from .common import MassCase


@tagged("post_install", "-at_install")
class TestRules(MassCase):
    def setUp(self):
        super().setUp()
        self.rules = self.env["ai.text.rule"].with_user(self.manager).with_company(self.company)
        self.rule = self.rules.browse(self.rules.action_open()["res_id"])

    def _on(self, **values):
        self.rule.write({"active": True, **values})
        # Products of the tests are as old as the transaction.
        self.rule.sudo().since = fields.Datetime.now() - timedelta(minutes=1)

    def _started(self):
        self.env["ai.text.rule"]._cron_start()
        self.env.invalidate_all()
        return self.env["ai.product.run"].search([("rule_id", "=", self.rule.id)])

    def test_it_is_off(self):
        self.assertFalse(self.rule.active)
        self.assertFalse(self._started())
        self.assertEqual(self.rules.action_open()["res_id"], self.rule.id, "one per company")

    def test_a_new_product_without_a_text_gets_one(self):
        self._on()
        self.products[0].description_sale = "Written by hand."
        run = self._started()
        self.assertEqual(run.line_ids.product_tmpl_id, self.products[1:] | self.product)
        self.assertEqual((run.user_id, run.state), (self.manager, "running"))
        self.assertEqual(self.rule.written_today, 5)
        self.assertEqual(self._started(), run, "each product once")

    def test_older_products_are_left_alone(self):
        self.rule.active = True
        self.rule.sudo().since = fields.Datetime.now() + timedelta(minutes=1)
        self.assertFalse(self._started())

    def test_a_day_has_its_cap(self):
        self._on(daily_cap=2)
        run = self._started()
        self.assertEqual(run.line_count, 2)
        self.assertEqual(self._started(), run)
        run.started_on -= timedelta(days=1)
        today = self._started() - run
        self.assertEqual(today.line_count, 2)
        self.assertFalse(today.line_ids.product_tmpl_id & run.line_ids.product_tmpl_id)

    def test_only_its_categories(self):
        above = self.env["product.category"].create({"name": "Furniture"})
        below = self.env["product.category"].create({"name": "Chairs", "parent_id": above.id})
        self.products[3].categ_id = below
        self._on(category_ids=[(6, 0, above.ids)])
        self.assertEqual(self._started().line_ids.product_tmpl_id, self.products[3])

    def test_it_waits_for_a_connected_tenant(self):
        self._on()
        self.tenant.state = "not_connected"
        self.assertFalse(self._started())
        self.tenant.state = "connected"
        self.assertTrue(self._started())

    def test_only_administrators_and_sensible_caps(self):
        with self.assertRaises(AccessError):
            self.rules.with_user(self.user).action_open()
        for cap in (0, -1, 10_001):
            with self.assertRaises(ValidationError):
                self.rule.daily_cap = cap
