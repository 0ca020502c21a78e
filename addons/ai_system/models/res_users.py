from odoo import fields, models


class ResUsers(models.Model):
    _inherit = "res.users"

    ai_include_shared_records = fields.Boolean(
        "Include Shared Records",
        compute="_compute_ai_include_shared_records",
        compute_sudo=True,
        help="Whether this integration user's tenant shows records without a company.",
    )

    def _compute_ai_include_shared_records(self):
        tenants = self.env["ai.tenant"].search(
            [("integration_user_id", "in", self.ids), ("include_shared_records", "=", True)]
        )
        for user in self:
            user.ai_include_shared_records = user in tenants.integration_user_id
