from odoo import fields, models


class AiTool(models.Model):
    """What an agent may be allowed to use: the registry of the AI service, as records."""

    _name = "ai.tool"
    _description = "AI Tool"
    _order = "sequence, id"

    sequence = fields.Integer(default=10)
    code = fields.Char(required=True, readonly=True)
    name = fields.Char(required=True, translate=True)
    description = fields.Char(translate=True)

    _code_unique = models.Constraint("UNIQUE(code)", "The code of a tool must be unique.")
