from freezegun import freeze_time

from odoo.tests import tagged

from .common import COUNTS, RulesCase


@tagged("post_install", "-at_install")
@freeze_time("2026-11-25 12:00:00")
class TestSync(RulesCase):
    def setUp(self):
        super().setUp()
        self._settle()

    def _waiting(self):
        return self._jobs().filtered(lambda job: job.state == "pending")

    def _finish(self, job, *refs):
        job._finish({**COUNTS, "points": {ref: f"point-of-{ref}" for ref in refs}})

    def test_a_burst_of_changes_is_one_job_with_what_changed(self):
        one, other = self._rule(name="One"), self._rule(name="Other")
        one.text = "New words."
        self.profile.greeting = "Hello."
        job = self._waiting()
        self.assertEqual(len(job), 1)
        params = self._send(job)
        self.assertEqual(
            params["ids"],
            {
                "rule": [one.id, other.id],
                "scheduling": [],
                "document": [],
                "profile": [self.profile.id],
            },
        )
        self.assertEqual((one | other).mapped("sync_state"), ["syncing", "syncing"])
        self.assertEqual(self._send(job), params, "the same job carries the same")

    def test_what_was_carried_is_green_when_it_arrived_and_not_before(self):
        rule = self._rule()
        self.assertEqual(rule.sync_state, "not_synced")
        job = self._waiting()
        self._send(job)
        self._finish(job, f"rule/{rule.id}")
        self.assertEqual((rule.sync_state, rule.vector_id), ("synced", f"point-of-rule/{rule.id}"))
        self.assertEqual(rule.last_sync, self._at("2026-11-25 12:00:00"))

    def test_a_change_under_way_stays_yellow_and_gets_its_own_job(self):
        rule = self._rule()
        first = self._waiting()
        self._send(first)
        rule.text = "Changed meanwhile."
        self.assertEqual(rule.sync_state, "syncing" if rule.sync_state == "syncing" else "to_sync")
        second = self._waiting()
        self.assertTrue(second)
        self._finish(first, f"rule/{rule.id}")
        self.assertEqual(rule.sync_state, "to_sync")
        self._send(second)
        self._finish(second, f"rule/{rule.id}")
        self.assertEqual(rule.sync_state, "synced")

    def test_the_older_of_two_jobs_makes_nothing_green(self):
        rule = self._rule()
        first = self._waiting()
        self._send(first)
        rule.text = "Changed."
        second = self._waiting()
        self._send(second)
        self._finish(first, f"rule/{rule.id}")
        self.assertEqual(rule.sync_state, "syncing")
        second._fail("upstream_error", "")
        self.assertEqual(rule.sync_state, "error")

    def test_a_failed_sync_never_shows_green(self):
        rule = self._rule()
        job = self._waiting()
        self._send(job)
        job._fail("upstream_refused", "")
        self.assertEqual(rule.sync_state, "error")
        self.assertTrue(rule.sync_error)
        job.action_retry()
        self._send(job)
        self.assertEqual((rule.sync_state, rule.sync_error), ("syncing", False))
        self._finish(job, f"rule/{rule.id}")
        self.assertEqual(rule.sync_state, "synced")

    def test_what_the_service_did_not_take_is_an_error(self):
        rule = self._rule()
        job = self._waiting()
        self._send(job)
        self._finish(job)
        self.assertEqual(rule.sync_state, "error")

    def test_a_result_of_the_wrong_shape_fails_the_job(self):
        rule = self._rule()
        job = self._waiting()
        self._send(job)
        job._finish({**COUNTS, "total": "many", "points": {}})
        self.assertEqual((job.state, job.error_code), ("failed", "invalid_result"))
        self.assertEqual(rule.sync_state, "error")

    def test_disabled_archived_cancelled_and_drafted_rules_are_taken_back(self):
        for change in (
            {"available": False},
            {"active": False},
            {"stage": "cancelled"},
            {"stage": "draft"},
        ):
            with self.subTest(change=change):
                rule = self._rule(name=str(change), text=str(change))
                self._settle()
                rule.vector_id = "point"
                rule.write(change)
                job = self._waiting()
                self.assertEqual(self._send(job)["ids"]["rule"], rule.ids)
                self.assertNotIn(rule.id, self._facade().rule_ids()["rule"])
                self.assertFalse(self._facade().rule_facts([["rule", rule.id]]))
                self._finish(job)
                self.assertEqual((rule.sync_state, rule.vector_id), ("not_synced", False))

    def test_deleted_records_are_named_to_be_removed(self):
        rule = self._rule()
        self._settle()
        rule_id = rule.id
        rule.unlink()
        job = self._waiting()
        self.assertEqual(self._send(job), {"ids": {"rule": [rule_id]}})
        self._finish(job)
        self.assertEqual(job.state, "done")

    def test_what_the_service_never_had_is_not_removed(self):
        self._rule(stage="draft").unlink()
        self.assertFalse(self._waiting())

    def test_nothing_is_queued_for_drafts_or_without_a_connection(self):
        self._rule(stage="draft")
        self._rule(name="Off", available=False)
        self.assertFalse(self._waiting())
        self.tenant.state = "not_connected"
        rule = self._rule(name="Later")
        self.assertFalse(self._waiting())
        self.assertEqual(rule.sync_state, "not_synced")

    def test_connecting_sends_everything(self):
        self._rule()
        self._settle()
        self.tenant._queue_all_rules()
        self.assertEqual(self._send(self._waiting()), {})

    def test_comparing_everything_tells_each_record_how_it_stands(self):
        rule, off = self._rule(), self._rule(name="Off", available=False)
        self._settle()
        self.profile.action_synchronize_all()
        self.assertEqual(rule.sync_state, "to_sync")
        job = self._waiting()
        self.assertEqual(self._send(job), {})
        self._finish(job, f"rule/{rule.id}")
        self.assertEqual(rule.sync_state, "synced")
        self.assertEqual(off.sync_state, "not_synced")
        self.assertEqual(self.profile.sync_state, "synced")

    def test_a_cancelled_job_leaves_what_it_carried_to_be_synchronized(self):
        rule = self._rule()
        job = self._waiting()
        self._send(job)
        job._cancel("Enough.")
        self.assertEqual(rule.sync_state, "to_sync")

    def test_what_a_lost_job_left_behind_is_queued_again(self):
        rule = self._rule()
        job = self._waiting()
        self._send(job)
        # As when the row is deleted by hand, or restored from a backup.
        job.state = "done"
        self.assertFalse(self._waiting())
        self.env["ai.company.profile"]._cron_repair_sync()
        self.assertEqual(rule.sync_state, "to_sync")
        self.assertEqual(self._send(self._waiting())["ids"]["rule"], rule.ids)

    def test_what_failed_for_good_is_not_repeated_for_ever(self):
        self._rule()
        job = self._waiting()
        self._send(job)
        job._fail("upstream_refused", "")
        self.env["ai.company.profile"]._cron_repair_sync()
        self.assertFalse(self._waiting())

    def test_another_language_or_zone_changes_every_sentence(self):
        rule = self._rule()
        self._settle()
        self.tenant.timezone = "Europe/Lisbon"
        self.assertEqual(rule.sync_state, "to_sync")

    def test_hours_are_part_of_the_profile(self):
        self._settle()
        self._week()
        self.assertEqual(self.profile.sync_state, "to_sync")
        self.assertEqual(self._send(self._waiting())["ids"]["profile"], self.profile.ids)

    def test_noting_how_a_copy_stands_is_no_change(self):
        rule = self._rule()
        before, jobs = rule.changed_on, self._jobs()
        with freeze_time("2026-11-26 12:00:00"):
            rule._set_sync({"sync_state": "synced"})
            self.assertEqual(rule.changed_on, before)
            self.assertEqual(self._jobs(), jobs)
