from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import SaleCase


@tagged("post_install", "-at_install")
class TestRights(SaleCase):
    def setUp(self):
        super().setUp()
        self.user = self._integration_user(self.tenant)

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.models")
    def test_reads_its_companys_orders_and_not_every_field(self):
        mine = self._order(self.ana, self.company, (self.lamp, 1))
        theirs = self._order(self.foreign, self.other_company, (self.theirs, 1))
        self.assertEqual(self.env["sale.order"].with_user(self.user).search([]), mine)
        lines = self.env["sale.order.line"].with_user(self.user).search([])
        self.assertEqual(lines.sudo().order_id, mine)
        with self.assertRaises(AccessError):
            theirs.with_user(self.user).read(["name"])
        own = mine.with_user(self.user)
        for name in ("note", "access_token", "message_ids", "user_id", "client_order_ref"):
            with self.subTest(field=name), self.assertRaises(AccessError):
                own.read([name])
            with self.subTest(domain=name), self.assertRaises(AccessError):
                own.search([(name, "!=", False)])

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.models")
    def test_reads_posted_customer_invoices_only(self):
        journal = self._bookkeeping(self.company)
        posted = self._invoice(self.ana, journal, 90.0)
        draft = self._invoice(self.ana, journal, 5.0, post=False)
        entry = self.env["account.move"].create(
            {"move_type": "entry", "journal_id": journal.id, "company_id": self.company.id}
        )
        found = self.env["account.move"].with_user(self.user).search([])
        self.assertEqual(found, posted)
        for hidden in (draft, entry):
            with self.assertRaises(AccessError):
                hidden.with_user(self.user).read(["name"])
        for name in ("line_ids", "narration", "access_token", "invoice_user_id"):
            with self.subTest(field=name), self.assertRaises(AccessError):
                posted.with_user(self.user).read([name])

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.models")
    def test_writes_nothing_by_itself(self):
        order = self._order(self.ana, self.company, (self.lamp, 1)).with_user(self.user)
        for write in (
            lambda: order.write({"partner_id": self.bob.id}),
            lambda: order.action_confirm(),
            lambda: order.action_cancel(),
            lambda: order.unlink(),
            lambda: order.copy(),
            lambda: order.create({"partner_id": self.ana.id}),
            lambda: order.message_post(body="x"),
        ):
            with self.assertRaises(AccessError):
                write()
        self.assertEqual(order.sudo().state, "draft")

    @mute_logger("odoo.addons.base.models.ir_model")
    def test_reads_nothing_else_of_sales(self):
        for model in (
            "account.account",
            "account.move.line",
            "account.payment",
            "account.tax",
            "ai.tool.write",
            "payment.provider",
            "payment.transaction",
            "product.pricelist",
            "product.pricelist.item",
            "res.partner.bank",
            "sale.report",
            "stock.picking",
        ):
            with self.subTest(model=model), self.assertRaises(AccessError):
                self.env[model].with_user(self.user).search([], limit=1)
