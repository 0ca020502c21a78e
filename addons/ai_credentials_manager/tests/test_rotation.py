from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.base.models.ir_cron import IrCron

from .. import vault
from ..models import ai_credential_rotation
from .common import KEY_ONE, KEY_THREE, KEY_TWO, CredentialsCase

ONE, TWO = (key.fingerprint for key in vault.parse_keys([KEY_ONE, KEY_TWO]))


@tagged("post_install", "-at_install")
class TestRotation(CredentialsCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        secrets = {f"secret_{n}": f"value {n}" for n in range(5)}
        cls._credential("other", values={"name": "Many"}, **secrets)
        cls._credential("shopee", cls.other_tenant, partner_key="theirs")
        admin = cls.env.ref("base.user_admin")
        cls.rotations = cls.env["ai.credential.rotation"].with_user(admin)

    def _open(self):
        rotation = self.rotations.browse(self.rotations.action_open()["res_id"])
        rotation.invalidate_recordset()
        return rotation

    def _run(self, seconds=float("inf")):
        """Run the rotation's cron; it may commit once when `seconds` is 0."""
        with (
            patch.object(IrCron, "_commit_progress", lambda *args, **kwargs: seconds),
            patch.object(ai_credential_rotation, "BATCH", 2),
        ):
            self.env["ai.credential.rotation"]._cron_rotate()
        self.env.invalidate_all()

    def _keys(self):
        return sorted(set(self.env["ai.credential.line"].search([]).mapped("key_fingerprint")))

    def _assert_all_open(self):
        values = [self.tenant._get_secret(f"many_secret_{n}") for n in range(5)]
        self.assertEqual(values, [f"value {n}" for n in range(5)])
        self.assertEqual(self.other_tenant._get_secret("shopee_partner_key"), "theirs")

    def test_nothing_to_do_says_how_to_begin(self):
        rotation = self._open()
        self.assertEqual((rotation.newest_key, rotation.pending_count), (ONE, 0))
        with self.assertRaisesRegex(UserError, "openssl rand -base64 32"):
            rotation.action_rotate()

    def test_rotation(self):
        self._use_keys(KEY_TWO, KEY_ONE)
        self._assert_all_open()
        rotation = self._open()
        self.assertEqual((rotation.newest_key, rotation.pending_count), (TWO, 6))
        rotation.action_rotate()
        self.assertEqual((rotation.state, rotation.total), ("running", 6))
        self._run()
        self.assertEqual((rotation.state, rotation.processed), ("done", 6))
        self.assertFalse(rotation.problems)
        self.assertEqual(self._keys(), [TWO])
        self._use_keys(KEY_TWO)  # the old key is not needed any more
        self._assert_all_open()

    def test_interrupted_and_resumed(self):
        self._use_keys(KEY_TWO, KEY_ONE)
        rotation = self._open()
        rotation.action_rotate()
        self._run(seconds=0)
        self.assertEqual((rotation.state, rotation.processed), ("running", 2))
        self.assertEqual(self._keys(), sorted((ONE, TWO)))
        self._assert_all_open()
        self.assertEqual(self._open(), rotation)
        with self.assertRaisesRegex(UserError, "under way"):
            rotation.action_rotate()
        self._run()
        self.assertEqual((rotation.state, rotation.processed), ("done", 6))
        self._assert_all_open()

    def test_secret_that_is_changed_meanwhile_is_kept(self):
        self._use_keys(KEY_TWO, KEY_ONE)
        rotation = self._open()
        rotation.action_rotate()
        self._run(seconds=0)
        self._line("many_secret_4").write({"new_value": "changed"})
        self._run()
        self.assertEqual(self.tenant._get_secret("many_secret_4"), "changed")
        self.assertEqual((rotation.state, rotation.processed), ("done", 6))

    def test_locked_secret_is_taken_in_the_next_run(self):
        self._use_keys(KEY_TWO, KEY_ONE)
        rotation = self._open()
        rotation.action_rotate()
        model = type(self.env["ai.credential.line"])
        original = model.try_lock_for_update
        held = self._line("many_secret_3")

        def all_but_one(lines, **kwargs):
            return original(lines - held, **kwargs)

        with patch.object(model, "try_lock_for_update", all_but_one):
            self._run()
        self.assertEqual((rotation.state, held.key_fingerprint), ("running", ONE))
        self._run()
        self.assertEqual((rotation.state, rotation.processed), ("done", 6))
        self._assert_all_open()

    def test_lost_key_is_reported_by_name(self):
        self._use_keys(KEY_TWO)
        self._line("many_secret_0").write({"new_value": "entered again"})
        self._use_keys(KEY_THREE, KEY_TWO)
        rotation = self._open()
        self.assertIn(ONE, str(rotation.key_table))
        rotation.action_rotate()
        self._run()
        self.assertEqual((rotation.state, rotation.processed), ("done", 1))
        for ref in ("many_secret_1", "many_secret_4", "shopee_partner_key"):
            self.assertIn(ref, rotation.problems)
        self.assertIn(ONE, rotation.problems)
        self.assertNotIn("many_secret_0", rotation.problems)
        self.assertNotIn("value 1", rotation.problems)
        self.assertEqual(self.tenant._get_secret("many_secret_0"), "entered again")

    def test_vault_that_closes_meanwhile(self):
        self._use_keys(KEY_TWO, KEY_ONE)
        rotation = self._open()
        rotation.action_rotate()
        self._use_keys("")
        self._run()
        self.assertEqual(rotation.state, "failed")
        self.assertIn("openssl rand", rotation.problems)
        self._use_keys(KEY_TWO, KEY_ONE)
        rotation.action_rotate()
        self._run()
        self.assertEqual(rotation.state, "done")

    def test_without_a_key_the_form_still_opens(self):
        self._use_keys("")
        rotation = self._open()
        self.assertIn("openssl rand", rotation.vault_error)
        self.assertEqual(rotation.pending_count, 0)

    def test_form_is_told(self):
        self._use_keys(KEY_TWO, KEY_ONE)
        rotation = self._open()
        rotation.action_rotate()
        told = []
        partner = type(self.env["res.partner"])
        with patch.object(
            partner, "_bus_send", lambda partner, kind, message, **kw: told.append((kind, message))
        ):
            self._run()
        self.assertEqual(len(told), 4)
        kind, message = told[-1]
        self.assertEqual((kind, message["model"]), ("ai_system.job", "ai.credential.rotation"))
        self.assertEqual(message["res_id"], rotation.id)
