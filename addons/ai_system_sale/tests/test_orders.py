from unittest.mock import ANY

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import WHO, SaleCase


@tagged("post_install", "-at_install")
class TestOrders(SaleCase):
    def test_an_order_as_the_customer_is_told_of_it(self):
        order = self._order(self.ana, self.company, (self.sofa, 2))
        order.action_confirm()
        [told] = self.facade.orders(self.ana.id)
        self.assertEqual(
            told,
            {
                "id": order.id,
                "name": order.name,
                "date": f"{order.date_order:%Y-%m-%dT%H:%M:%S}Z",
                "state": "order",
                "total": 200.0,
                "currency": "USD",
                "lines": [
                    {
                        "name": "Sofa",
                        "quantity": 2.0,
                        "delivered": 0.0,
                        "unit_price": 100.0,
                        "total": 200.0,
                    }
                ],
                "deliveries": [
                    {
                        "name": order.picking_ids.name,
                        "state": "waiting",
                        "scheduled": ANY,
                        "done": False,
                        "carrier": "",
                        "tracking": "",
                        "tracking_url": "",
                    }
                ],
                "invoiced": order.invoice_status,
                "url": ANY,
            },
        )
        self.assertRegex(told["url"], rf"^http.*/my/orders/{order.id}\?access_token=[\w-]+$")
        self.assertRegex(told["deliveries"][0]["scheduled"], r"^\d{4}-.*Z$")

    def test_a_delivered_order_is_done(self):
        order = self._order(self.ana, self.company, (self.sofa, 1))
        order.action_confirm()
        picking = order.picking_ids
        picking.move_ids.quantity = 1
        picking.move_ids.picked = True
        picking.button_validate()
        [told] = self.facade.orders(self.ana.id)
        self.assertEqual(told["state"], "done")
        self.assertEqual(told["lines"][0]["delivered"], 1.0)
        self.assertEqual(told["deliveries"][0]["state"], "done")
        self.assertRegex(told["deliveries"][0]["done"], r"^\d{4}-.*Z$")

    def test_the_newest_first_and_of_the_whole_commercial_family(self):
        orders = [
            self._order(partner, self.company, (self.lamp, 1), state="sent", date_order=date)
            for partner, date in (
                (self.ana, "2026-01-01 10:00:00"),
                (self.family, "2026-03-01 10:00:00"),
                (self.ana, "2026-02-01 10:00:00"),
            )
        ]
        names = [orders[1].name, orders[2].name, orders[0].name]
        for partner in (self.ana, self.family):
            told = self.facade.orders(partner.id, limit=20)
            self.assertEqual([one["name"] for one in told], names)
        self.assertEqual(len(self.facade.orders(self.ana.id, limit=2)), 2)
        [one] = self.facade.orders(self.ana.id, name=f" {orders[0].name.lower()} ")
        self.assertEqual((one["id"], one["state"]), (orders[0].id, "quotation"))

    def test_nobody_elses(self):
        bobs = self._order(self.bob, self.company, (self.lamp, 1), state="sent")
        foreign = self._order(self.foreign, self.other_company, (self.theirs, 1), state="sent")
        shared = self._order(self.nobodys, self.company, (self.lamp, 1), state="sent")
        # The same person, known to the other company too: orders there stay there.
        twin = self._order(self.ana, self.company, (self.lamp, 1), state="sent")
        twin.company_id = self.company
        self.assertEqual([one["id"] for one in self.facade.orders(self.ana.id)], twin.ids)
        for order in (bobs, foreign, shared):
            with self.subTest(order=order.partner_id.name):
                self.assertEqual(self.facade.orders(self.ana.id, name=order.name, limit=20), [])
                with self.assertRaises(UserError) as refused:
                    self.facade.quotation_link(self.ana.id, order.id)
                self.assertNotIn(order.name, str(refused.exception))
        for partner in (self.foreign, self.nobodys, self.company.partner_id):
            self.assertEqual(self.facade.orders(partner.id), [])
            with self.assertRaises(UserError):
                self.facade.quotation_link(partner.id, shared.id)

    def test_a_name_is_no_pattern(self):
        self._order(self.ana, self.company, (self.lamp, 1), state="sent")
        for name in ("%", "S%", "_____", "' OR 1=1 --", "S0\\"):
            self.assertEqual(self.facade.orders(self.ana.id, name=name), [])

    def test_a_quotation_that_a_person_is_writing_is_not_told(self):
        draft = self._order(self.ana, self.company, (self.lamp, 1))
        self.assertEqual(self.facade.orders(self.ana.id), [])
        with self.assertRaises(UserError):
            self.facade.quotation_link(self.ana.id, draft.id)
        draft.action_quotation_sent()
        self.assertEqual([one["id"] for one in self.facade.orders(self.ana.id)], draft.ids)

    def test_a_quotation_that_was_given_up_before_it_was_sent_is_not_told(self):
        draft = self._order(self.ana, self.company, (self.lamp, 1))
        draft._action_cancel()
        self.assertEqual(self.facade.orders(self.ana.id), [])
        self.assertEqual(self.facade.orders(self.ana.id, name=draft.name), [])
        for call in (
            lambda: self.facade.quotation_link(self.ana.id, draft.id),
            lambda: self.facade.reorder(self.ana.id, draft.id, self._key(), WHO),
        ):
            with self.assertRaises(UserError):
                call()

    def test_what_the_customer_knew_of_is_told_as_cancelled(self):
        sent, confirmed, rewritten = (
            self._order(self.ana, self.company, (self.lamp, 1)) for _ in range(3)
        )
        sent.action_quotation_sent()
        confirmed.action_confirm()
        rewritten.action_quotation_sent()
        rewritten._action_cancel()
        rewritten.action_draft()
        told = {one["id"] for one in self.facade.orders(self.ana.id)}
        self.assertEqual(told, {sent.id, confirmed.id}, "it is being written again")
        written = self.facade.quotation_create(
            self.ana.id, self._lines((self.lamp, 1)), self._key(), WHO
        )
        ours = self.env["sale.order"].browse(written["id"])
        for order in (sent, confirmed, rewritten, ours):
            order._action_cancel()
        told = {one["id"]: one["state"] for one in self.facade.orders(self.ana.id)}
        known = (sent, confirmed, rewritten, ours)
        self.assertEqual(told, {order.id: "cancelled" for order in known})
        copy = sent.copy()
        copy._action_cancel()
        self.assertNotIn(copy.id, [one["id"] for one in self.facade.orders(self.ana.id)])

    def test_orders_from_before_this_addon_are_known_by_their_chatter(self):
        orders = [self._order(self.ana, self.company, (self.lamp, 1)) for _ in range(5)]
        sent, confirmed, mailed, noted, _silent = orders
        for order, subtype in (
            (sent, "sale.mt_order_sent"),
            (confirmed, "sale.mt_order_confirmed"),
            (mailed, "mail.mt_comment"),
            (noted, "mail.mt_note"),
        ):
            order.message_post(body="…", subtype_xmlid=subtype)
        for order in orders:
            order._action_cancel()
        self.assertEqual(
            {one["id"] for one in self.facade.orders(self.ana.id)},
            {sent.id, confirmed.id, mailed.id},
        )

    def test_the_link_is_the_customers_page(self):
        order = self._order(self.ana, self.company, (self.lamp, 1), state="sent")
        link = self.facade.quotation_link(self.ana.id, order.id)
        self.assertEqual(set(link), {"url"})
        self.assertIn(f"/my/orders/{order.id}?access_token={order.access_token}", link["url"])
        self.assertEqual(self.facade.quotation_link(self.family.id, order.id), link)

    def test_no_cost_no_note_no_salesperson(self):
        self.sofa.standard_price = 61.5
        order = self._order(self.ana, self.company, (self.sofa, 1), state="sent")
        order.write({"note": "<p>terms</p>", "user_id": self.salesperson.id})
        order.message_post(body="Do not give a discount")
        text = str(self.facade.orders(self.ana.id))
        for secret in ("61.5", "discount", self.salesperson.name):
            self.assertNotIn(secret, text)

    def test_query_count_does_not_grow_with_the_orders(self):
        for number in range(16):
            partner = self.ana if number % 2 else self.family
            order = self._order(partner, self.company, (self.sofa, 1), (self.lamp, 2))
            order.action_confirm()

        def queries(limit):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(len(self.facade.orders(self.ana.id, limit=limit)), limit)
            return self.env.cr.sql_log_count - before

        queries(16)  # makes the pages' tokens, and fills the caches of rights and rules
        few, many = queries(3), queries(16)
        self.assertEqual(few, many)
        self.assertLessEqual(many, 40)

    def test_the_profile_counts_confirmed_orders(self):
        self._order(self.ana, self.company, (self.lamp, 1)).action_confirm()
        self._order(self.family, self.company, (self.lamp, 1)).action_confirm()
        self._order(self.ana, self.company, (self.lamp, 1), state="sent")
        self._order(self.bob, self.company, (self.lamp, 1)).action_confirm()
        self.assertEqual(self.facade.partner_profile(self.ana.id)["orders"], 2)
