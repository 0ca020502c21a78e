"""One-time codes by e-mail, and which keys of MCP clients were used."""

import re
from contextlib import suppress
from datetime import timedelta

from odoo import api, fields, models, tools
from odoo.exceptions import UserError

CODE = re.compile(r"[0-9A-Za-z]{4,12}")
CODES_AN_HOUR = 3  # for one address
LIFE = timedelta(hours=1)  # of a mail that could not be sent; the code itself lives 10 minutes
HEADER = "X-AI-Identity-Code"


class _Undone(Exception):
    """Takes back what was written for an address that nobody has."""


# pylint: disable=consider-merging-classes-inherited  # one subject per file
class AiFacade(models.AbstractModel):
    _inherit = "ai.facade"

    @api.model
    def _capabilities(self):
        return [*super()._capabilities(), "mail_identity_code"]

    @api.model
    def mail_identity_code(self, email, code, lang=None):
        """Send `code` to `email` when exactly one customer has that address; always True.

        The answer, and the work that is done, are the same for addresses that nobody has. code:
        4 to 12 letters and digits. lang: code of an installed language, else the tenant's. At most
        3 codes an hour go to an address; more are dropped without a word.
        """
        tenant = self._tenant()
        if not isinstance(code, str) or not CODE.fullmatch(code):
            raise UserError(self.env._("The code has to be 4 to 12 letters and digits."))
        address = tools.email_normalize(str(email or ""))
        if not address or not tenant.identity_codes:
            return True
        # Sudo: the integration user has no rights on these counts.
        if self.env["ai.identity.request"].sudo()._count(tenant, address) > CODES_AN_HOUR:
            return True
        is_customer = len(self._find_customers(tenant, email=address)) == 1
        env = self._tenant_env(tenant, lang)
        with suppress(_Undone), self.env.cr.savepoint():
            env["ai.facade"]._queue_identity_mail(tenant, address, code)
            if not is_customer:
                raise _Undone
        # Sudo: crons belong to the system; the trigger takes effect at commit.
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()
        return True

    @api.model
    def _queue_identity_mail(self, tenant, address, code):
        # Sudo: the integration user neither reads templates nor writes mails.
        template = self.env.ref("ai_system.ai_identity_code_template").sudo()
        template = template.with_context(identity_code=code)
        subject, body = (
            template._render_field(name, tenant.ids)[tenant.id] for name in ("subject", "body_html")
        )
        # No record and no notification: the mail and its message go as soon as it was sent.
        self.env["mail.mail"].sudo().create(
            {
                "subject": subject,
                "body_html": body,
                "email_to": address,
                "email_from": tenant.company_id.email_formatted or False,
                "auto_delete": True,
                "headers": repr({HEADER: "1", "Auto-Submitted": "auto-generated"}),
            }
        )

    @api.model
    def audit_rows(self, rows):
        result = super().audit_rows(rows)
        self.env["ai.mcp.key"]._note_use(self._tenant(), rows)
        return result


class MailMail(models.Model):
    _inherit = "mail.mail"

    @api.autovacuum
    def _gc_identity_codes(self):
        """Remove the mails with codes that could not be sent: the code is of no use any more."""
        self.search(
            [
                ("headers", "like", HEADER),
                ("create_date", "<", fields.Datetime.now() - LIFE),
            ]
        ).unlink()
