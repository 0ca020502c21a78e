from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CredentialsCase


@tagged("post_install", "-at_install")
class TestTenantSecrets(CredentialsCase):
    """The tenant keeps its secrets in the vault, under the platform where people look for them."""

    def test_set_and_get(self):
        for value in ("first", "second, with ç"):
            self.tenant._set_secret("signing_key", value)
            self.assertEqual(self.tenant._get_secret("signing_key"), value)
        self.assertEqual(self.other_tenant._get_secret("signing_key"), "")
        self.assertFalse(self.tenant.secrets_are_clear_text)

    def test_nothing_is_left_in_the_parameters(self):
        self.tenant._set_secret("signing_key", "secret-value")
        found = self.env["ir.config_parameter"].search([("value", "=", "secret-value")])
        self.assertFalse(found)

    def test_where_each_ref_is_filed(self):
        places = {
            "llm_api_key": ("openai", "api_key"),
            "erp_api_key": ("odoo", "api_key"),
            "qdrant_api_key": ("other", "qdrant_api_key"),
            "chatwoot_hook_12": ("chatwoot", "chatwoot_hook_12"),
            "chatwoot_bot_token_7": ("chatwoot", "chatwoot_bot_token_7"),
            "odoo_api_key": ("ai_service", "odoo_api_key"),
            "previous_signing_key_id": ("ai_service", "previous_signing_key_id"),
            "enrollment_token": ("ai_service", "enrollment_token"),
        }
        for ref in places:
            self.tenant._set_secret(ref, f"value of {ref}")
        for ref, place in places.items():
            line = self._line(ref)
            self.assertEqual((line.credential_id.platform, line.name), place)
            self.assertEqual(self.tenant._get_secret(ref), f"value of {ref}")
        self.assertEqual(len(self._line("llm_api_key").credential_id), 1)
        self.assertEqual(self._line("qdrant_api_key").credential_id.name, "Qdrant")

    def test_clearing(self):
        for ref in ("enrollment_token", "chatwoot_hook_12", "llm_api_key"):
            self.tenant._set_secret(ref, "x")
            self.tenant._set_secret(ref, "")
            self.assertEqual(self.tenant._get_secret(ref), "")
            self.assertFalse(self.tenant._has_secret(ref))
        # What is made for one purpose leaves no empty line behind.
        self.assertFalse(self._line("enrollment_token") | self._line("chatwoot_hook_12"))
        self.assertEqual(self._line("llm_api_key").status, "not_set")
        self.tenant._set_secret("never_there", "")

    def test_archived_credential_comes_back_when_its_secret_is_set(self):
        self.tenant._set_secret("llm_api_key", "x")
        credential = self._line("llm_api_key").credential_id
        credential.active = False
        self.tenant._set_secret("llm_api_key", "y")
        self.assertTrue(credential.active)
        self.assertEqual(self.tenant._get_secret("llm_api_key"), "y")

    def test_storing_by_odoo_does_not_mark_to_sync(self):
        self.tenant.sync_state = "synced"
        for ref in ("signing_key", "chatwoot_hook_1"):
            self.tenant._set_secret(ref, "x")
            self.tenant._set_secret(ref, "")
        self.assertEqual(self.tenant.sync_state, "synced")

    def test_storing_by_a_person_marks_to_sync(self):
        credential = self._credential("shopee", partner_key="x")
        line = credential.line_ids
        changes = {
            "secret": lambda: line.write({"new_value": "y"}),
            "through the credential": lambda: credential.write(
                {"line_ids": [Command.update(line.id, {"new_value": "z"})]}
            ),
            "new parameter": lambda: line.create(
                {
                    "credential_id": credential.id,
                    "name": "shop_id",
                    "is_secret": False,
                    "value": "1",
                }
            ),
            "expiry": lambda: credential.write({"expiry_date": "2199-01-01"}),
            "revoked": line.action_revoke,
            "removed": line.unlink,
            "archived": credential.action_archive,
            "deleted": credential.unlink,
        }
        for name, change in changes.items():
            self.tenant.sync_state = "synced"
            change()
            with self.subTest(name):
                self.assertEqual(self.tenant.sync_state, "to_sync")

    def test_one_query_for_all_secrets_of_a_transaction(self):
        for ref in ("signing_key", "signing_key_id", "llm_api_key", "chatwoot_hook_1"):
            self.tenant._set_secret(ref, f"value of {ref}")
        self.env.flush_all()
        self.env.invalidate_all()
        self.tenant.read(["account_id", "timezone"])
        with self.assertQueryCount(1):
            for ref in ("signing_key", "llm_api_key", "chatwoot_hook_1", "none", "signing_key_id"):
                self.tenant._get_secret(ref)
                self.tenant._has_secret(ref)

    def test_one_query_for_many_tenants(self):
        tenants = self.tenant | self.other_tenant
        for tenant in tenants:
            tenant._set_secret("signing_key", "x")
        self.env.flush_all()
        self.env.invalidate_all()
        tenants.read(["account_id", "timezone"])
        with self.assertQueryCount(1):
            self.assertEqual([tenant._get_secret("signing_key") for tenant in tenants], ["x", "x"])

    def test_change_is_seen_at_once(self):
        credential = self._credential("shopee", partner_key="x")
        self.assertEqual(self.tenant._get_secret("shopee_partner_key"), "x")
        credential.line_ids.write({"new_value": "y"})
        self.assertEqual(self.tenant._get_secret("shopee_partner_key"), "y")
        credential.line_ids.unlink()
        self.assertEqual(self.tenant._get_secret("shopee_partner_key"), "")

    def test_platforms_of_the_document(self):
        self._credential(
            "mercado_livre",
            values={
                "line_ids": [
                    Command.create({"name": "app_id", "is_secret": False, "value": "ML123456"}),
                    Command.create({"name": "client_secret", "new_value": "s"}),
                    Command.create({"name": "refresh_token"}),
                ]
            },
        )
        self._credential("other", values={"name": "Correios & Cia"}, token="t")
        self.env["ai.credential"].create(
            {"name": "Old", "platform": "telegram", "tenant_id": self.tenant.id, "active": False}
        )
        for ref in ("llm_api_key", "erp_api_key", "qdrant_api_key", "signing_key"):
            self.tenant._set_secret(ref, "x")
        platforms = self.tenant._platform_documents()
        self.assertEqual(
            platforms,
            {
                "mercado_livre": {
                    "enabled": True,
                    "config": {
                        "app_id": "ML123456",
                        "client_secret_ref": "mercado_livre_client_secret",
                    },
                },
                "correios_cia": {"enabled": True, "config": {"token_ref": "correios_cia_token"}},
                "telegram": {"enabled": False, "config": {}},
            },
        )

    def test_lease(self):
        self._credential("shopee", partner_key="x")
        line = self._line("shopee_partner_key")
        lease = self.env["ai.credential.line"]._lease
        self.assertFalse(line.last_used or line.credential_id.last_used)
        self.assertEqual(lease(self.tenant, "shopee_partner_key"), "x")
        self.assertTrue(line.last_used)
        self.assertEqual(line.credential_id.last_used, line.last_used)
        self.assertIsNone(lease(self.tenant, "shopee_access_token"))
        self.assertIsNone(lease(self.other_tenant, "shopee_partner_key"))
        line.action_revoke()
        self.assertIsNone(lease(self.tenant, "shopee_partner_key"))

    def test_use_is_noted_once_a_minute(self):
        self._credential("shopee", partner_key="x")
        line = self._line("shopee_partner_key")
        lines = self.env["ai.credential.line"]
        for seconds, changes in ((30, False), (90, True)):
            told = fields.Datetime.now() - timedelta(seconds=seconds)
            line.sudo().last_used = told
            lines._lease(self.tenant, "shopee_partner_key")
            self.assertEqual(line.last_used != told, changes)

    def test_push_notes_the_use(self):
        self.tenant._set_secret("odoo_api_key", "x")
        self.tenant._tenant_secrets()
        self.assertTrue(self._line("odoo_api_key").last_used)

    def test_who_set_it_and_when(self):
        self._credential("shopee", partner_key="x")
        line = self._line("shopee_partner_key")
        line.with_user(self.manager).write({"new_value": "y"})
        self.assertEqual(line.set_by, self.manager)
        self.assertTrue(line.set_on)

    def test_one_credential_per_platform(self):
        self._credential("shopee")
        self._credential("other", values={"name": "Correios"})
        self._credential("other", values={"name": "Jadlog"})
        self._credential("shopee", self.other_tenant)
        for values in ({"platform": "shopee"}, {"platform": "other", "name": "correios!"}):
            with (
                self.subTest(values),
                self.assertRaises(IntegrityError),
                mute_logger("odoo.sql_db"),
                self.env.cr.savepoint(),
            ):
                self._credential("other", values=values)

    def test_names_and_references(self):
        credential = self._credential("other", values={"name": "Correios"})
        for vals in (
            {"name": "a b"},
            {"name": "a", "ref": "../up"},
            {"name": "a", "ref": "x" * 129},
            {"name": "token_ref"},
        ):
            with self.subTest(vals), self.assertRaises(ValidationError):
                credential.write({"line_ids": [Command.create(vals)]})
        with self.assertRaises(ValidationError):
            self._credential("other", values={"name": "!!!"})

    def test_two_secrets_never_share_a_reference(self):
        self._credential("shopee", partner_key="x")
        with (
            self.assertRaises(IntegrityError),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self._credential(
                "other",
                values={
                    "name": "Twin",
                    "line_ids": [Command.create({"name": "x", "ref": "shopee_partner_key"})],
                },
            )

    def test_deleted_tenant_leaves_nothing(self):
        self.tenant._set_secret("signing_key", "x")
        self._credential("shopee", partner_key="y").active = False
        tenant_id = self.tenant.id
        self.tenant.unlink()
        left = self.env["ai.credential"].with_context(active_test=False)
        self.assertFalse(left.search([("tenant_id", "=", tenant_id)]))

    def test_same_secret_has_the_same_fingerprint_in_one_account_only(self):
        self._credential("shopee", partner_key="same", access_token="same", refresh_token="other")
        self._credential("shopee", self.other_tenant, partner_key="same")
        mine = [
            self._line(f"shopee_{name}").fingerprint for name in ("partner_key", "access_token")
        ]
        self.assertEqual(mine[0], mine[1])
        self.assertNotEqual(mine[0], self._line("shopee_refresh_token").fingerprint)
        theirs = self._line("shopee_partner_key", self.other_tenant)
        self.assertNotEqual(mine[0], theirs.fingerprint)

    def test_nobody_touches_what_odoo_shares_with_the_sidecar(self):
        self.tenant._set_secret("signing_key", "x")
        line = self._line("signing_key").with_user(self.manager)
        credential = line.credential_id
        for name, change in {
            "new value": lambda: line.write({"new_value": "mine"}),
            "revoke": line.action_revoke,
            "delete": line.unlink,
            "archive": credential.action_archive,
            "delete the credential": credential.unlink,
            "rename": lambda: credential.write({"name": "mine"}),
            "another line": lambda: credential.write({"line_ids": [Command.create({"name": "a"})]}),
            "another credential": lambda: credential.create(
                {"name": "a", "platform": "ai_service", "tenant_id": self.tenant.id}
            ),
        }.items():
            with self.subTest(name), self.assertRaisesRegex(UserError, "makes and renews"):
                change()
