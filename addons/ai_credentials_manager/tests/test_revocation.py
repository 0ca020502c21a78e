from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import CredentialsCase


@tagged("post_install", "-at_install")
class TestRevocation(CredentialsCase):
    """A revoked secret is gone here, and the sidecar is told to evict it before anything else."""

    def setUp(self):
        super().setUp()
        self.sidecar = self._start_sidecar()
        self._connect(self.tenant, self.sidecar.url)
        self.credential = self._credential("shopee", partner_key="x", access_token="y")
        self.credential.write({"line_ids": [(0, 0, {"name": "refresh_token"})]})
        self.line = self._line("shopee_partner_key")

    def _assert_gone(self, *refs):
        self.assertEqual(self._revocations(), sorted(refs))
        for ref in refs:
            self.assertEqual(self.tenant._get_secret(ref), "")

    def test_revoke(self):
        self.line.with_user(self.manager).action_revoke()
        self._assert_gone("shopee_partner_key")
        self.assertEqual(self.tenant._get_secret("shopee_access_token"), "y")
        self.assertEqual(self.line.status, "not_set")
        self.assertFalse(self.line.sudo().ciphertext or self.line.masked or self.line.fingerprint)

    def test_revoke_reaches_the_sidecar(self):
        self.line.with_user(self.manager).action_revoke()
        self.sidecar.queue.append((200, {"success": True, "data": {"revoked": 1}}))
        self._run_sender()
        first = self.sidecar.bodies("/api/v1/process")[0]
        self.assertEqual(first["metadata"]["action"], "revoke_secrets")
        self.assertEqual(first["params"], {"refs": ["shopee_partner_key"]})

    def test_revoking_what_is_not_set_tells_nobody(self):
        self._line("shopee_refresh_token").action_revoke()
        self.assertEqual(self._revocations(), [])

    def test_archiving_revokes_all(self):
        self.credential.with_user(self.manager).action_archive()
        self._assert_gone("shopee_access_token", "shopee_partner_key")
        self.credential.action_unarchive()
        self.assertEqual(self.tenant._get_secret("shopee_partner_key"), "")

    def test_deleting_revokes_all(self):
        self.credential.with_user(self.manager).unlink()
        self._assert_gone("shopee_access_token", "shopee_partner_key")

    def test_deleting_a_line_revokes_it(self):
        self.line.with_user(self.manager).unlink()
        self._assert_gone("shopee_partner_key")

    def test_new_secret_after_a_revocation(self):
        self.line.action_revoke()
        self.line.write({"new_value": "new"})
        self.assertEqual(self.tenant._get_secret("shopee_partner_key"), "new")

    def test_salesperson_cannot_revoke(self):
        with self.assertRaises(UserError):
            self.line.with_user(self.salesperson).action_revoke()
        self.assertEqual(self._revocations(), [])
