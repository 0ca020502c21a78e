"""Credentials that expire: administrators are reminded, and then the secrets are withdrawn."""

from odoo import api, fields, models
from odoo.tools import format_date

REMINDERS = (14, 3)  # days before the last day
NOT_WARNED = 9999
EXPIRED = -1


class AiCredential(models.Model):
    _inherit = "ai.credential"

    warned_days = fields.Integer(
        default=NOT_WARNED,
        readonly=True,
        copy=False,
        help="The last reminder that was given, in days before the expiry; -1 once expired.",
    )
    expiry_state = fields.Selection(
        [("valid", "Valid"), ("soon", "Expires soon"), ("expired", "Expired")],
        compute="_compute_expiry_state",
    )

    @api.depends("expiry_date", "tenant_id.timezone")
    def _compute_expiry_state(self):
        for credential in self:
            days = credential._days_left()
            if days is None or days > REMINDERS[0]:
                credential.expiry_state = "valid"
            else:
                credential.expiry_state = "soon" if days >= 0 else "expired"

    def _days_left(self):
        """Return the days until the last day of use, on the tenant's calendar, or None."""
        self.ensure_one()
        if not self.expiry_date:
            return None
        return (self.expiry_date - self.tenant_id._today()).days

    def _is_expired(self):
        self.ensure_one()
        days = self._days_left()
        return days is not None and days < 0

    @api.model
    def _not_warned(self):
        return NOT_WARNED

    @api.model
    def _cron_expire(self):
        """Remind of the credentials that expire soon and withdraw those that expired."""
        limit = fields.Date.add(fields.Date.today(), days=REMINDERS[0] + 1)
        credentials = self.search(
            [("expiry_date", "<=", limit), ("warned_days", "!=", EXPIRED)], order="id"
        )
        for number, credential in enumerate(credentials, start=1):
            credential._expire_or_warn()
            self.env["ir.cron"]._commit_progress(1, remaining=len(credentials) - number)

    def _expire_or_warn(self):
        """Do for these credentials what their expiry date asks for today, once each."""
        for credential in self:
            days = credential._days_left()
            if days is None:
                continue
            reached = (
                EXPIRED
                if days < 0
                else min((step for step in REMINDERS if days <= step), default=NOT_WARNED)
            )
            if reached >= credential.warned_days:
                continue
            # Sudo: people do not write what Odoo itself keeps.
            credential.sudo().warned_days = reached
            if reached == EXPIRED:
                refs = credential.line_ids.filtered("is_set").mapped("ref")
                credential.tenant_id._revoke_secrets(refs)
                credential.tenant_id._mark_to_sync()
            credential._remind(days)

    def _remind(self, days):
        """Give the tenant's administrators an activity, each in their own language."""
        self.ensure_one()
        for user in self.tenant_id._administrators():
            env = self.with_context(lang=user.lang).env
            date = format_date(env, self.expiry_date)
            if days < 0:
                summary = env._("“%(name)s” has expired", name=self.name)
                note = env._(
                    "The AI service no longer gets these secrets: the last day was %(date)s. "
                    "Enter new ones and a new date in AI System ▸ AI Credentials.",
                    date=date,
                )
            else:
                summary = env._("“%(name)s” expires on %(date)s", name=self.name, date=date)
                note = env._(
                    "Enter the new secrets and a new date in AI System ▸ AI Credentials before "
                    "the AI service loses them."
                )
            # Sudo: whoever enters a date may lack the right to give others activities.
            self.tenant_id.sudo().activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=max(self.expiry_date, self.tenant_id._today()),
                summary=summary,
                note=note,
                user_id=user.id,
            )
