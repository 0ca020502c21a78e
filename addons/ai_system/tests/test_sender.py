import json
from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from . import fake_sidecar
from .common import AiSystemCase

PROCESS = "/api/v1/process"


@tagged("post_install", "-at_install")
class TestSender(AiSystemCase):
    def setUp(self):
        super().setUp()
        self.env["ai.job"].search([])._cancel("not of this test")
        self.sidecar = self._start_sidecar()

    def _job(self, action="sync_products", params=None):
        return self.env["ai.job"]._enqueue(self.tenant, action, params or {}, self.tenant)

    def _due_now(self, job):
        """Let the clock of `job` run out."""
        job.next_try = fields.Datetime.now() - timedelta(seconds=1)

    def _wait(self, job):
        """Return the seconds until `job` is due."""
        return (job.next_try - fields.Datetime.now()).total_seconds()

    # Enrollment

    def _enroll(self, token=None):
        wizard = (
            self.env["ai.tenant.connect"]
            .with_user(self.manager)
            .create(
                {
                    "tenant_id": self.tenant.id,
                    "token": token or f"{self.sidecar.url}#one-time-secret",
                }
            )
        )
        self.assertFalse(wizard.read(["token"])[0]["token"])
        wizard.action_connect()

    def test_enrollment(self):
        self._enroll()
        self.assertEqual(self.tenant.state, "connecting")
        self.assertFalse(self.sidecar.requests, "no HTTP in the user's request")
        self._run_sender()
        self.assertEqual((self.tenant.state, self.tenant.sync_state), ("connected", "synced"))
        self.assertEqual(self.tenant.sidecar_url, self.sidecar.url)
        self.assertEqual(self.tenant._get_secret("signing_key"), fake_sidecar.SIGNING_KEY)
        self.assertFalse(self.tenant._get_secret("enrollment_token"))
        [body] = self.sidecar.bodies("/api/v1/enroll")
        self.assertEqual(body["account_id"], "test_one")
        self.assertEqual(body["config"]["company_id"], self.company.id)
        self.assertEqual(body["odoo"]["login"], self.tenant.integration_user_id.login)
        key = body["odoo"]["api_key"]
        keys = self.env["res.users.apikeys"].sudo()
        self.assertEqual(
            keys._check_credentials(scope="rpc", key=key), self.tenant.integration_user_id.id
        )
        job = self.env["ai.job"].search(
            [("tenant_id", "=", self.tenant.id), ("action", "=", "enroll")]
        )
        stored = json.dumps([job.payload, job.result, job.error_message])
        for secret in (key, fake_sidecar.SIGNING_KEY, "one-time-secret"):
            self.assertNotIn(secret, stored)
        # All products follow by themselves.
        [envelope] = self.sidecar.bodies(PROCESS)
        self.assertEqual(
            (envelope["metadata"]["action"], envelope["params"]), ("sync_products", {})
        )

    def test_enrollment_with_a_used_token(self):
        self._enroll(f"{self.sidecar.url}#wrong")
        self._run_sender()
        self.assertEqual(self.tenant.state, "error")
        self.assertIn("unknown, used or expired", self.tenant.error_text)
        self.assertFalse(self.tenant._get_secret("enrollment_token"))

    def test_enrolling_again_keeps_one_key(self):
        self._enroll()
        self._run_sender()
        self.sidecar.token = "second"
        self._enroll(f"{self.sidecar.url}#second")
        self._run_sender()
        self.assertEqual(self.tenant.state, "connected")
        users_keys = (
            self.env["res.users.apikeys"]
            .sudo()
            .search([("user_id", "=", self.tenant.integration_user_id.id)])
        )
        self.assertEqual(len(users_keys), 1)

    def test_a_failed_second_enrollment_leaves_the_first_working(self):
        self._enroll()
        self._run_sender()
        self._enroll(f"{self.sidecar.url}#wrong")
        self._run_sender()
        self.assertEqual(self.tenant.state, "connected")
        self.assertTrue(self.tenant.error_text)

    def test_enrollment_without_answer_waits(self):
        self.sidecar.queue = [fake_sidecar.failure(503, "unavailable")]
        self._enroll()
        self._run_sender()
        self.assertEqual(self.tenant.state, "connecting")
        job = self.env["ai.job"].search([("action", "=", "enroll"), ("state", "=", "pending")])
        self._due_now(job)
        self._run_sender()
        self.assertEqual(self.tenant.state, "connected")

    def test_tokens_that_would_leak_are_refused(self):
        for token in ("nonsense", "http://ai.example.com#x", "https://ai.example.com"):
            with self.subTest(token=token), self.assertRaises(UserError):
                self._enroll(token)

    # Jobs

    def test_an_accepted_job_is_in_progress_and_signed(self):
        self._connect(self.tenant, self.sidecar.url)
        job = self._job(params={"product_ids": [1]})
        self._run_sender()
        self.assertEqual(job.state, "sent")
        [(_method, _path, body, headers)] = self.sidecar.requests
        self.assertEqual(headers["X-AI-Account"], "test_one")
        self.assertEqual(
            json.loads(body)["metadata"],
            {
                "source": "odoo",
                "account_id": "test_one",
                "action": "sync_products",
                "job_id": job.uuid,
            },
        )
        self.assertAlmostEqual(self._wait(job), 60, delta=5)

    def test_a_stopped_sidecar_is_offered_the_job_again(self):
        self._connect(self.tenant, self.sidecar.url)
        job = self._job()
        self.sidecar.close()
        for offers, seconds in ((1, 5), (2, 10), (3, 20)):
            self._run_sender()
            self.assertEqual((job.state, job.send_attempts, job.attempts), ("pending", offers, 0))
            self.assertAlmostEqual(self._wait(job), seconds, delta=3)
            self._due_now(job)
        self.assertIn(self.sidecar.url, job.error_display)
        self.assertIn("does not answer", job.error_display)

    def test_5xx_and_strangers_are_not_counted(self):
        self._connect(self.tenant, self.sidecar.url)
        job = self._job()
        uuid = job.uuid
        for answer, code in (
            (fake_sidecar.failure(503, "unavailable"), "unavailable"),
            ((502, b"<html>bad gateway</html>"), "unavailable"),
            ((200, b"<html>hello</html>"), "bad_answer"),
            ((301, b""), "bad_answer"),
            ((200, b"x" * (3 * 1024 * 1024)), "bad_answer"),
            (fake_sidecar.failure(429, "too_many_requests"), "too_many_requests"),
        ):
            self.sidecar.queue = [answer]
            self._due_now(job)
            self._run_sender()
            self.assertEqual((job.state, job.error_code, job.attempts), ("pending", code, 0))
        self.assertEqual(job.uuid, uuid)
        self._due_now(job)
        self._run_sender()
        self.assertEqual((job.state, job.error_display), ("sent", False))

    def test_a_refusal_fails_the_job_with_its_reason(self):
        self._connect(self.tenant, self.sidecar.url)
        for status, code in ((401, "unauthorized"), (403, "crew_disabled"), (422, "unprocessable")):
            job = self._job()
            self.sidecar.queue = [fake_sidecar.failure(status, code, "the reason")]
            self._run_sender()
            self.assertEqual((job.state, job.error_code), ("failed", code))
            self.assertTrue(job.error_display)

    def test_a_lost_result_is_asked_for(self):
        self._connect(self.tenant, self.sidecar.url)
        job = self._job()
        self._run_sender()
        self._due_now(job)
        self._run_sender()
        self.assertEqual(self.sidecar.requests[-1][:2], ("GET", f"/api/v1/jobs/{job.uuid}"))
        self.assertEqual(job.state, "sent")
        self._due_now(job)
        counts = {"total": 1, "embedded": 0, "upserted": 0, "deleted": 0, "unchanged": 1}
        result = {**counts, "points": {}}
        self.sidecar.queue = [
            fake_sidecar.success({"job_id": job.uuid, "state": "done", "result": result})
        ]
        self._run_sender()
        self.assertEqual((job.state, job.result), ("done", counts))

    def test_a_forgotten_job_is_offered_again_under_its_id(self):
        self._connect(self.tenant, self.sidecar.url)
        job = self._job()
        self._run_sender()
        uuid = job.uuid
        self._due_now(job)
        self.sidecar.queue = [fake_sidecar.failure(404, "not_found")]
        self._run_sender()
        self.assertEqual((job.state, job.uuid), ("sent", uuid))
        self.assertEqual(self.sidecar.requests[-1][:2], ("POST", PROCESS))

    def test_a_job_that_is_known_to_have_failed_counts_as_a_run(self):
        self._connect(self.tenant, self.sidecar.url)
        job = self._job()
        error = {"code": "upstream_error", "message": "m"}
        self.sidecar.queue = [
            fake_sidecar.success({"job_id": job.uuid, "state": "failed", "error": error}, 202)
        ]
        self._run_sender()
        self.assertEqual((job.state, job.attempts), ("pending", 1))

    def test_without_keys_the_job_fails_clearly(self):
        job = self._job()
        self._run_sender()
        self.assertEqual((job.state, job.error_code), ("failed", "not_connected"))

    @mute_logger("odoo.addons.ai_system.models.ai_job_sender")
    def test_one_broken_job_does_not_stop_the_others(self):
        self._connect(self.tenant, self.sidecar.url)
        broken = self._job(params={"product_ids": [1]})
        prepare = type(broken)._prepare_envelope

        def fail_for_the_broken_one(job):
            if job == broken:
                raise ValueError("unforeseen")
            return prepare(job)

        self.patch(type(broken), "_prepare_envelope", fail_for_the_broken_one)
        good = self._job()
        self.patch(type(broken), "_rollback", lambda job: None)
        self._run_sender()
        self.assertEqual((broken.state, broken.error_code), ("failed", "internal_error"))
        self.assertEqual(good.state, "sent")

    # Configuration

    def test_synchronize_sends_document_and_secrets_but_stores_none(self):
        self._connect(self.tenant, self.sidecar.url)
        channel = self.env["ai.channel"].create(
            {
                "name": "Site",
                "tenant_id": self.tenant.id,
                "url": "http://chat.sender.test/",
                "inbox_id": 1,
                "bot_token": "bot-secret",
            }
        )
        channel.hook_ids.secret = "hook-secret"
        self.assertEqual(self.tenant.sync_state, "to_sync")
        self.tenant.with_user(self.manager).action_synchronize()
        self._run_sender()
        self.assertEqual(self.tenant.sync_state, "synced")
        [envelope] = self.sidecar.bodies(PROCESS)
        document, secrets = envelope["params"]["config"], envelope["params"]["secrets"]
        self.assertEqual(document["integrations"]["chatwoot"]["channels"][0]["id"], channel.id)
        self.assertEqual(secrets[f"chatwoot_hook_{channel.hook_ids.id}"], "hook-secret")
        self.assertEqual(secrets[f"chatwoot_bot_token_{channel.id}"], "bot-secret")
        self.assertNotIn(f"chatwoot_reading_token_{channel.id}", secrets)
        for secret in secrets.values():
            self.assertNotIn(secret, json.dumps(self.env["ai.job"].search([]).mapped("payload")))
        self.assertNotIn(channel.hook_ids.url_token, json.dumps(envelope))

    def test_a_change_under_way_is_not_taken_for_synchronized(self):
        self._connect(self.tenant, self.sidecar.url)
        self.tenant.action_synchronize()
        self.sidecar.queue = [fake_sidecar.success({"version": self.tenant.config_version - 1})]
        self._run_sender()
        self.assertEqual(self.tenant.sync_state, "to_sync")

    def test_an_invalid_document_is_shown_on_the_tenant(self):
        self._connect(self.tenant, self.sidecar.url)
        self.tenant.action_synchronize()
        status, refusal = fake_sidecar.failure(422, "config_invalid", "the host is unknown")
        refusal["error"]["details"]["field"] = "integrations.chatwoot.channels.0.url"
        self.sidecar.queue = [(status, refusal)]
        self._run_sender()
        self.assertEqual(self.tenant.sync_state, "error")
        self.assertEqual(
            self.tenant.error_text,
            "The AI service refused the settings: integrations.chatwoot.channels.0.url: the host "
            "is unknown",
        )

    def test_newer_settings_there_are_told_with_the_way_out(self):
        self._connect(self.tenant, self.sidecar.url)
        self.tenant.action_synchronize()
        self.sidecar.queue = [fake_sidecar.failure(409, "conflict", "version 9 is held")]
        self._run_sender()
        self.assertEqual(self.tenant.sync_state, "error")
        self.assertIn("sidecar enroll", self.tenant.error_text)

    def test_changes_are_pushed_by_themselves_after_a_quiet_while(self):
        self._connect(self.tenant, self.sidecar.url)
        self.tenant.name = "Shop Uno"
        self.assertEqual(self.tenant.sync_state, "to_sync")
        self.env["ai.tenant"]._cron_sync()
        self._run_sender()
        self.assertFalse(self.sidecar.requests, "a person may still be typing")
        self.tenant.changed_on = fields.Datetime.now() - timedelta(seconds=31)
        self.env["ai.tenant"]._cron_sync()
        self._run_sender()
        self.assertEqual(self.tenant.sync_state, "synced")
        [envelope] = self.sidecar.bodies(PROCESS)
        self.assertEqual(envelope["params"]["config"]["name"], "Shop Uno")

    def test_what_changes_while_a_push_is_under_way_follows_it(self):
        self._connect(self.tenant, self.sidecar.url)
        job = self.tenant._queue_sync_config()
        left = job._prepare_envelope()["params"]["config"]
        self.tenant.name = "Shop Uno"
        self.assertEqual(self.tenant._queue_sync_config(), job, "as its sender is not back yet")
        job._finish({"version": left["version"]})
        self.assertEqual(self.tenant.sync_state, "to_sync")
        self._run_sender()
        self.assertEqual(self.tenant.sync_state, "synced")
        [envelope] = self.sidecar.bodies(PROCESS)
        self.assertEqual(envelope["params"]["config"]["name"], "Shop Uno")

    def test_a_refused_document_is_not_pushed_again_until_it_changes(self):
        self._connect(self.tenant, self.sidecar.url)
        self.tenant.write({"name": "Shop Uno"})
        self.tenant.changed_on = fields.Datetime.now() - timedelta(minutes=1)
        self.env["ai.tenant"]._cron_sync()
        self.sidecar.queue = [fake_sidecar.failure(422, "config_invalid", "no")]
        self._run_sender()
        self.env["ai.tenant"]._cron_sync()
        self._run_sender()
        self.assertEqual(len(self.sidecar.requests), 1)

    def test_revoked_secrets_are_evicted_before_anything_else(self):
        self._connect(self.tenant, self.sidecar.url)
        self.tenant.action_synchronize()
        self.tenant._revoke_secrets(["erp_api_key", "llm_api_key", "erp_api_key"])
        self._run_sender()
        first, second = self.sidecar.bodies(PROCESS)
        self.assertEqual(first["metadata"]["action"], "revoke_secrets")
        self.assertEqual(first["params"], {"refs": ["erp_api_key", "llm_api_key"]})
        self.assertEqual(second["metadata"]["action"], "sync_config")

    def test_a_tenant_that_is_not_connected_has_nothing_to_evict(self):
        self.assertFalse(self.tenant._revoke_secrets(["erp_api_key"]))

    # A sender that dies

    def test_a_job_whose_sender_died_is_sent_again_under_its_id(self):
        self._connect(self.tenant, self.sidecar.url)
        job = self._job()
        uuid = job.uuid
        # What a sender leaves behind that is killed while it waits for the answer.
        job.next_try = fields.Datetime.now() + timedelta(minutes=2)
        self._run_sender()
        self.assertFalse(self.sidecar.requests, "somebody may be at it")
        self._due_now(job)
        self._run_sender()
        self.assertEqual((job.state, job.uuid, job.attempts), ("sent", uuid, 0))
        [envelope] = self.sidecar.bodies(PROCESS)
        self.assertEqual(envelope["metadata"]["job_id"], uuid)

    def test_a_key_is_renewed_before_it_expires(self):
        self._connect(self.tenant, self.sidecar.url)
        old = self.tenant._get_secret("odoo_api_key")
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *a, **k: float("inf"))
        self.env["ai.tenant"]._cron_renew_keys()
        self.assertEqual(self.tenant._get_secret("odoo_api_key"), old, "not due yet")
        self.tenant.key_expiry = fields.Datetime.now() + timedelta(days=29)
        self.env["ai.tenant"]._cron_renew_keys()
        new = self.tenant._get_secret("odoo_api_key")
        self.assertNotEqual(new, old)
        keys = self.env["res.users.apikeys"].sudo()
        self.assertTrue(keys._check_credentials(scope="rpc", key=old), "until the push succeeded")
        self._run_sender()
        self.assertEqual(self.sidecar.bodies(PROCESS)[0]["params"]["secrets"]["odoo_api_key"], new)
        self.assertFalse(keys._check_credentials(scope="rpc", key=old))
        self.assertTrue(keys._check_credentials(scope="rpc", key=new))
