from odoo import fields, models

FAMILIES = [
    ("products", "Products"),
    ("stock", "Stock"),
    ("prices", "Prices"),
    ("customers", "Customers"),
    ("sales", "Sales"),
    ("payments", "Payments"),
    ("calendar", "Calendar"),
    ("rules", "Rules"),
    ("company", "Company"),
    ("records", "Records"),
    ("content", "Content"),
]
EFFECTS = [("read", "Reads"), ("write", "Writes"), ("destructive", "Writes and removes")]


class AiTool(models.Model):
    """What an agent may be allowed to use: the registry of the AI service, as records."""

    _name = "ai.tool"
    _description = "AI Tool"
    _order = "sequence, id"

    sequence = fields.Integer(default=10)
    code = fields.Char(required=True, readonly=True)
    name = fields.Char(required=True, translate=True)
    description = fields.Char(translate=True)
    family = fields.Selection(FAMILIES, readonly=True)
    effect = fields.Selection(EFFECTS, required=True, readonly=True, default="read")
    needs_person = fields.Boolean(
        "Only for a Proven Customer",
        readonly=True,
        help="Answers only about the customer that the channel, or a code sent by e-mail, proves.",
    )

    _code_unique = models.Constraint("UNIQUE(code)", "The code of a tool must be unique.")
