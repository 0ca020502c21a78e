"""Administrators hear when a temporary rule is about to end, and when it has ended."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import format_date


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiBusinessRule(models.Model):
    _inherit = "ai.business.rule"

    @api.model
    def _cron_notices(self):
        """Leave an activity on each rule that ends soon, and another when it has ended."""
        now = fields.Datetime.now()
        ended = self.search([("state", "=", "expired"), ("notice", "!=", "ended")])
        for profile in ended.profile_id:
            mine = ended.filtered(lambda rule, p=profile: rule.profile_id == p)
            mine._leave_notice("ended")
        for profile in self.env["ai.company.profile"].search([("notice_days", ">", 0)]):
            ending = self.search(
                [
                    ("profile_id", "=", profile.id),
                    ("state", "=", "active"),
                    ("notice", "=", False),
                    ("ends_at", "<=", now + timedelta(days=profile.notice_days)),
                ]
            )
            ending._leave_notice("before")

    def _leave_notice(self, notice):
        """Leave the activity `notice` (before or ended) for the company's administrators."""
        for rule in self:
            rule.activity_unlink(["mail.mail_activity_data_todo"])
            for user in rule._administrators():
                reader = rule.with_context(lang=user.lang or rule.profile_id.language)
                rule.activity_schedule(
                    "mail.mail_activity_data_todo",
                    date_deadline=fields.Date.context_today(rule),
                    summary=reader._notice_summary(notice),
                    user_id=user.id,
                )
            # Not in write(): that would forget the notice again, or look like a new content.
            rule.with_context(mail_notrack=True).notice = notice

    def _notice_summary(self, notice):
        last = format_date(self.env, self.date_to)
        if notice == "ended":
            return self.env._(
                "“%(rule)s” ended on %(date)s. Prolong it or archive it.", rule=self.name, date=last
            )
        return self.env._(
            "“%(rule)s” ends on %(date)s. Prolong it, if it shall go on.", rule=self.name, date=last
        )

    def _administrators(self):
        """Return the people who administer the AI of this rule's company."""
        # Sudo: run by the cron; only who they are is read.
        group = self.env.ref("ai_system.ai_system_group_manager").sudo()
        root = self.env.ref("base.user_root")
        return (group.all_user_ids - root).filtered(
            lambda user: user.active and not user.share and self.company_id in user.company_ids
        )
