from odoo import fields, models


class AiAuditLog(models.Model):
    _name = "ai.audit.log"
    _description = "AI Access Log"

    company_id = fields.Many2one("res.company")
