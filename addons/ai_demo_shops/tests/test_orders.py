from odoo import fields
from odoo.tests import tagged

from .common import DemoShopsCase


@tagged("post_install", "-at_install")
class TestOrders(DemoShopsCase):
    def test_orders_are_in_the_states_of_the_file(self):
        for key, shop in self.shops.items():
            self.assertEqual(
                {o["state"] for o in shop["order"]}, {"draft", "sent", "sale", "cancel"}
            )
            for data in shop["order"]:
                order = self.ref(f"{key}_order_{data['key']}")
                self.assertEqual(order.state, data["state"], data["key"])
                self.assertEqual(order.currency_id.name, shop["company"]["currency"])
                self.assertTrue(order.name.startswith(shop["order_sequence"]["prefix"]))
                self.assertLess(order.date_order, fields.Datetime.now())

    def test_deliveries_are_waiting_partial_or_done(self):
        expected = {
            "waiting": {"assigned"},
            "partial": {"assigned", "done"},
            "done": {"done"},
        }
        for key, shop in self.shops.items():
            sales = [data for data in shop["order"] if data["state"] == "sale"]
            self.assertEqual({data["delivery"] for data in sales}, set(expected))
            for data in sales:
                pickings = self.ref(f"{key}_order_{data['key']}").picking_ids
                states = set(pickings.mapped("state"))
                self.assertEqual(states, expected[data["delivery"]], data["key"])

    def test_numbers_follow_the_dates(self):
        for key, shop in self.shops.items():
            orders = [self.ref(f"{key}_order_{data['key']}") for data in shop["order"]]
            orders.sort(key=lambda order: order.date_order)
            self.assertEqual([o.name for o in orders], sorted(o.name for o in orders))

    def test_a_shipped_order_left_the_stock_two_days_later(self):
        order = self.ref("casa_ipe_order_mariana_sofa")
        self.assertEqual((order.picking_ids.date_done - order.date_order).days, 2)
        self.assertEqual(order.order_line[0].qty_delivered, 1)
