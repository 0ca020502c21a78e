from odoo.exceptions import AccessError, MissingError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import WHO, SaleCase

LEAK = "Xyzzy"  # in the name of everything that is not this tenant's


@tagged("post_install", "-at_install")
class TestAttacks(SaleCase):
    """Every method, asked with every id of somebody else in every place for an id."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tenant.include_shared_records = False
        (cls.theirs + cls._product("Shared", None)).name = LEAK
        (cls.foreign + cls.nobodys + cls.salesperson.partner_id + cls.company.partner_id).write(
            {"name": LEAK, "email": "xyzzy@example.com", "phone": "+55 11 91111-1111"}
        )
        cls.theirs.product_variant_id.default_code = LEAK
        cls.their_order = cls._order(cls.foreign, cls.other_company, (cls.theirs, 1), name=LEAK)
        cls.their_order.action_confirm()
        cls.their_invoice = cls._invoice(cls.foreign, cls._bookkeeping(cls.other_company), 5.0)
        cls.their_invoice.name = LEAK
        cls.own_order = cls._order(cls.ana, cls.company, (cls.lamp, 1), state="sent")
        cls.bobs_order = cls._order(cls.bob, cls.company, (cls.lamp, 1), name="Plugh")
        cls.bobs_order.action_confirm()
        shared = cls.env["product.template"].search([("name", "=", LEAK)])
        cls.ids = sorted(
            {
                *shared.ids,
                *shared.product_variant_id.ids,
                cls.foreign.id,
                cls.nobodys.id,
                cls.salesperson.partner_id.id,
                cls.company.partner_id.id,
                cls.their_order.id,
                cls.their_invoice.id,
                cls.bobs_order.id,
                2**31 - 1,
            }
            # An id is one number in each model: what it means there may be the tenant's own.
            - {cls.ana.id, cls.bob.id, cls.family.id, cls.own_order.id}
            - {cls.sofa.id, cls.lamp.id}
            - {cls.sofa.product_variant_id.id, cls.lamp.product_variant_id.id}
        )

    def _answer(self, method, *args):
        """Return what a call tells, a refusal's sentence included."""
        try:
            with self.env.cr.savepoint():
                return str(getattr(self.facade, method)(*args))
        except (UserError, AccessError, MissingError) as error:
            self.assertIsInstance(error, UserError)
            self.assertNotIsInstance(error, AccessError | MissingError)
            return str(error)

    def _asked(self):
        """Yield each call with an id of somebody else in it."""
        ana, own = self.ana.id, self.own_order.id
        lines = self._lines((self.lamp, 1))
        for other in self.ids:
            theirs = [{"product_id": other, "quantity": 1}]
            mixed = [{"product_id": self.lamp.id, "variant_id": other, "quantity": 1}]
            for method in ("product_facts", "product_details", "stock_levels"):
                yield method, [other]
            yield "price_quotes", theirs, ana
            yield "price_quotes", mixed, ana
            yield "price_quotes", lines, other
            yield "partner_profile", other
            yield "orders", other
            yield "orders", other, "Xyzzy", 20
            yield "invoices", other
            yield "quotation_create", other, lines, self._key(), WHO
            yield "quotation_create", ana, theirs, self._key(), WHO
            yield "quotation_create", ana, mixed, self._key(), WHO
            yield "quotation_add_lines", ana, other, lines, self._key(), WHO
            yield "quotation_add_lines", other, own, lines, self._key(), WHO
            for partner, record in ((ana, other), (other, own), (other, other)):
                yield "quotation_link", partner, record
                yield "reorder", partner, record, self._key(), WHO
                yield "payment_link", partner, "order", record
                yield "payment_link", partner, "invoice", record
            yield "set_sync_states", [{"product_id": other, "state": "synced"}]

    @mute_logger("odoo.models", "odoo.addons.base.models.ir_rule")
    def test_nothing_of_others_is_told_or_written(self):
        before = self.env["sale.order"].search([("ai_made", "=", True)])
        for method, *args in self._asked():
            with self.subTest(method=method, args=args):
                told = self._answer(method, *args)
                for secret in (LEAK, "Plugh", "xyzzy", "91111"):
                    self.assertNotIn(secret, told)
                if method.startswith(("quotation", "reorder", "payment")):
                    self.assertNotIn("http", told)
        self.assertEqual(self.env["sale.order"].search([("ai_made", "=", True)]), before)
        rows = self.env["ai.product.sync"].search([("tenant_id", "=", self.tenant.id)])
        self.assertFalse(rows.filtered(lambda row: row.record_id in self.ids))

    @mute_logger("odoo.models", "odoo.addons.base.models.ir_rule")
    def test_no_record_of_others_by_searching(self):
        for model in self.facade.readable_models():
            told = self._answer("search_records", model, [], ["display_name"], 100)
            names = ["name"]
            told += self._answer("search_records", model, [], names, 100)
            told += self._answer("search_records", model, [["id", "in", self.ids]], names, 100)
            told += self._answer("read_records", model, self.ids, names)
            told += self._answer("group_records", model, [], ["partner_id"], ["__count"], 100)
            with self.subTest(model=model):
                self.assertNotIn(LEAK, told)
        for phone, email in (("+55 11 91111-1111", None), (None, "xyzzy@example.com")):
            self.assertEqual(self.facade.find_partners(phone, email), [])
        self.assertNotIn(LEAK, self._answer("orders", self.ana.id, LEAK))
        self.assertNotIn("Plugh", self._answer("orders", self.ana.id, "Plugh"))
