from freezegun import freeze_time

from odoo.tests import tagged

from .common import RulesCase


@tagged("post_install", "-at_install")
@freeze_time("2026-11-25 12:00:00")
class TestNotices(RulesCase):
    def _run(self, now="2026-11-25 12:00:00"):
        with freeze_time(now):
            self.env["ai.business.rule"]._cron_notices()
        self.env.invalidate_all()

    def _people(self, rule):
        return rule.activity_ids.user_id & (self.manager | self.user)

    def test_administrators_hear_before_and_after_the_end(self):
        rule = self._promotion(name="Sale")
        self._run()
        self.assertFalse(rule.activity_ids)
        self._run("2026-11-28 12:00:00")
        self.assertEqual(self._people(rule), self.manager)
        self.assertIn("ends on 11/30/2026", self._mine(rule).summary)
        self._run("2026-12-01 02:59:00")
        self.assertEqual(len(self._mine(rule)), 1)
        self._run("2026-12-01 03:00:00")
        self.assertIn("ended on 11/30/2026", self._mine(rule).summary)
        count = len(rule.activity_ids)
        self._run("2026-12-02 03:00:00")
        self.assertEqual(len(rule.activity_ids), count)

    def _mine(self, rule):
        return rule.activity_ids.filtered(lambda activity: activity.user_id == self.manager)

    def test_new_dates_are_told_anew(self):
        rule = self._promotion()
        self._run("2026-11-29 12:00:00")
        rule.date_to = "2026-12-10"
        self.assertFalse(rule.notice)
        self._run("2026-11-29 13:00:00")
        self.assertFalse(rule.notice)
        self._run("2026-12-09 12:00:00")
        self.assertEqual(rule.notice, "before")

    def test_a_notice_is_no_change_of_the_content(self):
        rule = self._promotion()
        self._settle()
        self._run("2026-11-29 12:00:00")
        self.assertEqual(rule.sync_state, "synced")

    def test_drafts_permanent_rules_and_other_companies_are_quiet(self):
        draft = self._promotion(stage="draft")
        permanent = self._rule("return", return_days=7)
        theirs = self._promotion(profile_id=self.other_profile.id)
        self._run("2026-11-29 12:00:00")
        self.assertFalse((draft | permanent).activity_ids)
        self.assertNotIn(self.manager, theirs.activity_ids.user_id)

    def test_zero_days_means_only_when_it_has_ended(self):
        self.profile.notice_days = 0
        rule = self._promotion()
        self._run("2026-11-30 12:00:00")
        self.assertFalse(rule.notice)
        self._run("2026-12-01 12:00:00")
        self.assertEqual(rule.notice, "ended")
