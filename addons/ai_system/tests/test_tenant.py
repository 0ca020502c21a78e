from psycopg2 import IntegrityError

from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import AiSystemCase


@tagged("post_install", "-at_install")
class TestTenant(AiSystemCase):
    def test_account_ids_keep_their_shape(self):
        for account_id in ("Account", "1a", "a b", "a-b", "a" * 64, ""):
            with self.subTest(account_id=account_id), self.assertRaises(ValidationError):
                self.tenant.account_id = account_id

    @mute_logger("odoo.sql_db")
    def test_a_company_has_one_tenant(self):
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self.env["ai.tenant"].create(self._tenant_values(self.company, "test_three"))

    def test_identity_stays_once_connected(self):
        self.tenant.state = "connected"
        self.tenant.write({"account_id": "test_one", "name": "Renamed"})
        with self.assertRaises(ValidationError):
            self.tenant.account_id = "test_nine"

    def test_changes_have_to_be_synchronized(self):
        self.tenant.sync_state = "synced"
        version = self.tenant.config_version
        self.tenant.error_text = "not part of the document"
        self.assertEqual(self.tenant.sync_state, "synced")
        self.tenant.language = "en_US"
        self.assertEqual(self.tenant.sync_state, "to_sync")
        self.assertGreater(self.tenant.config_version, version)

    def test_the_chatter_speaks_the_reader_s_language(self):
        self.tenant.language = "pt_BR"
        self.assertEqual(self._tracked({}, "connected"), ("Não conectada", "Conectada"))
        english = {"lang": "en_US"}
        self.assertEqual(self._tracked(english, "error"), ("Connected", "Error"))

    def _tracked(self, context, state):
        """Return the old and the new state that the chatter tells of a change to `state`."""
        self.env.cr.flush()
        # No language at all, as in a cron or a call of the AI service.
        bare = self.tenant.with_env(self.env(context=context))
        bare.state = state
        self.env.cr.flush()
        [told] = bare.message_ids[0].sudo().tracking_value_ids
        return told.old_value_char, told.new_value_char

    def test_disconnect_forgets_the_keys(self):
        self._connect(self.tenant, "http://127.0.0.1:1")
        job = self.env["ai.job"]._enqueue(self.tenant, "sync_products", {})
        self.tenant.with_user(self.manager).action_disconnect()
        self.assertEqual((self.tenant.state, job.state), ("not_connected", "cancelled"))
        self.assertFalse(self.tenant._get_secret("signing_key"))
        self.assertFalse(
            self.env["res.users.apikeys"]
            .sudo()
            .search_count([("user_id", "=", self.tenant.integration_user_id.id)])
        )

    def test_a_deleted_tenant_leaves_no_secret_and_no_user(self):
        user = self._integration_user(self.tenant)
        self.tenant._set_secret("signing_key", "x")
        self.tenant.unlink()
        self.assertFalse(user.active)
        keys = (
            self.env["ir.config_parameter"].sudo().search([("key", "like", "ai_system.test_one.")])
        )
        self.assertFalse(keys)
