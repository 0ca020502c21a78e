from odoo.exceptions import UserError
from odoo.tests import tagged

from .. import vault
from .common import KEY_ONE, KEY_TWO, CredentialsCase


@tagged("post_install", "-at_install")
class TestVaultRows(CredentialsCase):
    """What happens to stored secrets when the database or the keys are not as they were."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.credential = cls._credential("shopee", partner_key="one", access_token="two")
        cls.other = cls._credential("shopee", cls.other_tenant, partner_key="three")

    def _ciphertext(self, line, text=None):
        """Return a line's ciphertext as it lies in the table, or replace it there."""
        self.env.flush_all()
        if text is not None:
            self.env.cr.execute(
                "UPDATE ai_credential_line SET ciphertext = %s WHERE id = %s", [text, line.id]
            )
            self.env.invalidate_all()
        self.env.cr.execute("SELECT ciphertext FROM ai_credential_line WHERE id = %s", [line.id])
        return self.env.cr.fetchone()[0]

    def test_moved_ciphertext_does_not_open(self):
        mine = self._line("shopee_partner_key")
        for name, source in {
            "another parameter": self._line("shopee_access_token"),
            "another tenant": self._line("shopee_partner_key", self.other_tenant),
        }.items():
            self._ciphertext(mine, self._ciphertext(source))
            with self.subTest(name), self.assertRaisesRegex(UserError, "changed or moved"):
                self.tenant._get_secret("shopee_partner_key")

    def test_ciphertext_does_not_follow_a_credential_with_another_reference(self):
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE ai_credential SET reference = 'other' WHERE id = %s", [self.credential.id]
        )
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "changed or moved"):
            self.tenant._get_secret("shopee_partner_key")

    def test_renamed_account_keeps_its_secrets(self):
        self.tenant.account_id = "renamed"
        self.assertEqual(self.tenant._get_secret("shopee_partner_key"), "one")
        opened = self.env["ai.credential.line"]._open_vault()
        place = vault.Place("renamed", self.credential.reference, "shopee_partner_key")
        sealed = self._ciphertext(self._line("shopee_partner_key"))
        self.assertEqual(opened.unseal(sealed, place), "one")

    def test_without_a_key_nothing_is_saved_and_the_rest_works(self):
        self._use_keys("")
        line = self._line("shopee_partner_key").with_user(self.manager)
        with self.assertRaisesRegex(UserError, "openssl rand -base64 32"):
            line.write({"new_value": "new"})
        with self.assertRaisesRegex(UserError, "openssl rand -base64 32"):
            self.tenant._set_secret("llm_api_key", "new")
        with self.assertRaises(vault.VaultError):
            self.env["ai.credential.line"]._lease(self.tenant, "shopee_partner_key")
        self.assertEqual(line.read(["status", "masked"])[0]["status"], "set")
        self.assertTrue(self.tenant._has_secret("shopee_partner_key"))
        self.assertFalse(self.tenant._has_secret("llm_api_key"))
        self.assertEqual(self.tenant._get_secret("llm_api_key"), "")
        self.assertIn("shopee", self.tenant._tenant_document()["integrations"])
        self.credential.with_user(self.manager).notes = "still editable"
        line.action_revoke()
        self.assertFalse(self.tenant._has_secret("shopee_partner_key"))

    def test_malformed_key_is_said_in_words(self):
        self._use_keys(KEY_ONE, "oops")
        with self.assertRaisesRegex(UserError, "Key number 2 .* 32 bytes"):
            self.tenant._get_secret("shopee_partner_key")

    def test_lost_key_names_the_secret(self):
        self._use_keys(KEY_TWO)
        with self.assertRaisesRegex(UserError, "shopee_partner_key.*no longer has"):
            self.tenant._get_secret("shopee_partner_key")

    def test_job_waits_for_the_vault(self):
        sidecar = self._start_sidecar()
        self._connect(self.tenant, sidecar.url)
        job = self.tenant._queue_sync_config()
        self._use_keys("")
        self._run_sender()
        self.assertEqual((job.state, job.error_code), ("pending", "vault_unavailable"))
        self.assertIn("openssl rand -base64 32", job.error_display)
        self.assertEqual(sidecar.requests, [])
