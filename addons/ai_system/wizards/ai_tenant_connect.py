from odoo import fields, models


class AiTenantConnect(models.TransientModel):
    _name = "ai.tenant.connect"
    _description = "Connect a Tenant to the AI Service"

    tenant_id = fields.Many2one("ai.tenant", required=True, readonly=True, ondelete="cascade")
    # Write-only: the token is a secret, which the tenant's storage keeps until it is used.
    token = fields.Char("Enrollment Token", compute="_compute_token", inverse="_inverse_token")

    def _compute_token(self):
        self.token = False

    def _inverse_token(self):
        for wizard in self:
            wizard.tenant_id._keep_enrollment_token(wizard.token)
        # What was typed does not come back, not even in the answer to saving it.
        self.invalidate_recordset(["token"])

    def action_connect(self):
        """Queue the enrollment; the sender talks to the sidecar in the background."""
        self.ensure_one()
        self.tenant_id._start_enrollment()
        return {"type": "ir.actions.act_window_close"}
