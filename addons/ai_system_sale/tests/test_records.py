from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import SaleCase


@tagged("post_install", "-at_install")
class TestRecords(SaleCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.orders = [
            cls._order(partner, cls.company, (product, count), date_order=date)
            for partner, product, count, date in (
                (cls.ana, cls.sofa, 2, "2026-01-10 10:00:00"),
                (cls.ana, cls.lamp, 1, "2026-01-20 10:00:00"),
                (cls.bob, cls.sofa, 1, "2026-02-10 10:00:00"),
            )
        ]
        for order in cls.orders:
            date = order.date_order
            order.action_confirm()
            order.date_order = date
        foreign = cls._order(cls.foreign, cls.other_company, (cls.theirs, 3))
        foreign.action_confirm()

    def test_the_months_sales_are_grouped_in_the_database(self):
        groups = self.facade.group_records(
            "sale.order",
            [["state", "=", "sale"]],
            ["date_order:month"],
            ["amount_total:sum", "__count"],
        )
        self.assertEqual(
            groups,
            [
                {
                    "date_order:month": "2026-01-01",
                    "amount_total:sum": 220.0,
                    "__count": 2,
                },
                {
                    "date_order:month": "2026-02-01",
                    "amount_total:sum": 100.0,
                    "__count": 1,
                },
            ],
        )

    def test_months_are_those_of_the_tenants_clock(self):
        self.orders[2].date_order = "2026-02-01 01:00:00"
        question = ("sale.order", [], ["date_order:month"], ["__count"])
        counts = [row["__count"] for row in self.facade.group_records(*question)]
        self.assertEqual(counts, [2, 1])
        self.tenant.timezone = "America/Sao_Paulo"
        self.assertEqual(
            self.facade.group_records(*question), [{"date_order:month": "2026-01-01", "__count": 3}]
        )

    def test_the_best_sold_first(self):
        groups = self.facade.group_records(
            "sale.order.line", [], ["product_id"], ["product_uom_qty:sum"], limit=1
        )
        sofa = self.sofa.product_variant_id
        self.assertEqual(
            groups,
            [
                {
                    "product_id": {"id": sofa.id, "name": "Sofa"},
                    "product_uom_qty:sum": 3.0,
                }
            ],
        )

    def test_only_the_tenants_orders(self):
        rows = self.facade.search_records("sale.order", [], ["name", "partner_id"], limit=100)
        self.assertEqual({row["id"] for row in rows}, {order.id for order in self.orders})
        everything = self.env["sale.order"].search([("company_id", "=", self.other_company.id)])
        self.assertEqual(self.facade.read_records("sale.order", everything.ids, ["name"]), [])

    def test_no_margins_no_notes_no_chatter(self):
        for model, field in (
            ("sale.order", "note"),
            ("sale.order", "message_ids"),
            ("sale.order", "user_id"),
            ("sale.order", "access_token"),
            ("sale.order.line", "purchase_price"),
            ("account.move", "narration"),
            ("account.move", "line_ids"),
        ):
            with self.subTest(model=model, field=field), self.assertRaises(UserError):
                self.facade.search_records(model, [], [field])
            with self.subTest(model=model, domain=field), self.assertRaises(UserError):
                self.facade.search_records(model, [[field, "=", "x"]], ["name"])

    def test_readable_models_tell_labels(self):
        told = self.facade.readable_models("pt_BR")
        self.assertEqual(told["sale.order"]["amount_total"]["type"], "monetary")
        self.assertIn("account.move", told)
        self.assertNotIn("note", told["sale.order"])
