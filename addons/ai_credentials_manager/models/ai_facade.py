import math
from datetime import UTC, datetime

from odoo import api, models
from odoo.exceptions import UserError

MAX_COUNT = 1_000_000
MAX_UUID = 64


class AiFacade(models.AbstractModel):
    _inherit = "ai.facade"

    @api.model
    def audit_rows(self, rows):
        """Take over what the sidecar reports for the audit; return True.

        rows: at most 200 dicts as in docs/contracts.md; UserError names the first fault. They go
        to the caller's tenant, each uuid once, beside the time of this clock the sidecar's.
        """
        tenant = self._tenant()
        self._check_audit_rows(rows)
        # Sudo: the integration user cannot read the log.
        log = self.env["ai.audit.log"].sudo()
        prepared = [self._prepare_audit_row(log, tenant, row) for row in rows]
        self.env["ai.mcp.key"]._note_use(tenant, rows)
        # What cannot be kept here must fail before the log, which no rollback reaches.
        self.env.flush_all()
        log._append(prepared)
        return True

    @api.model
    def _prepare_audit_row(self, log, tenant, row):
        """Return a checked `row` of the sidecar as a row of the log."""
        try:
            if not math.isfinite(row["at"]):
                raise ValueError
            told_at = datetime.fromtimestamp(row["at"], UTC).replace(tzinfo=None)
        except (ValueError, OverflowError, OSError):
            raise UserError(self.env._("The value of “%(key)s” is wrong.", key="at")) from None
        if len(row["uuid"]) > MAX_UUID:
            raise UserError(self.env._("The value of “%(key)s” is wrong.", key="uuid"))
        subject = row["subject"]
        if row["operation"] == "tool":
            subject = log.env["ai.served.person"]._nameless(tenant, subject)
        return log._prepare_row(
            row["operation"],
            subject,
            row["result"],
            row["code"],
            tenant,
            told_at=told_at,
            service=row["service"],
            ip=row["ip"],
            count=min(max(row["count"], 1), MAX_COUNT),
            # The tenant's name keeps it from taking another one's uuid.
            uuid=f"{tenant.account_id}:{row['uuid']}",
        )
