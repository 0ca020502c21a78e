from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import SaleCase


@tagged("post_install", "-at_install")
class TestInvoices(SaleCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.journal = cls._bookkeeping(cls.company)
        cls.other_journal = cls._bookkeeping(cls.other_company)
        cls.invoice = cls._invoice(cls.ana, cls.journal, 90.0)

    def _online_payment(self):
        # A provider that is only switched on: what it does with a payment is its own affair.
        view = self.env.ref("payment.form")
        self.env["payment.provider"].create(
            {
                "name": "Test",
                "company_id": self.company.id,
                "state": "test",
                "is_published": True,
                "redirect_form_view_id": view.id,
            }
        )
        self.env["ir.config_parameter"].set_param("account_payment.enable_portal_payment", "True")

    def test_an_invoice_as_the_customer_is_told_of_it(self):
        [told] = self.facade.invoices(self.family.id)
        url = told.pop("url")
        self.assertEqual(
            told,
            {
                "id": self.invoice.id,
                "name": self.invoice.name,
                "date": "2026-11-01",
                "due": str(self.invoice.invoice_date_due),
                "state": "posted",
                "payment": "not_paid",
                "total": 90.0,
                "residual": 90.0,
                "currency": "USD",
            },
        )
        self.assertRegex(url, rf"/my/invoices/{self.invoice.id}\?access_token=")
        [named] = self.facade.invoices(self.ana.id, name=self.invoice.name)
        self.assertEqual(named["id"], self.invoice.id)

    def test_posted_customer_invoices_of_the_family_only(self):
        self._invoice(self.ana, self.journal, 5.0, post=False)
        self._invoice(self.bob, self.journal, 7.0)
        foreign = self._invoice(self.foreign, self.other_journal, 8.0)
        self.assertEqual([one["id"] for one in self.facade.invoices(self.ana.id)], self.invoice.ids)
        self.assertEqual(self.facade.invoices(self.ana.id, name="%"), [])
        for partner in (self.foreign, self.nobodys):
            self.assertEqual(self.facade.invoices(partner.id), [])
        own = self._facade(self.other_tenant)
        self.assertEqual([one["id"] for one in own.invoices(self.foreign.id)], foreign.ids)

    def test_where_an_invoice_is_paid(self):
        with self.assertRaises(UserError):
            self.facade.payment_link(self.ana.id, "invoice", self.invoice.id)
        self._online_payment()
        url = self.facade.payment_link(self.ana.id, "invoice", self.invoice.id)["url"]
        self.assertIn(f"/my/invoices/{self.invoice.id}?access_token=", url)
        self.assertIn("payment_token=", url)
        self.assertIn("amount=90.0", url)

    def test_where_an_order_is_paid(self):
        self._online_payment()
        order = self._order(self.ana, self.company, (self.sofa, 2))
        order.action_confirm()
        url = self.facade.payment_link(self.family.id, "order", order.id)["url"]
        self.assertIn(f"/my/orders/{order.id}?access_token={order.access_token}", url)
        self.assertIn("payment_amount=200.0", url)
        order._action_cancel()
        with self.assertRaises(UserError):
            self.facade.payment_link(self.family.id, "order", order.id)

    def test_nothing_left_to_pay_no_own_record_no_link(self):
        self._online_payment()
        free = self._order(self.ana, self.company, (self.sofa, 0), state="sent")
        bobs = self._invoice(self.bob, self.journal, 7.0)
        bobs_order = self._order(self.bob, self.company, (self.sofa, 1), state="sent")
        refund = self._invoice(self.ana, self.journal, 9.0, move_type="out_refund")
        for kind, record in (
            ("order", free),
            ("order", bobs_order),
            ("invoice", bobs),
            ("invoice", refund),
            ("bill", self.invoice),
            (None, self.invoice),
        ):
            with self.subTest(kind=kind, id=record.id), self.assertRaises(UserError) as refused:
                self.facade.payment_link(self.ana.id, kind, record.id)
            self.assertNotIn(bobs.name, str(refused.exception))

    def test_query_count_does_not_grow_with_the_invoices(self):
        for _number in range(11):
            self._invoice(self.ana, self.journal, 1.0)

        def queries(limit):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(len(self.facade.invoices(self.ana.id, limit=limit)), limit)
            return self.env.cr.sql_log_count - before

        queries(12)
        few, many = queries(2), queries(12)
        self.assertEqual(few, many)
        self.assertLessEqual(many, 25)
