from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import AiSystemCase


@tagged("post_install", "-at_install")
class TestTenant(AiSystemCase):
    def _channel(self, **values):
        return self.env["ai.channel"].create(
            {
                "name": "Site",
                "tenant_id": self.tenant.id,
                "url": "https://chat.example.com",
                "inbox_id": 1,
                **values,
            }
        )

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

    def test_the_document_follows_the_contract(self):
        self._channel(inbox_id=0)
        document = self.tenant._tenant_document()
        keys = """version account_id name domain language timezone currency company_id
            include_shared_records crews integrations"""
        self.assertEqual(set(document), set(keys.split()))
        self.assertEqual(document["domain"], "furniture")
        self.assertEqual(document["crews"]["customer_service"], {"enabled": True})
        [channel] = document["integrations"]["chatwoot"]["channels"]
        self.assertIsNone(channel["inbox_id"])
        self.assertEqual(len(channel["token_sha256"]), 64)

    def test_changes_have_to_be_synchronized(self):
        self.tenant.sync_state = "synced"
        version = self.tenant.config_version
        self.tenant.error_text = "not part of the document"
        self.assertEqual(self.tenant.sync_state, "synced")
        self.tenant.language = "en_US"
        self.assertEqual(self.tenant.sync_state, "to_sync")
        self.assertGreater(self.tenant.config_version, version)

    def test_secrets_of_a_channel_are_write_only(self):
        channel = self._channel(bot_token="bot-secret")
        for field in ("bot_token", "webhook_secret", "reading_token"):
            self.assertFalse(channel.read([field])[0][field])
        self.assertTrue(channel.bot_token_set)
        self.assertFalse(channel.webhook_secret_set)
        channel.write({"bot_token": False})
        self.assertEqual(self.tenant._get_secret(f"chatwoot_bot_token_{channel.id}"), "bot-secret")
        channel.unlink()
        self.assertFalse(self.tenant._get_secret(f"chatwoot_bot_token_{channel.id}"))

    def test_secrets_follow_a_channel_to_another_tenant(self):
        channel = self._channel(bot_token="bot-secret")
        channel.tenant_id = self.other_tenant
        ref = f"chatwoot_bot_token_{channel.id}"
        self.assertFalse(self.tenant._get_secret(ref))
        self.assertEqual(self.other_tenant._get_secret(ref), "bot-secret")

    @mute_logger("odoo.sql_db")
    def test_an_inbox_is_mapped_once(self):
        self._channel(inbox_id=0)
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            self._channel(url="https://chat.example.com/", inbox_id=0)

    def test_tokens_are_long_and_new_each_time(self):
        channel = self._channel()
        old = channel.url_token
        self.assertGreaterEqual(len(old), 43)
        channel.action_new_token()
        self.assertNotEqual(channel.url_token, old)

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

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_rights_of_people(self):
        channel = self._channel()
        stranger = self._person("stranger", self.company, "base.group_user")
        sales, manager = self.salesperson, self.manager
        self.assertEqual(self.tenant.with_user(sales).name, "Shop One")
        self.tenant.with_user(manager).name = "Renamed"
        self.assertTrue(channel.with_user(manager).url_token)
        with self.assertRaises(AccessError):
            self.tenant.with_user(stranger).read(["name"])
        with self.assertRaises(AccessError):
            self.tenant.with_user(sales).write({"name": "No"})
        with self.assertRaises(AccessError):
            channel.with_user(sales).read(["name"])
        with self.assertRaises(AccessError):
            self.other_tenant.with_user(manager).read(["name"])
        self.assertFalse(
            self.env["ai.job"].with_user(manager).search([("tenant_id", "=", self.other_tenant.id)])
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
