import json

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import file_open

from .. import erp_mapping
from .common import AiSystemCase

MAPPING = """
products:
  id: CODIGO
  name: DESCRICAO
  price: {path: PRECO, number: ","}
  type: {path: TIPO, values: {P: goods, S: service}}
  attributes: {fields: {Cor: COR}}
  updated_at: {path: ALTERADO, date: "%d/%m/%Y %H:%M"}
orders:
  id: pedido.numero
  lines:
    path: pedido.itens
    each: {name: produto, quantity: qtd}
"""


@tagged("post_install", "-at_install")
class TestPushingErp(AiSystemCase):
    """A tenant with an ERP that sends its data, as an administrator sets it up."""

    def _mcp(self):
        return self.tenant._tenant_document()["integrations"]["mcp"]

    def _set_up(self, **changes):
        self.tenant.write(
            {
                "erp_kind": "sends",
                "erp_mapping": MAPPING,
                "erp_phone_country": " +55 ",
                "erp_callback_url": "https://erp.example.com/quotations/",
                "erp_callback_auth": "basic",
                "erp_callback_rate": 60,
                "erp_callback_secret": "callback-secret",
                "erp_login": "ai",
                "erp_api_key": "erp-password",
                "erp_timeout": 20,
                **changes,
            }
        )

    def test_the_document_is_what_the_sidecar_takes(self):
        """The file is checked by the sidecar's own tests against its schema."""
        self._set_up()
        with file_open("ai_system/tests/pushing_erp.json") as file:
            self.assertEqual(self._mcp(), json.load(file))
        parts = self.tenant._tenant_document()["integrations"]
        self.assertEqual(parts["control"]["config"]["db"], self.env.cr.dbname)
        self.assertNotIn("-secret", json.dumps(parts))
        self.assertNotIn("-password", json.dumps(parts))
        # Leased when a quotation is sent, never pushed.
        self.assertFalse(
            {"erp_callback_secret", "erp_api_key"} & set(self.tenant._tenant_secrets())
        )

    def test_nothing_has_to_be_filled_in(self):
        self.tenant.erp_kind = "sends"
        nothing = {"phone_country": None, "mapping": {}, "callback": None}
        self.assertEqual(self._mcp(), {"type": "rest-generic", "config": nothing})

    def test_another_kind_is_not_told_what_only_this_one_needs(self):
        self._set_up()
        self.tenant.erp_kind = "own"
        mcp = self._mcp()
        self.assertEqual(mcp["type"], "odoo-mcp")
        self.assertFalse({"mapping", "callback", "phone_country"} & mcp["config"].keys())

    def test_no_callback_before_its_secrets_are_set(self):
        self._set_up(erp_callback_secret=False)
        self.assertIsNone(self._mcp()["config"]["callback"])
        self.tenant.erp_callback_secret = "x"
        self.assertTrue(self._mcp()["config"]["callback"])
        self.tenant.with_context(secret_name="erp_api_key").action_revoke_secret()
        self.assertIsNone(self._mcp()["config"]["callback"])
        self.tenant.erp_callback_auth = "signature"
        callback = self._mcp()["config"]["callback"]
        self.assertEqual((callback["credential_ref"], callback["username"]), (None, ""))

    def test_what_is_typed_is_checked(self):
        self._set_up()
        for wrong in (
            {"erp_callback_url": "erp.example.com"},
            {"erp_callback_url": "https://a:b@erp.example.com"},
            {"erp_callback_rate": 0},
            {"erp_callback_rate": 601},
            {"erp_timeout": 61},
            {"erp_login": False},
            {"erp_login": "a:b"},
            {"erp_phone_country": "0055"},
            {"erp_phone_country": "BR"},
        ):
            with self.subTest(wrong=wrong), self.assertRaises(ValidationError):
                self.tenant.write(wrong)

    def test_a_mapping_that_is_none_is_refused_in_words(self):
        for text, told in (
            ("products: {id: A\n", "line"),
            ("[1, 2]", "products, customers, orders"),
            ("invoices: {id: A}", "“invoices.id” is no kind"),
            ("products: {name: A}", "products needs a rule for id"),
            ("products: {id: A, price: 3}", "“products.price”"),
            ("products: {id: A, type: {path: T, values: {1: goods}}}", "“products.type”"),
            ("products: {id: A, name: 2026-01-01}", "YAML"),
            ("Old-ERP: {products: {id: A}}", "“Old-ERP”"),
            ("a: &a [x]\nb: [*a, *a]", "YAML"),
            ("products: {id: A, x: " + "[" * 400 + "]" * 400 + "}", "YAML|products"),
            ("#" * (erp_mapping.LONGEST + 1), "too long"),
        ):
            with self.subTest(text=text[:40]), self.assertRaisesRegex(ValidationError, told):
                self.tenant.write({"erp_kind": "sends", "erp_mapping": text})

    def test_mappings_may_have_names(self):
        kinds = {"products": {"id": "A"}}
        self.assertEqual(erp_mapping.parsed("legacy: {products: {id: A}}"), {"legacy": kinds})
        self.assertEqual(erp_mapping.parsed("products: {id: A}"), {"default": kinds})
        for text in ("", "  \n", "# later"):
            self.assertEqual(erp_mapping.parsed(text), {})

    def test_the_form_says_where_the_erp_sends_to(self):
        self._connect(self.tenant, "https://ai.example.com")
        self.assertEqual(self.tenant.erp_push_url, "https://ai.example.com/api/v1/sync/products")
        self.assertIn("key create test_one ", self.tenant.erp_key_command)

    def test_the_connection_test_tells_what_was_received(self):
        def told(message, state="ok"):
            line = {"part": "erp", "state": state, "message": message, "code": ""}
            self.tenant._apply_checks({"checks": [line]})
            return self.tenant.check_ids.filtered(lambda one: one.part == "erp").message

        self.assertEqual(
            told("120 products, 5 customers, 31 orders received"),
            "Received: 120 products, 5 customers, 31 orders.",
        )
        self.assertIn("nothing was received", told("0 products, 0 customers, 0 orders received"))
        self.assertEqual(told("Odoo 18.0"), "Odoo 18.0")

    def test_its_products_are_not_searched_for_here(self):
        self._connect(self.tenant, "https://ai.example.com")
        self.tenant.erp_kind = "sends"
        self.assertIn("come from another ERP", self.tenant._search_obstacle())
