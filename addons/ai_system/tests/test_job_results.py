from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, ConcurrencyError, UserError
from odoo.tests import tagged

from .common import AiSystemCase

COUNTS = {"total": 3, "embedded": 3, "upserted": 3, "deleted": 0, "unchanged": 0}
RESULT = {**COUNTS, "points": {}}


@tagged("post_install", "-at_install")
class TestJobResults(AiSystemCase):
    def setUp(self):
        super().setUp()
        self.facade = self._facade(self.tenant)
        self.job = self.env["ai.job"]._enqueue(self.tenant, "sync_products", {})
        self.job.write({"state": "sent", "user_id": self.manager.id})

    def _notices(self):
        """Return the payloads of the bus notices sent so far."""
        self.env.cr.precommit.run()
        notices = self.env["bus.bus"].sudo().search([("message", "like", "ai_system.job")])
        return [notice.message for notice in notices.sorted("id")]

    def test_done_is_taken_over_once(self):
        self.assertIs(self.facade.job_result(self.job.uuid, "done", RESULT), True)
        self.assertEqual((self.job.state, self.job.result), ("done", COUNTS))
        ended = self.job.done_at
        self.assertTrue(self.facade.job_result(self.job.uuid, "done", {"total": 9}))
        self.assertTrue(self.facade.job_result(self.job.uuid, "failed", False, {"code": "x"}))
        self.assertEqual((self.job.state, self.job.result), ("done", COUNTS))
        self.assertEqual(self.job.done_at, ended)

    def test_a_misshapen_result_fails_the_job(self):
        self.facade.job_result(self.job.uuid, "done", {"total": "many"})
        self.assertEqual((self.job.state, self.job.error_code), ("failed", "invalid_result"))

    def test_a_failed_run_is_repeated_under_a_fresh_id_and_counted(self):
        for attempt, minutes in ((1, 5), (2, 10)):
            old = self.job.uuid
            self.job.state = "sent"
            before = fields.Datetime.now()
            self.facade.job_result(old, "failed", False, {"code": "upstream_error", "message": "m"})
            self.assertEqual((self.job.state, self.job.attempts), ("pending", attempt))
            self.assertNotEqual(self.job.uuid, old)
            wait = self.job.next_try - before
            self.assertAlmostEqual(wait, timedelta(minutes=minutes), delta=timedelta(seconds=30))
            self.assertIn("sent again", self.job.error_display)
            # The late second delivery of the same failure changes nothing.
            self.assertTrue(self.facade.job_result(old, "failed", False, {"code": "x"}))
            self.assertEqual(self.job.attempts, attempt)
        self.job.state = "sent"
        self.facade.job_result(self.job.uuid, "failed", False, {"code": "upstream_error"})
        self.assertEqual((self.job.state, self.job.attempts), ("failed", 3))

    def test_a_final_error_ends_the_job_at_once(self):
        self.facade.job_result(
            self.job.uuid, "failed", False, {"code": "crew_disabled", "message": "m"}
        )
        self.assertEqual((self.job.state, self.job.attempts), ("failed", 1))
        self.assertIn("switched off", self.job.error_display)

    def test_a_result_after_a_failure_or_cancel(self):
        self.job._fail("timeout", "")
        self.facade.job_result(self.job.uuid, "done", RESULT)
        self.assertEqual(self.job.state, "done")
        other = self.env["ai.job"]._enqueue(self.tenant, "sync_products", {})
        other.action_cancel()
        self.facade.job_result(other.uuid, "done", RESULT)
        self.assertEqual((other.state, other.result), ("cancelled", False))

    def test_only_the_tenants_own_jobs(self):
        with self.assertRaises(AccessError):
            self._facade(self.other_tenant).job_result(self.job.uuid, "done", RESULT)
        self.assertEqual(self.job.state, "sent")
        self.assertTrue(self.facade.job_result("no-such-job", "done", RESULT))
        with self.assertRaises(UserError):
            self.facade.job_result(self.job.uuid, "finished", RESULT)

    def test_the_requester_is_told(self):
        before = len(self._notices())
        self.facade.job_result(self.job.uuid, "done", RESULT)
        notices = self._notices()[before:]
        self.assertEqual(len(notices), 1)
        self.assertIn(self.job.uuid, str(notices[0]))

    def test_retry_of_a_failed_job_has_a_fresh_id(self):
        old = self.job.uuid
        self.job._fail("internal_error", "boom")
        self.job.with_user(self.manager).action_retry()
        self.assertEqual((self.job.state, self.job.error_code), ("pending", False))
        self.assertNotEqual(self.job.uuid, old)

    def test_people_steer_their_own_jobs_only(self):
        self.job._fail("internal_error", "boom")
        with self.assertRaises(AccessError):
            self.job.with_user(self.salesperson).action_retry()
        self.job.user_id = self.salesperson
        self.job.with_user(self.salesperson).action_retry()
        self.assertEqual(self.job.state, "pending")
        with self.assertRaises(AccessError):
            self.job.with_user(self.salesperson).write({"state": "done"})

    def test_a_double_click_makes_one_job(self):
        jobs = self.env["ai.job"]
        first = jobs._enqueue(self.tenant, "sync_products", {"product_ids": [1]}, self.tenant)
        again = jobs._enqueue(self.tenant, "sync_products", {"product_ids": [1]}, self.tenant)
        other = jobs._enqueue(self.tenant, "sync_products", {"product_ids": [2]}, self.tenant)
        self.assertEqual(first, again)
        self.assertNotEqual(first, other)

    def _ask_unseen(self, action, params, record=None):
        """Queue a job as a transaction does that sees none of the others' jobs; return it."""
        jobs = self.env["ai.job"].sudo()
        with patch.object(type(jobs), "search", lambda self, *args, **kwargs: self.browse()):
            return jobs._enqueue(self.tenant, action, params, record)

    def test_two_clicks_at_the_same_moment_make_one_job(self):
        first = self._ask_unseen("enroll", {"url": "a", "b": 1}, self.tenant)
        before = self.env["ai.job"].sudo().search([])
        with self.assertRaises(ConcurrencyError), self.assertNoLogs("odoo.sql_db", "ERROR"):
            self._ask_unseen("enroll", {"b": 1, "url": "a"}, self.tenant)
        self.assertEqual(self.env["ai.job"].sudo().search([]), before)
        # The request that runs again sees the job of the other.
        again = self.env["ai.job"]._enqueue(
            self.tenant, "enroll", {"url": "a", "b": 1}, self.tenant
        )
        self.assertEqual(again, first)
        first.state = "sent"
        with self.assertRaises(ConcurrencyError):
            self._ask_unseen("enroll", {"url": "a", "b": 1}, self.tenant)

    def test_other_requests_at_the_same_moment_are_jobs_of_their_own(self):
        first = self._ask_unseen("enroll", {"url": "a"}, self.tenant)
        self.assertNotEqual(self._ask_unseen("enroll", {"url": "b"}, self.tenant), first)
        self.assertNotEqual(self._ask_unseen("get_config", {"url": "a"}, self.tenant), first)
        self.assertNotEqual(self._ask_unseen("enroll", {"url": "a"}, self.manager), first)
        first.state = "done"
        self.assertNotEqual(self._ask_unseen("enroll", {"url": "a"}, self.tenant), first)

    def test_what_costs_nothing_twice_is_queued_twice(self):
        for action, record in (("sync_products", self.tenant), ("product_text", None)):
            first = self._ask_unseen(action, {}, record)
            self.assertNotEqual(self._ask_unseen(action, {}, record), first)

    def test_a_changed_payload_may_be_asked_for_again(self):
        first = self._ask_unseen("rotate_signing_key", {}, self.tenant)
        first.sudo().payload = {"api_key_id": 1}
        self.assertNotEqual(self._ask_unseen("rotate_signing_key", {}, self.tenant), first)

    def test_an_old_job_is_tried_again_beside_a_new_one(self):
        old = self._ask_unseen("rotate_signing_key", {}, self.tenant)
        old._fail("llm_error", "down")
        new = self._ask_unseen("rotate_signing_key", {}, self.tenant)
        old.action_retry()
        old.flush_recordset()
        self.assertEqual((old.state, new.state), ("pending", "pending"))

    def test_active_jobs_are_not_deleted(self):
        with self.assertRaises(UserError):
            self.job.unlink()
