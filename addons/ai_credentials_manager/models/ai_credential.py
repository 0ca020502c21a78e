from odoo import fields, models


class AiCredential(models.Model):
    _name = "ai.credential"
    _description = "AI Credential"

    tenant_id = fields.Many2one("ai.tenant", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="tenant_id.company_id", store=True, index=True)
