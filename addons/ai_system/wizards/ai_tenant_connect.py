from odoo import fields, models


class AiTenantConnect(models.TransientModel):
    _name = "ai.tenant.connect"
    _description = "Connect a Tenant to the AI Service"

    tenant_id = fields.Many2one("ai.tenant", required=True, readonly=True, ondelete="cascade")
    # Not stored: the token is a secret that the tenant's secret storage keeps until it is used.
    token = fields.Char("Enrollment Token", store=False)

    def action_connect(self):
        """Queue the enrollment; the sender talks to the sidecar in the background."""
        self.ensure_one()
        self.tenant_id._start_enrollment(self.token)
        return {"type": "ir.actions.act_window_close"}
