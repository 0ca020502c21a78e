import json
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from . import fake_sidecar
from .common import AiSystemCase
from .fake_sidecar import KEY_ID, NEW_KEY, NEW_KEY_ID, SIGNING_KEY

PROCESS = "/api/v1/process"


@tagged("post_install", "-at_install")
class TestRotation(AiSystemCase):
    def setUp(self):
        super().setUp()
        self.env["ai.job"].search([])._cancel("not of this test")
        self.sidecar = self._start_sidecar()
        self._connect(self.tenant, self.sidecar.url)

    def _rotate(self):
        self.tenant.with_user(self.manager).action_rotate_signing_key()
        self._run_sender()
        return self.env["ai.job"].search([("action", "=", "rotate_signing_key")], limit=1)

    def _used_keys(self):
        return [headers["X-AI-Key-Id"] for _m, _p, _b, headers in self.sidecar.requests]

    def test_the_newest_signs_and_the_one_before_is_kept(self):
        job = self._rotate()
        self.assertEqual(job.state, "done")
        self.assertEqual(
            list(self.tenant._signing_keys().items()),
            [(NEW_KEY_ID, NEW_KEY), (KEY_ID, SIGNING_KEY)],
        )
        self.assertTrue(self.tenant.signing_key_date)
        self.assertNotIn(NEW_KEY, json.dumps([job.payload, job.result]))
        self.tenant.action_synchronize()
        self._run_sender()
        self.assertEqual(self._used_keys(), [KEY_ID, NEW_KEY_ID])

    def test_the_same_pending_key_twice_keeps_the_one_before(self):
        self._rotate()
        self._rotate()
        self.assertEqual(list(self.tenant._signing_keys()), [NEW_KEY_ID, KEY_ID])

    def test_a_key_that_the_sidecar_lost_does_not_lock_out(self):
        self._rotate()
        del self.sidecar.keys[NEW_KEY_ID]
        self.tenant.action_synchronize()
        self._run_sender()
        self.assertEqual(self.tenant.sync_state, "synced")
        self.assertEqual(self._used_keys(), [KEY_ID, NEW_KEY_ID, KEY_ID])

    def test_both_refused_is_one_refusal(self):
        self._rotate()
        self.sidecar.keys = {}
        self.tenant.action_synchronize()
        self._run_sender()
        self.assertEqual(self._used_keys(), [KEY_ID, NEW_KEY_ID, KEY_ID])
        self.assertEqual(self.tenant.sync_state, "error")

    def test_a_misshapen_key_is_not_taken_over(self):
        for data in ({"key_id": "k"}, {"key_id": "", "signing_key": "x"}, {"signing_key": 1}):
            self.sidecar.queue = [fake_sidecar.success(data)]
            job = self._rotate()
            self.assertEqual((job.state, job.error_code), ("failed", "invalid_result"))
        self.assertEqual(self.tenant._signing_keys(), {KEY_ID: SIGNING_KEY})

    def test_old_keys_are_renewed_by_themselves(self):
        jobs = self.env["ai.job"]
        domain = [("action", "=", "rotate_signing_key"), ("state", "=", "pending")]
        self.tenant.signing_key_date = fields.Datetime.now() - timedelta(days=89)
        self.env["ai.tenant"]._cron_rotate_keys()
        self.assertFalse(jobs.search_count(domain))
        self.tenant.signing_key_date = fields.Datetime.now() - timedelta(days=91)
        self.env["ai.tenant"]._cron_rotate_keys()
        self.assertEqual(jobs.search(domain).tenant_id, self.tenant)

    def test_disconnecting_forgets_both_keys(self):
        self._rotate()
        self.tenant.action_disconnect()
        self.assertFalse(self.tenant._signing_keys())

    def test_what_happened_is_audited_for_who_asked(self):
        seen = []
        self.patch(
            type(self.tenant),
            "_audit",
            lambda tenant, *args: seen.append((tenant.env.user.login, *args)),
        )
        self._rotate()
        self.tenant.with_user(self.manager).action_synchronize()
        self.sidecar.queue = [fake_sidecar.failure(422, "config_invalid")]
        self._run_sender()
        self.tenant.with_user(self.manager).action_disconnect()
        # A vault has deeds of its own to note.
        seen = [deed for deed in seen if deed[1] in ("rotate", "sync", "disconnect")]
        who, name = self.manager.login, self.tenant.name
        self.assertEqual(
            seen,
            [
                (who, "rotate", name, "ok", ""),
                (who, "sync", name, "error", "config_invalid"),
                (who, "disconnect", self.sidecar.url),
            ],
        )
