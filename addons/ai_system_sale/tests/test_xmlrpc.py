import xmlrpc.client

from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import WHO, SaleCase

# What docs/tools.md says that each method gives: the keys of a row, and of the rows in it.
ORDER = {
    "id",
    "name",
    "date",
    "state",
    "total",
    "currency",
    "lines",
    "deliveries",
    "invoiced",
    "url",
}
LINE = {"name", "quantity", "delivered", "unit_price", "total"}
DELIVERY = {"name", "state", "scheduled", "done", "carrier", "tracking", "tracking_url"}
QUOTE = {
    "product_id", "variant_id", "name", "quantity", "uom", "currency", "list_price", "unit_price",
    "discount_percent", "tax_included", "taxes", "subtotal", "tax", "total", "pricelist",
}  # fmt: skip
PROFILE = {
    "id", "name", "email", "phone", "language", "pricelist", "addresses", "since", "orders",
}  # fmt: skip
DETAILS = {
    "id", "name", "variants", "alternatives", "accessories", "dimensions", "warranty",
}  # fmt: skip
VARIANT = {"id", "name", "attributes", "default_code", "barcode", "price", "available"}
STOCK = {
    "id", "name", "counted", "on_hand", "free", "forecast", "warehouses", "variants",
    "next_arrival",
}  # fmt: skip
INVOICE = {
    "id", "name", "date", "due", "state", "payment", "total", "residual", "currency", "url",
}  # fmt: skip


@tagged("post_install", "-at_install")
class TestXmlRpc(SaleCase, HttpCase):
    """Every method over the real door, as the sidecar calls it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ana.write({"email": "ana@example.com", "phone": "+55 11 98765-4321"})
        cls.order = cls._order(cls.ana, cls.company, (cls.sofa, 1))
        cls.order.action_confirm()
        cls.invoice = cls._invoice(cls.ana, cls._bookkeeping(cls.company), 90.0)
        cls.bobs = cls._order(cls.bob, cls.company, (cls.lamp, 1), state="sent")

    def setUp(self):
        super().setUp()
        self.tenant._new_api_key()
        self.api_key = self.tenant._get_secret("odoo_api_key")
        self.uid = self.tenant.integration_user_id.id
        self.env.flush_all()

    def _call(self, method, *args, **kwargs):
        return self.xmlrpc_object.execute_kw(
            self.env.cr.dbname, self.uid, self.api_key, "ai.facade", method, list(args), kwargs
        )

    def _fault(self, method, *args):
        with (
            mute_logger("odoo.http", "odoo.addons.rpc.controllers.xmlrpc"),
            self.assertRaises(xmlrpc.client.Fault) as refused,
        ):
            self._call(method, *args)
        return refused.exception

    @mute_logger("odoo.addons.rpc.controllers.xmlrpc")
    def test_reading_methods_give_what_the_contract_says(self):
        ana, sofa = self.ana.id, self.sofa.id
        [details] = self._call("product_details", [sofa], lang="pt_BR")
        [stock] = self._call("stock_levels", [sofa])
        [quote] = self._call("price_quotes", [{"product_id": sofa, "quantity": 2}], ana)
        [order] = self._call("orders", ana)
        [invoice] = self._call("invoices", ana)
        rows = (
            (details, DETAILS),
            (details["variants"][0], VARIANT),
            (stock, STOCK),
            (stock["warehouses"][0], {"name", "on_hand", "free"}),
            (stock["variants"][0], {"id", "name", "free"}),
            (quote, QUOTE),
            (self._call("find_partners", email="ANA@example.com")[0], {"id", "name", "language"}),
            (self._call("partner_profile", ana), PROFILE),
            (order, ORDER),
            (order["lines"][0], LINE),
            (order["deliveries"][0], DELIVERY),
            (invoice, INVOICE),
            (self._call("quotation_link", ana, order["id"]), {"url"}),
            (self._call("search_records", "sale.order", [], ["name"])[0], {"id", "name"}),
            (self._call("read_records", "sale.order", [order["id"]], ["name"])[0], {"id", "name"}),
            (self._call("group_records", "sale.order", [], [], ["__count"])[0], {"__count"}),
        )
        for row, keys in rows:
            with self.subTest(keys=sorted(keys)):
                self.assertEqual(set(row), keys)
        self.assertIn("sale.order", self._call("readable_models"))
        self.assertEqual(self._call("find_partners", phone="5511987654321")[0]["id"], ana)

    @mute_logger("odoo.addons.rpc.controllers.xmlrpc")
    def test_writing_methods_give_what_the_contract_says(self):
        ana, lines = self.ana.id, self._lines((self.lamp, 1))
        first = self._call("quotation_create", ana, lines, self._key(), WHO)
        self.assertEqual(set(first), ORDER)
        more = self._call("quotation_add_lines", ana, first["id"], lines, self._key(), WHO)
        self.assertEqual((set(more), len(more["lines"])), (ORDER, 2))
        again = self._call("reorder", ana, self.order.id, self._key(), WHO)
        self.assertEqual((set(again), set(again["order"])), ({"order", "left_out"}, ORDER))
        self.assertIs(
            self._call("set_sync_states", [{"product_id": self.sofa.id, "state": "synced"}]), True
        )

    def test_every_method_is_among_the_capabilities(self):
        with mute_logger("odoo.addons.rpc.controllers.xmlrpc"):
            capabilities = self._call("ping")["capabilities"]
        self.assertLessEqual(
            {
                "product_details", "stock_levels", "price_quotes", "find_partners",
                "partner_profile", "orders", "quotation_create", "quotation_add_lines",
                "quotation_link", "reorder", "invoices", "payment_link", "search_records",
                "read_records", "group_records", "readable_models", "set_sync_states",
            },
            set(capabilities),
        )  # fmt: skip

    def test_refusals_arrive_as_a_sentence_without_a_traceback(self):
        for method, *args in (
            ("quotation_link", self.ana.id, self.bobs.id),
            ("payment_link", self.ana.id, "order", self.bobs.id),
            ("quotation_create", self.foreign.id, self._lines((self.lamp, 1)), self._key(), WHO),
            ("price_quotes", [{"product_id": self.theirs.id, "quantity": 1}]),
            ("search_records", "res.users", [], ["login"]),
            ("find_partners",),
        ):
            with self.subTest(method=method):
                fault = self._fault(method, *args)
                # What odoo.service.model calls a warning: a UserError's own text.
                self.assertEqual(fault.faultCode, 2)
                self.assertNotIn("Traceback", fault.faultString)
                self.assertTrue(fault.faultString.rstrip().endswith("."), fault.faultString)
                for hidden in (self.bobs.name, self.bob.name, self.foreign.name, self.theirs.name):
                    self.assertNotIn(hidden, fault.faultString)

    def test_nothing_private_and_nobody_elses_model(self):
        for method in ("_orders_of", "_once", "_new_quotation", "_customers", "_tenant_env"):
            with self.subTest(method=method):
                self.assertNotEqual(self._fault(method).faultCode, 0)
