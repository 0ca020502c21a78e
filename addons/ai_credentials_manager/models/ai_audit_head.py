from odoo import fields, models


class AiAuditHead(models.Model):
    """One row, the end of the access log: what writers lock, and a trace of rows cut off."""

    _name = "ai.audit.head"
    _description = "End of the AI Access Log"
    _log_access = False

    sequence = fields.Integer(required=True)
    link = fields.Char(required=True)
