import logging

from odoo.exceptions import UserError
from odoo.tests import tagged

from ..hooks import post_init_hook, uninstall_hook
from .common import PLANTED, CredentialsCase


@tagged("post_install", "-at_install")
class TestHooks(CredentialsCase):
    def setUp(self):
        super().setUp()
        self.parameters = self.env["ir.config_parameter"]

    def _left(self):
        return self.parameters.search([("key", "=like", "ai_system.test%")])

    def test_installation_moves_the_secrets_in(self):
        # An underscore is a wildcard of LIKE: this account is not test_one.
        twin = self.env["ai.tenant"].create(
            self._tenant_values(self.env["res.company"].create({"name": "Twin"}), "testxone")
        )
        self.other_tenant.active = False
        stored = {
            (self.tenant, "signing_key"): PLANTED,
            (self.tenant, "chatwoot_bot_token_7"): "token",
            (self.other_tenant, "odoo_api_key"): "key",
            (twin, "signing_key"): "of the twin",
        }
        for (tenant, ref), value in stored.items():
            self.parameters.set_param(f"ai_system.{tenant.account_id}.{ref}", value)
        self.parameters.set_param("ai_system.odoo_url_for_sidecar", "http://127.0.0.1:8069")
        post_init_hook(self.env)
        for (tenant, ref), value in stored.items():
            self.assertEqual(tenant._get_secret(ref), value)
        self.assertFalse(self._left())
        self.assertTrue(self.parameters.get_param("ai_system.odoo_url_for_sidecar"))
        self.assertFalse(self.parameters.search([("value", "in", list(stored.values()))]))

    def test_installation_without_a_key_keeps_the_parameters(self):
        self.parameters.set_param("ai_system.test_one.signing_key", PLANTED)
        self._use_keys("")
        with self.assertRaisesRegex(UserError, "openssl rand -base64 32"):
            post_init_hook(self.env)
        self.assertEqual(self._left().value, PLANTED)

    def test_installation_without_secrets_needs_no_key(self):
        self._use_keys("")
        post_init_hook(self.env)

    def test_uninstallation_says_what_is_gone(self):
        self._connect(self.tenant, "http://127.0.0.1:1")
        with self.assertLogs("odoo.addons.ai_credentials_manager.hooks", logging.WARNING) as logs:
            uninstall_hook(self.env)
        self.assertIn("3 secrets of", logs.output[0])
        self.assertEqual(self.tenant.state, "not_connected")
        self.assertIn("sidecar enroll", self.tenant.error_text)
        self.assertFalse(self.other_tenant.error_text)
