from odoo import fields, models


class AiAuditBurst(models.Model):
    """How often a refusal was repeated since its row was written (see audit_writer)."""

    _name = "ai.audit.burst"
    _description = "Repeated Refusals for the AI Access Log"
    _log_access = False

    key = fields.Char(required=True)
    started_at = fields.Datetime(required=True)
    repeats = fields.Integer(required=True)
    content = fields.Text(required=True)

    _key_unique = models.UniqueIndex("(key)")
