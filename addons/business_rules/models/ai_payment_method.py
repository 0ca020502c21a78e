from odoo import fields, models


class AiPaymentMethod(models.Model):
    """How a customer may pay; the same list for every company."""

    _name = "ai.payment.method"
    _description = "Way to Pay"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, readonly=True)
    sequence = fields.Integer(default=10)

    _code_unique = models.Constraint("UNIQUE(code)", "The code of a way to pay is unique.")
